// Hard errors: what Windows tells the user of a device that fails. Nobody sits before this machine: what
// would be a dialog box is a line of the log, and the answer is the one of session 0, where no box appears.
#include "base/log.h"
#include "nt/image/call_gate.h"
#include "nt/ke/thread.h"
#include "nt/object/object.h"
#include "nt/rtl/unicode.h"

using namespace ndiskit;
using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iosetthreadharderrormode
BOOLEAN NTAPI IoSetThreadHardErrorMode(BOOLEAN enable) {
    return std::exchange(ke::current_thread()->hard_errors, enable != FALSE);
}

// The request ends with its error and without data.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-ioraiseharderror
void NTAPI IoRaiseHardError(PIRP irp, PVPB, PDEVICE_OBJECT device) {
    if (ke::current_thread()->hard_errors)
        log_error("io", "a request to {} failed with status 0x{:08X}",
                  device ? to_utf8(object::name_of(device)) : std::string("a device"),
                  static_cast<uint32_t>(irp->IoStatus.Status));
    irp->IoStatus.Information = 0;
    irp->Flags &= ~static_cast<ULONG>(IRP_INPUT_OPERATION);
    IofCompleteRequest(irp, IO_DISK_INCREMENT);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-ioraiseinformationalharderror
BOOLEAN NTAPI IoRaiseInformationalHardError(NTSTATUS status, PUNICODE_STRING text, PKTHREAD thread) {
    const auto* const about = thread ? ke::thread_object(thread) : ke::current_thread();
    if (!about->hard_errors) return FALSE;
    log_error("io", "a driver reports status 0x{:08X}{}{}", static_cast<uint32_t>(status), text ? ": " : "",
              text ? to_utf8(view_of(text)) : std::string());
    return TRUE;
}

}  // extern "C"
