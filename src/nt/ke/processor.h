// Virtual processors. A thread at DISPATCH_LEVEL or above owns one, nobody else is at DISPATCH_LEVEL on it
// until the thread lowers: that makes per-processor data as safe as on Windows. Below DISPATCH_LEVEL a thread
// merely has a home, the processor it would raise on.
//
// `word_` holds the owner (a thread, or 0) and the attention bit. Raising is one compare-and-swap from 0,
// lowering is one back to 0. Whoever needs something of the processor (a DPC was queued, a thread sleeps
// until the processor is free) sets the attention bit, so that the owner's swap fails and it comes to
// release_slow, which drains the DPC queue on the owner's stack while it still owns the processor, and wakes
// a sleeper.
//
// Each processor has a DPC task (dpc.cpp), which runs what is queued when nobody owns the processor, and the
// timers that were set on it (timer.cpp).
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>

#include "base/guarded.h"
#include "engine/engine.h"
#include "nt/abi.h"
#include "nt/ke/interrupt_request.h"

namespace ndiskit::nt::ke {

struct ThreadObject;

// DPCs that wait for their processor, linked through DpcListEntry.
class DpcQueue {
  public:
    bool empty() const { return head_.Next == nullptr; }
    void push_back(KDPC& dpc);
    void push_front(KDPC& dpc);
    KDPC* pop();  // null when empty
    void remove(KDPC& dpc);

  private:
    SINGLE_LIST_ENTRY head_ = {};
    SINGLE_LIST_ENTRY* last_ = &head_;
};

class Processor {
  public:
    explicit Processor(uint32_t number) : number_(number) {}

    uint32_t number() const { return number_; }

    bool try_acquire(ThreadObject* thread) {
        uintptr_t expected = 0;
        if (word_.compare_exchange_strong(expected, reinterpret_cast<uintptr_t>(thread),
                                          std::memory_order_acquire))
            return true;
        return try_acquire_with_attention(thread, expected);
    }
    // False when attention is wanted: then release_slow.
    bool try_release(ThreadObject* thread) {
        uintptr_t expected = reinterpret_cast<uintptr_t>(thread);
        return word_.compare_exchange_strong(expected, 0, std::memory_order_release,
                                             std::memory_order_relaxed);
    }
    void release_slow(ThreadObject* thread);
    ThreadObject* owner() const {
        return reinterpret_cast<ThreadObject*>(word_.load(std::memory_order_relaxed) & ~attention);
    }

    // Sleeps until the processor may be free (the caller tries again).
    void wait_until_free();

    // Runs what is queued, on the calling thread, which owns the processor. A bounded number, so that a DPC
    // that queues itself for ever does not keep a thread that only wanted to lower; false when something is
    // left.
    bool drain_dpcs();
    bool has_dpcs();

    // Serves the interrupts that wait and are above the current IRQL. The calling thread owns the processor.
    void deliver_interrupts() {
        if (interrupts_pending.load(std::memory_order_acquire)) [[unlikely]]
            deliver_interrupts_slow();
    }

    // Sets the attention bit; true when nobody owns the processor.
    bool demand_attention() { return (word_.fetch_or(attention) & ~attention) == 0; }
    // Wakes the DPC task.
    void kick();

    // The DPC queues: the normal one, and the one of threaded DPCs.
    Guarded<DpcQueue, LockRank::nt_dpc> dpcs;
    Guarded<DpcQueue, LockRank::nt_dpc> threaded_dpcs;
    // Interrupts that wait, and whether there are any.
    Guarded<InterruptQueue, LockRank::nt_dpc> interrupts;
    std::atomic<bool> interrupts_pending = false;
    // Set by start() before the tasks run.
    engine::Task* dpc_task = nullptr;
    engine::Task* threaded_dpc_task = nullptr;

  private:
    static constexpr uintptr_t attention = 1;

    bool try_acquire_with_attention(ThreadObject* thread, uintptr_t seen);
    void deliver_interrupts_slow();

    alignas(64) std::atomic<uintptr_t> word_ = 0;
    const uint32_t number_;
    Guarded<std::deque<engine::Task*>, LockRank::nt_leaf> sleepers_;
};

// The machine's processors; the count is fixed between start and stop.
uint32_t processor_count();
Processor& processor(uint32_t number);
// The processor that the calling thread is on. Below DISPATCH_LEVEL it may have changed when this returns.
Processor& current_processor();
// Mask of all processors (all are in group 0).
KAFFINITY all_processors();

// start() and stop() alone call these.
void create_processors(uint32_t count);
void destroy_processors();

}  // namespace ndiskit::nt::ke
