// ZwNotifyChangeKey: who waits for a key to change. A watch is told once: when the key changes, or when the
// handle that it was made with is closed, so that nobody waits for ever. Kernel callers are told by an event,
// by a work item (which takes the place of the APC routine), or by the call's return.
#include <utility>
#include <vector>

#include "base/guarded.h"
#include "nt/registry/key_handle.h"

namespace ndiskit::nt {

namespace {

struct Watch {
    registry::KeyRef key;
    const void* opened;  // what the handle stands for; each open has its own
    bool subtree;
    ULONG filter;   // REG_NOTIFY_CHANGE_LAST_SET ...
    PKEVENT event;  // referenced
    PIO_STATUS_BLOCK block;
    PWORK_QUEUE_ITEM item;  // may be null
    WORK_QUEUE_TYPE queue;
};
Guarded<std::vector<Watch>, LockRank::nt_leaf> watches;

ULONG filter_of(registry::Change what) {
    switch (what) {
        case registry::Change::names:
            return REG_NOTIFY_CHANGE_NAME;
        case registry::Change::values:
            return REG_NOTIFY_CHANGE_LAST_SET;
        case registry::Change::attributes:
            return REG_NOTIFY_CHANGE_ATTRIBUTES;
        case registry::Change::security:
            return REG_NOTIFY_CHANGE_SECURITY;
    }
    return 0;
}

bool sees(const Watch& watch, const registry::KeyRef& changed, registry::Change what) {
    if (!(watch.filter & filter_of(what))) return false;
    // A new or deleted subkey is a change of its parent.
    const registry::Key* key = what == registry::Change::names ? changed->parent : changed.get();
    if (watch.key.get() == key || watch.key == changed) return true;
    for (; watch.subtree && key; key = key->parent)
        if (watch.key.get() == key) return true;
    return false;
}

template <class Chosen>
void tell(NTSTATUS status, Chosen chosen) {
    std::vector<Watch> told;
    watches.with([&](auto& list) {
        std::vector<Watch> others;
        for (const Watch& watch : list) (chosen(watch) ? told : others).push_back(watch);
        list = std::move(others);
    });
    for (const Watch& watch : told) {
        if (watch.block) *watch.block = {{status}, 0};
        KeSetEvent(watch.event, 0, FALSE);
        object::dereference(watch.event);
        if (watch.item) ExQueueWorkItem(watch.item, watch.queue);
    }
}

void changed(const registry::KeyRef& key, registry::Change what) {
    tell(STATUS_NOTIFY_ENUM_DIR, [&](const Watch& watch) { return sees(watch, key, what); });
}

}  // namespace

void registry::handle_closed(void* body, bool last) {
    if (last) tell(STATUS_NOTIFY_CLEANUP, [&](const Watch& watch) { return watch.opened == body; });
}

}  // namespace ndiskit::nt

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwnotifychangekey
NTSTATUS NTAPI ZwNotifyChangeKey(HANDLE handle, HANDLE event_handle, PIO_APC_ROUTINE work_item, PVOID queue,
                                 PIO_STATUS_BLOCK block, ULONG filter, BOOLEAN subtree, PVOID, ULONG,
                                 BOOLEAN asynchronous) {
    registry::KeyRef key;
    if (const NTSTATUS status = registry::key_of(handle, key); !NT_SUCCESS(status)) return status;
    void* opened = nullptr;
    if (const NTSTATUS status = object::reference_by_handle(handle, 0, &object::key_type, false, &opened);
        !NT_SUCCESS(status))
        return status;
    object::dereference(opened);  // only its address is kept, and until the handle is closed
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
    KeClearEvent(static_cast<PKEVENT>(event));
    object::reference(event);  // the watch's
    registry::set_change_listener(changed);
    watches.with([&](auto& list) {
        list.push_back({key, opened, subtree != 0, filter, static_cast<PKEVENT>(event), block,
                        reinterpret_cast<PWORK_QUEUE_ITEM>(work_item),
                        static_cast<WORK_QUEUE_TYPE>(reinterpret_cast<uintptr_t>(queue))});
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
