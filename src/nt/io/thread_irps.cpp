#include "nt/io/thread_irps.h"

#include <utility>
#include <vector>

#include "base/log.h"
#include "nt/io/irp.h"
#include "nt/ke/thread.h"
#include "nt/object/object.h"

namespace ndiskit::nt::io {

namespace {

constexpr LONGLONG one_nap = -10'000;  // 1 ms
constexpr int most_naps = 5000;

ke::ThreadObject& thread_of(const IRP& irp) { return *ke::thread_object(irp.Tail.Overlay.Thread); }

bool is_linked(const IRP& irp) {
    return (irp.AllocationFlags & made_by_io_manager) && !IsListEmpty(&irp.ThreadListEntry);
}

void take_out(IRP& irp) {
    RemoveEntryList(&irp.ThreadListEntry);
    InitializeListHead(&irp.ThreadListEntry);
}

const FILE_OBJECT* file_of(const IRP& irp) {
    if (irp.Tail.Overlay.OriginalFileObject) return irp.Tail.Overlay.OriginalFileObject;
    const bool sent = irp.CurrentLocation <= irp.StackCount;
    return sent ? irp.Tail.Overlay.CurrentStackLocation->FileObject : nullptr;
}

// The first that is not cancelled yet and is not for another file; it is held then.
IRP* hold_next(ke::ThreadIrps& irps, const FILE_OBJECT* file) {
    for (LIST_ENTRY* at = irps.list.Flink; at != &irps.list; at = at->Flink) {
        IRP* const irp = CONTAINING_RECORD(at, IRP, ThreadListEntry);
        if (irp->Cancel || (file && file_of(*irp) != file)) continue;
        irps.held = irp;
        irps.held_is_back = false;
        return irp;
    }
    return nullptr;
}

bool any_left(ke::ThreadObject& thread, const FILE_OBJECT* file) {
    return thread.irps.with([&](ke::ThreadIrps& irps) {
        for (LIST_ENTRY* at = irps.list.Flink; at != &irps.list; at = at->Flink)
            if (!file || file_of(*CONTAINING_RECORD(at, IRP, ThreadListEntry)) == file) return true;
        return false;
    });
}

// Drivers keep them; whoever completes them finds no thread any more.
void leave_the_rest(ke::ThreadObject& thread) {
    const size_t left = thread.irps.with([](ke::ThreadIrps& irps) {
        size_t count = 0;
        for (; !IsListEmpty(&irps.list); ++count) {
            IRP* const irp = CONTAINING_RECORD(irps.list.Flink, IRP, ThreadListEntry);
            take_out(*irp);
            // Its buffers may have gone with the thread's stack.
            irp->UserIosb = nullptr;
            irp->UserEvent = nullptr;
            if (!(irp->AllocationFlags & has_routine)) irp->Tail.Overlay.Thread = nullptr;
        }
        return count;
    });
    log_warning("io", "the thread '{}' ends with {} requests that their drivers do not complete, though cancelled",
                thread.name, left);
}

}  // namespace

void link_to_thread(IRP& irp) {
    thread_of(irp).irps.with(
        [&](ke::ThreadIrps& irps) { InsertTailList(&irps.list, &irp.ThreadListEntry); });
}

bool unlink_from_thread(IRP& irp) {
    if (!is_linked(irp)) return true;
    return thread_of(irp).irps.with([&](ke::ThreadIrps& irps) {
        take_out(irp);
        irps.held_is_back |= irps.held == &irp;
        return irps.held != &irp;
    });
}

void forget_in_thread(IRP& irp) {
    if (is_linked(irp)) thread_of(irp).irps.with([&](ke::ThreadIrps&) { take_out(irp); });
}

size_t cancel_irps_of(ke::ThreadObject& thread, const FILE_OBJECT* file) {
    size_t count = 0;
    while (IRP* const irp = thread.irps.with([&](ke::ThreadIrps& irps) { return hold_next(irps, file); })) {
        ++count;
        IoCancelIrp(irp);
        const bool is_back = thread.irps.with([](ke::ThreadIrps& irps) {
            irps.held = nullptr;
            return std::exchange(irps.held_is_back, false);
        });
        if (is_back) end_irp(*irp);
    }
    for (int naps = 0; any_left(thread, file); ++naps) {
        if (naps == most_naps) {
            leave_the_rest(thread);
            break;
        }
        LARGE_INTEGER time = {.QuadPart = one_nap};
        KeDelayExecutionThread(KernelMode, FALSE, &time);
    }
    return count;
}

}  // namespace ndiskit::nt::io

using namespace ndiskit::nt;

extern "C" {

// Those of the calling thread; it waits for them.
NTSTATUS NTAPI ZwCancelIoFile(HANDLE handle, PIO_STATUS_BLOCK block) {
    void* body = nullptr;
    const NTSTATUS status = object::reference_by_handle(handle, 0, &object::file_type, false, &body);
    if (!NT_SUCCESS(status)) return status;
    io::cancel_irps_of(*ke::current_thread(), static_cast<const FILE_OBJECT*>(body));
    object::dereference(body);
    *block = {};
    block->Status = STATUS_SUCCESS;
    return STATUS_SUCCESS;
}

}  // extern "C"
