#include "nt/registry/key_object.h"

#include <new>

#include "nt/ke/irql.h"
#include "nt/registry/filter.h"
#include "nt/registry/key_handle.h"
#include "nt/registry/key_security.h"

namespace ndiskit::nt {

using namespace registry;

namespace {

void destroy_now(KeyBody& body) {
    if (!body.quiet) tell_key_closes(&body);
    body.~KeyBody();
    object::free_body(&body);
}

void destroy_key(void* object) {
    auto& body = *static_cast<KeyBody*>(object);
    if (current_irql() <= APC_LEVEL || body.quiet || !filters_registered()) return destroy_now(body);
    // Callbacks run at PASSIVE_LEVEL; references may go at DISPATCH_LEVEL.
    body.destroy_later = {};
    body.destroy_later.WorkerRoutine = [](PVOID self) NTAPI { destroy_now(*static_cast<KeyBody*>(self)); };
    body.destroy_later.Parameter = &body;
    ExQueueWorkItem(&body.destroy_later, DelayedWorkQueue);
}

}  // namespace

_OBJECT_TYPE object::key_type = {"Key",
                                 destroy_key,
                                 registry::handle_closed,
                                 registry::query_key_name,
                                 registry::query_key_security,
                                 registry::set_key_security};

namespace registry {

KeyBody* make_key_object(const KeyRef& key) {
    void* const body = object::create(object::key_type, sizeof(KeyBody));
    return body ? new (body) KeyBody{.key = key} : nullptr;
}

NTSTATUS key_object_of(HANDLE handle, void** object) {
    return object::reference_by_handle(handle, 0, &object::key_type, false, object);
}

NTSTATUS key_of(HANDLE handle, KeyRef& key) {
    void* body = nullptr;
    const NTSTATUS status = key_object_of(handle, &body);
    if (!NT_SUCCESS(status)) return status;
    key = static_cast<KeyBody*>(body)->key;
    object::dereference(body);
    return STATUS_SUCCESS;
}

}  // namespace registry

}  // namespace ndiskit::nt
