// The timer of a device object: a routine that is called once a second while it is started.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/iotimer-routines
#pragma once

#include "nt/abi.h"

namespace ndiskit::nt::io {

// When the device goes: stops it, and waits until its routine does not run.
void delete_timer(DEVICE_OBJECT& device);

}  // namespace ndiskit::nt::io
