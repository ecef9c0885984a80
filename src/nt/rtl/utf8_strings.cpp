// Counted strings in UTF-8, and what newer drivers ask of strings and memory.
#include <algorithm>
#include <cstring>

#include "nt/abi.h"
#include "nt/pool/pool.h"
#include "nt/rtl/unicode.h"

using namespace ndiskit::nt;

namespace {

constexpr ULONG string_tag = 0x72745352;  // 'RStr' in memory order
constexpr size_t longest = 0xFFFE;

unsigned digit_of(char16_t c) {
    const char16_t up = upcase(c);
    return up >= '0' && up <= '9' ? up - u'0' : up >= 'A' && up <= 'F' ? up - u'A' + 10u : 99u;
}

// Puts the text with its terminator into the string's buffer, or into a new one.
template <class C>
NTSTATUS put(C*& buffer, USHORT& length, USHORT& maximum, std::basic_string_view<C> text, bool allocate,
             const void* caller) {
    const size_t bytes = (text.size() + 1) * sizeof(C);
    if (bytes > longest) return STATUS_INVALID_PARAMETER_2;
    if (allocate) {
        auto* const made = static_cast<C*>(pool_allocate(PoolKind::paged, bytes, string_tag, caller));
        if (!made) return STATUS_NO_MEMORY;
        buffer = made;
        maximum = static_cast<USHORT>(bytes);
    } else if (bytes > maximum) {
        return STATUS_BUFFER_OVERFLOW;
    }
    std::copy(text.begin(), text.end(), buffer);
    buffer[text.size()] = 0;
    length = static_cast<USHORT>(bytes - sizeof(C));
    return STATUS_SUCCESS;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlinitutf8string
void NTAPI RtlInitUTF8String(PSTRING string, PCSZ source) { RtlInitAnsiString(string, source); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlinitutf8stringex
NTSTATUS NTAPI RtlInitUTF8StringEx(PSTRING string, PCSZ source) {
    if (source && std::strlen(source) > longest) return STATUS_NAME_TOO_LONG;
    RtlInitAnsiString(string, source);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlfreeutf8string
void NTAPI RtlFreeUTF8String(PSTRING string) { RtlFreeAnsiString(string); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlutf8stringtounicodestring
NTSTATUS NTAPI RtlUTF8StringToUnicodeString(PUNICODE_STRING to, const STRING* from, BOOLEAN allocate) {
    const std::u16string text = to_utf16({from->Buffer, from->Length});
    return put<WCHAR>(to->Buffer, to->Length, to->MaximumLength, text, allocate, __builtin_return_address(0));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlunicodestringtoutf8string
NTSTATUS NTAPI RtlUnicodeStringToUTF8String(PSTRING to, PCUNICODE_STRING from, BOOLEAN allocate) {
    const std::string text = to_utf8(view_of(*from));
    return put<CHAR>(to->Buffer, to->Length, to->MaximumLength, text, allocate, __builtin_return_address(0));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlunicodetoutf8n
NTSTATUS NTAPI RtlUnicodeToUTF8N(PCHAR to, ULONG to_bytes, PULONG written, PCWCH from, ULONG from_bytes) {
    if (!to && !written) return STATUS_INVALID_PARAMETER;
    if (!from) return STATUS_INVALID_PARAMETER_4;
    if (from_bytes % sizeof(WCHAR)) return STATUS_INVALID_PARAMETER_5;
    const std::u16string_view source(from, from_bytes / sizeof(WCHAR));
    const std::string text = to_utf8(source);
    size_t fit = text.size();
    if (to && to_bytes < fit) {
        fit = to_bytes;
        while (fit && (static_cast<unsigned char>(text[fit]) & 0xC0) == 0x80) --fit;  // whole characters
    }
    if (to) std::memcpy(to, text.data(), fit);
    if (written) *written = static_cast<ULONG>(fit);
    if (fit < text.size()) return STATUS_BUFFER_TOO_SMALL;
    return to_utf16(text) == source ? STATUS_SUCCESS : STATUS_SOME_NOT_MAPPED;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-rtlutf8tounicoden
NTSTATUS NTAPI RtlUTF8ToUnicodeN(PWSTR to, ULONG to_bytes, PULONG written, PCCH from, ULONG from_bytes) {
    if (!to && !written) return STATUS_INVALID_PARAMETER;
    if (!from) return STATUS_INVALID_PARAMETER_4;
    const std::string_view source(from, from_bytes);
    const std::u16string text = to_utf16(source);
    size_t fit = text.size();
    if (to && to_bytes / sizeof(WCHAR) < fit) {
        fit = to_bytes / sizeof(WCHAR);
        if (fit && (text[fit] & 0xFC00) == 0xDC00) --fit;  // no half of a pair
    }
    if (to) std::memcpy(to, text.data(), fit * sizeof(WCHAR));
    if (written) *written = static_cast<ULONG>(fit * sizeof(WCHAR));
    if (fit < text.size()) return STATUS_BUFFER_TOO_SMALL;
    return to_utf8(text) == source ? STATUS_SUCCESS : STATUS_SOME_NOT_MAPPED;
}

BOOLEAN NTAPI RtlSuffixUnicodeString(PCUNICODE_STRING suffix, PCUNICODE_STRING of, BOOLEAN ignore_case) {
    const auto text = view_of(*of), end = view_of(*suffix);
    return text.size() >= end.size() &&
           compare_text(text.substr(text.size() - end.size()), end, ignore_case) == 0;
}

// As RtlUnicodeStringToInteger with 64 bits; `end` receives where the number ended.
NTSTATUS NTAPI RtlUnicodeStringToInt64(PCUNICODE_STRING string, ULONG base, PLONG64 number, PWSTR* end) {
    const auto text = view_of(*string);
    size_t at = 0;
    while (at < text.size() && text[at] <= ' ') ++at;
    const bool negative = at < text.size() && text[at] == '-';
    if (at < text.size() && (text[at] == '-' || text[at] == '+')) ++at;
    if (base == 0) {
        base = 10;
        if (at + 1 < text.size() && text[at] == '0') {
            base = text[at + 1] == 'x' ? 16 : text[at + 1] == 'o' ? 8 : text[at + 1] == 'b' ? 2 : 10;
            at += base == 10 ? 0 : 2;
        }
    } else if (base != 2 && base != 8 && base != 10 && base != 16) {
        return STATUS_INVALID_PARAMETER;
    }
    ULONGLONG value = 0;
    for (; at < text.size() && digit_of(text[at]) < base; ++at) value = value * base + digit_of(text[at]);
    *number = static_cast<LONG64>(negative ? 0 - value : value);
    if (end) *end = string->Buffer + at;
    return STATUS_SUCCESS;
}

BOOLEAN NTAPI RtlIsZeroMemory(const void* memory, SIZE_T length) {
    const auto* const bytes = static_cast<const char*>(memory);
    return std::all_of(bytes, bytes + length, [](char byte) { return byte == 0; });
}

}  // extern "C"
