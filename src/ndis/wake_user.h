// What the user lets an adapter do while it sleeps: whether it may wake the system at all, and which of its abilities
// are in use. NDIS hides what the user forbids from protocols and filters, and does not send it to the miniport.
//
// In the adapter's key: bit 0x10 of PnPCapabilities forbids waking; *WakeOnPattern, *WakeOnMagicPacket, *PMARPOffload,
// *PMNSOffload and *PMWiFiRekeyOffload forbid one thing each when they are 0.
// https://learn.microsoft.com/windows-hardware/drivers/network/standardized-inf-keywords-for-power-management
#pragma once

#include "ndis/abi.h"
#include "ndis/attributes.h"

namespace ndiskit::ndis {

class Adapter;

// From the registry, when the adapter is initialised.
void read_user_wake(Adapter& adapter);
// The user has changed his mind: reads again, and tells those above what is new (NetEventPnPCapabilities,
// NDIS_STATUS_PM_CAPABILITIES_CHANGE). pnp is held, the adapter is initialised.
void change_user_wake(Adapter& adapter);

bool may_wake(const Adapter& adapter);
// Writes the bit; the adapter hears of it by change_user_wake().
void write_may_wake(const Adapter& adapter, bool allowed);

// The hardware's capabilities, also those of a miniport of NDIS 6.1 in the newer form, and what the user leaves of
// them. Absent when the miniport has no power management.
HeaderedCopy hardware_pm_capabilities(const Attributes& attributes);
HeaderedCopy current_pm_capabilities(const Adapter& adapter);

}  // namespace ndiskit::ndis
