// Network PnP events to those above an adapter (events.cpp).
#pragma once

#include "ndis/abi.h"
#include "ndis/interfaces.h"

namespace ndiskit::ndis {

class Adapter;

// Tells every binding of the adapter, in order. The first refusal; for events that are questions nobody is asked
// after it.
NDIS_STATUS tell_bindings(Adapter& adapter, NET_PNP_EVENT_CODE event, void* buffer, uint32_t length,
                          NDIS_PORT_NUMBER port = NDIS_DEFAULT_PORT_NUMBER);

}  // namespace ndiskit::ndis
