// What a simulated NIC is plugged into: a segment in memory, or a TAP interface of the host.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>

#include "base/result.h"
#include "wire/frame.h"

namespace ndiskit::nic {

class Cable {
  public:
    // A frame that arrives; called on any thread, at up to DISPATCH_LEVEL, valid during the call. It must not
    // send.
    using Receiver = std::function<void(std::span<const uint8_t> frame)>;

    virtual ~Cable() = default;
    virtual Result<> plug(Receiver receiver) = 0;
    // On return the receiver is not called any more.
    virtual void unplug() = 0;
    // PASSIVE_LEVEL.
    virtual void send(std::span<const uint8_t> frame) = 0;
};

// "memory" or "tap"; `name` of the segment or of the interface. Null for another kind.
std::unique_ptr<Cable> make_cable(const std::string& kind, const std::string& name);

}  // namespace ndiskit::nic
