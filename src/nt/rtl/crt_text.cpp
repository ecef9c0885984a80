// Text functions of the kernel's C run-time, narrow and wide. Letters are those of the C locale for narrow
// text and of the kernel's case tables for wide text.
#include <algorithm>

#include "nt/rtl/crt.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::crt {

namespace {

int lower_of(char c) { return c >= 'A' && c <= 'Z' ? c + 32 : static_cast<unsigned char>(c); }
int lower_of(char16_t c) { return downcase(c); }
int upper_of(char c) { return c >= 'a' && c <= 'z' ? c - 32 : static_cast<unsigned char>(c); }
int upper_of(char16_t c) { return upcase(c); }
int value_of(char c) { return static_cast<unsigned char>(c); }
int value_of(char16_t c) { return c; }

template <class C>
int order(const C* a, const C* b, SIZE_T count, int (*key)(C)) {
    for (SIZE_T i = 0; i < count; ++i) {
        const int x = key(a[i]), y = key(b[i]);
        if (x != y) return x < y ? -1 : 1;
        if (!x) break;
    }
    return 0;
}

// How many characters from the start are (or are not) of the set.
template <class C>
SIZE_T run(const C* text, const C* set, bool of_set) {
    SIZE_T n = 0;
    while (text[n] && (Text<C>::find(set, value_of(text[n])) != nullptr) == of_set) ++n;
    return n;
}

template <class C>
INT put(C* to, SIZE_T size, const C* from, SIZE_T count, SIZE_T at) {
    if (!to || !size) return einval;
    if (!from || at >= size) {
        to[0] = 0;
        return einval;
    }
    const SIZE_T wanted = Text<C>::bounded_length(from, count);
    if (wanted >= size - at) {
        if (count != truncate) {
            to[0] = 0;
            return erange;
        }
        std::copy_n(from, size - at - 1, to + at);
        to[size - 1] = 0;
        return truncated;
    }
    std::copy_n(from, wanted, to + at);
    to[at + wanted] = 0;
    return 0;
}

}  // namespace

template <class C>
SIZE_T NTAPI Text<C>::length(const C* text) {
    return bounded_length(text, ~SIZE_T{0});
}
template <class C>
SIZE_T NTAPI Text<C>::bounded_length(const C* text, SIZE_T most) {
    SIZE_T n = 0;
    while (n < most && text[n]) ++n;
    return n;
}

template <class C>
C* NTAPI Text<C>::copy(C* to, const C* from) {
    for (C* at = to; (*at++ = *from++);) {
    }
    return to;
}
template <class C>
C* NTAPI Text<C>::copy_n(C* to, const C* from, SIZE_T count) {
    SIZE_T i = 0;
    for (; i < count && from[i]; ++i) to[i] = from[i];
    for (; i < count; ++i) to[i] = 0;
    return to;
}
template <class C>
C* NTAPI Text<C>::append(C* to, const C* from) {
    copy(to + length(to), from);
    return to;
}
template <class C>
C* NTAPI Text<C>::append_n(C* to, const C* from, SIZE_T count) {
    C* at = to + length(to);
    for (; count && *from; --count) *at++ = *from++;
    *at = 0;
    return to;
}

template <class C>
int NTAPI Text<C>::compare(const C* a, const C* b) {
    return order<C>(a, b, ~SIZE_T{0}, value_of);
}
template <class C>
int NTAPI Text<C>::compare_n(const C* a, const C* b, SIZE_T count) {
    return order<C>(a, b, count, value_of);
}
template <class C>
int NTAPI Text<C>::compare_ignoring_case(const C* a, const C* b) {
    return order<C>(a, b, ~SIZE_T{0}, lower_of);
}
template <class C>
int NTAPI Text<C>::compare_n_ignoring_case(const C* a, const C* b, SIZE_T count) {
    return order<C>(a, b, count, lower_of);
}

template <class C>
C* NTAPI Text<C>::find(const C* text, int c) {
    for (;; ++text) {
        if (*text == static_cast<C>(c)) return const_cast<C*>(text);
        if (!*text) return nullptr;
    }
}
template <class C>
C* NTAPI Text<C>::find_last(const C* text, int c) {
    for (const C* found = nullptr;; ++text) {
        if (*text == static_cast<C>(c)) found = text;
        if (!*text) return const_cast<C*>(found);
    }
}
template <class C>
C* NTAPI Text<C>::find_text(const C* text, const C* part) {
    const SIZE_T n = length(part);
    for (;; ++text) {
        if (compare_n(text, part, n) == 0) return const_cast<C*>(text);
        if (!*text) return nullptr;
    }
}
template <class C>
SIZE_T NTAPI Text<C>::span(const C* text, const C* set) {
    return run(text, set, true);
}
template <class C>
SIZE_T NTAPI Text<C>::span_without(const C* text, const C* set) {
    return run(text, set, false);
}

template <class C>
C* NTAPI Text<C>::to_lower(C* text) {
    std::transform(text, text + length(text), text, [](C c) { return static_cast<C>(lower_of(c)); });
    return text;
}
template <class C>
C* NTAPI Text<C>::to_upper(C* text) {
    std::transform(text, text + length(text), text, [](C c) { return static_cast<C>(upper_of(c)); });
    return text;
}
template <class C>
C* NTAPI Text<C>::reverse(C* text) {
    std::reverse(text, text + length(text));
    return text;
}
template <class C>
C* NTAPI Text<C>::set(C* text, int c) {
    return set_n(text, c, ~SIZE_T{0});
}
template <class C>
C* NTAPI Text<C>::set_n(C* text, int c, SIZE_T count) {
    std::fill_n(text, bounded_length(text, count), static_cast<C>(c));
    return text;
}

// What is no character of that width stays as it is.
template <class C>
int NTAPI Text<C>::lower(int c) {
    if constexpr (sizeof(C) == 1) return c >= 'A' && c <= 'Z' ? c + 32 : c;
    return downcase(static_cast<char16_t>(c));
}
template <class C>
int NTAPI Text<C>::upper(int c) {
    if constexpr (sizeof(C) == 1) return c >= 'a' && c <= 'z' ? c - 32 : c;
    return upcase(static_cast<char16_t>(c));
}

template <class C>
INT NTAPI Text<C>::copy_s(C* to, SIZE_T size, const C* from) {
    return put(to, size, from, truncate - 1, 0);
}
template <class C>
INT NTAPI Text<C>::copy_n_s(C* to, SIZE_T size, const C* from, SIZE_T count) {
    return put(to, size, from, count, 0);
}
template <class C>
INT NTAPI Text<C>::append_s(C* to, SIZE_T size, const C* from) {
    return put(to, size, from, truncate - 1, to ? bounded_length(to, size) : 0);
}
template <class C>
INT NTAPI Text<C>::append_n_s(C* to, SIZE_T size, const C* from, SIZE_T count) {
    return put(to, size, from, count, to ? bounded_length(to, size) : 0);
}
template <class C>
INT NTAPI Text<C>::set_s(C* text, SIZE_T size, int c) {
    return set_n_s(text, size, c, size);
}
template <class C>
INT NTAPI Text<C>::set_n_s(C* text, SIZE_T size, int c, SIZE_T count) {
    if (!text || !size) return einval;
    if (bounded_length(text, size) == size) {
        text[0] = 0;
        return einval;
    }
    set_n(text, c, count);
    return 0;
}

template <class C>
C* NTAPI Text<C>::token_s(C* text, const C* separators, C** context) {
    if (!context || !separators || (!text && !*context)) return nullptr;
    C* const start = (text ? text : *context) + span(text ? text : *context, separators);
    C* const end = start + span_without(start, separators);
    *context = *end ? end + 1 : end;
    *end = 0;
    return end == start ? nullptr : start;
}

template struct Text<char>;
template struct Text<WCHAR>;

}  // namespace ndiskit::nt::crt

using namespace ndiskit::nt;

extern "C" {

int NTAPI nt_isdigit(int c) { return c >= '0' && c <= '9'; }
int NTAPI nt_islower(int c) { return c >= 'a' && c <= 'z'; }
int NTAPI nt_isupper(int c) { return c >= 'A' && c <= 'Z'; }
int NTAPI nt_isspace(int c) { return c == ' ' || (c >= 9 && c <= 13); }
int NTAPI nt_isprint(int c) { return c >= 0x20 && c < 0x7F; }
int NTAPI nt_isxdigit(int c) { return nt_isdigit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F'); }

// The number of characters without the terminator; with no target only counted.
SIZE_T NTAPI nt_mbstowcs(WCHAR* to, const char* from, SIZE_T count) {
    SIZE_T n = 0;
    for (; from[n] && (!to || n < count); ++n)
        if (to) to[n] = ansi_to_unit(static_cast<unsigned char>(from[n]));
    if (to && n < count) to[n] = 0;
    return n;
}

// Also what the code page does not have is told by -1.
SIZE_T NTAPI nt_wcstombs(char* to, const WCHAR* from, SIZE_T count) {
    SIZE_T n = 0;
    for (; from[n] && (!to || n < count); ++n) {
        char byte;
        if (nt_wctomb(&byte, from[n]) < 0) return ~SIZE_T{0};
        if (to) to[n] = byte;
    }
    if (to && n < count) to[n] = 0;
    return n;
}

// The code page has one byte a character and no state to ask about, which is what a null text asks.
int NTAPI nt_mbtowc(WCHAR* to, const char* from, SIZE_T count) {
    if (!from || !count) return 0;
    if (to) *to = ansi_to_unit(static_cast<unsigned char>(*from));
    return *from != 0;
}

int NTAPI nt_wctomb(char* to, WCHAR from) {
    if (!to) return 0;
    const unsigned char byte = unit_to_ansi(from);
    if (byte == '?' && from != '?') return -1;
    *to = static_cast<char>(byte);
    return 1;
}

}  // extern "C"
