// The slow half of edges: summing lanes, waiting for what is out.
#include "ndis/edge.h"

#include "ndis/grace.h"
#include "nt/ke/processor.h"

namespace ndiskit::ndis {

const char* drop_reason_name(DropReason reason) {
    switch (reason) {
    case DropReason::none: return "none";
    case DropReason::binding_paused: return "binding paused";
    case DropReason::adapter_paused: return "adapter paused";
    case DropReason::low_power: return "low power";
    case DropReason::no_packet_filter: return "no packet filter";
    case DropReason::filtered_out: return "filtered out";
    case DropReason::no_handler: return "no handler";
    case DropReason::send_failed: return "send failed";
    case DropReason::port_inactive: return "port not active";
    case DropReason::count: break;
    }
    UNREACHABLE("drop reason {}", static_cast<int>(reason));
}

ChainCount measure(PNET_BUFFER_LIST chain) {
    ChainCount count;
    for (; chain != nullptr; chain = chain->Next) {
        count.nbls++;
        for (const NET_BUFFER* nb = chain->FirstNetBuffer; nb != nullptr; nb = nb->Next) {
            count.packets++;
            count.bytes += nb->DataLength;
        }
    }
    return count;
}

EdgeTotals& EdgeTotals::operator+=(const EdgeTotals& other) {
    started += other.started;
    finished += other.finished;
    packets += other.packets;
    bytes += other.bytes;
    for (size_t i = 0; i < drop_reasons; i++)
        drops[i] += other.drops[i];
    return *this;
}

uint64_t EdgeTotals::dropped() const {
    uint64_t sum = 0;
    for (uint64_t n : drops)
        sum += n;
    return sum;
}

Edge::Edge() : processors_(nt::ke::processor_count()), lanes_(std::make_unique<Lane[]>(processors_ + 1)) {
    KeInitializeEvent(&drained_, SynchronizationEvent, false);
}

Edge::~Edge() = default;

void Edge::start_shared(const ChainCount& chain) {
    Lane& lane = lanes_[processors_];
    lane.started.fetch_add(chain.nbls, std::memory_order_seq_cst);
    lane.packets.fetch_add(chain.packets, std::memory_order_relaxed);
    lane.bytes.fetch_add(chain.bytes, std::memory_order_relaxed);
}

void Edge::finish_shared(uint32_t nbls) { lanes_[processors_].finished.fetch_add(nbls, std::memory_order_seq_cst); }

void Edge::signal_drained() { KeSetEvent(&drained_, 0, false); }

uint64_t Edge::outstanding() const {
    // Finished first: what ends between the two sums then counts as out, never the other way round.
    uint64_t finished = 0;
    for (uint32_t i = 0; i <= processors_; i++)
        finished += lanes_[i].finished.load(std::memory_order_acquire);
    uint64_t started = 0;
    for (uint32_t i = 0; i <= processors_; i++)
        started += lanes_[i].started.load(std::memory_order_acquire);
    return started - finished;
}

void Edge::drain() {
    draining_.store(true, std::memory_order_seq_cst);
    grace_period();
    while (outstanding() != 0)
        KeWaitForSingleObject(&drained_, Executive, KernelMode, false, nullptr);
    draining_.store(false, std::memory_order_seq_cst);
}

EdgeTotals Edge::totals() const {
    EdgeTotals totals;
    for (uint32_t i = 0; i <= processors_; i++) {
        totals.started += lanes_[i].started.load(std::memory_order_relaxed);
        totals.finished += lanes_[i].finished.load(std::memory_order_relaxed);
        totals.packets += lanes_[i].packets.load(std::memory_order_relaxed);
        totals.bytes += lanes_[i].bytes.load(std::memory_order_relaxed);
    }
    for (size_t i = 0; i < drop_reasons; i++)
        totals.drops[i] = drops_[i].load(std::memory_order_relaxed);
    return totals;
}

}  // namespace ndiskit::ndis
