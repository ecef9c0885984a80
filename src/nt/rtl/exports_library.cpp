// The rows of the run-time library for compression, resource descriptors, error codes, and what the release
// says of itself.
#include "nt/abi.h"
#include "nt/exports.h"
#include "nt/rtl/correlation_vector.h"
#include "nt/rtl/dos_names.h"
#include "nt/rtl/library_calls.h"

extern "C" {

// What the headers of drivers have inline or not at all.
NTSTATUS NTAPI RtlDecompressBufferEx(USHORT, PUCHAR, ULONG, PUCHAR, ULONG, PULONG, PVOID);
NTSTATUS NTAPI RtlDecompressBufferEx2(USHORT, PUCHAR, ULONG, PUCHAR, ULONG, ULONG, PULONG, PVOID);
NTSTATUS NTAPI RtlDecompressFragmentEx(USHORT, PUCHAR, ULONG, PUCHAR, ULONG, ULONG, ULONG, PULONG, PVOID);
NTSTATUS NTAPI RtlRaiseCustomSystemEventTrigger(PVOID);
NTSTATUS NTAPI IoVolumeDeviceToDosName(PVOID, PUNICODE_STRING);

}  // extern "C"

namespace ndiskit::nt {

template <class Function>
static const void* at(Function* function) {
    return reinterpret_cast<const void*>(function);
}

static const Export rows[] = {
    // clang-format off
    {"RtlGetCompressionWorkSpaceSize", at(RtlGetCompressionWorkSpaceSize), MaxIrql::apc},
    {"RtlCompressBuffer", at(RtlCompressBuffer), MaxIrql::apc},
    {"RtlDecompressBuffer", at(RtlDecompressBuffer), MaxIrql::apc},
    {"RtlDecompressBufferEx", at(RtlDecompressBufferEx), MaxIrql::apc},
    {"RtlDecompressBufferEx2", at(RtlDecompressBufferEx2), MaxIrql::apc},
    {"RtlDecompressFragment", at(RtlDecompressFragment), MaxIrql::apc},
    {"RtlDecompressFragmentEx", at(RtlDecompressFragmentEx), MaxIrql::apc},
    {"RtlCmEncodeMemIoResource", at(RtlCmEncodeMemIoResource)},
    {"RtlCmDecodeMemIoResource", at(RtlCmDecodeMemIoResource)},
    {"RtlIoEncodeMemIoResource", at(RtlIoEncodeMemIoResource)},
    {"RtlIoDecodeMemIoResource", at(RtlIoDecodeMemIoResource)},
    {"RtlFindClosestEncodableLength", at(RtlFindClosestEncodableLength)},
    {"RtlInitializeCorrelationVector", at(RtlInitializeCorrelationVector)},
    {"RtlValidateCorrelationVector", at(RtlValidateCorrelationVector)},
    {"RtlIncrementCorrelationVector", at(RtlIncrementCorrelationVector)},
    {"RtlExtendCorrelationVector", at(RtlExtendCorrelationVector)},
    {"RtlNtStatusToDosErrorNoTeb", at(RtlNtStatusToDosErrorNoTeb), MaxIrql::any, Support::partial, "knows the codes that drivers meet; others are answered with ERROR_MR_MID_NOT_FOUND"},
    {"RtlNtStatusToDosError", at(RtlNtStatusToDosError), MaxIrql::any, Support::partial, "knows the codes that drivers meet; others are answered with ERROR_MR_MID_NOT_FOUND"},
    {"VerSetConditionMask", at(VerSetConditionMask)},
    {"RtlGetNtProductType", at(RtlGetNtProductType)},
    {"RtlGetProductInfo", at(RtlGetProductInfo)},
    {"RtlGetSuiteMask", at(RtlGetSuiteMask)},
    {"RtlIsMultiSessionSku", at(RtlIsMultiSessionSku)},
    {"RtlIsStateSeparationEnabled", at(RtlIsStateSeparationEnabled)},
    {"RtlGetActiveConsoleId", at(RtlGetActiveConsoleId)},
    {"RtlGetNtSystemRoot", at(RtlGetNtSystemRoot)},
    {"RtlGetEnabledExtendedFeatures", at(RtlGetEnabledExtendedFeatures)},
    {"RtlCreateHashTableEx", at(RtlCreateHashTableEx), MaxIrql::dispatch},
    {"RtlInitStrongEnumerationHashTable", at(RtlInitStrongEnumerationHashTable), MaxIrql::dispatch},
    {"RtlStronglyEnumerateEntryHashTable", at(RtlStronglyEnumerateEntryHashTable), MaxIrql::dispatch},
    {"RtlEndStrongEnumerationHashTable", at(RtlEndStrongEnumerationHashTable), MaxIrql::dispatch},
    {"RtlDeleteElementGenericTableAvlEx", at(RtlDeleteElementGenericTableAvlEx), MaxIrql::dispatch},
    {"RtlIsValidOemCharacter", at(RtlIsValidOemCharacter), MaxIrql::passive},
    {"RtlQueryRegistryValueWithFallback", at(RtlQueryRegistryValueWithFallback), MaxIrql::passive},
    {"RtlGenerate8dot3Name", at(RtlGenerate8dot3Name), MaxIrql::apc},
    {"RtlIsNameLegalDOS8Dot3", at(RtlIsNameLegalDOS8Dot3), MaxIrql::dispatch},
    {"RtlInitCodePageTable", at(RtlInitCodePageTable), MaxIrql::any},
    {"RtlCustomCPToUnicodeN", at(RtlCustomCPToUnicodeN), MaxIrql::any},
    {"RtlUnicodeToCustomCPN", at(RtlUnicodeToCustomCPN), MaxIrql::any},
    {"RtlUpcaseUnicodeToCustomCPN", at(RtlUpcaseUnicodeToCustomCPN), MaxIrql::any},
    {"RtlGetPersistedStateLocation", at(RtlGetPersistedStateLocation), MaxIrql::passive},
    {"RtlRaiseCustomSystemEventTrigger", at(RtlRaiseCustomSystemEventTrigger), MaxIrql::passive, Support::refuses, "STATUS_INSTANCE_NOT_AVAILABLE: nobody subscribes"},
    {"RtlCreateSystemVolumeInformationFolder", at(RtlCreateSystemVolumeInformationFolder), MaxIrql::passive, Support::partial, "the drive keeps no descriptor and no hidden attribute of the folder"},
    {"RtlVolumeDeviceToDosName", at(IoVolumeDeviceToDosName), MaxIrql::passive},
    {.name = "NlsMbCodePageTag", .address = &nt_NlsMbCodePageTag, .is_data = true},
    {.name = "NlsMbOemCodePageTag", .address = &nt_NlsMbOemCodePageTag, .is_data = true},
    // clang-format on
};

std::span<const Export> rtl_library_exports() { return rows; }

}  // namespace ndiskit::nt
