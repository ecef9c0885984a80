// The OID requests of every built-in NIC.

#include <algorithm>
#include <array>
#include <cstring>

#include "nic/adapter.h"
#include "nic/registered.h"
#include "wire/frame.h"

namespace ndiskit::nic {
namespace {

constexpr std::array oids = {NDIS_OID{OID_GEN_CURRENT_PACKET_FILTER},
                             NDIS_OID{OID_GEN_CURRENT_LOOKAHEAD},
                             NDIS_OID{OID_GEN_MAXIMUM_TOTAL_SIZE},
                             NDIS_OID{OID_GEN_TRANSMIT_BLOCK_SIZE},
                             NDIS_OID{OID_GEN_RECEIVE_BLOCK_SIZE},
                             NDIS_OID{OID_GEN_VENDOR_ID},
                             NDIS_OID{OID_GEN_VENDOR_DESCRIPTION},
                             NDIS_OID{OID_GEN_VENDOR_DRIVER_VERSION},
                             NDIS_OID{OID_GEN_STATISTICS},
                             NDIS_OID{OID_GEN_XMIT_OK},
                             NDIS_OID{OID_GEN_RCV_OK},
                             NDIS_OID{OID_GEN_XMIT_ERROR},
                             NDIS_OID{OID_GEN_RCV_ERROR},
                             NDIS_OID{OID_GEN_RCV_NO_BUFFER},
                             NDIS_OID{OID_GEN_INTERRUPT_MODERATION},
                             NDIS_OID{OID_802_3_MULTICAST_LIST},
                             NDIS_OID{OID_802_3_MAXIMUM_LIST_SIZE},
                             NDIS_OID{OID_802_3_PERMANENT_ADDRESS},
                             NDIS_OID{OID_802_3_CURRENT_ADDRESS},
                             NDIS_OID{OID_TCP_OFFLOAD_PARAMETERS},
                             NDIS_OID{OID_OFFLOAD_ENCAPSULATION}};

constexpr char vendor[] = "ndiskit NIC";

NDIS_STATUS answer(NDIS_OID_REQUEST& request, const void* data, ULONG size) {
    auto& query = request.DATA.QUERY_INFORMATION;
    query.BytesNeeded = size;
    if (query.InformationBufferLength < size) return NDIS_STATUS_BUFFER_TOO_SHORT;
    std::memcpy(query.InformationBuffer, data, size);
    query.BytesWritten = size;
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS answer(NDIS_OID_REQUEST& request, ULONG value) { return answer(request, &value, sizeof value); }

// 64 bits where there is room for them, else the low 32; BytesNeeded always tells of the 64.
NDIS_STATUS answer_counter(NDIS_OID_REQUEST& request, uint64_t value) {
    auto& query = request.DATA.QUERY_INFORMATION;
    const ULONG size = query.InformationBufferLength >= sizeof value ? sizeof value : sizeof(ULONG);
    const NDIS_STATUS status = answer(request, &value, size);
    query.BytesNeeded = sizeof value;
    return status;
}

NDIS_STATISTICS_INFO statistics_of(const edge::Counters& counters) {
    NDIS_STATISTICS_INFO info{};
    info.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    info.Header.Revision = NDIS_STATISTICS_INFO_REVISION_1;
    info.Header.Size = NDIS_SIZEOF_STATISTICS_INFO_REVISION_1;
    info.SupportedStatistics =
        NDIS_STATISTICS_FLAGS_VALID_DIRECTED_FRAMES_RCV | NDIS_STATISTICS_FLAGS_VALID_BYTES_RCV |
        NDIS_STATISTICS_FLAGS_VALID_DIRECTED_FRAMES_XMIT | NDIS_STATISTICS_FLAGS_VALID_BYTES_XMIT |
        NDIS_STATISTICS_FLAGS_VALID_RCV_DISCARDS;
    info.ifHCInUcastPkts = counters.up.frames;
    info.ifHCInOctets = counters.up.bytes;
    info.ifHCOutUcastPkts = counters.down.frames;
    info.ifHCOutOctets = counters.down.bytes;
    info.ifInDiscards = counters.dropped(edge::Drop::no_buffer) + counters.dropped(edge::Drop::kernel_full);
    return info;
}

}  // namespace

std::span<const NDIS_OID> supported_oids() { return oids; }

NDIS_STATUS Adapter::oid(NDIS_OID_REQUEST& request) {
    switch (request.RequestType) {
        case NdisRequestQueryInformation:
        case NdisRequestQueryStatistics:
            return query(request);
        case NdisRequestSetInformation:
            return set(request);
        default:
            return NDIS_STATUS_NOT_SUPPORTED;
    }
}

NDIS_STATUS Adapter::query(NDIS_OID_REQUEST& request) {
    const ULONG frame_size = facts_.mtu + wire::ethernet_header_size;
    switch (request.DATA.QUERY_INFORMATION.Oid) {
        case OID_GEN_CURRENT_PACKET_FILTER:
            return answer(request, filter_.packet_filter());
        case OID_GEN_CURRENT_LOOKAHEAD:
            return answer(request, lookahead_);
        case OID_GEN_MAXIMUM_TOTAL_SIZE:
        case OID_GEN_TRANSMIT_BLOCK_SIZE:
        case OID_GEN_RECEIVE_BLOCK_SIZE:
            return answer(request, frame_size);
        case OID_GEN_VENDOR_ID:
            return answer(request, 0x00ffffffu);
        case OID_GEN_VENDOR_DESCRIPTION:
            return answer(request, vendor, sizeof vendor);
        case OID_GEN_VENDOR_DRIVER_VERSION:
            return answer(request, 0x00010000u);
        case OID_GEN_XMIT_OK:
            return answer_counter(request, counters_->down.frames);
        case OID_GEN_RCV_OK:
            return answer_counter(request, counters_->up.frames);
        case OID_GEN_XMIT_ERROR:
        case OID_GEN_RCV_ERROR:
            return answer_counter(request, counters_->dropped(edge::Drop::io_error));
        case OID_GEN_RCV_NO_BUFFER:
            return answer_counter(request, counters_->dropped(edge::Drop::no_buffer));
        case OID_GEN_STATISTICS: {
            const NDIS_STATISTICS_INFO info = statistics_of(*counters_);
            return answer(request, &info, NDIS_SIZEOF_STATISTICS_INFO_REVISION_1);
        }
        case OID_GEN_INTERRUPT_MODERATION: {
            NDIS_INTERRUPT_MODERATION_PARAMETERS parameters{};
            parameters.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
            parameters.Header.Revision = NDIS_INTERRUPT_MODERATION_PARAMETERS_REVISION_1;
            parameters.Header.Size = NDIS_SIZEOF_INTERRUPT_MODERATION_PARAMETERS_REVISION_1;
            parameters.InterruptModeration = NdisInterruptModerationNotSupported;
            return answer(request, &parameters, NDIS_SIZEOF_INTERRUPT_MODERATION_PARAMETERS_REVISION_1);
        }
        case OID_802_3_PERMANENT_ADDRESS:
        case OID_802_3_CURRENT_ADDRESS:
            return answer(request, facts_.mac.data(), wire::mac_address_size);
        case OID_802_3_MAXIMUM_LIST_SIZE:
            return answer(request, ReceiveFilter::max_multicast);
        case OID_802_3_MULTICAST_LIST: {
            const auto list = filter_.multicast();
            return answer(request, list.data(), static_cast<ULONG>(list.size() * wire::mac_address_size));
        }
        default:
            return NDIS_STATUS_NOT_SUPPORTED;
    }
}

NDIS_STATUS Adapter::set(NDIS_OID_REQUEST& request) {
    auto& set = request.DATA.SET_INFORMATION;
    switch (set.Oid) {
        case OID_GEN_CURRENT_PACKET_FILTER:
        case OID_GEN_CURRENT_LOOKAHEAD: {
            set.BytesNeeded = sizeof(ULONG);
            if (set.InformationBufferLength < sizeof(ULONG)) return NDIS_STATUS_INVALID_LENGTH;
            ULONG value;
            std::memcpy(&value, set.InformationBuffer, sizeof value);
            if (set.Oid == OID_GEN_CURRENT_PACKET_FILTER && (value & ~ReceiveFilter::supported))
                return NDIS_STATUS_NOT_SUPPORTED;
            set.BytesRead = sizeof value;
            if (set.Oid == OID_GEN_CURRENT_PACKET_FILTER)
                filter_.set_packet_filter(value);
            else
                lookahead_ = std::min(value, facts_.mtu);
            return NDIS_STATUS_SUCCESS;
        }
        case OID_802_3_MULTICAST_LIST:
            return set_multicast(request);
        case OID_TCP_OFFLOAD_PARAMETERS:
            return set_offload(request);
        case OID_OFFLOAD_ENCAPSULATION:
            if (!facts_.offload) return NDIS_STATUS_NOT_SUPPORTED;
            set.BytesRead = set.InformationBufferLength;
            return NDIS_STATUS_SUCCESS;
        case OID_GEN_INTERRUPT_MODERATION:
            return NDIS_STATUS_INVALID_DATA;
        case OID_PNP_SET_POWER:
            set.BytesRead = sizeof(NDIS_DEVICE_POWER_STATE);
            return NDIS_STATUS_SUCCESS;
        default:
            return NDIS_STATUS_NOT_SUPPORTED;
    }
}

// Of the parameters only coalescing is a switch here: checksums and large sends are done whenever a frame
// asks.
NDIS_STATUS Adapter::set_offload(NDIS_OID_REQUEST& request) {
    auto& set = request.DATA.SET_INFORMATION;
    if (!facts_.offload) return NDIS_STATUS_NOT_SUPPORTED;
    set.BytesNeeded = NDIS_SIZEOF_OFFLOAD_PARAMETERS_REVISION_1;
    if (set.InformationBufferLength < NDIS_SIZEOF_OFFLOAD_PARAMETERS_REVISION_1)
        return NDIS_STATUS_INVALID_LENGTH;
    const auto& parameters = *static_cast<const NDIS_OFFLOAD_PARAMETERS*>(set.InformationBuffer);
    set.BytesRead = set.InformationBufferLength;
    if (parameters.Header.Revision < NDIS_OFFLOAD_PARAMETERS_REVISION_3 ||
        set.InformationBufferLength < NDIS_SIZEOF_OFFLOAD_PARAMETERS_REVISION_3)
        return NDIS_STATUS_SUCCESS;
    if (parameters.RscIPv4 == NDIS_OFFLOAD_PARAMETERS_RSC_ENABLED) coalescing_.store(true);
    if (parameters.RscIPv4 == NDIS_OFFLOAD_PARAMETERS_RSC_DISABLED) coalescing_.store(false);
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS Adapter::set_multicast(NDIS_OID_REQUEST& request) {
    auto& set = request.DATA.SET_INFORMATION;
    if (set.InformationBufferLength % wire::mac_address_size != 0) return NDIS_STATUS_INVALID_LENGTH;
    std::vector<wire::MacAddress> list(set.InformationBufferLength / wire::mac_address_size);
    if (list.size() > ReceiveFilter::max_multicast) return NDIS_STATUS_MULTICAST_FULL;
    if (!list.empty()) std::memcpy(list.data(), set.InformationBuffer, set.InformationBufferLength);
    filter_.set_multicast(std::move(list));
    set.BytesRead = set.InformationBufferLength;
    return NDIS_STATUS_SUCCESS;
}

}  // namespace ndiskit::nic
