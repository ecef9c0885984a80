// OID requests to a virtual miniport: a table says of each what is done with it. Some are answered here, some
// change what this virtual miniport wants and with it what the adapter below has to receive, the rest goes
// down as a clone, for an original is never sent on.

#include <ndisxx/oid_answer.h>

#include "driver.h"
#include "lower.h"
#include "virtual_miniport.h"

namespace mux {
namespace {

constexpr char vendor_description[] = "ndiskit MUX virtual miniport";
constexpr ULONG driver_version = 0x00010000;  // 1.0

using Request = ndisxx::OidAnswer;
using Handler = NDIS_STATUS (*)(VirtualMiniport& port, Request& request);

ULONG frame_size(const VirtualMiniport& port) {
    constexpr ULONG ethernet_header = 14;
    return port.lower.attributes.mtu + ethernet_header;
}

NDIS_STATUS answer_frame_size(VirtualMiniport& port, Request& request) {
    return request.answer(frame_size(port));
}

NDIS_STATUS answer_buffer_space(VirtualMiniport& port, Request& request) {
    constexpr ULONG frames = 256;
    return request.answer(frame_size(port) * frames);
}

NDIS_STATUS answer_statistics(VirtualMiniport& port, Request& request) {
    NDIS_STATISTICS_INFO info;
    port.statistics.report(info);
    return request.answer(&info, NDIS_SIZEOF_STATISTICS_INFO_REVISION_1);
}

NDIS_STATUS answer_address(const MacAddress& mac, Request& request) {
    UCHAR bytes[MacAddress::size];
    mac.copy_to(bytes);
    return request.answer(bytes, sizeof bytes);
}

NDIS_STATUS answer_moderation(VirtualMiniport&, Request& request) {
    if (request.is_set()) return NDIS_STATUS_INVALID_DATA;
    NDIS_INTERRUPT_MODERATION_PARAMETERS parameters = {};
    parameters.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    parameters.Header.Revision = NDIS_INTERRUPT_MODERATION_PARAMETERS_REVISION_1;
    parameters.Header.Size = NDIS_SIZEOF_INTERRUPT_MODERATION_PARAMETERS_REVISION_1;
    parameters.InterruptModeration = NdisInterruptModerationNotSupported;
    return request.answer(&parameters, NDIS_SIZEOF_INTERRUPT_MODERATION_PARAMETERS_REVISION_1);
}

NDIS_STATUS packet_filter(VirtualMiniport& port, Request& request) {
    if (request.is_query()) return request.answer(port.packet_filter);
    const auto* filter = request.value<ULONG>();
    if (!filter) return NDIS_STATUS_INVALID_LENGTH;
    if (*filter & ~port.lower.attributes.packet_filters) return NDIS_STATUS_NOT_SUPPORTED;
    {
        ndisxx::RwLock::WriteGuard guard(port.lower.table_lock);
        port.packet_filter = *filter;
    }
    return port.lower.update_filters();
}

NDIS_STATUS multicast_list(VirtualMiniport& port, Request& request) {
    if (!request.is_set()) {
        UCHAR addresses[MulticastList::capacity * MacAddress::size];
        for (ULONG i = 0; i < port.multicast.count(); ++i)
            port.multicast[i].copy_to(&addresses[i * MacAddress::size]);
        return request.answer(addresses, port.multicast.count() * MacAddress::size);
    }
    ULONG size;
    const UCHAR* addresses = request.bytes(size);
    {
        ndisxx::RwLock::WriteGuard guard(port.lower.table_lock);
        const NDIS_STATUS status = port.multicast.assign(addresses, size);
        if (status != NDIS_STATUS_SUCCESS) return status;
    }
    return port.lower.update_filters();
}

NDIS_STATUS lookahead(VirtualMiniport& port, Request& request) {
    if (request.is_query()) return request.answer(port.lookahead);
    const auto* size = request.value<ULONG>();
    if (!size) return NDIS_STATUS_INVALID_LENGTH;
    if (*size > port.lower.attributes.lookahead) return NDIS_STATUS_INVALID_DATA;
    port.lookahead = *size;
    return NDIS_STATUS_SUCCESS;
}

// Always accepted, never sent down: the adapter has power transitions of its own.
NDIS_STATUS set_power(VirtualMiniport& port, Request& request) {
    const auto* state = request.value<NDIS_DEVICE_POWER_STATE>();
    if (!state) return NDIS_STATUS_INVALID_LENGTH;
    port.power.store(*state);
    if (port.in_d0() && port.link_state_due.load()) port.indicate_link_state();
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS pnp_capabilities(VirtualMiniport& port, Request& request) {
    if (!port.lower.attributes.power_aware) return NDIS_STATUS_NOT_SUPPORTED;
    NDIS_PNP_CAPABILITIES capabilities = {};
    capabilities.WakeUpCapabilities.MinMagicPacketWakeUp = NdisDeviceStateUnspecified;
    capabilities.WakeUpCapabilities.MinPatternWakeUp = NdisDeviceStateUnspecified;
    capabilities.WakeUpCapabilities.MinLinkChangeWakeUp = NdisDeviceStateUnspecified;
    return request.answer(&capabilities, sizeof capabilities);
}

NDIS_STATUS not_supported(VirtualMiniport&, Request&) { return NDIS_STATUS_NOT_SUPPORTED; }

struct Row {
    NDIS_OID oid;
    Handler handler;
};

// What is not in the table goes down.
constexpr Row rows[] = {
    {OID_GEN_CURRENT_PACKET_FILTER, packet_filter},
    {OID_GEN_CURRENT_LOOKAHEAD, lookahead},
    {OID_GEN_MAXIMUM_TOTAL_SIZE, answer_frame_size},
    {OID_GEN_TRANSMIT_BLOCK_SIZE, answer_frame_size},
    {OID_GEN_RECEIVE_BLOCK_SIZE, answer_frame_size},
    {OID_GEN_TRANSMIT_BUFFER_SPACE, answer_buffer_space},
    {OID_GEN_RECEIVE_BUFFER_SPACE, answer_buffer_space},
    {OID_GEN_VENDOR_ID, [](VirtualMiniport&, Request& request) { return request.answer(0x00ffffffu); }},
    {OID_GEN_VENDOR_DESCRIPTION,
     [](VirtualMiniport&, Request& request) {
         return request.answer(vendor_description, sizeof vendor_description);
     }},
    {OID_GEN_VENDOR_DRIVER_VERSION,
     [](VirtualMiniport&, Request& request) { return request.answer(driver_version); }},
    {OID_GEN_XMIT_OK, [](VirtualMiniport& port,
                         Request& request) { return request.answer_counter(port.statistics.frames_sent()); }},
    {OID_GEN_RCV_OK,
     [](VirtualMiniport& port, Request& request) {
         return request.answer_counter(port.statistics.frames_received());
     }},
    {OID_GEN_XMIT_ERROR,
     [](VirtualMiniport& port, Request& request) {
         return request.answer_counter(port.statistics.send_errors());
     }},
    {OID_GEN_RCV_ERROR, [](VirtualMiniport&, Request& request) { return request.answer_counter(0); }},
    {OID_GEN_RCV_NO_BUFFER,
     [](VirtualMiniport& port, Request& request) {
         return request.answer_counter(port.statistics.receive_discards());
     }},
    {OID_GEN_STATISTICS, answer_statistics},
    {OID_GEN_INTERRUPT_MODERATION, answer_moderation},
    {OID_GEN_LINK_PARAMETERS, not_supported},
    {OID_GEN_TRANSPORT_HEADER_OFFSET, [](VirtualMiniport&, Request&) { return NDIS_STATUS_SUCCESS; }},
    {OID_802_3_PERMANENT_ADDRESS,
     [](VirtualMiniport& port, Request& request) { return answer_address(port.permanent_mac, request); }},
    {OID_802_3_CURRENT_ADDRESS,
     [](VirtualMiniport& port, Request& request) { return answer_address(port.mac, request); }},
    {OID_802_3_MULTICAST_LIST, multicast_list},
    {OID_802_3_MAXIMUM_LIST_SIZE,
     [](VirtualMiniport&, Request& request) { return request.answer(MulticastList::capacity); }},
    {OID_PNP_CAPABILITIES, pnp_capabilities},
    {OID_PNP_QUERY_POWER, [](VirtualMiniport&, Request&) { return NDIS_STATUS_SUCCESS; }},
    {OID_PNP_SET_POWER, set_power},
    {OID_TCP_CONNECTION_OFFLOAD_PARAMETERS, not_supported},
    {OID_GEN_RECEIVE_SCALE_PARAMETERS, not_supported},
};

Handler handler_of(NDIS_OID oid) {
    for (const Row& row : rows)
        if (row.oid == oid) return row.handler;
    return nullptr;
}

// The results of the clone belong to the original.
void copy_back(NDIS_OID_REQUEST& original, const NDIS_OID_REQUEST& clone) {
    switch (clone.RequestType) {
        case NdisRequestMethod:
            original.DATA.METHOD_INFORMATION.OutputBufferLength =
                clone.DATA.METHOD_INFORMATION.OutputBufferLength;
            original.DATA.METHOD_INFORMATION.BytesRead = clone.DATA.METHOD_INFORMATION.BytesRead;
            original.DATA.METHOD_INFORMATION.BytesWritten = clone.DATA.METHOD_INFORMATION.BytesWritten;
            original.DATA.METHOD_INFORMATION.BytesNeeded = clone.DATA.METHOD_INFORMATION.BytesNeeded;
            break;
        case NdisRequestSetInformation:
            original.DATA.SET_INFORMATION.BytesRead = clone.DATA.SET_INFORMATION.BytesRead;
            original.DATA.SET_INFORMATION.BytesNeeded = clone.DATA.SET_INFORMATION.BytesNeeded;
            original.SupportedRevision = clone.SupportedRevision;
            break;
        default:
            original.DATA.QUERY_INFORMATION.BytesWritten = clone.DATA.QUERY_INFORMATION.BytesWritten;
            original.DATA.QUERY_INFORMATION.BytesNeeded = clone.DATA.QUERY_INFORMATION.BytesNeeded;
            break;
    }
}

// Takes the clone back; whoever calls completes the original.
NDIS_OID_REQUEST* finish(VirtualMiniport& port, NDIS_OID_REQUEST* clone) {
    NDIS_OID_REQUEST* original = port.forwarded.original;
    {
        ndisxx::SpinLock::Guard guard(port.oid_lock);
        port.clone_below = nullptr;
    }
    copy_back(*original, *clone);
    NdisFreeCloneOidRequest(port.lower.binding, clone);
    return original;
}

NDIS_STATUS forward(VirtualMiniport& port, NDIS_OID_REQUEST& request) {
    NDIS_OID_REQUEST* clone = nullptr;
    NDIS_STATUS status = NdisAllocateCloneOidRequest(port.lower.binding, &request, pool_tag, &clone);
    if (status != NDIS_STATUS_SUCCESS) return status;
    port.forwarded.owner = &port;
    port.forwarded.original = &request;
    port.forwarded.complete = [](ndisxx::PendingOid& pending, NDIS_OID_REQUEST* done, NDIS_STATUS result) {
        VirtualMiniport& owner = *static_cast<ForwardedOid&>(pending).owner;
        NdisMOidRequestComplete(owner.handle, finish(owner, done), result);
    };
    ndisxx::PendingOid::attach(clone, &port.forwarded);
    {
        ndisxx::SpinLock::Guard guard(port.oid_lock);
        port.clone_below = clone;
    }
    status = NdisOidRequest(port.lower.binding, clone);
    if (status != NDIS_STATUS_PENDING) finish(port, clone);
    return status;
}

// Power first: nothing but the power OIDs is served while the virtual miniport sleeps; one request waits for
// an adapter that does.
NDIS_STATUS serve(VirtualMiniport& port, NDIS_OID_REQUEST& original) {
    Request request(original);
    const NDIS_OID oid = request.oid();
    const Handler handler = handler_of(oid);
    if (oid == OID_PNP_SET_POWER || oid == OID_PNP_QUERY_POWER) return handler(port, request);
    if (!port.in_d0()) return NDIS_STATUS_LOW_POWER_STATE;
    if (!port.lower.in_d0()) {
        ndisxx::SpinLock::Guard guard(port.oid_lock);
        if (port.held) return NDIS_STATUS_LOW_POWER_STATE;
        port.held = &original;
        return NDIS_STATUS_PENDING;
    }
    return handler ? handler(port, request) : forward(port, original);
}

NDIS_OID_REQUEST* take_held(VirtualMiniport& port) {
    ndisxx::SpinLock::Guard guard(port.oid_lock);
    NDIS_OID_REQUEST* held = port.held;
    port.held = nullptr;
    return held;
}

}  // namespace

void VirtualMiniport::resume_held_oid() {
    NDIS_OID_REQUEST* request = take_held(*this);
    if (!request) return;
    const NDIS_STATUS status = serve(*this, *request);
    if (status != NDIS_STATUS_PENDING) NdisMOidRequestComplete(handle, request, status);
}

void VirtualMiniport::abort_held_oid() {
    if (NDIS_OID_REQUEST* request = take_held(*this))
        NdisMOidRequestComplete(handle, request, NDIS_STATUS_REQUEST_ABORTED);
}

NDIS_STATUS MuxMiniportOidRequest(NDIS_HANDLE context, NDIS_OID_REQUEST* request) {
    return serve(*static_cast<VirtualMiniport*>(context), *request);
}

VOID MuxMiniportCancelOid(NDIS_HANDLE context, PVOID request_id) {
    auto& port = *static_cast<VirtualMiniport*>(context);
    NDIS_OID_REQUEST* held = nullptr;
    bool below = false;
    {
        ndisxx::SpinLock::Guard guard(port.oid_lock);
        if (port.held && port.held->RequestId == request_id) {
            held = port.held;
            port.held = nullptr;
        }
        // The clone carries the RequestId of its original.
        below = port.clone_below && port.clone_below->RequestId == request_id;
    }
    if (held) NdisMOidRequestComplete(port.handle, held, NDIS_STATUS_REQUEST_ABORTED);
    if (below) NdisCancelOidRequest(port.lower.binding, request_id);
}

// Direct requests are for features that the virtual miniports do not announce.
NDIS_STATUS MuxMiniportDirectOid(NDIS_HANDLE, NDIS_OID_REQUEST*) { return NDIS_STATUS_NOT_SUPPORTED; }
VOID MuxMiniportCancelDirectOid(NDIS_HANDLE, PVOID) {}

VOID MuxProtocolOidComplete(NDIS_HANDLE, NDIS_OID_REQUEST* request, NDIS_STATUS status) {
    ndisxx::PendingOid::completed(request, status);
}

VOID MuxProtocolDirectOidComplete(NDIS_HANDLE, NDIS_OID_REQUEST* request, NDIS_STATUS status) {
    ndisxx::PendingOid::completed(request, status);
}

}  // namespace mux
