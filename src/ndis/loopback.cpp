// Software loopback. A miniport does not hear its own frames; when several bindings are open on one adapter, NDIS
// shows what one sends to those others whose packet filters take it, and to the sender itself when it sets
// NDIS_SEND_FLAGS_CHECK_FOR_LOOPBACK.
//
// Each looped frame is an NBL of its own, one NET_BUFFER long, over the sender's MDLs, marked
// NDIS_NBL_FLAGS_IS_LOOPBACK_PACKET and indicated with NDIS_RECEIVE_FLAGS_RESOURCES, so that it is back before the
// send goes on. This is the one place on the data path that allocates: per looped frame, from a pool.
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

bool wants(const Binding& sender, const Route& route, const Listener& listener,
           const std::optional<MacAddress>& destination, ULONG flags) {
    if (listener.binding == &sender && !(flags & NDIS_SEND_FLAGS_CHECK_FOR_LOOPBACK))
        return false;
    return route.takes(listener, destination);
}

void show_frame(const Binding& sender, const Route& route, const NET_BUFFER& frame, NDIS_PORT_NUMBER port, ULONG flags) {
    const auto destination = destination_of(frame);
    PNET_BUFFER_LIST copy = nullptr;
    const ULONG receive_flags =
        NDIS_RECEIVE_FLAGS_RESOURCES |
        (flags & NDIS_SEND_FLAGS_DISPATCH_LEVEL ? NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL : 0);
    for (const Listener& listener : route.listeners) {
        if (!wants(sender, route, listener, destination, flags))
            continue;
        if (copy == nullptr) {
            copy = NdisAllocateNetBufferAndNetBufferList(loopback_pool(), 0, 0, frame.MdlChain, frame.DataOffset,
                                                         frame.DataLength);
            if (copy == nullptr)
                return;
            copy->SourceHandle = &sender.adapter;
            copy->NblFlags |= NDIS_NBL_FLAGS_IS_LOOPBACK_PACKET;
        }
        Binding& target = *listener.binding;
        target.receives.start({.nbls = 1, .packets = 1, .bytes = frame.DataLength});
        show_chain(target.edge_id, Direction::up, copy);
        target.protocol.handlers.ReceiveNetBufferListsHandler(target.context, copy, port, 1, receive_flags);
        target.receives.finish(1);
    }
    if (copy != nullptr)
        NdisFreeNetBufferList(copy);
}

}  // namespace

void loop_back(Binding& sender, const Route& route, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags) {
    for (; chain != nullptr; chain = chain->Next)
        for (const NET_BUFFER* frame = chain->FirstNetBuffer; frame != nullptr; frame = frame->Next)
            show_frame(sender, route, *frame, port, flags);
}

}  // namespace ndiskit::ndis
