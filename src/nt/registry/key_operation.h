// An operation on the key of a handle: under the tree's lock, shown to registry callbacks, told to who waits
// for changes.
#pragma once

#include "nt/registry/filter.h"
#include "nt/registry/key_handle.h"
#include "nt/registry/key_object.h"

namespace ndiskit::nt::registry {

// The machine's time as keys tell when they were written.
int64_t system_time();

template <class Body>
NTSTATUS with_key(void* object, Body&& body) {
    const KeyRef& key = static_cast<KeyBody*>(object)->key;
    return tree().with([&](Tree&) -> NTSTATUS { return key->deleted ? STATUS_KEY_DELETED : body(*key); });
}

// As with_key; tells who waits for changes.
template <class Body>
NTSTATUS change_key(void* object, Change what, Body&& body) {
    const int64_t now = system_time();
    const NTSTATUS status = with_key(object, [&](Key& key) {
        const NTSTATUS done = body(key);
        if (NT_SUCCESS(done)) key.last_write = now;
        return done;
    });
    if (NT_SUCCESS(status)) notify(static_cast<KeyBody*>(object)->key, what);
    return status;
}

// Does an operation on a key object, which registry callbacks are shown; `information` has what they get, all
// but its Object.
template <class Information, class Operation>
NTSTATUS operate_on(void* object, REG_NOTIFY_CLASS pre, REG_NOTIFY_CLASS post, Information information,
                    Operation operation) {
    information.Object = object;
    return filters_registered() ? run_filtered(pre, post, information, [&] { return operation(object); })
                                : operation(object);
}

// Does an operation on the key of a handle, which registry callbacks are shown; `information` has what they
// get, all but its Object. `operation` is called with the key object.
template <class Information, class Operation>
NTSTATUS operate(HANDLE handle, REG_NOTIFY_CLASS pre, REG_NOTIFY_CLASS post, Information information,
                 Operation operation) {
    void* object = nullptr;
    if (const NTSTATUS status = key_object_of(handle, &object); !NT_SUCCESS(status)) return status;
    const NTSTATUS status = operate_on(object, pre, post, information, operation);
    object::dereference(object);
    return status;
}

}  // namespace ndiskit::nt::registry
