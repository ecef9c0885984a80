// Device objects and the stacks they form. AttachedDevice goes up; DeviceObjectExtension->AttachedTo goes
// down. One lock (nt_device) guards the links of all devices and drivers.
#pragma once

#include <string>
#include <vector>

#include "base/guarded.h"
#include "nt/abi.h"

namespace ndiskit::nt::io {

struct DeviceLinks {};
Guarded<DeviceLinks, LockRank::nt_device>& device_links();

// With a reference of the caller's.
DEVICE_OBJECT* top_of_stack(DEVICE_OBJECT& device);
// The devices of a driver, the last made first.
std::vector<DEVICE_OBJECT*> devices_of(const DRIVER_OBJECT& driver);

// In ExtensionFlags: IoDeleteDevice was called. Nobody opens the device any more; it goes with its last file.
constexpr ULONG delete_pending = 2;
// One file less has the device open.
void file_gone(DEVICE_OBJECT& device);

// Devices that asked for IRP_MJ_SHUTDOWN, the last first.
void send_shutdown();

}  // namespace ndiskit::nt::io
