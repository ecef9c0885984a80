// What the narrow and the wide text functions share, over the character type.
#pragma once

#include "nt/rtl/unicode.h"

namespace ndiskit::nt::crt {

constexpr INT einval = 22, erange = 34, truncated = 80;
constexpr SIZE_T truncate = ~SIZE_T{0};  // _TRUNCATE

inline int lower(char c) { return c >= 'A' && c <= 'Z' ? c + 32 : static_cast<unsigned char>(c); }
inline int lower(char16_t c) { return downcase(c); }
inline int upper(char c) { return c >= 'a' && c <= 'z' ? c - 32 : static_cast<unsigned char>(c); }
inline int upper(char16_t c) { return upcase(c); }
inline int value_of(char c) { return static_cast<unsigned char>(c); }
inline int value_of(char16_t c) { return c; }

template <class C>
SIZE_T length(const C* text, SIZE_T most = ~SIZE_T{0}) {
    SIZE_T n = 0;
    while (n < most && text[n]) ++n;
    return n;
}

template <class C>
C* copy(C* to, const C* from) {
    C* at = to;
    while ((*at++ = *from++)) {
    }
    return to;
}

template <class C>
C* copy_counted(C* to, const C* from, SIZE_T count) {
    SIZE_T i = 0;
    for (; i < count && from[i]; ++i) to[i] = from[i];
    for (; i < count; ++i) to[i] = 0;
    return to;
}

template <class C>
C* append_counted(C* to, const C* from, SIZE_T count) {
    C* at = to + length(to);
    for (; count && *from; --count) *at++ = *from++;
    *at = 0;
    return to;
}

template <class C>
int compare(const C* a, const C* b, SIZE_T count, bool ignore_case) {
    for (SIZE_T i = 0; i < count; ++i) {
        const int x = ignore_case ? lower(a[i]) : value_of(a[i]),
                  y = ignore_case ? lower(b[i]) : value_of(b[i]);
        if (x != y) return x < y ? -1 : 1;
        if (!x) break;
    }
    return 0;
}

template <class C>
C* find(const C* text, C c) {
    for (;; ++text) {
        if (*text == c) return const_cast<C*>(text);
        if (!*text) return nullptr;
    }
}

template <class C>
C* find_last(const C* text, C c) {
    const C* found = nullptr;
    for (;; ++text) {
        if (*text == c) found = text;
        if (!*text) return const_cast<C*>(found);
    }
}

template <class C>
C* find_part(const C* text, const C* part) {
    const SIZE_T n = length(part);
    for (;; ++text) {
        if (compare(text, part, n, false) == 0) return const_cast<C*>(text);
        if (!*text) return nullptr;
    }
}

// How many characters from the start are (or are not) of the set.
template <class C>
SIZE_T span(const C* text, const C* set, bool of_set) {
    SIZE_T n = 0;
    while (text[n] && (find(set, text[n]) != nullptr) == of_set) ++n;
    return n;
}

template <class C>
INT copy_checked(C* to, SIZE_T size, const C* from, SIZE_T count, SIZE_T at) {
    if (!to || !size) return einval;
    if (!from || at >= size) {
        to[0] = 0;
        return einval;
    }
    const SIZE_T wanted = length(from, count);
    if (wanted >= size - at) {
        if (count != truncate) {
            to[0] = 0;
            return erange;
        }
        for (SIZE_T i = 0; i + at + 1 < size; ++i) to[at + i] = from[i];
        to[size - 1] = 0;
        return truncated;
    }
    for (SIZE_T i = 0; i < wanted; ++i) to[at + i] = from[i];
    to[at + wanted] = 0;
    return 0;
}

// strtoul and its kin; `most` is what it saturates at.
template <class C>
ULONGLONG parse(const C* text, C** end, int base, ULONGLONG most) {
    const C* at = text;
    while (*at == ' ' || (*at >= 9 && *at <= 13)) ++at;
    const bool negative = *at == '-';
    if (*at == '-' || *at == '+') ++at;
    if ((base == 0 || base == 16) && at[0] == '0' && (at[1] == 'x' || at[1] == 'X')) {
        at += 2;
        base = 16;
    } else if (base == 0) {
        base = *at == '0' ? 8 : 10;
    }
    const C* const digits = at;
    ULONGLONG number = 0;
    bool overflow = false;
    for (;; ++at) {
        const int c = upper(*at);
        const int digit = c >= '0' && c <= '9' ? c - '0' : c >= 'A' && c <= 'Z' ? c - 'A' + 10 : 99;
        if (digit >= base) break;
        overflow = overflow || number > (most - static_cast<ULONGLONG>(digit)) / static_cast<ULONGLONG>(base);
        number = number * static_cast<ULONGLONG>(base) + static_cast<ULONGLONG>(digit);
    }
    if (end) *end = const_cast<C*>(at == digits ? text : at);
    return overflow ? most : negative ? 0 - number : number;
}

}  // namespace ndiskit::nt::crt
