// Activity IDs, by which tracing follows a request through drivers: a GUID that goes with a request, with the
// thread that works for it, and with the work items that the thread queues. The I/O tracing provider of this
// machine is always on, as far as IDs go; nobody listens to its events.
#include "nt/io/activity.h"

#include "nt/io/irp.h"
#include "nt/ke/thread.h"

namespace ndiskit::nt::io {

Activity Activity::of_this_thread() {
    const GUID* const id = ke::current_thread()->activity;
    return id ? Activity{.has = true, .id = *id} : Activity{};
}

}  // namespace ndiskit::nt::io

using namespace ndiskit::nt;

extern "C" {

// Without a GUID: that of the thread, if it has one.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iosetactivityidirp
NTSTATUS NTAPI IoSetActivityIdIrp(PIRP irp, LPCGUID id) {
    if (!id) id = ke::current_thread()->activity;
    if (!id) return STATUS_NOT_SUPPORTED;
    io::IrpExtension* const extension = io::make_extension(*irp);
    if (!extension) return STATUS_UNSUCCESSFUL;
    extension->has_activity = true;
    extension->activity = *id;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iogetactivityidirp
NTSTATUS NTAPI IoGetActivityIdIrp(PIRP irp, LPGUID id) {
    const io::IrpExtension* const extension = io::extension_of(*irp);
    if (!extension || !extension->has_activity) return STATUS_NOT_FOUND;
    *id = extension->activity;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iopropagateactivityidtothread
NTSTATUS NTAPI IoPropagateActivityIdToThread(PIRP irp, LPGUID propagated, LPCGUID* original) {
    const NTSTATUS status = IoGetActivityIdIrp(irp, propagated);
    if (NT_SUCCESS(status)) *original = IoSetActivityIdThread(propagated);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iotransferactivityid
void NTAPI IoTransferActivityId(LPCGUID, LPCGUID) {}

// The driver's GUID stays where it is: the thread has its address.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iosetactivityidthread
LPCGUID NTAPI IoSetActivityIdThread(LPCGUID id) { return std::exchange(ke::current_thread()->activity, id); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-ioclearactivityidthread
void NTAPI IoClearActivityIdThread(LPCGUID original) { ke::current_thread()->activity = original; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iogetactivityidthread
LPCGUID NTAPI IoGetActivityIdThread() { return ke::current_thread()->activity; }

}  // extern "C"
