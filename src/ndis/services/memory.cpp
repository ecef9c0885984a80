// Memory by NDIS' names: nonpaged pool, charged to the code that called, so that the pool report and its leak
// checks see the driver and not NDIS.

#include <cstring>

#include "ndis/nbl/mdl.h"
#include "ndis/services/api.h"
#include "nt/pool/pool.h"

using namespace ndiskit;

namespace {

// What NDIS tags memory with when the caller gives no tag.
constexpr ULONG default_tag = 'maDN';
constexpr ULONG mdl_tag = 'mMDN';

void* allocate(size_t size, ULONG tag, const void* caller) {
    return nt::pool_allocate(nt::PoolKind::nonpaged, size, tag, caller);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisallocatememorywithtagpriority
PVOID NTAPI NdisAllocateMemoryWithTagPriority(NDIS_HANDLE NdisHandle, UINT Length, ULONG Tag,
                                              EX_POOL_PRIORITY Priority) {
    return allocate(Length, Tag, __builtin_return_address(0));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisallocatememorywithtag
NDIS_STATUS NTAPI NdisAllocateMemoryWithTag(PVOID* VirtualAddress, UINT Length, ULONG Tag) {
    *VirtualAddress = allocate(Length, Tag, __builtin_return_address(0));
    return *VirtualAddress ? NDIS_STATUS_SUCCESS : NDIS_STATUS_RESOURCES;
}

// The NDIS 5 form; every kind of memory that MemoryFlags can ask for is ordinary memory here.
// https://learn.microsoft.com/previous-versions/windows/hardware/network/ff550762(v=vs.85)
NDIS_STATUS NTAPI NdisAllocateMemory(PVOID* VirtualAddress, UINT Length, UINT MemoryFlags,
                                     NDIS_PHYSICAL_ADDRESS HighestAcceptableAddress) {
    *VirtualAddress = allocate(Length, default_tag, __builtin_return_address(0));
    return *VirtualAddress ? NDIS_STATUS_SUCCESS : NDIS_STATUS_FAILURE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfreememory
void NTAPI NdisFreeMemory(PVOID VirtualAddress, UINT Length, UINT MemoryFlags) {
    nt::pool_free(VirtualAddress);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfreememorywithtag
void NTAPI NdisFreeMemoryWithTag(PVOID VirtualAddress, ULONG Tag) { nt::pool_free(VirtualAddress, Tag); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfreememorywithtagpriority
void NTAPI NdisFreeMemoryWithTagPriority(NDIS_HANDLE NdisHandle, PVOID VirtualAddress, ULONG Tag) {
    nt::pool_free(VirtualAddress, Tag);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisallocatemdl
PMDL NTAPI NdisAllocateMdl(NDIS_HANDLE NdisHandle, PVOID VirtualAddress, UINT Length) {
    // From nonpaged pool, as IoAllocateMdl has it: some drivers free such an MDL with IoFreeMdl.
    const size_t size = ndis::mdl_size_for(ndis::frames_spanned(VirtualAddress, Length));
    auto* mdl = static_cast<MDL*>(allocate(size, mdl_tag, __builtin_return_address(0)));
    if (mdl) ndis::describe(mdl, VirtualAddress, Length);
    return mdl;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfreemdl
void NTAPI NdisFreeMdl(PMDL Mdl) { nt::pool_free(Mdl); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisallocategenericobject
PNDIS_GENERIC_OBJECT NTAPI NdisAllocateGenericObject(PDRIVER_OBJECT DriverObject, ULONG Tag, USHORT Size) {
    if (Size < sizeof(NDIS_GENERIC_OBJECT)) Size = sizeof(NDIS_GENERIC_OBJECT);
    const void* caller = __builtin_return_address(0);
    auto* object = static_cast<NDIS_GENERIC_OBJECT*>(
        nt::pool_allocate_zeroed(nt::PoolKind::nonpaged, Size, Tag, caller));
    if (!object) return nullptr;
    object->Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    object->Header.Revision = 1;
    object->Header.Size = sizeof(NDIS_GENERIC_OBJECT);
    object->Caller = const_cast<void*>(caller);
    object->DriverObject = DriverObject;
    return object;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfreegenericobject
void NTAPI NdisFreeGenericObject(PNDIS_GENERIC_OBJECT NdisObject) { nt::pool_free(NdisObject); }

}  // extern "C"
