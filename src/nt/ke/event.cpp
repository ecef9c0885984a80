// Events, gates and semaphores: their state is the SignalState of the header, nothing else.

#include "nt/exception/raise.h"
#include "nt/ke/dispatcher.h"
#include "nt/ke/irql.h"

using namespace ndiskit::nt;
using ke::Dispatch;
using ke::with_dispatcher;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keinitializeevent
void NTAPI KeInitializeEvent(PRKEVENT Event, EVENT_TYPE Type, BOOLEAN State) {
    ke::initialize_header(Event->Header,
                          Type == NotificationEvent ? ke::event_notification : ke::event_synchronization,
                          sizeof(KEVENT), State != FALSE);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kesetevent
// Wait says that the caller waits next; signalling and waiting need not be one step, because no waiter can
// tell.
LONG NTAPI KeSetEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait) {
    return with_dispatcher([&](Dispatch& dispatch) { return ke::signal(dispatch, Event->Header); });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keresetevent
LONG NTAPI KeResetEvent(PRKEVENT Event) {
    return with_dispatcher([&](Dispatch&) { return std::exchange(Event->Header.SignalState, 0); });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keclearevent
void NTAPI KeClearEvent(PRKEVENT Event) {
    with_dispatcher([&](Dispatch&) { Event->Header.SignalState = 0; });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-kepulseevent
LONG NTAPI KePulseEvent(PRKEVENT Event, KPRIORITY Increment, BOOLEAN Wait) {
    return with_dispatcher([&](Dispatch& dispatch) {
        const LONG before = ke::signal(dispatch, Event->Header);
        Event->Header.SignalState = 0;
        return before;
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kereadstateevent
LONG NTAPI KeReadStateEvent(PRKEVENT Event) {
    return with_dispatcher([&](Dispatch&) { return Event->Header.SignalState; });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keinitializesemaphore
void NTAPI KeInitializeSemaphore(PRKSEMAPHORE Semaphore, LONG Count, LONG Limit) {
    ke::initialize_header(Semaphore->Header, ke::semaphore, sizeof(KSEMAPHORE), Count);
    Semaphore->Limit = Limit;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kereleasesemaphore
// Beyond the limit it raises STATUS_SEMAPHORE_LIMIT_EXCEEDED.
LONG NTAPI KeReleaseSemaphore(PRKSEMAPHORE Semaphore, KPRIORITY Increment, LONG Adjustment, BOOLEAN Wait) {
    bool exceeded = false;
    const LONG before = with_dispatcher([&](Dispatch& dispatch) {
        const LONG state = Semaphore->Header.SignalState;
        exceeded = Adjustment <= 0 || state > Semaphore->Limit - Adjustment;
        if (exceeded) return state;
        Semaphore->Header.SignalState = state + Adjustment;
        ke::satisfy_waiters(dispatch, Semaphore->Header);
        return state;
    });
    if (exceeded) exception::raise_status(static_cast<uint32_t>(STATUS_SEMAPHORE_LIMIT_EXCEEDED));
    return before;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kereadstatesemaphore
LONG NTAPI KeReadStateSemaphore(PRKSEMAPHORE Semaphore) {
    return with_dispatcher([&](Dispatch&) { return Semaphore->Header.SignalState; });
}

}  // extern "C"
