// Reader/writer spin locks (EX_SPIN_LOCK): bit 31 is the writer, bit 30 a writer that waits and keeps new
// readers out, the rest counts readers.
#include "nt/bugcheck.h"
#include "nt/ke/irql.h"
#include "nt/ke/machine.h"

#include "engine/engine.h"

using namespace ndiskit::nt;

namespace {

constexpr uint32_t spin_lock_not_owned = 0x10;
constexpr uint32_t writer = 0x8000'0000;
constexpr uint32_t writer_waits = 0x4000'0000;

uint32_t* word_of(PEX_SPIN_LOCK lock) { return reinterpret_cast<uint32_t*>(const_cast<LONG*>(lock)); }

bool swap(uint32_t* word, uint32_t expected, uint32_t desired) {
    return __atomic_compare_exchange_n(word, &expected, desired, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED);
}

void switch_point() {
    if (ke::deterministic) ndiskit::engine::the().switch_point(ndiskit::engine::SwitchPoint::spin_lock);
}

bool try_exclusive(uint32_t* word) {
    const uint32_t seen = __atomic_load_n(word, __ATOMIC_RELAXED);
    return (seen & ~writer_waits) == 0 && swap(word, seen, writer);
}

bool try_shared(uint32_t* word) {
    const uint32_t seen = __atomic_load_n(word, __ATOMIC_RELAXED);
    return (seen & (writer | writer_waits)) == 0 && swap(word, seen, seen + 1);
}

void acquire_exclusive(uint32_t* word) {
    switch_point();
    for (uint32_t round = 0; !try_exclusive(word); ++round) {
        const uint32_t seen = __atomic_load_n(word, __ATOMIC_RELAXED);
        if (seen != 0 && !(seen & writer_waits)) swap(word, seen, seen | writer_waits);
        ndiskit::engine::the().spin(round);
    }
}

void acquire_shared(uint32_t* word) {
    switch_point();
    for (uint32_t round = 0; !try_shared(word); ++round) ndiskit::engine::the().spin(round);
}

void release_exclusive(uint32_t* word) {
    const uint32_t before = __atomic_fetch_and(word, ~writer, __ATOMIC_RELEASE);
    if (!(before & writer))
        bug_check_because("a reader/writer spin lock is released as exclusive and is not held so",
                          spin_lock_not_owned, reinterpret_cast<uint64_t>(word));
}

void release_shared(uint32_t* word) {
    const uint32_t before = __atomic_fetch_sub(word, 1, __ATOMIC_RELEASE);
    if ((before & ~(writer | writer_waits)) == 0)
        bug_check_because("a reader/writer spin lock is released as shared and is not held so",
                          spin_lock_not_owned, reinterpret_cast<uint64_t>(word));
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exacquirespinlockexclusive
KIRQL NTAPI ExAcquireSpinLockExclusive(PEX_SPIN_LOCK SpinLock) {
    const KIRQL old = raise_irql_to_dispatch();
    acquire_exclusive(word_of(SpinLock));
    return old;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exacquirespinlockexclusiveatdpclevel
void NTAPI ExAcquireSpinLockExclusiveAtDpcLevel(PEX_SPIN_LOCK SpinLock) {
    acquire_exclusive(word_of(SpinLock));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exacquirespinlockshared
KIRQL NTAPI ExAcquireSpinLockShared(PEX_SPIN_LOCK SpinLock) {
    const KIRQL old = raise_irql_to_dispatch();
    acquire_shared(word_of(SpinLock));
    return old;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exacquirespinlocksharedatdpclevel
void NTAPI ExAcquireSpinLockSharedAtDpcLevel(PEX_SPIN_LOCK SpinLock) { acquire_shared(word_of(SpinLock)); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exreleasespinlockexclusive
void NTAPI ExReleaseSpinLockExclusive(PEX_SPIN_LOCK SpinLock, KIRQL OldIrql) {
    release_exclusive(word_of(SpinLock));
    lower_irql(OldIrql);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exreleasespinlockexclusivefromdpclevel
void NTAPI ExReleaseSpinLockExclusiveFromDpcLevel(PEX_SPIN_LOCK SpinLock) {
    release_exclusive(word_of(SpinLock));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exreleasespinlockshared
void NTAPI ExReleaseSpinLockShared(PEX_SPIN_LOCK SpinLock, KIRQL OldIrql) {
    release_shared(word_of(SpinLock));
    lower_irql(OldIrql);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exreleasespinlocksharedfromdpclevel
void NTAPI ExReleaseSpinLockSharedFromDpcLevel(PEX_SPIN_LOCK SpinLock) { release_shared(word_of(SpinLock)); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-extryconvertsharedspinlockexclusive
LOGICAL NTAPI ExTryConvertSharedSpinLockExclusive(PEX_SPIN_LOCK SpinLock) {
    uint32_t* const word = word_of(SpinLock);
    const uint32_t seen = __atomic_load_n(word, __ATOMIC_RELAXED);
    return (seen & ~writer_waits) == 1 && swap(word, seen, writer);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-extryacquirespinlockexclusiveatdpclevel
LOGICAL NTAPI ExTryAcquireSpinLockExclusiveAtDpcLevel(PEX_SPIN_LOCK SpinLock) {
    switch_point();
    return try_exclusive(word_of(SpinLock));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-extryacquirespinlocksharedatdpclevel
LOGICAL NTAPI ExTryAcquireSpinLockSharedAtDpcLevel(PEX_SPIN_LOCK SpinLock) {
    switch_point();
    return try_shared(word_of(SpinLock));
}

}  // extern "C"
