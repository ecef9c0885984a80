// What drivers tell the power manager about the system: that it must not sleep now (power requests, system
// states) and that their device woke it. The system of this machine sleeps when its owner says so and not by
// itself; what is asked for is counted and kept all the same.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/managing-power-for-individual-devices
#include <atomic>

#include "nt/abi.h"
#include "nt/io/irp.h"
#include "nt/pool/pool.h"

using namespace ndiskit::nt;

namespace {

constexpr ULONG request_tag = 0x51526F50;  // 'PoRQ' in memory order
constexpr ULONG state_tag = 0x53536F50;    // 'PoSS' in memory order

struct PowerRequest {
    std::atomic<LONG> system_required = 0;
};
struct SystemState {
    EXECUTION_STATE flags;
};

std::atomic<LONG>* count_of(PVOID request, POWER_REQUEST_TYPE type) {
    // Of the types the system one is for drivers.
    return type == PowerRequestSystemRequired ? &static_cast<PowerRequest*>(request)->system_required
                                              : nullptr;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pocreatepowerrequest
NTSTATUS NTAPI PoCreatePowerRequest(PVOID* PowerRequest, PDEVICE_OBJECT DeviceObject,
                                    PCOUNTED_REASON_CONTEXT) {
    *PowerRequest = nullptr;
    if (!DeviceObject) return STATUS_INVALID_PARAMETER;
    *PowerRequest = pool_allocate_zeroed(PoolKind::nonpaged, sizeof(::PowerRequest), request_tag,
                                         __builtin_return_address(0));
    return *PowerRequest ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-posetpowerrequest
NTSTATUS NTAPI PoSetPowerRequest(PVOID PowerRequest, POWER_REQUEST_TYPE Type) {
    std::atomic<LONG>* const count = count_of(PowerRequest, Type);
    if (!count) return STATUS_NOT_SUPPORTED;
    count->fetch_add(1);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-poclearpowerrequest
NTSTATUS NTAPI PoClearPowerRequest(PVOID PowerRequest, POWER_REQUEST_TYPE Type) {
    std::atomic<LONG>* const count = count_of(PowerRequest, Type);
    if (!count) return STATUS_NOT_SUPPORTED;
    LONG before = count->load();
    do
        if (before == 0) return STATUS_UNSUCCESSFUL;
    while (!count->compare_exchange_weak(before, before - 1));
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-podeletepowerrequest
void NTAPI PoDeletePowerRequest(PVOID PowerRequest) { pool_free(PowerRequest, request_tag); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-poregistersystemstate
PVOID NTAPI PoRegisterSystemState(PVOID StateHandle, EXECUTION_STATE Flags) {
    auto* const state =
        StateHandle ? static_cast<SystemState*>(StateHandle)
                    : static_cast<SystemState*>(pool_allocate(PoolKind::nonpaged, sizeof(SystemState),
                                                              state_tag, __builtin_return_address(0)));
    if (state) state->flags = Flags;
    return state;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-pounregistersystemstate
void NTAPI PoUnregisterSystemState(PVOID StateHandle) { pool_free(StateHandle, state_tag); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-posetsystemwake
void NTAPI PoSetSystemWake(PIRP Irp) {
    if (io::IrpExtension* const extension = io::make_extension(*Irp)) extension->woke_system = true;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pogetsystemwake
BOOLEAN NTAPI PoGetSystemWake(PIRP Irp) {
    const io::IrpExtension* const extension = io::extension_of(*Irp);
    return extension && extension->woke_system;
}

// Power IRPs have no time limit here: a stack that keeps one is found by the test that waits for it.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-poquerywatchdogtime
BOOLEAN NTAPI PoQueryWatchdogTime(PDEVICE_OBJECT, PULONG) { return FALSE; }

// The machine does not hibernate: there is no file that the range could be kept out of.
void NTAPI PoSetHiberRange(PVOID, ULONG, PVOID, ULONG_PTR, ULONG) {}

}  // extern "C"
