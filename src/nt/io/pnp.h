// Plug and Play: device nodes and their stacks. A device is a key under HKLM\System\CurrentControlSet\Enum
// ("ROOT\NET\0000"), whose values name its service, filters and driver key; setup writes them. Starting a
// device loads those drivers, lets each add a device object to the stack, from the lowest up, and sends
// IRP_MN_START_DEVICE. The physical device objects belong to a driver of the kit (\Driver\PnpManager).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "nt/abi.h"

namespace ndiskit::nt::pnp {

// Builds and starts the stack of a device. An Error names the device, the driver and the status.
Result<DEVICE_OBJECT*> start_device(std::string_view instance);
// Asks the stack (IRP_MN_QUERY_REMOVE_DEVICE), then removes it. An Error when a driver refuses.
Result<> remove_device(std::string_view instance);
// The device is gone without asking: IRP_MN_SURPRISE_REMOVAL, then IRP_MN_REMOVE_DEVICE.
Result<> surprise_remove_device(std::string_view instance);
// Sends IRP_MN_QUERY_POWER, then IRP_MN_SET_POWER, with a device state.
NTSTATUS set_device_power(std::string_view instance, DEVICE_POWER_STATE state);

// A device that a driver found and runs already, with the physical device object that it gives, or a new one
// when that is null. It counts as started.
Result<DEVICE_OBJECT*> adopt_device(std::string_view instance, DEVICE_OBJECT* physical);

// Of a device that its driver does not run after all.
void forget_device(DEVICE_OBJECT& physical);

// The physical device object; null when the device is not started.
DEVICE_OBJECT* find_device(std::string_view instance);
std::vector<std::string> started_devices();
// "ROOT\NET\0000" of a device in a started stack (its physical device object); empty when it is none.
std::string instance_of(const DEVICE_OBJECT& physical);
// Sends an IRP_MJ_PNP or IRP_MJ_POWER to the top of a stack and waits; `stack` gives the minor code and
// parameters.
NTSTATUS send(DEVICE_OBJECT& physical, const IO_STACK_LOCATION& stack, IO_STATUS_BLOCK* result = nullptr);

}  // namespace ndiskit::nt::pnp
