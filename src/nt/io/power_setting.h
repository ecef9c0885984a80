// What the machine runs on, as drivers hear it through PoRegisterPowerSettingCallback (GUID_ACDC_POWER_SOURCE).
#pragma once

#include "nt/abi.h"

namespace ndiskit::nt::io {

// SYSTEM_POWER_CONDITION.
enum class PowerSource : ULONG { mains, battery };

PowerSource power_source();
// Calls the routines that are registered for it when it changes. PASSIVE_LEVEL.
void set_power_source(PowerSource now);

}  // namespace ndiskit::nt::io
