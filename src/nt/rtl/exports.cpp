// The run-time library and tracing.
#include "nt/exports.h"
#include "nt/abi.h"

extern "C" {

// What the headers of drivers have inline or not at all.
NTSTATUS NTAPI EtwSetInformation(REGHANDLE handle, ULONG, PVOID, ULONG);
NTSTATUS NTAPI SeEtwWriteKMCveEvent(PCUNICODE_STRING, PCUNICODE_STRING);
NTSTATUS NTAPI WmiTraceMessage(TRACEHANDLE, ULONG, LPCGUID, USHORT, ...);

}  // extern "C"

namespace ndiskit::nt {

static const Export rows[] = {
    // clang-format off
    {"RtlInitAnsiString", reinterpret_cast<const void*>(RtlInitAnsiString), MaxIrql::any},
    {"RtlInitString", reinterpret_cast<const void*>(RtlInitString), MaxIrql::any},
    {"RtlCopyString", reinterpret_cast<const void*>(RtlCopyString), MaxIrql::any},
    {"RtlCompareString", reinterpret_cast<const void*>(RtlCompareString), MaxIrql::passive},
    {"RtlEqualString", reinterpret_cast<const void*>(RtlEqualString), MaxIrql::passive},
    {"RtlUpperChar", reinterpret_cast<const void*>(RtlUpperChar), MaxIrql::apc},
    {"RtlUpperString", reinterpret_cast<const void*>(RtlUpperString), MaxIrql::apc},
    {"RtlAnsiStringToUnicodeString", reinterpret_cast<const void*>(RtlAnsiStringToUnicodeString), MaxIrql::passive},
    {"RtlUnicodeStringToAnsiString", reinterpret_cast<const void*>(RtlUnicodeStringToAnsiString), MaxIrql::passive},
    {"RtlFreeAnsiString", reinterpret_cast<const void*>(RtlFreeAnsiString), MaxIrql::apc},
    {"RtlxAnsiStringToUnicodeSize", reinterpret_cast<const void*>(RtlxAnsiStringToUnicodeSize), MaxIrql::passive},
    {"RtlxUnicodeStringToAnsiSize", reinterpret_cast<const void*>(RtlxUnicodeStringToAnsiSize), MaxIrql::passive},
    {"RtlMultiByteToUnicodeN", reinterpret_cast<const void*>(RtlMultiByteToUnicodeN), MaxIrql::apc},
    {"RtlUnicodeToMultiByteN", reinterpret_cast<const void*>(RtlUnicodeToMultiByteN), MaxIrql::apc},
    {"RtlUnicodeToUTF8N", reinterpret_cast<const void*>(RtlUnicodeToUTF8N), MaxIrql::passive},
    {"RtlUTF8ToUnicodeN", reinterpret_cast<const void*>(RtlUTF8ToUnicodeN), MaxIrql::passive},
    {"RtlInitializeBitMap", reinterpret_cast<const void*>(RtlInitializeBitMap), MaxIrql::apc},
    {"RtlClearBit", reinterpret_cast<const void*>(RtlClearBit), MaxIrql::apc},
    {"RtlSetBit", reinterpret_cast<const void*>(RtlSetBit), MaxIrql::apc},
    {"RtlTestBit", reinterpret_cast<const void*>(RtlTestBit), MaxIrql::apc},
    {"RtlClearBits", reinterpret_cast<const void*>(RtlClearBits), MaxIrql::apc},
    {"RtlSetBits", reinterpret_cast<const void*>(RtlSetBits), MaxIrql::apc},
    {"RtlAreBitsClear", reinterpret_cast<const void*>(RtlAreBitsClear), MaxIrql::apc},
    {"RtlAreBitsSet", reinterpret_cast<const void*>(RtlAreBitsSet), MaxIrql::apc},
    {"RtlFindClearBits", reinterpret_cast<const void*>(RtlFindClearBits), MaxIrql::apc},
    {"RtlFindSetBits", reinterpret_cast<const void*>(RtlFindSetBits), MaxIrql::apc},
    {"RtlClearAllBits", reinterpret_cast<const void*>(RtlClearAllBits), MaxIrql::apc},
    {"RtlSetAllBits", reinterpret_cast<const void*>(RtlSetAllBits), MaxIrql::apc},
    {"RtlFindClearBitsAndSet", reinterpret_cast<const void*>(RtlFindClearBitsAndSet), MaxIrql::apc},
    {"RtlFindSetBitsAndClear", reinterpret_cast<const void*>(RtlFindSetBitsAndClear), MaxIrql::apc},
    {"RtlNumberOfSetBits", reinterpret_cast<const void*>(RtlNumberOfSetBits), MaxIrql::apc},
    {"RtlNumberOfClearBits", reinterpret_cast<const void*>(RtlNumberOfClearBits), MaxIrql::apc},
    {"RtlFindNextForwardRunClear", reinterpret_cast<const void*>(RtlFindNextForwardRunClear), MaxIrql::apc},
    {"RtlFindFirstRunClear", reinterpret_cast<const void*>(RtlFindFirstRunClear), MaxIrql::apc},
    {"RtlFindLongestRunClear", reinterpret_cast<const void*>(RtlFindLongestRunClear), MaxIrql::apc},
    {"DbgPrint", reinterpret_cast<const void*>(DbgPrint), MaxIrql::any},
    {"DbgPrintEx", reinterpret_cast<const void*>(DbgPrintEx), MaxIrql::any},
    {"DbgSetDebugPrintCallback", reinterpret_cast<const void*>(DbgSetDebugPrintCallback), MaxIrql::any},
    {"vDbgPrintEx", reinterpret_cast<const void*>(vDbgPrintEx), MaxIrql::any},
    {"vDbgPrintExWithPrefix", reinterpret_cast<const void*>(vDbgPrintExWithPrefix), MaxIrql::any},
    {"DbgQueryDebugFilterState", reinterpret_cast<const void*>(DbgQueryDebugFilterState), MaxIrql::any},
    {"DbgSetDebugFilterState", reinterpret_cast<const void*>(DbgSetDebugFilterState), MaxIrql::any},
    {"RtlUnicodeStringToInteger", reinterpret_cast<const void*>(RtlUnicodeStringToInteger), MaxIrql::passive},
    {"RtlCharToInteger", reinterpret_cast<const void*>(RtlCharToInteger), MaxIrql::passive},
    {"RtlIntegerToUnicodeString", reinterpret_cast<const void*>(RtlIntegerToUnicodeString), MaxIrql::passive},
    {"RtlInt64ToUnicodeString", reinterpret_cast<const void*>(RtlInt64ToUnicodeString), MaxIrql::passive},
    {"RtlCompareMemory", reinterpret_cast<const void*>(RtlCompareMemory), MaxIrql::any},
    {"RtlCompareMemoryUlong", reinterpret_cast<const void*>(RtlCompareMemoryUlong), MaxIrql::any},
    {"RtlPrefetchMemoryNonTemporal", reinterpret_cast<const void*>(RtlPrefetchMemoryNonTemporal), MaxIrql::any},
    {"RtlFindLeastSignificantBit", reinterpret_cast<const void*>(RtlFindLeastSignificantBit), MaxIrql::any},
    {"RtlFindMostSignificantBit", reinterpret_cast<const void*>(RtlFindMostSignificantBit), MaxIrql::any},
    {"RtlNumberOfSetBitsUlongPtr", reinterpret_cast<const void*>(RtlNumberOfSetBitsUlongPtr), MaxIrql::any},
    {"RtlRandomEx", reinterpret_cast<const void*>(RtlRandomEx), MaxIrql::apc},
    {"RtlRandom", reinterpret_cast<const void*>(RtlRandom), MaxIrql::apc},
    {"RtlInitUnicodeString", reinterpret_cast<const void*>(RtlInitUnicodeString), MaxIrql::any},
    {"RtlInitUnicodeStringEx", reinterpret_cast<const void*>(RtlInitUnicodeStringEx), MaxIrql::any},
    {"RtlCopyUnicodeString", reinterpret_cast<const void*>(RtlCopyUnicodeString), MaxIrql::any},
    {"RtlAppendUnicodeStringToString", reinterpret_cast<const void*>(RtlAppendUnicodeStringToString), MaxIrql::any},
    {"RtlAppendUnicodeToString", reinterpret_cast<const void*>(RtlAppendUnicodeToString), MaxIrql::any},
    {"RtlCompareUnicodeString", reinterpret_cast<const void*>(RtlCompareUnicodeString), MaxIrql::passive},
    {"RtlCompareUnicodeStrings", reinterpret_cast<const void*>(RtlCompareUnicodeStrings), MaxIrql::any},
    {"RtlEqualUnicodeString", reinterpret_cast<const void*>(RtlEqualUnicodeString), MaxIrql::passive},
    {"RtlPrefixUnicodeString", reinterpret_cast<const void*>(RtlPrefixUnicodeString), MaxIrql::passive},
    {"RtlUpcaseUnicodeChar", reinterpret_cast<const void*>(RtlUpcaseUnicodeChar), MaxIrql::apc},
    {"RtlDowncaseUnicodeChar", reinterpret_cast<const void*>(RtlDowncaseUnicodeChar), MaxIrql::passive},
    {"RtlUpcaseUnicodeString", reinterpret_cast<const void*>(RtlUpcaseUnicodeString), MaxIrql::apc},
    {"RtlDowncaseUnicodeString", reinterpret_cast<const void*>(RtlDowncaseUnicodeString), MaxIrql::apc},
    {"RtlCreateUnicodeString", reinterpret_cast<const void*>(RtlCreateUnicodeString), MaxIrql::passive},
    {"RtlFreeUnicodeString", reinterpret_cast<const void*>(RtlFreeUnicodeString), MaxIrql::apc},
    {"RtlHashUnicodeString", reinterpret_cast<const void*>(RtlHashUnicodeString), MaxIrql::apc},
    {"RtlStringFromGUID", reinterpret_cast<const void*>(RtlStringFromGUID), MaxIrql::passive},
    {"RtlGUIDFromString", reinterpret_cast<const void*>(RtlGUIDFromString), MaxIrql::passive},
    {"RtlTimeToTimeFields", reinterpret_cast<const void*>(RtlTimeToTimeFields), MaxIrql::any},
    {"RtlTimeFieldsToTime", reinterpret_cast<const void*>(RtlTimeFieldsToTime), MaxIrql::any},
    {"RtlTimeToSecondsSince1970", reinterpret_cast<const void*>(RtlTimeToSecondsSince1970), MaxIrql::apc},
    {"RtlSecondsSince1970ToTime", reinterpret_cast<const void*>(RtlSecondsSince1970ToTime), MaxIrql::apc},
    {"RtlTimeToSecondsSince1980", reinterpret_cast<const void*>(RtlTimeToSecondsSince1980), MaxIrql::apc},
    {"RtlSecondsSince1980ToTime", reinterpret_cast<const void*>(RtlSecondsSince1980ToTime), MaxIrql::apc},
    {"EtwRegister", reinterpret_cast<const void*>(EtwRegister), MaxIrql::passive},
    {"EtwUnregister", reinterpret_cast<const void*>(EtwUnregister), MaxIrql::passive},
    {"EtwWrite", reinterpret_cast<const void*>(EtwWrite), MaxIrql::any},
    {"EtwWriteTransfer", reinterpret_cast<const void*>(EtwWriteTransfer), MaxIrql::any},
    {"SeEtwWriteKMCveEvent", reinterpret_cast<const void*>(SeEtwWriteKMCveEvent), MaxIrql::passive},
    {"EtwWriteString", reinterpret_cast<const void*>(EtwWriteString), MaxIrql::any},
    {"EtwEventEnabled", reinterpret_cast<const void*>(EtwEventEnabled), MaxIrql::any},
    {"EtwProviderEnabled", reinterpret_cast<const void*>(EtwProviderEnabled), MaxIrql::any},
    {"EtwSetInformation", reinterpret_cast<const void*>(EtwSetInformation), MaxIrql::passive},
    {"WmiTraceMessage", reinterpret_cast<const void*>(WmiTraceMessage), MaxIrql::any},
    {"WmiQueryTraceInformation", reinterpret_cast<const void*>(WmiQueryTraceInformation), MaxIrql::any},
    {"RtlGetVersion", reinterpret_cast<const void*>(RtlGetVersion), MaxIrql::passive},
    {"RtlVerifyVersionInfo", reinterpret_cast<const void*>(RtlVerifyVersionInfo), MaxIrql::passive},
    {"RtlIsNtDdiVersionAvailable", reinterpret_cast<const void*>(RtlIsNtDdiVersionAvailable), MaxIrql::passive},
    {"RtlIsServicePackVersionInstalled", reinterpret_cast<const void*>(RtlIsServicePackVersionInstalled), MaxIrql::passive},
    {"IoIsWdmVersionAvailable", reinterpret_cast<const void*>(IoIsWdmVersionAvailable), MaxIrql::passive},
    {"MmIsThisAnNtAsSystem", reinterpret_cast<const void*>(MmIsThisAnNtAsSystem), MaxIrql::any},
    // clang-format on
};

std::span<const Export> rtl_exports() { return rows; }

}  // namespace ndiskit::nt
