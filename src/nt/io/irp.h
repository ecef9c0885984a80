// What the parts of the I/O system share about IRPs; the rest is in nt/abi/irp.h.
#pragma once

#include <algorithm>

#include "nt/abi.h"

namespace ndiskit::nt::io {

// In AllocationFlags: the I/O manager ends the IRP when it has come up all the way.
constexpr UCHAR made_by_io_manager = 0x40;
// In AllocationFlags: the caller's routine is to be called at its end; its thread is referenced.
constexpr UCHAR has_routine = 0x80;

IRP* make_irp(CCHAR stack_size);
// Gives the IRP of a read or write its buffer, as the device wants it (DO_BUFFERED_IO, DO_DIRECT_IO or
// neither).
bool attach_buffers(IRP& irp, const DEVICE_OBJECT& device, ULONG major, PVOID buffer, ULONG length);
// Fills the next stack location of a device control and gives it its buffers, as the code's method says.
bool attach_control_buffers(IRP& irp, ULONG code, PVOID input, ULONG input_size, PVOID output,
                            ULONG output_size);
// What goes with an IRP beside it; made when it is first needed, gone with the IRP.
struct IrpExtension {
    bool has_activity;
    GUID activity;
    PECP_LIST extra_create_parameters;
    bool woke_system;  // PoSetSystemWake
};
inline IrpExtension* extension_of(const IRP& irp) {
    return static_cast<IrpExtension*>(irp.Tail.Overlay.IrpExtension);
}
// Null when there is no memory.
IrpExtension* make_extension(IRP& irp);
void drop_extension(IRP& irp);

// Frees an IRP of make_irp that was never sent.
void discard_irp(IRP& irp);

// Called when a request on a file has ended.
void finished_for_file(FILE_OBJECT& file);

// The caller's routine for the end of an IRP whose thread is referenced: queues it and frees the IRP.
void queue_routine(IRP& irp);
// The same for a request of the calling thread that has ended. `routine` may be null.
void call_routine(PIO_APC_ROUTINE routine, PVOID context, PIO_STATUS_BLOCK block);

// Sends `irp`, whose next stack location is filled, and waits for its end. The IRP is gone then.
NTSTATUS send_and_wait(DEVICE_OBJECT& device, IRP& irp, IO_STATUS_BLOCK* result = nullptr);

}  // namespace ndiskit::nt::io
