#include "cli/hex.h"

#include <fmt/format.h>

#include <cstdio>

namespace ndiskit::cli {

Result<std::vector<uint8_t>> bytes_of_hex(std::string_view text) {
    std::vector<uint8_t> bytes;
    int digits = 0;
    for (const char c : text) {
        if (c == ' ' || c == ':' || c == ',') continue;
        const size_t value = std::string_view("0123456789abcdef").find(static_cast<char>(c | 0x20));
        if (value == std::string_view::npos)
            return fail(fmt::format("'{}' is no hexadecimal digit", c), "--hex");
        if (digits++ % 2 == 0)
            bytes.push_back(static_cast<uint8_t>(value << 4));
        else
            bytes.back() = static_cast<uint8_t>(bytes.back() | value);
    }
    if (digits % 2) return fail("an odd number of digits makes no bytes", "--hex");
    return bytes;
}

std::string hex_of(std::span<const uint8_t> bytes) {
    std::string text;
    for (const uint8_t byte : bytes) text += fmt::format("{:02x}", byte);
    return text;
}

void dump(std::span<const uint8_t> bytes) {
    for (size_t at = 0; at < bytes.size(); at += 16) {
        std::string digits, letters;
        for (size_t i = at; i < at + 16; ++i) {
            if (i % 16 == 8) digits += ' ';
            digits += i < bytes.size() ? fmt::format(" {:02x}", bytes[i]) : "   ";
            if (i < bytes.size())
                letters += bytes[i] >= 32 && bytes[i] < 127 ? static_cast<char>(bytes[i]) : '.';
        }
        fmt::print("{:08x} {}  {}\n", at, digits, letters);
    }
}

}  // namespace ndiskit::cli
