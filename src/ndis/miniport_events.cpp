// Network PnP events that miniports make. An intermediate driver passes on what its protocol edge is told; any miniport
// tells of its ports, of NDK and of an extensible switch that is ready; and with four events of NDIS 6.50 one tells
// NDIS itself: that nobody may stand on it, or that its stack must not run.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/netpnp/ns-netpnp-_net_pnp_event
#include "ndis/adapter.h"
#include "ndis/adapter_ports.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/events.h"
#include "ndis/filter.h"
#include "ndis/misuse.h"
#include "ndis/pnp_work.h"

namespace ndiskit::ndis {

namespace {

void check_event(const Adapter& adapter, const NET_PNP_EVENT_NOTIFICATION& n) {
    const auto code = n.NetPnPEvent.NetEvent;
    const bool wrong_header = n.Header.Type != NDIS_OBJECT_TYPE_DEFAULT || n.Header.Revision == 0 ||
                              n.Header.Size < NDIS_SIZEOF_NET_PNP_EVENT_NOTIFICATION_REVISION_1;
    const bool wrong_code = code >= NetEventMaximum || code == NetEventPause || code == NetEventRestart ||
                            code == NetEventBindsComplete;
    if (wrong_header || wrong_code)
        misuse(Misuse::illegal_net_pnp_event, "NdisMNetPnPEvent with a notification that a miniport may not make",
               reinterpret_cast<uint64_t>(&adapter), reinterpret_cast<uint64_t>(&n), code);
}

// Synchronous: what stands on the adapter has gone when this returns. From inside of MiniportInitializeEx nobody does
// yet.
NDIS_STATUS inhibit_binds(Adapter& adapter) {
    adapter.binds_inhibited = true;
    if (!adapter.initialized())
        return NDIS_STATUS_SUCCESS;
    PnpHold hold(adapter.pnp);
    if (adapter.filters().empty())
        reconcile_adapter(adapter);
    else
        reconcile_filters(adapter);
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS allow_binds(Adapter& adapter) {
    adapter.binds_inhibited = false;
    queue_pnp_work([&adapter] {
        PnpHold hold(adapter.pnp);
        if (adapter.mark != Handle::live || !adapter.initialized())
            return;
        reconcile_filters(adapter);
        if (adapter.initialized())
            reconcile_adapter(adapter);
    });
    return NDIS_STATUS_SUCCESS;
}

// Synchronous: the stack is paused when this returns, and stays so.
NDIS_STATUS require_pause(Adapter& adapter) {
    adapter.pause_required = true;
    if (!adapter.initialized())
        return NDIS_STATUS_SUCCESS;
    PnpHold hold(adapter.pnp);
    pause_stack(adapter, NDIS_PAUSE_NDIS_INTERNAL);
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS allow_start(Adapter& adapter) {
    adapter.pause_required = false;
    queue_pnp_work([&adapter] {
        PnpHold hold(adapter.pnp);
        if (adapter.mark == Handle::live)
            restart_stack(adapter);
    });
    return NDIS_STATUS_SUCCESS;
}

struct OwnEvent {
    NET_PNP_EVENT_CODE code;
    bool in_d0_only;
    NDIS_STATUS (*act)(Adapter&);
};
constexpr OwnEvent own_events[] = {
    {NetEventInhibitBindsAbove, true, inhibit_binds},
    {NetEventAllowBindsAbove, true, allow_binds},
    {NetEventRequirePause, false, require_pause},
    {NetEventAllowStart, false, allow_start},
};

const OwnEvent* own_event_of(NET_PNP_EVENT_CODE code) {
    for (const OwnEvent& event : own_events)
        if (event.code == code)
            return &event;
    return nullptr;
}

// Between the beginning of MiniportInitializeEx and the end of MiniportHaltEx, from a driver that knows the event.
NDIS_STATUS run_own(const OwnEvent& event, Adapter& adapter, const NET_PNP_EVENT_NOTIFICATION& n) {
    const bool known = adapter.driver.version >= ndis_6_50 && machine_version() >= ndis_6_50 &&
                       n.Header.Revision >= NET_PNP_EVENT_NOTIFICATION_REVISION_2;
    const bool in_time = adapter.state() != AdapterState::halted && adapter.state() != AdapterState::shutdown;
    const bool awake = !event.in_d0_only || adapter.power == NdisDeviceStateD0;
    return known && in_time && awake ? event.act(adapter) : NDIS_STATUS_INVALID_PARAMETER;
}

bool any_miniport_makes(NET_PNP_EVENT_CODE code) {
    return code == NetEventNDKEnable || code == NetEventNDKDisable || code == NetEventSwitchActivate;
}

// What those above may refuse; of other events it does not matter what they say.
bool may_be_refused(NET_PNP_EVENT_CODE code) {
    return code == NetEventQueryPower || code == NetEventQueryRemoveDevice || code == NetEventPortActivation;
}

NDIS_STATUS pass_up(Adapter& adapter, const NET_PNP_EVENT_NOTIFICATION& n) {
    const NET_PNP_EVENT& event = n.NetPnPEvent;
    const NDIS_STATUS status = tell_bindings(adapter, event.NetEvent, event.Buffer, event.BufferLength, n.PortNumber);
    return may_be_refused(event.NetEvent) ? status : NDIS_STATUS_SUCCESS;
}

NDIS_STATUS port_event(Adapter& adapter, const NET_PNP_EVENT_NOTIFICATION& n, bool activate) {
    const NDIS_STATUS status = check_port_event(adapter, n, activate);
    if (status != NDIS_STATUS_SUCCESS)
        return status;
    if (activate) {
        set_ports_active(adapter, n, true);
        return pass_up(adapter, n);
    }
    // Until protocols have come to an end with them, the ports carry what they still send.
    const NDIS_STATUS told = pass_up(adapter, n);
    set_ports_active(adapter, n, false);
    return told;
}

NDIS_STATUS net_pnp_event(Adapter& adapter, const NET_PNP_EVENT_NOTIFICATION& n) {
    check_event(adapter, n);
    const auto code = n.NetPnPEvent.NetEvent;
    if (code == NetEventPortActivation || code == NetEventPortDeactivation)
        return port_event(adapter, n, code == NetEventPortActivation);
    if (const OwnEvent* own = own_event_of(code))
        return run_own(*own, adapter, n);
    if (!adapter.driver.is_intermediate && !any_miniport_makes(code))
        return NDIS_STATUS_NOT_SUPPORTED;
    if (code == NetEventNDKEnable || code == NetEventNDKDisable)
        adapter.attributes.ndk_enabled = code == NetEventNDKEnable;
    if (code == NetEventSetPower && n.NetPnPEvent.Buffer != nullptr)
        for (Binding* binding : adapter.bindings())
            binding->told_power = *static_cast<NDIS_DEVICE_POWER_STATE*>(n.NetPnPEvent.Buffer);
    return pass_up(adapter, n);
}

}  // namespace
}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismnetpnpevent
extern "C" NDIS_STATUS NTAPI NdisMNetPnPEvent(NDIS_HANDLE MiniportAdapterHandle,
                                              PNET_PNP_EVENT_NOTIFICATION NetPnPEventNotification) {
    return net_pnp_event(resolve<Adapter>(MiniportAdapterHandle, "NdisMNetPnPEvent"), *NetPnPEventNotification);
}
