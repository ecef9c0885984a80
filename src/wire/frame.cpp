#include "wire/frame.h"

namespace ndiskit::wire {
namespace {

// Values of linux/virtio_net.h.
constexpr uint8_t flag_needs_checksum = 1, flag_data_valid = 2;
constexpr uint8_t gso_none = 0, gso_tcp4 = 1, gso_tcp6 = 4, gso_udp_l4 = 5, gso_ecn = 0x80;

constexpr size_t ipv4_header_min = 20;
constexpr size_t ipv6_header = 40;
constexpr size_t tcp_header_min = 20;
constexpr size_t udp_header = 8;

void parse_transport(std::span<const uint8_t> frame, size_t at, Headers& headers) {
    if (headers.protocol == protocol_tcp && frame.size() >= at + tcp_header_min) {
        const size_t size = (frame[at + 12] >> 4) * 4u;
        if (size < tcp_header_min || frame.size() < at + size) return;
        headers.transport = static_cast<uint16_t>(at);
        headers.payload = static_cast<uint16_t>(at + size);
    } else if (headers.protocol == protocol_udp && frame.size() >= at + udp_header) {
        headers.transport = static_cast<uint16_t>(at);
        headers.payload = static_cast<uint16_t>(at + udp_header);
    }
}

void parse_ipv4(std::span<const uint8_t> frame, size_t at, Headers& headers) {
    if (frame.size() < at + ipv4_header_min || frame[at] >> 4 != 4) return;
    const size_t size = (frame[at] & 0xf) * 4u;
    if (size < ipv4_header_min || frame.size() < at + size) return;
    headers.network = static_cast<uint16_t>(at);
    headers.payload = static_cast<uint16_t>(at + size);
    headers.protocol = frame[at + 9];
    const bool fragment = (load_be16(&frame[at + 6]) & 0x3fff) != 0;
    if (!fragment) parse_transport(frame, at + size, headers);
}

// Extension headers that may stand before the transport header; a fragment header ends the search.
void parse_ipv6(std::span<const uint8_t> frame, size_t at, Headers& headers) {
    if (frame.size() < at + ipv6_header || frame[at] >> 4 != 6) return;
    headers.network = static_cast<uint16_t>(at);
    headers.ipv6 = true;
    headers.protocol = frame[at + 6];
    size_t next = at + ipv6_header;
    headers.payload = static_cast<uint16_t>(next);
    constexpr uint8_t hop_by_hop = 0, routing = 43, destination = 60;
    while (headers.protocol == hop_by_hop || headers.protocol == routing || headers.protocol == destination) {
        if (frame.size() < next + 8) return;
        const size_t size = (frame[next + 1] + 1u) * 8;
        if (frame.size() < next + size) return;
        headers.protocol = frame[next];
        next += size;
        headers.payload = static_cast<uint16_t>(next);
    }
    parse_transport(frame, next, headers);
}

}  // namespace

Headers parse_headers(std::span<const uint8_t> frame) {
    Headers headers;
    if (frame.size() < ethernet_header_size) return headers;
    size_t at = 2 * mac_address_size;
    headers.ethertype = load_be16(&frame[at]);
    while (headers.ethertype == ethertype_vlan || headers.ethertype == ethertype_service_vlan) {
        at += vlan_tag_size;
        if (frame.size() < at + 2) return headers;
        headers.ethertype = load_be16(&frame[at]);
    }
    at += 2;
    headers.payload = static_cast<uint16_t>(at);
    if (headers.ethertype == ethertype_ipv4) parse_ipv4(frame, at, headers);
    if (headers.ethertype == ethertype_ipv6) parse_ipv6(frame, at, headers);
    return headers;
}

bool from_virtio(const VirtioHeader& header, size_t frame_size, Offload& offload) {
    offload = {};
    offload.checksum_valid = (header.flags & flag_data_valid) != 0;
    if (header.flags & flag_needs_checksum) {
        if (static_cast<size_t>(header.checksum_start) + header.checksum_offset + 2 > frame_size)
            return false;
        offload.needs_checksum = true;
        offload.checksum_start = header.checksum_start;
        offload.checksum_offset = header.checksum_offset;
    }
    switch (header.gso_type & ~gso_ecn) {
        case gso_none:
            return true;
        case gso_tcp4:
            offload.gso = Gso::tcp4;
            break;
        case gso_tcp6:
            offload.gso = Gso::tcp6;
            break;
        case gso_udp_l4:
            offload.gso = Gso::udp;
            break;
        default:
            return false;
    }
    offload.segment_size = header.segment_size;
    offload.header_size = header.header_size;
    return header.segment_size != 0;
}

VirtioHeader to_virtio(const Offload& offload) {
    VirtioHeader header{};
    if (offload.needs_checksum) {
        header.flags = flag_needs_checksum;
        header.checksum_start = offload.checksum_start;
        header.checksum_offset = offload.checksum_offset;
    } else if (offload.checksum_valid) {
        header.flags = flag_data_valid;
    }
    switch (offload.gso) {
        case Gso::none:
            return header;
        case Gso::tcp4:
            header.gso_type = gso_tcp4;
            break;
        case Gso::tcp6:
            header.gso_type = gso_tcp6;
            break;
        case Gso::udp:
            header.gso_type = gso_udp_l4;
            break;
    }
    header.segment_size = offload.segment_size;
    header.header_size = offload.header_size;
    return header;
}

}  // namespace ndiskit::wire
