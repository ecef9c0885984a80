// Device objects of NDIS: those of adapters, and control devices that drivers register (device.cpp).
#pragma once

#include <string>
#include <vector>

#include "ndis/abi.h"

namespace ndiskit::ndis {

// A status of NDIS that is none of NT, as NT's.
NTSTATUS nt_status(NDIS_STATUS status);

// From here on NDIS gets the requests to a miniport driver's devices; the driver may put itself before it afterwards.
void take_dispatch(PDRIVER_OBJECT driver);

// Control devices that were not deregistered.
std::vector<std::string> device_leaks();

}  // namespace ndiskit::ndis
