// The waiting functions that drivers call: their checks, then dispatcher.cpp.
#include <fmt/core.h>

#include "nt/bugcheck.h"
#include "nt/ke/dispatcher.h"
#include "nt/ke/irql.h"

using namespace ndiskit::nt;

namespace {

constexpr uint32_t maximum_wait_objects_exceeded = 0xC;

// With a timeout of zero nobody waits, so that the call is good at DISPATCH_LEVEL too.
void check_irql(const char* what, const void* object, const LARGE_INTEGER* timeout) {
    if (timeout && timeout->QuadPart == 0 && current_irql() <= DISPATCH_LEVEL) return;
    ke::check_may_wait(what, object);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kewaitforsingleobject
NTSTATUS NTAPI KeWaitForSingleObject(PVOID Object, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode,
                                     BOOLEAN Alertable, PLARGE_INTEGER Timeout) {
    check_irql("KeWaitForSingleObject", Object, Timeout);
    return ke::wait(&Object, 1, WaitAny, Timeout, ke::current_thread()->wait.builtin,
                    {.mode = WaitMode, .alertable = Alertable != FALSE});
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kewaitforsingleobject
NTSTATUS NTAPI KeWaitForMutexObject(PVOID Mutex, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode,
                                    BOOLEAN Alertable, PLARGE_INTEGER Timeout) {
    return KeWaitForSingleObject(Mutex, WaitReason, WaitMode, Alertable, Timeout);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kewaitformultipleobjects
NTSTATUS NTAPI KeWaitForMultipleObjects(ULONG Count, PVOID* Object, WAIT_TYPE WaitType,
                                        KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode, BOOLEAN Alertable,
                                        PLARGE_INTEGER Timeout, PKWAIT_BLOCK WaitBlockArray) {
    check_irql("KeWaitForMultipleObjects", Object, Timeout);
    const ULONG most = WaitBlockArray ? MAXIMUM_WAIT_OBJECTS : THREAD_WAIT_OBJECTS;
    if (Count == 0 || Count > most)
        bug_check_because(
            fmt::format("KeWaitForMultipleObjects was called with {} objects and {} wait block array; "
                        "then 1 to {} are allowed",
                        Count, WaitBlockArray ? "a" : "no", most),
            maximum_wait_objects_exceeded, Count, most);
    return ke::wait(Object, Count, WaitType, Timeout,
                    WaitBlockArray ? WaitBlockArray : ke::current_thread()->wait.builtin,
                    {.mode = WaitMode, .alertable = Alertable != FALSE});
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kedelayexecutionthread
NTSTATUS NTAPI KeDelayExecutionThread(KPROCESSOR_MODE WaitMode, BOOLEAN Alertable, PLARGE_INTEGER Interval) {
    ke::check_may_wait("KeDelayExecutionThread", nullptr);
    KEVENT never;
    ke::initialize_header(never.Header, ke::event_notification, sizeof never, 0);
    PVOID object = &never;
    if (Interval->QuadPart == 0) ndiskit::engine::the().switch_point(ndiskit::engine::SwitchPoint::yield);
    const NTSTATUS status = ke::wait(&object, 1, WaitAny, Interval, ke::current_thread()->wait.builtin,
                                     {.mode = WaitMode, .alertable = Alertable != FALSE});
    return status == STATUS_TIMEOUT ? STATUS_SUCCESS : status;
}

// Has no page of its own; drivers that spin for a while know it as what SwitchToThread calls.
// https://learn.microsoft.com/windows/win32/api/processthreadsapi/nf-processthreadsapi-switchtothread
NTSTATUS NTAPI ZwYieldExecution() {
    LARGE_INTEGER now{};
    return KeDelayExecutionThread(KernelMode, FALSE, &now);
}

}  // extern "C"
