// Timers that are known by handles.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/timer-objects
#include "nt/object/api.h"
#include "nt/object/object.h"
#include "nt/object/timer_object.h"

using namespace ndiskit::nt;

namespace {

// The timer of a handle, with a reference.
NTSTATUS timer_of(HANDLE handle, object::TimerObject*& timer) {
    void* body = nullptr;
    const NTSTATUS status = object::reference_by_handle(handle, 0, &object::timer_type, false, &body);
    timer = static_cast<object::TimerObject*>(body);
    return status;
}

NTSTATUS set(HANDLE handle, const LARGE_INTEGER& due, PTIMER_APC_ROUTINE routine, PVOID context, LONG period,
             PBOOLEAN previous) {
    if (period < 0) return STATUS_INVALID_PARAMETER;
    object::TimerObject* timer = nullptr;
    if (const NTSTATUS status = timer_of(handle, timer); !NT_SUCCESS(status)) return status;
    if (previous) *previous = KeReadStateTimer(&timer->timer);
    object::set_timer(*timer, due.QuadPart, period, routine, context);
    object::dereference(timer);
    return STATUS_SUCCESS;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwcreatetimer
NTSTATUS NTAPI ZwCreateTimer(PHANDLE TimerHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES Attributes,
                             TIMER_TYPE TimerType) {
    if (TimerType != NotificationTimer && TimerType != SynchronizationTimer)
        return STATUS_INVALID_PARAMETER_4;
    auto* const timer =
        static_cast<object::TimerObject*>(object::create(object::timer_type, sizeof(object::TimerObject)));
    if (!timer) return STATUS_INSUFFICIENT_RESOURCES;
    KeInitializeTimerEx(&timer->timer, TimerType);
    return object::publish(timer, Attributes, DesiredAccess, *TimerHandle);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwopentimer
NTSTATUS NTAPI ZwOpenTimer(PHANDLE TimerHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES Attributes) {
    return object::open_named(*Attributes, object::timer_type, DesiredAccess, *TimerHandle);
}

// The routine is called by a kernel APC of the thread that sets the timer.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwsettimer
NTSTATUS NTAPI ZwSetTimer(HANDLE TimerHandle, PLARGE_INTEGER DueTime, PTIMER_APC_ROUTINE TimerApcRoutine,
                          PVOID TimerContext, BOOLEAN, LONG Period, PBOOLEAN PreviousState) {
    return set(TimerHandle, *DueTime, TimerApcRoutine, TimerContext, Period, PreviousState);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwsettimerex
NTSTATUS NTAPI ZwSetTimerEx(HANDLE TimerHandle, ULONG TimerSetInformationClass, PVOID TimerSetInformation,
                            ULONG TimerSetInformationLength) {
    constexpr ULONG coalescable = 0;
    if (TimerSetInformationClass != coalescable) return STATUS_INVALID_INFO_CLASS;
    if (TimerSetInformationLength != sizeof(TIMER_SET_COALESCABLE_TIMER_INFO))
        return STATUS_INFO_LENGTH_MISMATCH;
    const auto& wanted = *static_cast<const TIMER_SET_COALESCABLE_TIMER_INFO*>(TimerSetInformation);
    return set(TimerHandle, wanted.DueTime, wanted.TimerApcRoutine, wanted.TimerContext,
               static_cast<LONG>(wanted.TimerPeriod), wanted.PreviousState);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwcanceltimer
NTSTATUS NTAPI ZwCancelTimer(HANDLE TimerHandle, PBOOLEAN CurrentState) {
    object::TimerObject* timer = nullptr;
    if (const NTSTATUS status = timer_of(TimerHandle, timer); !NT_SUCCESS(status)) return status;
    object::cancel_timer(*timer);
    if (CurrentState) *CurrentState = KeReadStateTimer(&timer->timer);
    object::dereference(timer);
    return STATUS_SUCCESS;
}

}  // extern "C"
