#include "nt/rtl/unicode.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>

#include "nt/rtl/case_tables.h"

namespace ndiskit::nt {

namespace {

template <size_t n>
char16_t map_case(const rtl::CaseRun (&runs)[n], char16_t c) {
    const auto* run =
        std::lower_bound(runs, runs + n, c, [](const rtl::CaseRun& r, char16_t v) { return r.last < v; });
    // A run of every second unit may hold another run's units: look at those that begin at or before c.
    for (; run != runs + n && run->first <= c; ++run)
        if (c <= run->last && (c - run->first) % run->step == 0)
            return static_cast<char16_t>(c + run->distance);
    return c;
}

// What Windows-1252 has at 0x80 ... 0x9F; it maps the five holes to the control codes of the same value.
constexpr std::array<char16_t, 32> windows_1252 = {
    0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
    0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
    0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

void append_utf8(std::string& text, char32_t c) {
    if (c < 0x80) {
        text += static_cast<char>(c);
    } else if (c < 0x800) {
        text += static_cast<char>(0xC0 | (c >> 6));
        text += static_cast<char>(0x80 | (c & 0x3F));
    } else if (c < 0x10000) {
        text += static_cast<char>(0xE0 | (c >> 12));
        text += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
        text += static_cast<char>(0x80 | (c & 0x3F));
    } else {
        text += static_cast<char>(0xF0 | (c >> 18));
        text += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
        text += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
        text += static_cast<char>(0x80 | (c & 0x3F));
    }
}

// The code point at `at`, which moves behind it; U+FFFD for what is no UTF-8.
char32_t next_code_point(std::string_view text, size_t& at) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    if (lead < 0x80) return lead;
    const int extra = lead >= 0xF0 && lead < 0xF5 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC2 ? 1 : 0;
    if (extra == 0 || lead >= 0xF5) return 0xFFFD;
    char32_t c = lead & (0x3F >> extra);
    for (int i = 0; i < extra; ++i) {
        if (at == text.size() || (static_cast<unsigned char>(text[at]) & 0xC0) != 0x80) return 0xFFFD;
        c = c << 6 | (static_cast<unsigned char>(text[at++]) & 0x3F);
    }
    constexpr char32_t least[] = {0, 0x80, 0x800, 0x10000};
    return c < least[extra] || c > 0x10FFFF || (c >= 0xD800 && c < 0xE000) ? 0xFFFD : c;
}

}  // namespace

char16_t upcase(char16_t c) {
    if (c < 0x80) return c >= 'a' && c <= 'z' ? static_cast<char16_t>(c - 32) : c;
    return map_case(rtl::upcase_runs, c);
}

char16_t downcase(char16_t c) {
    if (c < 0x80) return c >= 'A' && c <= 'Z' ? static_cast<char16_t>(c + 32) : c;
    return map_case(rtl::downcase_runs, c);
}

std::u16string to_utf16(std::string_view utf8) {
    std::u16string text;
    for (size_t at = 0; at < utf8.size();) {
        const char32_t c = next_code_point(utf8, at);
        if (c >= 0x10000) {
            text += static_cast<char16_t>(0xD800 + ((c - 0x10000) >> 10));
            text += static_cast<char16_t>(0xDC00 + ((c - 0x10000) & 0x3FF));
        } else {
            text += static_cast<char16_t>(c);
        }
    }
    return text;
}

std::string to_utf8(std::u16string_view utf16) {
    std::string text;
    for (size_t i = 0; i < utf16.size(); ++i) {
        char32_t c = utf16[i];
        const bool pair = c >= 0xD800 && c < 0xDC00 && i + 1 < utf16.size() && utf16[i + 1] >= 0xDC00 &&
                          utf16[i + 1] < 0xE000;
        if (pair)
            c = 0x10000 + ((c - 0xD800) << 10) + (utf16[++i] - 0xDC00u);
        else if (c >= 0xD800 && c < 0xE000)
            c = 0xFFFD;
        append_utf8(text, c);
    }
    return text;
}

int compare_text(std::u16string_view a, std::u16string_view b, bool ignore_case) {
    for (size_t i = 0, n = std::min(a.size(), b.size()); i < n; ++i) {
        int difference = a[i] - b[i];
        if (difference && ignore_case) difference = upcase(a[i]) - upcase(b[i]);
        if (difference) return difference;
    }
    return a.size() < b.size() ? -1 : a.size() > b.size();
}

char16_t ansi_to_unit(unsigned char c) { return c >= 0x80 && c < 0xA0 ? windows_1252[c - 0x80u] : c; }

unsigned char unit_to_ansi(char16_t c) {
    if (c < 0x80 || (c >= 0xA0 && c < 0x100)) return static_cast<unsigned char>(c);
    const auto found = std::find(windows_1252.begin(), windows_1252.end(), c);
    return found == windows_1252.end() ? '?'
                                       : static_cast<unsigned char>(0x80 + (found - windows_1252.begin()));
}

std::string guid_text(const GUID& g) {
    return fmt::format("{{{:08x}-{:04x}-{:04x}-{:02x}{:02x}-{:02x}{:02x}{:02x}{:02x}{:02x}{:02x}}}", g.Data1,
                       g.Data2, g.Data3, g.Data4[0], g.Data4[1], g.Data4[2], g.Data4[3], g.Data4[4],
                       g.Data4[5], g.Data4[6], g.Data4[7]);
}

bool parse_guid(std::u16string_view text, GUID& guid) {
    constexpr std::string_view shape = "{xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx}";
    if (text.size() != shape.size()) return false;
    uint8_t nibbles[32];
    size_t n = 0;
    for (size_t i = 0; i < shape.size(); ++i) {
        const char16_t c = upcase(text[i]);
        if (shape[i] != 'x') {
            if (c != static_cast<char16_t>(shape[i])) return false;
        } else if ((c >= '0' && c <= '9') || (c >= 'A' && c <= 'F')) {
            nibbles[n++] = static_cast<uint8_t>(c <= '9' ? c - '0' : c - 'A' + 10);
        } else {
            return false;
        }
    }
    auto number = [&](size_t from, size_t count) {
        uint32_t value = 0;
        for (size_t i = from; i < from + count; ++i) value = value << 4 | nibbles[i];
        return value;
    };
    guid.Data1 = number(0, 8);
    guid.Data2 = static_cast<USHORT>(number(8, 4));
    guid.Data3 = static_cast<USHORT>(number(12, 4));
    for (size_t i = 0; i < 8; ++i) guid.Data4[i] = static_cast<UCHAR>(number(16 + 2 * i, 2));
    return true;
}

}  // namespace ndiskit::nt
