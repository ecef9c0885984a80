// Who may open a device: its security descriptor, from the driver, the registry or by default, and the check
// of an open against it.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/controlling-device-access
#pragma once

#include <string>
#include <string_view>

#include "nt/abi.h"

namespace ndiskit::nt::io {

// Full access for the system and administrators; read, write and execute for everyone else.
bool protect_by_default(DEVICE_OBJECT& device, const void* caller);
// STATUS_INVALID_PARAMETER when the text is no SDDL. The registry's descriptor for the class comes first.
NTSTATUS protect(DEVICE_OBJECT& device, std::u16string_view sddl, const GUID* device_class,
                 const void* caller);

// What the registry says in place of what a driver gives IoCreateDeviceSecure.
struct DeviceProperties {
    ULONG type, characteristics;
    BOOLEAN exclusive;
};
DeviceProperties class_properties(const GUID* device_class, DeviceProperties otherwise);

// As the calling thread's token. An open of a name behind the device's is checked only with
// FILE_DEVICE_SECURE_OPEN at the top of the stack; without, the driver must.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/controlling-device-namespace-access
NTSTATUS check_open(DEVICE_OBJECT& device, bool behind, ACCESS_MASK desired, ACCESS_MASK& granted);

}  // namespace ndiskit::nt::io
