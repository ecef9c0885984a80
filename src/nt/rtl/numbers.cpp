// Numbers to text and back, memory comparison, bit searches, random numbers.
#include "engine/engine.h"
#include "nt/abi.h"
#include "nt/exception/leaf_code.h"
#include "nt/rtl/unicode.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace {

using namespace ndiskit::nt;

bool base_is_known(ULONG base) { return base == 0 || base == 2 || base == 8 || base == 10 || base == 16; }

// What is before the first character that is no digit; an empty number is 0, as on Windows.
template <class C>
NTSTATUS parse_integer(const C* text, size_t length, ULONG base, ULONG& value) {
    size_t i = 0;
    while (i < length && text[i] && text[i] <= ' ') ++i;
    bool negative = false;
    if (i < length && (text[i] == '-' || text[i] == '+')) negative = text[i++] == '-';
    if (base == 0) {
        base = 10;
        if (i + 1 < length && text[i] == '0') {
            const auto c = text[i + 1];
            base = c == 'x' ? 16 : c == 'o' ? 8 : c == 'b' ? 2 : 10;
            i += base == 10 ? 0 : 2;
        }
    } else if (!base_is_known(base)) {
        return STATUS_INVALID_PARAMETER;
    }
    ULONG number = 0;
    for (; i < length && text[i]; ++i) {
        const auto c = static_cast<char16_t>(text[i]);
        ULONG digit = c >= '0' && c <= '9'                   ? c - '0'
                      : upcase(c) >= 'A' && upcase(c) <= 'F' ? upcase(c) - 'A' + 10u
                                                             : 99;
        if (digit >= base) break;
        number = number * base + digit;
    }
    value = negative ? 0 - number : number;
    return STATUS_SUCCESS;
}

NTSTATUS write_integer(ULONGLONG value, ULONG base, PUNICODE_STRING string) {
    if (!base_is_known(base)) return STATUS_INVALID_PARAMETER;
    char16_t digits[64];
    size_t n = 0;
    do digits[n++] = u"0123456789ABCDEF"[value % (base ? base : 10)];
    while (value /= (base ? base : 10));
    // With its terminator, as the conversion from ANSI text that Windows does it with.
    if ((n + 1) * sizeof(WCHAR) > string->MaximumLength) return STATUS_BUFFER_OVERFLOW;
    std::reverse_copy(digits, digits + n, string->Buffer);
    string->Length = static_cast<USHORT>(n * sizeof(WCHAR));
    string->Buffer[n] = 0;
    return STATUS_SUCCESS;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlunicodestringtointeger
NTSTATUS NTAPI RtlUnicodeStringToInteger(PCUNICODE_STRING string, ULONG base, PULONG value) {
    return parse_integer(string->Buffer, string->Length / sizeof(WCHAR), base, *value);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlchartointeger
NTSTATUS NTAPI RtlCharToInteger(PCSZ string, ULONG base, PULONG value) {
    return parse_integer(string, std::strlen(string), base, *value);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlintegertounicodestring
NTSTATUS NTAPI RtlIntegerToUnicodeString(ULONG value, ULONG base, PUNICODE_STRING string) {
    return write_integer(value, base, string);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlint64tounicodestring
NTSTATUS NTAPI RtlInt64ToUnicodeString(ULONGLONG value, ULONG base, PUNICODE_STRING string) {
    return write_integer(value, base, string);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlcomparememory
NDISKIT_LEAF_CODE SIZE_T NTAPI RtlCompareMemory(const void* a, const void* b, SIZE_T length) {
    const auto *x = static_cast<const char*>(a), *y = static_cast<const char*>(b);
    SIZE_T same = 0;
    while (same < length && x[same] == y[same]) ++same;
    return same;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlcomparememoryulong
NDISKIT_LEAF_CODE SIZE_T NTAPI RtlCompareMemoryUlong(PVOID memory, SIZE_T length, ULONG pattern) {
    if (reinterpret_cast<ULONG_PTR>(memory) % sizeof(ULONG) || length % sizeof(ULONG)) return 0;
    const auto* words = static_cast<const ULONG*>(memory);
    SIZE_T same = 0;
    while (same < length / sizeof(ULONG) && words[same] == pattern) ++same;
    return same * sizeof(ULONG);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlprefetchmemorynontemporal
VOID NTAPI RtlPrefetchMemoryNonTemporal(PVOID source, SIZE_T length) {
    for (SIZE_T at = 0; at < length; at += 64) __builtin_prefetch(static_cast<char*>(source) + at, 0, 0);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlfindleastsignificantbit
CCHAR NTAPI RtlFindLeastSignificantBit(ULONGLONG set) {
    return static_cast<CCHAR>(set ? std::countr_zero(set) : -1);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlfindmostsignificantbit
CCHAR NTAPI RtlFindMostSignificantBit(ULONGLONG set) {
    return static_cast<CCHAR>(set ? 63 - std::countl_zero(set) : -1);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlnumberofsetbitsulongptr
ULONG NTAPI RtlNumberOfSetBitsUlongPtr(ULONG_PTR set) { return static_cast<ULONG>(std::popcount(set)); }

// Drawn from the machine's seed; `seed` receives the draw, so that callers who keep it see it change.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlrandomex
ULONG NTAPI RtlRandomEx(PULONG seed) {
    return *seed = static_cast<ULONG>(ndiskit::engine::the().draw(0x7FFFFFFF));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlrandom
ULONG NTAPI RtlRandom(PULONG seed) { return RtlRandomEx(seed); }

}  // extern "C"
