// Offload work between the words of the kernel (wire::Offload) and those of NDIS (the out-of-band information
// of an NBL). The four directions:
//
//   describe_received   a frame that came in at a NIC       → receive information of the NBL indicated
//   describe_send       a frame that the host's stack sends → send information of the NBL sent
//   outbound_of_send    an NBL that a NIC is to put on the wire      → pieces and offload for the kernel
//   outbound_of_receive an NBL that a transport gives to the host    → pieces and offload for the kernel
//
// A TCP frame that GSO left whole is, on its way in, what NDIS calls a coalesced segment (RSC), and on its
// way out a large send (LSO version 2).
// https://learn.microsoft.com/windows-hardware/drivers/network/indicating-coalesced-segments
// https://learn.microsoft.com/windows-hardware/drivers/network/offloading-the-segmentation-of-large-tcp-packets
#pragma once

#include <ndis.h>
#include <sys/uio.h>

#include <array>
#include <span>

#include "wire/frame.h"

namespace ndiskit::edge {

// Sets the information of an NBL about to be indicated. `frame` is the whole frame. The offload must not owe
// a checksum unless it is GSO, and its GSO must be TCP.
void describe_received(NET_BUFFER_LIST* nbl, std::span<const uint8_t> frame, const wire::Offload& offload);

// Sets the information of an NBL about to be sent, and brings the headers of `frame` into the form that NDIS
// asks of a sender. False when the headers are not what the offload claims.
bool describe_send(NET_BUFFER_LIST* nbl, std::span<uint8_t> frame, const wire::Offload& offload);

// A frame as the kernel takes it: the pieces, the first of which may be a changed copy of its headers.
struct Outbound {
    static constexpr size_t max_parts = 63;
    static constexpr size_t max_headers = 192;

    std::array<iovec, max_parts> parts;
    size_t count = 0;
    wire::Offload offload;
    std::array<uint8_t, max_headers> headers;

    std::span<const iovec> pieces() const { return {parts.data(), count}; }
};

// False when the frame is in too many pieces, or its headers are not what its information claims.
bool outbound_of_send(const NET_BUFFER_LIST* nbl, const NET_BUFFER* nb, Outbound& out);
bool outbound_of_receive(const NET_BUFFER_LIST* nbl, const NET_BUFFER* nb, Outbound& out);

// What LSO must report when a send is complete.
void complete_large_send(NET_BUFFER_LIST* nbl);

// The offloads of an edge that carries GSO frames whole and leaves checksums to the kernel, for the
// attributes of a miniport.
NDIS_OFFLOAD full_offload();

}  // namespace ndiskit::edge
