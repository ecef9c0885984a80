// In-stack queued spin locks: the lock word is the tail of a queue of handles, each of which spins on its own
// memory; processors get the lock in the order in which they asked. The low bit of a handle's Lock pointer
// says that it waits still.
#include "nt/bugcheck.h"
#include "nt/ke/irql.h"
#include "nt/ke/spin_lock.h"

using namespace ndiskit::nt;

namespace {

constexpr uint32_t spin_lock_not_owned = 0x10;
constexpr uintptr_t waits = 1;

uintptr_t* state_of(KSPIN_LOCK_QUEUE& entry) {
    return reinterpret_cast<uintptr_t*>(const_cast<PKSPIN_LOCK*>(&entry.Lock));
}
KSPIN_LOCK_QUEUE** next_of(KSPIN_LOCK_QUEUE& entry) { return const_cast<KSPIN_LOCK_QUEUE**>(&entry.Next); }

void acquire(KSPIN_LOCK* lock, KSPIN_LOCK_QUEUE& entry) {
    ndiskit::engine::Engine& engine = ndiskit::engine::the();
    if (ke::deterministic) engine.switch_point(ndiskit::engine::SwitchPoint::spin_lock);
    __atomic_store_n(next_of(entry), nullptr, __ATOMIC_RELAXED);
    __atomic_store_n(state_of(entry), reinterpret_cast<uintptr_t>(lock) | waits, __ATOMIC_RELAXED);
    const KSPIN_LOCK before =
        __atomic_exchange_n(lock, reinterpret_cast<KSPIN_LOCK>(&entry), __ATOMIC_ACQ_REL);
    if (before & 1)
        bug_check_because("a spin lock is used both as an ordinary and as a queued one", spin_lock_not_owned,
                          reinterpret_cast<uint64_t>(lock));
    if (before == 0) {
        __atomic_store_n(state_of(entry), reinterpret_cast<uintptr_t>(lock), __ATOMIC_RELAXED);
        return;
    }
    __atomic_store_n(next_of(*reinterpret_cast<KSPIN_LOCK_QUEUE*>(before)), &entry, __ATOMIC_RELEASE);
    for (uint32_t round = 0; __atomic_load_n(state_of(entry), __ATOMIC_ACQUIRE) & waits; ++round)
        engine.spin(round);
}

void release(KSPIN_LOCK_QUEUE& entry) {
    const uintptr_t state = __atomic_load_n(state_of(entry), __ATOMIC_RELAXED);
    auto* const lock = reinterpret_cast<KSPIN_LOCK*>(state);
    if (state == 0 || state & waits)
        bug_check_because("a queued spin lock is released through a handle that does not hold it",
                          spin_lock_not_owned, reinterpret_cast<uint64_t>(&entry));
    __atomic_store_n(state_of(entry), 0, __ATOMIC_RELAXED);
    KSPIN_LOCK_QUEUE* next = __atomic_load_n(next_of(entry), __ATOMIC_ACQUIRE);
    if (!next) {
        auto expected = reinterpret_cast<KSPIN_LOCK>(&entry);
        if (__atomic_compare_exchange_n(lock, &expected, 0, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED))
            return;
        // The next one is in the queue already and is about to link itself.
        for (uint32_t round = 0; !(next = __atomic_load_n(next_of(entry), __ATOMIC_ACQUIRE)); ++round)
            ndiskit::engine::the().spin(round);
    }
    __atomic_store_n(state_of(*next), reinterpret_cast<uintptr_t>(lock), __ATOMIC_RELEASE);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keacquireinstackqueuedspinlock
void NTAPI KeAcquireInStackQueuedSpinLock(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle) {
    LockHandle->OldIrql = raise_irql_to_dispatch();
    acquire(SpinLock, LockHandle->LockQueue);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kereleaseinstackqueuedspinlock
void NTAPI KeReleaseInStackQueuedSpinLock(PKLOCK_QUEUE_HANDLE LockHandle) {
    const KIRQL old = LockHandle->OldIrql;
    release(LockHandle->LockQueue);
    lower_irql(old);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keacquireinstackqueuedspinlockatdpclevel
void NTAPI KeAcquireInStackQueuedSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle) {
    LockHandle->OldIrql = current_irql();
    acquire(SpinLock, LockHandle->LockQueue);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kereleaseinstackqueuedspinlockfromdpclevel
void NTAPI KeReleaseInStackQueuedSpinLockFromDpcLevel(PKLOCK_QUEUE_HANDLE LockHandle) {
    release(LockHandle->LockQueue);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keacquireinstackqueuedspinlockfordpc
void NTAPI KeAcquireInStackQueuedSpinLockForDpc(PKSPIN_LOCK SpinLock, PKLOCK_QUEUE_HANDLE LockHandle) {
    KeAcquireInStackQueuedSpinLock(SpinLock, LockHandle);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kereleaseinstackqueuedspinlockfordpc
void NTAPI KeReleaseInStackQueuedSpinLockForDpc(PKLOCK_QUEUE_HANDLE LockHandle) {
    KeReleaseInStackQueuedSpinLock(LockHandle);
}

}  // extern "C"
