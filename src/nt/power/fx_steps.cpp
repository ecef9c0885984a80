// What a device's driver is to hear next (see fx_device.h). Components first, in order, then the device: it
// is needed in D0 while a component is, and let go when all have been idle for the driver's time-out.
#include <algorithm>
#include <optional>

#include "nt/power/fx_device.h"

namespace ndiskit::nt::power {
namespace {

// The deepest state that the driver's latency, residency and wake hints let it enter.
ULONG state_for(const State& state, const Component& component) {
    if (state.before_dx && component.f0_on_dx) return 0;
    ULONG deepest = 0;
    for (ULONG i = 1; i < component.states.size(); ++i) {
        const auto& it = component.states[i];
        if (it.TransitionLatency > component.latency || it.ResidencyRequirement > component.residency)
            continue;
        if (component.wake && i > component.deepest_wakeable) continue;
        deepest = i;
    }
    return deepest;
}

Step to_state(Component& component, ULONG index, ULONG state) {
    component.next_state = state;
    component.awaited = component.running = Call::idle_state;
    return {.kind = StepKind::idle_state, .component = index, .state = state};
}

bool ready(const Component& component) {
    return component.condition == Condition::active && component.running != Call::active_condition;
}

// nullopt: nothing to tell; `changed` when the state is another all the same.
std::optional<Step> activate(const Device& device, State& state, ULONG index, bool& changed) {
    Component& component = state.components[index];
    if (!std::exchange(component.holds_providers, true)) {
        for (const ULONG provider : component.providers) ++state.components[provider].references;
        changed = changed || !component.providers.empty();
    }
    if (state.power != DevicePower::on) return {};
    const auto is_ready = [&](ULONG provider) { return ready(state.components[provider]); };
    if (!std::ranges::all_of(component.providers, is_ready)) return {};
    if (component.state != 0) return to_state(component, index, 0);
    component.condition = Condition::active;
    changed = true;
    if (!device.callbacks.active_condition) return {};
    component.running = Call::active_condition;
    return Step{.kind = StepKind::active_condition, .component = index};
}

std::optional<Step> component_step(const Device& device, State& state, ULONG index, bool& changed) {
    Component& component = state.components[index];
    if (component.references > 0) {
        if (component.condition == Condition::idle) return activate(device, state, index, changed);
        component.on_worker = false;
        return {};
    }
    if (component.condition == Condition::active) {
        component.condition = Condition::idling;
        changed = true;
        if (!device.callbacks.idle_condition) {
            become_idle(state, component);
            return {};
        }
        component.awaited = component.running = Call::idle_condition;
        return Step{.kind = StepKind::idle_condition, .component = index};
    }
    const ULONG target = state.power == DevicePower::on ? state_for(state, component) : component.state;
    // Never straight from one low-power state to another.
    if (component.state != target) return to_state(component, index, component.state != 0 ? 0 : target);
    component.on_worker = false;
    return {};
}

std::optional<Step> let_go(const Device& device, State& state, ULONGLONG now, bool& changed) {
    if (!device.callbacks.not_required) return {};
    const ULONGLONG due = state.idle_since + state.idle_timeout;
    if (now < due) {
        if (state.timer_due == due) return {};
        state.timer_due = due;
        return Step{.kind = StepKind::timer, .due = due - now};
    }
    if (!std::exchange(state.before_dx, true)) {
        changed = true;
        return {};
    }
    state.power = DevicePower::releasing;
    return Step{.kind = StepKind::not_required};
}

std::optional<Step> device_step(const Device& device, State& state, ULONGLONG now, bool& changed) {
    const auto wanted = [](const Component& c) { return c.references > 0; };
    const bool is_wanted = std::ranges::any_of(state.components, wanted);
    if (state.power == DevicePower::released && is_wanted) {
        state.power = device.callbacks.required ? DevicePower::returning : DevicePower::on;
        changed = true;
        if (device.callbacks.required) return Step{.kind = StepKind::required};
        state.before_dx = false;
    }
    if (state.power != DevicePower::on || !state.started) return {};
    const auto is_idle = [](const Component& c) { return c.condition == Condition::idle; };
    if (is_wanted || !std::ranges::all_of(state.components, is_idle)) {
        state.idle_since = 0;
        state.before_dx = false;
        return {};
    }
    if (state.idle_since == 0) state.idle_since = std::max<ULONGLONG>(now, 1);
    const auto moves = [](const Component& c) { return c.running != Call::none || c.awaited != Call::none; };
    if (std::ranges::any_of(state.components, moves)) return {};
    return let_go(device, state, now, changed);
}

std::vector<Waiter> woken_of(State& state) {
    std::vector<Waiter> woken;
    std::erase_if(state.waiters, [&](const Waiter& waiter) {
        bool met = state.running == 0;
        if (!waiter.for_end) {
            const Component& it = state.components[waiter.component];
            const bool idled = it.condition != Condition::active && it.running != Call::idle_condition;
            // Somebody else may have turned the component back meanwhile.
            met = waiter.active ? ready(it) || it.references == 0 : idled || it.references > 0;
            met = met || state.gone;
        }
        if (met) woken.push_back(waiter);
        return met;
    });
    return woken;
}

Step find_step(const Device& device, State& state, ULONGLONG now, bool worker) {
    bool changed = true, left_to_worker = false;
    while (changed) {
        changed = left_to_worker = false;
        for (ULONG i = 0; i < state.components.size(); ++i) {
            Component& component = state.components[i];
            if (component.running != Call::none || component.awaited != Call::none) continue;
            if (component.on_worker && !worker) {
                left_to_worker = true;
                continue;
            }
            if (auto step = component_step(device, state, i, changed)) return *std::move(step);
        }
        if (left_to_worker) continue;
        if (auto step = device_step(device, state, now, changed)) return *std::move(step);
    }
    if (left_to_worker && !std::exchange(state.worker_queued, true)) return {.kind = StepKind::worker};
    return {};
}

}  // namespace

Step next_step(const Device& device, State& state, ULONGLONG now, bool worker) {
    auto woken = woken_of(state);
    if (!woken.empty()) return {.kind = StepKind::wake, .woken = std::move(woken)};
    if (state.gone) return {};
    Step step = find_step(device, state, now, worker);
    if (step.kind == StepKind::none) {
        step.woken = woken_of(state);
        if (!step.woken.empty()) step.kind = StepKind::wake;
        return step;
    }
    ++state.running;
    return step;
}

void after_step(State& state, const Step& step) {
    if (step.kind == StepKind::wake) return;
    --state.running;
    if (step.kind == StepKind::active_condition || step.kind == StepKind::idle_condition ||
        step.kind == StepKind::idle_state)
        state.components[step.component].running = Call::none;
}

void become_idle(State& state, Component& component) {
    component.condition = Condition::idle;
    component.holds_providers = false;
    for (const ULONG provider : component.providers) --state.components[provider].references;
}

}  // namespace ndiskit::nt::power
