// The power management framework (PoFx): a device with its components as the driver registered them.
//
// Each component has a count of those who need it active. What its driver should hear follows from where the
// component stands and where that count wants it; fx_steps.cpp is that table. A step is taken under the
// device's lock and its callback is called without it, on the thread whose call made it due, or on a worker's
// when that call asked so. Of one component one callback runs at a time; components do not wait for each
// other but where one provides for the other.
#pragma once

#include <memory>
#include <vector>

#include "base/guarded.h"
#include "nt/abi.h"
#include "nt/abi/pofx.h"

namespace ndiskit::nt::power {

enum class Condition { active, idling, idle };
enum class Call { none, active_condition, idle_condition, idle_state };

struct PerfSet {
    PO_FX_PERF_STATE_TYPE type;
    std::vector<PO_FX_PERF_STATE> states;
    ULONGLONG minimum = 0, maximum = 0;
    ULONGLONG current = 0;
};
struct Perf {
    bool registered = false;
    bool changing = false;
    PPO_FX_COMPONENT_PERF_STATE_CALLBACK callback = nullptr;
    std::vector<PerfSet> sets;
};

struct Component {
    bool f0_on_dx = false;
    ULONG deepest_wakeable = 0;
    std::vector<PO_FX_COMPONENT_IDLE_STATE> states;
    std::vector<ULONG> providers;

    LONG references = 1;  // the framework's own until power management starts
    Condition condition = Condition::active;
    bool holds_providers = true;
    ULONG state = 0, next_state = 0;
    Call running = Call::none;  // a callback that has not returned
    Call awaited = Call::none;  // one whose completion the driver has not told
    bool on_worker = false;     // the transition was asked for with PO_FX_FLAG_ASYNC_ONLY

    ULONGLONG latency = ~0ULL, residency = ~0ULL;
    bool wake = false;
    Perf perf;
};

struct Callbacks {
    PPO_FX_COMPONENT_ACTIVE_CONDITION_CALLBACK active_condition;
    PPO_FX_COMPONENT_IDLE_CONDITION_CALLBACK idle_condition;
    PPO_FX_COMPONENT_IDLE_STATE_CALLBACK idle_state;
    PPO_FX_DEVICE_POWER_REQUIRED_CALLBACK required;
    PPO_FX_DEVICE_POWER_NOT_REQUIRED_CALLBACK not_required;
    PVOID context;
};

// D0 needed; told that it is not; the driver's answer has come; told that it is needed again.
enum class DevicePower { on, releasing, released, returning };

// Who waits on a thread: for a component's transition, or for all callbacks to end.
struct Waiter {
    KEVENT* event;
    bool for_end;
    ULONG component;
    bool active;
};

struct State {
    std::vector<Component> components;
    DevicePower power = DevicePower::on;
    bool started = false, gone = false;
    bool before_dx = false;  // components with F0_ON_DX are on their way to F0, or there
    ULONGLONG idle_timeout = 0;
    ULONGLONG idle_since = 0;  // 0: not idle
    ULONGLONG timer_due = 0;   // 0: not set
    bool worker_queued = false;
    unsigned running = 0;
    std::vector<Waiter> waiters;
};

struct Device {
    DEVICE_OBJECT* physical;
    ULONG version;
    Callbacks callbacks;
    KTIMER timer;
    KDPC timer_dpc;
    Guarded<State, LockRank::nt_leaf> state;
};
using DeviceRef = std::shared_ptr<Device>;

// Reads a PO_FX_DEVICE; null when its description is invalid.
DeviceRef read_device(const void* description);

enum class StepKind {
    none,
    wake,
    timer,
    worker,
    active_condition,
    idle_condition,
    idle_state,
    required,
    not_required
};
struct Step {
    StepKind kind = StepKind::none;
    ULONG component = 0, state = 0;
    ULONGLONG due = 0;
    std::vector<Waiter> woken = {};
};
// What is to be done next, taken into the state as under way.
Step next_step(const Device& device, State& state, ULONGLONG now, bool worker);
void after_step(State& state, const Step& step);
void become_idle(State& state, Component& component);

// Takes steps until none is due. Up to DISPATCH_LEVEL.
void advance(const DeviceRef& device, bool worker = false);
// Waits until the component has made the transition, with its callback.
void wait_for(const DeviceRef& device, Waiter waiter);

// Bug checks when it is not registered.
DeviceRef device_of(POHANDLE handle);
DeviceRef device_on(const DEVICE_OBJECT* physical);

// INTERNAL_POWER_ERROR's first parameter.
constexpr ULONG internal_power_error = 0xA0;
enum PowerError : ULONG {
    duplicate_registration = 0x600,
    idle_without_active = 0x608,
    nothing_pending = 0x613,
    illegal_parameter = 0x614,
    perf_not_registered = 0x61B,
    perf_invalid = 0x61C,
    perf_outstanding = 0x61D
};
// Of illegal_parameter.
enum Illegal : ULONG { blocking_at_dispatch, blocking_and_async, no_such_component };

// PO_FX_FLAG_XXX of a call, and its component.
void check_call(const Device& device, ULONG components, ULONG component, ULONG flags);

}  // namespace ndiskit::nt::power
