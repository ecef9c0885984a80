// Power: requests for the system, idle detection.
#include "nt/abi.h"
#include "nt/exports.h"

namespace ndiskit::nt {

static const Export rows[] = {
    // clang-format off
    {"PoCreatePowerRequest", reinterpret_cast<const void*>(PoCreatePowerRequest), MaxIrql::apc},
    {"PoSetPowerRequest", reinterpret_cast<const void*>(PoSetPowerRequest), MaxIrql::dispatch},
    {"PoClearPowerRequest", reinterpret_cast<const void*>(PoClearPowerRequest), MaxIrql::dispatch},
    {"PoDeletePowerRequest", reinterpret_cast<const void*>(PoDeletePowerRequest), MaxIrql::apc},
    {"PoRegisterSystemState", reinterpret_cast<const void*>(PoRegisterSystemState), MaxIrql::apc},
    {"PoUnregisterSystemState", reinterpret_cast<const void*>(PoUnregisterSystemState), MaxIrql::apc},
    {"PoSetSystemWake", reinterpret_cast<const void*>(PoSetSystemWake), MaxIrql::dispatch},
    {"PoGetSystemWake", reinterpret_cast<const void*>(PoGetSystemWake), MaxIrql::dispatch},
    {"PoQueryWatchdogTime", reinterpret_cast<const void*>(PoQueryWatchdogTime), MaxIrql::dispatch},
    {"PoSetHiberRange", reinterpret_cast<const void*>(PoSetHiberRange), MaxIrql::any},
    {"PoRegisterDeviceForIdleDetection", reinterpret_cast<const void*>(PoRegisterDeviceForIdleDetection), MaxIrql::apc},
    {"PoSetDeviceBusyEx", reinterpret_cast<const void*>(PoSetDeviceBusyEx), MaxIrql::any},
    {"PoStartDeviceBusy", reinterpret_cast<const void*>(PoStartDeviceBusy), MaxIrql::any},
    {"PoEndDeviceBusy", reinterpret_cast<const void*>(PoEndDeviceBusy), MaxIrql::any},
    // clang-format on
};

std::span<const Export> power_exports() { return rows; }

}  // namespace ndiskit::nt
