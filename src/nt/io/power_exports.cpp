// Power: requests for the system, idle detection, the power management framework.
#include "nt/abi.h"
#include "nt/abi/pofx.h"
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
    {"PoFxRegisterDevice", reinterpret_cast<const void*>(PoFxRegisterDevice), MaxIrql::passive},
    {"PoFxUnregisterDevice", reinterpret_cast<const void*>(PoFxUnregisterDevice), MaxIrql::passive},
    {"PoFxStartDevicePowerManagement", reinterpret_cast<const void*>(PoFxStartDevicePowerManagement), MaxIrql::passive},
    {"PoFxActivateComponent", reinterpret_cast<const void*>(PoFxActivateComponent), MaxIrql::dispatch},
    {"PoFxIdleComponent", reinterpret_cast<const void*>(PoFxIdleComponent), MaxIrql::dispatch},
    {"PoFxCompleteIdleCondition", reinterpret_cast<const void*>(PoFxCompleteIdleCondition), MaxIrql::dispatch},
    {"PoFxCompleteIdleState", reinterpret_cast<const void*>(PoFxCompleteIdleState), MaxIrql::dispatch},
    {"PoFxCompleteDevicePowerNotRequired", reinterpret_cast<const void*>(PoFxCompleteDevicePowerNotRequired), MaxIrql::dispatch},
    {"PoFxReportDevicePoweredOn", reinterpret_cast<const void*>(PoFxReportDevicePoweredOn), MaxIrql::dispatch},
    {"PoFxNotifySurprisePowerOn", reinterpret_cast<const void*>(PoFxNotifySurprisePowerOn), MaxIrql::dispatch},
    {"PoFxSetComponentLatency", reinterpret_cast<const void*>(PoFxSetComponentLatency), MaxIrql::dispatch},
    {"PoFxSetComponentResidency", reinterpret_cast<const void*>(PoFxSetComponentResidency), MaxIrql::dispatch},
    {"PoFxSetComponentWake", reinterpret_cast<const void*>(PoFxSetComponentWake), MaxIrql::dispatch},
    {"PoFxSetDeviceIdleTimeout", reinterpret_cast<const void*>(PoFxSetDeviceIdleTimeout), MaxIrql::dispatch},
    {"PoFxSetTargetDripsDevicePowerState", reinterpret_cast<const void*>(PoFxSetTargetDripsDevicePowerState), MaxIrql::passive},
    {"PoFxPowerControl", reinterpret_cast<const void*>(PoFxPowerControl), MaxIrql::dispatch, Support::refuses,
     "no platform extension plug-in: STATUS_NOT_SUPPORTED"},
    {"PoFxRegisterComponentPerfStates", reinterpret_cast<const void*>(PoFxRegisterComponentPerfStates), MaxIrql::apc},
    {"PoFxQueryCurrentComponentPerfState", reinterpret_cast<const void*>(PoFxQueryCurrentComponentPerfState), MaxIrql::dispatch},
    {"PoFxIssueComponentPerfStateChange", reinterpret_cast<const void*>(PoFxIssueComponentPerfStateChange), MaxIrql::dispatch},
    {"PoFxIssueComponentPerfStateChangeMultiple", reinterpret_cast<const void*>(PoFxIssueComponentPerfStateChangeMultiple), MaxIrql::dispatch},
    // clang-format on
};

std::span<const Export> power_exports() { return rows; }

}  // namespace ndiskit::nt
