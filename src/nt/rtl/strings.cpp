// Counted Unicode strings. Lengths are in bytes; a buffer need not be terminated.
#include "nt/abi.h"
#include "nt/pool/pool.h"
#include "nt/rtl/unicode.h"

#include <algorithm>
#include <cstring>

namespace {

using namespace ndiskit::nt;

constexpr ULONG string_tag = 0x72745352;  // 'RStr' in memory order
constexpr size_t longest_string = 0xFFFE;

size_t length_of(PCWSTR text) {
    size_t n = 0;
    while (text[n]) ++n;
    return n;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlinitunicodestring
VOID NTAPI RtlInitUnicodeString(PUNICODE_STRING string, PCWSTR source) {
    // A source that is too long gives a string cut to what the lengths can hold, as Windows does.
    const size_t bytes =
        source ? std::min(length_of(source) * sizeof(WCHAR), longest_string - sizeof(WCHAR)) : 0;
    string->Buffer = const_cast<PWSTR>(source);
    string->Length = static_cast<USHORT>(bytes);
    string->MaximumLength = static_cast<USHORT>(source ? bytes + sizeof(WCHAR) : 0);
}

NTSTATUS NTAPI RtlInitUnicodeStringEx(PUNICODE_STRING string, PCWSTR source) {
    if (source && length_of(source) * sizeof(WCHAR) > longest_string - sizeof(WCHAR))
        return STATUS_NAME_TOO_LONG;
    RtlInitUnicodeString(string, source);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlcopyunicodestring
VOID NTAPI RtlCopyUnicodeString(PUNICODE_STRING to, PCUNICODE_STRING from) {
    if (!from) {
        to->Length = 0;
        return;
    }
    to->Length = std::min(from->Length, to->MaximumLength);
    std::memmove(to->Buffer, from->Buffer, to->Length);
    if (to->Length + sizeof(WCHAR) <= to->MaximumLength) to->Buffer[to->Length / sizeof(WCHAR)] = 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlappendunicodestringtostring
NTSTATUS NTAPI RtlAppendUnicodeStringToString(PUNICODE_STRING to, PCUNICODE_STRING from) {
    if (!from || !from->Length) return STATUS_SUCCESS;
    if (from->Length > to->MaximumLength - to->Length) return STATUS_BUFFER_TOO_SMALL;
    std::memmove(reinterpret_cast<char*>(to->Buffer) + to->Length, from->Buffer, from->Length);
    to->Length = static_cast<USHORT>(to->Length + from->Length);
    if (to->Length + sizeof(WCHAR) <= to->MaximumLength) to->Buffer[to->Length / sizeof(WCHAR)] = 0;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlappendunicodetostring
NTSTATUS NTAPI RtlAppendUnicodeToString(PUNICODE_STRING to, PCWSTR from) {
    if (!from) return STATUS_SUCCESS;
    UNICODE_STRING source;
    if (const NTSTATUS status = RtlInitUnicodeStringEx(&source, from); !NT_SUCCESS(status))
        return STATUS_BUFFER_TOO_SMALL;
    return RtlAppendUnicodeStringToString(to, &source);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlcompareunicodestring
LONG NTAPI RtlCompareUnicodeString(PCUNICODE_STRING a, PCUNICODE_STRING b, BOOLEAN ignore_case) {
    return compare_text(view_of(*a), view_of(*b), ignore_case);
}

LONG NTAPI RtlCompareUnicodeStrings(PCWCH a, SIZE_T a_units, PCWCH b, SIZE_T b_units, BOOLEAN ignore_case) {
    return compare_text({a, a_units}, {b, b_units}, ignore_case);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlequalunicodestring
BOOLEAN NTAPI RtlEqualUnicodeString(PCUNICODE_STRING a, PCUNICODE_STRING b, BOOLEAN ignore_case) {
    return a->Length == b->Length && compare_text(view_of(*a), view_of(*b), ignore_case) == 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlprefixunicodestring
BOOLEAN NTAPI RtlPrefixUnicodeString(PCUNICODE_STRING prefix, PCUNICODE_STRING of, BOOLEAN ignore_case) {
    const auto text = view_of(*of), start = view_of(*prefix);
    return text.size() >= start.size() && compare_text(text.substr(0, start.size()), start, ignore_case) == 0;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlupcaseunicodechar
WCHAR NTAPI RtlUpcaseUnicodeChar(WCHAR c) { return upcase(c); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtldowncaseunicodechar
WCHAR NTAPI RtlDowncaseUnicodeChar(WCHAR c) { return downcase(c); }

static NTSTATUS map_string(PUNICODE_STRING to, PCUNICODE_STRING from, BOOLEAN allocate,
                           char16_t (*map)(char16_t), const void* caller) {
    if (allocate) {
        to->Buffer = static_cast<PWCH>(pool_allocate(PoolKind::paged, from->Length, string_tag, caller));
        if (!to->Buffer) return STATUS_NO_MEMORY;
        to->MaximumLength = from->Length;
    } else if (from->Length > to->MaximumLength) {
        return STATUS_BUFFER_OVERFLOW;
    }
    std::transform(from->Buffer, from->Buffer + from->Length / sizeof(WCHAR), to->Buffer, map);
    to->Length = from->Length;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlupcaseunicodestring
NTSTATUS NTAPI RtlUpcaseUnicodeString(PUNICODE_STRING to, PCUNICODE_STRING from, BOOLEAN allocate) {
    return map_string(to, from, allocate, upcase, __builtin_return_address(0));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtldowncaseunicodestring
NTSTATUS NTAPI RtlDowncaseUnicodeString(PUNICODE_STRING to, PCUNICODE_STRING from, BOOLEAN allocate) {
    return map_string(to, from, allocate, downcase, __builtin_return_address(0));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-rtlcreateunicodestring
BOOLEAN NTAPI RtlCreateUnicodeString(PUNICODE_STRING string, PCWSTR source) {
    const size_t bytes = (length_of(source) + 1) * sizeof(WCHAR);
    if (bytes > longest_string) return FALSE;
    string->Buffer =
        static_cast<PWCH>(pool_allocate(PoolKind::paged, bytes, string_tag, __builtin_return_address(0)));
    if (!string->Buffer) return FALSE;
    std::memcpy(string->Buffer, source, bytes);
    string->MaximumLength = static_cast<USHORT>(bytes);
    string->Length = static_cast<USHORT>(bytes - sizeof(WCHAR));
    return TRUE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlfreeunicodestring
VOID NTAPI RtlFreeUnicodeString(PUNICODE_STRING string) {
    if (string->Buffer) pool_free(string->Buffer);
    *string = {};
}

// The hash that HASH_STRING_ALGORITHM_X65599 names: each unit added to 65599 times what was.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlhashunicodestring
NTSTATUS NTAPI RtlHashUnicodeString(PCUNICODE_STRING string, BOOLEAN ignore_case, ULONG algorithm,
                                    PULONG hash) {
    if (!string || !hash || algorithm > 1) return STATUS_INVALID_PARAMETER;
    ULONG value = 0;
    for (const char16_t c : view_of(*string)) value = value * 65599 + (ignore_case ? upcase(c) : c);
    *hash = value;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlstringfromguid
NTSTATUS NTAPI RtlStringFromGUID(const GUID* const guid, PUNICODE_STRING string) {
    std::u16string text = to_utf16(guid_text(*guid));
    std::transform(text.begin(), text.end(), text.begin(), upcase);
    return RtlCreateUnicodeString(string, text.c_str()) ? STATUS_SUCCESS : STATUS_NO_MEMORY;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlguidfromstring
NTSTATUS NTAPI RtlGUIDFromString(PCUNICODE_STRING string, GUID* guid) {
    return parse_guid(view_of(*string), *guid) ? STATUS_SUCCESS : STATUS_INVALID_PARAMETER;
}

}  // extern "C"
