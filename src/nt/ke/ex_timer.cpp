// System-allocated timers (EX_TIMER): a KTIMER, so that it can be waited for, with a DPC that calls the
// driver's callback. The DPC always runs on the processor on which the timer was allocated, and so does the
// one that destroys the timer: whatever of the first is queued or running when the driver deletes the timer
// is over when the second runs.
#include <new>

#include "nt/bugcheck.h"
#include "nt/image/call_gate.h"
#include "nt/ke/api.h"
#include "nt/ke/dispatcher.h"
#include "nt/ke/dpc.h"
#include "nt/ke/irql.h"
#include "nt/ke/timer.h"

struct _EX_TIMER {
    KTIMER timer;  // first: the object that is waited for
    KDPC expired;
    KDPC destroy;
    PEXT_CALLBACK callback;
    PVOID context;
    PEXT_DELETE_CALLBACK delete_callback = nullptr;
    PVOID delete_context = nullptr;
    KEVENT* destroyed = nullptr;  // of the thread that waits for it
    bool deleted = false;         // guarded by the dispatcher lock; destroyed after the next expiry
};

using namespace ndiskit::nt;
using ndiskit::engine::Time;

namespace {

constexpr uint32_t timer_or_dpc_invalid = 0xC7;
constexpr Time time_unit = 100;

void NTAPI on_expired(KDPC*, PVOID context, PVOID, PVOID) {
    EX_TIMER& timer = *static_cast<EX_TIMER*>(context);
    if (timer.callback) call_driver(timer.callback, &timer, timer.context);
    const bool deleted = ke::with_dispatcher([&](ke::Dispatch&) { return timer.deleted; });
    if (!deleted) return;
    ke::cancel_timer(timer.timer);
    KeInsertQueueDpc(&timer.destroy, nullptr, nullptr);
}

void NTAPI on_destroy(KDPC*, PVOID context, PVOID, PVOID) {
    EX_TIMER* const timer = static_cast<EX_TIMER*>(context);
    if (timer->delete_callback) call_driver(timer->delete_callback, timer->delete_context);
    if (timer->destroyed) KeSetEvent(timer->destroyed, 0, FALSE);
    delete timer;
}

bool destroy_later(EX_TIMER& timer) {
    return ke::with_dispatcher([&](ke::Dispatch&) {
        if (!timer.timer.Header.Inserted) return false;
        timer.deleted = true;
        return true;
    });
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exallocatetimer
PEX_TIMER NTAPI ExAllocateTimer(PEXT_CALLBACK Callback, PVOID CallbackContext, ULONG Attributes) {
    if ((Attributes & EX_TIMER_HIGH_RESOLUTION) && (Attributes & EX_TIMER_NO_WAKE))
        bug_check_because(
            "ExAllocateTimer was called with both EX_TIMER_HIGH_RESOLUTION and EX_TIMER_NO_WAKE",
            timer_or_dpc_invalid, 0, Attributes);
    auto* const timer = new (std::nothrow) EX_TIMER;
    if (!timer) return nullptr;
    KeInitializeTimerEx(&timer->timer,
                        Attributes & EX_TIMER_NOTIFICATION ? NotificationTimer : SynchronizationTimer);
    timer->callback = Callback;
    timer->context = CallbackContext;
    const auto here = static_cast<CCHAR>(ke::current_processor().number());
    KeInitializeDpc(&timer->expired, on_expired, timer);
    KeSetTargetProcessorDpc(&timer->expired, here);
    KeInitializeDpc(&timer->destroy, on_destroy, timer);
    KeSetTargetProcessorDpc(&timer->destroy, here);
    return timer;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exsettimer
BOOLEAN NTAPI ExSetTimer(PEX_TIMER Timer, LONGLONG DueTime, LONGLONG Period, PEXT_SET_PARAMETERS Parameters) {
    return ke::set_timer(Timer->timer, DueTime, Period * time_unit, &Timer->expired);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-excanceltimer
BOOLEAN NTAPI ExCancelTimer(PEX_TIMER Timer, PVOID Parameters) { return ke::cancel_timer(Timer->timer); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exdeletetimer
BOOLEAN NTAPI ExDeleteTimer(PEX_TIMER Timer, BOOLEAN Cancel, BOOLEAN Wait,
                            PEXT_DELETE_PARAMETERS Parameters) {
    if (Wait && !Cancel)
        bug_check_because("ExDeleteTimer was called with Wait and without Cancel", timer_or_dpc_invalid, 0,
                          reinterpret_cast<uint64_t>(Timer));
    if (Wait) ke::check_may_wait("ExDeleteTimer", Timer);
    if (Parameters) {
        Timer->delete_callback = Parameters->DeleteCallback;
        Timer->delete_context = Parameters->DeleteContext;
    }
    const bool cancelled = Cancel && ke::cancel_timer(Timer->timer);
    if (!Cancel && destroy_later(*Timer)) return FALSE;
    KEVENT destroyed;
    KeInitializeEvent(&destroyed, NotificationEvent, FALSE);
    if (Wait) Timer->destroyed = &destroyed;
    KeInsertQueueDpc(&Timer->destroy, nullptr, nullptr);
    if (Wait) ke::wait_for(&destroyed);
    return cancelled;
}

}  // extern "C"
