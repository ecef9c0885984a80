// PnP and power events on their way through filter modules: network events up, from the adapter to the bindings;
// device events down, to the miniport. A module that has a handler sees an event first and passes it on, or does
// not; one without is bypassed.
// https://learn.microsoft.com/windows-hardware/drivers/network/filter-module-pnp-event-notifications
#include "ndis/driver.h"
#include "ndis/events.h"
#include "ndis/filter.h"
#include "nt/io/power_setting.h"

namespace ndiskit::ndis {

namespace {

// Those that are for NDIS, or for the one module that has them, and go to nobody above.
bool ends_here(NET_PNP_EVENT_CODE event) {
    return event == NetEventFilterPreDetach || event == NetEventInhibitBindsAbove ||
           event == NetEventAllowBindsAbove || event == NetEventRequirePause || event == NetEventAllowStart;
}

}  // namespace

bool event_to_filters(Adapter& adapter, const FilterModule* below, NET_PNP_EVENT_NOTIFICATION& event,
                      NDIS_STATUS& status) {
    FilterModule* module = nearest_above(adapter.filters(), below, [](const FilterModule& m) {
        return m.handlers.NetPnPEventHandler != nullptr;
    });
    if (module == nullptr)
        return false;
    status = module->handlers.NetPnPEventHandler(module->context, &event);
    return true;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/netpnp/ns-netpnp-_net_pnp_event (NetEventFilterPreDetach)
void tell_pre_detach(FilterModule& module) {
    if (module.handlers.NetPnPEventHandler == nullptr || module.driver.version < ndis_6_20)
        return;
    NET_PNP_EVENT_NOTIFICATION event = notification_of(NetEventFilterPreDetach, module.driver.version);
    module.handlers.NetPnPEventHandler(module.context, &event);
}

bool device_event_to_filters(Adapter& adapter, const FilterModule* above, NET_DEVICE_PNP_EVENT& event) {
    FilterModule* module = nearest_below(adapter.filters(), above, [](const FilterModule& m) {
        return m.handlers.DevicePnPEventNotifyHandler != nullptr;
    });
    if (module == nullptr)
        return false;
    module->handlers.DevicePnPEventNotifyHandler(module->context, &event);
    return true;
}

void tell_device(Adapter& adapter, const FilterModule* above, NET_DEVICE_PNP_EVENT& event) {
    if (!device_event_to_filters(adapter, above, event))
        adapter.driver.handlers.DevicePnPEventNotifyHandler(adapter.context, &event);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/ns-ndis-_net_device_pnp_event
void tell_device(Adapter& adapter, NDIS_DEVICE_PNP_EVENT code, void* buffer, ULONG length) {
    NET_DEVICE_PNP_EVENT event{};
    event.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    event.Header.Revision = NET_DEVICE_PNP_EVENT_REVISION_1;
    event.Header.Size = NDIS_SIZEOF_NET_DEVICE_PNP_EVENT_REVISION_1;
    event.DevicePnPEvent = code;
    event.InformationBuffer = buffer;
    event.InformationBufferLength = length;
    tell_device(adapter, nullptr, event);
}

void tell_power_profile(Adapter& adapter) {
    const bool mains = nt::io::power_source() == nt::io::PowerSource::mains;
    ULONG profile = mains ? NdisPowerProfileAcOnLine : NdisPowerProfileBattery;
    tell_device(adapter, NdisDevicePnPEventPowerProfileChanged, &profile, sizeof(profile));
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfnetpnpevent
extern "C" NDIS_STATUS NTAPI NdisFNetPnPEvent(NDIS_HANDLE NdisFilterHandle,
                                              PNET_PNP_EVENT_NOTIFICATION NetPnPEventNotification) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFNetPnPEvent");
    if (ends_here(NetPnPEventNotification->NetPnPEvent.NetEvent))
        return NDIS_STATUS_SUCCESS;
    return tell_above(module.adapter, &module, *NetPnPEventNotification);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfdevicepnpeventnotify
extern "C" void NTAPI NdisFDevicePnPEventNotify(NDIS_HANDLE NdisFilterHandle, PNET_DEVICE_PNP_EVENT NetDevicePnPEvent) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFDevicePnPEventNotify");
    tell_device(module.adapter, &module, *NetDevicePnPEvent);
}
