// Spin locks in drivers' memory. A held KSPIN_LOCK contains the thread that holds it, with bit 0 set, so that
// taking it twice and releasing what is not held are found. In-stack queued spin locks use the word as the
// tail of a queue of handles, whose bit 0 is clear; Windows does not allow to mix the two kinds on one lock
// either.
//
// The word is taken with acquire and left with release order, which is what race checkers go by.
#pragma once

#include "engine/engine.h"
#include "nt/abi.h"
#include "nt/ke/irql.h"
#include "nt/ke/machine.h"
#include "nt/ke/thread.h"

namespace ndiskit::nt::ke {

// At DISPATCH_LEVEL or above. Contended, or wrongly used.
void acquire_spin_lock_slow(KSPIN_LOCK& lock);
[[noreturn]] void bad_spin_lock_release(KSPIN_LOCK& lock);

[[gnu::always_inline]] inline KSPIN_LOCK holder_mark() {
    return reinterpret_cast<KSPIN_LOCK>(current_thread()) | 1;
}

[[gnu::always_inline]] inline bool try_acquire_spin_lock(KSPIN_LOCK& lock) {
    KSPIN_LOCK expected = 0;
    return __atomic_compare_exchange_n(&lock, &expected, holder_mark(), false, __ATOMIC_ACQUIRE,
                                       __ATOMIC_RELAXED);
}

[[gnu::always_inline]] inline void acquire_spin_lock(KSPIN_LOCK& lock) {
    if (deterministic) [[unlikely]]
        engine::the().switch_point(engine::SwitchPoint::spin_lock);
    if (!try_acquire_spin_lock(lock)) [[unlikely]]
        acquire_spin_lock_slow(lock);
}

[[gnu::always_inline]] inline void release_spin_lock(KSPIN_LOCK& lock) {
    if (__atomic_load_n(&lock, __ATOMIC_RELAXED) != holder_mark()) [[unlikely]]
        bad_spin_lock_release(lock);
    __atomic_store_n(&lock, 0, __ATOMIC_RELEASE);
}

}  // namespace ndiskit::nt::ke
