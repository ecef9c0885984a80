// What there is, copied out for tables, trees and tests; and what is left that should not be.
#include <algorithm>
#include <ranges>

#include <fmt/format.h>

#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/configuration.h"
#include "ndis/device.h"
#include "ndis/driver.h"
#include "ndis/filter.h"
#include "ndis/hardware/hardware.h"
#include "ndis/interfaces.h"
#include "ndis/library.h"
#include "ndis/library_state.h"

namespace ndiskit::ndis {

namespace {

BindingView view_of(const Binding& binding) {
    return {
        .protocol = binding.protocol.name,
        .adapter = narrow(binding.adapter.config.guid),
        .state = binding.state(),
        .packet_filter = binding.packet_filter,
        .edge_id = binding.edge_id,
        .sends = binding.sends.totals(),
        .receives = binding.receives.totals(),
        .sends_out = binding.sends.outstanding(),
        .receives_out = binding.receives.outstanding(),
        .oids_out = binding.oids_out,
    };
}

FilterView view_of(const FilterModule& module) {
    return {
        .driver = module.driver.name,
        .name = narrow(module.entry.name),
        .state = module.state(),
        .edge_id = module.edge_id,
        .sends = module.sends.totals(),
        .receives = module.receives.totals(),
    };
}

std::string mac_text(const NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES& general) {
    std::string text;
    for (size_t i = 0; i < general.MacAddressLength && i < sizeof(general.CurrentMacAddress); i++)
        text += fmt::format("{}{:02x}", i == 0 ? "" : ":", general.CurrentMacAddress[i]);
    return text;
}

std::vector<std::string> guids_below(const Adapter& adapter) {
    std::vector<std::string> guids;
    for (const NET_IFINDEX index : interfaces_below(adapter.interface_index))
        for (const Adapter* other : library().adapters())
            if (other->interface_index == index)
                guids.push_back(narrow(other->config.guid));
    return guids;
}

// What goes down to the miniport: from the lowest filter module, or from all bindings that there are and were.
EdgeTotals sends_of(const Adapter& adapter, const std::vector<FilterModule*>& filters,
                    const std::vector<BindingView>& bindings) {
    if (!filters.empty())
        return filters.front()->sends.totals();
    EdgeTotals totals = adapter.closed_sends;
    for (const BindingView& binding : bindings)
        totals += binding.sends;
    return totals;
}

AdapterView view_of(const Adapter& adapter) {
    AdapterView view{};
    view.guid = narrow(adapter.config.guid);
    view.instance = narrow(adapter.config.instance);
    view.description = narrow(adapter.config.description);
    view.driver = adapter.driver.name;
    view.is_virtual = adapter.driver.is_intermediate;
    view.below = guids_below(adapter);
    view.state = adapter.state();
    view.device_started = adapter.device_started;
    const NDIS_LINK_STATE link = adapter.attributes.indicated.link();
    view.link_up = link.MediaConnectState == MediaConnectStateConnected;
    view.link_speed = link.XmitLinkSpeed;
    const NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES general = adapter.general();
    view.mtu = general.MtuSize;
    view.mac = mac_text(general);
    view.power_state = static_cast<uint32_t>(std::max(adapter.power.load(), adapter.suspend.power()) - NdisDeviceStateD0);
    view.edge_id = adapter.edge_id;
    for (const Binding* binding : adapter.bindings())
        view.bindings.push_back(view_of(*binding));
    const std::vector<FilterModule*> filters = adapter.filters();
    for (const FilterModule* module : std::views::reverse(filters))
        view.filters.push_back(view_of(*module));
    view.sends = sends_of(adapter, filters, view.bindings);
    view.receives = adapter.receives.totals();
    return view;
}

}  // namespace

std::vector<AdapterView> adapters() {
    std::vector<AdapterView> views;
    for (const Adapter* adapter : library().adapters())
        views.push_back(view_of(*adapter));
    return views;
}

std::vector<DriverView> drivers() {
    std::vector<DriverView> views;
    const auto add = [&](const std::string& name, DriverView::Kind kind, Version version) {
        views.push_back({.name = name, .kind = kind, .major_version = version.major, .minor_version = version.minor});
    };
    for (const MiniportDriver* d : library().miniport_drivers())
        add(d->name, d->is_intermediate ? DriverView::Kind::intermediate : DriverView::Kind::miniport, d->version);
    for (const ProtocolDriver* d : library().protocol_drivers())
        add(d->name, DriverView::Kind::protocol, d->version);
    for (const FilterDriver* d : library().filter_drivers())
        add(d->name, DriverView::Kind::filter, d->version);
    return views;
}

std::vector<std::string> leak_report() {
    std::vector<std::string> lines;
    for (const AdapterView& adapter : adapters()) {
        lines.push_back(fmt::format("driver {}: adapter {} is still there", adapter.driver, adapter.guid));
        for (const BindingView& binding : adapter.bindings)
            lines.push_back(fmt::format("driver {}: binding to {} is still open ({} sends, {} receives, {} OIDs out)",
                                        binding.protocol, binding.adapter, binding.sends_out, binding.receives_out,
                                        binding.oids_out));
    }
    for (const DriverView& driver : drivers())
        lines.push_back(fmt::format("driver {}: still registered", driver.name));
    for (auto* more : {configuration_leaks, interface_leaks, device_leaks, oid_leaks, hardware_leaks}) {
        const std::vector<std::string> found = more();
        lines.insert(lines.end(), found.begin(), found.end());
    }
    return lines;
}

}  // namespace ndiskit::ndis
