// Numbers as text and text as numbers, and random numbers.
#include <algorithm>
#include <atomic>

#include "nt/rtl/crt.h"

namespace ndiskit::nt::crt {

namespace {

template <class C>
bool is_space(C c) {
    return c == ' ' || (c >= 9 && c <= 13);
}

template <class C>
int digit_of(C c) {
    return c >= '0' && c <= '9'   ? c - '0'
           : c >= 'A' && c <= 'Z' ? c - 'A' + 10
           : c >= 'a' && c <= 'z' ? c - 'a' + 10
                                  : 99;
}

// strtoul and its kin; `most` is what it saturates at.
template <class C>
ULONGLONG parse(const C* text, C** end, int base, ULONGLONG most) {
    if (end) *end = const_cast<C*>(text);
    if (base < 0 || base == 1 || base > 36) return 0;
    const C* at = text;
    while (is_space(*at)) ++at;
    const bool negative = *at == '-';
    if (*at == '-' || *at == '+') ++at;
    if ((base == 0 || base == 16) && at[0] == '0' && (at[1] == 'x' || at[1] == 'X') && digit_of(at[2]) < 16) {
        at += 2;
        base = 16;
    } else if (base == 0) {
        base = *at == '0' ? 8 : 10;
    }
    const C* const digits = at;
    ULONGLONG number = 0;
    bool overflow = false;
    for (int digit; (digit = digit_of(*at)) < base; ++at) {
        const auto value = static_cast<ULONGLONG>(digit), step = static_cast<ULONGLONG>(base);
        overflow = overflow || number > (most - value) / step;
        number = number * step + value;
    }
    if (end) *end = const_cast<C*>(at == digits ? text : at);
    return overflow ? most : negative ? 0 - number : number;
}

template <class C>
INT write(ULONGLONG value, bool negative, C* to, SIZE_T size, int radix) {
    if (!to || !size) return einval;
    to[0] = 0;
    if (radix < 2 || radix > 36) return einval;
    C digits[66];
    SIZE_T n = 0;
    do
        digits[n++] =
            static_cast<C>("0123456789abcdefghijklmnopqrstuvwxyz"[value % static_cast<unsigned>(radix)]);
    while (value /= static_cast<unsigned>(radix));
    if (negative) digits[n++] = '-';
    if (n >= size) return erange;
    std::reverse_copy(digits, digits + n, to);
    to[n] = 0;
    return 0;
}

}  // namespace

// What is too large or too small becomes INT_MAX or INT_MIN.
template <class C>
int NTAPI Number<C>::to_int(const C* text) {
    const auto value = static_cast<LONGLONG>(parse<C>(text, nullptr, 10, INT64_MAX));
    while (is_space(*text)) ++text;
    if (value == INT64_MAX && *text == '-') return INT32_MIN;
    return static_cast<int>(std::clamp<LONGLONG>(value, INT32_MIN, INT32_MAX));
}
template <class C>
ULONG NTAPI Number<C>::to_ulong(const C* text, C** end, int base) {
    return static_cast<ULONG>(parse(text, end, base, 0xFFFFFFFF));
}
template <class C>
ULONGLONG NTAPI Number<C>::to_uint64(const C* text, C** end, int base) {
    return parse(text, end, base, ~0ull);
}

// Only decimal numbers have a sign.
template <class C>
INT NTAPI Number<C>::from_int_s(int value, C* to, SIZE_T size, int radix) {
    const bool negative = radix == 10 && value < 0;
    const auto bits = static_cast<ULONG>(value);
    return write(negative ? 0u - bits : bits, negative, to, size, radix);
}
template <class C>
INT NTAPI Number<C>::from_int64_s(LONGLONG value, C* to, SIZE_T size, int radix) {
    const bool negative = radix == 10 && value < 0;
    const auto bits = static_cast<ULONGLONG>(value);
    return write(negative ? 0 - bits : bits, negative, to, size, radix);
}
template <class C>
INT NTAPI Number<C>::from_ulong_s(ULONG value, C* to, SIZE_T size, int radix) {
    return write<C>(value, false, to, size, radix);
}
template <class C>
INT NTAPI Number<C>::from_uint64_s(ULONGLONG value, C* to, SIZE_T size, int radix) {
    return write<C>(value, false, to, size, radix);
}
template <class C>
C* NTAPI Number<C>::from_int(int value, C* to, int radix) {
    from_int_s(value, to, 34, radix);
    return to;
}

template struct Number<char>;
template struct Number<WCHAR>;

}  // namespace ndiskit::nt::crt

namespace {

// The one sequence of the machine, which starts as srand(1) would start it.
std::atomic<uint32_t> random_state = 1;

}  // namespace

extern "C" {

int NTAPI nt_rand() {
    uint32_t old = random_state.load(std::memory_order_relaxed), next;
    do next = old * 214013 + 2531011;
    while (!random_state.compare_exchange_weak(old, next, std::memory_order_relaxed));
    return static_cast<int>(next >> 16 & 0x7FFF);
}

void NTAPI nt_srand(unsigned seed) { random_state = seed; }

}  // extern "C"
