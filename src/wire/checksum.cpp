#include "wire/checksum.h"

#include <cstring>

namespace ndiskit::wire {
namespace {

uint16_t fold(uint64_t sum) {
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<uint16_t>(sum);
}

// The bytes that the transport checksum covers: to the end that IP states, for frames may be padded.
std::span<const uint8_t> transport_bytes(std::span<const uint8_t> frame, const Headers& headers) {
    const size_t network_end = headers.ipv6
                                   ? headers.network + 40u + load_be16(&frame[headers.network + 4])
                                   : headers.network + size_t{load_be16(&frame[headers.network + 2])};
    const size_t end =
        network_end < frame.size() && network_end > headers.transport ? network_end : frame.size();
    return frame.subspan(headers.transport, end - headers.transport);
}

}  // namespace

// Adds 32-bit little-endian words: the ones' complement sum does not depend on the byte order until it is
// folded, where the two bytes are swapped once.
uint16_t checksum_add(std::span<const uint8_t> bytes, uint32_t sum) {
    uint64_t total = 0;
    const uint8_t* at = bytes.data();
    size_t left = bytes.size();
    for (; left >= 8; left -= 8, at += 8) {
        uint64_t word;
        std::memcpy(&word, at, 8);
        total += static_cast<uint32_t>(word);
        total += word >> 32;
    }
    for (; left >= 2; left -= 2, at += 2) {
        uint16_t word;
        std::memcpy(&word, at, 2);
        total += word;
    }
    if (left == 1) total += *at;
    return fold(uint64_t{__builtin_bswap16(fold(total))} + sum);
}

uint16_t pseudo_header_sum(std::span<const uint8_t> frame, const Headers& headers, uint32_t transport_size) {
    const size_t addresses = headers.ipv6 ? headers.network + 8u : headers.network + 12u;
    const size_t size = headers.ipv6 ? 32 : 8;
    const uint32_t start = headers.protocol + (transport_size >> 16) + (transport_size & 0xffff);
    return checksum_add(frame.subspan(addresses, size), start);
}

void complete_ipv4_checksum(std::span<uint8_t> frame, const Headers& headers) {
    const size_t size = (frame[headers.network] & 0xf) * 4u;
    store_be16(&frame[headers.network + 10], 0);
    store_be16(&frame[headers.network + 10], checksum_of(frame.subspan(headers.network, size)));
}

void complete_checksum(std::span<uint8_t> frame, Offload& offload) {
    const size_t field = offload.checksum_start + size_t{offload.checksum_offset};
    uint16_t checksum = checksum_of(frame.subspan(offload.checksum_start));
    constexpr uint16_t udp_checksum_offset = 6;
    // A UDP checksum of 0 means none.
    if (checksum == 0 && offload.checksum_offset == udp_checksum_offset) checksum = 0xffff;
    store_be16(&frame[field], checksum);
    offload.needs_checksum = false;
}

bool transport_checksum_is_right(std::span<const uint8_t> frame, const Headers& headers) {
    const auto bytes = transport_bytes(frame, headers);
    if (headers.protocol == protocol_udp && !headers.ipv6 && load_be16(&bytes[6]) == 0) return true;
    return checksum_add(bytes, pseudo_header_sum(frame, headers, static_cast<uint32_t>(bytes.size()))) ==
           0xffff;
}

}  // namespace ndiskit::wire
