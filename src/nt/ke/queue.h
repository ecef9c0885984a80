// Queue objects (KQUEUE): entries that threads take, no more of them at once than the queue's limit. A thread
// belongs to the queue that it asked last; it counts as active from taking an entry until it waits, for the
// queue or for anything else. While it waits the queue may let another one work.
//
// All of it under the dispatcher lock. CurrentCount is the number of active threads, SignalState that of
// entries.
#pragma once

#include "nt/ke/dispatcher.h"

namespace ndiskit::nt::ke {

// Whether a thread that asks now gets an entry (or the news that the queue was run down).
bool has_entry_for(const KQUEUE& queue);
// Takes the first entry for the thread (its queue_entry); gives the status of its wait.
NTSTATUS take_entry(KQUEUE& queue, ThreadObject& thread);

// The thread, active in its queue, is about to wait for something else.
void rest_from_queue(Dispatch& dispatch, ThreadObject& thread);
// The thread belongs to no queue any more.
void leave_queue(Dispatch& dispatch, ThreadObject& thread);

}  // namespace ndiskit::nt::ke
