// The list of devices that PoFx manages.
#pragma once

#include "nt/power/fx_device.h"

namespace ndiskit::nt::power {

void add_device(const DeviceRef& device);
// Ends the device's callbacks: waits for those that run, starts no others.
void remove_device(const DeviceRef& device);

}  // namespace ndiskit::nt::power
