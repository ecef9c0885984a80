// The NIC over a TAP interface: what the host's stack sends into the interface arrives here as from a wire.

#include "nic/kinds.h"

#include <array>
#include <optional>

#include "base/guarded.h"
#include "edge/frame_slab.h"
#include "edge/offload.h"
#include "edge/poll_thread.h"
#include "nic/intake.h"
#include "nic/receive_batch.h"
#include "nic/transmit_batch.h"
#include "wire/tap_device.h"

namespace ndiskit::nic {
namespace {

// A station at the other end of the cable has an address of its own.
wire::MacAddress other_end_of(wire::MacAddress mac) {
    mac[5] ^= 0x01;
    return mac;
}

class TapNic final : public Nic {
  public:
    Result<Facts> open(const Configuration& configuration, Adapter& adapter) override;
    void close() override {
        slab_.destroy();
        tap_.reset();
    }
    void start() override {
        const bool started = poll_.start(tap_->descriptor(), [this] { return receive(); });
        ASSERT_THAT(started, "cannot start the polling thread of {}", adapter_->name());
    }
    void stop() override { poll_.stop(); }
    void send(NET_BUFFER_LIST* chain, ULONG send_flags) override;
    void returned(NET_BUFFER_LIST* chain) override {
        slab_.give_back(chain);
        poll_.resume();
    }

  private:
    static constexpr size_t batch_size = 32;

    edge::PollThread::Found receive();
    // False when nothing waits.
    bool read_one(ReceiveBatch& batch);

    Adapter* adapter_ = nullptr;
    Facts facts_;
    std::optional<wire::TapDevice> tap_;
    edge::FrameSlab slab_{edge::Side::miniport};
    std::optional<Intake> intake_;
    edge::PollThread poll_;
    bool out_of_buffers_ = false;  // of the polling thread
    Guarded<edge::Outbound, LockRank::nic> outbound_;
};

Result<Facts> TapNic::open(const Configuration& configuration, Adapter& adapter) {
    adapter_ = &adapter;
    tap_.emplace(TRY(wire::TapDevice::create(
        configuration.interface, {.checksum_offload = configuration.offload, .gso = configuration.offload})));
    const wire::Interface host = TRY(wire::query_interface(tap_->name()));
    facts_.mac = other_end_of(host.mac);
    facts_.mtu = host.mtu;
    facts_.offload = configuration.offload;
    const auto size = static_cast<uint32_t>(
        configuration.offload ? wire::max_gso_frame + 64 : host.mtu + wire::ethernet_header_size + 64);
    if (!slab_.create(adapter.handle(), configuration.buffers, size))
        return fail("no memory for the receive buffers", "TAP '" + tap_->name() + "'");
    intake_.emplace(adapter, slab_);
    return facts_;
}

edge::PollThread::Found TapNic::receive() {
    ReceiveBatch batch(*adapter_);
    out_of_buffers_ = false;
    while (batch.count() < batch_size && read_one(batch)) continue;
    const bool found = batch.count() > 0;
    batch.indicate();
    if (found) return edge::PollThread::Found::work;
    return out_of_buffers_ ? edge::PollThread::Found::blocked : edge::PollThread::Found::nothing;
}

bool TapNic::read_one(ReceiveBatch& batch) {
    edge::Counters& counters = adapter_->counters();
    NET_BUFFER_LIST* nbl = slab_.take();
    if (!nbl) {
        out_of_buffers_ = true;
        return false;
    }
    uint8_t* buffer = slab_.buffer_of(nbl);
    const iovec into{buffer, slab_.buffer_size()};
    wire::Offload offload;
    const ssize_t size = tap_->read({&into, 1}, offload);
    NET_BUFFER_LIST_NEXT_NBL(nbl) = nullptr;
    if (size <= 0) {
        slab_.give_back(nbl);
        if (size < 0) counters.drop(size == -EMSGSIZE ? edge::Drop::too_long : edge::Drop::io_error);
        return false;
    }
    const std::span<uint8_t> bytes(buffer, static_cast<size_t>(size));
    const bool wanted = intake_->wanted(bytes);
    if (wanted && !intake_->to_be_cut(offload)) {
        intake_->add(nbl, 0, bytes, offload, batch);
    } else {
        if (wanted) intake_->cut(bytes, offload, batch);
        slab_.give_back(nbl);
    }
    return true;
}

void TapNic::send(NET_BUFFER_LIST* chain, ULONG send_flags) {
    uint64_t nbls = 0, frames = 0, bytes = 0;
    edge::Counters& counters = adapter_->counters();
    outbound_.with([&](edge::Outbound& out) {
        for (NET_BUFFER_LIST* nbl = chain; nbl; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl), ++nbls) {
            NET_BUFFER_LIST_STATUS(nbl) = NDIS_STATUS_SUCCESS;
            for (NET_BUFFER* nb = NET_BUFFER_LIST_FIRST_NB(nbl); nb; nb = NET_BUFFER_NEXT_NB(nb)) {
                ++frames;
                bytes += NET_BUFFER_DATA_LENGTH(nb);
                if (!edge::outbound_of_send(nbl, nb, out)) {
                    counters.drop(edge::Drop::too_many_parts);
                } else if (!fits(NET_BUFFER_DATA_LENGTH(nb), out.offload, facts_)) {
                    counters.drop(edge::Drop::too_long);
                } else if (const int error = tap_->write(out.pieces(), out.offload)) {
                    counters.drop(error == -EAGAIN ? edge::Drop::kernel_full : edge::Drop::io_error);
                }
            }
            edge::complete_large_send(nbl);
        }
    });
    counters.down.add(nbls, frames, bytes);
    adapter_->complete_send(chain, send_flags);
}

}  // namespace

std::unique_ptr<Nic> make_tap_nic() { return std::make_unique<TapNic>(); }

}  // namespace ndiskit::nic
