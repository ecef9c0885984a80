// The data path of filter modules: what a module passes on goes to its neighbour in that direction, counted at the
// module's edge. A module tells what it originated from what passes through by itself.
// https://learn.microsoft.com/windows-hardware/drivers/network/filter-module-send-and-receive-operations
#include "ndis/filter.h"
#include "ndis/library_state.h"

namespace ndiskit::ndis {

namespace {

// A module that is paused, or restarts, starts nothing, and nothing goes through a port that is not active: what it
// sends comes straight back to it.
[[gnu::cold]] void refuse_sends(FilterModule& module, PNET_BUFFER_LIST chain, NDIS_STATUS status, DropReason reason,
                                ULONG send_flags) {
    uint32_t nbls = 0;
    for (PNET_BUFFER_LIST nbl = chain; nbl != nullptr; nbl = nbl->Next, nbls++)
        nbl->Status = status;
    module.sends.drop(reason, nbls);
    const ULONG flags = send_flags & NDIS_SEND_FLAGS_DISPATCH_LEVEL ? NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL : 0;
    if (const auto complete = module.handlers.SendNetBufferListsCompleteHandler)
        complete(module.context, chain, flags);
    else
        module.upper_complete.call(module.upper_complete.context, chain, flags);
}

[[gnu::cold]] void refuse_receives(FilterModule& module, PNET_BUFFER_LIST chain, uint32_t nbls, DropReason reason,
                                   ULONG receive_flags) {
    module.receives.drop(reason, nbls);
    if (receive_flags & NDIS_RECEIVE_FLAGS_RESOURCES)
        return;
    const ULONG flags = receive_flags & NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL ? NDIS_RETURN_FLAGS_DISPATCH_LEVEL : 0;
    if (const auto give_back = module.handlers.ReturnNetBufferListsHandler)
        give_back(module.context, chain, flags);
    else
        module.lower_return.call(module.lower_return.context, chain, flags);
}

}  // namespace

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfsendnetbufferlists
extern "C" void NTAPI NdisFSendNetBufferLists(NDIS_HANDLE NdisFilterHandle, PNET_BUFFER_LIST NetBufferList,
                                              NDIS_PORT_NUMBER PortNumber, ULONG SendFlags) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFSendNetBufferLists");
    PassiveSection section(module.adapter.sections);
    if (!module.takes_data.load(std::memory_order_acquire)) [[unlikely]]
        return refuse_sends(module, NetBufferList, NDIS_STATUS_PAUSED, DropReason::binding_paused, SendFlags);
    if (!module.adapter.carries(PortNumber)) [[unlikely]]
        return refuse_sends(module, NetBufferList, NDIS_STATUS_INVALID_PORT, DropReason::port_inactive, SendFlags);
    module.sends.start(measure(NetBufferList));
    show_chain(module.edge_id, Direction::down, NetBufferList);
    module.lower_send.call(module.lower_send.context, NetBufferList, PortNumber, SendFlags);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfsendnetbufferlistscomplete
extern "C" void NTAPI NdisFSendNetBufferListsComplete(NDIS_HANDLE NdisFilterHandle, PNET_BUFFER_LIST NetBufferList,
                                                      ULONG SendCompleteFlags) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFSendNetBufferListsComplete");
    PassiveSection section(module.adapter.sections);
    const uint32_t nbls = count_nbls(NetBufferList);
    module.upper_complete.call(module.upper_complete.context, NetBufferList, SendCompleteFlags);
    module.sends.finish(nbls);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfcancelsendnetbufferlists
extern "C" void NTAPI NdisFCancelSendNetBufferLists(NDIS_HANDLE NdisFilterHandle, PVOID CancelId) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFCancelSendNetBufferLists");
    PassiveSection section(module.adapter.sections);
    module.lower_cancel.call(module.lower_cancel.context, CancelId);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfindicatereceivenetbufferlists
extern "C" void NTAPI NdisFIndicateReceiveNetBufferLists(NDIS_HANDLE NdisFilterHandle, PNET_BUFFER_LIST NetBufferLists,
                                                         NDIS_PORT_NUMBER PortNumber, ULONG NumberOfNetBufferLists,
                                                         ULONG ReceiveFlags) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFIndicateReceiveNetBufferLists");
    PassiveSection section(module.adapter.sections);
    const ChainCount count = measure(NetBufferLists);
    if (!module.takes_data.load(std::memory_order_acquire)) [[unlikely]]
        return refuse_receives(module, NetBufferLists, count.nbls, DropReason::adapter_paused, ReceiveFlags);
    if (!module.adapter.carries(PortNumber)) [[unlikely]]
        return refuse_receives(module, NetBufferLists, count.nbls, DropReason::port_inactive, ReceiveFlags);
    module.receives.start(count);
    show_chain(module.edge_id, Direction::up, NetBufferLists);
    module.upper_receive.call(module.upper_receive.context, NetBufferLists, PortNumber, NumberOfNetBufferLists,
                              ReceiveFlags);
    if (ReceiveFlags & NDIS_RECEIVE_FLAGS_RESOURCES)
        module.receives.finish(count.nbls);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfreturnnetbufferlists
extern "C" void NTAPI NdisFReturnNetBufferLists(NDIS_HANDLE NdisFilterHandle, PNET_BUFFER_LIST NetBufferLists,
                                                ULONG ReturnFlags) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFReturnNetBufferLists");
    PassiveSection section(module.adapter.sections);
    module.lower_return.call(module.lower_return.context, NetBufferLists, ReturnFlags);
}
