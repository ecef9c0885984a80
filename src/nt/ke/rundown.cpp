// Rundown protection. Count holds twice the number of references; its low bit says that rundown has begun,
// after which nobody gets a new reference.
#include "nt/bugcheck.h"
#include "nt/ke/api.h"
#include "nt/ke/irql.h"
#include "nt/ke/machine.h"
#include "nt/ke/wait_lot.h"
#include "nt/pool/pool.h"

// The processors' counters of Windows are one here; the structure is opaque to drivers.
struct _EX_RUNDOWN_REF_CACHE_AWARE {
    EX_RUNDOWN_REF reference;
};

using namespace ndiskit::nt;

namespace {

constexpr uint32_t reference_by_pointer = 0x18;
constexpr ULONG_PTR active = EX_RUNDOWN_ACTIVE;

bool acquire(EX_RUNDOWN_REF& reference, ULONG count) {
    if (ke::deterministic && current_irql() < DISPATCH_LEVEL)
        ndiskit::engine::the().switch_point(ndiskit::engine::SwitchPoint::wait);
    ULONG_PTR seen = __atomic_load_n(&reference.Count, __ATOMIC_RELAXED);
    while (!(seen & active)) {
        if (__atomic_compare_exchange_n(&reference.Count, &seen, seen + 2 * ULONG_PTR{count}, false,
                                        __ATOMIC_ACQUIRE, __ATOMIC_RELAXED))
            return true;
    }
    return false;
}

void release(EX_RUNDOWN_REF& reference, ULONG count) {
    const ULONG_PTR before = __atomic_fetch_sub(&reference.Count, 2 * ULONG_PTR{count}, __ATOMIC_ACQ_REL);
    if (before / 2 < count)
        bug_check_because("rundown protection is released more often than it was acquired",
                          reference_by_pointer, 0, reinterpret_cast<uint64_t>(&reference), before / 2);
    if (before - 2 * ULONG_PTR{count} == active) ke::wake_sleepers(&reference);
}

void wait_for_release(EX_RUNDOWN_REF& reference) {
    const ULONG_PTR before = __atomic_fetch_or(&reference.Count, active, __ATOMIC_ACQ_REL);
    if (before <= active) return;
    ke::wait_on_address("ExWaitForRundownProtectionRelease", &reference,
                        [&] { return __atomic_load_n(&reference.Count, __ATOMIC_ACQUIRE) == active; });
}

void set(EX_RUNDOWN_REF& reference, ULONG_PTR count) {
    __atomic_store_n(&reference.Count, count, __ATOMIC_RELEASE);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exinitializerundownprotection
void NTAPI ExInitializeRundownProtection(PEX_RUNDOWN_REF RunRef) { set(*RunRef, 0); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exreinitializerundownprotection
void NTAPI ExReInitializeRundownProtection(PEX_RUNDOWN_REF RunRef) { set(*RunRef, 0); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exacquirerundownprotection
BOOLEAN NTAPI ExAcquireRundownProtection(PEX_RUNDOWN_REF RunRef) { return acquire(*RunRef, 1); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exacquirerundownprotectionex
BOOLEAN NTAPI ExAcquireRundownProtectionEx(PEX_RUNDOWN_REF RunRef, ULONG Count) {
    return acquire(*RunRef, Count);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exreleaserundownprotection
void NTAPI ExReleaseRundownProtection(PEX_RUNDOWN_REF RunRef) { release(*RunRef, 1); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exreleaserundownprotectionex
void NTAPI ExReleaseRundownProtectionEx(PEX_RUNDOWN_REF RunRef, ULONG Count) { release(*RunRef, Count); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exwaitforrundownprotectionrelease
void NTAPI ExWaitForRundownProtectionRelease(PEX_RUNDOWN_REF RunRef) { wait_for_release(*RunRef); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exrundowncompleted
void NTAPI ExRundownCompleted(PEX_RUNDOWN_REF RunRef) { set(*RunRef, active); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exallocatecacheawarerundownprotection
PEX_RUNDOWN_REF_CACHE_AWARE NTAPI ExAllocateCacheAwareRundownProtection(POOL_TYPE PoolType, ULONG PoolTag) {
    const PoolKind kind = PoolType & 1 ? PoolKind::paged : PoolKind::nonpaged;
    return static_cast<PEX_RUNDOWN_REF_CACHE_AWARE>(pool_allocate_zeroed(
        kind, sizeof(_EX_RUNDOWN_REF_CACHE_AWARE), PoolTag, __builtin_return_address(0)));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exfreecacheawarerundownprotection
void NTAPI ExFreeCacheAwareRundownProtection(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware) {
    pool_free(RunRefCacheAware);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exsizeofrundownprotectioncacheaware
SIZE_T NTAPI ExSizeOfRundownProtectionCacheAware() { return sizeof(_EX_RUNDOWN_REF_CACHE_AWARE); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exinitializerundownprotectioncacheaware
void NTAPI ExInitializeRundownProtectionCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware,
                                                   SIZE_T RunRefSize) {
    set(RunRefCacheAware->reference, 0);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exinitializerundownprotectioncacheawareex
void NTAPI ExInitializeRundownProtectionCacheAwareEx(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware,
                                                     ULONG Flags) {
    set(RunRefCacheAware->reference, 0);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-excleanuprundownprotectioncacheaware
// The memory is the caller's; nothing is kept beside it.
void NTAPI ExCleanupRundownProtectionCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware) {}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exreinitializerundownprotectioncacheaware
void NTAPI ExReInitializeRundownProtectionCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware) {
    set(RunRefCacheAware->reference, 0);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exacquirerundownprotectioncacheaware
BOOLEAN NTAPI ExAcquireRundownProtectionCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware) {
    return acquire(RunRefCacheAware->reference, 1);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exacquirerundownprotectioncacheawareex
BOOLEAN NTAPI ExAcquireRundownProtectionCacheAwareEx(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware,
                                                     ULONG Count) {
    return acquire(RunRefCacheAware->reference, Count);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exreleaserundownprotectioncacheaware
void NTAPI ExReleaseRundownProtectionCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware) {
    release(RunRefCacheAware->reference, 1);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exreleaserundownprotectioncacheawareex
void NTAPI ExReleaseRundownProtectionCacheAwareEx(PEX_RUNDOWN_REF_CACHE_AWARE RunRef, ULONG Count) {
    release(RunRef->reference, Count);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exwaitforrundownprotectionreleasecacheaware
void NTAPI ExWaitForRundownProtectionReleaseCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRef) {
    wait_for_release(RunRef->reference);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exrundowncompletedcacheaware
void NTAPI ExRundownCompletedCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware) {
    set(RunRefCacheAware->reference, active);
}

}  // extern "C"
