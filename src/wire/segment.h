// Segmentation in software: a frame that GSO left longer than the MTU becomes the frames that a wire would
// carry, each with its own lengths, sequence number, flags, IPv4 identification and checksums.
#pragma once

#include <cstdint>
#include <span>

#include "wire/frame.h"

namespace ndiskit::wire {

// Cuts `frame` by its offload and hands each segment to `emit`, in order; a segment is valid during the call.
// Returns the number of segments, or 0 when the frame does not have the headers that its offload claims (then
// nothing was emitted).
class Segmenter {
  public:
    using Emit = void (*)(void* context, std::span<uint8_t> segment);

    size_t segment(std::span<const uint8_t> frame, const Offload& offload, Emit emit, void* context);

  private:
    static constexpr size_t scratch_size = 16384;
    uint8_t scratch_[scratch_size];
};

}  // namespace ndiskit::wire
