// A TAP interface of the host: frames that the host's TCP/IP stack sends come out of `read`, frames given to
// `write` arrive in it. Each frame travels with its Offload, so that GSO frames stay whole in both
// directions.
//
// One descriptor, used by one reading and one writing task at a time. Neither call blocks.
#pragma once

#include <sys/uio.h>

#include <cstdint>
#include <span>
#include <string>

#include "base/descriptor.h"
#include "base/result.h"
#include "wire/frame.h"
#include "wire/interface.h"

namespace ndiskit::wire {

class TapDevice {
  public:
    // What the host's stack may hand over unfinished: checksums, and frames that GSO left whole.
    struct Options {
        bool checksum_offload = true;
        bool gso = true;
        bool ip = false;  // frames are IP packets (a TUN interface); for an interface that is made
    };

    // Creates the interface (or attaches to a persistent one of that name); it goes when the object does.
    static Result<TapDevice> create(const std::string& name, Options options);

    const std::string& name() const { return name_; }
    int descriptor() const { return fd_.get(); }

    // These work on the descriptor, so that they also reach an interface that was moved to another network
    // namespace.
    Result<> set_options(Options options);
    Result<> set_mac(const MacAddress& mac);
    // Whether the host's stack sees the cable plugged in.
    Result<> set_carrier(bool up);

    // One frame, in the buffers of `into` one after the other. Returns its size, 0 when none waits, or
    // -errno. A frame that did not fit gives -EMSGSIZE and is lost.
    ssize_t read(std::span<const iovec> into, Offload& offload);
    // One frame gathered from `from`. Returns 0, or -errno (EAGAIN: the interface's queue is full).
    int write(std::span<const iovec> from, const Offload& offload);

    // The largest number of buffers in one call of `read` or `write`.
    static constexpr size_t max_buffers = 63;

  private:
    TapDevice(Descriptor fd, std::string name) : fd_(std::move(fd)), name_(std::move(name)) {}

    Descriptor fd_;
    std::string name_;
};

}  // namespace ndiskit::wire
