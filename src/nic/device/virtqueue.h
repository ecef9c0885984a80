// A split virtqueue as the device sees it. The three rings lie in the driver's memory, at addresses that the
// driver wrote into registers; an address that is no memory makes the queue broken, which the device reports
// with DEVICE_NEEDS_RESET. https://docs.oasis-open.org/virtio/virtio/v1.2/virtio-v1.2.html (2.7 Split
// Virtqueues)
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ndiskit::nic {

constexpr uint16_t most_descriptors = 256;
constexpr uint16_t no_message = 0xffff;

class Virtqueue {
  public:
    // What the driver sets up.
    uint16_t size = most_descriptors;
    uint16_t message = no_message;
    bool enabled = false;
    uint64_t descriptors = 0;
    uint64_t available = 0;
    uint64_t used = 0;

    struct Piece {
        uint8_t* address;
        uint32_t length;
        bool device_writes;
    };
    struct Chain {
        uint16_t head;
        std::vector<Piece> pieces;
    };
    // The next chain that the driver made available; none when there is none, or the queue is broken.
    std::optional<Chain> take();
    // Gives a chain back, with how many bytes the device wrote to it.
    void give_back(const Chain& chain, uint32_t written);
    // Does the driver want to be interrupted about what was given back?
    bool wants_interrupt() const;
    bool broken() const { return broken_; }

  private:
    bool rings_are_there();
    bool add_piece(Chain& chain, uint16_t index, uint16_t& flags, uint16_t& next);

    uint16_t next_available_ = 0;
    uint16_t next_used_ = 0;
    bool checked_ = false;
    bool broken_ = false;
};

}  // namespace ndiskit::nic
