// Events and waits through handles.
#include "nt/abi.h"
#include "nt/ke/api.h"
#include "nt/object/object.h"

using namespace ndiskit::nt;

namespace {

constexpr ULONG most_objects = 64;

// What the handle's object is waited for by; null when it cannot be. With a reference to `body`.
NTSTATUS waitable_of(HANDLE handle, void*& body, void*& waitable) {
    const NTSTATUS status = object::reference_by_handle(handle, 0, nullptr, false, &body);
    if (!NT_SUCCESS(status)) return status;
    const _OBJECT_TYPE* const type = object::type_of(body);
    if (type == &object::file_type)
        waitable = &static_cast<PFILE_OBJECT>(body)->Event;
    else if (type == &object::event_type || type == &object::thread_type)
        waitable = body;
    else
        waitable = nullptr;
    return STATUS_SUCCESS;
}

template <class Body>
NTSTATUS with_event(HANDLE handle, Body&& call) {
    void* event = nullptr;
    const NTSTATUS status = object::reference_by_handle(handle, 0, &object::event_type, false, &event);
    if (!NT_SUCCESS(status)) return status;
    call(static_cast<PKEVENT>(event));
    object::dereference(event);
    return STATUS_SUCCESS;
}

}  // namespace

extern "C" {

NTSTATUS NTAPI ZwClearEvent(HANDLE handle) {
    return with_event(handle, [](PKEVENT event) { KeClearEvent(event); });
}

NTSTATUS NTAPI ZwResetEvent(HANDLE handle, PLONG previous) {
    return with_event(handle, [&](PKEVENT event) {
        const LONG before = KeResetEvent(event);
        if (previous) *previous = before;
    });
}

// Wakes who waits now, and leaves the event reset.
NTSTATUS NTAPI ZwPulseEvent(HANDLE handle, PLONG previous) {
    return with_event(handle, [&](PKEVENT event) {
        const LONG before = KePulseEvent(event, 0, FALSE);
        if (previous) *previous = before;
    });
}

NTSTATUS NTAPI ZwWaitForMultipleObjects(ULONG count, PHANDLE handles, WAIT_TYPE type, BOOLEAN alertable,
                                        PLARGE_INTEGER timeout) {
    if (!count || count > most_objects) return STATUS_INVALID_PARAMETER_1;
    void* bodies[most_objects] = {};
    void* waitables[most_objects] = {};
    KWAIT_BLOCK blocks[most_objects];
    NTSTATUS status = STATUS_SUCCESS;
    ULONG held = 0;
    for (; held < count && NT_SUCCESS(status); ++held) {
        status = waitable_of(handles[held], bodies[held], waitables[held]);
        if (!NT_SUCCESS(status)) break;
        if (!waitables[held]) status = STATUS_OBJECT_TYPE_MISMATCH;
    }
    if (NT_SUCCESS(status))
        status = KeWaitForMultipleObjects(count, waitables, type, UserRequest, KernelMode, alertable, timeout,
                                          blocks);
    while (held) object::dereference(bodies[--held]);
    return status;
}

}  // extern "C"
