// What an edge of the machine counts: every frame that came or went, and every frame that did not, by reason.
// Nothing is dropped without a counter. Written per chain, or per drop; read at any time.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <string_view>

namespace ndiskit::edge {

enum class Drop : uint8_t {
    filtered,        // not wanted by the packet filter
    no_buffer,       // no receive buffer was free
    kernel_full,     // the host's queue was full
    too_long,        // longer than the MTU, and not to be segmented
    bad_offload,     // the offload information contradicts the frame
    too_many_parts,  // in more pieces than one system call takes
    not_running,     // the adapter or the binding was paused, or had no link
    io_error,        // the host refused it for another reason
    count
};

constexpr std::array<std::string_view, static_cast<size_t>(Drop::count)> drop_names = {
    "filtered",    "no_buffer",      "kernel_full", "too_long",
    "bad_offload", "too_many_parts", "not_running", "io_error"};

struct Flow {
    std::atomic<uint64_t> nbls = 0;
    std::atomic<uint64_t> frames = 0;
    std::atomic<uint64_t> bytes = 0;

    void add(uint64_t more_nbls, uint64_t more_frames, uint64_t more_bytes) {
        nbls.fetch_add(more_nbls, std::memory_order_relaxed);
        frames.fetch_add(more_frames, std::memory_order_relaxed);
        bytes.fetch_add(more_bytes, std::memory_order_relaxed);
    }
};

struct Counters {
    Flow up;    // towards protocols
    Flow down;  // towards the wire
    std::array<std::atomic<uint64_t>, static_cast<size_t>(Drop::count)> drops{};
    std::atomic<uint64_t> checksums_completed = 0;
    std::atomic<uint64_t> frames_segmented = 0;
    // Time from a frame's entry into the machine to its exit at this edge, over the frames that were timed.
    std::atomic<uint64_t> latency_samples = 0;
    std::atomic<uint64_t> latency_ns = 0;

    void drop(Drop reason, uint64_t frames = 1) {
        drops[static_cast<size_t>(reason)].fetch_add(frames, std::memory_order_relaxed);
    }
    uint64_t dropped(Drop reason) const {
        return drops[static_cast<size_t>(reason)].load(std::memory_order_relaxed);
    }
    // All but what the packet filter did not want.
    uint64_t dropped() const {
        uint64_t total = 0;
        for (size_t i = 1; i < drops.size(); ++i) total += drops[i].load(std::memory_order_relaxed);
        return total;
    }
    void add_latency(uint64_t nanoseconds) {
        latency_samples.fetch_add(1, std::memory_order_relaxed);
        latency_ns.fetch_add(nanoseconds, std::memory_order_relaxed);
    }
};

}  // namespace ndiskit::edge
