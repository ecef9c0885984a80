// Text: UTF-16 as drivers have it, UTF-8 as the host has it, and comparison without regard to case.
#pragma once

#include <string>
#include <string_view>

#include "nt/abi/types.h"

namespace ndiskit::nt {

char16_t upcase(char16_t c);
char16_t downcase(char16_t c);

std::u16string to_utf16(std::string_view utf8);
// Lone surrogates become U+FFFD.
std::string to_utf8(std::u16string_view utf16);

// Below, at, or above 0 as `a` sorts before, with, or behind `b`, by the value of units.
int compare_text(std::u16string_view a, std::u16string_view b, bool ignore_case);
inline bool same_text(std::u16string_view a, std::u16string_view b) {
    return a.size() == b.size() && compare_text(a, b, true) == 0;
}
struct LessIgnoringCase {
    using is_transparent = void;
    bool operator()(std::u16string_view a, std::u16string_view b) const {
        return compare_text(a, b, true) < 0;
    }
};

inline std::u16string_view view_of(const UNICODE_STRING& string) {
    return {string.Buffer, string.Length / sizeof(char16_t)};
}
inline std::u16string_view view_of(const UNICODE_STRING* string) {
    return string && string->Buffer ? view_of(*string) : std::u16string_view{};
}
// A UNICODE_STRING over text that outlives it.
inline UNICODE_STRING unicode_string(std::u16string_view text) {
    const auto bytes = static_cast<USHORT>(text.size() * sizeof(char16_t));
    return {bytes, bytes, const_cast<char16_t*>(text.data())};
}

// The ANSI code page of the machine, Windows-1252.
char16_t ansi_to_unit(unsigned char c);
// '?' when the code page does not have it.
unsigned char unit_to_ansi(char16_t c);

// "{4d36e972-e325-11ce-bfc1-08002be10318}", and back; false when the text is none.
std::string guid_text(const GUID& guid);
bool parse_guid(std::u16string_view text, GUID& guid);
inline bool operator==(const GUID& a, const GUID& b) { return __builtin_memcmp(&a, &b, sizeof(GUID)) == 0; }

}  // namespace ndiskit::nt
