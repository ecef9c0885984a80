// What drivers call of the power management framework; performance states are in fx_performance.cpp. There is
// no platform extension plug-in on this machine and it has no Modern Standby: nobody sends drivers power
// control requests or directed transitions.
#include <algorithm>

#include "nt/bugcheck.h"
#include "nt/power/fx_device.h"
#include "nt/power/fx_registry.h"

using namespace ndiskit::nt;
using namespace ndiskit::nt::power;

namespace {

[[noreturn]] void nothing_is_pending(const Device& device, ULONG component, ULONG operation) {
    bug_check_because("a driver told PoFx that it completed what PoFx did not ask for", internal_power_error,
                      nothing_pending, reinterpret_cast<uintptr_t>(&device), component, operation);
}

size_t count_of(const DeviceRef& device) {
    return device->state.with([](State& state) { return state.components.size(); });
}

template <class Change>
void change_component(POHANDLE handle, ULONG index, Change change) {
    const DeviceRef device = device_of(handle);
    check_call(*device, static_cast<ULONG>(count_of(device)), index, 0);
    device->state.with([&](State& state) { change(state.components[index]); });
    advance(device);
}

// The device is in D0 again, and not set up.
void powered_on(State& state) {
    state.power = DevicePower::on;
    state.before_dx = false;
    state.idle_since = 0;
}

// True when there is a transition that the call has to wait for.
bool count(const DeviceRef& device, ULONG index, ULONG flags, LONG change) {
    bool turns = false;
    const bool counted = device->state.with([&](State& state) {
        Component& component = state.components[index];
        if (component.references + change < 0) return false;
        component.references += change;
        if (component.references == (change > 0 ? 1 : 0))
            component.on_worker = (flags & PO_FX_FLAG_ASYNC_ONLY) != 0;
        turns = change > 0 ? component.condition != Condition::active : component.references == 0;
        return true;
    });
    if (!counted)
        bug_check_because("a component was made idle without a request before that made it active",
                          internal_power_error, idle_without_active, index);
    return turns;
}

void turn(POHANDLE handle, ULONG index, ULONG flags, LONG change) {
    const DeviceRef device = device_of(handle);
    check_call(*device, static_cast<ULONG>(count_of(device)), index, flags);
    const bool turns = count(device, index, flags, change);
    if (turns && (flags & PO_FX_FLAG_BLOCKING))
        wait_for(device, {.event = nullptr, .for_end = false, .component = index, .active = change > 0});
    else
        advance(device);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pofxregisterdevice
NTSTATUS NTAPI PoFxRegisterDevice(PDEVICE_OBJECT pdo, PVOID description, POHANDLE* handle) {
    if (!pdo || !description || !handle) return STATUS_INVALID_PARAMETER;
    if (device_on(pdo))
        bug_check_because("the device is registered with PoFx already", internal_power_error,
                          duplicate_registration, reinterpret_cast<uintptr_t>(pdo));
    // Only what PnP found has a stack whose power there is to manage.
    if (!(pdo->Flags & DO_BUS_ENUMERATED_DEVICE)) return STATUS_DEVICE_NOT_READY;
    const DeviceRef device = read_device(description);
    if (!device) return STATUS_INVALID_PARAMETER;
    device->physical = pdo;
    add_device(device);
    *handle = reinterpret_cast<POHANDLE>(device.get());
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pofxunregisterdevice
void NTAPI PoFxUnregisterDevice(POHANDLE handle) { remove_device(device_of(handle)); }

// Gives back the framework's own reference on each component.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pofxstartdevicepowermanagement
void NTAPI PoFxStartDevicePowerManagement(POHANDLE handle) {
    const DeviceRef device = device_of(handle);
    device->state.with([](State& state) {
        if (std::exchange(state.started, true)) return;
        for (Component& component : state.components) --component.references;
    });
    advance(device);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pofxactivatecomponent
void NTAPI PoFxActivateComponent(POHANDLE handle, ULONG component, ULONG flags) {
    turn(handle, component, flags, 1);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pofxidlecomponent
void NTAPI PoFxIdleComponent(POHANDLE handle, ULONG component, ULONG flags) {
    turn(handle, component, flags, -1);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pofxcompleteidlecondition
void NTAPI PoFxCompleteIdleCondition(POHANDLE handle, ULONG index) {
    const DeviceRef device = device_of(handle);
    check_call(*device, static_cast<ULONG>(count_of(device)), index, 0);
    const bool pending = device->state.with([&](State& state) {
        Component& component = state.components[index];
        if (component.awaited != Call::idle_condition) return false;
        component.awaited = Call::none;
        become_idle(state, component);
        return true;
    });
    if (!pending) nothing_is_pending(*device, index, 2);
    advance(device);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pofxcompleteidlestate
void NTAPI PoFxCompleteIdleState(POHANDLE handle, ULONG index) {
    const DeviceRef device = device_of(handle);
    check_call(*device, static_cast<ULONG>(count_of(device)), index, 0);
    const bool pending = device->state.with([&](State& state) {
        Component& component = state.components[index];
        if (component.awaited != Call::idle_state) return false;
        component.awaited = Call::none;
        component.state = component.next_state;
        return true;
    });
    if (!pending) nothing_is_pending(*device, index, 3);
    advance(device);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pofxcompletedevicepowernotrequired
void NTAPI PoFxCompleteDevicePowerNotRequired(POHANDLE handle) {
    const DeviceRef device = device_of(handle);
    const bool pending = device->state.with([](State& state) {
        if (state.power != DevicePower::releasing) return false;
        state.power = DevicePower::released;
        return true;
    });
    if (!pending) nothing_is_pending(*device, 0, 0);
    advance(device);
}

// After DevicePowerRequiredCallback, or after an S0 IRP whose device was let go.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pofxreportdevicepoweredon
void NTAPI PoFxReportDevicePoweredOn(POHANDLE handle) {
    const DeviceRef device = device_of(handle);
    const bool pending = device->state.with([](State& state) {
        if (state.power != DevicePower::returning && state.power != DevicePower::released) return false;
        powered_on(state);
        return true;
    });
    if (!pending) nothing_is_pending(*device, 0, 1);
    advance(device);
}

// A device that is not registered, or is in use, stays as it is.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pofxnotifysurprisepoweron
void NTAPI PoFxNotifySurprisePowerOn(PDEVICE_OBJECT pdo) {
    const DeviceRef device = device_on(pdo);
    if (!device) return;
    device->state.with([](State& state) {
        if (state.power == DevicePower::released) powered_on(state);
    });
    advance(device);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pofxsetcomponentlatency
void NTAPI PoFxSetComponentLatency(POHANDLE handle, ULONG component, ULONGLONG latency) {
    change_component(handle, component, [&](Component& it) { it.latency = latency; });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pofxsetcomponentresidency
void NTAPI PoFxSetComponentResidency(POHANDLE handle, ULONG component, ULONGLONG residency) {
    change_component(handle, component, [&](Component& it) { it.residency = residency; });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pofxsetcomponentwake
void NTAPI PoFxSetComponentWake(POHANDLE handle, ULONG component, BOOLEAN hint) {
    change_component(handle, component, [&](Component& it) { it.wake = hint; });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pofxsetdeviceidletimeout
void NTAPI PoFxSetDeviceIdleTimeout(POHANDLE handle, ULONGLONG timeout) {
    const DeviceRef device = device_of(handle);
    device->state.with([&](State& state) { state.idle_timeout = timeout; });
    advance(device);
}

// Without a plug-in there is no constraint that the driver's would have to be within.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pofxsettargetdripsdevicepowerstate
NTSTATUS NTAPI PoFxSetTargetDripsDevicePowerState(POHANDLE handle, DEVICE_POWER_STATE state) {
    device_of(handle);
    return state >= PowerDeviceUnspecified && state <= PowerDeviceD3 ? STATUS_SUCCESS
                                                                     : STATUS_INVALID_PARAMETER;
}

// Requests are the plug-in's to serve.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-pofxpowercontrol
NTSTATUS NTAPI PoFxPowerControl(POHANDLE handle, LPCGUID, PVOID, SIZE_T, PVOID, SIZE_T, PSIZE_T returned) {
    device_of(handle);
    if (returned) *returned = 0;
    return STATUS_NOT_SUPPORTED;
}

}  // extern "C"
