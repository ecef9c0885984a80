// Software loopback. A miniport does not hear its own frames; NDIS shows what is sent to bindings that want local frames
// (NDIS_PACKET_TYPE_PROMISCUOUS or _ALL_LOCAL), or to the sender itself when it sets NDIS_SEND_FLAGS_CHECK_FOR_LOOPBACK.
// With filter modules on the adapter a frame is looped where it leaves the lowest of them, and comes up through all.
// https://learn.microsoft.com/windows-hardware/drivers/network/looping-back-ndis-packets
//
// Each looped frame is an NBL of its own, one NET_BUFFER long, over the sender's MDLs, marked
// NDIS_NBL_FLAGS_IS_LOOPBACK_PACKET and indicated with NDIS_RECEIVE_FLAGS_RESOURCES, so that it is back before the
// send goes on. Its parent is the NBL that is sent, which names the sender; MiniportReserved says whether that asked.
// This is the one place on the data path that allocates: per looped frame, from a pool.
#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/datapath.h"
#include "ndis/driver.h"
#include "ndis/library_state.h"

namespace ndiskit::ndis {

namespace {

NDIS_HANDLE loopback_pool() {
    static const NDIS_HANDLE pool = [] {
        NET_BUFFER_LIST_POOL_PARAMETERS parameters{};
        parameters.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
        parameters.Header.Revision = NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
        parameters.Header.Size = NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
        parameters.fAllocateNetBuffer = true;
        parameters.PoolTag = 0x6b6f6f4c;  // "Look"
        return NdisAllocateNetBufferListPool(nullptr, &parameters);
    }();
    return pool;
}

constexpr ULONG receive_flags(ULONG send_flags) {
    return NDIS_RECEIVE_FLAGS_RESOURCES |
           (send_flags & NDIS_SEND_FLAGS_DISPATCH_LEVEL ? NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL : 0);
}

PNET_BUFFER_LIST make_looped(Adapter& adapter, PNET_BUFFER_LIST sent, const NET_BUFFER& frame, ULONG send_flags) {
    PNET_BUFFER_LIST looped = NdisAllocateNetBufferAndNetBufferList(loopback_pool(), 0, 0, frame.MdlChain,
                                                                    frame.DataOffset, frame.DataLength);
    if (looped == nullptr)
        return nullptr;
    looped->SourceHandle = &adapter;
    looped->NblFlags |= NDIS_NBL_FLAGS_IS_LOOPBACK_PACKET;
    looped->ParentNetBufferList = sent;
    const ULONG_PTR asked = send_flags & NDIS_SEND_FLAGS_CHECK_FOR_LOOPBACK;
    looped->MiniportReserved[0] = reinterpret_cast<PVOID>(asked);
    return looped;
}

void free_looped(PNET_BUFFER_LIST looped) {
    looped->ParentNetBufferList = nullptr;
    NdisFreeNetBufferList(looped);
}

void show_frame(Binding& sender, const Route& route, PNET_BUFFER_LIST sent, const NET_BUFFER& frame,
                NDIS_PORT_NUMBER port, ULONG flags) {
    const auto destination = destination_of(frame);
    PNET_BUFFER_LIST copy = nullptr;
    for (const Listener& listener : route.listeners) {
        if (!route.shows(listener, &sender, flags & NDIS_SEND_FLAGS_CHECK_FOR_LOOPBACK) ||
            !route.takes(listener, destination))
            continue;
        if (copy == nullptr && (copy = make_looped(sender.adapter, sent, frame, flags)) == nullptr)
            return;
        Binding& target = *listener.binding;
        target.receives.start({.nbls = 1, .packets = 1, .bytes = frame.DataLength});
        show_chain(target.edge_id, Direction::up, copy);
        target.protocol.handlers.ReceiveNetBufferListsHandler(target.context, copy, port, 1, receive_flags(flags));
        target.receives.finish(1);
    }
    if (copy != nullptr)
        free_looped(copy);
}

// Acceptable to the adapter as a whole: somebody's packet filter takes it.
bool is_acceptable(const Route& route, const NET_BUFFER& frame) {
    const auto destination = destination_of(frame);
    for (const Listener& listener : route.listeners)
        if (route.takes(listener, destination))
            return true;
    return false;
}

[[gnu::cold]] void loop_up(Adapter& adapter, const Route& route, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port,
                           ULONG flags) {
    for (; chain != nullptr; chain = chain->Next)
        for (const NET_BUFFER* frame = chain->FirstNetBuffer; frame != nullptr; frame = frame->Next) {
            PNET_BUFFER_LIST looped =
                is_acceptable(route, *frame) ? make_looped(adapter, chain, *frame, flags) : nullptr;
            if (looped == nullptr)
                continue;
            adapter.receive_hop.call(adapter.receive_hop.context, looped, port, 1, receive_flags(flags));
            free_looped(looped);
        }
}

}  // namespace

void loop_back(Binding& sender, const Route& route, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags) {
    if (!route.filters_packets)
        return;  // only Ethernet loops
    for (; chain != nullptr; chain = chain->Next)
        for (const NET_BUFFER* frame = chain->FirstNetBuffer; frame != nullptr; frame = frame->Next)
            show_frame(sender, route, chain, *frame, port, flags);
}

void NTAPI loop_back_below_filters(NDIS_HANDLE handle, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags) {
    auto& adapter = *static_cast<Adapter*>(handle);
    const Route& route = *adapter.route.load(std::memory_order_acquire);
    const bool local = route.loops_back || (route.wants_local && adapter.filters_receive);
    if ((local || (flags & NDIS_SEND_FLAGS_CHECK_FOR_LOOPBACK)) && route.filters_packets) [[unlikely]]
        loop_up(adapter, route, chain, port, flags);
    adapter.send_below.call(adapter.send_below.context, chain, port, flags);
}

bool shows_looped(const Route& route, const Listener& listener, const NET_BUFFER_LIST& looped) {
    const NET_BUFFER_LIST* base = &looped;
    while (base->ParentNetBufferList != nullptr &&
           (base->ParentNetBufferList->NblFlags & NDIS_NBL_FLAGS_IS_LOOPBACK_PACKET))
        base = base->ParentNetBufferList;
    const NET_BUFFER_LIST* sent = base->ParentNetBufferList;
    return route.shows(listener, sent != nullptr ? sent->SourceHandle : nullptr, base->MiniportReserved[0] != nullptr);
}

}  // namespace ndiskit::ndis
