// Performance states of components. Without a platform extension plug-in drivers bring their own states and
// every change to one of them is granted.
#include <algorithm>

#include "nt/bugcheck.h"
#include "nt/image/call_gate.h"
#include "nt/ke/work_queue.h"
#include "nt/power/fx_device.h"

using namespace ndiskit::nt;
using namespace ndiskit::nt::power;

namespace {

bool read_set(PerfSet& to, const PO_FX_COMPONENT_PERF_SET& from) {
    to.type = from.Type;
    if (from.Type == PoFxPerfStateTypeRange) {
        to.current = to.minimum = from.Range.Minimum;
        to.maximum = from.Range.Maximum;
        return to.minimum <= to.maximum;
    }
    if (from.Type != PoFxPerfStateTypeDiscrete || from.Discrete.Count == 0 || !from.Discrete.States)
        return false;
    to.states.assign(from.Discrete.States, from.Discrete.States + from.Discrete.Count);
    return true;
}

bool can_be(const Perf& perf, const PO_FX_PERF_STATE_CHANGE& change) {
    if (change.Set >= perf.sets.size()) return false;
    const PerfSet& set = perf.sets[change.Set];
    if (set.type == PoFxPerfStateTypeDiscrete) return change.StateIndex < set.states.size();
    return change.StateValue >= set.minimum && change.StateValue <= set.maximum;
}

// All of the changes or none.
bool change_to(Perf& perf, const std::vector<PO_FX_PERF_STATE_CHANGE>& changes) {
    if (!std::ranges::all_of(changes, [&](const auto& it) { return can_be(perf, it); })) return false;
    for (const auto& it : changes) {
        PerfSet& set = perf.sets[it.Set];
        set.current = set.type == PoFxPerfStateTypeDiscrete ? it.StateIndex : it.StateValue;
    }
    return true;
}

void finish(const DeviceRef& device, ULONG index, const std::vector<PO_FX_PERF_STATE_CHANGE>& changes,
            PVOID context) {
    PPO_FX_COMPONENT_PERF_STATE_CALLBACK callback = nullptr;
    const bool done = device->state.with([&](State& state) {
        Perf& perf = state.components[index].perf;
        callback = perf.callback;
        // From the callback on the driver may ask anew.
        perf.changing = false;
        return change_to(perf, changes);
    });
    if (callback) call_driver(callback, device->callbacks.context, index, done, context);
    device->state.with([](State& state) { --state.running; });
    advance(device);
}

void issue(POHANDLE handle, ULONG flags, ULONG index, std::vector<PO_FX_PERF_STATE_CHANGE> changes,
           PVOID context) {
    const DeviceRef device = device_of(handle);
    const auto components = device->state.with([](State& state) { return state.components.size(); });
    check_call(*device, static_cast<ULONG>(components), index, flags);
    const ULONG wrong = device->state.with([&](State& state) -> ULONG {
        Perf& perf = state.components[index].perf;
        if (!perf.registered) return perf_not_registered;
        if (changes.size() > perf.sets.size()) return perf_invalid;
        if (std::exchange(perf.changing, true)) return perf_outstanding;
        ++state.running;
        return 0;
    });
    if (wrong != 0)
        bug_check_because(wrong == perf_not_registered ? "the component has no performance states registered"
                          : wrong == perf_invalid
                              ? "more performance states are to change than the component has sets of"
                              : "the component's change of performance states before has not ended",
                          internal_power_error, wrong, reinterpret_cast<uintptr_t>(device.get()), index);
    if (flags & PO_FX_FLAG_ASYNC_ONLY)
        ndiskit::nt::ke::run_later([=] { finish(device, index, changes, context); });
    else
        finish(device, index, changes, context);
}

}  // namespace

extern "C" {

// Devices of version 1 cannot have performance states.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pofxregistercomponentperfstates
NTSTATUS NTAPI PoFxRegisterComponentPerfStates(POHANDLE handle, ULONG index, ULONGLONG flags,
                                               PPO_FX_COMPONENT_PERF_STATE_CALLBACK callback,
                                               PPO_FX_COMPONENT_PERF_INFO input,
                                               PPO_FX_COMPONENT_PERF_INFO* output) {
    const DeviceRef device = device_of(handle);
    if (!input == !output || device->version < PO_FX_VERSION_V2) return STATUS_INVALID_PARAMETER;
    if (output || !(flags & PO_FX_FLAG_PERF_PEP_OPTIONAL)) return STATUS_NOT_IMPLEMENTED;
    Perf perf{.registered = true, .callback = callback};
    perf.sets.resize(input->PerfStateSetsCount);
    if (perf.sets.empty()) return STATUS_INVALID_PARAMETER;
    for (ULONG i = 0; i < perf.sets.size(); ++i)
        if (!read_set(perf.sets[i], input->PerfStateSets[i])) return STATUS_INVALID_PARAMETER;
    return device->state.with([&](State& state) -> NTSTATUS {
        if (index >= state.components.size() || state.components[index].perf.registered)
            return STATUS_INVALID_PARAMETER;
        state.components[index].perf = std::move(perf);
        return STATUS_SUCCESS;
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pofxquerycurrentcomponentperfstate
NTSTATUS NTAPI PoFxQueryCurrentComponentPerfState(POHANDLE handle, ULONG, ULONG index, ULONG set,
                                                  PULONGLONG current) {
    return device_of(handle)->state.with([&](State& state) -> NTSTATUS {
        if (index >= state.components.size() || set >= state.components[index].perf.sets.size())
            return STATUS_INVALID_PARAMETER;
        *current = state.components[index].perf.sets[set].current;
        return STATUS_SUCCESS;
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pofxissuecomponentperfstatechange
void NTAPI PoFxIssueComponentPerfStateChange(POHANDLE handle, ULONG flags, ULONG component,
                                             PPO_FX_PERF_STATE_CHANGE change, PVOID context) {
    issue(handle, flags, component, {*change}, context);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pofxissuecomponentperfstatechangemultiple
void NTAPI PoFxIssueComponentPerfStateChangeMultiple(POHANDLE handle, ULONG flags, ULONG component,
                                                     ULONG count, PPO_FX_PERF_STATE_CHANGE changes,
                                                     PVOID context) {
    issue(handle, flags, component, {changes, changes + count}, context);
}

}  // extern "C"
