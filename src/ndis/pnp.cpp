// PnP: devices start and go, and bindings follow the registry.
#include <algorithm>

#include "base/log.h"
#include "ndis/adapter.h"
#include "ndis/adapter_ports.h"
#include "ndis/bind_list.h"
#include "ndis/lists.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/events.h"
#include "ndis/filter.h"
#include "ndis/intermediate.h"
#include "ndis/library.h"
#include "ndis/library_state.h"
#include "ndis/pnp_work.h"
#include "nt/io/driver.h"

namespace ndiskit::ndis {

namespace {

// Whether the registry lists the adapter in the protocol's Bind.
bool is_listed(const ProtocolDriver& protocol, const Adapter& adapter) {
    const auto list = read_bind_list(protocol.service);
    return std::ranges::any_of(list, [&](const auto& device) { return same_name(device, adapter.device_name); });
}

Binding* find_binding(const Adapter& adapter, const ProtocolDriver& protocol) {
    for (Binding* binding : adapter.bindings())
        if (&binding->protocol == &protocol)
            return binding;
    return nullptr;
}

// Protocols in the order that the adapter's UpperBind gives, others behind in order of registration.
std::vector<ProtocolDriver*> in_binding_order(const Adapter& adapter) {
    std::vector<ProtocolDriver*> protocols = library().protocol_drivers();
    const std::vector<std::u16string> order = read_upper_bind(adapter.config);
    const auto rank = [&](const ProtocolDriver* protocol) {
        const auto it = std::ranges::find_if(order, [&](const auto& name) { return same_name(name, protocol->service); });
        return it - order.begin();
    };
    std::vector<ProtocolDriver*> ordered;
    for (ProtocolDriver* protocol : protocols) {
        const auto behind = std::ranges::upper_bound(ordered, rank(protocol), {}, rank);
        ordered.insert(behind, protocol);
    }
    return ordered;
}

// True when an IM driver's two edges would meet: its protocol must not bind to its own virtual miniports.
bool binds_itself(const ProtocolDriver& protocol, const Adapter& adapter) {
    return protocol.associated == &adapter.driver;
}

Result<Adapter*> find(std::u16string_view name) {
    if (Adapter* adapter = library().find_adapter(name))
        return adapter;
    return fail("no such adapter is started", narrow(name));
}

Result<> load_driver(const AdapterConfig& config) {
    if (library().find_miniport_driver(config.service, config.im_miniport) != nullptr)
        return {};
    TRY(nt::io::start_service(narrow(config.service)));
    if (library().find_miniport_driver(config.service, config.im_miniport) == nullptr)
        return fail(fmt::format("the driver {} did not register a miniport", narrow(config.service)),
                    narrow(config.guid));
    return {};
}

// Devices that were started before and were removed: an IM driver is told when one comes back.
Guarded<std::vector<std::u16string>, LockRank::ndis_leaf>& seen_devices() {
    static Guarded<std::vector<std::u16string>, LockRank::ndis_leaf> list;
    return list;
}

bool seen_before(const std::u16string& guid) {
    return seen_devices().with([&](auto& list) {
        if (contains(list, guid))
            return true;
        list.push_back(guid);
        return false;
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/netpnp/ns-netpnp-_net_pnp_event (NetEventIMReEnableDevice)
void tell_reenabled(Adapter& adapter) {
    ProtocolDriver* protocol = adapter.driver.associated;
    if (protocol == nullptr)
        return;
    std::u16string name = adapter.device_name;
    UNICODE_STRING string{};
    string.Buffer = name.data();
    string.Length = string.MaximumLength = static_cast<USHORT>(name.size() * sizeof(WCHAR));
    tell_protocol(*protocol, nullptr, NetEventIMReEnableDevice, &string, sizeof(string));
}

Result<> start(Adapter& adapter) {
    bool reenable = false;
    {
        PnpHold hold(adapter.pnp);
        const NTSTATUS status = create_device(adapter);
        if (!NT_SUCCESS(status))
            return fail(fmt::format("its device cannot be made: 0x{:08x}", static_cast<uint32_t>(status)),
                        narrow(adapter.config.guid));
        if (const NDIS_STATUS added = add_device(adapter); added != NDIS_STATUS_SUCCESS)
            return fail(fmt::format("{} does not add or start its device: 0x{:08x}", adapter.driver.name,
                                    static_cast<uint32_t>(added)),
                        narrow(adapter.config.guid));
        adapter.device_started = true;
        if (adapter.driver.is_intermediate) {
            take_waiting_request(adapter);
            reenable = seen_before(adapter.config.guid) && !adapter.instance_request.wanted;
            if (!adapter.instance_request.wanted && !reenable)
                return {};
        }
        if (!reenable) {
            const NDIS_STATUS up = bring_up(adapter);
            if (up == NDIS_STATUS_SUCCESS)
                return {};
            adapter.instance_request = {};
            return fail(fmt::format("{} does not initialise it: 0x{:08x}", adapter.driver.name,
                                    static_cast<uint32_t>(up)),
                        narrow(adapter.config.guid));
        }
    }
    tell_reenabled(adapter);
    return {};
}

void remove(Adapter& adapter, NDIS_HALT_ACTION action) {
    {
        PnpHold hold(adapter.pnp);
        if (adapter.mark != Handle::live)
            return;
        bring_down(adapter, action);
        adapter.device_started = false;
        adapter.instance_request = {};
        remove_device(adapter);
        release_device(adapter);
    }
    library().remove(adapter);
}

}  // namespace

void forget_devices() {
    seen_devices().with([](auto& list) { list.clear(); });
}

void reconcile_adapter(Adapter& adapter) {
    const bool incomplete = adapter.binds_inhibited || mandatory_filter_missing(adapter) ||
                            !is_port_active(adapter, NDIS_DEFAULT_PORT_NUMBER);
    std::vector<Binding*> to_unbind;
    for (Binding* binding : adapter.bindings())
        if (incomplete || !is_listed(binding->protocol, adapter))
            to_unbind.push_back(binding);
    std::vector<ProtocolDriver*> to_bind;
    for (ProtocolDriver* protocol : in_binding_order(adapter))
        if (!incomplete && !protocol->deregistering && find_binding(adapter, *protocol) == nullptr &&
            is_listed(*protocol, adapter) && !binds_itself(*protocol, adapter))
            to_bind.push_back(protocol);
    if (to_unbind.empty() && to_bind.empty())
        return restart_stack(adapter);
    pause_stack(adapter, to_unbind.empty() ? NDIS_PAUSE_BIND_PROTOCOL : NDIS_PAUSE_UNBIND_PROTOCOL);
    for (Binding* binding : to_unbind)
        unbind_protocol(*binding);
    for (ProtocolDriver* protocol : to_bind)
        bind_protocol(adapter, *protocol);
    restart_stack(adapter);
}

void unbind_driver(Adapter& adapter, ProtocolDriver& protocol) {
    Binding* binding = find_binding(adapter, protocol);
    if (binding == nullptr)
        return;
    pause_stack(adapter, NDIS_PAUSE_UNBIND_PROTOCOL);
    unbind_protocol(*binding);
    restart_stack(adapter);
}

Result<> start_adapter(std::u16string_view name) {
    settle();
    auto config = read_adapter_config(name);
    if (!config)
        return fail("the registry has no whole instance key of such an adapter", narrow(name));
    if (library().find_adapter(config->guid) != nullptr)
        return fail("the adapter is already started", narrow(name));
    TRY(load_driver(*config));
    MiniportDriver& driver = *library().find_miniport_driver(config->service, config->im_miniport);
    Adapter& adapter = library().add(std::make_unique<Adapter>(std::move(*config), driver));
    const Result<> started = start(adapter);
    if (!started)
        remove(adapter, NdisHaltDeviceInitializationFailed);
    settle();
    return started;
}

Result<> start_all_adapters() {
    Result<> first_error;
    for (const AdapterConfig& config : read_adapter_configs()) {
        if (library().find_adapter(config.guid) != nullptr)
            continue;
        Result<> started = start_adapter(config.guid);
        if (!started && first_error)
            first_error = std::move(started);
    }
    return first_error;
}

Result<> remove_adapter(std::u16string_view name) {
    settle();
    Adapter& adapter = *TRY(find(name));
    {
        PnpHold hold(adapter.pnp);
        if (tell_bindings(adapter, NetEventQueryRemoveDevice, nullptr, 0) != NDIS_STATUS_SUCCESS) {
            tell_bindings(adapter, NetEventCancelRemoveDevice, nullptr, 0);
            return fail("a protocol does not let the device go", narrow(name));
        }
    }
    remove(adapter, NdisHaltDeviceDisabled);
    settle();
    return {};
}

Result<> surprise_remove_adapter(std::u16string_view name) {
    settle();
    Adapter& adapter = *TRY(find(name));
    {
        PnpHold hold(adapter.pnp);
        adapter.surprise_removed = true;
        if (adapter.initialized())
            tell_device(adapter, NdisDevicePnPEventSurpriseRemoved);
    }
    remove(adapter, NdisHaltDeviceSurpriseRemoved);
    settle();
    return {};
}

void remove_all_adapters() {
    settle();
    // Virtual adapters stand on others: the newest first is from the top down, and what an IM driver tears down with
    // its lower binding is gone when its turn comes.
    for (;;) {
        std::vector<Adapter*> left = library().adapters();
        if (left.empty())
            break;
        const auto highest = std::ranges::find_if(left, [](Adapter* a) { return a->driver.is_intermediate; });
        remove(highest != left.end() ? **highest : *left.back(), NdisHaltDeviceStopped);
        settle();
    }
}

void reconcile_bindings() {
    settle();
    for (Adapter* adapter : library().adapters()) {
        PnpHold hold(adapter->pnp);
        if (adapter->mark == Handle::live && adapter->initialized())
            reconcile_adapter(*adapter);
    }
    for (ProtocolDriver* protocol : library().protocol_drivers())
        tell_bind_order(*protocol);
    settle();
}

Result<> unbind(std::u16string_view protocol, std::u16string_view name) {
    settle();
    Adapter& adapter = *TRY(find(name));
    ProtocolDriver* driver = library().find_protocol_driver(protocol);
    if (driver == nullptr)
        return fail("no such protocol is registered", narrow(protocol));
    {
        PnpHold hold(adapter.pnp);
        if (find_binding(adapter, *driver) == nullptr)
            return fail("the protocol is not bound to the adapter", narrow(protocol));
        unbind_driver(adapter, *driver);
    }
    settle();
    return {};
}

Result<> bind(std::u16string_view protocol, std::u16string_view name) {
    settle();
    Adapter& adapter = *TRY(find(name));
    ProtocolDriver* driver = library().find_protocol_driver(protocol);
    if (driver == nullptr)
        return fail("no such protocol is registered", narrow(protocol));
    NDIS_STATUS status = NDIS_STATUS_SUCCESS;
    {
        PnpHold hold(adapter.pnp);
        if (!adapter.initialized())
            return fail("the adapter is not initialised", narrow(name));
        if (adapter.binds_inhibited)
            return fail("the miniport does not let anybody bind to the adapter", narrow(name));
        if (mandatory_filter_missing(adapter))
            return fail("a mandatory filter is not attached to the adapter", narrow(name));
        if (!is_port_active(adapter, NDIS_DEFAULT_PORT_NUMBER))
            return fail("the adapter's default port is not active", narrow(name));
        if (find_binding(adapter, *driver) == nullptr) {
            pause_stack(adapter, NDIS_PAUSE_BIND_PROTOCOL);
            status = bind_protocol(adapter, *driver);
            restart_stack(adapter);
        }
    }
    settle();
    if (status != NDIS_STATUS_SUCCESS)
        return fail(fmt::format("{} refuses to bind: 0x{:08x}", driver->name, static_cast<uint32_t>(status)),
                    narrow(name));
    return {};
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nc-ndis-protocol_uninstall
void uninstall_protocol(std::u16string_view protocol) {
    settle();
    ProtocolDriver* driver = library().find_protocol_driver(protocol);
    if (driver == nullptr)
        return;
    driver->deregistering = true;  // nothing binds it again
    for (Adapter* adapter : library().adapters()) {
        PnpHold hold(adapter->pnp);
        if (adapter->mark == Handle::live)
            unbind_driver(*adapter, *driver);
    }
    if (driver->handlers.UninstallHandler != nullptr)
        driver->handlers.UninstallHandler();
    settle();
}

Result<> reconfigure(std::u16string_view protocol, std::u16string_view name) {
    settle();
    ProtocolDriver* driver = library().find_protocol_driver(protocol);
    if (driver == nullptr)
        return fail("no such protocol is registered", narrow(protocol));
    if (name.empty()) {
        tell_protocol(*driver, nullptr, NetEventReconfigure, nullptr, 0);
    } else {
        Adapter& adapter = *TRY(find(name));
        PnpHold hold(adapter.pnp);
        Binding* binding = find_binding(adapter, *driver);
        if (binding == nullptr)
            return fail("the protocol is not bound to the adapter", narrow(protocol));
        tell_protocol(*driver, binding, NetEventReconfigure, nullptr, 0);
    }
    settle();
    return {};
}

Result<> pause_adapter(std::u16string_view name) {
    Adapter& adapter = *TRY(find(name));
    PnpHold hold(adapter.pnp);
    pause_stack(adapter, NDIS_PAUSE_NDIS_INTERNAL);
    return {};
}

Result<> restart_adapter(std::u16string_view name) {
    Adapter& adapter = *TRY(find(name));
    PnpHold hold(adapter.pnp);
    restart_stack(adapter);
    if (adapter.state() != AdapterState::running)
        return fail("the adapter does not restart", narrow(name));
    return {};
}

}  // namespace ndiskit::ndis
