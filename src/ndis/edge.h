// An edge: the boundary between the library and one driver in one direction (a binding's sends, a filter module's
// receives ...). It counts the NBLs that have crossed and come back, and tells when none is out any more.
//
// Counters stand in lanes, one a processor and one shared. Code at DISPATCH_LEVEL owns its processor and counts
// in that lane with plain stores; code below uses the shared lane with atomic additions. Nothing on the data path
// takes a lock, and nothing is written that another processor writes, at DISPATCH_LEVEL.
//
// The control plane learns what the lanes say in two steps: it closes a gate (a plain flag that senders read),
// then lets a grace period pass (grace.h), after which every sender has seen the flag and every earlier count is
// visible. From then on `started` stands still and outstanding() only falls.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

#include "ndis/abi.h"
#include "nt/ke/irql.h"
#include "nt/ke/pcr_x64.h"

namespace ndiskit::ndis {

enum class DropReason : uint8_t {
    none,
    binding_paused,    // sent or indicated while the binding does not run
    adapter_paused,    // indicated while the adapter does not run
    low_power,         // sent while the adapter is not in D0
    no_packet_filter,  // indicated, but no binding has set a packet filter
    filtered_out,      // indicated, but no binding's packet filter takes it
    no_handler,        // there is no driver to take it
    send_failed,       // came back with an error status
    port_inactive,     // sent or indicated on a port that is not active
    count,
};
constexpr size_t drop_reasons = static_cast<size_t>(DropReason::count);
const char* drop_reason_name(DropReason reason);

// What one pass over a chain of NBLs finds.
struct ChainCount {
    uint32_t nbls = 0;
    uint32_t packets = 0;
    uint64_t bytes = 0;
};
ChainCount measure(PNET_BUFFER_LIST chain);
inline uint32_t count_nbls(PNET_BUFFER_LIST chain) {
    uint32_t nbls = 0;
    for (; chain != nullptr; chain = chain->Next)
        nbls++;
    return nbls;
}

struct EdgeTotals {
    uint64_t started = 0;   // NBLs that went out
    uint64_t finished = 0;  // NBLs that came back
    uint64_t packets = 0;
    uint64_t bytes = 0;
    std::array<uint64_t, drop_reasons> drops{};  // NBLs

    EdgeTotals& operator+=(const EdgeTotals& other);
    uint64_t dropped() const;
};

class Edge {
  public:
    Edge();
    ~Edge();
    Edge(const Edge&) = delete;
    Edge& operator=(const Edge&) = delete;

    void start(const ChainCount& chain) {
        if (Lane* lane = own_lane()) {
            add(lane->started, chain.nbls);
            add(lane->packets, chain.packets);
            add(lane->bytes, chain.bytes);
        } else {
            start_shared(chain);
        }
    }
    void finish(uint32_t nbls) {
        if (Lane* lane = own_lane())
            add(lane->finished, nbls);
        else
            finish_shared(nbls);
        if (draining_.load(std::memory_order_seq_cst)) [[unlikely]]
            signal_drained();
    }
    void drop(DropReason reason, uint32_t nbls) {
        drops_[static_cast<size_t>(reason)].fetch_add(nbls, std::memory_order_relaxed);
    }

    // Exact once the gate in front of this edge is closed and a grace period has passed; else an upper bound at
    // some moment.
    uint64_t outstanding() const;
    // Waits at PASSIVE_LEVEL until outstanding() is 0. The gate is closed.
    void drain();

    EdgeTotals totals() const;

  private:
    struct alignas(64) Lane {
        std::atomic<uint64_t> started = 0;
        std::atomic<uint64_t> finished = 0;
        std::atomic<uint64_t> packets = 0;
        std::atomic<uint64_t> bytes = 0;
    };

    Lane* own_lane() {
        if (nt::current_irql() < DISPATCH_LEVEL) [[unlikely]]
            return nullptr;
        return &lanes_[nt::ke::gs_read<uint32_t, nt::ke::pcr_number>()];
    }
    static void add(std::atomic<uint64_t>& counter, uint64_t amount) {
        counter.store(counter.load(std::memory_order_relaxed) + amount, std::memory_order_relaxed);
    }
    void start_shared(const ChainCount& chain);
    void finish_shared(uint32_t nbls);
    void signal_drained();

    const uint32_t processors_;
    std::unique_ptr<Lane[]> lanes_;  // one a processor, then the shared one
    std::atomic<bool> draining_ = false;
    KEVENT drained_;
    std::array<std::atomic<uint64_t>, drop_reasons> drops_{};
};

}  // namespace ndiskit::ndis
