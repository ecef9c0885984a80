// MDLs and memory.
#include "nt/abi.h"
#include "nt/exports.h"

extern "C" {

// What the headers of drivers have inline or not at all.
PVOID NTAPI MmMapIoSpaceEx(PHYSICAL_ADDRESS address, SIZE_T bytes, ULONG);
extern ULONG_PTR nt_MmUserProbeAddress;
extern PVOID nt_MmHighestUserAddress;
extern PVOID nt_MmSystemRangeStart;

}  // extern "C"

namespace ndiskit::nt {

static const Export rows[] = {
// clang-format off
    {"MmSizeOfMdl", reinterpret_cast<const void*>(MmSizeOfMdl), MaxIrql::any},
    {"IoAllocateMdl", reinterpret_cast<const void*>(IoAllocateMdl), MaxIrql::dispatch},
    {"IoFreeMdl", reinterpret_cast<const void*>(IoFreeMdl), MaxIrql::dispatch},
    {"MmBuildMdlForNonPagedPool", reinterpret_cast<const void*>(MmBuildMdlForNonPagedPool), MaxIrql::dispatch},
    {"MmProbeAndLockPages", reinterpret_cast<const void*>(MmProbeAndLockPages), MaxIrql::any},
    {"MmUnlockPages", reinterpret_cast<const void*>(MmUnlockPages), MaxIrql::dispatch},
    {"MmMapLockedPagesSpecifyCache", reinterpret_cast<const void*>(MmMapLockedPagesSpecifyCache), MaxIrql::any},
    {"MmMapLockedPages", reinterpret_cast<const void*>(MmMapLockedPages), MaxIrql::any},
    {"MmUnmapLockedPages", reinterpret_cast<const void*>(MmUnmapLockedPages), MaxIrql::any},
    {"IoBuildPartialMdl", reinterpret_cast<const void*>(IoBuildPartialMdl), MaxIrql::dispatch},
    {"MmAdvanceMdl", reinterpret_cast<const void*>(MmAdvanceMdl), MaxIrql::dispatch},
    {"MmProtectMdlSystemAddress", reinterpret_cast<const void*>(MmProtectMdlSystemAddress), MaxIrql::dispatch},
    {"MmAllocatePagesForMdlEx", reinterpret_cast<const void*>(MmAllocatePagesForMdlEx), MaxIrql::any, Support::partial, "at most 16 MB, contiguous, at any address"},
    {"MmAllocatePagesForMdl", reinterpret_cast<const void*>(MmAllocatePagesForMdl), MaxIrql::any, Support::partial, "at most 16 MB, contiguous, at any address"},
    {"MmFreePagesFromMdl", reinterpret_cast<const void*>(MmFreePagesFromMdl), MaxIrql::any},
    {"MmGetPhysicalAddress", reinterpret_cast<const void*>(MmGetPhysicalAddress), MaxIrql::any},
    {"MmGetVirtualForPhysical", reinterpret_cast<const void*>(MmGetVirtualForPhysical), MaxIrql::any},
    {"MmIsAddressValid", reinterpret_cast<const void*>(MmIsAddressValid), MaxIrql::dispatch},
    {"MmAllocateContiguousMemory", reinterpret_cast<const void*>(MmAllocateContiguousMemory), MaxIrql::dispatch},
    {"MmAllocateContiguousMemorySpecifyCache", reinterpret_cast<const void*>(MmAllocateContiguousMemorySpecifyCache), MaxIrql::dispatch},
    {"MmAllocateContiguousMemorySpecifyCacheNode", reinterpret_cast<const void*>(MmAllocateContiguousMemorySpecifyCacheNode), MaxIrql::dispatch},
    {"MmFreeContiguousMemory", reinterpret_cast<const void*>(MmFreeContiguousMemory), MaxIrql::any},
    {"MmFreeContiguousMemorySpecifyCache", reinterpret_cast<const void*>(MmFreeContiguousMemorySpecifyCache), MaxIrql::dispatch},
    {"MmMapIoSpace", reinterpret_cast<const void*>(MmMapIoSpace), MaxIrql::dispatch, Support::partial, "maps addresses of MmGetPhysicalAddress only: there is no device memory"},
    {"MmMapIoSpaceEx", reinterpret_cast<const void*>(MmMapIoSpaceEx), MaxIrql::dispatch, Support::partial, "maps addresses of MmGetPhysicalAddress only: there is no device memory"},
    {"MmUnmapIoSpace", reinterpret_cast<const void*>(MmUnmapIoSpace), MaxIrql::dispatch},
    {"MmGetSystemRoutineAddress", reinterpret_cast<const void*>(MmGetSystemRoutineAddress), MaxIrql::passive},
    {"MmLockPagableDataSection", reinterpret_cast<const void*>(MmLockPagableDataSection), MaxIrql::apc},
    {"MmLockPagableSectionByHandle", reinterpret_cast<const void*>(MmLockPagableSectionByHandle), MaxIrql::apc},
    {"MmUnlockPagableImageSection", reinterpret_cast<const void*>(MmUnlockPagableImageSection), MaxIrql::apc},
    {"MmPageEntireDriver", reinterpret_cast<const void*>(MmPageEntireDriver), MaxIrql::apc},
    {"MmResetDriverPaging", reinterpret_cast<const void*>(MmResetDriverPaging), MaxIrql::apc},
    {"MmQuerySystemSize", reinterpret_cast<const void*>(MmQuerySystemSize), MaxIrql::any},
    {"ProbeForRead", reinterpret_cast<const void*>(ProbeForRead), MaxIrql::apc},
    {"ProbeForWrite", reinterpret_cast<const void*>(ProbeForWrite), MaxIrql::apc},
    {.name = "MmUserProbeAddress", .address = &nt_MmUserProbeAddress, .is_data = true},
    {.name = "MmHighestUserAddress", .address = &nt_MmHighestUserAddress, .is_data = true},
    {.name = "MmSystemRangeStart", .address = &nt_MmSystemRangeStart, .is_data = true},
// clang-format on
};

std::span<const Export> memory_exports() { return rows; }

}  // namespace ndiskit::nt
