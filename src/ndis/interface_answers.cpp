// What NDIS says of an adapter's network interface: it is the provider of the interfaces of miniports and filter
// modules. Interfaces that a driver provides are asked at their provider (interfaces.cpp).
// https://learn.microsoft.com/windows-hardware/drivers/network/ndis-network-interface-oids
#include <algorithm>
#include <cstring>

#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/oid_answers.h"
#include "ndis/oid_buffer.h"

namespace ndiskit::ndis {

namespace {

bool is_promiscuous(const Adapter& adapter) { return (adapter.packet_filter & NDIS_PACKET_TYPE_PROMISCUOUS) != 0; }

EdgeTotals sent_by(const Adapter& adapter) {
    EdgeTotals all = adapter.closed_sends;
    for (const Binding* binding : adapter.bindings())
        all += binding->sends.totals();
    return all;
}

// The counters that NDIS has itself; SupportedStatistics says which.
NDIS_INTERFACE_INFORMATION information_of(const Adapter& adapter) {
    const NDIS_OPER_STATE oper = oper_state_of(adapter);
    const NDIS_LINK_STATE link = adapter.attributes.indicated.link();
    const EdgeTotals receives = adapter.receives.totals();
    const EdgeTotals sends = sent_by(adapter);
    NDIS_INTERFACE_INFORMATION info{};
    info.ifOperStatus = oper.OperationalStatus;
    info.ifOperStatusFlags = oper.OperationalStatusFlags;
    info.MediaConnectState = link.MediaConnectState;
    info.MediaDuplexState = link.MediaDuplexState;
    info.ifMtu = adapter.general().MtuSize;
    info.ifPromiscuousMode = is_promiscuous(adapter);
    info.XmitLinkSpeed = link.XmitLinkSpeed;
    info.RcvLinkSpeed = link.RcvLinkSpeed;
    info.ifLastChange = adapter.oper_status_since;
    info.ifInDiscards = receives.dropped();
    info.ifHCInOctets = receives.bytes;
    info.ifHCOutOctets = sends.bytes;
    info.CompartmentId = NET_IF_COMPARTMENT_ID_PRIMARY;
    info.SupportedStatistics = NDIS_STATISTICS_FLAGS_VALID_BYTES_RCV | NDIS_STATISTICS_FLAGS_VALID_BYTES_XMIT |
                               NDIS_STATISTICS_FLAGS_VALID_RCV_DISCARDS;
    return info;
}

NDIS_STATUS put_alias(const Adapter& adapter, NDIS_OID_REQUEST& request) {
    const std::u16string& name = adapter.config.description;
    NDIS_IF_COUNTED_STRING alias{};
    const size_t letters = std::min<size_t>(name.size(), IF_MAX_STRING_SIZE);
    alias.Length = static_cast<USHORT>(letters * sizeof(WCHAR));
    std::memcpy(alias.String, name.data(), alias.Length);
    return put_value(request, alias);
}

}  // namespace

NDIS_OPER_STATE oper_state_of(const Adapter& adapter) {
    NDIS_OPER_STATE state{};
    state.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    state.Header.Revision = NDIS_OPER_STATE_REVISION_1;
    state.Header.Size = NDIS_SIZEOF_OPER_STATE_REVISION_1;
    if (adapter.power != NdisDeviceStateD0) {
        state.OperationalStatus = NET_IF_OPER_STATUS_DORMANT;
        state.OperationalStatusFlags = NET_IF_OPER_STATUS_DORMANT_LOW_POWER;
    } else if (adapter.state() == AdapterState::paused) {
        state.OperationalStatus = NET_IF_OPER_STATUS_DORMANT;
        state.OperationalStatusFlags = NET_IF_OPER_STATUS_DORMANT_PAUSED;
    } else if (adapter.attributes.indicated.link().MediaConnectState == MediaConnectStateDisconnected) {
        state.OperationalStatus = NET_IF_OPER_STATUS_DOWN;
        state.OperationalStatusFlags = NET_IF_OPER_STATUS_DOWN_NOT_MEDIA_CONNECTED;
    } else {
        state.OperationalStatus = NET_IF_OPER_STATUS_UP;
    }
    return state;
}

bool answer_interface(const Adapter& adapter, NDIS_OID_REQUEST& request, NDIS_STATUS& status) {
    const NDIS_LINK_STATE link = adapter.attributes.indicated.link();
    switch (oid_of(request)) {
    case OID_GEN_ADMIN_STATUS:
        status = put_value<ULONG>(request, adapter.initialized() ? NET_IF_ADMIN_STATUS_UP : NET_IF_ADMIN_STATUS_DOWN);
        return true;
    case OID_GEN_ALIAS: status = put_alias(adapter, request); return true;
    case OID_GEN_OPERATIONAL_STATUS:
        status = put_value<ULONG>(request, oper_state_of(adapter).OperationalStatus);
        return true;
    case OID_GEN_INTERFACE_INFO: status = put_value(request, information_of(adapter)); return true;
    case OID_GEN_LAST_CHANGE: status = put_value<ULONG64>(request, adapter.oper_status_since); return true;
    // Counters of an adapter begin with it.
    case OID_GEN_DISCONTINUITY_TIME:
    case OID_GEN_UNKNOWN_PROTOS: status = put_value<ULONG64>(request, 0); return true;
    case OID_GEN_LINK_SPEED_EX:
        status = put_value(request, NDIS_LINK_SPEED{link.XmitLinkSpeed, link.RcvLinkSpeed});
        return true;
    case OID_GEN_RCV_LINK_SPEED: status = put_value<ULONG64>(request, link.RcvLinkSpeed); return true;
    case OID_GEN_XMIT_LINK_SPEED: status = put_value<ULONG64>(request, link.XmitLinkSpeed); return true;
    case OID_GEN_MEDIA_CONNECT_STATUS_EX: status = put_value<ULONG>(request, link.MediaConnectState); return true;
    case OID_GEN_MEDIA_DUPLEX_STATE: status = put_value<ULONG>(request, link.MediaDuplexState); return true;
    case OID_GEN_PROMISCUOUS_MODE: status = put_value<BOOLEAN>(request, is_promiscuous(adapter)); return true;
    default: return false;
    }
}

}  // namespace ndiskit::ndis
