// Cancelling: the system's cancel spin lock, IoCancelIrp, and cancel-safe queues, which do it right for
// drivers. https://learn.microsoft.com/windows-hardware/drivers/kernel/canceling-irps
#include "nt/abi.h"
#include "nt/image/call_gate.h"
#include "nt/ke/irql.h"

using namespace ndiskit::nt;

namespace {

KSPIN_LOCK cancel_lock = 0;

// What a queued IRP remembers: its queue, or the context that was given with it. Both begin with their type.
constexpr int context_slot = 3;

PVOID& slot_of(PIRP irp) { return irp->Tail.Overlay.DriverContext[context_slot]; }

PIO_CSQ queue_of(PVOID kept) {
    auto* context = static_cast<PIO_CSQ_IRP_CONTEXT>(kept);
    return context->Type == IO_TYPE_CSQ_IRP_CONTEXT ? context->Csq : static_cast<PIO_CSQ>(kept);
}

void NTAPI cancel_queued(PDEVICE_OBJECT, PIRP irp);

// The IRP leaves its queue for good: nobody can cancel it through the queue any more.
void detach(PIRP irp) {
    auto* context = static_cast<PIO_CSQ_IRP_CONTEXT>(slot_of(irp));
    if (context->Type == IO_TYPE_CSQ_IRP_CONTEXT) context->Irp = nullptr;
    slot_of(irp) = nullptr;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioacquirecancelspinlock
void NTAPI IoAcquireCancelSpinLock(PKIRQL irql) { *irql = KeAcquireSpinLockRaiseToDpc(&cancel_lock); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioreleasecancelspinlock
void NTAPI IoReleaseCancelSpinLock(KIRQL irql) { KeReleaseSpinLock(&cancel_lock, irql); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iocancelirp
BOOLEAN NTAPI IoCancelIrp(PIRP irp) {
    KIRQL irql;
    IoAcquireCancelSpinLock(&irql);
    irp->Cancel = TRUE;
    PDRIVER_CANCEL const routine = IoSetCancelRoutine(irp, nullptr);
    if (!routine) {
        IoReleaseCancelSpinLock(irql);
        return FALSE;
    }
    irp->CancelIrql = irql;
    // The routine releases the lock.
    call_driver(routine, IoGetCurrentIrpStackLocation(irp)->DeviceObject, irp);
    return TRUE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iocsqinitialize
NTSTATUS NTAPI IoCsqInitialize(PIO_CSQ csq, PIO_CSQ_INSERT_IRP insert, PIO_CSQ_REMOVE_IRP remove,
                               PIO_CSQ_PEEK_NEXT_IRP peek, PIO_CSQ_ACQUIRE_LOCK acquire,
                               PIO_CSQ_RELEASE_LOCK release, PIO_CSQ_COMPLETE_CANCELED_IRP complete) {
    *csq = {IO_TYPE_CSQ, insert, remove, peek, acquire, release, complete, nullptr};
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iocsqinitializeex
NTSTATUS NTAPI IoCsqInitializeEx(PIO_CSQ csq, PIO_CSQ_INSERT_IRP_EX insert, PIO_CSQ_REMOVE_IRP remove,
                                 PIO_CSQ_PEEK_NEXT_IRP peek, PIO_CSQ_ACQUIRE_LOCK acquire,
                                 PIO_CSQ_RELEASE_LOCK release, PIO_CSQ_COMPLETE_CANCELED_IRP complete) {
    IoCsqInitialize(csq, reinterpret_cast<PIO_CSQ_INSERT_IRP>(reinterpret_cast<void*>(insert)), remove, peek,
                    acquire, release, complete);
    csq->Type = IO_TYPE_CSQ_EX;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iocsqinsertirpex
NTSTATUS NTAPI IoCsqInsertIrpEx(PIO_CSQ csq, PIRP irp, PIO_CSQ_IRP_CONTEXT context, PVOID insert_context) {
    KIRQL irql = 0;
    call_driver(csq->CsqAcquireLock, csq, &irql);
    if (context) *context = {IO_TYPE_CSQ_IRP_CONTEXT, irp, csq};
    slot_of(irp) = context ? static_cast<PVOID>(context) : csq;
    IoMarkIrpPending(irp);
    if (csq->Type == IO_TYPE_CSQ_EX) {
        const auto insert =
            reinterpret_cast<PIO_CSQ_INSERT_IRP_EX>(reinterpret_cast<void*>(csq->CsqInsertIrp));
        const NTSTATUS status = call_driver(insert, csq, irp, insert_context);
        if (!NT_SUCCESS(status)) {
            detach(irp);
            IoGetCurrentIrpStackLocation(irp)->Control &= static_cast<UCHAR>(~SL_PENDING_RETURNED);
            call_driver(csq->CsqReleaseLock, csq, irql);
            return status;
        }
    } else {
        call_driver(csq->CsqInsertIrp, csq, irp);
    }
    IoSetCancelRoutine(irp, cancel_queued);
    // Cancelled before the routine stood: whoever takes the routine away completes the IRP.
    if (irp->Cancel && IoSetCancelRoutine(irp, nullptr)) {
        call_driver(csq->CsqRemoveIrp, csq, irp);
        detach(irp);
        call_driver(csq->CsqReleaseLock, csq, irql);
        call_driver(csq->CsqCompleteCanceledIrp, csq, irp);
        return STATUS_PENDING;
    }
    call_driver(csq->CsqReleaseLock, csq, irql);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iocsqinsertirp
void NTAPI IoCsqInsertIrp(PIO_CSQ csq, PIRP irp, PIO_CSQ_IRP_CONTEXT context) {
    IoCsqInsertIrpEx(csq, irp, context, nullptr);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iocsqremoveirp
PIRP NTAPI IoCsqRemoveIrp(PIO_CSQ csq, PIO_CSQ_IRP_CONTEXT context) {
    KIRQL irql = 0;
    call_driver(csq->CsqAcquireLock, csq, &irql);
    PIRP irp = context->Irp;
    if (irp && IoSetCancelRoutine(irp, nullptr)) {
        call_driver(csq->CsqRemoveIrp, csq, irp);
        detach(irp);
    } else {
        irp = nullptr;
    }
    call_driver(csq->CsqReleaseLock, csq, irql);
    return irp;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iocsqremovenextirp
PIRP NTAPI IoCsqRemoveNextIrp(PIO_CSQ csq, PVOID peek_context) {
    KIRQL irql = 0;
    call_driver(csq->CsqAcquireLock, csq, &irql);
    PIRP irp = nullptr;
    for (;;) {
        irp = call_driver(csq->CsqPeekNextIrp, csq, irp, peek_context);
        if (!irp) break;
        // Without a routine the IRP is being cancelled: the next one.
        if (!IoSetCancelRoutine(irp, nullptr)) continue;
        call_driver(csq->CsqRemoveIrp, csq, irp);
        detach(irp);
        break;
    }
    call_driver(csq->CsqReleaseLock, csq, irql);
    return irp;
}

}  // extern "C"

namespace {

void NTAPI cancel_queued(PDEVICE_OBJECT, PIRP irp) {
    IoReleaseCancelSpinLock(irp->CancelIrql);
    PIO_CSQ const csq = queue_of(slot_of(irp));
    KIRQL irql = 0;
    call_driver(csq->CsqAcquireLock, csq, &irql);
    call_driver(csq->CsqRemoveIrp, csq, irp);
    detach(irp);
    call_driver(csq->CsqReleaseLock, csq, irql);
    call_driver(csq->CsqCompleteCanceledIrp, csq, irp);
}

}  // namespace
