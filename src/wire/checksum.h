// Internet checksums (RFC 1071) over frames.
#pragma once

#include <cstdint>
#include <span>

#include "wire/frame.h"

namespace ndiskit::wire {

// The ones' complement sum of `bytes` as big-endian 16-bit words, an odd last byte padded with 0, added to
// `sum`; folded to 16 bits, not complemented.
uint16_t checksum_add(std::span<const uint8_t> bytes, uint32_t sum = 0);
inline uint16_t checksum_of(std::span<const uint8_t> bytes, uint32_t sum = 0) {
    return static_cast<uint16_t>(~checksum_add(bytes, sum));
}

// The sum over the TCP or UDP pseudo-header of a frame: addresses, protocol, and `transport_size` (0 leaves
// the length out, as large-send offload wants it). The frame must have a transport header.
uint16_t pseudo_header_sum(std::span<const uint8_t> frame, const Headers& headers, uint32_t transport_size);

// Computes the IPv4 header checksum in place.
void complete_ipv4_checksum(std::span<uint8_t> frame, const Headers& headers);

// Computes in place the transport checksum that the offload owes, whose field holds the sum of the
// pseudo-header as the kernel leaves it there; clears `needs_checksum`.
void complete_checksum(std::span<uint8_t> frame, Offload& offload);

// True when the TCP or UDP checksum of a whole, unfragmented frame is right (a UDP checksum of 0 over IPv4
// is).
bool transport_checksum_is_right(std::span<const uint8_t> frame, const Headers& headers);

}  // namespace ndiskit::wire
