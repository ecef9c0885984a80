// Pools of drivers' own, which hold secure allocations: the secure kernel keeps them from being written to by
// anybody else. This machine has none, as Windows without virtualization-based security, so that no such pool
// can be made and no handle names one.
#include "nt/pool/secure_pool.h"
#include "nt/bugcheck.h"

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-excreatepool
NTSTATUS NTAPI ExCreatePool(ULONG, ULONG_PTR, PVOID, HANDLE* PoolHandle) {
    *PoolHandle = nullptr;
    return STATUS_NOT_SUPPORTED;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exdestroypool
void NTAPI ExDestroyPool(HANDLE PoolHandle) {
    constexpr uint32_t bad_pool_caller = 0xC2;
    bug_check_because("ExDestroyPool was called with a handle that ExCreatePool did not give",
                      bad_pool_caller, 0x46, reinterpret_cast<uint64_t>(PoolHandle));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exsecurepoolupdate
NTSTATUS NTAPI ExSecurePoolUpdate(HANDLE, ULONG, PVOID, ULONG_PTR, SIZE_T, SIZE_T, PVOID) {
    return STATUS_INVALID_HANDLE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exsecurepoolvalidate
LOGICAL NTAPI ExSecurePoolValidate(HANDLE, ULONG, PVOID, ULONG_PTR) { return FALSE; }

}  // extern "C"
