#include "nic/adapter.h"

#include "base/log.h"
#include "edge/configuration.h"
#include "edge/gather.h"
#include "edge/offload.h"
#include "nic/registered.h"

namespace ndiskit::nic {
namespace {

Configuration read_configuration(NDIS_HANDLE handle, std::string& name, std::string& network_address) {
    Configuration result;
    edge::RegistryValues values(handle);
    result.type = values.text("NicType", "memory");
    result.interface = values.text("HostInterface", "");
    result.mtu =
        values.number("*JumboPacket", result.mtu + wire::ethernet_header_size) - wire::ethernet_header_size;
    result.offload = values.number("HostOffload", 1) != 0;
    result.buffers = values.number("*ReceiveBuffers", result.buffers);
    name = values.text("FriendlyName", result.interface);
    network_address = values.text("NetworkAddress", "");
    return result;
}

}  // namespace

NDIS_STATUS Adapter::initialize() {
    NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES registration{};
    registration.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES;
    registration.Header.Revision = NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_2;
    registration.Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_2;
    registration.MiniportAdapterContext = this;
    registration.AttributeFlags =
        NDIS_MINIPORT_ATTRIBUTES_SURPRISE_REMOVE_OK | NDIS_MINIPORT_ATTRIBUTES_NDIS_WDM;
    registration.InterfaceType = static_cast<NDIS_INTERFACE_TYPE>(Internal);
    const NDIS_STATUS status = NdisMSetMiniportAttributes(
        handle_, reinterpret_cast<NDIS_MINIPORT_ADAPTER_ATTRIBUTES*>(&registration));
    if (status != NDIS_STATUS_SUCCESS) return status;
    std::string network_address;
    const Configuration configuration = read_configuration(handle_, name_, network_address);
    counters_ = &edge::lasting_counters(counted_as + name_);
    nic_ = make_nic(configuration.type);
    if (!nic_) {
        log_error("nic", "{}: there is no NIC of type '{}'; the types are memory, tap and af_packet", name_,
                  configuration.type);
        return NDIS_STATUS_FAILURE;
    }
    Result<Facts> facts = nic_->open(configuration, *this);
    if (!facts) {
        log_error("nic", "{}: {}", name_, facts.error().text());
        return NDIS_STATUS_ADAPTER_NOT_FOUND;
    }
    facts_ = *facts;
    if (const auto mac = wire::parse_mac(network_address)) facts_.mac = *mac;
    filter_.set_mac(facts_.mac);
    lookahead_ = facts_.mtu;
    const NDIS_STATUS attributes = set_attributes();
    if (attributes != NDIS_STATUS_SUCCESS) {
        nic_->close();
        return attributes;
    }
    registered_adapters().add(*this);
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS Adapter::set_attributes() {
    NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES general{};
    general.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES;
    general.Header.Revision = NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_2;
    general.Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_2;
    general.MediaType = NdisMedium802_3;
    general.PhysicalMediumType = NdisPhysicalMedium802_3;
    general.MtuSize = facts_.mtu;
    general.MaxXmitLinkSpeed = general.XmitLinkSpeed = facts_.speed;
    general.MaxRcvLinkSpeed = general.RcvLinkSpeed = facts_.speed;
    general.MediaConnectState = facts_.link_up ? MediaConnectStateConnected : MediaConnectStateDisconnected;
    general.MediaDuplexState = MediaDuplexStateFull;
    general.LookaheadSize = facts_.mtu;
    general.MacOptions = NDIS_MAC_OPTION_COPY_LOOKAHEAD_DATA | NDIS_MAC_OPTION_TRANSFERS_NOT_PEND |
                         NDIS_MAC_OPTION_NO_LOOPBACK;
    general.SupportedPacketFilters = ReceiveFilter::supported;
    general.MaxMulticastListSize = ReceiveFilter::max_multicast;
    general.MacAddressLength = wire::mac_address_size;
    std::ranges::copy(facts_.mac, general.PermanentMacAddress);
    std::ranges::copy(facts_.mac, general.CurrentMacAddress);
    general.AccessType = NET_IF_ACCESS_BROADCAST;
    general.DirectionType = NET_IF_DIRECTION_SENDRECEIVE;
    general.ConnectionType = NET_IF_CONNECTION_DEDICATED;
    general.IfType = IF_TYPE_ETHERNET_CSMACD;
    general.IfConnectorPresent = TRUE;
    general.SupportedStatistics =
        NDIS_STATISTICS_FLAGS_VALID_DIRECTED_FRAMES_RCV | NDIS_STATISTICS_FLAGS_VALID_BYTES_RCV |
        NDIS_STATISTICS_FLAGS_VALID_DIRECTED_FRAMES_XMIT | NDIS_STATISTICS_FLAGS_VALID_BYTES_XMIT |
        NDIS_STATISTICS_FLAGS_VALID_RCV_DISCARDS | NDIS_STATISTICS_FLAGS_VALID_RCV_ERROR |
        NDIS_STATISTICS_FLAGS_VALID_XMIT_ERROR;
    general.SupportedOidList = const_cast<NDIS_OID*>(supported_oids().data());
    general.SupportedOidListLength = static_cast<ULONG>(supported_oids().size_bytes());
    NDIS_STATUS status =
        NdisMSetMiniportAttributes(handle_, reinterpret_cast<NDIS_MINIPORT_ADAPTER_ATTRIBUTES*>(&general));
    if (status != NDIS_STATUS_SUCCESS || !facts_.offload) return status;
    NDIS_OFFLOAD full = edge::full_offload();
    NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES offload{};
    offload.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES;
    offload.Header.Revision = NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES_REVISION_1;
    offload.Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES_REVISION_1;
    offload.DefaultOffloadConfiguration = &full;
    offload.HardwareOffloadCapabilities = &full;
    return NdisMSetMiniportAttributes(handle_, reinterpret_cast<NDIS_MINIPORT_ADAPTER_ATTRIBUTES*>(&offload));
}

void Adapter::halt() {
    registered_adapters().remove(*this);
    nic_->close();
}

void Adapter::restart() {
    out_.open();
    running_.store(true);
    nic_->start();
}

NDIS_STATUS Adapter::pause() {
    running_.store(false);
    nic_->stop();
    return out_.close() ? NDIS_STATUS_SUCCESS : NDIS_STATUS_PENDING;
}

void Adapter::indicate(NET_BUFFER_LIST* chain, ULONG count, uint64_t bytes) {
    if (!out_.enter(count)) [[unlikely]] {
        counters_->drop(edge::Drop::not_running, count);
        return nic_->returned(chain);
    }
    counters_->up.add(count, count, bytes);
    NdisMIndicateReceiveNetBufferLists(handle_, chain, NDIS_DEFAULT_PORT_NUMBER, count,
                                       NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL);
}

void Adapter::returned(NET_BUFFER_LIST* chain) {
    int64_t count = 0;
    for (NET_BUFFER_LIST* nbl = chain; nbl; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl)) ++count;
    nic_->returned(chain);
    if (out_.leave(count)) NdisMPauseComplete(handle_);
}

void Adapter::send(NET_BUFFER_LIST* chain, ULONG send_flags) {
    if (running_.load(std::memory_order_relaxed)) return nic_->send(chain, send_flags);
    uint64_t frames = 0;
    for (NET_BUFFER_LIST* nbl = chain; nbl; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl), ++frames)
        NET_BUFFER_LIST_STATUS(nbl) = NDIS_STATUS_PAUSED;
    counters_->drop(edge::Drop::not_running, frames);
    complete_send(chain, send_flags);
}

void Adapter::complete_send(NET_BUFFER_LIST* chain, ULONG send_flags) {
    NdisMSendNetBufferListsComplete(
        handle_, chain,
        (send_flags & NDIS_SEND_FLAGS_DISPATCH_LEVEL) ? NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL : 0);
}

void Adapter::indicate_link(bool up) {
    NDIS_LINK_STATE state{};
    state.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    state.Header.Revision = NDIS_LINK_STATE_REVISION_1;
    state.Header.Size = NDIS_SIZEOF_LINK_STATE_REVISION_1;
    state.MediaConnectState = up ? MediaConnectStateConnected : MediaConnectStateDisconnected;
    state.MediaDuplexState = MediaDuplexStateFull;
    state.XmitLinkSpeed = state.RcvLinkSpeed = facts_.speed;
    NDIS_STATUS_INDICATION indication{};
    indication.Header.Type = NDIS_OBJECT_TYPE_STATUS_INDICATION;
    indication.Header.Revision = NDIS_STATUS_INDICATION_REVISION_1;
    indication.Header.Size = NDIS_SIZEOF_STATUS_INDICATION_REVISION_1;
    indication.SourceHandle = handle_;
    indication.StatusCode = NDIS_STATUS_LINK_STATE;
    indication.StatusBuffer = &state;
    indication.StatusBufferSize = sizeof state;
    NdisMIndicateStatusEx(handle_, &indication);
}

}  // namespace ndiskit::nic
