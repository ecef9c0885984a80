// Idle detection of devices (PoRegisterDeviceForIdleDetection).
#pragma once

#include "nt/abi.h"

namespace ndiskit::nt::io {

// The device is being deleted: it is not watched any more.
void end_idle_detection(DEVICE_OBJECT& device);

}  // namespace ndiskit::nt::io
