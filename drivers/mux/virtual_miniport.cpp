// The life of a virtual miniport: made with its binding, initialised and halted by NDIS, paused and
// restarted.

#include "virtual_miniport.h"

#include <ndisxx/configuration.h>

#include "driver.h"
#include "lower.h"
#include "supported_oids.h"

namespace mux {

NDIS_STATUS VirtualMiniport::initialize(const UNICODE_STRING& name, const MacAddress& address) {
    permanent_mac = mac = address;
    return device_name.assign(driver.miniport, pool_tag, name);
}

NDIS_STATUS VirtualMiniport::start() {
    start_requested_ = true;
    const NDIS_STATUS status = NdisIMInitializeDeviceInstanceEx(driver.miniport, device_name.get(), this);
    if (status != NDIS_STATUS_SUCCESS) start_requested_ = false;
    return status;
}

void VirtualMiniport::stop() {
    if (!start_requested_) return;
    start_requested_ = false;
    // Where NDIS has not called MiniportInitializeEx yet, it now never will.
    if (!initialised() &&
        NdisIMCancelInitializeDeviceInstance(driver.miniport, device_name.get()) == NDIS_STATUS_SUCCESS)
        return;
    settled_.wait();
    if (initialised()) NdisIMDeInitializeDeviceInstance(handle);
}

bool VirtualMiniport::wants(const MacAddress& destination) const {
    if (packet_filter & NDIS_PACKET_TYPE_PROMISCUOUS) return true;
    if (!destination.is_group()) return (packet_filter & NDIS_PACKET_TYPE_DIRECTED) && destination == mac;
    if (destination.is_broadcast()) return packet_filter & NDIS_PACKET_TYPE_BROADCAST;
    if (packet_filter & NDIS_PACKET_TYPE_ALL_MULTICAST) return true;
    return (packet_filter & NDIS_PACKET_TYPE_MULTICAST) && multicast.contains(destination);
}

void VirtualMiniport::indicate_link_state() {
    if (!initialised()) return;
    if (!in_d0() || !lower.in_d0()) return link_state_due.store(true);
    link_state_due.store(false);
    NDIS_LINK_STATE state = lower.link_state();
    NDIS_STATUS_INDICATION indication = {};
    indication.Header.Type = NDIS_OBJECT_TYPE_STATUS_INDICATION;
    indication.Header.Revision = NDIS_STATUS_INDICATION_REVISION_1;
    indication.Header.Size = NDIS_SIZEOF_STATUS_INDICATION_REVISION_1;
    indication.SourceHandle = handle;
    indication.StatusCode = NDIS_STATUS_LINK_STATE;
    indication.StatusBuffer = &state;
    indication.StatusBufferSize = sizeof state;
    NdisMIndicateStatusEx(handle, &indication);
}

void VirtualMiniport::read_network_address() {
    mac = permanent_mac;
    ndisxx::Configuration configuration;
    if (configuration.open(handle) != NDIS_STATUS_SUCCESS) return;
    NDIS_STATUS status;
    PVOID address = nullptr;
    UINT length = 0;
    NdisReadNetworkAddress(&status, &address, &length, configuration.get());
    if (status != NDIS_STATUS_SUCCESS || length != MacAddress::size) return;
    const MacAddress given(static_cast<const UCHAR*>(address));
    if (!given.is_group() && !given.is_zero()) mac = given;
}

void VirtualMiniport::set_general_attributes(NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES& general,
                                             NDIS_PM_CAPABILITIES& pm) {
    const LowerAttributes& below = lower.attributes;
    const NDIS_LINK_STATE link_state = lower.link_state();
    general.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES;
    general.Header.Revision = NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_2;
    general.Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_2;
    general.MediaType = NdisMedium802_3;
    general.PhysicalMediumType = NdisPhysicalMediumUnspecified;
    general.MtuSize = below.mtu;
    general.MaxXmitLinkSpeed = below.max_xmit_speed;
    general.MaxRcvLinkSpeed = below.max_rcv_speed;
    general.XmitLinkSpeed = link_state.XmitLinkSpeed;
    general.RcvLinkSpeed = link_state.RcvLinkSpeed;
    general.MediaConnectState = link_state.MediaConnectState;
    general.MediaDuplexState = link_state.MediaDuplexState;
    general.LookaheadSize = below.lookahead;
    general.MacOptions = NDIS_MAC_OPTION_NO_LOOPBACK;
    general.SupportedPacketFilters = below.packet_filters;
    general.MaxMulticastListSize = MulticastList::capacity;
    general.MacAddressLength = MacAddress::size;
    permanent_mac.copy_to(general.PermanentMacAddress);
    mac.copy_to(general.CurrentMacAddress);
    general.AccessType = below.access;
    general.DirectionType = below.direction;
    general.ConnectionType = below.connection;
    general.IfType = IF_TYPE_ETHERNET_CSMACD;
    general.IfConnectorPresent = FALSE;
    general.SupportedStatistics = Statistics::supported;
    general.DataBackFillSize = below.data_backfill;
    general.ContextBackFillSize = below.context_backfill;
    general.SupportedOidList = const_cast<NDIS_OID*>(supported_oids);
    general.SupportedOidListLength = sizeof supported_oids;
    // Aware of power management, unable to wake the system.
    if (below.power_aware) {
        pm = below.pm;
        pm.MinMagicPacketWakeUp = NdisDeviceStateUnspecified;
        pm.MinPatternWakeUp = NdisDeviceStateUnspecified;
        pm.MinLinkChangeWakeUp = NdisDeviceStateUnspecified;
        general.PowerManagementCapabilitiesEx = &pm;
    }
}

NDIS_STATUS VirtualMiniport::set_attributes() {
    NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES general = {};
    NDIS_PM_CAPABILITIES pm = {};
    set_general_attributes(general, pm);
    NDIS_STATUS status =
        NdisMSetMiniportAttributes(handle, reinterpret_cast<NDIS_MINIPORT_ADAPTER_ATTRIBUTES*>(&general));
    if (status != NDIS_STATUS_SUCCESS || !lower.attributes.has_offload) return status;
    // The payload is not touched on its way, so what the adapter offloads stays offloaded.
    NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES offload = {};
    offload.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES;
    offload.Header.Revision = NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES_REVISION_1;
    offload.Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES_REVISION_1;
    offload.DefaultOffloadConfiguration = &lower.attributes.offload;
    offload.HardwareOffloadCapabilities = &lower.attributes.offload;
    return NdisMSetMiniportAttributes(handle, reinterpret_cast<NDIS_MINIPORT_ADAPTER_ATTRIBUTES*>(&offload));
}

NDIS_STATUS VirtualMiniport::initialised_by_ndis(NDIS_HANDLE adapter) {
    handle = adapter;
    power.store(NdisDeviceStateD0);
    packet_filter = 0;
    multicast.clear();
    lookahead = lower.attributes.lookahead;
    NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES registration = {};
    registration.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES;
    registration.Header.Revision = driver.at_least_630()
                                       ? NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_2
                                       : NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1;
    registration.Header.Size = driver.at_least_630()
                                   ? NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_2
                                   : NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1;
    registration.MiniportAdapterContext = this;
    registration.AttributeFlags = NDIS_MINIPORT_ATTRIBUTES_NDIS_WDM |
                                  NDIS_MINIPORT_ATTRIBUTES_NO_HALT_ON_SUSPEND |
                                  NDIS_MINIPORT_ATTRIBUTES_SURPRISE_REMOVE_OK;
    registration.InterfaceType = static_cast<NDIS_INTERFACE_TYPE>(0);
    NDIS_STATUS status = NdisMSetMiniportAttributes(
        handle, reinterpret_cast<NDIS_MINIPORT_ADAPTER_ATTRIBUTES*>(&registration));
    if (status != NDIS_STATUS_SUCCESS) return status;
    read_network_address();
    status = set_attributes();
    if (status == NDIS_STATUS_SUCCESS) status = send_clones.initialize(handle, pool_tag);
    if (status == NDIS_STATUS_SUCCESS) status = receive_clones.initialize(handle, pool_tag);
    if (status != NDIS_STATUS_SUCCESS) {
        send_clones.free();
        return status;
    }
    initialised_.store(true);
    return NDIS_STATUS_SUCCESS;
}

void VirtualMiniport::halted_by_ndis() {
    initialised_.store(false);
    abort_held_oid();
    {
        ndisxx::RwLock::WriteGuard guard(lower.table_lock);
        packet_filter = 0;
        multicast.clear();
    }
    lower.update_filters();
    send_clones.free();
    receive_clones.free();
    handle = nullptr;
}

NDIS_STATUS MuxMiniportInitialize(NDIS_HANDLE adapter, NDIS_HANDLE,
                                  NDIS_MINIPORT_INIT_PARAMETERS* parameters) {
    auto& port = *static_cast<VirtualMiniport*>(parameters->IMDeviceInstanceContext);
    port.begin_settling();
    const NDIS_STATUS status = port.initialised_by_ndis(adapter);
    port.end_settling();
    return status;
}

VOID MuxMiniportHalt(NDIS_HANDLE context, NDIS_HALT_ACTION) {
    static_cast<VirtualMiniport*>(context)->halted_by_ndis();
}

NDIS_STATUS MuxMiniportRestart(NDIS_HANDLE context, NDIS_MINIPORT_RESTART_PARAMETERS*) {
    auto& port = *static_cast<VirtualMiniport*>(context);
    port.traffic.open();
    port.lower.attach(port);
    return NDIS_STATUS_SUCCESS;
}

// Received frames stop coming, then what is under way is waited for: sends come back from below, receives
// from above, which NDIS has paused before.
NDIS_STATUS MuxMiniportPause(NDIS_HANDLE context, NDIS_MINIPORT_PAUSE_PARAMETERS*) {
    auto& port = *static_cast<VirtualMiniport*>(context);
    port.lower.detach(port);
    port.traffic.close();
    return NDIS_STATUS_SUCCESS;
}

VOID MuxMiniportShutdown(NDIS_HANDLE, NDIS_SHUTDOWN_ACTION) {}

VOID MuxMiniportDevicePnPEvent(NDIS_HANDLE, NET_DEVICE_PNP_EVENT*) {}

}  // namespace mux
