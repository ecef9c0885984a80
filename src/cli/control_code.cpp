#include "cli/control_code.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "client/device.h"

namespace ndiskit::cli {
namespace {

struct Word {
    std::string_view text;
    uint32_t value;
};
constexpr Word types[] = {{"FILE_DEVICE_NETWORK", 0x12},
                          {"FILE_DEVICE_TRANSPORT", 0x21},
                          {"FILE_DEVICE_PHYSICAL_NETCARD", 0x17},
                          {"FILE_DEVICE_UNKNOWN", 0x22}};
constexpr Word methods[] = {
    {"METHOD_BUFFERED", 0}, {"METHOD_IN_DIRECT", 1}, {"METHOD_OUT_DIRECT", 2}, {"METHOD_NEITHER", 3}};
constexpr Word accesses[] = {{"FILE_ANY_ACCESS", 0}, {"FILE_READ_ACCESS", 1}, {"FILE_WRITE_ACCESS", 2}};

struct Part {
    const char* name;
    uint32_t most;
    std::span<const Word> words;
};
constexpr Part parts[] = {
    {"device type", 0xFFFF, types}, {"function", 0xFFF, {}}, {"method", 3, methods}, {"access", 3, accesses}};

std::string upper(std::string_view text) {
    std::string result(text);
    for (char& c : result)
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    return result;
}

std::optional<uint32_t> number(std::string_view text) {
    const bool hex = text.starts_with("0x") || text.starts_with("0X");
    if (hex) text.remove_prefix(2);
    uint32_t value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
    if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
    return value;
}

// The whole word, or what is left of it without the macro's prefix and suffix.
bool means(const Word& word, const std::string& text) {
    std::string_view full = word.text;
    if (full == text) return true;
    for (std::string_view prefix : {"FILE_DEVICE_", "METHOD_", "FILE_"})
        if (full.starts_with(prefix)) {
            full.remove_prefix(prefix.size());
            break;
        }
    if (full.ends_with("_ACCESS")) full.remove_suffix(7);
    return full == text;
}

std::optional<uint32_t> part_value(const Part& part, std::string_view text) {
    if (const auto value = number(text)) return *value <= part.most ? value : std::nullopt;
    const std::string wanted = upper(text);
    for (const Word& word : part.words)
        if (means(word, wanted)) return word.value;
    // Read and write.
    if (const size_t plus = text.find_first_of("+|"); plus != text.npos) {
        const auto one = part_value(part, text.substr(0, plus)),
                   other = part_value(part, text.substr(plus + 1));
        if (one && other) return *one | *other;
    }
    return std::nullopt;
}

std::vector<std::string_view> split(std::string_view text) {
    std::vector<std::string_view> pieces;
    for (;;) {
        const size_t comma = text.find(',');
        std::string_view piece = text.substr(0, comma);
        while (piece.starts_with(' ')) piece.remove_prefix(1);
        while (piece.ends_with(' ')) piece.remove_suffix(1);
        pieces.push_back(piece);
        if (comma == text.npos) return pieces;
        text.remove_prefix(comma + 1);
    }
}

}  // namespace

Result<uint32_t> parse_control_code(std::string_view text) {
    if (const auto value = number(text)) return *value;
    const auto pieces = split(text);
    if (pieces.size() != std::size(parts))
        return fail(fmt::format("'{}' is no control code", text), {},
                    "a number, or TYPE,FUNCTION,METHOD,ACCESS such as network,0x800,buffered,any");
    uint32_t values[4];
    for (size_t i = 0; i < pieces.size(); ++i) {
        const auto value = part_value(parts[i], pieces[i]);
        if (!value) {
            std::string words;
            for (const Word& word : parts[i].words) words += fmt::format(", {}", word.text);
            return fail(fmt::format("'{}' is no {} of a control code", pieces[i], parts[i].name), {},
                        fmt::format("a number up to 0x{:X}{}", parts[i].most, words));
        }
        values[i] = *value;
    }
    return client::control_code(values[0], values[1], values[2], values[3]);
}

}  // namespace ndiskit::cli
