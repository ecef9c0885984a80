#include "nt/ke/processor.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "nt/ke/pcr_x64.h"

namespace ndiskit::nt::ke {
namespace {

std::vector<std::unique_ptr<Processor>>& processors() {
    static std::vector<std::unique_ptr<Processor>> all;
    return all;
}

}  // namespace

uint32_t processor_count() { return static_cast<uint32_t>(processors().size()); }

Processor& processor(uint32_t number) {
    ASSERT_THAT(number < processors().size(), "there is no processor {}", number);
    return *processors()[number];
}

Processor& current_processor() { return *gs_read<Processor*, pcr_home>(); }

KAFFINITY all_processors() {
    const uint32_t count = processor_count();
    return count == 64 ? ~KAFFINITY{0} : (KAFFINITY{1} << count) - 1;
}

void create_processors(uint32_t count) {
    ASSERT_THAT(count >= 1 && count <= 64, "a machine has 1 to 64 processors, not {}", count);
    ASSERT_THAT(processors().empty());
    for (uint32_t number = 0; number < count; ++number)
        processors().push_back(std::make_unique<Processor>(number));
}

void destroy_processors() { processors().clear(); }

bool Processor::try_acquire_with_attention(ThreadObject* thread, uintptr_t seen) {
    while ((seen & ~attention) == 0) {
        const uintptr_t wanted = reinterpret_cast<uintptr_t>(thread) | (seen & attention);
        if (word_.compare_exchange_weak(seen, wanted, std::memory_order_acquire, std::memory_order_relaxed))
            return true;
    }
    return false;
}

void Processor::wait_until_free() {
    engine::Task* const me = &engine::the().current();
    sleepers_.with([&](auto& sleepers) {
        if (std::ranges::find(sleepers, me) == sleepers.end()) sleepers.push_back(me);
    });
    // The owner wakes sleepers only when it sees the bit; without an owner there is nothing to sleep for.
    if (!demand_attention()) engine::the().park(engine::never);
    sleepers_.with([&](auto& sleepers) { std::erase(sleepers, me); });
}

// A sleeper that is woken tries this processor before any other, so passing the wake-up to one of several is
// enough: it either acquires, and its release comes here again because the attention bit stays set, or
// somebody else owns the processor with the bit set.
void Processor::release_slow(ThreadObject* thread) {
    for (;;) {
        word_.fetch_and(~attention, std::memory_order_acquire);
        const bool drained = drain_dpcs();
        engine::Task* sleeper = nullptr;
        bool more = !drained;
        sleepers_.with([&](auto& sleepers) {
            if (sleepers.empty()) return;
            sleeper = sleepers.front();
            sleepers.pop_front();
            more |= !sleepers.empty();
        });
        bool released = true;
        if (more) {
            // Others can only set the bit, and it is to be set.
            word_.store(attention, std::memory_order_release);
        } else {
            uintptr_t expected = reinterpret_cast<uintptr_t>(thread);
            released = word_.compare_exchange_strong(expected, 0, std::memory_order_release,
                                                     std::memory_order_relaxed);
        }
        if (sleeper) engine::the().unpark(*sleeper);
        if (released) {
            // Who queued a DPC after the drain found an owner and left it to us.
            if (more && has_dpcs()) kick();
            return;
        }
    }
}

bool Processor::has_dpcs() {
    return interrupts_pending.load(std::memory_order_acquire) ||
           dpcs.with([](DpcQueue& queue) { return !queue.empty(); });
}

void Processor::kick() {
    if (dpc_task) engine::the().unpark(*dpc_task);
}

}  // namespace ndiskit::nt::ke
