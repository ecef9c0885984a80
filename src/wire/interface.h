// Facts about, and switches of, a network interface of the host, by name. All are ioctls on a scratch socket,
// in the network namespace of the calling thread.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/result.h"

namespace ndiskit::wire {

using MacAddress = std::array<uint8_t, 6>;

struct Interface {
    int index = 0;
    MacAddress mac{};
    uint32_t mtu = 0;
    bool up = false;
    bool running = false;  // carrier is there
};

Result<Interface> query_interface(const std::string& name);
Result<> set_interface_up(const std::string& name, bool up);
Result<> set_interface_mac(const std::string& name, const MacAddress& mac);
Result<> set_interface_mtu(const std::string& name, uint32_t mtu);

std::string to_string(const MacAddress& mac);
Result<MacAddress> parse_mac(const std::string& text);

}  // namespace ndiskit::wire
