// Callback objects: a name under \Callback at which drivers register routines and others notify them. A
// routine is not called any more once ExUnregisterCallback has returned.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/callback-objects
#include <algorithm>
#include <memory>
#include <vector>

#include "base/guarded.h"
#include "nt/image/call_gate.h"
#include "nt/object/object.h"

namespace ndiskit::nt {

namespace {

struct Registration {
    PCALLBACK_OBJECT callback;
    PCALLBACK_FUNCTION function;
    PVOID context;
    int running = 0;
    bool dead = false;
    KEVENT idle;  // set when it is dead and nobody runs it
};
using Registrations = Guarded<std::vector<std::shared_ptr<Registration>>, LockRank::nt_leaf>;

}  // namespace

}  // namespace ndiskit::nt

struct _CALLBACK_OBJECT {
    ndiskit::nt::Registrations* registrations;
    bool multiple;
};

namespace ndiskit::nt {

static void destroy_callback(void* body) {
    delete static_cast<PCALLBACK_OBJECT>(body)->registrations;
    object::free_body(body);
}

_OBJECT_TYPE object::callback_type = {"Callback", destroy_callback, nullptr};

}  // namespace ndiskit::nt

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-excreatecallback
NTSTATUS NTAPI ExCreateCallback(PCALLBACK_OBJECT* callback, POBJECT_ATTRIBUTES attributes, BOOLEAN create,
                                BOOLEAN allow_multiple) {
    std::u16string path;
    if (attributes->ObjectName) {
        if (const NTSTATUS status = object::path_of(*attributes, path); !NT_SUCCESS(status)) return status;
        const object::Found found = object::lookup(path);
        if (NT_SUCCESS(found.status)) {
            if (object::type_of(found.body) != &object::callback_type) {
                object::dereference(found.body);
                return STATUS_OBJECT_TYPE_MISMATCH;
            }
            *callback = static_cast<PCALLBACK_OBJECT>(found.body);
            return STATUS_SUCCESS;
        }
        if (!create) return found.status;
    } else if (!create) {
        return STATUS_UNSUCCESSFUL;
    }
    auto* body =
        static_cast<PCALLBACK_OBJECT>(object::create(object::callback_type, sizeof(struct _CALLBACK_OBJECT)));
    if (!body) return STATUS_INSUFFICIENT_RESOURCES;
    body->registrations = new Registrations();
    body->multiple = allow_multiple;
    if (!path.empty()) {
        if (const NTSTATUS status = object::insert(path, body); !NT_SUCCESS(status)) {
            object::dereference(body);
            return status;
        }
    }
    *callback = body;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exregistercallback
PVOID NTAPI ExRegisterCallback(PCALLBACK_OBJECT callback, PCALLBACK_FUNCTION function, PVOID context) {
    auto registration = std::make_shared<Registration>(Registration{callback, function, context});
    KeInitializeEvent(&registration->idle, NotificationEvent, FALSE);
    const bool added = callback->registrations->with([&](auto& list) {
        if (!callback->multiple && !list.empty()) return false;
        list.push_back(registration);
        return true;
    });
    if (!added) return nullptr;
    object::reference(callback);
    return registration.get();
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exunregistercallback
VOID NTAPI ExUnregisterCallback(PVOID handle) {
    auto* raw = static_cast<Registration*>(handle);
    PCALLBACK_OBJECT callback = raw->callback;
    std::shared_ptr<Registration> registration;
    const bool running = callback->registrations->with([&](auto& list) {
        auto found =
            std::find_if(list.begin(), list.end(), [&](const auto& one) { return one.get() == raw; });
        registration = *found;
        list.erase(found);
        registration->dead = true;
        return registration->running != 0;
    });
    if (running) KeWaitForSingleObject(&registration->idle, Executive, KernelMode, FALSE, nullptr);
    object::dereference(callback);
}

// Calls the routines in the order of registration, at the caller's IRQL.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exnotifycallback
VOID NTAPI ExNotifyCallback(PVOID object, PVOID argument1, PVOID argument2) {
    auto* callback = static_cast<PCALLBACK_OBJECT>(object);
    const auto all = callback->registrations->with([](auto& list) { return list; });
    for (const auto& registration : all) {
        const bool start = callback->registrations->with([&](auto&) {
            registration->running += !registration->dead;
            return !registration->dead;
        });
        if (!start) continue;
        call_driver(registration->function, registration->context, argument1, argument2);
        const bool last = callback->registrations->with(
            [&](auto&) { return --registration->running == 0 && registration->dead; });
        if (last) KeSetEvent(&registration->idle, 0, FALSE);
    }
}

}  // extern "C"
