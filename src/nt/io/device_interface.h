// Device interfaces: what a device offers, by a GUID, and the symbolic link by which programs open it. The
// registry keeps them under Control\DeviceClasses; the link exists while the interface is enabled.
// https://learn.microsoft.com/windows-hardware/drivers/install/overview-of-device-interface-classes
#pragma once

#include <string>
#include <vector>

#include "nt/abi.h"

namespace ndiskit::nt::pnp {

struct Interface {
    std::u16string link;    // "\??\ROOT#NET#0000#{...}\reference"
    std::string instance;   // of its device
    std::u16string target;  // the device's name, with the reference string behind it
    GUID device_class;
    bool enabled = false;
};

// In the order in which they were registered; all classes when it is null.
std::vector<Interface> interfaces(const GUID* device_class, bool enabled_only);
// Where its properties and parameters are kept; empty when there is no such interface.
std::string interface_key(std::u16string_view link);
// Disables what a device has; for its removal.
void disable_interfaces(const std::string& instance);

// Whoever asked hears of it (pnp_notification.cpp).
void tell_interface_change(const Interface& item, bool arrived);

}  // namespace ndiskit::nt::pnp
