// The transport that hands a stack to the host's TCP/IP: a TAP interface with the adapter's own MAC address
// and MTU, whose carrier follows the link below. What the host sends goes down the stack, what comes up the
// stack arrives in the host.

#include <cerrno>
#include <optional>

#include "base/assert.h"
#include "base/log.h"
#include "edge/frame_slab.h"
#include "edge/offload.h"
#include "edge/poll_thread.h"
#include "transport/kept_taps.h"
#include "transport/kinds.h"

namespace ndiskit::transport {
namespace {

using Found = edge::PollThread::Found;

class TapEndpoint final : public Endpoint {
  public:
    ~TapEndpoint() override;
    Result<> open(const Configuration& configuration, const Below& below, Binding& binding) override;
    void close() override { slab_.destroy(); }
    void start() override {
        const bool started = poll_.start(tap_->device.descriptor(), [this] { return send_waiting(); });
        ASSERT_THAT(started, "cannot start the polling thread of {}", binding_->name());
    }
    void stop() override { poll_.stop(); }
    void link(bool up) override;
    void receive(const NET_BUFFER_LIST* nbl, const NET_BUFFER* nb) override;
    void sent(NET_BUFFER_LIST* chain) override;

  private:
    Found send_waiting();
    // The next frame of the host as an NBL; null when there is none, or no buffer for one.
    NET_BUFFER_LIST* next(Found& found);

    Binding* binding_ = nullptr;
    std::string interface_;
    uint32_t chain_ = 32;
    std::optional<HostTap> tap_;
    edge::FrameSlab slab_{edge::Side::protocol};
    edge::PollThread poll_;
};

Result<> TapEndpoint::open(const Configuration& configuration, const Below& below, Binding& binding) {
    binding_ = &binding;
    interface_ = configuration.interface;
    chain_ = configuration.chain;
    tap_.emplace(
        TRY(take_tap(interface_, {.checksum_offload = below.offload, .gso = below.offload, .ip = below.ip})));
    wire::TapDevice& device = tap_->device;
    if (!below.ip) TRY(device.set_mac(below.mac));
    const bool is_new = tap_->mtu == 0;
    if (tap_->mtu != below.mtu) TRY(wire::set_interface_mtu(device.name(), below.mtu));
    tap_->mtu = below.mtu;
    TRY(device.set_carrier(below.link_up));
    if (is_new) TRY(wire::set_interface_up(device.name(), true));
    const auto size = static_cast<uint32_t>(below.offload ? wire::max_gso_frame + 64
                                                          : below.mtu + wire::ethernet_header_size + 64);
    if (!slab_.create(binding.handle(), configuration.buffers, size))
        return fail("no memory for the send buffers", "TAP '" + interface_ + "'");
    return {};
}

TapEndpoint::~TapEndpoint() {
    if (!tap_) return;
    link(false);
    keep_tap(interface_, std::move(*tap_));
}

void TapEndpoint::link(bool up) {
    if (const Result<> set = tap_->device.set_carrier(up); !set)
        log_error("transport", "{}: {}", binding_->name(), set.error().text());
}

Found TapEndpoint::send_waiting() {
    NET_BUFFER_LIST* first = nullptr;
    NET_BUFFER_LIST** end = &first;
    Found found = Found::work;
    uint64_t count = 0, bytes = 0;
    while (count < chain_) {
        NET_BUFFER_LIST* nbl = next(found);
        if (!nbl) break;
        *end = nbl;
        end = &NET_BUFFER_LIST_NEXT_NBL(nbl);
        bytes += NET_BUFFER_DATA_LENGTH(NET_BUFFER_LIST_FIRST_NB(nbl));
        ++count;
    }
    if (count == 0) return found;
    slab_.stamp(first, engine::the().now());
    if (!binding_->send(first, count, bytes, NDIS_SEND_FLAGS_DISPATCH_LEVEL)) slab_.give_back(first);
    return Found::work;
}

NET_BUFFER_LIST* TapEndpoint::next(Found& found) {
    NET_BUFFER_LIST* nbl = slab_.take();
    if (!nbl) {
        found = Found::blocked;
        return nullptr;
    }
    NET_BUFFER_LIST_NEXT_NBL(nbl) = nullptr;
    uint8_t* buffer = slab_.buffer_of(nbl);
    for (;;) {
        const iovec into{buffer, slab_.buffer_size()};
        wire::Offload offload;
        const ssize_t size = tap_->device.read({&into, 1}, offload);
        if (size == 0) break;
        if (size < 0) {
            binding_->counters().drop(size == -EMSGSIZE ? edge::Drop::too_long : edge::Drop::io_error);
            if (size == -EMSGSIZE) continue;
            break;
        }
        edge::FrameSlab::set_data(nbl, 0, static_cast<uint32_t>(size));
        if (edge::describe_send(nbl, {buffer, static_cast<size_t>(size)}, offload)) return nbl;
        binding_->counters().drop(edge::Drop::bad_offload);
    }
    slab_.give_back(nbl);
    found = Found::nothing;
    return nullptr;
}

void TapEndpoint::sent(NET_BUFFER_LIST* chain) {
    const engine::Time now = engine::the().now();
    for (NET_BUFFER_LIST* nbl = chain; nbl; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl))
        if (const engine::Time stamped = slab_.take_stamp(nbl))
            binding_->counters().add_latency(static_cast<uint64_t>(now - stamped));
    slab_.give_back(chain);
    poll_.resume();
}

void TapEndpoint::receive(const NET_BUFFER_LIST* nbl, const NET_BUFFER* nb) {
    edge::Counters& counters = binding_->counters();
    edge::Outbound out;
    if (!edge::outbound_of_receive(nbl, nb, out)) return counters.drop(edge::Drop::too_many_parts);
    if (const int error = tap_->device.write(out.pieces(), out.offload))
        counters.drop(error == -EAGAIN ? edge::Drop::kernel_full : edge::Drop::io_error);
}

}  // namespace

std::unique_ptr<Endpoint> make_tap_endpoint() { return std::make_unique<TapEndpoint>(); }

}  // namespace ndiskit::transport
