// Strings in the OEM code page, which on this machine is the ANSI one, and conversions that also make letters
// capitals. A "counted" string has no terminator.
#include <algorithm>
#include <cstring>

#include "nt/abi.h"
#include "nt/pool/pool.h"
#include "nt/rtl/unicode.h"

using namespace ndiskit::nt;

namespace {

constexpr ULONG string_tag = 0x72745352;  // 'RStr' in memory order
constexpr size_t longest = 0xFFFE;

char as_is(char16_t c) { return static_cast<char>(unit_to_ansi(c)); }
char capital(char16_t c) { return static_cast<char>(unit_to_ansi(upcase(c))); }

template <class C>
bool make_room(C*& buffer, USHORT& maximum, size_t bytes, bool allocate, const void* caller,
               NTSTATUS& status) {
    status = STATUS_SUCCESS;
    if (allocate) {
        buffer = static_cast<C*>(pool_allocate(PoolKind::paged, bytes, string_tag, caller));
        if (buffer)
            maximum = static_cast<USHORT>(bytes);
        else
            status = STATUS_NO_MEMORY;
    } else if (bytes > maximum) {
        status = STATUS_BUFFER_OVERFLOW;
    }
    return NT_SUCCESS(status);
}

NTSTATUS to_bytes(PSTRING to, PCUNICODE_STRING from, bool allocate, bool counted, char (*map)(char16_t),
                  const void* caller) {
    const auto text = view_of(*from);
    const size_t bytes = text.size() + (counted ? 0 : 1);
    if (bytes > longest) return STATUS_INVALID_PARAMETER_2;
    // Only the counted forms tell what the code page does not have.
    if (counted && std::ranges::any_of(text, [&](char16_t c) { return map(c) == '?' && c != '?'; }))
        return STATUS_UNMAPPABLE_CHARACTER;
    NTSTATUS status;
    if (!make_room(to->Buffer, to->MaximumLength, bytes, allocate, caller, status)) return status;
    std::transform(text.begin(), text.end(), to->Buffer, map);
    if (!counted) to->Buffer[text.size()] = 0;
    to->Length = static_cast<USHORT>(text.size());
    return STATUS_SUCCESS;
}

NTSTATUS to_units(PUNICODE_STRING to, const STRING* from, bool allocate, bool counted, const void* caller) {
    const size_t bytes = (size_t{from->Length} + (counted ? 0 : 1)) * sizeof(WCHAR);
    if (bytes > longest) return STATUS_INVALID_PARAMETER_2;
    NTSTATUS status;
    if (!make_room(to->Buffer, to->MaximumLength, bytes, allocate, caller, status)) return status;
    std::transform(from->Buffer, from->Buffer + from->Length, to->Buffer,
                   [](char c) { return ansi_to_unit(static_cast<unsigned char>(c)); });
    if (!counted) to->Buffer[from->Length] = 0;
    to->Length = static_cast<USHORT>(from->Length * sizeof(WCHAR));
    return STATUS_SUCCESS;
}

NTSTATUS convert_n(PCHAR to, ULONG to_bytes, PULONG written, PCWCH from, ULONG from_bytes,
                   char (*map)(char16_t)) {
    const ULONG units = std::min<ULONG>(to_bytes, from_bytes / sizeof(WCHAR));
    std::transform(from, from + units, to, map);
    if (written) *written = units;
    return units < from_bytes / sizeof(WCHAR) ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtloemstringtounicodestring
NTSTATUS NTAPI RtlOemStringToUnicodeString(PUNICODE_STRING to, PCOEM_STRING from, BOOLEAN allocate) {
    return to_units(to, from, allocate, false, __builtin_return_address(0));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtloemstringtocountedunicodestring
NTSTATUS NTAPI RtlOemStringToCountedUnicodeString(PUNICODE_STRING to, PCOEM_STRING from, BOOLEAN allocate) {
    return to_units(to, from, allocate, true, __builtin_return_address(0));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlunicodestringtooemstring
NTSTATUS NTAPI RtlUnicodeStringToOemString(POEM_STRING to, PCUNICODE_STRING from, BOOLEAN allocate) {
    return to_bytes(to, from, allocate, false, as_is, __builtin_return_address(0));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlunicodestringtocountedoemstring
NTSTATUS NTAPI RtlUnicodeStringToCountedOemString(POEM_STRING to, PCUNICODE_STRING from, BOOLEAN allocate) {
    return to_bytes(to, from, allocate, true, as_is, __builtin_return_address(0));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlupcaseunicodestringtooemstring
NTSTATUS NTAPI RtlUpcaseUnicodeStringToOemString(POEM_STRING to, PCUNICODE_STRING from, BOOLEAN allocate) {
    return to_bytes(to, from, allocate, false, capital, __builtin_return_address(0));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlupcaseunicodestringtocountedoemstring
NTSTATUS NTAPI RtlUpcaseUnicodeStringToCountedOemString(POEM_STRING to, PCUNICODE_STRING from,
                                                        BOOLEAN allocate) {
    return to_bytes(to, from, allocate, true, capital, __builtin_return_address(0));
}

NTSTATUS NTAPI RtlUpcaseUnicodeStringToAnsiString(PANSI_STRING to, PCUNICODE_STRING from, BOOLEAN allocate) {
    return to_bytes(to, from, allocate, false, capital, __builtin_return_address(0));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlfreeoemstring
void NTAPI RtlFreeOemString(POEM_STRING string) { RtlFreeAnsiString(string); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlunicodetooemn
NTSTATUS NTAPI RtlUnicodeToOemN(PCHAR to, ULONG to_bytes, PULONG written, PCWCH from, ULONG from_bytes) {
    return convert_n(to, to_bytes, written, from, from_bytes, as_is);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlupcaseunicodetooemn
NTSTATUS NTAPI RtlUpcaseUnicodeToOemN(PCHAR to, ULONG to_bytes, PULONG written, PCWCH from,
                                      ULONG from_bytes) {
    return convert_n(to, to_bytes, written, from, from_bytes, capital);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlupcaseunicodetomultibyten
NTSTATUS NTAPI RtlUpcaseUnicodeToMultiByteN(PCHAR to, ULONG to_bytes, PULONG written, PCWCH from,
                                            ULONG from_bytes) {
    convert_n(to, to_bytes, written, from, from_bytes, capital);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtloemtounicoden
NTSTATUS NTAPI RtlOemToUnicodeN(PWSTR to, ULONG to_bytes, PULONG written, PCCH from, ULONG from_bytes) {
    RtlMultiByteToUnicodeN(to, to_bytes, written, from, from_bytes);
    return to_bytes / sizeof(WCHAR) < from_bytes ? STATUS_BUFFER_OVERFLOW : STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlmultibytetounicodesize
NTSTATUS NTAPI RtlMultiByteToUnicodeSize(PULONG bytes, const CHAR*, ULONG from_bytes) {
    *bytes = from_bytes * static_cast<ULONG>(sizeof(WCHAR));
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlunicodetomultibytesize
NTSTATUS NTAPI RtlUnicodeToMultiByteSize(PULONG bytes, PCWCH, ULONG from_bytes) {
    *bytes = from_bytes / static_cast<ULONG>(sizeof(WCHAR));
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtloemstringtounicodesize
ULONG NTAPI RtlxOemStringToUnicodeSize(PCOEM_STRING string) { return RtlxAnsiStringToUnicodeSize(string); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlunicodestringtooemsize
ULONG NTAPI RtlxUnicodeStringToOemSize(PCUNICODE_STRING string) {
    return RtlxUnicodeStringToAnsiSize(string);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlappendstringtostring
NTSTATUS NTAPI RtlAppendStringToString(PSTRING to, const STRING* from) {
    if (from->Length > to->MaximumLength - to->Length) return STATUS_BUFFER_TOO_SMALL;
    std::memmove(to->Buffer + to->Length, from->Buffer, from->Length);
    to->Length = static_cast<USHORT>(to->Length + from->Length);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlAppendAsciizToString(PSTRING to, PCSZ from) {
    if (!from) return STATUS_SUCCESS;
    const size_t length = std::strlen(from);
    if (length > longest) return STATUS_BUFFER_TOO_SMALL;
    const STRING source = {static_cast<USHORT>(length), static_cast<USHORT>(length), const_cast<PCHAR>(from)};
    return RtlAppendStringToString(to, &source);
}

BOOLEAN NTAPI RtlPrefixString(const STRING* prefix, const STRING* of, BOOLEAN ignore_case) {
    if (of->Length < prefix->Length) return FALSE;
    const STRING start = {prefix->Length, prefix->Length, of->Buffer};
    return RtlEqualString(prefix, &start, ignore_case);
}

NTSTATUS NTAPI RtlInitAnsiStringEx(PANSI_STRING string, PCSZ source) {
    if (source && std::strlen(source) > longest) return STATUS_NAME_TOO_LONG;
    RtlInitAnsiString(string, source);
    return STATUS_SUCCESS;
}

// Gives the character and moves the caller's pointer behind it.
WCHAR NTAPI RtlAnsiCharToUnicodeChar(PUCHAR* from) { return ansi_to_unit(*(*from)++); }

// Flag 1 asks for a terminator, flag 2 for a buffer also when the string is empty.
NTSTATUS NTAPI RtlDuplicateUnicodeString(ULONG flags, PCUNICODE_STRING from, PUNICODE_STRING to) {
    constexpr ULONG terminate = 1, also_empty = 2;
    if (!from || !to || flags & ~(terminate | also_empty) || (flags & also_empty && !(flags & terminate)))
        return STATUS_INVALID_PARAMETER;
    *to = {};
    const size_t bytes = from->Length + (flags & terminate ? sizeof(WCHAR) : 0);
    if (!from->Length && !(flags & also_empty)) return STATUS_SUCCESS;
    if (bytes > longest) return STATUS_NAME_TOO_LONG;
    to->Buffer =
        static_cast<PWCH>(pool_allocate(PoolKind::paged, bytes, string_tag, __builtin_return_address(0)));
    if (!to->Buffer) return STATUS_NO_MEMORY;
    std::memcpy(to->Buffer, from->Buffer, from->Length);
    if (flags & terminate) to->Buffer[from->Length / sizeof(WCHAR)] = 0;
    to->Length = from->Length;
    to->MaximumLength = static_cast<USHORT>(bytes);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI RtlValidateUnicodeString(ULONG flags, PCUNICODE_STRING string) {
    if (flags) return STATUS_INVALID_PARAMETER;
    const bool odd = string && (string->Length % 2 || string->MaximumLength % 2);
    const bool without = string && !string->Buffer && (string->Length || string->MaximumLength);
    return odd || without || (string && string->Length > string->MaximumLength) ? STATUS_INVALID_PARAMETER
                                                                                : STATUS_SUCCESS;
}

// Variables that drivers import: whether a character of the code page may have several bytes.
BOOLEAN nt_NlsMbCodePageTag = FALSE, nt_NlsMbOemCodePageTag = FALSE;

// The character becomes the capital that it is in the code page.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlisvalidoemcharacter
BOOLEAN NTAPI RtlIsValidOemCharacter(PWCHAR character) {
    const char byte = capital(ansi_to_unit(static_cast<unsigned char>(as_is(*character))));
    const bool valid = as_is(*character) != '?' && byte != '?';
    *character = ansi_to_unit(static_cast<unsigned char>(byte));
    return valid;
}

}  // extern "C"
