#include "base/guarded.h"

#include <sched.h>

namespace ndiskit {
namespace {

// On the sim engine these are shared by tasks that TSan sees as threads of their own, and always empty when one
// goes over into another; TSan is not to look at them.
#define NDISKIT_NOT_FOR_TSAN __attribute__((no_sanitize("thread")))

constexpr int max_held = 16;
thread_local constinit LockRank held[max_held] = {};
thread_local constinit int held_count = 0;

}  // namespace

NDISKIT_NOT_FOR_TSAN void HeldRanks::push(LockRank rank) {
    if (held_count > 0)
        ASSERT_THAT(held[held_count - 1] < rank, "lock of rank {} is taken under rank {}", int(rank),
                    int(held[held_count - 1]));
    ASSERT_THAT(held_count < max_held);
    held[held_count++] = rank;
}

NDISKIT_NOT_FOR_TSAN void HeldRanks::pop(LockRank rank) {
    ASSERT_THAT(held_count > 0 && held[held_count - 1] == rank, "lock of rank {} is released out of order",
                int(rank));
    --held_count;
}

NDISKIT_NOT_FOR_TSAN bool HeldRanks::none() { return held_count == 0; }

void RankedSpinLock::lock_contended() {
    constexpr int spins_before_yield = 256;
    int spins = 0;
    do {
        while (held_.load(std::memory_order_relaxed)) {
            if (++spins % spins_before_yield == 0)
                sched_yield();
            else
                __builtin_ia32_pause();
        }
    } while (held_.exchange(true, std::memory_order_acquire));
}

}  // namespace ndiskit
