// Device objects of NDIS: those of adapters, and control devices that drivers register (device.cpp).
#pragma once

#include <string>
#include <vector>

#include "ndis/abi.h"

namespace ndiskit::ndis {

// Control devices that were not deregistered.
std::vector<std::string> device_leaks();

}  // namespace ndiskit::ndis
