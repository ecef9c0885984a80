#include "nt/ke/irql.h"

#include <fmt/core.h>

#include "engine/engine.h"
#include "nt/bugcheck.h"
#include "nt/ke/processor.h"
#include "nt/ke/thread.h"

namespace ndiskit::nt {
namespace {

using ke::gs_read;
using ke::gs_write;
using ke::Processor;
using ke::ThreadObject;

constexpr uint32_t irql_not_greater_or_equal = 0x9;
constexpr uint32_t irql_not_less_or_equal = 0xA;

[[gnu::always_inline]] inline void set_irql(KIRQL irql) { gs_write<KIRQL, ke::pcr_irql>(irql); }

// The home processor is busy. A thread below DISPATCH_LEVEL may be moved by the scheduler at any moment, so
// it goes to any free processor that its affinity allows, and sleeps when all are taken for long.
[[gnu::noinline]] void acquire_some_processor(ThreadObject* thread) {
    constexpr uint32_t spins_before_sleep = 64;
    engine::Engine& engine = engine::the();
    for (uint32_t round = 0;; ++round) {
        Processor& home = ke::current_processor();
        if (home.try_acquire(thread)) return;
        const KAFFINITY allowed = thread->affinity;
        for (uint32_t step = 1; step < ke::processor_count(); ++step) {
            const uint32_t number = (home.number() + step) % ke::processor_count();
            if (!(allowed >> number & 1) || !ke::processor(number).try_acquire(thread)) continue;
            ke::set_home(*thread, number);
            return;
        }
        if (round < spins_before_sleep && !engine.deterministic())
            engine.spin(round);
        else
            home.wait_until_free();
    }
}

[[gnu::always_inline]] inline void acquire_processor() {
    ThreadObject* const thread = gs_read<ThreadObject*, ke::pcr_current_thread>();
    if (!gs_read<Processor*, ke::pcr_home>()->try_acquire(thread)) [[unlikely]]
        acquire_some_processor(thread);
    set_irql(DISPATCH_LEVEL);
}

[[gnu::always_inline]] inline void release_processor(KIRQL irql) {
    ThreadObject* const thread = gs_read<ThreadObject*, ke::pcr_current_thread>();
    Processor* const home = gs_read<Processor*, ke::pcr_home>();
    set_irql(irql);
    if (!home->try_release(thread)) [[unlikely]] {
        set_irql(DISPATCH_LEVEL);
        home->release_slow(thread);
        set_irql(irql);
    }
    if (thread->attention.load(std::memory_order_relaxed)) [[unlikely]]
        ke::attend(*thread);
}

}  // namespace

KIRQL raise_irql_to_dispatch() {
    const KIRQL old = current_irql();
    if (old < DISPATCH_LEVEL) [[likely]]
        acquire_processor();
    else if (old > DISPATCH_LEVEL) [[unlikely]]
        bug_check_because("KeRaiseIrqlToDpcLevel was called above DISPATCH_LEVEL", irql_not_greater_or_equal,
                          old, DISPATCH_LEVEL);
    return old;
}

KIRQL raise_irql(KIRQL irql) {
    const KIRQL old = current_irql();
    if (irql < old) [[unlikely]]
        bug_check_because(fmt::format("KfRaiseIrql was asked to raise from IRQL {} to {}", old, irql),
                          irql_not_greater_or_equal, old, irql);
    write_irql(irql);
    return old;
}

void lower_irql(KIRQL irql) {
    const KIRQL old = current_irql();
    if (irql > old) [[unlikely]]
        bug_check_because(fmt::format("KeLowerIrql was asked to lower from IRQL {} to {}", old, irql),
                          irql_not_less_or_equal, old, irql);
    write_irql(irql);
}

void write_irql(KIRQL irql) {
    const KIRQL old = current_irql();
    if (old < DISPATCH_LEVEL && irql >= DISPATCH_LEVEL) {
        acquire_processor();
        set_irql(irql);
    } else if (old >= DISPATCH_LEVEL && irql < DISPATCH_LEVEL) {
        release_processor(irql);
    } else {
        set_irql(irql);
        if (irql >= old) return;
        if (irql >= DISPATCH_LEVEL) return ke::current_processor().deliver_interrupts();
        ThreadObject* const thread = gs_read<ThreadObject*, ke::pcr_current_thread>();
        if (thread->attention.load(std::memory_order_relaxed)) [[unlikely]]
            ke::attend(*thread);
    }
}

}  // namespace ndiskit::nt
