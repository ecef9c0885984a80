// The life of a miniport adapter: MiniportInitializeEx, MiniportHaltEx, and what stands around them.
#include "ndis/adapter.h"

#include <algorithm>
#include <ranges>

#include "base/log.h"
#include "ndis/binding.h"
#include "ndis/datapath.h"
#include "ndis/driver.h"
#include "ndis/events.h"
#include "ndis/filter.h"
#include "ndis/grace.h"
#include "ndis/hardware/hardware.h"
#include "ndis/interfaces.h"
#include "ndis/library_state.h"
#include "ndis/misuse.h"
#include "ndis/adapter_ports.h"
#include "ndis/reset.h"
#include "ndis/settings.h"
#include "ndis/status.h"
#include "ndis/wake_user.h"
#include "ndis/wmi.h"

namespace ndiskit::ndis {

namespace {

// A promiscuous binding may say that it does not mean local frames, from Windows 8 on.
bool wants_local_frames(const Listener& listener) {
    const ULONG filter = listener.packet_filter;
    const bool promiscuous = (filter & NDIS_PACKET_TYPE_PROMISCUOUS) &&
                             !((filter & NDIS_PACKET_TYPE_NO_LOCAL) && machine_version() >= ndis_6_30);
    return listener.takes_receives && (promiscuous || (filter & NDIS_PACKET_TYPE_ALL_LOCAL));
}

}  // namespace

Adapter::Adapter(AdapterConfig c, MiniportDriver& d)
    : Handle(handle_kind), driver(d),
      edge_id(library().new_edge({narrow(c.description), "miniport of " + d.name})), config(std::move(c)),
      device_name(u"\\Device\\" + config.guid), oids(*this), settings(std::make_unique<AdapterSettings>()) {
    KeInitializeEvent(&reset_over, NotificationEvent, true);
    pnp.on_taken([](void* adapter) { static_cast<Adapter*>(adapter)->suspend.require(); }, this);
    publish_route();
}

Adapter::~Adapter() = default;

void Adapter::advance(AdapterEvent event) {
    const auto next = next_state(state(), event);
    ASSERT_THAT(next, "adapter {} is {} when {}", narrow(config.guid), state_name(state()), event_name(event));
    state_.store(*next, std::memory_order_release);
    takes_indications.store(next_state(*next, AdapterEvent::receive).has_value(), std::memory_order_release);
}

NDIS_STATUS initialize_miniport(Adapter& adapter) {
    if (!adapter.config.has_media) {
        log_error("ndis", "adapter {} is not initialised: *IfType, *MediaType and *PhysicalMediaType must be in its key",
                  narrow(adapter.config.guid));
        return NDIS_STATUS_FAILURE;
    }
    adapter.advance(AdapterEvent::initialize_called);
    adapter.attributes = Attributes{};
    adapter.settings->clear();
    read_user_wake(adapter);
    adapter.binds_inhibited = false;
    adapter.pause_required = false;
    adapter.reads_network_address = false;
    register_adapter_interface(adapter);
    prepare_hardware(adapter);

    NDIS_MINIPORT_INIT_PARAMETERS parameters{};
    parameters.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_INIT_PARAMETERS;
    parameters.Header.Revision = NDIS_MINIPORT_INIT_PARAMETERS_REVISION_1;
    parameters.Header.Size = sizeof(NDIS_MINIPORT_INIT_PARAMETERS);
    parameters.MiniportAddDeviceContext = adapter.add_device_context;
    parameters.IMDeviceInstanceContext = adapter.instance_request.device_context;
    parameters.IfIndex = adapter.interface_index;
    parameters.NetLuid = adapter.luid;
    NDIS_PORT_AUTHENTICATION_PARAMETERS port_states = default_port_authentication();
    parameters.DefaultPortAuthStates = &port_states;
    parameters.AllocatedResources = resources_of(adapter);

    NDIS_STATUS status = adapter.driver.handlers.InitializeHandlerEx(&adapter, adapter.driver.context, &parameters);
    if (status != NDIS_STATUS_SUCCESS) {
        log_error("ndis", "MiniportInitializeEx of {} failed for adapter {}: 0x{:08x}", adapter.driver.name,
                  narrow(adapter.config.guid), static_cast<uint32_t>(status));
        check_hardware_released(adapter, false);
        adapter.advance(AdapterEvent::initialize_fails);
        deregister_adapter_interface(adapter);
        return status;
    }
    adapter.advance(AdapterEvent::initialize_succeeds);
    if (!adapter.attributes.registered || !adapter.attributes.general_set) {
        log_error("ndis", "{} initialised adapter {} without its registration and general attributes",
                  adapter.driver.name, narrow(adapter.config.guid));
        halt_miniport(adapter, NdisHaltDeviceInitializationFailed);
        return NDIS_STATUS_FAILURE;
    }
    adapter.context = adapter.attributes.registration.MiniportAdapterContext;
    adapter.set_general(adapter.attributes.general);
    adapter.power = NdisDeviceStateD0;
    adapter.falls_asleep = false;
    note_oper_status(adapter);
    adapter.packet_filter = 0;
    adapter.suspend.start();
    connect_layers(adapter);
    adapter.publish_route();
    tell_power_profile(adapter);
    adapter.hang_watch.start();
    register_wmi(adapter);
    adapter.shutdown_callback.arm();
    return NDIS_STATUS_SUCCESS;
}

void halt_miniport(Adapter& adapter, NDIS_HALT_ACTION action) {
    deregister_wmi(adapter);
    adapter.hang_watch.stop();
    adapter.suspend.stop();
    wait_for_reset(adapter);
    adapter.sections.quiesce();
    adapter.advance(AdapterEvent::halt_called);
    const NDIS_HANDLE context = adapter.attributes.registration.MiniportAdapterContext;
    adapter.driver.handlers.HaltHandlerEx(context, action);
    adapter.shutdown_callback.disarm();
    check_hardware_released(adapter, true);
    adapter.sections.quiesce();
    adapter.context = nullptr;
    adapter.ports.with([](auto& ports) { ports.clear(); });
    deregister_adapter_interface(adapter);
    adapter.reclaim_routes();
}

NDIS_STATUS bring_up(Adapter& adapter) {
    const NDIS_STATUS status = initialize_miniport(adapter);
    if (status != NDIS_STATUS_SUCCESS)
        return status;
    if (!attach_filters(adapter)) {
        bring_down(adapter, NdisHaltDeviceFailed);
        return NDIS_STATUS_OPEN_FAILED;
    }
    reconcile_adapter(adapter);
    return adapter.initialized() ? NDIS_STATUS_SUCCESS : NDIS_STATUS_OPEN_FAILED;
}

void bring_down(Adapter& adapter, NDIS_HALT_ACTION action) {
    // One that was halted to sleep still has what stands on it.
    if (!adapter.initialized() && !std::exchange(adapter.halted_for_sleep, false))
        return;
    for (FilterModule* module : std::views::reverse(adapter.filters()))
        tell_pre_detach(*module);
    pause_stack(adapter, NDIS_PAUSE_NDIS_INTERNAL);
    for (Binding* binding : adapter.bindings())
        unbind_protocol(*binding);
    detach_filters(adapter);
    if (adapter.initialized())
        halt_miniport(adapter, action);
}

void Adapter::publish_route() {
    auto next = std::make_unique<Route>();
    next->filters_packets = attributes.general.MediaType == NdisMedium802_3;
    std::copy_n(attributes.general.CurrentMacAddress, next->address.size(), next->address.begin());
    // Wishes are read before the lock that publishes, so that two publishers cannot overtake each other with an
    // older reading: both build and store under it.
    routes_.with([&](auto& kept) {
        const std::vector<Binding*> open = bindings();
        next->active_ports = active_port_numbers(*this);
        has_ports.store(next->active_ports != std::vector{NDIS_PORT_NUMBER{NDIS_DEFAULT_PORT_NUMBER}},
                        std::memory_order_relaxed);
        for (Binding* binding : open)
            next->listeners.push_back(listen(*binding, *next));
        if (open.size() == 1) {
            next->only_sender = open.front();
            if (next->listeners.front().takes_receives)
                next->only = open.front();
        }
        for (const Listener& listener : next->listeners)
            next->wants_local |= next->filters_packets && wants_local_frames(listener);
        next->loops_back = next->wants_local && next->listeners.size() > 1;
        route.store(next.get(), std::memory_order_release);
        kept.push_back(std::move(next));
    });
}

void Adapter::reclaim_routes() {
    std::vector<std::unique_ptr<const Route>> old = routes_.with([](auto& kept) {
        std::vector<std::unique_ptr<const Route>> taken(std::make_move_iterator(kept.begin()),
                                                        std::make_move_iterator(kept.end() - 1));
        kept.erase(kept.begin(), kept.end() - 1);
        return taken;
    });
    sections.quiesce();
}

}  // namespace ndiskit::ndis
