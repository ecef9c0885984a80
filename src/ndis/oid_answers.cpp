// Requests that NDIS answers itself, from the adapter's attributes, its cached status, what it keeps of what was set,
// and the binding: the miniport never sees them ("not requested" on their pages). Which they are says oid_rules.cpp.
// https://learn.microsoft.com/windows-hardware/drivers/network/ndis-general-use-interface-oids
#include "ndis/oid_answers.h"

#include <algorithm>

#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/oid_buffer.h"
#include "ndis/oid_combine.h"
#include "ndis/oid_rules.h"
#include "ndis/adapter_ports.h"
#include "ndis/quality_of_service.h"
#include "ndis/settings.h"
#include "ndis/wake_user.h"

namespace ndiskit::ndis {

namespace {

// The old unit of link speeds, 100 bit/s, in as many bits as it has.
ULONG old_link_speed(ULONG64 bits_per_second) {
    return static_cast<ULONG>(std::min<ULONG64>(bits_per_second / 100, UINT32_MAX));
}

NDIS_STATUS put_connect_status(NDIS_OID_REQUEST& request, const Attributes& a) {
    return put_value<ULONG>(request, a.indicated.link().MediaConnectState == MediaConnectStateConnected
                                         ? NdisMediaStateConnected
                                         : NdisMediaStateDisconnected);
}

NDIS_STATUS put_text(NDIS_OID_REQUEST& request, const std::u16string& text) {
    return put(request, text.c_str(), (text.size() + 1) * sizeof(char16_t));
}

// Filter, lookahead and multicast list are told for all bindings together, whoever asks.
NDIS_STATUS put_multicast(NDIS_OID_REQUEST& request, const Adapter& adapter) {
    const std::vector<MacAddress> list = multicast_union(adapter);
    return put(request, list.data(), list.size() * sizeof(MacAddress));
}

ULONG packet_filter_of(const Adapter& adapter) {
    ULONG all = 0;
    for (const Binding* binding : adapter.bindings())
        all |= binding->packet_filter;
    return all;
}

ULONG lookahead_of(const Adapter& adapter) {
    ULONG most = 0;
    for (const Binding* binding : adapter.bindings())
        most = std::max<ULONG>(most, binding->lookahead);
    return most != 0 ? most : adapter.general().LookaheadSize;
}

// Statistics stand in a range of their own in each class of OIDs.
bool is_statistic(NDIS_OID oid) { return (oid & 0x00ff0000) == 0x00020000; }

// Protocols do not query statistics, so they do not hear of them.
NDIS_STATUS put_supported(NDIS_OID_REQUEST& request, const Attributes& a, const Asker& asker) {
    std::vector<NDIS_OID> list = a.supported_oids;
    if (asker.binding != nullptr)
        std::erase_if(list, is_statistic);
    return put(request, list.data(), list.size() * sizeof(NDIS_OID));
}

// The older OID knows no medium of Ethernet's own.
NDIS_PHYSICAL_MEDIUM old_physical_medium(NDIS_PHYSICAL_MEDIUM medium) {
    return medium == NdisPhysicalMedium802_3 ? NdisPhysicalMediumUnspecified : medium;
}

bool answer_general(const Adapter& adapter, const Asker& asker, NDIS_OID_REQUEST& request, NDIS_STATUS& status) {
    const Attributes& a = adapter.attributes;
    const auto g = adapter.general();
    switch (oid_of(request)) {
    case OID_GEN_SUPPORTED_LIST: status = put_supported(request, a, asker); return true;
    case OID_GEN_HARDWARE_STATUS: status = put_value<ULONG>(request, NdisHardwareStatusReady); return true;
    case OID_GEN_MEDIA_SUPPORTED:
    case OID_GEN_MEDIA_IN_USE: status = put_value<ULONG>(request, g.MediaType); return true;
    case OID_GEN_PHYSICAL_MEDIUM:
        status = put_value<ULONG>(request, old_physical_medium(g.PhysicalMediumType));
        return true;
    case OID_GEN_PHYSICAL_MEDIUM_EX: status = put_value<ULONG>(request, g.PhysicalMediumType); return true;
    case OID_GEN_MAXIMUM_LOOKAHEAD: status = put_value<ULONG>(request, g.LookaheadSize); return true;
    case OID_GEN_MAXIMUM_FRAME_SIZE: status = put_value<ULONG>(request, g.MtuSize); return true;
    case OID_GEN_MAXIMUM_SEND_PACKETS: status = put_value<ULONG>(request, UINT32_MAX); return true;
    case OID_GEN_MEDIA_CAPABILITIES: status = put_value<ULONG>(request, 0); return true;
    case OID_GEN_MAC_OPTIONS: status = put_value<ULONG>(request, g.MacOptions); return true;
    case OID_GEN_LINK_SPEED:
        status = put_value<ULONG>(request, old_link_speed(a.indicated.link().XmitLinkSpeed));
        return true;
    case OID_GEN_MAX_LINK_SPEED:
        status = put_value(request, NDIS_LINK_SPEED{g.MaxXmitLinkSpeed, g.MaxRcvLinkSpeed});
        return true;
    case OID_GEN_LINK_STATE: status = put_value(request, a.indicated.link()); return true;
    case OID_GEN_MEDIA_CONNECT_STATUS: status = put_connect_status(request, a); return true;
    case OID_GEN_DRIVER_VERSION:
        status = put_value<USHORT>(request, static_cast<USHORT>(adapter.driver.version.major << 8 |
                                                                adapter.driver.version.minor));
        return true;
    case OID_GEN_FRIENDLY_NAME: status = put_text(request, adapter.config.description); return true;
    // Of adapters on a PCI bus alone.
    case OID_GEN_PCI_DEVICE_CUSTOM_PROPERTIES: status = NDIS_STATUS_NOT_SUPPORTED; return true;
    case OID_GEN_CURRENT_PACKET_FILTER: status = put_value(request, packet_filter_of(adapter)); return true;
    case OID_GEN_CURRENT_LOOKAHEAD: status = put_value(request, lookahead_of(adapter)); return true;
    case OID_GEN_PORT_STATE: status = put_port_state(adapter, request); return true;
    case OID_GEN_ENUMERATE_PORTS: status = put_ports(adapter, request); return true;
    // What protocols tell NDIS itself.
    case OID_GEN_PROTOCOL_OPTIONS: status = NDIS_STATUS_SUCCESS; return true;
    default: return false;
    }
}

// A copy in the revision that the asker knows.
NDIS_STATUS put_limited(NDIS_OID_REQUEST& request, HeaderedCopy copy, const Asker& asker, const StructureKind& kind) {
    limit(copy, asker.version, kind);
    return put_copy(request, copy);
}

bool answer_capabilities(const Adapter& adapter, const Asker& asker, NDIS_OID_REQUEST& request, NDIS_STATUS& status) {
    const Attributes& a = adapter.attributes;
    const auto indicated = [&](HeaderedCopy Indicated::*which, const StructureKind& kind) {
        status = put_limited(request, a.indicated.get(which), asker, kind);
        return true;
    };
    switch (oid_of(request)) {
    case OID_GEN_RECEIVE_SCALE_CAPABILITIES:
        status = put_limited(request, a.receive_scale, asker, receive_scale_capabilities_structure);
        return true;
    case OID_PM_CURRENT_CAPABILITIES:
        status = put_limited(request, current_pm_capabilities(adapter), asker, pm_capabilities_structure);
        return true;
    case OID_PM_HARDWARE_CAPABILITIES:
        status = put_limited(request, hardware_pm_capabilities(a), asker, pm_capabilities_structure);
        return true;
    case OID_RECEIVE_FILTER_HARDWARE_CAPABILITIES:
        return indicated(&Indicated::hardware_receive_filter, receive_filter_capabilities_structure);
    case OID_RECEIVE_FILTER_CURRENT_CAPABILITIES:
        return indicated(&Indicated::current_receive_filter, receive_filter_capabilities_structure);
    case OID_NIC_SWITCH_HARDWARE_CAPABILITIES:
        return indicated(&Indicated::hardware_nic_switch, nic_switch_capabilities_structure);
    case OID_NIC_SWITCH_CURRENT_CAPABILITIES:
        return indicated(&Indicated::current_nic_switch, nic_switch_capabilities_structure);
    case OID_SRIOV_HARDWARE_CAPABILITIES: status = put_copy(request, a.hardware_sriov); return true;
    case OID_SRIOV_CURRENT_CAPABILITIES: status = put_copy(request, a.current_sriov); return true;
    case OID_GEN_HD_SPLIT_CURRENT_CONFIG:
        status = put_copy(request, a.indicated.get(&Indicated::hd_split_current));
        return true;
    case OID_TIMESTAMP_CAPABILITY:
        status = put_copy(request, a.indicated.get(&Indicated::timestamp_capability));
        return true;
    case OID_TIMESTAMP_CURRENT_CONFIG:
        status = put_copy(request, a.indicated.get(&Indicated::timestamp_current));
        return true;
    default: return false;
    }
}

bool answer_ethernet(const Adapter& adapter, NDIS_OID_REQUEST& request, NDIS_STATUS& status) {
    const auto g = adapter.general();
    if (g.MediaType != NdisMedium802_3)
        return false;
    switch (oid_of(request)) {
    case OID_802_3_PERMANENT_ADDRESS: status = put(request, g.PermanentMacAddress, g.MacAddressLength); return true;
    case OID_802_3_CURRENT_ADDRESS: status = put(request, g.CurrentMacAddress, g.MacAddressLength); return true;
    case OID_802_3_MAXIMUM_LIST_SIZE: status = put_value<ULONG>(request, g.MaxMulticastListSize); return true;
    case OID_802_3_MAC_OPTIONS: status = put_value<ULONG>(request, 0); return true;
    case OID_802_3_MULTICAST_LIST: status = put_multicast(request, adapter); return true;
    default: return false;
    }
}

}  // namespace

bool answer_oid(const Adapter& adapter, const Asker& asker, NDIS_OID_REQUEST& request, NDIS_STATUS& status) {
    const OidRule* rule = rule_of(oid_of(request));
    if (rule == nullptr || rule->answerer(request.RequestType) != Answerer::ndis)
        return false;
    const bool answered = answer_general(adapter, asker, request, status) ||
                          answer_capabilities(adapter, asker, request, status) ||
                          answer_ethernet(adapter, request, status) ||
                          answer_interface(adapter, request, status) ||
                          answer_offload(adapter, asker.version, request, status) ||
                          answer_receive_scale(adapter, request, status) ||
                          answer_receive_filters(adapter, asker.binding, request, status) ||
                          answer_wake(adapter, asker.binding, request, status) ||
                          answer_qos(adapter, request, status);
    if (!answered)
        status = NDIS_STATUS_NOT_SUPPORTED;
    return true;
}

}  // namespace ndiskit::ndis
