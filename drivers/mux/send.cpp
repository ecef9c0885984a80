// From a virtual miniport down: each NBL goes down as a clone that shares its data, so that NDIS can keep its
// own books on either edge. A chain stays a chain.

#include "driver.h"
#include "lower.h"

namespace mux {
namespace {

// Where a clone keeps the virtual miniport that it was made for.
VirtualMiniport*& owner_of(NET_BUFFER_LIST* clone) {
    return *reinterpret_cast<VirtualMiniport**>(&clone->ProtocolReserved[0]);
}

void complete_with(VirtualMiniport& port, NET_BUFFER_LIST* chain, NDIS_STATUS status, ULONG send_flags) {
    LONG64 count = 0;
    for (NET_BUFFER_LIST* nbl = chain; nbl; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl), ++count)
        NET_BUFFER_LIST_STATUS(nbl) = status;
    port.statistics.add_send_errors(count);
    NdisMSendNetBufferListsComplete(
        port.handle, chain,
        NDIS_TEST_SEND_AT_DISPATCH_LEVEL(send_flags) ? NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL : 0);
}

void tally(NET_BUFFER_LIST* nbl, Tally& counts) {
    for (NET_BUFFER* nb = NET_BUFFER_LIST_FIRST_NB(nbl); nb; nb = NET_BUFFER_NEXT_NB(nb)) {
        UCHAR storage[MacAddress::size];
        const void* start = NdisGetDataBuffer(nb, MacAddress::size, storage, 1, 0);
        if (start) counts.count(MacAddress(static_cast<const UCHAR*>(start)), NET_BUFFER_DATA_LENGTH(nb));
    }
}

NET_BUFFER_LIST* clone_for_sending(VirtualMiniport& port, NET_BUFFER_LIST* nbl) {
    NET_BUFFER_LIST* clone = port.send_clones.clone(nbl);
    if (!clone) return nullptr;
    owner_of(clone) = &port;
    clone->SourceHandle = port.lower.binding;
    NdisCopySendNetBufferListInfo(clone, nbl);
    NDIS_SET_NET_BUFFER_LIST_CANCEL_ID(clone, NDIS_GET_NET_BUFFER_LIST_CANCEL_ID(nbl));
    return clone;
}

// Completions of one virtual miniport that come one after the other go up as one chain.
class Completions {
  public:
    explicit Completions(ULONG flags) : flags_(flags) {}
    ~Completions() { flush(); }

    void add(VirtualMiniport& port, NET_BUFFER_LIST* original) {
        if (&port != port_) flush();
        port_ = &port;
        done_.append(original);
        if (NET_BUFFER_LIST_STATUS(original) != NDIS_STATUS_SUCCESS) port.statistics.add_send_errors(1);
    }

  private:
    void flush() {
        const ULONG count = done_.count();
        if (count == 0) return;
        NdisMSendNetBufferListsComplete(port_->handle, done_.take(), flags_);
        port_->traffic.leave(count);
    }

    VirtualMiniport* port_ = nullptr;
    ndisxx::NblChain done_;
    ULONG flags_;
};

}  // namespace

VOID MuxMiniportSend(NDIS_HANDLE context, NET_BUFFER_LIST* chain, NDIS_PORT_NUMBER, ULONG flags) {
    auto& port = *static_cast<VirtualMiniport*>(context);
    Lower& lower = port.lower;
    if (!port.traffic.enter()) return complete_with(port, chain, NDIS_STATUS_PAUSED, flags);
    if (!lower.sends.enter()) {
        complete_with(port, chain, lower.in_d0() ? NDIS_STATUS_PAUSED : NDIS_STATUS_LOW_POWER_STATE, flags);
        return port.traffic.leave();
    }
    ndisxx::NblChain down;
    ndisxx::NblChain failed;
    Tally counts;
    ndisxx::for_each_nbl(chain, [&](NET_BUFFER_LIST* nbl) {
        if (NET_BUFFER_LIST* clone = clone_for_sending(port, nbl)) {
            tally(nbl, counts);
            down.append(clone);
        } else {
            failed.append(nbl);
        }
    });
    const ULONG count = down.count();
    if (count > 0) {
        port.statistics.add_sent(counts);
        port.traffic.add(count);
        lower.sends.add(count);
        lower.send(down.take(), flags);
    }
    if (!failed.empty()) complete_with(port, failed.take(), NDIS_STATUS_RESOURCES, flags);
    lower.sends.leave();
    port.traffic.leave();
}

VOID MuxProtocolSendComplete(NDIS_HANDLE context, NET_BUFFER_LIST* clones, ULONG flags) {
    Lower& lower = *static_cast<Lower*>(context);
    LONG64 count = 0;
    {
        Completions completions(flags);
        ndisxx::for_each_nbl(clones, [&](NET_BUFFER_LIST* clone) {
            NET_BUFFER_LIST* original = clone->ParentNetBufferList;
            NET_BUFFER_LIST_STATUS(original) = NET_BUFFER_LIST_STATUS(clone);
            // What a large send reports on completion belongs to the one who asked for it.
            NET_BUFFER_LIST_INFO(original, TcpLargeSendNetBufferListInfo) =
                NET_BUFFER_LIST_INFO(clone, TcpLargeSendNetBufferListInfo);
            VirtualMiniport& port = *owner_of(clone);
            ndisxx::NblPool::free_clone(clone);
            completions.add(port, original);
            ++count;
        });
    }
    lower.sends.leave(count);
}

VOID MuxMiniportCancelSend(NDIS_HANDLE context, PVOID cancel_id) {
    NdisCancelSendNetBufferLists(static_cast<VirtualMiniport*>(context)->lower.binding, cancel_id);
}

}  // namespace mux
