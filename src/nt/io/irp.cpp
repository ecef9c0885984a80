// The life of an IRP: it is made, goes down a stack of devices, and comes back up through completion
// routines.
//
// What happens when the last completion routine let it pass depends on who made it: requests of the I/O
// manager (a file, IoBuildDeviceIoControlRequest ...) copy their data out, set their event and are freed; an
// IRP of IoAllocateIrp is its driver's, which must have stopped it in a completion routine.
#include "nt/io/irp.h"

#include <fmt/format.h>

#include <cstring>

#include "nt/bugcheck.h"
#include "nt/io/thread_irps.h"
#include "nt/image/call_gate.h"
#include "nt/ke/irql.h"
#include "nt/ke/thread.h"
#include "nt/pool/pool.h"

namespace ndiskit::nt::io {

namespace {

constexpr uint32_t irp_tag = 0x20707249;  // 'Irp ' in memory order
constexpr uint32_t no_more_irp_stack_locations = 0x35;
constexpr uint32_t multiple_irp_complete_requests = 0x44;
constexpr uint32_t inconsistent_irp = 0x2A;

bool wants_routine(const IRP& irp, UCHAR control) {
    if (irp.Cancel && (control & SL_INVOKE_ON_CANCEL)) return true;
    return control & (NT_SUCCESS(irp.IoStatus.Status) ? SL_INVOKE_ON_SUCCESS : SL_INVOKE_ON_ERROR);
}

// Of a METHOD_BUFFERED or buffered read: what the driver put into the system buffer goes to the caller's.
void copy_out(IRP& irp) {
    if ((irp.Flags & IRP_BUFFERED_IO) && (irp.Flags & IRP_INPUT_OPERATION) &&
        !NT_ERROR(irp.IoStatus.Status) && irp.UserBuffer)
        std::memcpy(irp.UserBuffer, irp.AssociatedIrp.SystemBuffer, irp.IoStatus.Information);
    if (irp.Flags & IRP_DEALLOCATE_BUFFER) pool_free(irp.AssociatedIrp.SystemBuffer);
    irp.Flags &= ~static_cast<ULONG>(IRP_BUFFERED_IO | IRP_INPUT_OPERATION | IRP_DEALLOCATE_BUFFER);
}

void free_mdls(IRP& irp) {
    while (PMDL mdl = irp.MdlAddress) {
        irp.MdlAddress = mdl->Next;
        if (mdl->MdlFlags & MDL_PAGES_LOCKED) MmUnlockPages(mdl);
        IoFreeMdl(mdl);
    }
}

void finish_associated(IRP& irp) {
    PIRP master = irp.AssociatedIrp.MasterIrp;
    free_mdls(irp);
    IoFreeIrp(&irp);
    if (__atomic_sub_fetch(&master->AssociatedIrp.IrpCount, 1, __ATOMIC_ACQ_REL) == 0)
        IofCompleteRequest(master, 0);
}

// The caller of a request that fails at once has its answer; its routine, for which the thread was
// referenced, is not called.
bool wants_apc(IRP& irp) {
    if (!(irp.AllocationFlags & has_routine)) return false;
    if (!NT_ERROR(irp.IoStatus.Status) || irp.PendingReturned) return true;
    ke::dereference_thread(*ke::thread_object(irp.Tail.Overlay.Thread));
    return false;
}

// Nobody stopped it on its way up.
void finish(IRP& irp) {
    if (irp.Flags & IRP_ASSOCIATED_IRP) return finish_associated(irp);
    if ((irp.AllocationFlags & made_by_io_manager) && unlink_from_thread(irp)) end_irp(irp);
}

}  // namespace

void end_irp(IRP& irp) {
    copy_out(irp);
    free_mdls(irp);
    PKEVENT const event = irp.UserEvent;
    PFILE_OBJECT const file = irp.Tail.Overlay.OriginalFileObject;
    if (irp.UserIosb) *irp.UserIosb = irp.IoStatus;
    const bool wants_routine = wants_apc(irp);
    if (!wants_routine) IoFreeIrp(&irp);
    if (event) KeSetEvent(event, 0, FALSE);
    if (file) finished_for_file(*file);
    if (wants_routine) queue_routine(irp);
}

IRP* make_irp(CCHAR stack_size) {
    PIRP irp = IoAllocateIrp(stack_size, FALSE);
    if (irp) irp->AllocationFlags |= made_by_io_manager;
    return irp;
}

bool attach_buffers(IRP& irp, const DEVICE_OBJECT& device, ULONG major, PVOID buffer, ULONG length) {
    irp.UserBuffer = buffer;
    if (!length) return true;
    const bool reads = major == IRP_MJ_READ;
    if (device.Flags & DO_BUFFERED_IO) {
        PVOID system = pool_allocate(PoolKind::nonpaged, length, irp_tag, nullptr);
        if (!system) return false;
        if (!reads) std::memcpy(system, buffer, length);
        irp.AssociatedIrp.SystemBuffer = system;
        irp.Flags |= IRP_BUFFERED_IO | IRP_DEALLOCATE_BUFFER | (reads ? IRP_INPUT_OPERATION : 0u);
    } else if (device.Flags & DO_DIRECT_IO) {
        PMDL mdl = IoAllocateMdl(buffer, length, FALSE, FALSE, &irp);
        if (!mdl) return false;
        MmProbeAndLockPages(mdl, KernelMode, reads ? IoWriteAccess : IoReadAccess);
    }
    return true;
}

bool attach_control_buffers(IRP& irp, ULONG code, PVOID input, ULONG input_size, PVOID output,
                            ULONG output_size) {
    IO_STACK_LOCATION& stack = *IoGetNextIrpStackLocation(&irp);
    stack.Parameters.DeviceIoControl = {output_size, input_size, code, nullptr};
    const ULONG method = METHOD_FROM_CTL_CODE(code);
    irp.UserBuffer = output;
    if (method == METHOD_NEITHER) {
        stack.Parameters.DeviceIoControl.Type3InputBuffer = input;
        return true;
    }
    const ULONG size = method == METHOD_BUFFERED ? std::max(input_size, output_size) : input_size;
    if (size) {
        PVOID system = pool_allocate(PoolKind::nonpaged, size, irp_tag, nullptr);
        if (!system) return false;
        if (input_size) std::memcpy(system, input, input_size);
        irp.AssociatedIrp.SystemBuffer = system;
        irp.Flags |= IRP_BUFFERED_IO | IRP_DEALLOCATE_BUFFER;
        if (method == METHOD_BUFFERED && output) irp.Flags |= IRP_INPUT_OPERATION;
    }
    if (method != METHOD_BUFFERED && output_size) {
        PMDL mdl = IoAllocateMdl(output, output_size, FALSE, FALSE, &irp);
        if (!mdl) return false;
        MmProbeAndLockPages(mdl, KernelMode, method == METHOD_IN_DIRECT ? IoReadAccess : IoWriteAccess);
    }
    return true;
}

void discard_irp(IRP& irp) {
    irp.Flags &= ~static_cast<ULONG>(IRP_INPUT_OPERATION);
    copy_out(irp);
    free_mdls(irp);
    IoFreeIrp(&irp);
}

}  // namespace ndiskit::nt::io

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioinitializeirp
void NTAPI IoInitializeIrp(PIRP irp, USHORT size, CCHAR stack_size) {
    std::memset(static_cast<void*>(irp), 0, size);
    irp->Type = IO_TYPE_IRP;
    irp->Size = size;
    irp->StackCount = stack_size;
    irp->CurrentLocation = static_cast<CHAR>(stack_size + 1);
    irp->Tail.Overlay.CurrentStackLocation = reinterpret_cast<PIO_STACK_LOCATION>(irp + 1) + stack_size;
    InitializeListHead(&irp->ThreadListEntry);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioallocateirp
PIRP NTAPI IoAllocateIrp(CCHAR stack_size, BOOLEAN) {
    const USHORT size = IO_SIZE_OF_IRP(stack_size);
    auto* irp =
        static_cast<PIRP>(pool_allocate(PoolKind::nonpaged, size, io::irp_tag, __builtin_return_address(0)));
    if (irp) IoInitializeIrp(irp, size, stack_size);
    return irp;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iofreeirp
void NTAPI IoFreeIrp(PIRP irp) {
    if (irp->Type != IO_TYPE_IRP)
        bug_check_because("what is freed is no IRP, or was freed already", io::multiple_irp_complete_requests,
                          reinterpret_cast<uint64_t>(irp));
    io::forget_in_thread(*irp);
    io::drop_extension(*irp);
    irp->Type = 0;
    pool_free(irp, io::irp_tag);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioreuseirp
void NTAPI IoReuseIrp(PIRP irp, NTSTATUS status) {
    const UCHAR flags = irp->AllocationFlags;
    io::drop_extension(*irp);
    IoInitializeIrp(irp, irp->Size, irp->StackCount);
    irp->AllocationFlags = flags;
    irp->IoStatus.Status = status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-iomakeassociatedirp
PIRP NTAPI IoMakeAssociatedIrp(PIRP master, CCHAR stack_size) {
    PIRP irp = IoAllocateIrp(stack_size, FALSE);
    if (!irp) return nullptr;
    irp->Flags |= IRP_ASSOCIATED_IRP;
    irp->AssociatedIrp.MasterIrp = master;
    irp->Tail.Overlay.Thread = master->Tail.Overlay.Thread;
    return irp;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iofcalldriver
NTSTATUS NTAPI IofCallDriver(PDEVICE_OBJECT device, PIRP irp) {
    if (--irp->CurrentLocation <= 0)
        bug_check_because("the IRP has no stack location left for the next driver",
                          io::no_more_irp_stack_locations, reinterpret_cast<uint64_t>(irp));
    PIO_STACK_LOCATION const stack = --irp->Tail.Overlay.CurrentStackLocation;
    stack->DeviceObject = device;
    return call_driver(device->DriverObject->MajorFunction[stack->MajorFunction], device, irp);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iocompleterequest
void NTAPI IofCompleteRequest(PIRP irp, CCHAR) {
    if (irp->Type != IO_TYPE_IRP || irp->CurrentLocation > irp->StackCount + 1)
        bug_check_because("the IRP was completed already", io::multiple_irp_complete_requests,
                          reinterpret_cast<uint64_t>(irp));
    if (irp->CancelRoutine)
        bug_check_because("the IRP is completed with its cancel routine still set",
                          0x48,  // CANCEL_STATE_IN_COMPLETED_IRP
                          reinterpret_cast<uint64_t>(irp), reinterpret_cast<uint64_t>(irp->CancelRoutine));
    if (irp->IoStatus.Status == STATUS_PENDING)
        bug_check_because("the IRP is completed with STATUS_PENDING", io::inconsistent_irp,
                          reinterpret_cast<uint64_t>(irp));
    while (irp->CurrentLocation <= irp->StackCount) {
        PIO_STACK_LOCATION const stack = irp->Tail.Overlay.CurrentStackLocation;
        irp->PendingReturned = (stack->Control & SL_PENDING_RETURNED) != 0;
        ++irp->CurrentLocation;
        ++irp->Tail.Overlay.CurrentStackLocation;
        // The routine is the one of the driver above, which set it in the location of the driver below.
        const bool top = irp->CurrentLocation == irp->StackCount + 1;
        PDEVICE_OBJECT const device = top ? nullptr : irp->Tail.Overlay.CurrentStackLocation->DeviceObject;
        PIO_COMPLETION_ROUTINE const routine = stack->CompletionRoutine;
        if (routine && io::wants_routine(*irp, stack->Control)) {
            PVOID const context = stack->Context;
            std::memset(static_cast<void*>(&stack->Parameters), 0, sizeof stack->Parameters);
            stack->CompletionRoutine = nullptr;
            stack->Control = 0;
            if (call_driver(routine, device, irp, context) == STATUS_MORE_PROCESSING_REQUIRED) return;
        } else if (irp->PendingReturned && !top) {
            IoMarkIrpPending(irp);
        }
    }
    // Once more would be too often.
    if (irp->AllocationFlags & io::made_by_io_manager || irp->Flags & IRP_ASSOCIATED_IRP)
        io::finish(*irp);
    else
        ++irp->CurrentLocation;
}

static PIRP build_request(ULONG major, PDEVICE_OBJECT device, PVOID buffer, ULONG length,
                          PLARGE_INTEGER offset) {
    PIRP irp = IoAllocateIrp(device->StackSize, FALSE);
    if (!irp) return nullptr;
    irp->Tail.Overlay.Thread = reinterpret_cast<PETHREAD>(ke::kthread(ke::current_thread()));
    PIO_STACK_LOCATION stack = IoGetNextIrpStackLocation(irp);
    stack->MajorFunction = static_cast<UCHAR>(major);
    if (major == IRP_MJ_READ || major == IRP_MJ_WRITE) {
        // Read and Write have the same parameters.
        stack->Parameters.Read = {length, 0, offset ? *offset : LARGE_INTEGER{}};
        if (!io::attach_buffers(*irp, *device, major, buffer, length)) {
            IoFreeIrp(irp);
            return nullptr;
        }
    }
    return irp;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iobuildasynchronousfsdrequest
PIRP NTAPI IoBuildAsynchronousFsdRequest(ULONG major, PDEVICE_OBJECT device, PVOID buffer, ULONG length,
                                         PLARGE_INTEGER offset, PIO_STATUS_BLOCK block) {
    PIRP irp = build_request(major, device, buffer, length, offset);
    if (irp) irp->UserIosb = block;
    return irp;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iobuildsynchronousfsdrequest
PIRP NTAPI IoBuildSynchronousFsdRequest(ULONG major, PDEVICE_OBJECT device, PVOID buffer, ULONG length,
                                        PLARGE_INTEGER offset, PKEVENT event, PIO_STATUS_BLOCK block) {
    PIRP irp = build_request(major, device, buffer, length, offset);
    if (!irp) return nullptr;
    irp->AllocationFlags |= io::made_by_io_manager;
    irp->UserIosb = block;
    irp->UserEvent = event;
    io::link_to_thread(*irp);
    return irp;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iobuilddeviceiocontrolrequest
PIRP NTAPI IoBuildDeviceIoControlRequest(ULONG code, PDEVICE_OBJECT device, PVOID input, ULONG input_size,
                                         PVOID output, ULONG output_size, BOOLEAN internal, PKEVENT event,
                                         PIO_STATUS_BLOCK block) {
    PIRP irp = io::make_irp(device->StackSize);
    if (!irp) return nullptr;
    irp->Tail.Overlay.Thread = reinterpret_cast<PETHREAD>(ke::kthread(ke::current_thread()));
    IoGetNextIrpStackLocation(irp)->MajorFunction =
        internal ? IRP_MJ_INTERNAL_DEVICE_CONTROL : IRP_MJ_DEVICE_CONTROL;
    if (!io::attach_control_buffers(*irp, code, input, input_size, output, output_size)) {
        io::discard_irp(*irp);
        return nullptr;
    }
    irp->UserIosb = block;
    irp->UserEvent = event;
    io::link_to_thread(*irp);
    return irp;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iosetcompletionroutineex
NTSTATUS NTAPI IoSetCompletionRoutineEx(PDEVICE_OBJECT, PIRP irp, PIO_COMPLETION_ROUTINE routine,
                                        PVOID context, BOOLEAN on_success, BOOLEAN on_error,
                                        BOOLEAN on_cancel) {
    IoSetCompletionRoutine(irp, routine, context, on_success, on_error, on_cancel);
    return STATUS_SUCCESS;
}

}  // extern "C"
