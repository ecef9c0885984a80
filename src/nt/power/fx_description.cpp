// Reads a driver's description of its device (PO_FX_DEVICE, versions 1 to 3), into memory of the kit.
#include <algorithm>

#include "nt/power/fx_device.h"

namespace ndiskit::nt::power {
namespace {

constexpr ULONG deepest_dependency = 4;

bool read_states(Component& to, ULONG count, ULONG deepest_wakeable,
                 const PO_FX_COMPONENT_IDLE_STATE* states) {
    if (count == 0 || !states || deepest_wakeable >= count) return false;
    to.deepest_wakeable = deepest_wakeable;
    to.states.assign(states, states + count);
    // F0 takes no time to come from, nor to stay in.
    return states[0].TransitionLatency == 0 && states[0].ResidencyRequirement == 0;
}

bool read(Component& to, const PO_FX_COMPONENT_V1& from) {
    return read_states(to, from.IdleStateCount, from.DeepestWakeableIdleState, from.IdleStates);
}

bool read(Component& to, const PO_FX_COMPONENT_V2& from) {
    to.f0_on_dx = (from.Flags & PO_FX_COMPONENT_FLAG_F0_ON_DX) != 0;
    if (from.ProviderCount != 0 && !from.Providers) return false;
    to.providers.assign(from.Providers, from.Providers + from.ProviderCount);
    return read_states(to, from.IdleStateCount, from.DeepestWakeableIdleState, from.IdleStates);
}

// A cycle is deeper than any limit.
bool shallow(const std::vector<Component>& all, ULONG index, ULONG depth) {
    if (depth > deepest_dependency) return false;
    return std::ranges::all_of(all[index].providers,
                               [&](ULONG provider) { return shallow(all, provider, depth + 1); });
}

bool dependencies_hold(const std::vector<Component>& all) {
    for (const Component& it : all) {
        std::vector<ULONG> sorted = it.providers;
        std::ranges::sort(sorted);
        if (std::ranges::adjacent_find(sorted) != sorted.end()) return false;
        if (!sorted.empty() && sorted.back() >= all.size()) return false;
    }
    for (ULONG i = 0; i < all.size(); ++i)
        if (!shallow(all, i, 0)) return false;
    return true;
}

template <class Description>
DeviceRef read_as(const Description& from) {
    if (from.ComponentCount == 0) return nullptr;
    auto device = std::make_shared<Device>();
    device->version = from.Version;
    device->callbacks = {from.ComponentActiveConditionCallback, from.ComponentIdleConditionCallback,
                         from.ComponentIdleStateCallback,       from.DevicePowerRequiredCallback,
                         from.DevicePowerNotRequiredCallback,   from.DeviceContext};
    std::vector<Component> components(from.ComponentCount);
    const Callbacks& to = device->callbacks;
    const bool has_all = to.active_condition && to.idle_condition && to.idle_state;
    for (ULONG i = 0; i < from.ComponentCount; ++i) {
        if (!read(components[i], from.Components[i])) return nullptr;
        if (components[i].states.size() > 1 && !has_all) return nullptr;
    }
    if (!dependencies_hold(components)) return nullptr;
    for (const Component& it : components)
        for (const ULONG provider : it.providers) ++components[provider].references;
    device->state.with([&](State& state) { state.components = std::move(components); });
    return device;
}

}  // namespace

DeviceRef read_device(const void* description) {
    switch (*static_cast<const ULONG*>(description)) {
        case PO_FX_VERSION_V1:
            return read_as(*static_cast<const PO_FX_DEVICE_V1*>(description));
        case PO_FX_VERSION_V2:
            return read_as(*static_cast<const PO_FX_DEVICE_V2*>(description));
        case PO_FX_VERSION_V3:
            return read_as(*static_cast<const PO_FX_DEVICE_V3*>(description));
        default:
            return nullptr;
    }
}

}  // namespace ndiskit::nt::power
