// MDLs and memory.
#include "nt/exports.h"
#include "nt/abi.h"
#include "nt/mdl/api.h"
#include "nt/mdl/section_api.h"

extern "C" {

// What the headers of drivers have inline or not at all.
extern ULONG_PTR nt_MmUserProbeAddress;
extern PVOID nt_MmHighestUserAddress;
extern PVOID nt_MmSystemRangeStart;
extern PVOID nt_MmBadPointer;
extern POBJECT_TYPE nt_MmSectionObjectType;

}  // extern "C"

namespace ndiskit::nt {

static const Export rows[] = {
    // clang-format off
    {"MmSizeOfMdl", reinterpret_cast<const void*>(MmSizeOfMdl), MaxIrql::any},
    {"IoAllocateMdl", reinterpret_cast<const void*>(IoAllocateMdl), MaxIrql::dispatch},
    {"IoFreeMdl", reinterpret_cast<const void*>(IoFreeMdl), MaxIrql::dispatch},
    {"MmBuildMdlForNonPagedPool", reinterpret_cast<const void*>(MmBuildMdlForNonPagedPool), MaxIrql::dispatch},
    {.name = "MmProbeAndLockPages", .address = reinterpret_cast<const void*>(MmProbeAndLockPages), .max_irql = MaxIrql::any, .raises = true},
    {.name = "MmProbeAndLockSelectedPages", .address = reinterpret_cast<const void*>(MmProbeAndLockSelectedPages), .max_irql = MaxIrql::apc, .support = Support::partial, .note = "segments that do not follow one another raise STATUS_NOT_SUPPORTED: pages stay at their addresses", .raises = true},
    {"MmUnlockPages", reinterpret_cast<const void*>(MmUnlockPages), MaxIrql::dispatch},
    {"MmMapLockedPagesSpecifyCache", reinterpret_cast<const void*>(MmMapLockedPagesSpecifyCache), MaxIrql::any},
    {"MmMapLockedPages", reinterpret_cast<const void*>(MmMapLockedPages), MaxIrql::any},
    {"MmUnmapLockedPages", reinterpret_cast<const void*>(MmUnmapLockedPages), MaxIrql::any},
    {"IoBuildPartialMdl", reinterpret_cast<const void*>(IoBuildPartialMdl), MaxIrql::dispatch},
    {"MmAdvanceMdl", reinterpret_cast<const void*>(MmAdvanceMdl), MaxIrql::dispatch},
    {"MmProtectMdlSystemAddress", reinterpret_cast<const void*>(MmProtectMdlSystemAddress), MaxIrql::dispatch},
    {"MmAllocatePagesForMdlEx", reinterpret_cast<const void*>(MmAllocatePagesForMdlEx), MaxIrql::any},
    {"MmAllocatePagesForMdl", reinterpret_cast<const void*>(MmAllocatePagesForMdl), MaxIrql::any},
    {"MmFreePagesFromMdl", reinterpret_cast<const void*>(MmFreePagesFromMdl), MaxIrql::any},
    {"MmGetPhysicalAddress", reinterpret_cast<const void*>(MmGetPhysicalAddress), MaxIrql::any},
    {"MmGetVirtualForPhysical", reinterpret_cast<const void*>(MmGetVirtualForPhysical), MaxIrql::any},
    {"MmIsAddressValid", reinterpret_cast<const void*>(MmIsAddressValid), MaxIrql::dispatch},
    {"MmAllocateContiguousMemory", reinterpret_cast<const void*>(MmAllocateContiguousMemory), MaxIrql::dispatch},
    {"MmAllocateContiguousMemorySpecifyCache", reinterpret_cast<const void*>(MmAllocateContiguousMemorySpecifyCache), MaxIrql::dispatch},
    {"MmAllocateContiguousMemorySpecifyCacheNode", reinterpret_cast<const void*>(MmAllocateContiguousMemorySpecifyCacheNode), MaxIrql::dispatch},
    {"MmFreeContiguousMemory", reinterpret_cast<const void*>(MmFreeContiguousMemory), MaxIrql::any},
    {"MmFreeContiguousMemorySpecifyCache", reinterpret_cast<const void*>(MmFreeContiguousMemorySpecifyCache), MaxIrql::dispatch},
    {"MmMapIoSpace", reinterpret_cast<const void*>(MmMapIoSpace), MaxIrql::dispatch},
    {"MmMapIoSpaceEx", reinterpret_cast<const void*>(MmMapIoSpaceEx), MaxIrql::dispatch},
    {"MmUnmapIoSpace", reinterpret_cast<const void*>(MmUnmapIoSpace), MaxIrql::dispatch},
    {"MmGetSystemRoutineAddress", reinterpret_cast<const void*>(MmGetSystemRoutineAddress), MaxIrql::passive},
    {"MmLockPagableDataSection", reinterpret_cast<const void*>(MmLockPagableDataSection), MaxIrql::apc},
    {"MmLockPagableSectionByHandle", reinterpret_cast<const void*>(MmLockPagableSectionByHandle), MaxIrql::apc},
    {"MmUnlockPagableImageSection", reinterpret_cast<const void*>(MmUnlockPagableImageSection), MaxIrql::apc},
    {"MmPageEntireDriver", reinterpret_cast<const void*>(MmPageEntireDriver), MaxIrql::apc},
    {"MmResetDriverPaging", reinterpret_cast<const void*>(MmResetDriverPaging), MaxIrql::apc},
    {"MmQuerySystemSize", reinterpret_cast<const void*>(MmQuerySystemSize), MaxIrql::any},
    {.name = "ProbeForRead", .address = reinterpret_cast<const void*>(ProbeForRead), .max_irql = MaxIrql::apc, .raises = true},
    {.name = "ProbeForWrite", .address = reinterpret_cast<const void*>(ProbeForWrite), .max_irql = MaxIrql::apc, .raises = true},
    {"MmAllocateMappingAddress", reinterpret_cast<const void*>(MmAllocateMappingAddress), MaxIrql::apc},
    {"MmAllocateMappingAddressEx", reinterpret_cast<const void*>(MmAllocateMappingAddressEx), MaxIrql::apc},
    {"MmFreeMappingAddress", reinterpret_cast<const void*>(MmFreeMappingAddress), MaxIrql::apc},
    {"MmMapLockedPagesWithReservedMapping", reinterpret_cast<const void*>(MmMapLockedPagesWithReservedMapping), MaxIrql::dispatch, Support::partial, "the pages are seen at their own address, not in the reserved range"},
    {"MmUnmapReservedMapping", reinterpret_cast<const void*>(MmUnmapReservedMapping), MaxIrql::dispatch},
    {"MmAllocateNonCachedMemory", reinterpret_cast<const void*>(MmAllocateNonCachedMemory), MaxIrql::apc},
    {"MmFreeNonCachedMemory", reinterpret_cast<const void*>(MmFreeNonCachedMemory), MaxIrql::apc},
    {"MmAllocateContiguousNodeMemory", reinterpret_cast<const void*>(MmAllocateContiguousNodeMemory), MaxIrql::dispatch},
    {"MmAllocateContiguousMemoryEx", reinterpret_cast<const void*>(MmAllocateContiguousMemoryEx), MaxIrql::dispatch},
    {"MmCopyMemory", reinterpret_cast<const void*>(MmCopyMemory), MaxIrql::apc},
    {"MmGetPhysicalMemoryRanges", reinterpret_cast<const void*>(MmGetPhysicalMemoryRanges), MaxIrql::passive},
    {"MmGetPhysicalMemoryRangesEx", reinterpret_cast<const void*>(MmGetPhysicalMemoryRangesEx), MaxIrql::passive},
    {"MmGetPhysicalMemoryRangesEx2", reinterpret_cast<const void*>(MmGetPhysicalMemoryRangesEx2), MaxIrql::passive},
    {"MmGetCacheAttribute", reinterpret_cast<const void*>(MmGetCacheAttribute), MaxIrql::dispatch},
    {"MmAreMdlPagesCached", reinterpret_cast<const void*>(MmAreMdlPagesCached), MaxIrql::dispatch},
    {"MmIsIoSpaceActive", reinterpret_cast<const void*>(MmIsIoSpaceActive), MaxIrql::dispatch},
    {"MmIsNonPagedSystemAddressValid", reinterpret_cast<const void*>(MmIsNonPagedSystemAddressValid), MaxIrql::dispatch},
    {"MmIsRecursiveIoFault", reinterpret_cast<const void*>(MmIsRecursiveIoFault), MaxIrql::apc},
    {"MmIsDriverVerifying", reinterpret_cast<const void*>(MmIsDriverVerifying), MaxIrql::dispatch},
    {"MmIsDriverVerifyingByAddress", reinterpret_cast<const void*>(MmIsDriverVerifyingByAddress), MaxIrql::dispatch},
    {"MmIsDriverSuspectForVerifier", reinterpret_cast<const void*>(MmIsDriverSuspectForVerifier), MaxIrql::dispatch},
    {"MmIsVerifierEnabled", reinterpret_cast<const void*>(MmIsVerifierEnabled), MaxIrql::dispatch, Support::refuses, "STATUS_NOT_SUPPORTED: no driver sees a verifier"},
    {"MmAddPhysicalMemory", reinterpret_cast<const void*>(MmAddPhysicalMemory), MaxIrql::passive, Support::refuses, "STATUS_NOT_SUPPORTED: memory is neither added nor taken away"},
    {"MmRemovePhysicalMemory", reinterpret_cast<const void*>(MmRemovePhysicalMemory), MaxIrql::passive, Support::refuses, "STATUS_NOT_SUPPORTED: memory is neither added nor taken away"},
    {"MmCreateMirror", reinterpret_cast<const void*>(MmCreateMirror), MaxIrql::passive, Support::refuses, "STATUS_NOT_SUPPORTED: memory is not mirrored"},
    {"MmProtectDriverSection", reinterpret_cast<const void*>(MmProtectDriverSection), MaxIrql::passive, Support::refuses, "STATUS_INVALID_DEVICE_STATE: there is no Virtual Secure Mode"},
    {"MmCanFileBeTruncated", reinterpret_cast<const void*>(MmCanFileBeTruncated), MaxIrql::apc},
    {"MmFlushImageSection", reinterpret_cast<const void*>(MmFlushImageSection), MaxIrql::apc},
    {"MmForceSectionClosed", reinterpret_cast<const void*>(MmForceSectionClosed), MaxIrql::apc},
    {"MmFreePagesFromMdlEx", reinterpret_cast<const void*>(MmFreePagesFromMdlEx), MaxIrql::apc},
    {"MmAllocateNodePagesForMdlEx", reinterpret_cast<const void*>(MmAllocateNodePagesForMdlEx), MaxIrql::apc},
    {"MmAllocatePartitionNodePagesForMdlEx", reinterpret_cast<const void*>(MmAllocatePartitionNodePagesForMdlEx), MaxIrql::apc},
    {"MmCreateMdl", reinterpret_cast<const void*>(MmCreateMdl), MaxIrql::dispatch},
    {.name = "MmProbeAndLockProcessPages", .address = reinterpret_cast<const void*>(MmProbeAndLockProcessPages), .max_irql = MaxIrql::dispatch, .raises = true},
    {"MmMapMdl", reinterpret_cast<const void*>(MmMapMdl), MaxIrql::dispatch},
    {"MmMdlPageContentsState", reinterpret_cast<const void*>(MmMdlPageContentsState), MaxIrql::dispatch},
    {"MmAllocateMdlForIoSpace", reinterpret_cast<const void*>(MmAllocateMdlForIoSpace), MaxIrql::apc, Support::refuses, "STATUS_INVALID_PARAMETER_1: all physical addresses are memory"},
    {"ZwAllocateVirtualMemory", reinterpret_cast<const void*>(ZwAllocateVirtualMemory), MaxIrql::passive},
    {"ZwFreeVirtualMemory", reinterpret_cast<const void*>(ZwFreeVirtualMemory), MaxIrql::passive},
    {"ZwQueryVirtualMemory", reinterpret_cast<const void*>(ZwQueryVirtualMemory), MaxIrql::passive},
    {"MmSecureVirtualMemory", reinterpret_cast<const void*>(MmSecureVirtualMemory), MaxIrql::apc},
    {"MmUnsecureVirtualMemory", reinterpret_cast<const void*>(MmUnsecureVirtualMemory), MaxIrql::apc},
    {"MmGetMaximumFileSectionSize", reinterpret_cast<const void*>(MmGetMaximumFileSectionSize), MaxIrql::apc},
    {"ZwCreateSection", reinterpret_cast<const void*>(ZwCreateSection), MaxIrql::passive},
    {"ZwOpenSection", reinterpret_cast<const void*>(ZwOpenSection), MaxIrql::passive},
    {"ZwMapViewOfSection", reinterpret_cast<const void*>(ZwMapViewOfSection), MaxIrql::passive},
    {"ZwUnmapViewOfSection", reinterpret_cast<const void*>(ZwUnmapViewOfSection), MaxIrql::passive},
    {"MmMapViewInSystemSpace", reinterpret_cast<const void*>(MmMapViewInSystemSpace), MaxIrql::apc},
    {"MmMapViewInSystemSpaceEx", reinterpret_cast<const void*>(MmMapViewInSystemSpaceEx), MaxIrql::apc},
    {"MmUnmapViewInSystemSpace", reinterpret_cast<const void*>(MmUnmapViewInSystemSpace), MaxIrql::apc},
    {"NtAllocateVirtualMemory", reinterpret_cast<const void*>(ZwAllocateVirtualMemory), MaxIrql::passive},
    {"NtFreeVirtualMemory", reinterpret_cast<const void*>(ZwFreeVirtualMemory), MaxIrql::passive},
    {"NtQueryVirtualMemory", reinterpret_cast<const void*>(ZwQueryVirtualMemory), MaxIrql::passive},
    {"NtCreateSection", reinterpret_cast<const void*>(ZwCreateSection), MaxIrql::passive},
    {"NtCreateSectionEx", reinterpret_cast<const void*>(NtCreateSectionEx), MaxIrql::passive},
    {"MmSecureVirtualMemoryEx", reinterpret_cast<const void*>(MmSecureVirtualMemoryEx), MaxIrql::apc},
    {"MmMapViewInSessionSpace", reinterpret_cast<const void*>(MmMapViewInSessionSpace), MaxIrql::apc},
    {"MmUnmapViewInSessionSpace", reinterpret_cast<const void*>(MmUnmapViewInSessionSpace), MaxIrql::apc},
    {"ZwFlushVirtualMemory", reinterpret_cast<const void*>(ZwFlushVirtualMemory), MaxIrql::passive},
    {"MmDoesFileHaveUserWritableReferences", reinterpret_cast<const void*>(MmDoesFileHaveUserWritableReferences), MaxIrql::apc},
    {"MmSetAddressRangeModified", reinterpret_cast<const void*>(MmSetAddressRangeModified), MaxIrql::apc},
    {.name = "MmSectionObjectType", .address = &nt_MmSectionObjectType, .is_data = true},
    {.name = "MmBadPointer", .address = &nt_MmBadPointer, .is_data = true},
    {.name = "MmUserProbeAddress", .address = &nt_MmUserProbeAddress, .is_data = true},
    {.name = "MmHighestUserAddress", .address = &nt_MmHighestUserAddress, .is_data = true},
    {.name = "MmSystemRangeStart", .address = &nt_MmSystemRangeStart, .is_data = true},
    // clang-format on
};

std::span<const Export> memory_exports() { return rows; }

}  // namespace ndiskit::nt
