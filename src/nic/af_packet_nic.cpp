// The NIC over an interface of the host, through a packet socket: frames are indicated in the ring slots
// where the kernel put them, and slots go back to the kernel when the frames are returned.

#include "nic/kinds.h"

#include <array>
#include <optional>

#include "base/guarded.h"
#include "base/log.h"
#include "edge/frame_slab.h"
#include "edge/poll_thread.h"
#include "nic/intake.h"
#include "nic/receive_batch.h"
#include "nic/transmit_batch.h"
#include "wire/packet_socket.h"

namespace ndiskit::nic {
namespace {

// Each frame that is cut makes up to 45.
constexpr uint32_t copy_buffers = 4096;
constexpr uint32_t whole_frame_slot = 69632;
constexpr uint32_t page = 4096;

class AfPacketNic final : public Nic {
  public:
    Result<Facts> open(const Configuration& configuration, Adapter& adapter) override;
    void close() override;
    void start() override {
        const bool started = poll_.start(socket_->descriptor(), [this] { return receive(); });
        ASSERT_THAT(started, "cannot start the polling thread of {}", adapter_->name());
    }
    void stop() override { poll_.stop(); }
    void send(NET_BUFFER_LIST* chain, ULONG send_flags) override;
    void returned(NET_BUFFER_LIST* chain) override;

  private:
    edge::PollThread::Found receive();
    void take(wire::PacketSocket::Received& frame, ReceiveBatch& batch);
    void update_kernel_drops();
    bool in_ring(const NET_BUFFER_LIST* nbl) const;
    void stamp(const NET_BUFFER_LIST* nbl);

    Adapter* adapter_ = nullptr;
    Facts facts_;
    std::optional<wire::PacketSocket> socket_;
    edge::FrameSlab slots_{edge::Side::miniport};   // over the ring of the kernel
    edge::FrameSlab copies_{edge::Side::miniport};  // for what segmentation makes
    std::optional<Intake> intake_;
    wire::PacketSocket::Counters seen_;
    edge::PollThread poll_;
    Guarded<TransmitBatch, LockRank::nic> transmit_;
};

Result<Facts> AfPacketNic::open(const Configuration& configuration, Adapter& adapter) {
    adapter_ = &adapter;
    const wire::Interface host = TRY(wire::query_interface(configuration.interface));
    wire::PacketSocket::Options options;
    options.slots = configuration.buffers;
    options.slot_size = configuration.offload ? whole_frame_slot : (host.mtu + 256 + page - 1) / page * page;
    socket_.emplace(TRY(wire::PacketSocket::open(configuration.interface, options)));
    if (!slots_.create(adapter.handle(), socket_->slots(), options.slot_size, socket_->ring()) ||
        !copies_.create(adapter.handle(), copy_buffers, host.mtu + 64))
        return fail("no memory for the receive buffers", "interface '" + configuration.interface + "'");
    intake_.emplace(adapter, copies_);
    facts_.mac = host.mac;
    facts_.mtu = host.mtu;
    facts_.link_up = host.running;
    facts_.offload = configuration.offload;
    return facts_;
}

void AfPacketNic::close() {
    slots_.destroy();
    copies_.destroy();
    socket_.reset();
}

edge::PollThread::Found AfPacketNic::receive() {
    std::array<wire::PacketSocket::Received, 64> frames;
    const size_t count = socket_->receive(frames);
    ReceiveBatch batch(*adapter_);
    for (wire::PacketSocket::Received& frame : std::span(frames).first(count)) take(frame, batch);
    if (batch.count() > 0) stamp(batch.first());
    batch.indicate();
    if (count == 0) update_kernel_drops();
    return count > 0 ? edge::PollThread::Found::work : edge::PollThread::Found::nothing;
}

void AfPacketNic::take(wire::PacketSocket::Received& frame, ReceiveBatch& batch) {
    const std::span<uint8_t> bytes(frame.data, frame.size);
    if (!intake_->wanted(bytes)) return socket_->give_back(frame.slot);
    if (intake_->to_be_cut(frame.offload)) {
        intake_->cut(bytes, frame.offload, batch);
        return socket_->give_back(frame.slot);
    }
    NET_BUFFER_LIST* nbl = slots_.at(frame.slot);
    intake_->add(nbl, static_cast<uint32_t>(frame.data - slots_.buffer_of(nbl)), bytes, frame.offload, batch);
}

bool AfPacketNic::in_ring(const NET_BUFFER_LIST* nbl) const {
    const uint8_t* buffer = slots_.buffer_of(nbl);
    const auto ring = socket_->ring();
    return buffer >= ring.data() && buffer < ring.data() + ring.size();
}

// One frame a batch is timed.
void AfPacketNic::stamp(const NET_BUFFER_LIST* nbl) {
    if (in_ring(nbl)) slots_.stamp(nbl, engine::the().now());
}

void AfPacketNic::returned(NET_BUFFER_LIST* chain) {
    NET_BUFFER_LIST* copies = nullptr;
    while (chain) {
        NET_BUFFER_LIST* next = NET_BUFFER_LIST_NEXT_NBL(chain);
        if (in_ring(chain)) {
            if (const engine::Time stamped = slots_.take_stamp(chain))
                adapter_->counters().add_latency(static_cast<uint64_t>(engine::the().now() - stamped));
            socket_->give_back(slots_.index_of(chain));
        } else {
            NET_BUFFER_LIST_NEXT_NBL(chain) = copies;
            copies = chain;
        }
        chain = next;
    }
    if (copies) copies_.give_back(copies);
}

void AfPacketNic::send(NET_BUFFER_LIST* chain, ULONG send_flags) {
    transmit_.with([&](TransmitBatch& batch) { batch.send(*socket_, chain, facts_, adapter_->counters()); });
    adapter_->complete_send(chain, send_flags);
}

void AfPacketNic::update_kernel_drops() {
    const wire::PacketSocket::Counters now = socket_->counters();
    edge::Counters& counters = adapter_->counters();
    counters.drop(edge::Drop::kernel_full, now.dropped_by_kernel - seen_.dropped_by_kernel);
    counters.drop(edge::Drop::too_long, now.too_long - seen_.too_long);
    counters.drop(edge::Drop::bad_offload, now.bad_offload - seen_.bad_offload);
    seen_ = now;
}

}  // namespace

std::unique_ptr<Nic> make_af_packet_nic() { return std::make_unique<AfPacketNic>(); }

}  // namespace ndiskit::nic
