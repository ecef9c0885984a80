// The interface table (RFC 2863's ifTable and ifStackTable as NDIS keeps them): an index and a LUID for each adapter,
// and for each interface that a driver registers as a provider, and which stands on which.
#pragma once

#include <string>
#include <vector>

#include "ndis/abi.h"

namespace ndiskit::ndis {

class Adapter;

struct InterfaceId {
    NET_IFINDEX index = 0;
    NET_LUID luid{};
};

// Gives the adapter its index and LUID, the same as at its last start.
void register_adapter_interface(Adapter& adapter);
// Takes it, and its places in the stack table, out again.
void deregister_adapter_interface(Adapter& adapter);

// An interface for a filter module, and what it stands on now.
InterfaceId register_filter_interface(const void* module);
void stand_on(const InterfaceId& filter, NET_IFINDEX below);
void deregister_filter_interface(const InterfaceId& id);

// The interface of the highest filter module of the adapter, or of the adapter itself.
InterfaceId top_interface(const Adapter& adapter);

// Interface indexes that `higher` stands on.
std::vector<NET_IFINDEX> interfaces_below(NET_IFINDEX higher);

// Asks or tells an interface, as the system's interface table does: a driver's interface at its provider, an
// adapter's at NDIS. `length` is the buffer's, and then what was written or would be needed. PASSIVE_LEVEL.
NDIS_STATUS query_interface(NET_IFINDEX index, NDIS_OID object, void* buffer, ULONG& length);
NDIS_STATUS set_interface(NET_IFINDEX index, NDIS_OID object, void* buffer, ULONG length);

void forget_interfaces();

// Lines for the leak report.
std::vector<std::string> interface_leaks();

}  // namespace ndiskit::ndis
