// Queries that NDIS answers itself, from the adapter's attributes, its cached status and the binding: the miniport
// never sees them ("not requested" on their pages).
// https://learn.microsoft.com/windows-hardware/drivers/network/ndis-general-use-interface-oids
#include <algorithm>
#include <cstring>
#include <span>

#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/ports.h"

namespace ndiskit::ndis {

namespace {

NDIS_STATUS put(NDIS_OID_REQUEST& request, const void* data, size_t size) {
    auto& q = request.DATA.QUERY_INFORMATION;
    q.BytesWritten = 0;
    q.BytesNeeded = static_cast<ULONG>(size);
    if (q.InformationBufferLength < size)
        return NDIS_STATUS_BUFFER_TOO_SHORT;
    std::memcpy(q.InformationBuffer, data, size);
    q.BytesWritten = static_cast<ULONG>(size);
    q.BytesNeeded = 0;
    return NDIS_STATUS_SUCCESS;
}

template <class T>
NDIS_STATUS put_value(NDIS_OID_REQUEST& request, T value) {
    return put(request, &value, sizeof(value));
}

// A structure that begins with a header; NOT_SUPPORTED when the adapter gave none.
NDIS_STATUS put_copy(NDIS_OID_REQUEST& request, const HeaderedCopy& copy) {
    const auto* header = copy.get<NDIS_OBJECT_HEADER>();
    return header == nullptr ? NDIS_STATUS_NOT_SUPPORTED : put(request, header, header->Size);
}

NDIS_STATUS put_indicated(NDIS_OID_REQUEST& request, const Attributes& a, HeaderedCopy Indicated::*which) {
    return put_copy(request, a.indicated.get(which));
}

// The old unit of link speeds, 100 bit/s, in as many bits as it has.
ULONG old_link_speed(ULONG64 bits_per_second) {
    return static_cast<ULONG>(std::min<ULONG64>(bits_per_second / 100, UINT32_MAX));
}

NDIS_STATUS put_connect_status(NDIS_OID_REQUEST& request, const Attributes& a) {
    return put_value<ULONG>(request, a.indicated.link().MediaConnectState == MediaConnectStateConnected
                                         ? NdisMediaStateConnected
                                         : NdisMediaStateDisconnected);
}

NDIS_STATUS put_max_link_speed(NDIS_OID_REQUEST& request, const Attributes& a) {
    NDIS_LINK_SPEED speed{};
    speed.XmitLinkSpeed = a.general.MaxXmitLinkSpeed;
    speed.RcvLinkSpeed = a.general.MaxRcvLinkSpeed;
    return put_value(request, speed);
}

NDIS_STATUS put_multicast(NDIS_OID_REQUEST& request, Binding& binding) {
    return binding.multicast.with(
        [&](const auto& list) { return put(request, list.data(), list.size() * sizeof(MacAddress)); });
}

bool answer_general(Binding& binding, NDIS_OID_REQUEST& request, NDIS_STATUS& status) {
    const Adapter& adapter = binding.adapter;
    const Attributes& a = adapter.attributes;
    const auto g = adapter.general();
    switch (oid_of(request)) {
    case OID_GEN_SUPPORTED_LIST:
        status = put(request, a.supported_oids.data(), a.supported_oids.size() * sizeof(NDIS_OID));
        return true;
    case OID_GEN_HARDWARE_STATUS: status = put_value<ULONG>(request, NdisHardwareStatusReady); return true;
    case OID_GEN_MEDIA_SUPPORTED:
    case OID_GEN_MEDIA_IN_USE: status = put_value<ULONG>(request, g.MediaType); return true;
    case OID_GEN_PHYSICAL_MEDIUM:
    case OID_GEN_PHYSICAL_MEDIUM_EX: status = put_value<ULONG>(request, g.PhysicalMediumType); return true;
    case OID_GEN_MAXIMUM_LOOKAHEAD: status = put_value<ULONG>(request, g.LookaheadSize); return true;
    case OID_GEN_MAXIMUM_FRAME_SIZE: status = put_value<ULONG>(request, g.MtuSize); return true;
    case OID_GEN_MAXIMUM_SEND_PACKETS: status = put_value<ULONG>(request, UINT32_MAX); return true;
    case OID_GEN_MEDIA_CAPABILITIES: status = put_value<ULONG>(request, 0); return true;
    case OID_GEN_MAC_OPTIONS: status = put_value<ULONG>(request, g.MacOptions); return true;
    case OID_GEN_LINK_SPEED:
        status = put_value<ULONG>(request, old_link_speed(a.indicated.link().XmitLinkSpeed));
        return true;
    case OID_GEN_MAX_LINK_SPEED: status = put_max_link_speed(request, a); return true;
    case OID_GEN_LINK_STATE: status = put_value(request, a.indicated.link()); return true;
    case OID_GEN_MEDIA_CONNECT_STATUS: status = put_connect_status(request, a); return true;
    case OID_GEN_DRIVER_VERSION:
        status = put_value<USHORT>(request, static_cast<USHORT>(adapter.driver.version.major << 8 |
                                                                adapter.driver.version.minor));
        return true;
    case OID_GEN_CURRENT_PACKET_FILTER: status = put_value<ULONG>(request, adapter.packet_filter.load()); return true;
    case OID_GEN_CURRENT_LOOKAHEAD:
        status = put_value<ULONG>(request, binding.lookahead != 0 ? binding.lookahead.load() : g.LookaheadSize);
        return true;
    case OID_GEN_PORT_STATE: status = put_port_state(adapter, request); return true;
    case OID_GEN_ENUMERATE_PORTS: status = put_ports(adapter, request); return true;
    default: return false;
    }
}

bool answer_capabilities(const Attributes& a, NDIS_OID_REQUEST& request, NDIS_STATUS& status) {
    switch (oid_of(request)) {
    case OID_GEN_RECEIVE_SCALE_CAPABILITIES: status = put_copy(request, a.receive_scale); return true;
    case OID_TCP_OFFLOAD_CURRENT_CONFIG: status = put_indicated(request, a, &Indicated::default_offload); return true;
    case OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES: status = put_indicated(request, a, &Indicated::hardware_offload); return true;
    case OID_PM_CURRENT_CAPABILITIES:
    case OID_PM_HARDWARE_CAPABILITIES: status = put_indicated(request, a, &Indicated::pm_capabilities); return true;
    case OID_RECEIVE_FILTER_HARDWARE_CAPABILITIES:
        status = put_indicated(request, a, &Indicated::hardware_receive_filter);
        return true;
    case OID_RECEIVE_FILTER_CURRENT_CAPABILITIES:
        status = put_indicated(request, a, &Indicated::current_receive_filter);
        return true;
    case OID_NIC_SWITCH_HARDWARE_CAPABILITIES:
        status = put_indicated(request, a, &Indicated::hardware_nic_switch);
        return true;
    case OID_NIC_SWITCH_CURRENT_CAPABILITIES:
        status = put_indicated(request, a, &Indicated::current_nic_switch);
        return true;
    case OID_SRIOV_HARDWARE_CAPABILITIES: status = put_copy(request, a.hardware_sriov); return true;
    case OID_SRIOV_CURRENT_CAPABILITIES: status = put_copy(request, a.current_sriov); return true;
    case OID_QOS_HARDWARE_CAPABILITIES: status = put_copy(request, a.hardware_qos); return true;
    case OID_QOS_CURRENT_CAPABILITIES: status = put_copy(request, a.current_qos); return true;
    default: return false;
    }
}

bool answer_ethernet(Binding& binding, NDIS_OID_REQUEST& request, NDIS_STATUS& status) {
    const auto g = binding.adapter.general();
    if (g.MediaType != NdisMedium802_3)
        return false;
    switch (oid_of(request)) {
    case OID_802_3_PERMANENT_ADDRESS: status = put(request, g.PermanentMacAddress, g.MacAddressLength); return true;
    case OID_802_3_CURRENT_ADDRESS: status = put(request, g.CurrentMacAddress, g.MacAddressLength); return true;
    case OID_802_3_MAXIMUM_LIST_SIZE: status = put_value<ULONG>(request, g.MaxMulticastListSize); return true;
    case OID_802_3_MAC_OPTIONS: status = put_value<ULONG>(request, 0); return true;
    case OID_802_3_MULTICAST_LIST: status = put_multicast(request, binding); return true;
    default: return false;
    }
}

}  // namespace

bool answer_oid(Binding& binding, NDIS_OID_REQUEST& request, NDIS_STATUS& status) {
    if (request.RequestType == NdisRequestSetInformation) {
        // What protocols tell NDIS itself.
        if (oid_of(request) != OID_GEN_PROTOCOL_OPTIONS)
            return false;
        status = NDIS_STATUS_SUCCESS;
        return true;
    }
    if (request.RequestType != NdisRequestQueryInformation)
        return false;
    return answer_general(binding, request, status) ||
           answer_capabilities(binding.adapter.attributes, request, status) ||
           answer_ethernet(binding, request, status);
}

}  // namespace ndiskit::ndis
