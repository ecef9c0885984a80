#include "nt/ke/queue.h"

#include "nt/ke/irql.h"
#include "nt/ke/processor.h"

namespace ndiskit::nt::ke {
namespace {

constexpr NTSTATUS status_abandoned = 0x80;

// Hands the first entry to the thread that waits for the shortest time, if the limit lets one more work.
void activate(Dispatch& dispatch, KQUEUE& queue) {
    while (!IsListEmpty(&queue.EntryListHead) && queue.CurrentCount < queue.MaximumCount &&
           !IsListEmpty(&queue.Header.WaitListHead)) {
        auto& block = *CONTAINING_RECORD(queue.Header.WaitListHead.Blink, KWAIT_BLOCK, WaitListEntry);
        ThreadObject& thread = *thread_object(block.Thread);
        --queue.Header.SignalState;
        thread.queue_entry = RemoveHeadList(&queue.EntryListHead);
        satisfy_wait(dispatch, thread, 0);
    }
}

void join_queue(Dispatch& dispatch, ThreadObject& thread, KQUEUE& queue) {
    if (thread.queue == &queue) return;
    leave_queue(dispatch, thread);
    thread.queue = &queue;
    thread.queue_link.thread = &thread;
    InsertTailList(&queue.ThreadListHead, &thread.queue_link.link);
    ++queue.CurrentCount;
}

LONG insert(KQUEUE& queue, LIST_ENTRY* entry, bool first) {
    return with_dispatcher([&](Dispatch& dispatch) {
        const LONG before = queue.Header.SignalState++;
        if (first)
            InsertHeadList(&queue.EntryListHead, entry);
        else
            InsertTailList(&queue.EntryListHead, entry);
        activate(dispatch, queue);
        return before;
    });
}

}  // namespace

bool has_entry_for(const KQUEUE& queue) {
    if (queue.Header.Abandoned) return true;
    return !IsListEmpty(&queue.EntryListHead) && queue.CurrentCount < queue.MaximumCount;
}

NTSTATUS take_entry(KQUEUE& queue, ThreadObject& thread) {
    if (thread.queue == &queue) ++queue.CurrentCount;
    if (queue.Header.Abandoned) return status_abandoned;
    --queue.Header.SignalState;
    thread.queue_entry = RemoveHeadList(&queue.EntryListHead);
    return 0;
}

void rest_from_queue(Dispatch& dispatch, ThreadObject& thread) {
    --thread.queue->CurrentCount;
    activate(dispatch, *thread.queue);
}

void leave_queue(Dispatch& dispatch, ThreadObject& thread) {
    if (!thread.queue) return;
    rest_from_queue(dispatch, thread);
    RemoveEntryList(&thread.queue_link.link);
    thread.queue = nullptr;
}

}  // namespace ndiskit::nt::ke

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-keinitializequeue
void NTAPI KeInitializeQueue(PRKQUEUE Queue, ULONG Count) {
    ke::initialize_header(Queue->Header, ke::queue, sizeof(KQUEUE), 0);
    Queue->Header.Abandoned = 0;
    InitializeListHead(&Queue->EntryListHead);
    InitializeListHead(&Queue->ThreadListHead);
    Queue->CurrentCount = 0;
    Queue->MaximumCount = Count ? Count : ke::processor_count();
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-keinsertqueue
LONG NTAPI KeInsertQueue(PRKQUEUE Queue, PLIST_ENTRY Entry) { return ke::insert(*Queue, Entry, false); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-keinsertheadqueue
LONG NTAPI KeInsertHeadQueue(PRKQUEUE Queue, PLIST_ENTRY Entry) { return ke::insert(*Queue, Entry, true); }

// Gives the entry, or the status of the wait in its place.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-keremovequeue
PLIST_ENTRY NTAPI KeRemoveQueue(PRKQUEUE Queue, KPROCESSOR_MODE WaitMode, PLARGE_INTEGER Timeout) {
    const bool polls = Timeout && Timeout->QuadPart == 0;
    if (!polls || current_irql() > DISPATCH_LEVEL) ke::check_may_wait("KeRemoveQueue", Queue);
    ke::ThreadObject& thread = *ke::current_thread();
    const bool run_down = ke::with_dispatcher([&](ke::Dispatch& dispatch) -> bool {
        if (Queue->Header.Abandoned) return true;
        ke::join_queue(dispatch, thread, *Queue);
        --Queue->CurrentCount;
        thread.queue_entry = nullptr;
        return false;
    });
    if (run_down) return reinterpret_cast<PLIST_ENTRY>(static_cast<ULONG_PTR>(STATUS_ABANDONED));
    PVOID object = Queue;
    const NTSTATUS status = ke::wait(&object, 1, WaitAny, Timeout, thread.wait.builtin);
    if (thread.queue_entry) return thread.queue_entry;
    // A wait that never began has left the thread idle.
    if (polls && status == STATUS_TIMEOUT) ke::with_dispatcher([&](ke::Dispatch&) { ++Queue->CurrentCount; });
    return reinterpret_cast<PLIST_ENTRY>(static_cast<ULONG_PTR>(status));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-kereadstatequeue
LONG NTAPI KeReadStateQueue(PRKQUEUE Queue) {
    return ke::with_dispatcher([&](ke::Dispatch&) { return Queue->Header.SignalState; });
}

// Those who wait get STATUS_ABANDONED, as does everybody who asks later. Gives the entries that were left: a
// ring without a head. https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-kerundownqueue
PLIST_ENTRY NTAPI KeRundownQueue(PRKQUEUE Queue) {
    return ke::with_dispatcher([&](ke::Dispatch& dispatch) -> PLIST_ENTRY {
        PLIST_ENTRY first = nullptr;
        if (!IsListEmpty(&Queue->EntryListHead)) {
            first = Queue->EntryListHead.Flink;
            RemoveEntryList(&Queue->EntryListHead);
            InitializeListHead(&Queue->EntryListHead);
        }
        Queue->Header.SignalState = 0;
        Queue->Header.Abandoned = 1;
        while (!IsListEmpty(&Queue->Header.WaitListHead)) {
            auto& block = *CONTAINING_RECORD(Queue->Header.WaitListHead.Flink, KWAIT_BLOCK, WaitListEntry);
            ke::satisfy_wait(dispatch, *ke::thread_object(block.Thread), ke::status_abandoned);
        }
        while (!IsListEmpty(&Queue->ThreadListHead)) {
            LIST_ENTRY* const link = RemoveHeadList(&Queue->ThreadListHead);
            CONTAINING_RECORD(link, ke::QueueLink, link)->thread->queue = nullptr;
        }
        return first;
    });
}

}  // extern "C"
