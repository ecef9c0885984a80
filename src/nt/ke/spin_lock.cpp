#include "nt/ke/spin_lock.h"

#include <fmt/core.h>

#include "nt/bugcheck.h"

namespace ndiskit::nt::ke {
namespace {

constexpr uint32_t spin_lock_already_owned = 0xF;
constexpr uint32_t spin_lock_not_owned = 0x10;
constexpr uint32_t irql_not_less_or_equal = 0xA;

void check_at_dispatch(const char* what, const KSPIN_LOCK* lock) {
    const KIRQL irql = current_irql();
    if (irql >= DISPATCH_LEVEL) [[likely]]
        return;
    bug_check_because(fmt::format("{} was called at IRQL {}; it is for DISPATCH_LEVEL and above", what, irql),
                      irql_not_less_or_equal, reinterpret_cast<uint64_t>(lock), irql, 1,
                      reinterpret_cast<uint64_t>(__builtin_return_address(0)));
}

void check_at_most_dispatch(const char* what, const KSPIN_LOCK* lock) {
    const KIRQL irql = current_irql();
    if (irql <= DISPATCH_LEVEL) [[likely]]
        return;
    bug_check_because(fmt::format("{} was called at IRQL {}, above DISPATCH_LEVEL", what, irql),
                      irql_not_less_or_equal, reinterpret_cast<uint64_t>(lock), irql, 1,
                      reinterpret_cast<uint64_t>(__builtin_return_address(0)));
}

}  // namespace

void acquire_spin_lock_slow(KSPIN_LOCK& lock) {
    if (__atomic_load_n(&lock, __ATOMIC_RELAXED) == holder_mark())
        bug_check_because("a thread acquires a spin lock that it holds already", spin_lock_already_owned,
                          reinterpret_cast<uint64_t>(&lock));
    engine::Engine& engine = engine::the();
    for (uint32_t round = 0;; ++round) {
        if (__atomic_load_n(&lock, __ATOMIC_RELAXED) == 0 && try_acquire_spin_lock(lock)) return;
        engine.spin(round);
    }
}

void bad_spin_lock_release(KSPIN_LOCK& lock) {
    const bool free = __atomic_load_n(&lock, __ATOMIC_RELAXED) == 0;
    bug_check_because(free ? "a spin lock is released that nobody holds"
                           : "a spin lock is released by a thread that does not hold it",
                      spin_lock_not_owned, reinterpret_cast<uint64_t>(&lock));
}

}  // namespace ndiskit::nt::ke

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keinitializespinlock
void NTAPI KeInitializeSpinLock(PKSPIN_LOCK SpinLock) { __atomic_store_n(SpinLock, 0, __ATOMIC_RELEASE); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keacquirespinlockraisetodpc
KIRQL NTAPI KeAcquireSpinLockRaiseToDpc(PKSPIN_LOCK SpinLock) {
    ke::check_at_most_dispatch("KeAcquireSpinLock", SpinLock);
    const KIRQL old = raise_irql_to_dispatch();
    ke::acquire_spin_lock(*SpinLock);
    return old;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kereleasespinlock
void NTAPI KeReleaseSpinLock(PKSPIN_LOCK SpinLock, KIRQL NewIrql) {
    ke::check_at_dispatch("KeReleaseSpinLock", SpinLock);
    ke::release_spin_lock(*SpinLock);
    lower_irql(NewIrql);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keacquirespinlockatdpclevel
void NTAPI KeAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock) {
    ke::check_at_dispatch("KeAcquireSpinLockAtDpcLevel", SpinLock);
    ke::acquire_spin_lock(*SpinLock);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kereleasespinlockfromdpclevel
void NTAPI KeReleaseSpinLockFromDpcLevel(PKSPIN_LOCK SpinLock) {
    ke::check_at_dispatch("KeReleaseSpinLockFromDpcLevel", SpinLock);
    ke::release_spin_lock(*SpinLock);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keacquirespinlockfordpc
// In a threaded DPC, which may run below DISPATCH_LEVEL, this raises.
KIRQL NTAPI KeAcquireSpinLockForDpc(PKSPIN_LOCK SpinLock) { return KeAcquireSpinLockRaiseToDpc(SpinLock); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kereleasespinlockfordpc
void NTAPI KeReleaseSpinLockForDpc(PKSPIN_LOCK SpinLock, KIRQL OldIrql) {
    KeReleaseSpinLock(SpinLock, OldIrql);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ketrytoacquirespinlockatdpclevel
BOOLEAN NTAPI KeTryToAcquireSpinLockAtDpcLevel(PKSPIN_LOCK SpinLock) {
    ke::check_at_dispatch("KeTryToAcquireSpinLockAtDpcLevel", SpinLock);
    if (ke::deterministic) ndiskit::engine::the().switch_point(ndiskit::engine::SwitchPoint::spin_lock);
    return ke::try_acquire_spin_lock(*SpinLock);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ketestspinlock
BOOLEAN NTAPI KeTestSpinLock(PKSPIN_LOCK SpinLock) {
    return __atomic_load_n(SpinLock, __ATOMIC_ACQUIRE) == 0;
}

}  // extern "C"
