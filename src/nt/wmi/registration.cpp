#include "nt/wmi/registration.h"

#include <fmt/format.h>

#include <cstring>

#include "nt/io/pnp.h"
#include "nt/object/object.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::wmi {

namespace {

using Bytes = std::span<const uint8_t>;

template <class T>
std::optional<T> read(Bytes bytes, size_t at) {
    if (at > bytes.size() || bytes.size() - at < sizeof(T)) return std::nullopt;
    T value;
    std::memcpy(&value, bytes.data() + at, sizeof value);
    return value;
}

// A counted string: its length in bytes, then its characters. `at` moves behind it.
std::optional<std::u16string> read_text(Bytes bytes, size_t& at) {
    const auto length = read<USHORT>(bytes, at);
    if (!length || bytes.size() - at - sizeof(USHORT) < *length) return std::nullopt;
    std::u16string text(*length / sizeof(char16_t), u'\0');
    std::memcpy(text.data(), bytes.data() + at + sizeof(USHORT), text.size() * sizeof(char16_t));
    at += sizeof(USHORT) + *length;
    while (!text.empty() && text.back() == u'\0') text.pop_back();
    return text;
}

std::vector<std::u16string> numbered(const std::u16string& base, ULONG count) {
    std::vector<std::u16string> names;
    for (ULONG i = 0; i < count; ++i) names.push_back(base + to_utf16(fmt::format("{}", i)));
    return names;
}

std::optional<std::vector<std::u16string>> names_of(const WMIREGGUIDW& entry, Bytes information) {
    if (entry.InstanceCount > information.size()) return std::nullopt;
    if (entry.Flags & WMIREG_FLAG_INSTANCE_PDO) {
        auto* const physical = reinterpret_cast<PDEVICE_OBJECT>(entry.Pdo);
        const std::u16string path = to_utf16(pnp::instance_of(*physical));
        object::dereference(physical);
        return numbered(path + u"_", entry.InstanceCount);
    }
    if (entry.Flags & WMIREG_FLAG_INSTANCE_BASENAME) {
        size_t at = entry.BaseNameOffset;
        const auto base = read_text(information, at);
        if (!base) return std::nullopt;
        return numbered(*base, entry.InstanceCount);
    }
    std::vector<std::u16string> names;
    if (!(entry.Flags & WMIREG_FLAG_INSTANCE_LIST)) return names;
    size_t at = entry.InstanceNameList;
    for (ULONG i = 0; i < entry.InstanceCount; ++i) {
        auto name = read_text(information, at);
        if (!name) return std::nullopt;
        names.push_back(std::move(*name));
    }
    return names;
}

bool add_blocks(Bytes information, const WMIREGINFOW& head, std::vector<Block>& blocks) {
    constexpr ULONG static_names =
        WMIREG_FLAG_INSTANCE_LIST | WMIREG_FLAG_INSTANCE_BASENAME | WMIREG_FLAG_INSTANCE_PDO;
    for (ULONG i = 0; i < head.GuidCount; ++i) {
        const auto entry = read<WMIREGGUIDW>(information, sizeof head + i * sizeof(WMIREGGUIDW));
        if (!entry) return false;
        auto names = names_of(*entry, information);
        if (!names) return false;
        blocks.push_back({.guid = entry->Guid,
                          .flags = entry->Flags,
                          .names = std::move(*names),
                          .is_static = (entry->Flags & static_names) != 0});
    }
    return true;
}

}  // namespace

std::optional<std::vector<Block>> parse_registration(Bytes answer) {
    std::vector<Block> blocks;
    for (size_t at = 0;;) {
        const auto head = read<WMIREGINFOW>(answer, at);
        if (!head || !add_blocks(answer.subspan(at), *head, blocks)) return std::nullopt;
        if (head->NextWmiRegInfo == 0) return blocks;
        if (head->NextWmiRegInfo > answer.size() - at) return std::nullopt;
        at += head->NextWmiRegInfo;
    }
}

}  // namespace ndiskit::nt::wmi
