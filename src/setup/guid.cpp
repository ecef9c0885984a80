#include "setup/guid.h"

#include <fmt/format.h>

#include <cctype>
#include <cstdint>

namespace ndiskit::setup {
namespace {

// FNV-1a over the parts, each ended by a zero byte, then mixed so that near names give far results.
uint64_t hash(uint64_t start, std::string_view machine, std::string_view kind, std::string_view name) {
    uint64_t h = start;
    const auto add = [&](unsigned char byte) { h = (h ^ byte) * 0x100000001b3; };
    for (const std::string_view part : {machine, kind, name}) {
        for (const char c : part)
            add(static_cast<unsigned char>(std::tolower(static_cast<unsigned char>(c))));
        add(0);
    }
    h = (h ^ (h >> 30)) * 0xbf58476d1ce4e5b9;
    h = (h ^ (h >> 27)) * 0x94d049bb133111eb;
    return h ^ (h >> 31);
}

}  // namespace

std::string guid_of(std::string_view machine, std::string_view kind, std::string_view name) {
    const uint64_t high = hash(0xcbf29ce484222325, machine, kind, name);
    const uint64_t low = hash(0x84222325cbf29ce4, machine, kind, name);
    return fmt::format("{{{:08X}-{:04X}-8{:03X}-{:04X}-{:012X}}}", high >> 32, high >> 16 & 0xffff,
                       high & 0xfff, 0x8000 | (low >> 48 & 0x3fff), low & 0xffffffffffff);
}

bool is_guid(std::string_view text) {
    constexpr std::string_view form = "{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}";
    if (text.size() != form.size()) return false;
    for (size_t i = 0; i < form.size(); ++i)
        if (form[i] == 'x' ? !std::isxdigit(static_cast<unsigned char>(text[i])) : text[i] != form[i])
            return false;
    return true;
}

}  // namespace ndiskit::setup
