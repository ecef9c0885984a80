#include "wire/packet_socket.h"

#include <arpa/inet.h>
#include <linux/if_ether.h>
#include <linux/if_packet.h>
#include <sys/mman.h>
#include <sys/socket.h>

#include <array>
#include <atomic>
#include <cerrno>
#include <cstring>

namespace ndiskit::wire {
namespace {

// Slots a block of the ring. The kernel rounds a block up to a power of two pages, so a block of many slots
// wastes little.
constexpr unsigned slots_per_block = 15;

// Room before each frame: for a VLAN tag to be put back, and for a header that a driver may prepend.
constexpr unsigned headroom = 64;

template <class T>
bool set_option(int fd, int name, const T& value) {
    return ::setsockopt(fd, SOL_PACKET, name, &value, sizeof value) == 0;
}

std::atomic_ref<unsigned> status_of(uint8_t* slot) {
    return std::atomic_ref<unsigned>(reinterpret_cast<tpacket2_hdr*>(slot)->tp_status);
}

// Puts the tag back between the addresses and the ethertype, in the slot's headroom.
uint8_t* restore_vlan_tag(uint8_t* frame, const tpacket2_hdr& header) {
    constexpr size_t addresses = 2 * mac_address_size;
    uint8_t* start = frame - vlan_tag_size;
    std::memmove(start, frame, addresses);
    const bool has_type = (header.tp_status & TP_STATUS_VLAN_TPID_VALID) != 0;
    store_be16(start + addresses, has_type ? header.tp_vlan_tpid : ethertype_vlan);
    store_be16(start + addresses + 2, header.tp_vlan_tci);
    return start;
}

}  // namespace

struct PacketSocket::SendBatch {
    std::array<mmsghdr, max_batch> messages{};
    std::array<VirtioHeader, max_batch> headers{};
    std::array<std::array<iovec, max_buffers + 1>, max_batch> buffers;
};

PacketSocket::PacketSocket(Descriptor fd, Options options)
    : fd_(std::move(fd)), options_(options), batch_(std::make_unique<SendBatch>()) {}

PacketSocket::PacketSocket(PacketSocket&& other) noexcept
    : fd_(std::move(other.fd_)),
      options_(other.options_),
      ring_(std::exchange(other.ring_, nullptr)),
      ring_size_(std::exchange(other.ring_size_, 0)),
      next_(other.next_),
      counters_(other.counters_),
      batch_(std::move(other.batch_)) {}

PacketSocket::~PacketSocket() {
    if (ring_) ::munmap(ring_, ring_size_);
}

Result<PacketSocket> PacketSocket::open(const std::string& interface, Options options) {
    const Interface facts = TRY(query_interface(interface));
    const std::string where = "interface '" + interface + "'";
    // Protocol 0 until all is set, so that nothing is queued before the ring is there.
    Descriptor fd(::socket(AF_PACKET, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
    if (!fd)
        return fail_errno("cannot open a packet socket", where,
                          "it needs CAP_NET_RAW: run as root or under `unshare -Urn`");
    PacketSocket socket(std::move(fd), options);
    const int raw = socket.fd_.get();
    const int yes = 1;
    if (!set_option(raw, PACKET_VERSION, int{TPACKET_V2}) || !set_option(raw, PACKET_VNET_HDR, yes) ||
        !set_option(raw, PACKET_RESERVE, headroom) || !set_option(raw, PACKET_IGNORE_OUTGOING, yes) ||
        (options.bypass_qdisc && !set_option(raw, PACKET_QDISC_BYPASS, yes)))
        return fail_errno("cannot set up the packet socket", where);
    const unsigned blocks = (options.slots + slots_per_block - 1) / slots_per_block;
    socket.options_.slots = blocks * slots_per_block;
    tpacket_req ring{.tp_block_size = options.slot_size * slots_per_block,
                     .tp_block_nr = blocks,
                     .tp_frame_size = options.slot_size,
                     .tp_frame_nr = socket.options_.slots};
    if (!set_option(raw, PACKET_RX_RING, ring)) return fail_errno("cannot make the receive ring", where);
    socket.ring_size_ = size_t{options.slot_size} * socket.options_.slots;
    void* memory = ::mmap(nullptr, socket.ring_size_, PROT_READ | PROT_WRITE, MAP_SHARED, raw, 0);
    if (memory == MAP_FAILED) return fail_errno("cannot map the receive ring", where);
    socket.ring_ = static_cast<uint8_t*>(memory);

    packet_mreq membership{
        .mr_ifindex = facts.index, .mr_type = PACKET_MR_PROMISC, .mr_alen = 0, .mr_address = {}};
    if (options.promiscuous && !set_option(raw, PACKET_ADD_MEMBERSHIP, membership))
        return fail_errno("cannot make the interface promiscuous", where);
    sockaddr_ll address{};
    address.sll_family = AF_PACKET;
    address.sll_protocol = htons(ETH_P_ALL);
    address.sll_ifindex = facts.index;
    if (::bind(raw, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0)
        return fail_errno("cannot bind the packet socket", where);
    return socket;
}

bool PacketSocket::waiting() const {
    return (status_of(slot(next_)).load(std::memory_order_acquire) & TP_STATUS_USER) != 0;
}

size_t PacketSocket::receive(std::span<Received> frames) {
    size_t count = 0;
    while (count < frames.size() && waiting()) {
        const uint32_t index = next_;
        next_ = next_ + 1 == options_.slots ? 0 : next_ + 1;
        uint8_t* const start = slot(index);
        const auto& header = *reinterpret_cast<tpacket2_hdr*>(start);
        Received& frame = frames[count];
        frame.slot = index;
        frame.data = start + header.tp_mac;
        frame.size = header.tp_snaplen;
        VirtioHeader description;
        std::memcpy(&description, frame.data - sizeof description, sizeof description);
        const bool whole = header.tp_snaplen == header.tp_len;
        const bool good = whole && from_virtio(description, frame.size, frame.offload);
        if (!good) {
            ++(whole ? counters_.bad_offload : counters_.too_long);
            give_back(index);
            continue;
        }
        if (header.tp_status & TP_STATUS_VLAN_VALID) {
            frame.data = restore_vlan_tag(frame.data, header);
            frame.size += vlan_tag_size;
            if (frame.offload.needs_checksum) frame.offload.checksum_start += vlan_tag_size;
            if (frame.offload.gso != Gso::none) frame.offload.header_size += vlan_tag_size;
        }
        ++count;
    }
    return count;
}

void PacketSocket::give_back(uint32_t index) {
    status_of(slot(index)).store(TP_STATUS_KERNEL, std::memory_order_release);
}

size_t PacketSocket::send(std::span<const Outgoing> frames, int& error) {
    error = 0;
    size_t sent = 0;
    while (sent < frames.size()) {
        const size_t count = std::min(frames.size() - sent, max_batch);
        for (size_t i = 0; i < count; ++i) {
            const Outgoing& frame = frames[sent + i];
            batch_->headers[i] = to_virtio(frame.offload);
            auto& buffers = batch_->buffers[i];
            buffers[0] = {&batch_->headers[i], sizeof(VirtioHeader)};
            const uint32_t buffer_count = std::min<uint32_t>(frame.count, max_buffers);
            std::memcpy(&buffers[1], frame.first, buffer_count * sizeof(iovec));
            msghdr& message = batch_->messages[i].msg_hdr;
            message = {};
            message.msg_iov = buffers.data();
            message.msg_iovlen = buffer_count + 1;
        }
        const int taken =
            ::sendmmsg(fd_.get(), batch_->messages.data(), static_cast<unsigned>(count), MSG_DONTWAIT);
        if (taken <= 0) {
            error = errno;
            return sent;
        }
        sent += static_cast<size_t>(taken);
    }
    return sent;
}

PacketSocket::Counters PacketSocket::counters() {
    tpacket_stats statistics{};
    socklen_t size = sizeof statistics;
    // The kernel's counter restarts from 0 at each reading.
    if (::getsockopt(fd_.get(), SOL_PACKET, PACKET_STATISTICS, &statistics, &size) == 0)
        counters_.dropped_by_kernel += statistics.tp_drops;
    return counters_;
}

}  // namespace ndiskit::wire
