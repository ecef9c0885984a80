// Registered devices, and how their steps are taken.
#include "nt/power/fx_device.h"

#include <algorithm>

#include "nt/bugcheck.h"
#include "nt/image/call_gate.h"
#include "nt/ke/api.h"
#include "nt/ke/irql.h"
#include "nt/ke/work_queue.h"
#include "nt/object/object.h"
#include "nt/power/fx_registry.h"

namespace ndiskit::nt::power {
namespace {

Guarded<std::vector<DeviceRef>, LockRank::nt_object>& devices() {
    static auto* const it = new Guarded<std::vector<DeviceRef>, LockRank::nt_object>();
    return *it;
}

template <class Matches>
DeviceRef find(Matches matches) {
    return devices().with([&](auto& all) -> DeviceRef {
        const auto found = std::ranges::find_if(all, matches);
        return found == all.end() ? nullptr : *found;
    });
}

void NTAPI idle_time_is_over(PKDPC, PVOID context, PVOID, PVOID) {
    const DeviceRef device = find([&](const DeviceRef& it) { return it.get() == context; });
    if (!device) return;
    device->state.with([](State& state) { state.timer_due = 0; });
    advance(device);
}

void take(const DeviceRef& device, const Step& step) {
    const Callbacks& to = device->callbacks;
    switch (step.kind) {
        case StepKind::none:
            return;
        case StepKind::wake:
            for (const Waiter& waiter : step.woken) KeSetEvent(waiter.event, IO_NO_INCREMENT, FALSE);
            return;
        case StepKind::timer:
            KeSetTimer(&device->timer, {.QuadPart = -static_cast<LONGLONG>(step.due)}, &device->timer_dpc);
            return;
        case StepKind::worker:
            return ke::run_later([device] { advance(device, true); });
        case StepKind::active_condition:
            return call_driver(to.active_condition, to.context, step.component);
        case StepKind::idle_condition:
            return call_driver(to.idle_condition, to.context, step.component);
        case StepKind::idle_state:
            return call_driver(to.idle_state, to.context, step.component, step.state);
        case StepKind::required:
            return call_driver(to.required, to.context);
        case StepKind::not_required:
            return call_driver(to.not_required, to.context);
    }
}

}  // namespace

void advance(const DeviceRef& device, bool worker) {
    if (worker) device->state.with([](State& state) { state.worker_queued = false; });
    while (true) {
        const ULONGLONG now = KeQueryInterruptTime();
        const Step step =
            device->state.with([&](State& state) { return next_step(*device, state, now, worker); });
        if (step.kind == StepKind::none) return;
        take(device, step);
        device->state.with([&](State& state) { after_step(state, step); });
    }
}

void wait_for(const DeviceRef& device, Waiter waiter) {
    KEVENT done;
    KeInitializeEvent(&done, NotificationEvent, FALSE);
    waiter.event = &done;
    device->state.with([&](State& state) { state.waiters.push_back(waiter); });
    advance(device);
    KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, nullptr);
}

DeviceRef device_of(POHANDLE handle) {
    DeviceRef device = find([&](const DeviceRef& it) { return static_cast<void*>(it.get()) == handle; });
    if (!device)
        bug_check_because("a PoFx function was called with a handle of no registered device",
                          internal_power_error, illegal_parameter, reinterpret_cast<uintptr_t>(handle));
    return device;
}

DeviceRef device_on(const DEVICE_OBJECT* physical) {
    return find([&](const DeviceRef& it) { return it->physical == physical; });
}

void add_device(const DeviceRef& device) {
    KeInitializeTimer(&device->timer);
    KeInitializeDpc(&device->timer_dpc, idle_time_is_over, device.get());
    object::reference(device->physical);
    devices().with([&](auto& all) { all.push_back(device); });
}

void remove_device(const DeviceRef& device) {
    devices().with([&](auto& all) { std::erase(all, device); });
    device->state.with([](State& state) { state.gone = true; });
    wait_for(device, {.event = nullptr, .for_end = true, .component = 0, .active = false});
    KeCancelTimer(&device->timer);
    KeFlushQueuedDpcs();
    object::dereference(device->physical);
}

void check_call(const Device& device, ULONG components, ULONG component, ULONG flags) {
    const auto stop = [&](const char* why, Illegal what) {
        bug_check_because(why, internal_power_error, illegal_parameter, reinterpret_cast<uintptr_t>(&device),
                          component, what);
    };
    if (component >= components)
        stop("PoFx was told of a component that the device does not have", no_such_component);
    constexpr ULONG both = PO_FX_FLAG_BLOCKING | PO_FX_FLAG_ASYNC_ONLY;
    if ((flags & both) == both)
        stop("PO_FX_FLAG_BLOCKING and PO_FX_FLAG_ASYNC_ONLY exclude each other", blocking_and_async);
    if ((flags & PO_FX_FLAG_BLOCKING) && current_irql() >= DISPATCH_LEVEL)
        stop("PO_FX_FLAG_BLOCKING is for callers below DISPATCH_LEVEL", blocking_at_dispatch);
}

}  // namespace ndiskit::nt::power
