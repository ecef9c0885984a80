// Sends: from a protocol's NdisSendNetBufferLists down to MiniportSendNetBufferLists, and back. With no filter module
// between, each way is one pass that counts and one indirect call.
#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/datapath.h"
#include "ndis/driver.h"
#include "ndis/library_state.h"
#include "ndis/misuse.h"

namespace ndiskit::ndis {

namespace {

struct SendCount : ChainCount {
    bool foreign = false;  // some NBL has another SourceHandle
};

SendCount measure_sends(PNET_BUFFER_LIST chain, NDIS_HANDLE source) {
    SendCount count;
    for (; chain != nullptr; chain = chain->Next) {
        count.nbls++;
        count.foreign |= chain->SourceHandle != source;
        for (const NET_BUFFER* nb = chain->FirstNetBuffer; nb != nullptr; nb = nb->Next) {
            count.packets++;
            count.bytes += nb->DataLength;
        }
    }
    return count;
}

// Gives a chain that cannot go down straight back to its sender.
[[gnu::cold]] void refuse(Binding& binding, PNET_BUFFER_LIST chain, NDIS_STATUS status, DropReason reason,
                          ULONG send_flags) {
    uint32_t nbls = 0;
    for (PNET_BUFFER_LIST nbl = chain; nbl != nullptr; nbl = nbl->Next) {
        nbl->Status = status;
        nbls++;
    }
    binding.sends.drop(reason, nbls);
    const ULONG flags =
        send_flags & NDIS_SEND_FLAGS_DISPATCH_LEVEL ? NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL : 0;
    binding.protocol.handlers.SendNetBufferListsCompleteHandler(binding.context, chain, flags);
}

void complete_to(Binding& binding, PNET_BUFFER_LIST chain, uint32_t nbls, uint32_t failed, ULONG flags) {
    if (failed != 0) [[unlikely]]
        binding.sends.drop(DropReason::send_failed, failed);
    binding.protocol.handlers.SendNetBufferListsCompleteHandler(binding.context, chain, flags);
    binding.sends.finish(nbls);
}

// Several bindings are open: each gets its own, in order.
void complete_to_many(Adapter& adapter, const Route& route, PNET_BUFFER_LIST chain, ULONG flags) {
    while (chain != nullptr) {
        Binding* owner = nullptr;
        for (const Listener& listener : route.listeners)
            if (chain->SourceHandle == listener.binding)
                owner = listener.binding;
        if (owner == nullptr)
            misuse(Misuse::refcount_imbalance, "a completed NBL's SourceHandle is no binding of this adapter",
                   reinterpret_cast<uint64_t>(&adapter), reinterpret_cast<uint64_t>(chain));
        SubChain own, rest;
        uint32_t failed = 0;
        for (PNET_BUFFER_LIST nbl = chain; nbl != nullptr;) {
            PNET_BUFFER_LIST next = nbl->Next;
            const bool is_own = nbl->SourceHandle == owner;
            failed += is_own && nbl->Status != NDIS_STATUS_SUCCESS;
            (is_own ? own : rest).append(nbl);
            nbl = next;
        }
        chain = rest.close();
        complete_to(*owner, own.close(), own.count, failed, flags);
    }
}

}  // namespace

void send_from(Binding& binding, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags) {
    Adapter& adapter = binding.adapter;
    PassiveSection section(adapter.sections);
    if (const SendGate gate = binding.send_gate.load(std::memory_order_seq_cst); gate != SendGate::open) [[unlikely]]
        return gate == SendGate::low_power
                   ? refuse(binding, chain, NDIS_STATUS_LOW_POWER_STATE, DropReason::low_power, flags)
                   : refuse(binding, chain, NDIS_STATUS_PAUSED, DropReason::binding_paused, flags);
    if (!adapter.carries(port)) [[unlikely]]
        return refuse(binding, chain, NDIS_STATUS_INVALID_PORT, DropReason::port_inactive, flags);
    const SendCount count = measure_sends(chain, &binding);
    if (count.foreign) [[unlikely]]
        misuse(Misuse::refcount_imbalance, "NdisSendNetBufferLists: the SourceHandle of an NBL is not the binding handle",
               reinterpret_cast<uint64_t>(&binding), reinterpret_cast<uint64_t>(chain));
    binding.sends.start(count);
    show_chain(binding.edge_id, Direction::down, chain);
    const Route& route = *adapter.route.load(std::memory_order_acquire);
    if (route.loops_back || (flags & NDIS_SEND_FLAGS_CHECK_FOR_LOOPBACK)) [[unlikely]]
        if (!adapter.loops_below)
            loop_back(binding, route, chain, port, flags);
    binding.send_hop.call(binding.send_hop.context, chain, port, flags);
}

void NTAPI deliver_completions(NDIS_HANDLE handle, PNET_BUFFER_LIST chain, ULONG flags) {
    auto& adapter = *static_cast<Adapter*>(handle);
    const Route& route = *adapter.route.load(std::memory_order_acquire);
    Binding* only = route.only_sender;
    if (only == nullptr) [[unlikely]]
        return complete_to_many(adapter, route, chain, flags);
    uint32_t nbls = 0;
    uint32_t failed = 0;
    for (PNET_BUFFER_LIST nbl = chain; nbl != nullptr; nbl = nbl->Next) {
        if (nbl->SourceHandle != only) [[unlikely]]
            return complete_to_many(adapter, route, chain, flags);
        nbls++;
        failed += nbl->Status != NDIS_STATUS_SUCCESS;
    }
    complete_to(*only, chain, nbls, failed, flags);
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndissendnetbufferlists
extern "C" void NTAPI NdisSendNetBufferLists(NDIS_HANDLE NdisBindingHandle, PNET_BUFFER_LIST NetBufferLists,
                                             NDIS_PORT_NUMBER PortNumber, ULONG SendFlags) {
    send_from(resolve<Binding>(NdisBindingHandle, "NdisSendNetBufferLists"), NetBufferLists, PortNumber, SendFlags);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismsendnetbufferlistscomplete
extern "C" void NTAPI NdisMSendNetBufferListsComplete(NDIS_HANDLE MiniportAdapterHandle, PNET_BUFFER_LIST NetBufferList,
                                                      ULONG SendCompleteFlags) {
    auto& adapter = resolve<Adapter>(MiniportAdapterHandle, "NdisMSendNetBufferListsComplete");
    PassiveSection section(adapter.sections);
    adapter.complete_hop.call(adapter.complete_hop.context, NetBufferList, SendCompleteFlags);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndiscancelsendnetbufferlists
extern "C" void NTAPI NdisCancelSendNetBufferLists(NDIS_HANDLE NdisBindingHandle, PVOID CancelId) {
    auto& binding = resolve<Binding>(NdisBindingHandle, "NdisCancelSendNetBufferLists");
    PassiveSection section(binding.adapter.sections);
    binding.cancel_hop.call(binding.cancel_hop.context, CancelId);
}

// Cancel ids that begin with this byte are the caller's for as long as the machine runs.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisgeneratepartialcancelid
extern "C" UCHAR NTAPI NdisGeneratePartialCancelId(void) {
    static std::atomic<uint8_t> next = 0;
    return static_cast<UCHAR>(next.fetch_add(1, std::memory_order_relaxed) + 1);
}
