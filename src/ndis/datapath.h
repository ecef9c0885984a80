// The ends of a driver stack on the data path: what the lowest layer calls when there is nothing but bindings above.
// Also reached through hops by the highest filter module.
#pragma once

#include <optional>

#include "ndis/abi.h"
#include "ndis/edge.h"
#include "ndis/route.h"

namespace ndiskit::ndis {

class Adapter;
class Binding;

// Hands received NBLs to the adapter's bindings (receive.cpp). The context is the Adapter.
void NTAPI deliver_receives(NDIS_HANDLE adapter, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG count,
                            ULONG flags);
// Hands completed sends to the bindings that sent them (send.cpp). The context is the Adapter.
void NTAPI deliver_completions(NDIS_HANDLE adapter, PNET_BUFFER_LIST chain, ULONG flags);

// Gives receives back to the miniport and counts them; the lowest hop when filter modules, which keep some and add
// their own, stand above it. The context is the Adapter.
void NTAPI return_to_miniport(NDIS_HANDLE adapter, PNET_BUFFER_LIST chain, ULONG flags);

// Gives receives back to the layer below the bindings.
void return_to_stack(Adapter& adapter, PNET_BUFFER_LIST chain, ULONG flags);

// Shows frames that `sender` sends to the other bindings that listen for them, and to itself when the flags ask
// for it (loopback.cpp).
void loop_back(Binding& sender, const Route& route, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags);

// The same for what leaves the lowest filter module: it comes up again through all of them. The context is the Adapter.
void NTAPI loop_back_below_filters(NDIS_HANDLE adapter, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags);
// Whether `listener` is shown a looped frame, or a clone of one.
bool shows_looped(const Route& route, const Listener& listener, const NET_BUFFER_LIST& looped);

// The binding as a route's listener, with what it wants now.
Listener listen(Binding& binding, const Route& route);

// Where an Ethernet frame goes to, also when its MDLs split the address. Nothing for a frame that is too short.
std::optional<MacAddress> destination_of(const NET_BUFFER& frame);

// Some of a chain, in order.
struct SubChain {
    PNET_BUFFER_LIST head = nullptr;
    PNET_BUFFER_LIST* end = &head;
    uint32_t count = 0;

    void append(PNET_BUFFER_LIST nbl) {
        *end = nbl;
        end = &nbl->Next;
        count++;
    }
    PNET_BUFFER_LIST close() {
        *end = nullptr;
        return head;
    }
};

}  // namespace ndiskit::ndis
