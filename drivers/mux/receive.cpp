// From the lower adapter up: each received NBL is cloned for every virtual miniport that wants it, and goes
// back down when the last clone has come back. Frames for one virtual miniport go up as one chain.

#include "driver.h"
#include "lower.h"

namespace mux {
namespace {

// Distributes one chain. Clones are gathered for a few virtual miniports at a time while the table is locked,
// and indicated when it is not.
class Distributor {
  public:
    Distributor(Lower& lower, ULONG flags) : lower_(lower), flags_(flags) {}

    void distribute(NET_BUFFER_LIST* chain) {
        while (chain) {
            chain = gather(chain);
            indicate_gathered();
        }
        if (!unwanted_.empty() && !resources()) {
            NdisReturnNetBufferLists(
                lower_.binding, unwanted_.take(),
                NDIS_TEST_RECEIVE_AT_DISPATCH_LEVEL(flags_) ? NDIS_RETURN_FLAGS_DISPATCH_LEVEL : 0);
        }
    }

  private:
    struct Batch {
        VirtualMiniport* port;
        ndisxx::NblChain clones;
        Tally counts;
    };
    static constexpr ULONG max_batches = 8;

    // The indicating driver keeps the NBLs; they must be back when the indication returns.
    bool resources() const { return NDIS_TEST_RECEIVE_CANNOT_PEND(flags_); }

    // Takes frames until the chain ends or what was gathered has to go up first; returns the rest.
    NET_BUFFER_LIST* gather(NET_BUFFER_LIST* chain) {
        ndisxx::RwLock::ReadGuard guard(lower_.table_lock, NDIS_TEST_RECEIVE_AT_DISPATCH_LEVEL(flags_));
        while (chain && singles_.empty()) {
            NET_BUFFER_LIST* next = NET_BUFFER_LIST_NEXT_NBL(chain);
            if (!take(chain)) return chain;
            chain = next;
        }
        return chain;
    }

    // False when the frame has to wait for free batches.
    bool take(NET_BUFFER_LIST* nbl) {
        UCHAR storage[MacAddress::size];
        const UCHAR* start = ndisxx::frame_start(nbl, MacAddress::size, storage);
        nbl->ChildRefCount = 0;
        if (start) {
            const MacAddress destination(start);
            const bool one = !destination.is_group() && !lower_.table.any_promiscuous();
            if (!(one ? deliver_to_one(nbl, destination) : deliver_to_all(nbl, destination))) return false;
        }
        if (nbl->ChildRefCount == 0) unwanted_.append(nbl);
        return true;
    }

    bool deliver_to_one(NET_BUFFER_LIST* nbl, const MacAddress& destination) {
        VirtualMiniport* port = lower_.table.find(destination);
        if (!port || !port->wants(destination)) return true;
        Batch* batch = batch_for(*port);
        if (!batch) return false;
        add_clone(*batch, nbl, destination);
        return true;
    }

    bool deliver_to_all(NET_BUFFER_LIST* nbl, const MacAddress& destination) {
        ULONG wanting = 0;
        for (VirtualMiniport* port : lower_.table)
            if (port->wants(destination)) ++wanting;
        const bool few = used_ + wanting <= max_batches;
        // What came before goes up before this frame does.
        if (!few && used_ != 0) return false;
        for (VirtualMiniport* port : lower_.table) {
            if (!port->wants(destination)) continue;
            if (few)
                add_clone(*batch_for(*port), nbl, destination);
            else
                add_single(*port, nbl);
        }
        return true;
    }

    NET_BUFFER_LIST* clone_for(VirtualMiniport& port, NET_BUFFER_LIST* nbl) {
        NET_BUFFER_LIST* clone = port.receive_clones.clone(nbl);
        if (!clone) {
            port.statistics.add_receive_discards(1);
            return nullptr;
        }
        NdisCopyReceiveNetBufferListInfo(clone, nbl);
        // Not among what NDIS copies: that the frame stands for several segments.
        NET_BUFFER_LIST_INFO(clone, TcpRecvSegCoalesceInfo) = NET_BUFFER_LIST_INFO(nbl, TcpRecvSegCoalesceInfo);
        NET_BUFFER_LIST_STATUS(clone) = NET_BUFFER_LIST_STATUS(nbl);
        clone->SourceHandle = port.handle;
        ++nbl->ChildRefCount;
        return clone;
    }

    void add_clone(Batch& batch, NET_BUFFER_LIST* nbl, const MacAddress& destination) {
        NET_BUFFER_LIST* clone = clone_for(*batch.port, nbl);
        if (!clone) return;
        batch.clones.append(clone);
        batch.counts.count(destination, NET_BUFFER_DATA_LENGTH(NET_BUFFER_LIST_FIRST_NB(nbl)));
    }

    // For a frame that more virtual miniports want than there are batches: a clone that goes up by itself.
    void add_single(VirtualMiniport& port, NET_BUFFER_LIST* nbl) {
        NET_BUFFER_LIST* clone = clone_for(port, nbl);
        if (!clone) return;
        port.traffic.enter();
        clone->MiniportReserved[0] = &port;
        singles_.append(clone);
    }

    // The batch of a virtual miniport, or null when all are in use. A member of the table runs, so entering
    // its traffic succeeds, and keeps it until its batch has gone up.
    Batch* batch_for(VirtualMiniport& port) {
        for (ULONG i = 0; i < used_; ++i)
            if (batches_[i].port == &port) return &batches_[i];
        if (used_ == max_batches) return nullptr;
        port.traffic.enter();
        Batch& batch = batches_[used_++];
        batch.port = &port;
        batch.counts = {};
        return &batch;
    }

    void indicate_gathered() {
        for (ULONG i = 0; i < used_; ++i) {
            Batch& batch = batches_[i];
            VirtualMiniport& port = *batch.port;
            const ULONG count = batch.clones.count();
            if (count > 0) indicate(port, batch.clones.take(), count, batch.counts);
            port.traffic.leave();
        }
        used_ = 0;
        ndisxx::for_each_nbl(singles_.take(), [&](NET_BUFFER_LIST* clone) {
            auto& port = *static_cast<VirtualMiniport*>(clone->MiniportReserved[0]);
            UCHAR storage[MacAddress::size];
            Tally counts;
            counts.count(MacAddress(ndisxx::frame_start(clone, MacAddress::size, storage)),
                         NET_BUFFER_DATA_LENGTH(NET_BUFFER_LIST_FIRST_NB(clone)));
            NET_BUFFER_LIST_NEXT_NBL(clone) = nullptr;
            indicate(port, clone, 1, counts);
            port.traffic.leave();
        });
    }

    void indicate(VirtualMiniport& port, NET_BUFFER_LIST* clones, ULONG count, const Tally& counts) {
        port.statistics.add_received(counts);
        if (!resources()) port.traffic.add(count);
        NdisMIndicateReceiveNetBufferLists(port.handle, clones, NDIS_DEFAULT_PORT_NUMBER, count, flags_);
        if (resources()) ndisxx::for_each_nbl(clones, ndisxx::NblPool::free_clone);
    }

    Lower& lower_;
    const ULONG flags_;
    Batch batches_[max_batches];
    ULONG used_ = 0;
    ndisxx::NblChain singles_;
    ndisxx::NblChain unwanted_;
};

// One clone fewer; true for the last.
bool last_child(NET_BUFFER_LIST* parent) {
    // With one child left, nobody else counts.
    if (parent->ChildRefCount == 1) {
        parent->ChildRefCount = 0;
        return true;
    }
    return InterlockedDecrement(&parent->ChildRefCount) == 0;
}

}  // namespace

VOID MuxProtocolReceive(NDIS_HANDLE context, NET_BUFFER_LIST* chain, NDIS_PORT_NUMBER, ULONG, ULONG flags) {
    Distributor(*static_cast<Lower*>(context), flags).distribute(chain);
}

VOID MuxMiniportReturn(NDIS_HANDLE context, NET_BUFFER_LIST* clones, ULONG flags) {
    auto& port = *static_cast<VirtualMiniport*>(context);
    ndisxx::NblChain returned;
    LONG64 count = 0;
    ndisxx::for_each_nbl(clones, [&](NET_BUFFER_LIST* clone) {
        NET_BUFFER_LIST* parent = clone->ParentNetBufferList;
        ndisxx::NblPool::free_clone(clone);
        if (last_child(parent)) returned.append(parent);
        ++count;
    });
    if (!returned.empty()) NdisReturnNetBufferLists(port.lower.binding, returned.take(), flags);
    port.traffic.leave(count);
}

}  // namespace mux
