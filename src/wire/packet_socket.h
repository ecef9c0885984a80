// An AF_PACKET socket on one interface, for whole Ethernet frames with their Offload.
//
// Receiving goes through a ring that the kernel fills (TPACKET_V2): each slot is lent out until it is given
// back, so a frame reaches the top of the machine in the memory where the kernel put it, and no system call
// is made as long as frames keep coming. A VLAN tag that the kernel took out of a frame is put back in place;
// each slot has the headroom for it. Sending takes a batch of frames a system call.
//
// One receiving and one sending task at a time; `give_back` may be called from anywhere.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <memory>
#include <span>
#include <string>

#include "base/descriptor.h"
#include "base/result.h"
#include "wire/frame.h"
#include "wire/interface.h"

struct mmsghdr;

namespace ndiskit::wire {

class PacketSocket {
  public:
    struct Options {
        // At least this many; `slots()` tells how many there are.
        uint32_t slots = 510;
        // Bytes a slot, a multiple of the page size; frames that are longer are counted in
        // `dropped_by_kernel` by the kernel's own rules (they arrive cut, and `receive` reports them as
        // `too_long`).
        uint32_t slot_size = 69632;
        bool promiscuous = true;
        bool bypass_qdisc = true;
    };

    struct Received {
        uint32_t slot;
        uint8_t* data;
        uint32_t size;
        Offload offload;
    };

    static Result<PacketSocket> open(const std::string& interface, Options options);
    PacketSocket(PacketSocket&&) noexcept;
    PacketSocket& operator=(PacketSocket&&) = delete;
    ~PacketSocket();

    int descriptor() const { return fd_.get(); }
    uint32_t slots() const { return options_.slots; }
    // The memory of the whole ring, for pre-formatting descriptors over it.
    std::span<uint8_t> ring() const { return {ring_, ring_size_}; }

    // Up to `frames.size()` frames that wait, oldest first; each stays lent out until give_back. Frames that
    // the kernel cut, and frames that this socket itself sent, are not among them (the former are counted).
    size_t receive(std::span<Received> frames);
    void give_back(uint32_t slot);
    // True when the next slot is filled; costs one load.
    bool waiting() const;

    // One frame to send: `count` buffers from `first`.
    struct Outgoing {
        const iovec* first;
        uint32_t count;
        Offload offload;
    };
    // Sends the frames in order with one system call a batch. Returns how many the kernel took; `error` is
    // the errno that stopped the rest (ENOBUFS and EAGAIN: try again).
    size_t send(std::span<const Outgoing> frames, int& error);
    static constexpr size_t max_batch = 64;
    static constexpr size_t max_buffers = 63;

    struct Counters {
        uint64_t too_long = 0;           // cut by the kernel because the slot was too short
        uint64_t bad_offload = 0;        // the kernel's description contradicted the frame
        uint64_t dropped_by_kernel = 0;  // no free slot
    };
    Counters counters();

  private:
    struct SendBatch;
    PacketSocket(Descriptor fd, Options options);

    uint8_t* slot(uint32_t index) const { return ring_ + size_t{index} * options_.slot_size; }

    Descriptor fd_;
    Options options_;
    uint8_t* ring_ = nullptr;
    size_t ring_size_ = 0;
    uint32_t next_ = 0;
    Counters counters_;
    std::unique_ptr<SendBatch> batch_;
};

}  // namespace ndiskit::wire
