// An Ethernet frame as bytes: where its headers are, and what offload work is still owed on it.
//
// The kernel hands out and takes frames whose checksums are not yet computed or that are longer than the MTU
// (GSO); it describes them with a VirtioHeader. `Offload` is that description in our words. The edges of the
// machine (src/nic, src/transport) translate it to and from the out-of-band information of an NBL, or have
// the work done in software (offload.h, segment.h) where the other side does not take it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace ndiskit::wire {

constexpr size_t mac_address_size = 6;
constexpr size_t ethernet_header_size = 14;
constexpr size_t vlan_tag_size = 4;
constexpr uint16_t ethertype_ipv4 = 0x0800;
constexpr uint16_t ethertype_ipv6 = 0x86dd;
constexpr uint16_t ethertype_vlan = 0x8100;
constexpr uint16_t ethertype_service_vlan = 0x88a8;
constexpr uint8_t protocol_tcp = 6;
constexpr uint8_t protocol_udp = 17;
// The longest frame that GSO makes: a 64 KiB IP packet, its Ethernet header and two VLAN tags.
constexpr size_t max_gso_frame = 65535 + ethernet_header_size + 2 * vlan_tag_size;

inline uint16_t load_be16(const uint8_t* at) { return static_cast<uint16_t>(at[0] << 8 | at[1]); }
inline uint32_t load_be32(const uint8_t* at) {
    return static_cast<uint32_t>(at[0]) << 24 | at[1] << 16 | at[2] << 8 | at[3];
}
inline void store_be16(uint8_t* at, uint16_t value) {
    at[0] = static_cast<uint8_t>(value >> 8);
    at[1] = static_cast<uint8_t>(value);
}
inline void store_be32(uint8_t* at, uint32_t value) {
    store_be16(at, static_cast<uint16_t>(value >> 16));
    store_be16(at + 2, static_cast<uint16_t>(value));
}

enum class Gso : uint8_t { none, tcp4, tcp6, udp };

// What is still owed on a frame, or known of it.
struct Offload {
    bool needs_checksum = false;   // of the transport header, from checksum_start to the end of the frame
    bool checksum_valid = false;   // the sender or the kernel vouches for the transport checksum
    uint16_t checksum_start = 0;   // bytes from the start of the frame
    uint16_t checksum_offset = 0;  // of the checksum field, from checksum_start
    Gso gso = Gso::none;
    uint16_t segment_size = 0;  // payload bytes a segment when gso is not none
    uint16_t header_size = 0;   // bytes of all headers when gso is not none

    bool any() const { return needs_checksum || gso != Gso::none; }
};

// Offsets from the start of the frame. `network` is 0 when the frame is not IP, `transport` is 0 when it is
// neither TCP nor UDP, or a fragment, or cut short; `payload` is the end of the last header understood.
struct Headers {
    uint16_t ethertype = 0;  // after VLAN tags
    uint16_t network = 0;
    uint16_t transport = 0;
    uint16_t payload = 0;
    uint8_t protocol = 0;
    bool ipv6 = false;
};

// The description that the kernel puts before a frame (struct virtio_net_hdr of linux/virtio_net.h, which is
// not C++).
struct VirtioHeader {
    uint8_t flags = 0;
    uint8_t gso_type = 0;
    uint16_t header_size = 0;
    uint16_t segment_size = 0;
    uint16_t checksum_start = 0;
    uint16_t checksum_offset = 0;
};
static_assert(sizeof(VirtioHeader) == 10);

// Never reads past the span; a frame that is cut short gives the headers that are whole.
Headers parse_headers(std::span<const uint8_t> frame);

// Between the kernel's description and ours. `from_virtio` returns false when the header contradicts itself
// or the frame of `frame_size` bytes, or names a GSO type that this kit does not know.
bool from_virtio(const VirtioHeader& header, size_t frame_size, Offload& offload);
VirtioHeader to_virtio(const Offload& offload);

}  // namespace ndiskit::wire
