#include "nt/object/timer_object.h"

#include "engine/engine.h"
#include "nt/ke/dispatcher.h"
#include "nt/ke/processor.h"
#include "nt/ke/timer.h"
#include "nt/object/object.h"

namespace ndiskit::nt::object {
namespace {

using ke::Dispatch;
using ke::ThreadObject;
using ke::with_dispatcher;

// Takes the routine away; gives the thread it was for, whose reference and the object's are the caller's now.
ThreadObject* part(Dispatch& dispatch, TimerObject& timer) {
    ThreadObject* const thread = timer.thread;
    if (!thread) return nullptr;
    ke::remove_apc(dispatch, timer.apc);
    RemoveEntryList(&timer.of_thread);
    timer.thread = nullptr;
    return thread;
}

void release(TimerObject& timer, ThreadObject* thread) {
    if (!thread) return;
    ke::dereference_thread(*thread);
    dereference(&timer);
}

// The time of the expiry comes as the arguments, and goes on to the routine.
void NTAPI on_expired(KDPC*, PVOID context, PVOID time_low, PVOID time_high) {
    TimerObject& timer = *static_cast<TimerObject*>(context);
    ThreadObject* const thread = with_dispatcher([&](Dispatch& dispatch) -> ThreadObject* {
        if (!timer.thread || !ke::enqueue_apc(dispatch, timer.apc, time_low, time_high)) return nullptr;
        timer.fired = true;
        ke::reference_thread(*timer.thread);
        return timer.thread;
    });
    if (!thread) return;
    ke::announce_apc(*thread);
    ke::dereference_thread(*thread);
}

// The routine of a timer without a period is called once. The timer may have been set anew since.
void NTAPI before_routine(PKAPC apc, PKNORMAL_ROUTINE*, PVOID*, PVOID*, PVOID*) {
    TimerObject& timer = *CONTAINING_RECORD(apc, TimerObject, apc);
    release(timer, with_dispatcher([&](Dispatch& dispatch) {
                return timer.fired && !timer.periodic && !timer.apc.Inserted ? part(dispatch, timer)
                                                                             : nullptr;
            }));
}

void NTAPI on_destroy(KDPC*, PVOID context, PVOID, PVOID) { free_body(context); }

void initialize_dpcs(TimerObject& timer) {
    const auto here = static_cast<CCHAR>(ke::current_processor().number());
    KeInitializeDpc(&timer.expired, on_expired, &timer);
    KeInitializeDpc(&timer.destroy, on_destroy, &timer);
    KeSetTargetProcessorDpc(&timer.expired, here);
    KeSetTargetProcessorDpc(&timer.destroy, here);
    timer.has_dpcs = true;
}

void destroy_timer(void* body) {
    auto& timer = *static_cast<TimerObject*>(body);
    ke::cancel_timer(timer.timer);
    if (timer.has_dpcs)
        KeInsertQueueDpc(&timer.destroy, nullptr, nullptr);
    else
        free_body(body);
}

}  // namespace

_OBJECT_TYPE timer_type = {"Timer", destroy_timer, nullptr};

void set_timer(TimerObject& timer, LONGLONG due, LONG period, PTIMER_APC_ROUTINE routine, PVOID context) {
    cancel_timer(timer);
    if (routine) {
        ThreadObject& thread = *ke::current_thread();
        if (!timer.has_dpcs) initialize_dpcs(timer);
        reference(&timer);
        ke::reference_thread(thread);
        with_dispatcher([&](Dispatch&) {
            KeInitializeApc(&timer.apc, ke::kthread(&thread), CurrentApcEnvironment, before_routine, nullptr,
                            ke::as_normal(routine), KernelMode, context);
            timer.thread = &thread;
            timer.periodic = period != 0;
            timer.fired = false;
            InsertTailList(&thread.apc_timers, &timer.of_thread);
        });
    }
    ke::set_timer(timer.timer, due, period * engine::millisecond, routine ? &timer.expired : nullptr);
}

void cancel_timer(TimerObject& timer) {
    ke::cancel_timer(timer.timer);
    release(timer, with_dispatcher([&](Dispatch& dispatch) { return part(dispatch, timer); }));
}

void cancel_timers_of(ThreadObject& thread) {
    for (;;) {
        TimerObject* const timer = with_dispatcher([&](Dispatch& dispatch) -> TimerObject* {
            if (IsListEmpty(&thread.apc_timers)) return nullptr;
            auto& first = *CONTAINING_RECORD(thread.apc_timers.Flink, TimerObject, of_thread);
            part(dispatch, first);
            return &first;
        });
        if (!timer) return;
        ke::cancel_timer(timer->timer);
        release(*timer, &thread);
    }
}

}  // namespace ndiskit::nt::object
