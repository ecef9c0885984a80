// Frames for the tests of src/wire, built field by field so that they share no code with what they test.
#pragma once

#include <cstdint>
#include <vector>

namespace ndiskit::wire::test {

using Bytes = std::vector<uint8_t>;

inline void put16(Bytes& bytes, uint32_t value) {
    bytes.push_back(static_cast<uint8_t>(value >> 8));
    bytes.push_back(static_cast<uint8_t>(value));
}
inline void put32(Bytes& bytes, uint32_t value) {
    put16(bytes, value >> 16);
    put16(bytes, value & 0xffff);
}

inline Bytes ethernet(uint16_t ethertype, int vlan = -1) {
    Bytes bytes = {2, 0, 0, 0, 0, 1, 2, 0, 0, 0, 0, 2};
    if (vlan >= 0) {
        put16(bytes, 0x8100);
        put16(bytes, static_cast<uint32_t>(vlan));
    }
    put16(bytes, ethertype);
    return bytes;
}

// The headers of a TCP over IPv4 frame with all checksums 0, then `payload` bytes counting up.
inline Bytes tcp4(size_t payload, uint8_t flags = 0x18, int vlan = -1) {
    Bytes bytes = ethernet(0x0800, vlan);
    put16(bytes, 0x4500);
    put16(bytes, static_cast<uint32_t>(40 + payload));
    put32(bytes, 0x12344000);
    put16(bytes, 0x4006);
    put16(bytes, 0);
    put32(bytes, 0x0a000001);
    put32(bytes, 0x0a000002);
    put16(bytes, 1000);
    put16(bytes, 2000);
    put32(bytes, 0xfffffff0);  // wraps within a few segments
    put32(bytes, 7);
    put16(bytes, 0x5000u | flags);
    put16(bytes, 512);
    put32(bytes, 0);
    for (size_t i = 0; i < payload; ++i) bytes.push_back(static_cast<uint8_t>(i));
    return bytes;
}

inline Bytes udp6(size_t payload) {
    Bytes bytes = ethernet(0x86dd);
    put32(bytes, 0x60000000);
    put16(bytes, static_cast<uint32_t>(8 + payload));
    put16(bytes, 0x1140);
    for (int i = 0; i < 32; ++i) bytes.push_back(static_cast<uint8_t>(i * 3));
    put16(bytes, 1000);
    put16(bytes, 2000);
    put16(bytes, static_cast<uint32_t>(8 + payload));
    put16(bytes, 0);
    for (size_t i = 0; i < payload; ++i) bytes.push_back(static_cast<uint8_t>(i));
    return bytes;
}

// The checksum by the book: sixteen bits at a time.
inline uint16_t naive_sum(const uint8_t* at, size_t size, uint32_t sum = 0) {
    for (size_t i = 0; i < size; i += 2)
        sum += static_cast<uint32_t>(at[i] << 8) + (i + 1 < size ? at[i + 1] : 0);
    while (sum >> 16) sum = (sum & 0xffff) + (sum >> 16);
    return static_cast<uint16_t>(sum);
}

}  // namespace ndiskit::wire::test
