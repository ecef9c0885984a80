#include "edge/offload.h"

#include <algorithm>

#include "edge/gather.h"
#include "wire/checksum.h"

namespace ndiskit::edge {
namespace {

using ChecksumInfo = NDIS_TCP_IP_CHECKSUM_NET_BUFFER_LIST_INFO;
using LargeSendInfo = NDIS_TCP_LARGE_SEND_OFFLOAD_NET_BUFFER_LIST_INFO;

constexpr uint16_t tcp_checksum_offset = 16;
constexpr uint16_t udp_checksum_offset = 6;

uint16_t checksum_offset_of(const wire::Headers& headers) {
    return headers.protocol == wire::protocol_tcp ? tcp_checksum_offset : udp_checksum_offset;
}

void set_ip_length(std::span<uint8_t> headers_bytes, const wire::Headers& headers, size_t frame_size) {
    uint8_t* ip = &headers_bytes[headers.network];
    const size_t length = frame_size - headers.network;
    if (headers.ipv6)
        wire::store_be16(ip + 4, static_cast<uint16_t>(length - 40));
    else
        wire::store_be16(ip + 2, static_cast<uint16_t>(length));
}

// Makes a changeable copy of the headers the first piece; the span of the copy, empty when they do not fit.
std::span<uint8_t> own_headers(Outbound& out, const NET_BUFFER* nb, wire::Headers& headers) {
    const size_t have = copy_start(nb, out.headers.data(), out.headers.size());
    headers = wire::parse_headers({out.headers.data(), have});
    if (headers.transport == 0 || headers.payload > have) return {};
    const auto rest = skip({out.parts.data() + 1, out.count}, headers.payload);
    if (rest.data() != out.parts.data() + 1) std::ranges::copy(rest, out.parts.begin() + 1);
    out.parts[0] = {out.headers.data(), headers.payload};
    out.count = rest.size() + 1;
    return {out.headers.data(), headers.payload};
}

// The pieces of the frame from the second place on, so that headers can be put before them.
bool gather_after_first(const NET_BUFFER* nb, Outbound& out) {
    out.count = gather(nb, std::span(out.parts).subspan(1));
    return out.count != 0;
}

void use_pieces_as_they_are(Outbound& out) {
    std::copy_n(out.parts.begin() + 1, out.count, out.parts.begin());
}

// The form in which the kernel takes a GSO frame: whole lengths, a right IPv4 checksum, and in the TCP
// checksum the sum of the pseudo-header with the whole length.
void finish_gso(Outbound& out, std::span<uint8_t> bytes, const wire::Headers& headers, size_t frame_size,
                uint32_t segment_size) {
    set_ip_length(bytes, headers, frame_size);
    if (!headers.ipv6) wire::complete_ipv4_checksum(bytes, headers);
    const auto transport_size = static_cast<uint32_t>(frame_size - headers.transport);
    wire::store_be16(&bytes[headers.transport + tcp_checksum_offset],
                     wire::pseudo_header_sum(bytes, headers, transport_size));
    out.offload = {.needs_checksum = true,
                   .checksum_start = headers.transport,
                   .checksum_offset = tcp_checksum_offset,
                   .gso = headers.ipv6 ? wire::Gso::tcp6 : wire::Gso::tcp4,
                   .segment_size = static_cast<uint16_t>(segment_size),
                   .header_size = headers.payload};
}

}  // namespace

void describe_received(NET_BUFFER_LIST* nbl, std::span<const uint8_t> frame, const wire::Offload& offload) {
    ChecksumInfo checksum{};
    NDIS_RSC_NBL_INFO coalesced{};
    if (offload.gso != wire::Gso::none) {
        const wire::Headers headers = wire::parse_headers(frame);
        const size_t payload = frame.size() - headers.payload;
        coalesced.Info.CoalescedSegCount =
            static_cast<USHORT>((payload + offload.segment_size - 1) / offload.segment_size);
        checksum.Receive.IpChecksumSucceeded = !headers.ipv6;
        checksum.Receive.TcpChecksumSucceeded = 1;
        checksum.Receive.TcpChecksumValueInvalid = 1;
    } else if (offload.checksum_valid) {
        const wire::Headers headers = wire::parse_headers(frame);
        checksum.Receive.TcpChecksumSucceeded =
            headers.transport != 0 && headers.protocol == wire::protocol_tcp;
        checksum.Receive.UdpChecksumSucceeded =
            headers.transport != 0 && headers.protocol == wire::protocol_udp;
    }
    NET_BUFFER_LIST_INFO(nbl, TcpIpChecksumNetBufferListInfo) = checksum.Value;
    NET_BUFFER_LIST_INFO(nbl, TcpRecvSegCoalesceInfo) = coalesced.Value;
}

bool describe_send(NET_BUFFER_LIST* nbl, std::span<uint8_t> frame, const wire::Offload& offload) {
    ChecksumInfo checksum{};
    LargeSendInfo large{};
    if (offload.any()) {
        const wire::Headers headers = wire::parse_headers(frame);
        if (headers.transport == 0) return false;
        const bool tcp = headers.protocol == wire::protocol_tcp;
        if (offload.gso != wire::Gso::none) {
            if (!tcp) return false;
            large.LsoV2Transmit.MSS = offload.segment_size;
            large.LsoV2Transmit.TcpHeaderOffset = headers.transport;
            large.LsoV2Transmit.Type = NDIS_TCP_LARGE_SEND_OFFLOAD_V2_TYPE;
            large.LsoV2Transmit.IPVersion =
                headers.ipv6 ? NDIS_TCP_LARGE_SEND_OFFLOAD_IPv6 : NDIS_TCP_LARGE_SEND_OFFLOAD_IPv4;
            // The total length is not the sender's to say, and the pseudo-header's sum goes without it.
            if (!headers.ipv6) wire::store_be16(&frame[headers.network + 2], 0);
            wire::store_be16(&frame[headers.transport + tcp_checksum_offset],
                             wire::pseudo_header_sum(frame, headers, 0));
        } else {
            if (offload.checksum_start != headers.transport) return false;
            checksum.Transmit.IsIPv4 = !headers.ipv6;
            checksum.Transmit.IsIPv6 = headers.ipv6;
            checksum.Transmit.TcpChecksum = tcp;
            checksum.Transmit.UdpChecksum = !tcp;
            checksum.Transmit.TcpHeaderOffset = headers.transport;
        }
    }
    NET_BUFFER_LIST_INFO(nbl, TcpIpChecksumNetBufferListInfo) = checksum.Value;
    NET_BUFFER_LIST_INFO(nbl, TcpLargeSendNetBufferListInfo) = large.Value;
    return true;
}

bool outbound_of_send(const NET_BUFFER_LIST* nbl, const NET_BUFFER* nb, Outbound& out) {
    if (!gather_after_first(nb, out)) return false;
    out.offload = {};
    LargeSendInfo large;
    large.Value = NET_BUFFER_LIST_INFO(nbl, TcpLargeSendNetBufferListInfo);
    ChecksumInfo checksum;
    checksum.Value = NET_BUFFER_LIST_INFO(nbl, TcpIpChecksumNetBufferListInfo);
    wire::Headers headers;
    if (large.Value) {
        const auto bytes = own_headers(out, nb, headers);
        if (bytes.empty() || large.LsoV2Transmit.MSS == 0) return false;
        finish_gso(out, bytes, headers, NET_BUFFER_DATA_LENGTH(nb), large.LsoV2Transmit.MSS);
        return true;
    }
    const bool owes_transport = checksum.Transmit.TcpChecksum || checksum.Transmit.UdpChecksum;
    if (!owes_transport && !checksum.Transmit.IpHeaderChecksum) {
        use_pieces_as_they_are(out);
        return true;
    }
    const auto bytes = own_headers(out, nb, headers);
    if (bytes.empty()) return false;
    if (checksum.Transmit.IpHeaderChecksum && !headers.ipv6) wire::complete_ipv4_checksum(bytes, headers);
    if (owes_transport)
        out.offload = {.needs_checksum = true,
                       .checksum_start = headers.transport,
                       .checksum_offset = checksum_offset_of(headers)};
    return true;
}

bool outbound_of_receive(const NET_BUFFER_LIST* nbl, const NET_BUFFER* nb, Outbound& out) {
    if (!gather_after_first(nb, out)) return false;
    out.offload = {};
    NDIS_RSC_NBL_INFO coalesced;
    coalesced.Value = NET_BUFFER_LIST_INFO(nbl, TcpRecvSegCoalesceInfo);
    ChecksumInfo checksum;
    checksum.Value = NET_BUFFER_LIST_INFO(nbl, TcpIpChecksumNetBufferListInfo);
    if (coalesced.Info.CoalescedSegCount > 1) {
        wire::Headers headers;
        const auto bytes = own_headers(out, nb, headers);
        if (bytes.empty()) return false;
        const uint32_t payload = NET_BUFFER_DATA_LENGTH(nb) - headers.payload;
        const uint32_t segments = coalesced.Info.CoalescedSegCount;
        finish_gso(out, bytes, headers, NET_BUFFER_DATA_LENGTH(nb), (payload + segments - 1) / segments);
        return true;
    }
    use_pieces_as_they_are(out);
    out.offload.checksum_valid =
        checksum.Receive.TcpChecksumSucceeded || checksum.Receive.UdpChecksumSucceeded;
    return true;
}

void complete_large_send(NET_BUFFER_LIST* nbl) {
    LargeSendInfo large;
    large.Value = NET_BUFFER_LIST_INFO(nbl, TcpLargeSendNetBufferListInfo);
    if (!large.Value) return;
    large.Value = nullptr;
    large.LsoV2TransmitComplete.Type = NDIS_TCP_LARGE_SEND_OFFLOAD_V2_TYPE;
    NET_BUFFER_LIST_INFO(nbl, TcpLargeSendNetBufferListInfo) = large.Value;
}

NDIS_OFFLOAD full_offload() {
    constexpr ULONG on = NDIS_OFFLOAD_SUPPORTED;
    NDIS_OFFLOAD offload{};
    offload.Header.Type = NDIS_OBJECT_TYPE_OFFLOAD;
    offload.Header.Revision = NDIS_OFFLOAD_REVISION_3;
    offload.Header.Size = NDIS_SIZEOF_NDIS_OFFLOAD_REVISION_3;
    auto& checksum = offload.Checksum;
    checksum.IPv4Transmit.Encapsulation = NDIS_ENCAPSULATION_IEEE_802_3;
    checksum.IPv4Transmit.IpOptionsSupported = on;
    checksum.IPv4Transmit.TcpOptionsSupported = on;
    checksum.IPv4Transmit.TcpChecksum = on;
    checksum.IPv4Transmit.UdpChecksum = on;
    checksum.IPv4Transmit.IpChecksum = on;
    checksum.IPv4Receive.Encapsulation = NDIS_ENCAPSULATION_IEEE_802_3;
    checksum.IPv4Receive.TcpChecksum = on;
    checksum.IPv4Receive.UdpChecksum = on;
    checksum.IPv6Transmit.Encapsulation = NDIS_ENCAPSULATION_IEEE_802_3;
    checksum.IPv6Transmit.IpExtensionHeadersSupported = on;
    checksum.IPv6Transmit.TcpOptionsSupported = on;
    checksum.IPv6Transmit.TcpChecksum = on;
    checksum.IPv6Transmit.UdpChecksum = on;
    checksum.IPv6Receive.Encapsulation = NDIS_ENCAPSULATION_IEEE_802_3;
    checksum.IPv6Receive.TcpChecksum = on;
    checksum.IPv6Receive.UdpChecksum = on;
    constexpr ULONG max_large_send = 0xffff - 60 - 60;
    offload.LsoV2.IPv4.Encapsulation = NDIS_ENCAPSULATION_IEEE_802_3;
    offload.LsoV2.IPv4.MaxOffLoadSize = max_large_send;
    offload.LsoV2.IPv4.MinSegmentCount = 2;
    offload.LsoV2.IPv6.Encapsulation = NDIS_ENCAPSULATION_IEEE_802_3;
    offload.LsoV2.IPv6.MaxOffLoadSize = max_large_send;
    offload.LsoV2.IPv6.MinSegmentCount = 2;
    offload.LsoV2.IPv6.IpExtensionHeadersSupported = on;
    offload.LsoV2.IPv6.TcpOptionsSupported = on;
    offload.Rsc.IPv4.Enabled = TRUE;
    offload.Rsc.IPv6.Enabled = TRUE;
    return offload;
}

}  // namespace ndiskit::edge
