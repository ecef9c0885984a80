#include "wire/segment.h"

#include <algorithm>
#include <cstring>

#include "wire/checksum.h"

namespace ndiskit::wire {
namespace {

constexpr uint8_t tcp_fin = 0x01, tcp_psh = 0x08, tcp_cwr = 0x80;

// What changes from one segment to the next.
struct Cut {
    size_t index;
    size_t offset;  // of the segment's payload in the whole payload
    bool last;
};

void patch_network(std::span<uint8_t> segment, const Headers& headers, const Cut& cut) {
    uint8_t* ip = &segment[headers.network];
    const size_t length = segment.size() - headers.network;
    if (headers.ipv6) {
        store_be16(ip + 4, static_cast<uint16_t>(length - 40));
        return;
    }
    store_be16(ip + 2, static_cast<uint16_t>(length));
    store_be16(ip + 4, static_cast<uint16_t>(load_be16(ip + 4) + cut.index));
    complete_ipv4_checksum(segment, headers);
}

void patch_transport(std::span<uint8_t> segment, const Headers& headers, const Cut& cut) {
    uint8_t* transport = &segment[headers.transport];
    const auto size = static_cast<uint32_t>(segment.size() - headers.transport);
    size_t checksum_offset = 6;
    if (headers.protocol == protocol_tcp) {
        checksum_offset = 16;
        store_be32(transport + 4, load_be32(transport + 4) + static_cast<uint32_t>(cut.offset));
        if (!cut.last) transport[13] &= static_cast<uint8_t>(~(tcp_fin | tcp_psh));
        if (cut.index != 0) transport[13] &= static_cast<uint8_t>(~tcp_cwr);
    } else {
        store_be16(transport + 4, static_cast<uint16_t>(size));
    }
    store_be16(transport + checksum_offset, pseudo_header_sum(segment, headers, size));
    Offload owed{.needs_checksum = true,
                 .checksum_start = headers.transport,
                 .checksum_offset = static_cast<uint16_t>(checksum_offset)};
    complete_checksum(segment, owed);
}

bool headers_fit(const Headers& headers, const Offload& offload) {
    if (headers.transport == 0) return false;
    switch (offload.gso) {
        case Gso::none:
            return false;
        case Gso::tcp4:
            return headers.protocol == protocol_tcp && !headers.ipv6;
        case Gso::tcp6:
            return headers.protocol == protocol_tcp && headers.ipv6;
        case Gso::udp:
            return headers.protocol == protocol_udp;
    }
    return false;
}

}  // namespace

size_t Segmenter::segment(std::span<const uint8_t> frame, const Offload& offload, Emit emit, void* context) {
    const Headers headers = parse_headers(frame);
    const size_t header_size = headers.payload;
    if (!headers_fit(headers, offload) || offload.segment_size == 0 ||
        header_size + offload.segment_size > scratch_size)
        return 0;
    const size_t payload = frame.size() - header_size;
    size_t count = 0;
    size_t offset = 0;
    do {
        const size_t size = std::min<size_t>(offload.segment_size, payload - offset);
        std::memcpy(scratch_, frame.data(), header_size);
        std::memcpy(scratch_ + header_size, frame.data() + header_size + offset, size);
        const std::span<uint8_t> segment(scratch_, header_size + size);
        const Cut cut{count, offset, offset + size == payload};
        patch_network(segment, headers, cut);
        patch_transport(segment, headers, cut);
        emit(context, segment);
        offset += size;
        ++count;
    } while (offset < payload);
    return count;
}

}  // namespace ndiskit::wire
