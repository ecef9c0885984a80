// Ethernet segments in memory: every memory NIC of a machine is plugged into one, by name. A frame that one
// port sends reaches all others (a hub); a loopback segment also gives it back to its sender. Ports are
// memory NICs and, for tests and workloads, probes.
//
// Delivery copies the frame once, from the sender's buffers into one of the receiver's. A receiving port is
// called at up to DISPATCH_LEVEL, in the sender's context, and must not send from there.
#pragma once

#include <sys/uio.h>

#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "wire/frame.h"

namespace ndiskit::nic {

class Port {
  public:
    virtual ~Port() = default;
    // One frame in pieces; it is valid during the call.
    virtual void deliver(std::span<const iovec> pieces, const wire::Offload& offload) = 0;
};

class Segment {
  public:
    explicit Segment(std::string name) : name_(std::move(name)) {}

    const std::string& name() const { return name_; }
    void set_loopback(bool on) { loopback_ = on; }

    void plug(Port& port);
    // When it returns, the port is not called any more.
    void unplug(Port& port);
    // From `sender`, which may be null for a frame from nowhere.
    void send(const Port* sender, std::span<const iovec> pieces, const wire::Offload& offload = {});

  private:
    std::string name_;
    bool loopback_ = false;
    Guarded<std::vector<Port*>, LockRank::setup> ports_;
};

// The segment of that name, made when it is first asked for; lives as long as the machine.
Segment& segment(const std::string& name);

// A port that keeps what it hears, and sends what it is told.
class Probe final : public Port {
  public:
    explicit Probe(Segment& on) : segment_(on) { segment_.plug(*this); }
    ~Probe() override { segment_.unplug(*this); }

    void send(std::span<const uint8_t> frame, const wire::Offload& offload = {});
    // The frames heard since the last call, in order.
    std::vector<std::vector<uint8_t>> take();

    void deliver(std::span<const iovec> pieces, const wire::Offload& offload) override;

  private:
    Segment& segment_;
    Guarded<std::vector<std::vector<uint8_t>>, LockRank::nic> heard_;
};

}  // namespace ndiskit::nic
