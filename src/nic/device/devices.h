// The simulated devices that a machine can have, by kind.
#pragma once

#include <string>
#include <vector>

#include "base/result.h"
#include "nt/hal/device.h"
#include "wire/interface.h"

namespace ndiskit::nic {

struct DeviceOptions {
    std::string kind;        // "virtio-net"
    std::string cable;       // "memory" or "tap"
    std::string cable_name;  // of the segment or interface
    wire::MacAddress mac{};
    uint16_t mtu = 1500;
    bool line_interrupt = false;  // the line, where the device has messages, too
};

const std::vector<std::string>& device_kinds();
// "PCI\VEN_1AF4&DEV_1041", as hardware ids begin; empty for a kind that does not exist.
std::string hardware_id(const std::string& kind);

// Makes the device and plugs it into the bus under the instance name, with its cable. PASSIVE_LEVEL.
Result<nt::hal::Device*> plug_device(const std::string& instance, const DeviceOptions& options);

}  // namespace ndiskit::nic
