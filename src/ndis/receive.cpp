// Receives: from NdisMIndicateReceiveNetBufferLists up to ProtocolReceiveNetBufferLists, and back. With one binding
// and no filter module each way is one pass that counts and one indirect call.
//
// Several bindings share what the adapter indicates: packet filters decide who takes which NBL. The last taker of an
// NBL gets it for keeps; those before it see it with NDIS_RECEIVE_FLAGS_RESOURCES set, in runs of neighbours, with
// the chain whole again when they return.
#include <algorithm>
#include <cstring>
#include <utility>

#include "ndis/adapter.h"
#include "ndis/lists.h"
#include "ndis/binding.h"
#include "ndis/datapath.h"
#include "ndis/driver.h"
#include "ndis/library_state.h"

namespace ndiskit::ndis {

std::optional<MacAddress> destination_of(const NET_BUFFER& frame) {
    MacAddress destination;
    if (frame.DataLength < destination.size())
        return std::nullopt;
    ULONG offset = frame.CurrentMdlOffset;
    size_t have = 0;
    for (PMDL mdl = frame.CurrentMdl; mdl != nullptr && have < destination.size(); mdl = mdl->Next, offset = 0) {
        const size_t here = std::min<size_t>(mdl->ByteCount - offset, destination.size() - have);
        const auto* base = static_cast<const uint8_t*>(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority));
        std::memcpy(destination.data() + have, base + offset, here);
        have += here;
    }
    return have == destination.size() ? std::optional(destination) : std::nullopt;
}

bool Route::takes(const Listener& listener, const std::optional<MacAddress>& frame_destination) const {
    if (!listener.takes_receives)
        return false;
    if (!filters_packets || (listener.packet_filter & (NDIS_PACKET_TYPE_PROMISCUOUS | NDIS_PACKET_TYPE_ALL_LOCAL)))
        return true;
    if (!frame_destination)
        return false;
    const MacAddress& destination = *frame_destination;
    if ((destination[0] & 1) == 0)
        return (listener.packet_filter & NDIS_PACKET_TYPE_DIRECTED) && destination == address;
    if (destination == MacAddress{0xff, 0xff, 0xff, 0xff, 0xff, 0xff})
        return listener.packet_filter & NDIS_PACKET_TYPE_BROADCAST;
    if (listener.packet_filter & NDIS_PACKET_TYPE_ALL_MULTICAST)
        return true;
    if (!(listener.packet_filter & NDIS_PACKET_TYPE_MULTICAST))
        return false;
    return contains(listener.multicast, destination);
}

Listener listen(Binding& binding, const Route& route) {
    Listener listener;
    listener.binding = &binding;
    listener.packet_filter = binding.packet_filter;
    listener.multicast = binding.multicast.with([](const auto& list) { return list; });
    listener.takes_receives = binding.receives_open && (!route.filters_packets || listener.packet_filter != 0);
    return listener;
}

void NTAPI return_to_miniport(NDIS_HANDLE handle, PNET_BUFFER_LIST chain, ULONG flags) {
    auto& adapter = *static_cast<Adapter*>(handle);
    const uint32_t nbls = count_nbls(chain);
    adapter.driver.handlers.ReturnNetBufferListsHandler(adapter.context, chain, flags);
    adapter.receives.finish(nbls);
}

void return_to_stack(Adapter& adapter, PNET_BUFFER_LIST chain, ULONG flags) {
    const uint32_t nbls = count_nbls(chain);
    adapter.top_return_hop.call(adapter.top_return_hop.context, chain, flags);
    if (!adapter.returns_counted_below)
        adapter.receives.finish(nbls);
}

namespace {

constexpr ULONG return_flags(ULONG receive_flags) {
    return receive_flags & NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL ? NDIS_RETURN_FLAGS_DISPATCH_LEVEL : 0;
}

[[gnu::always_inline]] inline void deliver_to(Binding& binding, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port,
                                              const ChainCount& count, ULONG flags) {
    binding.receives.start(count);
    show_chain(binding.edge_id, Direction::up, chain);
    binding.protocol.handlers.ReceiveNetBufferListsHandler(binding.context, chain, port, count.nbls, flags);
    if (flags & NDIS_RECEIVE_FLAGS_RESOURCES) [[unlikely]]
        binding.receives.finish(count.nbls);
}

std::optional<MacAddress> nbl_destination(PNET_BUFFER_LIST nbl) {
    return nbl->FirstNetBuffer == nullptr ? std::nullopt : destination_of(*nbl->FirstNetBuffer);
}

// Index of the last listener that takes the frame, or -1.
int last_taker(const Route& route, const std::optional<MacAddress>& destination) {
    for (int i = static_cast<int>(route.listeners.size()) - 1; i >= 0; i--)
        if (route.takes(route.listeners[i], destination))
            return i;
    return -1;
}

// Shows listener `index` those NBLs of the chain that it takes and is not the last to take (or all that it takes,
// when nobody may keep any): run by run, each cut out for the time of the call.
void show_runs(const Route& route, int index, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags,
               bool all_that_it_takes) {
    const Listener& listener = route.listeners[index];
    const auto is_for_it = [&](PNET_BUFFER_LIST nbl) {
        const auto destination = nbl_destination(nbl);
        return route.takes(listener, destination) && (all_that_it_takes || last_taker(route, destination) > index);
    };
    while (chain != nullptr) {
        if (!is_for_it(chain)) {
            chain = chain->Next;
            continue;
        }
        PNET_BUFFER_LIST first = chain;
        PNET_BUFFER_LIST last = chain;
        while (last->Next != nullptr && is_for_it(last->Next))
            last = last->Next;
        PNET_BUFFER_LIST rest = last->Next;
        last->Next = nullptr;
        deliver_to(*listener.binding, first, port, measure(first), flags | NDIS_RECEIVE_FLAGS_RESOURCES);
        last->Next = rest;
        chain = rest;
    }
}

void deliver_to_many(Adapter& adapter, const Route& route, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags) {
    const int listeners = static_cast<int>(route.listeners.size());
    const bool miniport_keeps = flags & NDIS_RECEIVE_FLAGS_RESOURCES;
    for (int i = 0; i < listeners; i++)
        if (route.listeners[i].takes_receives)
            show_runs(route, i, chain, port, flags, miniport_keeps);
    if (miniport_keeps)
        return;
    for (int i = 0; i < listeners && chain != nullptr; i++) {
        if (!route.listeners[i].takes_receives)
            continue;
        SubChain own, rest;
        while (chain != nullptr) {
            PNET_BUFFER_LIST next = chain->Next;
            (last_taker(route, nbl_destination(chain)) == i ? own : rest).append(chain);
            chain = next;
        }
        chain = rest.close();
        if (PNET_BUFFER_LIST taken = own.close())
            deliver_to(*route.listeners[i].binding, taken, port, measure(taken), flags);
    }
    if (chain == nullptr)
        return;
    bool someone = false;
    for (const Listener& listener : route.listeners)
        someone |= listener.takes_receives;
    adapter.receives.drop(someone ? DropReason::filtered_out : DropReason::no_packet_filter, count_nbls(chain));
    return_to_stack(adapter, chain, return_flags(flags));
}

void deliver(Adapter& adapter, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, const ChainCount& count, ULONG flags) {
    const Route& route = *adapter.route.load(std::memory_order_acquire);
    if (route.only != nullptr) [[likely]]
        deliver_to(*route.only, chain, port, count, flags);
    else
        deliver_to_many(adapter, route, chain, port, flags);
}

// What was looped below filter modules, among what was received: one at a time, since the sender is not shown its own.
[[gnu::cold]] void deliver_with_looped(Adapter& adapter, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags) {
    const Route& route = *adapter.route.load(std::memory_order_acquire);
    while (chain != nullptr) {
        PNET_BUFFER_LIST next = std::exchange(chain->Next, nullptr);
        const ChainCount count = measure(chain);
        if (!(chain->NblFlags & NDIS_NBL_FLAGS_IS_LOOPBACK_PACKET)) {
            deliver(adapter, chain, port, count, flags);
        } else {
            const auto destination = nbl_destination(chain);
            for (const Listener& listener : route.listeners)
                if (route.takes(listener, destination) && shows_looped(route, listener, *chain))
                    deliver_to(*listener.binding, chain, port, count, flags | NDIS_RECEIVE_FLAGS_RESOURCES);
            if (!(flags & NDIS_RECEIVE_FLAGS_RESOURCES))
                return_to_stack(adapter, chain, return_flags(flags));
        }
        if (flags & NDIS_RECEIVE_FLAGS_RESOURCES)
            chain->Next = next;
        chain = next;
    }
}

}  // namespace

void NTAPI deliver_receives(NDIS_HANDLE handle, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG, ULONG flags) {
    auto& adapter = *static_cast<Adapter*>(handle);
    if (adapter.loops_below)
        for (PNET_BUFFER_LIST nbl = chain; nbl != nullptr; nbl = nbl->Next)
            if (nbl->NblFlags & NDIS_NBL_FLAGS_IS_LOOPBACK_PACKET) [[unlikely]]
                return deliver_with_looped(adapter, chain, port, flags);
    deliver(adapter, chain, port, measure(chain), flags);
}

void indicate(Adapter& adapter, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags) {
    PassiveSection section(adapter.sections);
    const ChainCount count = measure(chain);
    adapter.receives.start(count);
    show_chain(adapter.edge_id, Direction::up, chain);
    const bool keeps = flags & NDIS_RECEIVE_FLAGS_RESOURCES;
    const bool takes = adapter.takes_indications.load(std::memory_order_acquire);
    if (!takes || !adapter.carries(port)) [[unlikely]] {
        adapter.receives.drop(takes ? DropReason::port_inactive : DropReason::adapter_paused, count.nbls);
        if (!keeps)
            adapter.driver.handlers.ReturnNetBufferListsHandler(adapter.context, chain, return_flags(flags));
        adapter.receives.finish(count.nbls);
        return;
    }
    if (adapter.receive_hop.call == deliver_receives) [[likely]]
        deliver(adapter, chain, port, count, flags);
    else
        adapter.receive_hop.call(adapter.receive_hop.context, chain, port, count.nbls, flags);
    if (keeps) [[unlikely]]
        adapter.receives.finish(count.nbls);
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismindicatereceivenetbufferlists
extern "C" void NTAPI NdisMIndicateReceiveNetBufferLists(NDIS_HANDLE MiniportAdapterHandle,
                                                         PNET_BUFFER_LIST NetBufferList, NDIS_PORT_NUMBER PortNumber,
                                                         ULONG, ULONG ReceiveFlags) {
    indicate(resolve<Adapter>(MiniportAdapterHandle, "NdisMIndicateReceiveNetBufferLists"), NetBufferList, PortNumber,
             ReceiveFlags);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisreturnnetbufferlists
extern "C" void NTAPI NdisReturnNetBufferLists(NDIS_HANDLE NdisBindingHandle, PNET_BUFFER_LIST NetBufferLists,
                                               ULONG ReturnFlags) {
    auto& binding = resolve<Binding>(NdisBindingHandle, "NdisReturnNetBufferLists");
    PassiveSection section(binding.adapter.sections);
    const uint32_t nbls = count_nbls(NetBufferLists);
    Adapter& adapter = binding.adapter;
    binding.return_hop.call(binding.return_hop.context, NetBufferLists, ReturnFlags);
    if (!adapter.returns_counted_below) [[likely]]
        adapter.receives.finish(nbls);
    binding.receives.finish(nbls);
}
