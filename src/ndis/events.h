// Network PnP events to those above an adapter (events.cpp).
#pragma once

#include "ndis/abi.h"
#include "ndis/interfaces.h"
#include "ndis/versions.h"

namespace ndiskit::ndis {

class Adapter;
class FilterModule;

// An event without data, in the revision that a driver of `version` knows.
NET_PNP_EVENT_NOTIFICATION notification_of(NET_PNP_EVENT_CODE event, Version version);

// Tells every binding of the adapter, in order. The first refusal; for events that are questions nobody is asked
// after it.
NDIS_STATUS tell_bindings(Adapter& adapter, NET_PNP_EVENT_CODE event, void* buffer, uint32_t length,
                          NDIS_PORT_NUMBER port = NDIS_DEFAULT_PORT_NUMBER);

// The same for an event that there is already, above one filter module (null: above the adapter); filter modules see
// it first.
NDIS_STATUS tell_above(Adapter& adapter, const FilterModule* below, NET_PNP_EVENT_NOTIFICATION& event);
// A module is about to go, in an order from the top; its OID and indication paths are open still.
void tell_pre_detach(FilterModule& module);
// A device event to the nearest filter module below `above` (null: the highest) that wants it, or the miniport.
void tell_device(Adapter& adapter, const FilterModule* above, NET_DEVICE_PNP_EVENT& event);
// One that NDIS itself makes. PASSIVE_LEVEL.
void tell_device(Adapter& adapter, NDIS_DEVICE_PNP_EVENT code, void* buffer = nullptr, ULONG length = 0);
// NdisDevicePnPEventPowerProfileChanged with what the system runs on now.
void tell_power_profile(Adapter& adapter);

}  // namespace ndiskit::ndis
