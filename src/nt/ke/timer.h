// Timers. Each processor has a heap of the KTIMERs that were set on it, ordered by due time and then by the
// order of setting; its DPC task sleeps until the first is due and expires it at DISPATCH_LEVEL on that
// processor: the timer becomes signalled, its DPC is queued, and, when it is periodic, it goes back into the
// heap. All of it is guarded by the dispatcher lock. TimerListEntry of an inserted KTIMER holds its place in
// the heap.
#pragma once

#include "engine/engine.h"
#include "nt/abi.h"
#include "nt/ke/processor.h"

namespace ndiskit::nt::ke {

// KeSetTimerEx: `due` as NT has it, `period` 0 for a timer that fires once. True when the timer was in the
// queue.
bool set_timer(KTIMER& timer, LONGLONG due, engine::Time period, KDPC* dpc);
bool cancel_timer(KTIMER& timer);

engine::Time first_timer_deadline(Processor& processor);
// On the processor, at DISPATCH_LEVEL.
void expire_timers(Processor& processor);

// An inserted timer inside [begin, begin + size), or null: memory that is freed must hold none.
KTIMER* find_inserted_timer(const void* begin, size_t size);

// Forgets all timers; for the machine's stop.
void drop_timers();

}  // namespace ndiskit::nt::ke
