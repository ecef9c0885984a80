// The timer that a handle stands for: a KTIMER, and, when it was set with a routine, the APC that calls the
// routine in the thread that set it. Such a timer stays while it is set, though its last handle be closed;
// the end of its thread cancels it.
//
// The DPC of its expiry and the one that frees it have the same processor: whatever of the first is queued or
// running when the last reference goes is over when the second runs.
#pragma once

#include "nt/ke/apc.h"
#include "nt/object/api.h"

namespace ndiskit::nt::object {

struct TimerObject {
    KTIMER timer;  // first: the object that is waited for
    KDPC expired;
    KDPC destroy;
    bool has_dpcs;  // they were initialized
    bool periodic;
    // The routine's thread; null when there is no routine. It holds a reference to the thread, and one to
    // this object. With what follows guarded by the dispatcher lock.
    ke::ThreadObject* thread;
    LIST_ENTRY of_thread;
    KAPC apc;
    bool fired;  // the APC was queued
};

// `routine` may be null. Times are in 100 ns, the period in ms.
void set_timer(TimerObject& timer, LONGLONG due, LONG period, PTIMER_APC_ROUTINE routine, PVOID context);
void cancel_timer(TimerObject& timer);
// Cancels those that a thread that ends has set with routines.
void cancel_timers_of(ke::ThreadObject& thread);

}  // namespace ndiskit::nt::object
