#include "nic/transmit_batch.h"

#include <cerrno>

namespace ndiskit::nic {

bool fits(size_t size, const wire::Offload& offload, const Facts& facts) {
    const size_t longest = facts.mtu + wire::ethernet_header_size + 2 * wire::vlan_tag_size;
    return offload.gso == wire::Gso::none ? size <= longest : facts.offload;
}

void TransmitBatch::send(wire::PacketSocket& socket, NET_BUFFER_LIST* chain, const Facts& facts,
                         edge::Counters& counters) {
    uint64_t nbls = 0, frames = 0, bytes = 0;
    for (NET_BUFFER_LIST* nbl = chain; nbl; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl), ++nbls) {
        NET_BUFFER_LIST_STATUS(nbl) = NDIS_STATUS_SUCCESS;
        for (NET_BUFFER* nb = NET_BUFFER_LIST_FIRST_NB(nbl); nb; nb = NET_BUFFER_NEXT_NB(nb)) {
            add(nbl, nb, facts, counters);
            ++frames;
            bytes += NET_BUFFER_DATA_LENGTH(nb);
            if (count_ == frames_.size()) flush(socket, counters);
        }
        edge::complete_large_send(nbl);
    }
    flush(socket, counters);
    counters.down.add(nbls, frames, bytes);
}

void TransmitBatch::add(NET_BUFFER_LIST* nbl, const NET_BUFFER* nb, const Facts& facts,
                        edge::Counters& counters) {
    edge::Outbound& out = frames_[count_];
    if (!edge::outbound_of_send(nbl, nb, out)) {
        NET_BUFFER_LIST_STATUS(nbl) = NDIS_STATUS_INVALID_PACKET;
        return counters.drop(edge::Drop::too_many_parts);
    }
    if (!fits(NET_BUFFER_DATA_LENGTH(nb), out.offload, facts)) {
        NET_BUFFER_LIST_STATUS(nbl) = NDIS_STATUS_INVALID_LENGTH;
        return counters.drop(edge::Drop::too_long);
    }
    outgoing_[count_++] = {out.parts.data(), static_cast<uint32_t>(out.count), out.offload};
}

// What a full queue of the host does not take is dropped, as a full ring of a NIC that lost its link would;
// the protocols above send again.
void TransmitBatch::flush(wire::PacketSocket& socket, edge::Counters& counters) {
    size_t done = 0;
    while (done < count_) {
        int error = 0;
        done += socket.send(std::span(outgoing_).subspan(done, count_ - done), error);
        if (error == 0) continue;
        const bool full = error == ENOBUFS || error == EAGAIN;
        counters.drop(full ? edge::Drop::kernel_full : edge::Drop::io_error);
        ++done;
    }
    count_ = 0;
}

}  // namespace ndiskit::nic
