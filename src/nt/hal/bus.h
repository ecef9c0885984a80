// The simulated PCI bus: which devices there are, at which addresses and ports they answer, and which
// instance of the registry is which device.
//
// Memory registers lie in address ranges that nobody may touch: an access of a driver faults, and the fault
// handler (exception/register_access_x64.cpp) carries it out on the device. I/O ports do the same through the
// instructions that need ring 0.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "nt/hal/device.h"

namespace ndiskit::nt::hal {

// Plugs a device in under the instance name that its driver's device node has ("PCI\VEN_1AF4&DEV_1041\0000").
// Before the node starts.
Device& plug(std::string instance, std::unique_ptr<Device> device);
// Takes it out; its driver has stopped.
void unplug(std::string_view instance);
void unplug_all();
// Null when there is none.
Device* find_device(std::string_view instance);

// Which device a physical device object stands for, for as long as it exists.
void bind_device(PDEVICE_OBJECT physical, Device* device);
void forget_device(PDEVICE_OBJECT physical);
Device* device_of(PDEVICE_OBJECT physical);
// By its place: the number that PCI_SLOT_NUMBER has.
Device* device_in_slot(ULONG slot);

struct Register {
    Device* device;
    unsigned bar;
    uint32_t offset;
};
// What answers at an address of the process, or at a port.
std::optional<Register> find_register(uint64_t address);
std::optional<Register> find_port(uint16_t port);

// The line that the device in a slot has; several devices share one.
Vector& line_for_slot(uint32_t slot);
// The vector of a device that has this number and can come to one of the processors.
Vector* find_vector(ULONG number, KAFFINITY affinity);

}  // namespace ndiskit::nt::hal
