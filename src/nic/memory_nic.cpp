// The NIC on a segment in memory. A frame that arrives is copied into a receive buffer and queued; a DPC
// indicates what is queued, as the interrupt of a real NIC would, so that a sender never runs the receiver's
// stack on its own.

#include "nic/kinds.h"

#include <algorithm>
#include <cstring>
#include <optional>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "edge/frame_slab.h"
#include "edge/offload.h"
#include "nic/intake.h"
#include "nic/receive_batch.h"
#include "nic/segment.h"
#include "nic/transmit_batch.h"

namespace ndiskit::nic {
namespace {

// Addresses by order of first opening, so that a run is the same each time. An adapter that was halted and
// comes back, from sleep or a restart of its device, has the address that it had.
wire::MacAddress permanent_mac(const std::string& adapter) {
    static Guarded<std::vector<std::string>, LockRank::nic> known;
    const size_t number = known.with([&](auto& names) {
        const auto found = std::ranges::find(names, adapter);
        const auto index = static_cast<size_t>(found - names.begin());
        if (found == names.end()) names.push_back(adapter);
        return index + 1;
    });
    return {0x02, 0x4e, 0x44, 0x4b, static_cast<uint8_t>(number >> 8), static_cast<uint8_t>(number)};
}

class MemoryNic final : public Nic, public Port {
  public:
    Result<Facts> open(const Configuration& configuration, Adapter& adapter) override;
    void close() override { slab_.destroy(); }
    void start() override { segment_->plug(*this); }
    void stop() override;
    void send(NET_BUFFER_LIST* chain, ULONG send_flags) override;
    void returned(NET_BUFFER_LIST* chain) override { slab_.give_back(chain); }
    void deliver(std::span<const iovec> pieces, const wire::Offload& offload) override;

  private:
    // At most this many frames go up in one chain, as a NIC's interrupt moderation would have it.
    static constexpr ULONG batch_size = 64;

    static void NTAPI dpc(PKDPC, PVOID self, PVOID, PVOID) {
        static_cast<MemoryNic*>(self)->indicate_queued();
    }
    void indicate_queued();

    Adapter* adapter_ = nullptr;
    Facts facts_;
    Segment* segment_ = nullptr;
    edge::FrameSlab slab_{edge::Side::miniport};
    std::optional<Intake> intake_;  // used under the segment's lock
    KDPC dpc_;
    Guarded<std::vector<NET_BUFFER_LIST*>, LockRank::nic> queue_;
};

Result<Facts> MemoryNic::open(const Configuration& configuration, Adapter& adapter) {
    adapter_ = &adapter;
    segment_ = &segment(configuration.interface);
    facts_.mac = permanent_mac(adapter.name());
    facts_.mtu = configuration.mtu;
    facts_.offload = configuration.offload;
    const auto size = static_cast<uint32_t>(
        configuration.offload ? wire::max_gso_frame
                              : configuration.mtu + wire::ethernet_header_size + 2 * wire::vlan_tag_size);
    if (!slab_.create(adapter.handle(), configuration.buffers, size))
        return fail("no memory for the receive buffers");
    intake_.emplace(adapter, slab_);
    KeInitializeDpc(&dpc_, &MemoryNic::dpc, this);
    return facts_;
}

// What is queued and not indicated goes back to the slab.
void MemoryNic::stop() {
    segment_->unplug(*this);
    KeRemoveQueueDpc(&dpc_);
    KeFlushQueuedDpcs();
    for (NET_BUFFER_LIST* nbl : queue_.with([](auto& queue) { return std::exchange(queue, {}); })) {
        adapter_->counters().drop(edge::Drop::not_running);
        NET_BUFFER_LIST_NEXT_NBL(nbl) = nullptr;
        slab_.give_back(nbl);
    }
}

void MemoryNic::send(NET_BUFFER_LIST* chain, ULONG send_flags) {
    uint64_t nbls = 0, frames = 0, bytes = 0;
    edge::Counters& counters = adapter_->counters();
    for (NET_BUFFER_LIST* nbl = chain; nbl; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl), ++nbls) {
        NET_BUFFER_LIST_STATUS(nbl) = NDIS_STATUS_SUCCESS;
        for (NET_BUFFER* nb = NET_BUFFER_LIST_FIRST_NB(nbl); nb; nb = NET_BUFFER_NEXT_NB(nb)) {
            ++frames;
            bytes += NET_BUFFER_DATA_LENGTH(nb);
            edge::Outbound out;
            if (!edge::outbound_of_send(nbl, nb, out))
                counters.drop(edge::Drop::too_many_parts);
            else if (!fits(NET_BUFFER_DATA_LENGTH(nb), out.offload, facts_))
                counters.drop(edge::Drop::too_long);
            else
                segment_->send(this, out.pieces(), out.offload);
        }
        edge::complete_large_send(nbl);
    }
    counters.down.add(nbls, frames, bytes);
    adapter_->complete_send(chain, send_flags);
}

void MemoryNic::deliver(std::span<const iovec> pieces, const wire::Offload& offload) {
    edge::Counters& counters = adapter_->counters();
    size_t size = 0;
    for (const iovec& piece : pieces) size += piece.iov_len;
    if (size > slab_.buffer_size()) return counters.drop(edge::Drop::too_long);
    NET_BUFFER_LIST* nbl = slab_.take();
    if (!nbl) return counters.drop(edge::Drop::no_buffer);
    uint8_t* buffer = slab_.buffer_of(nbl);
    size_t at = 0;
    for (const iovec& piece : pieces) {
        std::memcpy(buffer + at, piece.iov_base, piece.iov_len);
        at += piece.iov_len;
    }
    const std::span<uint8_t> bytes(buffer, size);
    NET_BUFFER_LIST_NEXT_NBL(nbl) = nullptr;
    if (!intake_->wanted(bytes)) return slab_.give_back(nbl);
    ReceiveBatch arrived(*adapter_);
    if (intake_->to_be_cut(offload)) {
        intake_->cut(bytes, offload, arrived);
        slab_.give_back(nbl);
    } else {
        intake_->add(nbl, 0, bytes, offload, arrived);
    }
    queue_.with([&](auto& queue) {
        for (NET_BUFFER_LIST* at = arrived.take(); at; at = NET_BUFFER_LIST_NEXT_NBL(at)) queue.push_back(at);
    });
    KeInsertQueueDpc(&dpc_, nullptr, nullptr);
}

void MemoryNic::indicate_queued() {
    ReceiveBatch batch(*adapter_);
    bool more = false;
    queue_.with([&](auto& queue) {
        const size_t count = std::min<size_t>(queue.size(), batch_size);
        for (size_t i = 0; i < count; ++i) batch.add(queue[i]);
        queue.erase(queue.begin(), queue.begin() + static_cast<ptrdiff_t>(count));
        more = !queue.empty();
    });
    if (more) KeInsertQueueDpc(&dpc_, nullptr, nullptr);
    batch.indicate();
}

}  // namespace

std::unique_ptr<Nic> make_memory_nic() { return std::make_unique<MemoryNic>(); }

}  // namespace ndiskit::nic
