// ZwNotifyChangeKey: who waits for a key to change. A watch is told once.
#include <algorithm>
#include <vector>

#include "base/guarded.h"
#include "nt/registry/key_handle.h"

namespace ndiskit::nt {

namespace {

struct Watch {
    registry::KeyRef key;
    bool subtree;
    bool values;    // REG_NOTIFY_CHANGE_LAST_SET
    bool names;     // REG_NOTIFY_CHANGE_NAME
    PKEVENT event;  // referenced
    PIO_STATUS_BLOCK block;
};
Guarded<std::vector<Watch>, LockRank::nt_leaf> watches;

bool sees(const Watch& watch, const registry::KeyRef& changed, bool values) {
    if (values ? !watch.values : !watch.names) return false;
    // A new or deleted subkey is a change of its parent.
    const registry::Key* key = values ? changed.get() : changed->parent;
    if (watch.key.get() == key || watch.key == changed) return true;
    for (; watch.subtree && key; key = key->parent)
        if (watch.key.get() == key) return true;
    return false;
}

void changed(const registry::KeyRef& key, bool values) {
    std::vector<Watch> told;
    watches.with([&](auto& list) {
        const auto rest =
            std::partition(list.begin(), list.end(), [&](const Watch& w) { return !sees(w, key, values); });
        told.assign(rest, list.end());
        list.erase(rest, list.end());
    });
    for (const Watch& watch : told) {
        if (watch.block) *watch.block = {{STATUS_NOTIFY_ENUM_DIR}, 0};
        KeSetEvent(watch.event, 0, FALSE);
        object::dereference(watch.event);
    }
}

}  // namespace

}  // namespace ndiskit::nt

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwnotifychangekey
NTSTATUS NTAPI ZwNotifyChangeKey(HANDLE handle, HANDLE event_handle, PIO_APC_ROUTINE, PVOID,
                                 PIO_STATUS_BLOCK block, ULONG filter, BOOLEAN subtree, PVOID, ULONG,
                                 BOOLEAN asynchronous) {
    registry::KeyRef key;
    if (const NTSTATUS status = registry::key_of(handle, key); !NT_SUCCESS(status)) return status;
    void* event = nullptr;
    if (event_handle) {
        const NTSTATUS status =
            object::reference_by_handle(event_handle, 0, &object::event_type, false, &event);
        if (!NT_SUCCESS(status)) return status;
    } else {
        event = object::create(object::event_type, sizeof(KEVENT));
        if (!event) return STATUS_INSUFFICIENT_RESOURCES;
        KeInitializeEvent(static_cast<PKEVENT>(event), NotificationEvent, FALSE);
    }
    object::reference(event);  // the watch's
    registry::set_change_listener(changed);
    watches.with([&](auto& list) {
        list.push_back({key, subtree != 0, (filter & REG_NOTIFY_CHANGE_LAST_SET) != 0,
                        (filter & REG_NOTIFY_CHANGE_NAME) != 0, static_cast<PKEVENT>(event), block});
    });
    NTSTATUS status = STATUS_PENDING;
    if (!asynchronous) {
        KeWaitForSingleObject(event, Executive, KernelMode, FALSE, nullptr);
        status = STATUS_NOTIFY_ENUM_DIR;
    }
    object::dereference(event);
    return status;
}

}  // extern "C"
