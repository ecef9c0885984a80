// The rows of the run-time library for addresses as text, strings in the OEM code page, checksums, runs of
// bits, and what stops at a debugger.
#include "nt/abi.h"
#include "nt/exports.h"
#include "nt/rtl/net_addresses.h"

extern "C" {

// What the headers of drivers have inline or not at all.
NTSTATUS NTAPI RtlUpcaseUnicodeStringToAnsiString(PANSI_STRING, PCUNICODE_STRING, BOOLEAN);
NTSTATUS NTAPI RtlAppendAsciizToString(PSTRING, PCSZ);
BOOLEAN NTAPI RtlPrefixString(const STRING*, const STRING*, BOOLEAN);
WCHAR NTAPI RtlAnsiCharToUnicodeChar(PUCHAR*);
NTSTATUS NTAPI RtlDuplicateUnicodeString(ULONG, PCUNICODE_STRING, PUNICODE_STRING);
NTSTATUS NTAPI RtlValidateUnicodeString(ULONG, PCUNICODE_STRING);
ULONG NTAPI RtlComputeCrc32(ULONG, const void*, ULONG);
ULONG NTAPI RtlCrc32(const void*, SIZE_T, ULONG);
ULONGLONG NTAPI RtlCrc64(const void*, SIZE_T, ULONGLONG);

void NTAPI RtlInitUTF8String(PSTRING, PCSZ);
NTSTATUS NTAPI RtlInitUTF8StringEx(PSTRING, PCSZ);
void NTAPI RtlFreeUTF8String(PSTRING);
NTSTATUS NTAPI RtlUTF8StringToUnicodeString(PUNICODE_STRING, const STRING*, BOOLEAN);
NTSTATUS NTAPI RtlUnicodeStringToUTF8String(PSTRING, PCUNICODE_STRING, BOOLEAN);
BOOLEAN NTAPI RtlSuffixUnicodeString(PCUNICODE_STRING, PCUNICODE_STRING, BOOLEAN);
NTSTATUS NTAPI RtlUnicodeStringToInt64(PCUNICODE_STRING, ULONG, PLONG64, PWSTR*);
BOOLEAN NTAPI RtlIsZeroMemory(const void*, SIZE_T);
PVOID NTAPI RtlCreateHeap(ULONG, PVOID, SIZE_T, SIZE_T, PVOID, PVOID);
SIZE_T NTAPI RtlSizeHeap(PVOID, ULONG, PVOID);
void NTAPI RtlCopyBitMap(PRTL_BITMAP, PRTL_BITMAP, ULONG);
void NTAPI RtlExtractBitMap(PRTL_BITMAP, PRTL_BITMAP, ULONG, ULONG);
ULONG NTAPI RtlNumberOfSetBitsInRange(PRTL_BITMAP, ULONG, ULONG);
ULONG NTAPI RtlNumberOfClearBitsInRange(PRTL_BITMAP, ULONG, ULONG);

}  // extern "C"

namespace ndiskit::nt {

static const Export rows[] = {
    // clang-format off
    {"RtlIpv4AddressToStringA", reinterpret_cast<const void*>(NetAddress<char>::ipv4_text), MaxIrql::any},
    {"RtlIpv4AddressToStringW", reinterpret_cast<const void*>(NetAddress<WCHAR>::ipv4_text), MaxIrql::any},
    {"RtlIpv6AddressToStringA", reinterpret_cast<const void*>(NetAddress<char>::ipv6_text), MaxIrql::any},
    {"RtlIpv6AddressToStringW", reinterpret_cast<const void*>(NetAddress<WCHAR>::ipv6_text), MaxIrql::any},
    {"RtlEthernetAddressToStringA", reinterpret_cast<const void*>(NetAddress<char>::ethernet_text), MaxIrql::any},
    {"RtlEthernetAddressToStringW", reinterpret_cast<const void*>(NetAddress<WCHAR>::ethernet_text), MaxIrql::any},
    {"RtlIpv4AddressToStringExA", reinterpret_cast<const void*>(NetAddress<char>::ipv4_text_ex), MaxIrql::any},
    {"RtlIpv4AddressToStringExW", reinterpret_cast<const void*>(NetAddress<WCHAR>::ipv4_text_ex), MaxIrql::any},
    {"RtlIpv6AddressToStringExA", reinterpret_cast<const void*>(NetAddress<char>::ipv6_text_ex), MaxIrql::any},
    {"RtlIpv6AddressToStringExW", reinterpret_cast<const void*>(NetAddress<WCHAR>::ipv6_text_ex), MaxIrql::any},
    {"RtlIpv4StringToAddressA", reinterpret_cast<const void*>(NetAddress<char>::ipv4_of), MaxIrql::any},
    {"RtlIpv4StringToAddressW", reinterpret_cast<const void*>(NetAddress<WCHAR>::ipv4_of), MaxIrql::any},
    {"RtlIpv6StringToAddressA", reinterpret_cast<const void*>(NetAddress<char>::ipv6_of), MaxIrql::any},
    {"RtlIpv6StringToAddressW", reinterpret_cast<const void*>(NetAddress<WCHAR>::ipv6_of), MaxIrql::any},
    {"RtlEthernetStringToAddressA", reinterpret_cast<const void*>(NetAddress<char>::ethernet_of), MaxIrql::any},
    {"RtlEthernetStringToAddressW", reinterpret_cast<const void*>(NetAddress<WCHAR>::ethernet_of), MaxIrql::any},
    {"RtlIpv4StringToAddressExA", reinterpret_cast<const void*>(NetAddress<char>::ipv4_of_ex), MaxIrql::any},
    {"RtlIpv4StringToAddressExW", reinterpret_cast<const void*>(NetAddress<WCHAR>::ipv4_of_ex), MaxIrql::any},
    {"RtlIpv6StringToAddressExA", reinterpret_cast<const void*>(NetAddress<char>::ipv6_of_ex), MaxIrql::any},
    {"RtlIpv6StringToAddressExW", reinterpret_cast<const void*>(NetAddress<WCHAR>::ipv6_of_ex), MaxIrql::any},
    {"RtlOemStringToUnicodeString", reinterpret_cast<const void*>(RtlOemStringToUnicodeString), MaxIrql::passive},
    {"RtlOemStringToCountedUnicodeString", reinterpret_cast<const void*>(RtlOemStringToCountedUnicodeString), MaxIrql::passive},
    {"RtlUnicodeStringToOemString", reinterpret_cast<const void*>(RtlUnicodeStringToOemString), MaxIrql::passive},
    {"RtlUnicodeStringToCountedOemString", reinterpret_cast<const void*>(RtlUnicodeStringToCountedOemString), MaxIrql::passive},
    {"RtlUpcaseUnicodeStringToOemString", reinterpret_cast<const void*>(RtlUpcaseUnicodeStringToOemString), MaxIrql::passive},
    {"RtlUpcaseUnicodeStringToCountedOemString", reinterpret_cast<const void*>(RtlUpcaseUnicodeStringToCountedOemString), MaxIrql::passive},
    {"RtlUpcaseUnicodeStringToAnsiString", reinterpret_cast<const void*>(RtlUpcaseUnicodeStringToAnsiString), MaxIrql::passive},
    {"RtlFreeOemString", reinterpret_cast<const void*>(RtlFreeOemString), MaxIrql::passive},
    {"RtlUnicodeToOemN", reinterpret_cast<const void*>(RtlUnicodeToOemN), MaxIrql::apc},
    {"RtlUpcaseUnicodeToOemN", reinterpret_cast<const void*>(RtlUpcaseUnicodeToOemN), MaxIrql::apc},
    {"RtlUpcaseUnicodeToMultiByteN", reinterpret_cast<const void*>(RtlUpcaseUnicodeToMultiByteN), MaxIrql::apc},
    {"RtlOemToUnicodeN", reinterpret_cast<const void*>(RtlOemToUnicodeN), MaxIrql::apc},
    {"RtlMultiByteToUnicodeSize", reinterpret_cast<const void*>(RtlMultiByteToUnicodeSize), MaxIrql::apc},
    {"RtlUnicodeToMultiByteSize", reinterpret_cast<const void*>(RtlUnicodeToMultiByteSize), MaxIrql::apc},
    {"RtlxOemStringToUnicodeSize", reinterpret_cast<const void*>(RtlxOemStringToUnicodeSize), MaxIrql::passive},
    {"RtlxUnicodeStringToOemSize", reinterpret_cast<const void*>(RtlxUnicodeStringToOemSize), MaxIrql::passive},
    {"RtlOemStringToUnicodeSize", reinterpret_cast<const void*>(RtlxOemStringToUnicodeSize), MaxIrql::passive},
    {"RtlUnicodeStringToOemSize", reinterpret_cast<const void*>(RtlxUnicodeStringToOemSize), MaxIrql::passive},
    {"RtlAnsiStringToUnicodeSize", reinterpret_cast<const void*>(RtlxAnsiStringToUnicodeSize), MaxIrql::passive},
    {"RtlUnicodeStringToAnsiSize", reinterpret_cast<const void*>(RtlxUnicodeStringToAnsiSize), MaxIrql::passive},
    {"RtlAppendStringToString", reinterpret_cast<const void*>(RtlAppendStringToString), MaxIrql::any},
    {"RtlAppendAsciizToString", reinterpret_cast<const void*>(RtlAppendAsciizToString), MaxIrql::any},
    {"RtlPrefixString", reinterpret_cast<const void*>(RtlPrefixString), MaxIrql::passive},
    {"RtlInitAnsiStringEx", reinterpret_cast<const void*>(RtlInitAnsiStringEx), MaxIrql::any},
    {"RtlAnsiCharToUnicodeChar", reinterpret_cast<const void*>(RtlAnsiCharToUnicodeChar), MaxIrql::passive},
    {"RtlDuplicateUnicodeString", reinterpret_cast<const void*>(RtlDuplicateUnicodeString), MaxIrql::passive},
    {"RtlValidateUnicodeString", reinterpret_cast<const void*>(RtlValidateUnicodeString), MaxIrql::any},
    {"RtlComputeCrc32", reinterpret_cast<const void*>(RtlComputeCrc32), MaxIrql::any},
    {"RtlCrc32", reinterpret_cast<const void*>(RtlCrc32), MaxIrql::any},
    {"RtlCrc64", reinterpret_cast<const void*>(RtlCrc64), MaxIrql::any},
    {"RtlFindClearRuns", reinterpret_cast<const void*>(RtlFindClearRuns), MaxIrql::apc},
    {"RtlFindLastBackwardRunClear", reinterpret_cast<const void*>(RtlFindLastBackwardRunClear), MaxIrql::apc},
    {"DbgPrintReturnControlC", reinterpret_cast<const void*>(DbgPrintReturnControlC), MaxIrql::any},
    {.name = "DbgBreakPoint", .address = reinterpret_cast<const void*>(DbgBreakPoint), .raises = true},
    {.name = "DbgBreakPointWithStatus", .address = reinterpret_cast<const void*>(DbgBreakPointWithStatus), .raises = true},
    {.name = "RtlAssert", .address = reinterpret_cast<const void*>(RtlAssert), .raises = true},
    {"RtlInitUTF8String", reinterpret_cast<const void*>(RtlInitUTF8String), MaxIrql::any},
    {"RtlInitUTF8StringEx", reinterpret_cast<const void*>(RtlInitUTF8StringEx), MaxIrql::any},
    {"RtlFreeUTF8String", reinterpret_cast<const void*>(RtlFreeUTF8String), MaxIrql::passive},
    {"RtlUTF8StringToUnicodeString", reinterpret_cast<const void*>(RtlUTF8StringToUnicodeString), MaxIrql::passive},
    {"RtlUnicodeStringToUTF8String", reinterpret_cast<const void*>(RtlUnicodeStringToUTF8String), MaxIrql::passive},
    {"RtlSuffixUnicodeString", reinterpret_cast<const void*>(RtlSuffixUnicodeString), MaxIrql::passive},
    {"RtlUnicodeStringToInt64", reinterpret_cast<const void*>(RtlUnicodeStringToInt64), MaxIrql::passive},
    {"RtlIsZeroMemory", reinterpret_cast<const void*>(RtlIsZeroMemory), MaxIrql::any},
    {"RtlCreateHeap", reinterpret_cast<const void*>(RtlCreateHeap), MaxIrql::apc},
    {"RtlAllocateHeap", reinterpret_cast<const void*>(RtlAllocateHeap), MaxIrql::apc},
    {"RtlFreeHeap", reinterpret_cast<const void*>(RtlFreeHeap), MaxIrql::apc},
    {"RtlSizeHeap", reinterpret_cast<const void*>(RtlSizeHeap), MaxIrql::apc},
    {"RtlDestroyHeap", reinterpret_cast<const void*>(RtlDestroyHeap), MaxIrql::apc},
    {"RtlCopyBitMap", reinterpret_cast<const void*>(RtlCopyBitMap), MaxIrql::apc},
    {"RtlExtractBitMap", reinterpret_cast<const void*>(RtlExtractBitMap), MaxIrql::apc},
    {"RtlNumberOfSetBitsInRange", reinterpret_cast<const void*>(RtlNumberOfSetBitsInRange), MaxIrql::apc},
    {"RtlNumberOfClearBitsInRange", reinterpret_cast<const void*>(RtlNumberOfClearBitsInRange), MaxIrql::apc},
    // clang-format on
};

std::span<const Export> rtl_text_exports() { return rows; }

}  // namespace ndiskit::nt
