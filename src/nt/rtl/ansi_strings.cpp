// Strings of bytes in the ANSI code page, and between them and Unicode. The OEM code page of the machine is
// the same as the ANSI one.
#include "nt/abi.h"
#include "nt/pool/pool.h"
#include "nt/rtl/unicode.h"

#include <algorithm>
#include <cstring>

namespace {

using namespace ndiskit::nt;

constexpr ULONG string_tag = 0x72745352;  // 'RStr' in memory order
constexpr size_t longest = 0xFFFE;

char upper_byte(char c) {
    return static_cast<char>(unit_to_ansi(upcase(ansi_to_unit(static_cast<unsigned char>(c)))));
}

LONG compare_bytes(const STRING& a, const STRING& b, BOOLEAN ignore_case) {
    for (USHORT i = 0; i < std::min(a.Length, b.Length); ++i) {
        const auto x = static_cast<unsigned char>(ignore_case ? upper_byte(a.Buffer[i]) : a.Buffer[i]);
        const auto y = static_cast<unsigned char>(ignore_case ? upper_byte(b.Buffer[i]) : b.Buffer[i]);
        if (x != y) return x - y;
    }
    return a.Length - b.Length;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlinitansistring
VOID NTAPI RtlInitAnsiString(PANSI_STRING string, PCSZ source) {
    const size_t bytes = source ? std::min(std::strlen(source), longest - 1) : 0;
    *string = {static_cast<USHORT>(bytes), static_cast<USHORT>(source ? bytes + 1 : 0),
               const_cast<PCHAR>(source)};
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlinitstring
VOID NTAPI RtlInitString(PSTRING string, PCSZ source) { RtlInitAnsiString(string, source); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlcopystring
VOID NTAPI RtlCopyString(PSTRING to, const STRING* from) {
    to->Length = from ? std::min(from->Length, to->MaximumLength) : 0;
    if (from) std::memmove(to->Buffer, from->Buffer, to->Length);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlcomparestring
LONG NTAPI RtlCompareString(const STRING* a, const STRING* b, BOOLEAN ignore_case) {
    return compare_bytes(*a, *b, ignore_case);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlequalstring
BOOLEAN NTAPI RtlEqualString(const STRING* a, const STRING* b, BOOLEAN ignore_case) {
    return a->Length == b->Length && compare_bytes(*a, *b, ignore_case) == 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlupperchar
CHAR NTAPI RtlUpperChar(CHAR c) { return upper_byte(c); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlupperstring
VOID NTAPI RtlUpperString(PSTRING to, const STRING* from) {
    to->Length = std::min(from->Length, to->MaximumLength);
    std::transform(from->Buffer, from->Buffer + to->Length, to->Buffer, upper_byte);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlansistringtounicodestring
NTSTATUS NTAPI RtlAnsiStringToUnicodeString(PUNICODE_STRING to, PCANSI_STRING from, BOOLEAN allocate) {
    const size_t bytes = (size_t{from->Length} + 1) * sizeof(WCHAR);
    if (bytes > longest) return STATUS_INVALID_PARAMETER_2;
    if (allocate) {
        to->Buffer =
            static_cast<PWCH>(pool_allocate(PoolKind::paged, bytes, string_tag, __builtin_return_address(0)));
        if (!to->Buffer) return STATUS_NO_MEMORY;
        to->MaximumLength = static_cast<USHORT>(bytes);
    } else if (bytes > to->MaximumLength) {
        return STATUS_BUFFER_OVERFLOW;
    }
    for (USHORT i = 0; i < from->Length; ++i)
        to->Buffer[i] = ansi_to_unit(static_cast<unsigned char>(from->Buffer[i]));
    to->Buffer[from->Length] = 0;
    to->Length = static_cast<USHORT>(bytes - sizeof(WCHAR));
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlunicodestringtoansistring
NTSTATUS NTAPI RtlUnicodeStringToAnsiString(PANSI_STRING to, PCUNICODE_STRING from, BOOLEAN allocate) {
    const auto text = view_of(*from);
    size_t fit = text.size();
    NTSTATUS status = STATUS_SUCCESS;
    if (allocate) {
        to->Buffer = static_cast<PCHAR>(
            pool_allocate(PoolKind::paged, fit + 1, string_tag, __builtin_return_address(0)));
        if (!to->Buffer) return STATUS_NO_MEMORY;
        to->MaximumLength = static_cast<USHORT>(fit + 1);
    } else if (fit + 1 > to->MaximumLength) {
        if (to->MaximumLength == 0) return STATUS_BUFFER_OVERFLOW;
        fit = to->MaximumLength - size_t{1};
        status = STATUS_BUFFER_OVERFLOW;
    }
    std::transform(text.begin(), text.begin() + static_cast<std::ptrdiff_t>(fit), to->Buffer,
                   [](char16_t c) { return static_cast<char>(unit_to_ansi(c)); });
    to->Buffer[fit] = 0;
    to->Length = static_cast<USHORT>(fit);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlfreeansistring
VOID NTAPI RtlFreeAnsiString(PANSI_STRING string) {
    if (string->Buffer) pool_free(string->Buffer);
    *string = {};
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlxansistringtounicodesize
ULONG NTAPI RtlxAnsiStringToUnicodeSize(PCANSI_STRING string) {
    return (string->Length + 1u) * static_cast<ULONG>(sizeof(WCHAR));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlxunicodestringtoansisize
ULONG NTAPI RtlxUnicodeStringToAnsiSize(PCUNICODE_STRING string) {
    return string->Length / static_cast<ULONG>(sizeof(WCHAR)) + 1;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlmultibytetounicoden
NTSTATUS NTAPI RtlMultiByteToUnicodeN(PWCH to, ULONG to_bytes, PULONG written, const CHAR* from,
                                      ULONG from_bytes) {
    const ULONG units = std::min<ULONG>(to_bytes / sizeof(WCHAR), from_bytes);
    for (ULONG i = 0; i < units; ++i) to[i] = ansi_to_unit(static_cast<unsigned char>(from[i]));
    if (written) *written = units * static_cast<ULONG>(sizeof(WCHAR));
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlunicodetomultibyten
NTSTATUS NTAPI RtlUnicodeToMultiByteN(PCHAR to, ULONG to_bytes, PULONG written, PCWCH from,
                                      ULONG from_bytes) {
    const ULONG units = std::min<ULONG>(to_bytes, from_bytes / sizeof(WCHAR));
    for (ULONG i = 0; i < units; ++i) to[i] = static_cast<char>(unit_to_ansi(from[i]));
    if (written) *written = units;
    return STATUS_SUCCESS;
}

}  // extern "C"
