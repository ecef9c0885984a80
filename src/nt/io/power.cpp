// Power: requests that drivers send to their own stacks, and states that they report.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/managing-power-for-individual-devices
#include "nt/image/call_gate.h"
#include "nt/io/device.h"
#include "nt/io/irp.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"

using namespace ndiskit::nt;

namespace {

constexpr ULONG request_tag = 0x71526F50;  // 'PoRq' in memory order

struct PowerRequest {
    PDEVICE_OBJECT device;  // whom the caller named
    PDEVICE_OBJECT top;     // referenced
    UCHAR minor;
    POWER_STATE state;
    PREQUEST_POWER_COMPLETE done;
    PVOID context;
};

NTSTATUS NTAPI power_done(PDEVICE_OBJECT, PIRP irp, PVOID context) {
    const PowerRequest request = *static_cast<PowerRequest*>(context);
    pool_free(context, request_tag);
    IO_STATUS_BLOCK status = irp->IoStatus;
    if (request.done)
        call_driver(request.done, request.device, request.minor, request.state, request.context, &status);
    IoFreeIrp(irp);
    object::dereference(request.top);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-pocalldriver
NTSTATUS NTAPI PoCallDriver(PDEVICE_OBJECT device, PIRP irp) { return IofCallDriver(device, irp); }

// Since Windows Vista the next power IRP does not wait for this call.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-postartnextpowerirp
void NTAPI PoStartNextPowerIrp(PIRP) {}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-porequestpowerirp
NTSTATUS NTAPI PoRequestPowerIrp(PDEVICE_OBJECT device, UCHAR minor, POWER_STATE state,
                                 PREQUEST_POWER_COMPLETE done, PVOID context, PIRP* result) {
    if (minor != IRP_MN_SET_POWER && minor != IRP_MN_QUERY_POWER && minor != IRP_MN_WAIT_WAKE)
        return STATUS_INVALID_PARAMETER_2;
    auto* request = static_cast<PowerRequest*>(
        pool_allocate(PoolKind::nonpaged, sizeof(PowerRequest), request_tag, __builtin_return_address(0)));
    if (!request) return STATUS_INSUFFICIENT_RESOURCES;
    *request = {device, ndiskit::nt::io::top_of_stack(*device), minor, state, done, context};
    PIRP irp = IoAllocateIrp(request->top->StackSize, FALSE);
    if (!irp) {
        object::dereference(request->top);
        pool_free(request, request_tag);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
    PIO_STACK_LOCATION stack = IoGetNextIrpStackLocation(irp);
    stack->MajorFunction = IRP_MJ_POWER;
    stack->MinorFunction = minor;
    if (minor == IRP_MN_WAIT_WAKE) {
        stack->Parameters.WaitWake.PowerState = state.SystemState;
        if (result) *result = irp;
    } else {
        stack->Parameters.Power.Type = DevicePowerState;
        stack->Parameters.Power.State = state;
    }
    PDEVICE_OBJECT const top = request->top;
    IoSetCompletionRoutine(irp, power_done, request, TRUE, TRUE, TRUE);
    IofCallDriver(top, irp);
    return STATUS_PENDING;
}

// Windows keeps the state for power policy; what it was before is returned.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-posetpowerstate
POWER_STATE NTAPI PoSetPowerState(PDEVICE_OBJECT device, POWER_STATE_TYPE type, POWER_STATE state) {
    if (type != DevicePowerState) return state;
    ULONG& kept = device->DeviceObjectExtension->PowerFlags;
    POWER_STATE before = {};
    before.DeviceState = static_cast<DEVICE_POWER_STATE>(kept >> 4 & 0xF);
    kept = (kept & ~0xF0u) | static_cast<ULONG>(state.DeviceState) << 4;
    return before;
}

// The system of this machine does not sleep by itself, so that nothing keeps it awake.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-posetsystemstate
void NTAPI PoSetSystemState(EXECUTION_STATE) {}

}  // extern "C"
