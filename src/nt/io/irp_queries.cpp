// What drivers ask about a request and about whoever made it. All requests of this machine are made by
// threads of its one process; a program outside is stood for by such a thread.
#include "nt/abi.h"
#include "nt/image/call_gate.h"
#include "nt/io/irp.h"
#include "nt/ke/api.h"
#include "nt/ke/process.h"
#include "nt/ke/thread.h"
#include "nt/security/access.h"

using namespace ndiskit::nt;

namespace {

// In the flags of an IRP, where Windows keeps a request's priority: the hint and one, so that 0 is none.
constexpr ULONG priority_shift = 17, priority_mask = 7u << priority_shift;

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-iogetrequestorprocess
PEPROCESS NTAPI IoGetRequestorProcess(PIRP irp) {
    return irp->Tail.Overlay.Thread ? ke::system_process() : nullptr;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-iogetrequestorprocessid
ULONG NTAPI IoGetRequestorProcessId(PIRP irp) {
    return irp->Tail.Overlay.Thread ? static_cast<ULONG>(ke::system_process_id) : 0;
}

// Services and drivers are in session 0.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-iogetrequestorsessionid
NTSTATUS NTAPI IoGetRequestorSessionId(PIRP irp, PULONG session) {
    *session = irp->Tail.Overlay.Thread ? 0 : ~0u;
    return irp->Tail.Overlay.Thread ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}

// There is no 32-bit process on this machine.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iois32bitprocess
BOOLEAN NTAPI IoIs32bitProcess(PIRP) { return FALSE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ioissystemthread
BOOLEAN NTAPI IoIsSystemThread(PETHREAD) { return TRUE; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ioisoperationsynchronous
BOOLEAN NTAPI IoIsOperationSynchronous(PIRP irp) {
    const PFILE_OBJECT file = IoGetCurrentIrpStackLocation(irp)->FileObject;
    if (irp->Flags & (IRP_SYNCHRONOUS_API | IRP_SYNCHRONOUS_PAGING_IO)) return TRUE;
    return file && (file->Flags & FO_SYNCHRONOUS_IO) ? TRUE : FALSE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetiopriorityhint
IO_PRIORITY_HINT NTAPI IoGetIoPriorityHint(PIRP irp) {
    const ULONG kept = (irp->Flags & priority_mask) >> priority_shift;
    return kept == 0 ? IoPriorityNormal : static_cast<IO_PRIORITY_HINT>(kept - 1);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iosetiopriorityhint
NTSTATUS NTAPI IoSetIoPriorityHint(PIRP irp, IO_PRIORITY_HINT hint) {
    if (hint < IoPriorityVeryLow || hint >= MaxIoPriorityTypes) return STATUS_INVALID_PARAMETER;
    irp->Flags = (irp->Flags & ~priority_mask) | (static_cast<ULONG>(hint) + 1) << priority_shift;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iogetfileobjectgenericmapping
PGENERIC_MAPPING NTAPI IoGetFileObjectGenericMapping() {
    return const_cast<PGENERIC_MAPPING>(&security::file_mapping);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-iocheckdesiredaccess
NTSTATUS NTAPI IoCheckDesiredAccess(PACCESS_MASK desired, ACCESS_MASK granted) {
    *desired = security::map_generic(*desired, security::file_mapping);
    return *desired & ~granted ? STATUS_ACCESS_DENIED : STATUS_SUCCESS;
}

// In addition to what the I/O manager checks by the code's own bits.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iovalidatedeviceiocontrolaccess
NTSTATUS NTAPI IoValidateDeviceIoControlAccess(PIRP irp, ULONG required) {
    if (required & ~static_cast<ULONG>(FILE_READ_ACCESS | FILE_WRITE_ACCESS)) return STATUS_INVALID_PARAMETER;
    if (irp->RequestorMode == KernelMode) return STATUS_SUCCESS;
    const PFILE_OBJECT file = IoGetCurrentIrpStackLocation(irp)->FileObject;
    if (!file) return STATUS_INVALID_PARAMETER;
    if ((required & FILE_READ_ACCESS) && !file->ReadAccess) return STATUS_ACCESS_DENIED;
    if ((required & FILE_WRITE_ACCESS) && !file->WriteAccess) return STATUS_ACCESS_DENIED;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iosetmasterirpstatus
void NTAPI IoSetMasterIrpStatus(PIRP master, NTSTATUS status) {
    constexpr NTSTATUS read_from_copy = 0x40000035, verify_required = static_cast<NTSTATUS>(0x80000016);
    const auto severity = [](NTSTATUS of) { return static_cast<ULONG>(of) >> 30; };
    if (status == read_from_copy) return;
    if (status == verify_required || severity(status) > severity(master->IoStatus.Status))
        master->IoStatus.Status = status;
}

// As IoAttachDeviceToDeviceStack, which came later and tells whom it attached to.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioattachdevicetodevicestack
NTSTATUS NTAPI IoAttachDeviceByPointer(PDEVICE_OBJECT source, PDEVICE_OBJECT target) {
    return IoAttachDeviceToDeviceStack(source, target) ? STATUS_SUCCESS : STATUS_NO_SUCH_DEVICE;
}

// All threads are the system process's.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-iothreadtoprocess
PEPROCESS NTAPI IoThreadToProcess(PETHREAD) { return ke::system_process(); }

// Nobody opens files on behalf of another process here.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iogetinitiatorprocess
PEPROCESS NTAPI IoGetInitiatorProcess(PFILE_OBJECT) { return nullptr; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iogetpagingiopriority
IO_PAGING_PRIORITY NTAPI IoGetPagingIoPriority(PIRP irp) {
    constexpr ULONG high_priority_paging = 0x8000;
    if (!(irp->Flags & IRP_PAGING_IO)) return IoPagingPriorityInvalid;
    return irp->Flags & high_priority_paging ? IoPagingPriorityHigh : IoPagingPriorityNormal;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogettoplevelirp
PIRP NTAPI IoGetTopLevelIrp() { return ke::current_thread()->top_level_irp; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iosettoplevelirp
void NTAPI IoSetTopLevelIrp(PIRP irp) { ke::current_thread()->top_level_irp = irp; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetinitialstack
PVOID NTAPI IoGetInitialStack() {
    ULONG_PTR low = 0, high = 0;
    IoGetStackLimits(&low, &high);
    return reinterpret_cast<PVOID>(high);
}

}  // extern "C"
