// StartIo: the I/O manager keeps a device's requests in a queue and hands them to the driver one at a time.
// IoStartPacket hands over or queues; the driver calls IoStartNextPacket when it is done with one.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/introduction-to-startio
#include "nt/abi.h"
#include "nt/image/call_gate.h"
#include "nt/ke/irql.h"

using namespace ndiskit::nt;

namespace {

// In StartIoFlags.
constexpr ULONG deferred = 1, non_cancelable = 2;  // of IoSetStartIoAttributes
constexpr ULONG requested = 4, by_key = 8, cancelable_request = 16;

struct Next {
    bool cancelable = false, has_key = false;
    ULONG key = 0;
};

// At DISPATCH_LEVEL. Whoever takes a request out of the queue makes it the device's current one before
// anybody can cancel it.
void start_next(DEVICE_OBJECT& device, const Next& next) {
    KIRQL irql = DISPATCH_LEVEL;
    if (next.cancelable) IoAcquireCancelSpinLock(&irql);
    device.CurrentIrp = nullptr;
    PKDEVICE_QUEUE_ENTRY const entry = next.has_key ? KeRemoveByKeyDeviceQueue(&device.DeviceQueue, next.key)
                                                    : KeRemoveDeviceQueue(&device.DeviceQueue);
    PIRP const irp = entry ? CONTAINING_RECORD(entry, IRP, Tail.Overlay.DeviceQueueEntry) : nullptr;
    if (irp) {
        device.CurrentIrp = irp;
        if (next.cancelable && (device.DeviceObjectExtension->StartIoFlags & non_cancelable))
            IoSetCancelRoutine(irp, nullptr);
    }
    if (next.cancelable) IoReleaseCancelSpinLock(irql);
    if (irp) call_driver(device.DriverObject->DriverStartIo, &device, irp);
}

// With deferred StartIo a call from within StartIo is remembered, and done when that has returned: the stack
// does not grow with the queue.
void start_next_deferred(DEVICE_OBJECT& device, Next next) {
    DEVOBJ_EXTENSION& extension = *device.DeviceObjectExtension;
    if (__atomic_add_fetch(&extension.StartIoCount, 1, __ATOMIC_ACQ_REL) > 1) {
        extension.StartIoKey = static_cast<LONG>(next.key);
        extension.StartIoFlags |=
            requested | (next.has_key ? by_key : 0u) | (next.cancelable ? cancelable_request : 0u);
        __atomic_sub_fetch(&extension.StartIoCount, 1, __ATOMIC_ACQ_REL);
        return;
    }
    for (;;) {
        start_next(device, next);
        const ULONG asked = extension.StartIoFlags;
        extension.StartIoFlags &= ~(requested | by_key | cancelable_request);
        if (!(asked & requested)) break;
        next = {(asked & cancelable_request) != 0, (asked & by_key) != 0,
                static_cast<ULONG>(extension.StartIoKey)};
    }
    __atomic_sub_fetch(&extension.StartIoCount, 1, __ATOMIC_ACQ_REL);
}

void start_next_packet(DEVICE_OBJECT& device, const Next& next) {
    if (device.DeviceObjectExtension->StartIoFlags & deferred)
        start_next_deferred(device, next);
    else
        start_next(device, next);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-iosetstartioattributes
void NTAPI IoSetStartIoAttributes(PDEVICE_OBJECT device, BOOLEAN deferred_start_io, BOOLEAN not_cancelable) {
    device->DeviceObjectExtension->StartIoFlags =
        (deferred_start_io ? deferred : 0u) | (not_cancelable ? non_cancelable : 0u);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-iostartpacket
void NTAPI IoStartPacket(PDEVICE_OBJECT device, PIRP irp, PULONG key, PDRIVER_CANCEL cancel) {
    const KIRQL before = KfRaiseIrql(DISPATCH_LEVEL);
    KIRQL irql = DISPATCH_LEVEL;
    if (cancel) {
        IoAcquireCancelSpinLock(&irql);
        IoSetCancelRoutine(irp, cancel);
    }
    PKDEVICE_QUEUE_ENTRY const entry = &irp->Tail.Overlay.DeviceQueueEntry;
    const bool queued = key ? KeInsertByKeyDeviceQueue(&device->DeviceQueue, entry, *key)
                            : KeInsertDeviceQueue(&device->DeviceQueue, entry);
    if (!queued) {
        device->CurrentIrp = irp;
        if (cancel) {
            if (device->DeviceObjectExtension->StartIoFlags & non_cancelable)
                IoSetCancelRoutine(irp, nullptr);
            IoReleaseCancelSpinLock(irql);
        }
        call_driver(device->DriverObject->DriverStartIo, device, irp);
    } else if (cancel && irp->Cancel) {
        // It was cancelled before it was queued, and nobody called the routine, which releases the lock.
        irp->CancelIrql = irql;
        IoSetCancelRoutine(irp, nullptr);
        call_driver(cancel, device, irp);
    } else if (cancel) {
        IoReleaseCancelSpinLock(irql);
    }
    KeLowerIrql(before);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-iostartnextpacket
void NTAPI IoStartNextPacket(PDEVICE_OBJECT device, BOOLEAN cancelable) {
    start_next_packet(*device, {cancelable != FALSE, false, 0});
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-iostartnextpacketbykey
void NTAPI IoStartNextPacketByKey(PDEVICE_OBJECT device, BOOLEAN cancelable, ULONG key) {
    start_next_packet(*device, {cancelable != FALSE, true, key});
}

}  // extern "C"
