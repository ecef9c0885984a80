// The rows of what drivers import to wait and to lock. The IRQL of each is the one of its documentation page.
#include "nt/ke/exports.h"

#include "nt/ke/api.h"

extern "C" NTSTATUS NTAPI ZwYieldExecution();

namespace ndiskit::nt::ke {
namespace {

template <class Function>
const void* at(Function& function) {
    return reinterpret_cast<const void*>(&function);
}

// A function that must not be called below an IRQL.
Export from_level(uint8_t min_irql, std::string_view name, const void* address, MaxIrql max_irql) {
    return {.name = name, .address = address, .max_irql = max_irql, .min_irql = min_irql};
}

Export raises(std::string_view name, const void* address, MaxIrql max_irql) {
    return {.name = name, .address = address, .max_irql = max_irql, .raises = true};
}

const Export lock_rows[] = {
    // spin_lock.cpp
    {"KeInitializeSpinLock", at(KeInitializeSpinLock)},
    {"KeAcquireSpinLockRaiseToDpc", at(KeAcquireSpinLockRaiseToDpc), MaxIrql::dispatch},
    from_level(2, "KeReleaseSpinLock", at(KeReleaseSpinLock), MaxIrql::dispatch),
    from_level(2, "KeAcquireSpinLockAtDpcLevel", at(KeAcquireSpinLockAtDpcLevel), MaxIrql::any),
    from_level(2, "KeReleaseSpinLockFromDpcLevel", at(KeReleaseSpinLockFromDpcLevel), MaxIrql::dispatch),
    {"KeAcquireSpinLockForDpc", at(KeAcquireSpinLockForDpc), MaxIrql::dispatch},
    {"KeReleaseSpinLockForDpc", at(KeReleaseSpinLockForDpc), MaxIrql::dispatch},
    from_level(2, "KeTryToAcquireSpinLockAtDpcLevel", at(KeTryToAcquireSpinLockAtDpcLevel),
               MaxIrql::dispatch),
    {"KeTestSpinLock", at(KeTestSpinLock)},
    // queued_spin_lock.cpp
    {"KeAcquireInStackQueuedSpinLock", at(KeAcquireInStackQueuedSpinLock), MaxIrql::dispatch},
    from_level(2, "KeReleaseInStackQueuedSpinLock", at(KeReleaseInStackQueuedSpinLock), MaxIrql::dispatch),
    from_level(2, "KeAcquireInStackQueuedSpinLockAtDpcLevel", at(KeAcquireInStackQueuedSpinLockAtDpcLevel),
               MaxIrql::any),
    from_level(2, "KeReleaseInStackQueuedSpinLockFromDpcLevel",
               at(KeReleaseInStackQueuedSpinLockFromDpcLevel), MaxIrql::any),
    {"KeAcquireInStackQueuedSpinLockForDpc", at(KeAcquireInStackQueuedSpinLockForDpc), MaxIrql::dispatch},
    {"KeReleaseInStackQueuedSpinLockForDpc", at(KeReleaseInStackQueuedSpinLockForDpc), MaxIrql::dispatch},
    // ex_spin_lock.cpp
    {"ExAcquireSpinLockExclusive", at(ExAcquireSpinLockExclusive), MaxIrql::dispatch},
    from_level(2, "ExAcquireSpinLockExclusiveAtDpcLevel", at(ExAcquireSpinLockExclusiveAtDpcLevel),
               MaxIrql::any),
    {"ExAcquireSpinLockShared", at(ExAcquireSpinLockShared), MaxIrql::dispatch},
    from_level(2, "ExAcquireSpinLockSharedAtDpcLevel", at(ExAcquireSpinLockSharedAtDpcLevel), MaxIrql::any),
    from_level(2, "ExReleaseSpinLockExclusive", at(ExReleaseSpinLockExclusive), MaxIrql::dispatch),
    from_level(2, "ExReleaseSpinLockExclusiveFromDpcLevel", at(ExReleaseSpinLockExclusiveFromDpcLevel),
               MaxIrql::any),
    from_level(2, "ExReleaseSpinLockShared", at(ExReleaseSpinLockShared), MaxIrql::dispatch),
    from_level(2, "ExReleaseSpinLockSharedFromDpcLevel", at(ExReleaseSpinLockSharedFromDpcLevel),
               MaxIrql::any),
    from_level(2, "ExTryConvertSharedSpinLockExclusive", at(ExTryConvertSharedSpinLockExclusive),
               MaxIrql::dispatch),
    from_level(2, "ExTryAcquireSpinLockExclusiveAtDpcLevel", at(ExTryAcquireSpinLockExclusiveAtDpcLevel),
               MaxIrql::any),
    from_level(2, "ExTryAcquireSpinLockSharedAtDpcLevel", at(ExTryAcquireSpinLockSharedAtDpcLevel),
               MaxIrql::any),
    // interlocked.cpp
    {"ExInterlockedInsertHeadList", at(ExInterlockedInsertHeadList)},
    {"ExInterlockedInsertTailList", at(ExInterlockedInsertTailList)},
    {"ExInterlockedRemoveHeadList", at(ExInterlockedRemoveHeadList)},
    {"ExInterlockedPopEntryList", at(ExInterlockedPopEntryList)},
    {"ExInterlockedPushEntryList", at(ExInterlockedPushEntryList)},
    {"ExInterlockedAddLargeInteger", at(ExInterlockedAddLargeInteger)},
    {"ExInterlockedAddUlong", at(ExInterlockedAddUlong)},
    // slist_x64.cpp
    {"InitializeSListHead", at(InitializeSListHead)},
    {"ExpInterlockedPushEntrySList", at(ExpInterlockedPushEntrySList)},
    {"ExpInterlockedPopEntrySList", at(ExpInterlockedPopEntrySList)},
    {"ExpInterlockedFlushSList", at(ExpInterlockedFlushSList)},
    {"ExQueryDepthSList", at(ExQueryDepthSList), MaxIrql::dispatch},
    {"FirstEntrySList", at(FirstEntrySList)},
    // fast_mutex.cpp
    {"ExInitializeFastMutex", at(ExInitializeFastMutex)},
    {"ExAcquireFastMutex", at(ExAcquireFastMutex), MaxIrql::apc},
    {"ExTryToAcquireFastMutex", at(ExTryToAcquireFastMutex), MaxIrql::apc},
    from_level(1, "ExReleaseFastMutex", at(ExReleaseFastMutex), MaxIrql::apc),
    {"ExAcquireFastMutexUnsafe", at(ExAcquireFastMutexUnsafe), MaxIrql::apc},
    {"ExReleaseFastMutexUnsafe", at(ExReleaseFastMutexUnsafe), MaxIrql::apc},
    {"ExEnterCriticalRegionAndAcquireFastMutexUnsafe", at(ExEnterCriticalRegionAndAcquireFastMutexUnsafe),
     MaxIrql::apc},
    {"ExReleaseFastMutexUnsafeAndLeaveCriticalRegion", at(ExReleaseFastMutexUnsafeAndLeaveCriticalRegion),
     MaxIrql::apc},
    {"KeInitializeGuardedMutex", at(KeInitializeGuardedMutex), MaxIrql::apc},
    {"KeAcquireGuardedMutex", at(KeAcquireGuardedMutex), MaxIrql::apc},
    {"KeTryToAcquireGuardedMutex", at(KeTryToAcquireGuardedMutex), MaxIrql::apc},
    {"KeReleaseGuardedMutex", at(KeReleaseGuardedMutex), MaxIrql::apc},
    {"KeAcquireGuardedMutexUnsafe", at(KeAcquireGuardedMutexUnsafe), MaxIrql::apc},
    {"KeReleaseGuardedMutexUnsafe", at(KeReleaseGuardedMutexUnsafe), MaxIrql::apc},
    // push_lock.cpp
    {"ExInitializePushLock", at(ExInitializePushLock)},
    {"ExAcquirePushLockExclusiveEx", at(ExAcquirePushLockExclusiveEx), MaxIrql::apc},
    {"ExfAcquirePushLockExclusive", at(ExfAcquirePushLockExclusive), MaxIrql::apc},
    {"ExAcquirePushLockSharedEx", at(ExAcquirePushLockSharedEx), MaxIrql::apc},
    {"ExfAcquirePushLockShared", at(ExfAcquirePushLockShared), MaxIrql::apc},
    {"ExfTryAcquirePushLockShared", at(ExfTryAcquirePushLockShared), MaxIrql::apc},
    {"ExReleasePushLockExclusiveEx", at(ExReleasePushLockExclusiveEx), MaxIrql::apc},
    {"ExfReleasePushLockExclusive", at(ExfReleasePushLockExclusive), MaxIrql::apc},
    {"ExReleasePushLockSharedEx", at(ExReleasePushLockSharedEx), MaxIrql::apc},
    {"ExfReleasePushLockShared", at(ExfReleasePushLockShared), MaxIrql::apc},
    {"ExReleasePushLockEx", at(ExReleasePushLockEx), MaxIrql::apc},
    {"ExfReleasePushLock", at(ExfReleasePushLock), MaxIrql::apc},
    {"ExfTryToWakePushLock", at(ExfTryToWakePushLock)},
    // resource.cpp
    {"ExInitializeResourceLite", at(ExInitializeResourceLite), MaxIrql::dispatch},
    {"ExReinitializeResourceLite", at(ExReinitializeResourceLite), MaxIrql::dispatch},
    {"ExDeleteResourceLite", at(ExDeleteResourceLite), MaxIrql::apc},
    {"ExAcquireResourceExclusiveLite", at(ExAcquireResourceExclusiveLite), MaxIrql::apc},
    {"ExAcquireResourceSharedLite", at(ExAcquireResourceSharedLite), MaxIrql::apc},
    {"ExAcquireSharedStarveExclusive", at(ExAcquireSharedStarveExclusive), MaxIrql::apc},
    {"ExAcquireSharedWaitForExclusive", at(ExAcquireSharedWaitForExclusive), MaxIrql::apc},
    {"ExReleaseResourceLite", at(ExReleaseResourceLite), MaxIrql::dispatch},
    {"ExReleaseResourceForThreadLite", at(ExReleaseResourceForThreadLite), MaxIrql::dispatch},
    {"ExConvertExclusiveToSharedLite", at(ExConvertExclusiveToSharedLite), MaxIrql::apc},
    {"ExIsResourceAcquiredExclusiveLite", at(ExIsResourceAcquiredExclusiveLite), MaxIrql::dispatch},
    {"ExIsResourceAcquiredSharedLite", at(ExIsResourceAcquiredSharedLite), MaxIrql::dispatch},
    {"ExGetExclusiveWaiterCount", at(ExGetExclusiveWaiterCount), MaxIrql::dispatch},
    {"ExGetSharedWaiterCount", at(ExGetSharedWaiterCount), MaxIrql::dispatch},
    {"ExSetResourceOwnerPointer", at(ExSetResourceOwnerPointer), MaxIrql::dispatch},
    {"ExSetResourceOwnerPointerEx", at(ExSetResourceOwnerPointerEx), MaxIrql::dispatch},
    {"ExDisableResourceBoostLite", at(ExDisableResourceBoostLite), MaxIrql::dispatch},
    {"ExEnterCriticalRegionAndAcquireResourceExclusive", at(ExEnterCriticalRegionAndAcquireResourceExclusive),
     MaxIrql::apc},
    {"ExEnterCriticalRegionAndAcquireResourceShared", at(ExEnterCriticalRegionAndAcquireResourceShared),
     MaxIrql::apc},
    {"ExEnterCriticalRegionAndAcquireSharedWaitForExclusive",
     at(ExEnterCriticalRegionAndAcquireSharedWaitForExclusive), MaxIrql::apc},
    {"ExReleaseResourceAndLeaveCriticalRegion", at(ExReleaseResourceAndLeaveCriticalRegion), MaxIrql::apc},
    // rundown.cpp
    {"ExInitializeRundownProtection", at(ExInitializeRundownProtection), MaxIrql::apc},
    {"ExReInitializeRundownProtection", at(ExReInitializeRundownProtection), MaxIrql::apc},
    {"ExAcquireRundownProtection", at(ExAcquireRundownProtection), MaxIrql::dispatch},
    {"ExAcquireRundownProtectionEx", at(ExAcquireRundownProtectionEx), MaxIrql::dispatch},
    {"ExReleaseRundownProtection", at(ExReleaseRundownProtection), MaxIrql::dispatch},
    {"ExReleaseRundownProtectionEx", at(ExReleaseRundownProtectionEx), MaxIrql::dispatch},
    {"ExWaitForRundownProtectionRelease", at(ExWaitForRundownProtectionRelease), MaxIrql::apc},
    {"ExRundownCompleted", at(ExRundownCompleted), MaxIrql::apc},
    {"ExAllocateCacheAwareRundownProtection", at(ExAllocateCacheAwareRundownProtection), MaxIrql::apc},
    {"ExFreeCacheAwareRundownProtection", at(ExFreeCacheAwareRundownProtection), MaxIrql::apc},
    {"ExSizeOfRundownProtectionCacheAware", at(ExSizeOfRundownProtectionCacheAware), MaxIrql::apc},
    {"ExInitializeRundownProtectionCacheAware", at(ExInitializeRundownProtectionCacheAware), MaxIrql::apc},
    {"ExInitializeRundownProtectionCacheAwareEx", at(ExInitializeRundownProtectionCacheAwareEx)},
    {"ExCleanupRundownProtectionCacheAware", at(ExCleanupRundownProtectionCacheAware)},
    {"ExReInitializeRundownProtectionCacheAware", at(ExReInitializeRundownProtectionCacheAware),
     MaxIrql::apc},
    {"ExAcquireRundownProtectionCacheAware", at(ExAcquireRundownProtectionCacheAware), MaxIrql::dispatch},
    {"ExAcquireRundownProtectionCacheAwareEx", at(ExAcquireRundownProtectionCacheAwareEx), MaxIrql::dispatch},
    {"ExReleaseRundownProtectionCacheAware", at(ExReleaseRundownProtectionCacheAware), MaxIrql::dispatch},
    {"ExReleaseRundownProtectionCacheAwareEx", at(ExReleaseRundownProtectionCacheAwareEx), MaxIrql::dispatch},
    {"ExWaitForRundownProtectionReleaseCacheAware", at(ExWaitForRundownProtectionReleaseCacheAware),
     MaxIrql::apc},
    {"ExRundownCompletedCacheAware", at(ExRundownCompletedCacheAware), MaxIrql::apc},
    // mutant.cpp
    {"KeInitializeMutex", at(KeInitializeMutex)},
    {"KeInitializeMutant", at(KeInitializeMutant)},
    raises("KeReleaseMutex", at(KeReleaseMutex), MaxIrql::dispatch),
    raises("KeReleaseMutant", at(KeReleaseMutant), MaxIrql::dispatch),
    {"KeReadStateMutex", at(KeReadStateMutex), MaxIrql::dispatch},
    {"KeReadStateMutant", at(KeReadStateMutant), MaxIrql::dispatch},
    // event.cpp
    {"KeInitializeEvent", at(KeInitializeEvent)},
    {"KeSetEvent", at(KeSetEvent), MaxIrql::dispatch},
    {"KeResetEvent", at(KeResetEvent), MaxIrql::dispatch},
    {"KeClearEvent", at(KeClearEvent), MaxIrql::dispatch},
    {"KePulseEvent", at(KePulseEvent), MaxIrql::dispatch},
    {"KeReadStateEvent", at(KeReadStateEvent), MaxIrql::dispatch},
    {"KeInitializeSemaphore", at(KeInitializeSemaphore), MaxIrql::passive},
    raises("KeReleaseSemaphore", at(KeReleaseSemaphore), MaxIrql::dispatch),
    {"KeReadStateSemaphore", at(KeReadStateSemaphore)},
    // wait.cpp
    {"KeWaitForSingleObject", at(KeWaitForSingleObject), MaxIrql::dispatch},
    {"KeWaitForMutexObject", at(KeWaitForMutexObject), MaxIrql::dispatch},
    {"KeWaitForMultipleObjects", at(KeWaitForMultipleObjects), MaxIrql::dispatch},
    {"KeDelayExecutionThread", at(KeDelayExecutionThread), MaxIrql::apc},
    {"ZwYieldExecution", at(ZwYieldExecution), MaxIrql::passive},
};

}  // namespace

std::span<const Export> lock_exports() { return lock_rows; }

}  // namespace ndiskit::nt::ke
