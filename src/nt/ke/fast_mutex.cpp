// Fast mutexes and guarded mutexes, which are one structure. Count is 1 when free and falls by one with each
// thread that wants the mutex; who releases while others want it passes it on through the event.
#include "nt/ke/api.h"
#include "nt/ke/dispatcher.h"
#include "nt/ke/irql.h"
#include "nt/ke/machine.h"

using namespace ndiskit::nt;

namespace {

constexpr LONG free_count = 1;

void acquire(FAST_MUTEX& mutex, const char* what) {
    ke::check_may_wait(what, &mutex);
    if (ke::deterministic) ndiskit::engine::the().switch_point(ndiskit::engine::SwitchPoint::wait);
    if (__atomic_sub_fetch(&mutex.Count, 1, __ATOMIC_ACQUIRE) != 0) {
        __atomic_add_fetch(&mutex.Contention, 1, __ATOMIC_RELAXED);
        ke::wait_for(&mutex.Event);
    }
    __atomic_store_n(&mutex.Owner, ke::current_thread(), __ATOMIC_RELAXED);
}

bool try_acquire(FAST_MUTEX& mutex) {
    LONG expected = free_count;
    if (!__atomic_compare_exchange_n(&mutex.Count, &expected, 0, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
        return false;
    __atomic_store_n(&mutex.Owner, ke::current_thread(), __ATOMIC_RELAXED);
    return true;
}

void release(FAST_MUTEX& mutex) {
    __atomic_store_n(&mutex.Owner, nullptr, __ATOMIC_RELAXED);
    if (__atomic_add_fetch(&mutex.Count, 1, __ATOMIC_RELEASE) <= 0) KeSetEvent(&mutex.Event, 1, FALSE);
}

void initialize(FAST_MUTEX& mutex) {
    mutex.Count = free_count;
    mutex.Owner = nullptr;
    mutex.Contention = 0;
    KeInitializeEvent(&mutex.Event, SynchronizationEvent, FALSE);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exinitializefastmutex
void NTAPI ExInitializeFastMutex(PFAST_MUTEX FastMutex) { initialize(*FastMutex); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exacquirefastmutex
// The owner runs at APC_LEVEL.
void NTAPI ExAcquireFastMutex(PFAST_MUTEX FastMutex) {
    ke::check_may_wait("ExAcquireFastMutex", FastMutex);
    const KIRQL old = raise_irql(APC_LEVEL);
    acquire(*FastMutex, "ExAcquireFastMutex");
    FastMutex->OldIrql = old;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-extrytoacquirefastmutex
BOOLEAN NTAPI ExTryToAcquireFastMutex(PFAST_MUTEX FastMutex) {
    const KIRQL old = raise_irql(APC_LEVEL);
    if (!try_acquire(*FastMutex)) {
        lower_irql(old);
        return FALSE;
    }
    FastMutex->OldIrql = old;
    return TRUE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exreleasefastmutex
void NTAPI ExReleaseFastMutex(PFAST_MUTEX FastMutex) {
    const KIRQL old = static_cast<KIRQL>(FastMutex->OldIrql);
    release(*FastMutex);
    lower_irql(old);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exacquirefastmutexunsafe
void NTAPI ExAcquireFastMutexUnsafe(PFAST_MUTEX FastMutex) {
    acquire(*FastMutex, "ExAcquireFastMutexUnsafe");
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exreleasefastmutexunsafe
void NTAPI ExReleaseFastMutexUnsafe(PFAST_MUTEX FastMutex) { release(*FastMutex); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exacquirefastmutexunsafe
void NTAPI ExEnterCriticalRegionAndAcquireFastMutexUnsafe(PFAST_MUTEX FastMutex) {
    KeEnterCriticalRegion();
    acquire(*FastMutex, "ExEnterCriticalRegionAndAcquireFastMutexUnsafe");
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exreleasefastmutexunsafe
void NTAPI ExReleaseFastMutexUnsafeAndLeaveCriticalRegion(PFAST_MUTEX FastMutex) {
    release(*FastMutex);
    KeLeaveCriticalRegion();
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keinitializeguardedmutex
void NTAPI KeInitializeGuardedMutex(PKGUARDED_MUTEX GuardedMutex) { initialize(*GuardedMutex); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keacquireguardedmutex
// The owner stays at its IRQL, inside a guarded region.
void NTAPI KeAcquireGuardedMutex(PKGUARDED_MUTEX GuardedMutex) {
    KeEnterGuardedRegion();
    acquire(*GuardedMutex, "KeAcquireGuardedMutex");
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ketrytoacquireguardedmutex
BOOLEAN NTAPI KeTryToAcquireGuardedMutex(PKGUARDED_MUTEX GuardedMutex) {
    KeEnterGuardedRegion();
    if (try_acquire(*GuardedMutex)) return TRUE;
    KeLeaveGuardedRegion();
    return FALSE;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kereleaseguardedmutex
void NTAPI KeReleaseGuardedMutex(PKGUARDED_MUTEX GuardedMutex) {
    release(*GuardedMutex);
    KeLeaveGuardedRegion();
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keacquireguardedmutexunsafe
void NTAPI KeAcquireGuardedMutexUnsafe(PKGUARDED_MUTEX GuardedMutex) {
    acquire(*GuardedMutex, "KeAcquireGuardedMutexUnsafe");
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kereleaseguardedmutexunsafe
void NTAPI KeReleaseGuardedMutexUnsafe(PKGUARDED_MUTEX GuardedMutex) { release(*GuardedMutex); }

}  // extern "C"
