// Power: a device leaves D0 and comes back.
//
// Down: protocols hear NetEventSetPower, the stack is paused, the miniport is set to the new state with
// OID_PNP_SET_POWER; one that has no power management is halted instead, with its bindings in place. Up: the
// reverse. A miniport with NDIS_MINIPORT_ATTRIBUTES_NO_PAUSE_ON_SUSPEND (6.30) is not paused; its bindings' sends
// come back with NDIS_STATUS_LOW_POWER_STATE meanwhile.
// https://learn.microsoft.com/windows-hardware/drivers/network/handling-a-set-power-request
#include <algorithm>

#include "base/log.h"
#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/events.h"
#include "ndis/filter.h"
#include "ndis/library.h"
#include "ndis/library_state.h"
#include "ndis/pnp_work.h"
#include "ndis/status.h"
#include "ndis/wake.h"
#include "ndis/wake_user.h"

namespace ndiskit::ndis {

namespace {

bool has_attribute(const Adapter& adapter, ULONG flag) {
    return adapter.attributes.registration.AttributeFlags & flag;
}

bool stays_initialized(const Adapter& adapter) {
    return adapter.attributes.is_power_aware() || has_attribute(adapter, NDIS_MINIPORT_ATTRIBUTES_NO_HALT_ON_SUSPEND);
}

// A miniport that need not be paused is, when a protocol or filter of NDIS 6.20 or older stands on it.
bool pauses_on_suspend(const Adapter& adapter) {
    const auto is_old = [](const auto* driver) { return driver->version < ndis_6_30; };
    return is_old(&adapter.driver) || !has_attribute(adapter, NDIS_MINIPORT_ATTRIBUTES_NO_PAUSE_ON_SUSPEND) ||
           std::ranges::any_of(adapter.bindings(), [&](const Binding* b) { return is_old(&b->protocol); }) ||
           std::ranges::any_of(adapter.filters(), [&](const FilterModule* m) { return is_old(&m->driver); });
}

void tell_power(Adapter& adapter, NDIS_DEVICE_POWER_STATE state) {
    tell_bindings(adapter, NetEventSetPower, &state, sizeof(state));
    for (Binding* binding : adapter.bindings())
        binding->told_power = state;
}

void set_gates(Adapter& adapter, SendGate from, SendGate to) {
    for (Binding* binding : adapter.bindings()) {
        SendGate expected = from;
        binding->send_gate.compare_exchange_strong(expected, to, std::memory_order_seq_cst);
    }
}

NDIS_STATUS set_miniport_power(Adapter& adapter, NDIS_DEVICE_POWER_STATE state) {
    return request_oid(adapter, NdisRequestSetInformation, OID_PNP_SET_POWER, &state, sizeof(state));
}

void power_down(Adapter& adapter, NDIS_DEVICE_POWER_STATE state) {
    adapter.falls_asleep = true;
    tell_power(adapter, state);
    adapter.power = state;
    note_oper_status(adapter);
    set_gates(adapter, SendGate::open, SendGate::low_power);
    if (pauses_on_suspend(adapter)) {
        pause_stack(adapter, NDIS_PAUSE_LOW_POWER);
    } else {
        adapter.sections.quiesce();
        for (Binding* binding : adapter.bindings())
            binding->sends.drain();
    }
    if (stays_initialized(adapter)) {
        send_pm_parameters(adapter);
        const NDIS_STATUS status = set_miniport_power(adapter, state);
        if (status != NDIS_STATUS_SUCCESS)
            log_error("ndis", "{} refused OID_PNP_SET_POWER: 0x{:08x}", adapter.driver.name,
                      static_cast<uint32_t>(status));
        return;
    }
    pause_stack(adapter, NDIS_PAUSE_LOW_POWER);
    halt_miniport(adapter, NdisHaltDevicePoweredDown);
    adapter.halted_for_sleep = true;
}

NDIS_STATUS power_up(Adapter& adapter) {
    NDIS_STATUS status = NDIS_STATUS_SUCCESS;
    if (adapter.halted_for_sleep) {
        // The bindings have stayed, and with them what they asked to receive.
        const uint32_t packet_filter = adapter.packet_filter;
        status = initialize_miniport(adapter);
        adapter.halted_for_sleep = false;
        if (status == NDIS_STATUS_SUCCESS) {
            adapter.packet_filter = packet_filter;
            restore_addressing(adapter);
        }
    } else {
        status = set_miniport_power(adapter, NdisDeviceStateD0);
        if (status == NDIS_STATUS_SUCCESS)
            tell_power_profile(adapter);
    }
    if (status != NDIS_STATUS_SUCCESS)
        return status;
    adapter.power = NdisDeviceStateD0;
    adapter.falls_asleep = false;
    set_gates(adapter, SendGate::low_power, SendGate::open);
    restart_stack(adapter);
    tell_power(adapter, NdisDeviceStateD0);
    return NDIS_STATUS_SUCCESS;
}

Result<> set_power(Adapter& adapter, NDIS_DEVICE_POWER_STATE state) {
    PnpHold hold(adapter.pnp);
    if (!adapter.initialized() && !adapter.halted_for_sleep)
        return fail("the adapter is not initialised", narrow(adapter.config.guid));
    const bool was_up = adapter.power == NdisDeviceStateD0;
    if (state == adapter.power)
        return {};
    if (state == NdisDeviceStateD0) {
        if (power_up(adapter) != NDIS_STATUS_SUCCESS)
            return fail("the adapter does not come back to D0", narrow(adapter.config.guid));
    } else if (was_up) {
        power_down(adapter, state);
    }
    return {};
}

// Whatever stands higher sleeps first and wakes last.
std::vector<Adapter*> top_down() {
    std::vector<Adapter*> order;
    std::vector<Adapter*> lower;
    for (Adapter* adapter : library().adapters())
        (adapter->driver.is_intermediate ? order : lower).push_back(adapter);
    order.insert(order.end(), lower.begin(), lower.end());
    return order;
}

}  // namespace

Result<> set_adapter_power(std::u16string_view name, uint32_t d_state) {
    settle();
    Adapter* adapter = library().find_adapter(name);
    if (adapter == nullptr)
        return fail("no such adapter is started", narrow(name));
    if (d_state > 3)
        return fail("a device power state is 0 to 3", narrow(name));
    const auto state = static_cast<NDIS_DEVICE_POWER_STATE>(NdisDeviceStateD0 + d_state);
    const Result<> done = set_power(*adapter, state);
    settle();
    return done;
}

Result<> sleep_system() {
    settle();
    const std::vector<Adapter*> order = top_down();
    NDIS_DEVICE_POWER_STATE low = NdisDeviceStateD3;
    for (Adapter* adapter : order) {
        PnpHold hold(adapter->pnp);
        if (!adapter->initialized())
            continue;
        const NDIS_STATUS status = tell_bindings(*adapter, NetEventQueryPower, &low, sizeof(low));
        if (status != NDIS_STATUS_SUCCESS)
            return fail("a protocol does not let the system sleep", narrow(adapter->config.guid));
    }
    for (Adapter* adapter : order)
        if (adapter->initialized())
            TRY(set_power(*adapter, low));
    settle();
    return {};
}

void wake_system() {
    settle();
    std::vector<Adapter*> order = top_down();
    std::ranges::reverse(order);
    for (Adapter* adapter : order)
        if (adapter->initialized() || adapter->halted_for_sleep)
            if (const Result<> up = set_power(*adapter, NdisDeviceStateD0); !up)
                log_error("ndis", "{}", up.error().text());
    settle();
}

namespace {

Result<> with_initialized(std::u16string_view name, void (*body)(Adapter&, bool), bool allowed) {
    settle();
    Adapter* adapter = library().find_adapter(name);
    if (adapter == nullptr)
        return fail("no such adapter is started", narrow(name));
    {
        PnpHold hold(adapter->pnp, PnpHold::as_it_is);
        if (!adapter->initialized())
            return fail("the adapter is not initialised", narrow(name));
        body(*adapter, allowed);
        change_user_wake(*adapter);
    }
    settle();
    return {};
}

}  // namespace

Result<> allow_wake(std::u16string_view name, bool allowed) {
    return with_initialized(name, [](Adapter& adapter, bool yes) { write_may_wake(adapter, yes); }, allowed);
}

Result<> refresh_wake_settings(std::u16string_view name) {
    return with_initialized(name, [](Adapter&, bool) {}, false);
}

// https://learn.microsoft.com/windows-hardware/drivers/network/handling-a-change-in-the-system-s-power-source
void change_power_source(nt::io::PowerSource source) {
    settle();
    nt::io::set_power_source(source);
    for (Adapter* adapter : library().adapters()) {
        PnpHold hold(adapter->pnp);
        if (adapter->initialized() && adapter->power == NdisDeviceStateD0)
            tell_power_profile(*adapter);
    }
}

void shut_down_adapters() {
    settle();
    for (Adapter* adapter : top_down()) {
        PnpHold hold(adapter->pnp);
        if (!adapter->initialized())
            continue;
        const NDIS_HANDLE context = adapter->context;
        adapter->advance(AdapterEvent::shutdown_called);
        adapter->shutdown_callback.disarm();
        adapter->driver.handlers.ShutdownHandlerEx(context, NdisShutdownPowerOff);
    }
}

}  // namespace ndiskit::ndis
