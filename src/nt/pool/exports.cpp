// Pools and lookaside lists.
#include "nt/pool/secure_pool.h"
#include "nt/abi.h"
#include "nt/exports.h"

extern "C" {

// What the headers of drivers have inline or not at all.
PVOID NTAPI ExAllocateFromLookasideListEx(PLOOKASIDE_LIST_EX list);
void NTAPI ExFreeToLookasideListEx(PLOOKASIDE_LIST_EX list, PVOID entry);
PVOID NTAPI ExAllocatePool2(ULONG64 flags, SIZE_T size, ULONG tag);
PVOID NTAPI ExAllocatePool3(ULONG64 flags, SIZE_T size, ULONG tag, const POOL_EXTENDED_PARAMETER* parameters, ULONG count);
PVOID NTAPI ExAllocateFromPagedLookasideList(PPAGED_LOOKASIDE_LIST list);
void NTAPI ExFreeToPagedLookasideList(PPAGED_LOOKASIDE_LIST list, PVOID entry);
VOID NTAPI ExFreePool2(PVOID memory, ULONG tag, const POOL_EXTENDED_PARAMETER*, ULONG);

}  // extern "C"

namespace ndiskit::nt {

static const Export rows[] = {
// clang-format off
    {"ExInitializeNPagedLookasideList", reinterpret_cast<const void*>(ExInitializeNPagedLookasideList), MaxIrql::dispatch},
    {"ExDeleteNPagedLookasideList", reinterpret_cast<const void*>(ExDeleteNPagedLookasideList), MaxIrql::dispatch},
    {"ExInitializePagedLookasideList", reinterpret_cast<const void*>(ExInitializePagedLookasideList), MaxIrql::apc},
    {"ExDeletePagedLookasideList", reinterpret_cast<const void*>(ExDeletePagedLookasideList), MaxIrql::apc},
    {"ExInitializeLookasideListEx", reinterpret_cast<const void*>(ExInitializeLookasideListEx), MaxIrql::dispatch},
    {"ExDeleteLookasideListEx", reinterpret_cast<const void*>(ExDeleteLookasideListEx), MaxIrql::dispatch},
    {"ExFlushLookasideListEx", reinterpret_cast<const void*>(ExFlushLookasideListEx), MaxIrql::dispatch},
    {"ExAllocateFromLookasideListEx", reinterpret_cast<const void*>(ExAllocateFromLookasideListEx), MaxIrql::dispatch},
    {"ExFreeToLookasideListEx", reinterpret_cast<const void*>(ExFreeToLookasideListEx), MaxIrql::dispatch},
    {"ExAllocatePool2", reinterpret_cast<const void*>(ExAllocatePool2), MaxIrql::dispatch},
    {"ExAllocatePool3", reinterpret_cast<const void*>(ExAllocatePool3), MaxIrql::dispatch},
    {"ExAllocatePool", reinterpret_cast<const void*>(ExAllocatePool), MaxIrql::dispatch},
    {"ExAllocatePoolWithTag", reinterpret_cast<const void*>(ExAllocatePoolWithTag), MaxIrql::dispatch},
    {"ExAllocatePoolWithTagPriority", reinterpret_cast<const void*>(ExAllocatePoolWithTagPriority), MaxIrql::dispatch},
    {"ExAllocatePoolWithQuotaTag", reinterpret_cast<const void*>(ExAllocatePoolWithQuotaTag), MaxIrql::dispatch},
    {"ExAllocatePoolWithQuota", reinterpret_cast<const void*>(ExAllocatePoolWithQuota), MaxIrql::dispatch},
    {"ExFreePool", reinterpret_cast<const void*>(ExFreePool), MaxIrql::dispatch},
    {"ExFreePoolWithTag", reinterpret_cast<const void*>(ExFreePoolWithTag), MaxIrql::dispatch},
    {"ExFreePool2", reinterpret_cast<const void*>(ExFreePool2), MaxIrql::any},
    {"ExQueryPoolBlockSize", reinterpret_cast<const void*>(ExQueryPoolBlockSize), MaxIrql::dispatch},
    {"ExAllocateFromPagedLookasideList", reinterpret_cast<const void*>(ExAllocateFromPagedLookasideList), MaxIrql::apc},
    {"ExFreeToPagedLookasideList", reinterpret_cast<const void*>(ExFreeToPagedLookasideList), MaxIrql::apc},
    {"ExInitializeZone", reinterpret_cast<const void*>(ExInitializeZone), MaxIrql::dispatch},
    {"ExExtendZone", reinterpret_cast<const void*>(ExExtendZone), MaxIrql::dispatch},
    {"ExInterlockedExtendZone", reinterpret_cast<const void*>(ExInterlockedExtendZone), MaxIrql::any},
    {"ExCreatePool", reinterpret_cast<const void*>(ExCreatePool), MaxIrql::passive, Support::refuses, "STATUS_NOT_SUPPORTED: there is no secure kernel"},
    {"ExDestroyPool", reinterpret_cast<const void*>(ExDestroyPool), MaxIrql::passive},
    {"ExSecurePoolUpdate", reinterpret_cast<const void*>(ExSecurePoolUpdate), MaxIrql::dispatch, Support::refuses, "STATUS_INVALID_HANDLE: ExCreatePool gives none"},
    {"ExSecurePoolValidate", reinterpret_cast<const void*>(ExSecurePoolValidate), MaxIrql::dispatch},
// clang-format on
};

std::span<const Export> pool_exports() { return rows; }

}  // namespace ndiskit::nt
