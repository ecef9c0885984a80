// Sending an IRP and waiting for it to come back, and making IRPs for a device.
#include "nt/io/irp.h"

using namespace ndiskit::nt;

namespace {

NTSTATUS NTAPI wake_sender(PDEVICE_OBJECT, PIRP, PVOID event) {
    KeSetEvent(static_cast<PKEVENT>(event), 0, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

// The next stack location is filled. The IRP is the caller's again when this has returned.
void send_and_take_back(PDEVICE_OBJECT device, PIRP irp) {
    KEVENT done;
    KeInitializeEvent(&done, SynchronizationEvent, FALSE);
    IoSetCompletionRoutine(irp, wake_sender, &done, TRUE, TRUE, TRUE);
    if (IofCallDriver(device, irp) == STATUS_PENDING)
        KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, nullptr);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioforwardirpsynchronously
BOOLEAN NTAPI IoForwardIrpSynchronously(PDEVICE_OBJECT device, PIRP irp) {
    if (irp->CurrentLocation <= 1) return FALSE;
    IoCopyCurrentIrpStackLocationToNext(irp);
    send_and_take_back(device, irp);
    return TRUE;
}

NTSTATUS NTAPI IoSynchronousCallDriver(PDEVICE_OBJECT device, PIRP irp) {
    send_and_take_back(device, irp);
    return irp->IoStatus.Status;
}

// IRPs for a device are no larger than others: what goes with one stands beside it.
USHORT NTAPI IoSizeOfIrpEx(PDEVICE_OBJECT, CCHAR stack_size) { return IO_SIZE_OF_IRP(stack_size); }

void NTAPI IoInitializeIrpEx(PIRP irp, PDEVICE_OBJECT, USHORT size, CCHAR stack_size) {
    IoInitializeIrp(irp, size, stack_size);
}

PIRP NTAPI IoMakeAssociatedIrpEx(PIRP master, PDEVICE_OBJECT, CCHAR stack_size) {
    return IoMakeAssociatedIrp(master, stack_size);
}

// For IRPs in memory of the driver's own, before it gives that back.
void NTAPI IoCleanupIrp(PIRP irp) { io::drop_extension(*irp); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioallocateirpex
PIRP NTAPI IoAllocateIrpEx(PDEVICE_OBJECT, CCHAR stack_size, BOOLEAN charge_quota) {
    return IoAllocateIrp(stack_size, charge_quota);
}

}  // extern "C"
