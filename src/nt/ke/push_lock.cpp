// Push locks: a pointer-sized reader/writer lock for threads. Bit 0: held; bit 1: somebody may sleep on it;
// above bit 3: the number of readers. Drivers treat the word as opaque.
#include "nt/bugcheck.h"
#include "nt/ke/api.h"
#include "nt/ke/machine.h"
#include "nt/ke/wait_lot.h"

using namespace ndiskit::nt;

namespace {

constexpr uint32_t spin_lock_not_owned = 0x10;
constexpr ULONG_PTR held = 1;
constexpr ULONG_PTR contended = 2;
constexpr ULONG_PTR one_reader = 16;

bool swap(ULONG_PTR* lock, ULONG_PTR& seen, ULONG_PTR wanted) {
    return __atomic_compare_exchange_n(lock, &seen, wanted, false, __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

bool try_exclusive(ULONG_PTR* lock) {
    ULONG_PTR seen = __atomic_load_n(lock, __ATOMIC_ACQUIRE);
    while ((seen & ~contended) == 0)
        if (swap(lock, seen, seen | held)) return true;
    return false;
}

// New readers stay behind a thread that sleeps for the lock, except when they are woken with it (`barge`).
bool try_shared(ULONG_PTR* lock, bool barge) {
    ULONG_PTR seen = __atomic_load_n(lock, __ATOMIC_ACQUIRE);
    for (;;) {
        const bool by_writer = (seen & held) && seen < one_reader;
        if (by_writer || ((seen & contended) && !barge && (seen & held))) return false;
        if (swap(lock, seen, (seen + one_reader) | held)) return true;
    }
}

void switch_point() {
    if (ke::deterministic) ndiskit::engine::the().switch_point(ndiskit::engine::SwitchPoint::wait);
}

// Under the lot's lock: the bit says that a release must come to the lot.
template <class Try>
bool try_or_mark(ULONG_PTR* lock, Try try_take) {
    __atomic_fetch_or(lock, contended, __ATOMIC_ACQ_REL);
    return try_take();
}

void acquire_exclusive(ULONG_PTR* lock) {
    switch_point();
    if (try_exclusive(lock)) return;
    ke::wait_on_address("the acquisition of a push lock", lock,
                        [&] { return try_or_mark(lock, [&] { return try_exclusive(lock); }); });
}

void acquire_shared(ULONG_PTR* lock) {
    switch_point();
    if (try_shared(lock, false)) return;
    bool barge = false;
    ke::wait_on_address("the acquisition of a push lock", lock, [&] {
        const bool taken = try_or_mark(lock, [&] { return try_shared(lock, barge); });
        barge = true;
        return taken;
    });
}

void release(ULONG_PTR* lock) {
    ULONG_PTR seen = __atomic_load_n(lock, __ATOMIC_ACQUIRE);
    for (;;) {
        if (!(seen & held))
            bug_check_because("a push lock is released that nobody holds", spin_lock_not_owned,
                              reinterpret_cast<uint64_t>(lock));
        const ULONG_PTR readers = seen / one_reader;
        const ULONG_PTR wanted = readers > 1 ? seen - one_reader : 0;
        if (!swap(lock, seen, wanted)) continue;
        if (wanted == 0 && (seen & contended)) ke::wake_sleepers(lock);
        return;
    }
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exinitializepushlock
void NTAPI ExInitializePushLock(PULONG_PTR PushLock) { *PushLock = 0; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exacquirepushlockexclusive
void NTAPI ExAcquirePushLockExclusiveEx(PULONG_PTR PushLock, ULONG Flags) { acquire_exclusive(PushLock); }
void NTAPI ExfAcquirePushLockExclusive(PULONG_PTR PushLock) { acquire_exclusive(PushLock); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exacquirepushlockshared
void NTAPI ExAcquirePushLockSharedEx(PULONG_PTR PushLock, ULONG Flags) { acquire_shared(PushLock); }
void NTAPI ExfAcquirePushLockShared(PULONG_PTR PushLock) { acquire_shared(PushLock); }
BOOLEAN NTAPI ExfTryAcquirePushLockShared(PULONG_PTR PushLock) { return try_shared(PushLock, false); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exreleasepushlockexclusive
void NTAPI ExReleasePushLockExclusiveEx(PULONG_PTR PushLock, ULONG Flags) { release(PushLock); }
void NTAPI ExfReleasePushLockExclusive(PULONG_PTR PushLock) { release(PushLock); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exreleasepushlockshared
void NTAPI ExReleasePushLockSharedEx(PULONG_PTR PushLock, ULONG Flags) { release(PushLock); }
void NTAPI ExfReleasePushLockShared(PULONG_PTR PushLock) { release(PushLock); }
void NTAPI ExReleasePushLockEx(PULONG_PTR PushLock, ULONG Flags) { release(PushLock); }
void NTAPI ExfReleasePushLock(PULONG_PTR PushLock) { release(PushLock); }

// Inlined releases call it when they saw a waiter.
void NTAPI ExfTryToWakePushLock(PULONG_PTR PushLock) { ke::wake_sleepers(PushLock); }

}  // extern "C"
