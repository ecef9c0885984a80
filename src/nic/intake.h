// What every NIC does with a frame that has just come in: the packet filter, checksums that the sender left
// undone, and frames that GSO left whole, which go up whole as coalesced segments where that was asked for,
// and are cut otherwise.
#pragma once

#include "edge/frame_slab.h"
#include "nic/receive_batch.h"
#include "wire/segment.h"

namespace ndiskit::nic {

class Intake {
  public:
    // `copies` gives the buffers of what segmentation makes.
    Intake(Adapter& adapter, edge::FrameSlab& copies) : adapter_(adapter), copies_(copies) {}

    // False when the packet filter does not want the frame, which is counted.
    bool wanted(std::span<const uint8_t> frame);
    // Must the frame be cut before it goes up?
    bool to_be_cut(const wire::Offload& offload) const;
    // Cuts the frame into copies, which join the batch.
    void cut(std::span<const uint8_t> frame, const wire::Offload& offload, ReceiveBatch& batch);
    // Adds an NBL that holds the frame, from `offset` in its buffer, to the batch.
    void add(NET_BUFFER_LIST* nbl, uint32_t offset, std::span<uint8_t> frame, wire::Offload offload,
             ReceiveBatch& batch);

  private:
    void add_segment(std::span<uint8_t> segment, ReceiveBatch& batch);

    Adapter& adapter_;
    edge::FrameSlab& copies_;
    wire::Segmenter segmenter_;
};

}  // namespace ndiskit::nic
