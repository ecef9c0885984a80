// A chain on its way out through a packet socket: gathered frame by frame, sent a batch a system call. Used
// under the NIC's lock; its memory is allocated once.
#pragma once

#include <ndis.h>

#include <memory>
#include <vector>

#include "edge/counters.h"
#include "edge/offload.h"
#include "nic/nic.h"
#include "wire/packet_socket.h"

namespace ndiskit::nic {

class TransmitBatch {
  public:
    TransmitBatch() : frames_(wire::PacketSocket::max_batch), outgoing_(wire::PacketSocket::max_batch) {}

    // Sends the whole chain and sets the status of each NBL.
    void send(wire::PacketSocket& socket, NET_BUFFER_LIST* chain, const Facts& facts,
              edge::Counters& counters);

  private:
    void add(NET_BUFFER_LIST* nbl, const NET_BUFFER* nb, const Facts& facts, edge::Counters& counters);
    void flush(wire::PacketSocket& socket, edge::Counters& counters);

    std::vector<edge::Outbound> frames_;
    std::vector<wire::PacketSocket::Outgoing> outgoing_;
    size_t count_ = 0;
};

// Is a frame of that size fit for the wire as it is, or as large send?
bool fits(size_t size, const wire::Offload& offload, const Facts& facts);

}  // namespace ndiskit::nic
