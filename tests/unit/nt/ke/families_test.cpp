// What families of locks, processors and time promise beyond what their own tests walk through: the variants
// that a driver may call in place of the common ones.
#include <gtest/gtest.h>

#include "nt/ke/api.h"
#include "nt/ke/irql.h"
#include "nt/ke/process.h"
#include "nt/ke/thread.h"
#include "nt/machine.h"
#include "nt/pool/pool.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_sim;

constexpr ULONG tag = 0x3158754D;

TEST(Families, CacheAwareRundownProtectionCountsAndEnds) {
    on_sim([] {
        PEX_RUNDOWN_REF_CACHE_AWARE const reference =
            ExAllocateCacheAwareRundownProtection(POOL_TYPE(512), tag);
        ASSERT_TRUE(reference);
        EXPECT_EQ(pool_block_of(reference).tag, tag);
        EXPECT_TRUE(ExAcquireRundownProtectionCacheAware(reference));
        EXPECT_TRUE(ExAcquireRundownProtectionCacheAwareEx(reference, 2));
        ExReleaseRundownProtectionCacheAwareEx(reference, 2);
        Thread other = Thread::start("other", [&] { ExReleaseRundownProtectionCacheAware(reference); });
        ExWaitForRundownProtectionReleaseCacheAware(reference);
        other.join();
        EXPECT_FALSE(ExAcquireRundownProtectionCacheAware(reference));
        ExRundownCompletedCacheAware(reference);
        ExReInitializeRundownProtectionCacheAware(reference);
        EXPECT_TRUE(ExAcquireRundownProtectionCacheAware(reference));
        ExReleaseRundownProtectionCacheAware(reference);
        ExFreeCacheAwareRundownProtection(reference);

        alignas(16) char own[64];
        ASSERT_LE(ExSizeOfRundownProtectionCacheAware(), sizeof own);
        auto* const embedded = reinterpret_cast<PEX_RUNDOWN_REF_CACHE_AWARE>(own);
        ExInitializeRundownProtectionCacheAware(embedded, sizeof own);
        EXPECT_TRUE(ExAcquireRundownProtectionCacheAware(embedded));
        ExReleaseRundownProtectionCacheAware(embedded);
        ExInitializeRundownProtectionCacheAwareEx(embedded, 0);
        EXPECT_TRUE(ExAcquireRundownProtectionCacheAware(embedded));
        ExReleaseRundownProtectionCacheAware(embedded);
        ExCleanupRundownProtectionCacheAware(embedded);
    });
}

TEST(Families, SeveralReferencesOfRundownProtectionAtOnce) {
    on_sim([] {
        EX_RUNDOWN_REF reference;
        ExInitializeRundownProtection(&reference);
        EXPECT_TRUE(ExAcquireRundownProtectionEx(&reference, 3));
        ExReleaseRundownProtection(&reference);
        ExReleaseRundownProtectionEx(&reference, 2);
        ExWaitForRundownProtectionRelease(&reference);
        EXPECT_FALSE(ExAcquireRundownProtectionEx(&reference, 1));
    });
}

TEST(Families, ResourcesWithRegionsOwnersAndWaiters) {
    on_sim([] {
        ERESOURCE resource;
        ASSERT_EQ(ExInitializeResourceLite(&resource), STATUS_SUCCESS);
        ExDisableResourceBoostLite(&resource);
        ExEnterCriticalRegionAndAcquireResourceExclusive(&resource);
        EXPECT_TRUE(KeAreApcsDisabled());
        EXPECT_TRUE(ExIsResourceAcquiredExclusiveLite(&resource));
        EXPECT_EQ(ExGetExclusiveWaiterCount(&resource), 0u);
        EXPECT_EQ(ExGetSharedWaiterCount(&resource), 0u);
        ExReleaseResourceAndLeaveCriticalRegion(&resource);
        EXPECT_FALSE(KeAreApcsDisabled());

        ExEnterCriticalRegionAndAcquireResourceShared(&resource);
        KeEnterCriticalRegion();
        EXPECT_TRUE(ExAcquireSharedStarveExclusive(&resource, FALSE));
        EXPECT_TRUE(ExAcquireSharedWaitForExclusive(&resource, FALSE));
        EXPECT_EQ(ExIsResourceAcquiredSharedLite(&resource), 3u);
        ExReleaseResourceLite(&resource);
        ExReleaseResourceLite(&resource);
        KeLeaveCriticalRegion();
        ExReleaseResourceAndLeaveCriticalRegion(&resource);
        ExEnterCriticalRegionAndAcquireSharedWaitForExclusive(&resource);
        ExReleaseResourceAndLeaveCriticalRegion(&resource);

        // Somebody else may let go of what was given an owner pointer.
        KeEnterCriticalRegion();
        EXPECT_TRUE(ExAcquireResourceExclusiveLite(&resource, TRUE));
        alignas(16) char owner[16];
        auto* const pointer = reinterpret_cast<PVOID>(reinterpret_cast<ULONG_PTR>(owner) | 3);
        ExSetResourceOwnerPointer(&resource, pointer);
        ExReleaseResourceForThreadLite(&resource, reinterpret_cast<ERESOURCE_THREAD>(pointer));
        KeLeaveCriticalRegion();
        EXPECT_EQ(ExReinitializeResourceLite(&resource), STATUS_SUCCESS);
        EXPECT_EQ(ExDeleteResourceLite(&resource), STATUS_SUCCESS);
    });
}

TEST(Families, UnsafeFastAndGuardedMutexesLeaveApcsToTheCaller) {
    on_sim([] {
        FAST_MUTEX fast;
        ExInitializeFastMutex(&fast);
        KeEnterCriticalRegion();
        ExAcquireFastMutexUnsafe(&fast);
        EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
        ExReleaseFastMutexUnsafe(&fast);
        KeLeaveCriticalRegion();
        ExEnterCriticalRegionAndAcquireFastMutexUnsafe(&fast);
        EXPECT_TRUE(KeAreApcsDisabled());
        ExReleaseFastMutexUnsafeAndLeaveCriticalRegion(&fast);
        EXPECT_FALSE(KeAreApcsDisabled());

        KGUARDED_MUTEX guarded;
        KeInitializeGuardedMutex(&guarded);
        EXPECT_TRUE(KeTryToAcquireGuardedMutex(&guarded));
        EXPECT_TRUE(KeAreAllApcsDisabled());
        KeReleaseGuardedMutex(&guarded);
        KeEnterGuardedRegion();
        KeAcquireGuardedMutexUnsafe(&guarded);
        KeReleaseGuardedMutexUnsafe(&guarded);
        EXPECT_TRUE(KeAreAllApcsDisabled());
        KeLeaveGuardedRegion();
        EXPECT_FALSE(KeAreAllApcsDisabled());
    });
}

TEST(Families, PushLocksByEveryName) {
    on_sim([] {
        ULONG_PTR lock = 0;
        KeEnterCriticalRegion();
        ExfAcquirePushLockExclusive(&lock);
        EXPECT_FALSE(ExfTryAcquirePushLockShared(&lock));
        ExfReleasePushLockExclusive(&lock);
        ExfAcquirePushLockShared(&lock);
        EXPECT_TRUE(ExfTryAcquirePushLockShared(&lock));
        ExfReleasePushLockShared(&lock);
        ExfReleasePushLock(&lock);
        ExfAcquirePushLockExclusive(&lock);
        ExfTryToWakePushLock(&lock);
        ExReleasePushLockEx(&lock, 0);
        EXPECT_EQ(lock, 0u);
        KeLeaveCriticalRegion();
    });
}

TEST(Families, SpinLocksForDpcsAndAtDpcLevel) {
    on_sim([] {
        KSPIN_LOCK lock = 0;
        KLOCK_QUEUE_HANDLE handle;
        const KIRQL old = KeAcquireSpinLockForDpc(&lock);
        EXPECT_EQ(current_irql(), DISPATCH_LEVEL);
        EXPECT_FALSE(KeTryToAcquireSpinLockAtDpcLevel(&lock));
        KeReleaseSpinLockForDpc(&lock, old);
        KeAcquireInStackQueuedSpinLockForDpc(&lock, &handle);
        KeReleaseInStackQueuedSpinLockForDpc(&handle);
        EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
        const KIRQL raised = KeRaiseIrqlToDpcLevel();
        KeAcquireInStackQueuedSpinLockAtDpcLevel(&lock, &handle);
        KeReleaseInStackQueuedSpinLockFromDpcLevel(&handle);
        EXPECT_TRUE(KeTryToAcquireSpinLockAtDpcLevel(&lock));
        KeReleaseSpinLockFromDpcLevel(&lock);

        EX_SPIN_LOCK both = 0;
        ExAcquireSpinLockExclusiveAtDpcLevel(&both);
        EXPECT_FALSE(ExTryAcquireSpinLockExclusiveAtDpcLevel(&both));
        ExReleaseSpinLockExclusiveFromDpcLevel(&both);
        EXPECT_TRUE(ExTryAcquireSpinLockExclusiveAtDpcLevel(&both));
        ExReleaseSpinLockExclusiveFromDpcLevel(&both);
        KeLowerIrql(raised);
        EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    });
}

TEST(Families, InterlockedListsUnderALock) {
    on_sim([] {
        KSPIN_LOCK lock = 0;
        ULONG sum = 5;
        EXPECT_EQ(ExInterlockedAddUlong(&sum, 3, &lock), 5u);
        EXPECT_EQ(sum, 8u);
        LARGE_INTEGER large = {.QuadPart = 5};
        EXPECT_EQ(ExInterlockedAddLargeInteger(&large, {.QuadPart = 2}, &lock).QuadPart, 5);
        EXPECT_EQ(large.QuadPart, 7);
        SINGLE_LIST_ENTRY head = {}, a, b;
        EXPECT_EQ(ExInterlockedPushEntryList(&head, &a, &lock), nullptr);
        EXPECT_EQ(ExInterlockedPushEntryList(&head, &b, &lock), &a);
        EXPECT_EQ(ExInterlockedPopEntryList(&head, &lock), &b);
        EXPECT_EQ(ExInterlockedPopEntryList(&head, &lock), &a);
        EXPECT_EQ(ExInterlockedPopEntryList(&head, &lock), nullptr);
    });
}

TEST(Families, ProcessorsAreOneGroupAndOneNode) {
    on_sim([] {
        EXPECT_EQ(KeQueryActiveGroupCount(), 1);
        EXPECT_EQ(KeQueryMaximumGroupCount(), 1);
        EXPECT_EQ(KeQueryGroupAffinity(0), 3u);
        EXPECT_EQ(KeQueryGroupAffinity(1), 0u);
        EXPECT_EQ(KeQueryMaximumProcessorCount(), 2u);
        EXPECT_EQ(KeQueryMaximumProcessorCountEx(0xffff), 2u);
        EXPECT_EQ(KeGetCurrentNodeNumber(), 0);
        EXPECT_EQ(KeQueryHighestNodeNumber(), 0);
        EXPECT_EQ(KeQueryNodeMaximumProcessorCount(0), 2);
        EXPECT_EQ(KeQueryNodeActiveProcessorCount(0), 2u);
        GROUP_AFFINITY node = {};
        USHORT count = 0;
        KeQueryNodeActiveAffinity(0, &node, &count);
        EXPECT_EQ(node.Mask, 3u);
        EXPECT_EQ(count, 2);
        EXPECT_EQ(KeGetRecommendedSharedDataAlignment(), 64u);
        EXPECT_TRUE(KeInvalidateAllCaches());
    });
}

TEST(Families, SystemAffinityMovesTheThreadAndBack) {
    on_sim([] {
        KeSetSystemAffinityThread(2);
        EXPECT_EQ(KeGetCurrentProcessorNumber(), 1u);
        KeSetSystemAffinityThread(1);
        EXPECT_EQ(KeGetCurrentProcessorNumber(), 0u);
        KeRevertToUserAffinityThread();
        GROUP_AFFINITY second = {.Mask = 2, .Group = 0, .Reserved = {}},
                       before = {.Mask = 9, .Group = 0, .Reserved = {}};
        KeSetSystemGroupAffinityThread(&second, &before);
        EXPECT_EQ(before.Mask, 0u);
        EXPECT_EQ(KeGetCurrentProcessorNumberEx(nullptr), 1u);
        KeRevertToUserGroupAffinityThread(&before);
        PKTHREAD const thread = KeGetCurrentThread();
        EXPECT_EQ(KeSetBasePriorityThread(thread, 2), 0);
        EXPECT_EQ(KeSetBasePriorityThread(thread, 0), 2);
    });
}

TEST(Families, ClocksAgree) {
    on_sim([] {
        LARGE_INTEGER system, local, back;
        KeQuerySystemTimePrecise(&system);
        ExSystemTimeToLocalTime(&system, &local);
        ExLocalTimeToSystemTime(&local, &back);
        EXPECT_EQ(back.QuadPart, system.QuadPart);
        ULONG64 stamp = 0;
        const ULONGLONG before = KeQueryInterruptTimePrecise(&stamp);
        EXPECT_GE(KeQueryUnbiasedInterruptTime(), before);
        EXPECT_GE(KeQueryUnbiasedInterruptTimePrecise(&stamp), before);
        ULONG longest = 0, shortest = 0, now = 0;
        ExQueryTimerResolution(&longest, &shortest, &now);
        EXPECT_GE(longest, now);
        EXPECT_LE(shortest, now);
        // The finest that was asked for holds until all who asked have taken it back.
        EXPECT_EQ(ExSetTimerResolution(10'000, TRUE), 10'000u);
        EXPECT_EQ(ExSetTimerResolution(20'000, TRUE), 10'000u);
        EXPECT_EQ(ExSetTimerResolution(1, TRUE), shortest);
        EXPECT_EQ(ExSetTimerResolution(0, FALSE), shortest);
        EXPECT_EQ(ExSetTimerResolution(0, FALSE), shortest);
        ExQueryTimerResolution(&longest, &shortest, &now);
        EXPECT_EQ(now, shortest);
        EXPECT_EQ(ExSetTimerResolution(0, FALSE), longest);
        EXPECT_EQ(ExSetTimerResolution(0, FALSE), longest);
    });
}

TEST(Families, ACoalescableTimerFiresAndAMutantIsReleased) {
    on_sim([] {
        KTIMER timer;
        KeInitializeTimer(&timer);
        EXPECT_FALSE(KeSetCoalescableTimer(&timer, {.QuadPart = -10'000}, 0, 5, nullptr));
        EXPECT_EQ(KeWaitForSingleObject(&timer, Executive, KernelMode, FALSE, nullptr), STATUS_SUCCESS);
        KMUTANT mutant;
        KeInitializeMutant(&mutant, TRUE);
        EXPECT_EQ(KeReadStateMutant(&mutant), 0);
        EXPECT_EQ(KeReleaseMutant(&mutant, 0, FALSE, FALSE), 0);
        EXPECT_EQ(KeReadStateMutant(&mutant), 1);
        EXPECT_EQ(KeWaitForMutexObject(&mutant, Executive, KernelMode, FALSE, nullptr), STATUS_SUCCESS);
        KeReleaseMutant(&mutant, 0, FALSE, FALSE);
        KEVENT event;
        KeInitializeEvent(&event, NotificationEvent, TRUE);
        KeClearEvent(&event);
        EXPECT_EQ(KeReadStateEvent(&event), 0);
    });
}

void NTAPI do_nothing(PKDPC, PVOID, PVOID, PVOID) {}

TEST(Families, DpcsAreTargetedByNumberAndTakenBack) {
    on_sim([] {
        KDPC dpc;
        KeInitializeDpc(&dpc, do_nothing, nullptr);
        PROCESSOR_NUMBER second = {.Group = 0, .Number = 1, .Reserved = 0},
                         nowhere = {.Group = 0, .Number = 9, .Reserved = 0};
        EXPECT_EQ(KeSetTargetProcessorDpcEx(&dpc, &second), STATUS_SUCCESS);
        EXPECT_EQ(KeSetTargetProcessorDpcEx(&dpc, &nowhere), STATUS_INVALID_PARAMETER);
        EXPECT_FALSE(KeRemoveQueueDpcEx(&dpc, TRUE));
        EXPECT_FALSE(KeIsExecutingDpc());
        KDPC_WATCHDOG_INFORMATION watchdog;
        EXPECT_EQ(KeQueryDpcWatchdogInformation(&watchdog), STATUS_UNSUCCESSFUL);
        {
            const AtDispatch at_dispatch;
            EXPECT_EQ(KeQueryDpcWatchdogInformation(&watchdog), STATUS_SUCCESS);
        }
        EXPECT_EQ(watchdog.DpcTimeLimit, 0u);  // time-outs of DPCs are disabled
        EXPECT_EQ(watchdog.DpcWatchdogLimit, 0u);
        EXPECT_FALSE(KeShouldYieldProcessor());
    });
}

void NTAPI on_reason(KBUGCHECK_CALLBACK_REASON, PKBUGCHECK_REASON_CALLBACK_RECORD, PVOID, ULONG) {}
BOOLEAN NTAPI on_nmi(PVOID, BOOLEAN) { return FALSE; }

TEST(Families, CallbacksAreRegisteredOnce) {
    on_sim([] {
        KBUGCHECK_REASON_CALLBACK_RECORD record = {};
        UCHAR component[] = "mux";
        EXPECT_TRUE(
            KeRegisterBugCheckReasonCallback(&record, on_reason, KbCallbackSecondaryDumpData, component));
        EXPECT_FALSE(
            KeRegisterBugCheckReasonCallback(&record, on_reason, KbCallbackSecondaryDumpData, component));
        EXPECT_TRUE(KeDeregisterBugCheckReasonCallback(&record));
        EXPECT_FALSE(KeDeregisterBugCheckReasonCallback(&record));
        PVOID const handle = KeRegisterNmiCallback(on_nmi, nullptr);
        ASSERT_TRUE(handle);
        EXPECT_EQ(KeDeregisterNmiCallback(handle), STATUS_SUCCESS);
    });
}

TEST(Families, FloatingPointStateIsSavedAndRestored) {
    on_sim([] {
        KFLOATING_SAVE save;
        EXPECT_EQ(KeSaveFloatingPointState(&save), STATUS_SUCCESS);
        EXPECT_EQ(KeRestoreFloatingPointState(&save), STATUS_SUCCESS);
        XSTATE_SAVE extended;
        EXPECT_EQ(KeSaveExtendedProcessorState(3, &extended), STATUS_SUCCESS);
        KeRestoreExtendedProcessorState(&extended);
    });
}

TEST(Families, TheThreadAndItsProcessAreTheSystems) {
    on_sim([] {
        PETHREAD const thread = PsGetCurrentThread();
        EXPECT_TRUE(PsIsSystemThread(thread));
        EXPECT_FALSE(PsIsThreadTerminating(thread));
        EXPECT_EQ(PsGetCurrentThreadTeb(), nullptr);
        EXPECT_EQ(PsGetThreadProcessId(thread), PsGetCurrentProcessId());
        PEPROCESS const process = PsGetCurrentProcess();
        EXPECT_EQ(PsGetProcessId(process), PsGetCurrentProcessId());
        EXPECT_EQ(PsGetProcessExitStatus(process), STATUS_PENDING);
        LARGE_INTEGER now;
        KeQuerySystemTime(&now);
        EXPECT_LE(PsGetProcessCreateTimeQuadPart(process), now.QuadPart);
        ULONG major = 0, build = 0;
        EXPECT_FALSE(PsGetVersion(&major, nullptr, &build, nullptr));
        EXPECT_EQ(build, machine_options().release->build);
        EXPECT_EQ(ExGetPreviousMode(), KernelMode);
    });
}

TEST(Families, LookasideListsOfEveryKind) {
    on_sim([] {
        NPAGED_LOOKASIDE_LIST list;
        ExInitializeNPagedLookasideList(&list, nullptr, nullptr, 0, 64, tag, 0);
        ExDeleteNPagedLookasideList(&list);
        LOOKASIDE_LIST_EX ex;
        ASSERT_EQ(ExInitializeLookasideListEx(&ex, nullptr, nullptr, POOL_TYPE(512), 0, 64, tag, 0),
                  STATUS_SUCCESS);
        ExFlushLookasideListEx(&ex);
        ExDeleteLookasideListEx(&ex);
        constexpr POOL_TYPE nonpaged = POOL_TYPE(512);
        for (PVOID memory : {ExAllocatePool(nonpaged, 10), ExAllocatePoolWithQuota(nonpaged, 10),
                             ExAllocatePoolWithQuotaTag(nonpaged, 10, tag),
                             ExAllocatePoolWithTagPriority(nonpaged, 10, tag, NormalPoolPriority)}) {
            EXPECT_TRUE(memory);
            ExFreePool(memory);
        }
    });
}

}  // namespace
}  // namespace ndiskit::nt
