// TAP interfaces whose binding is gone. The interface is the host's end of the cable: it stays, with its
// addresses, routes and network namespace, while the stack below is taken apart and put together again
// (unbind and bind, an adapter removed and added), and sees the cable unplugged meanwhile. A binding with the
// same interface name takes it up again; what is left goes when the driver is unloaded.
#pragma once

#include <string>

#include "base/result.h"
#include "wire/tap_device.h"

namespace ndiskit::transport {

struct HostTap {
    wire::TapDevice device;
    uint32_t mtu = 0;  // as the last binding set it; 0 when the interface is new
};

// The kept interface of that name, or a new one.
Result<HostTap> take_tap(const std::string& name, wire::TapDevice::Options options);
void keep_tap(const std::string& name, HostTap tap);
void forget_taps();

}  // namespace ndiskit::transport
