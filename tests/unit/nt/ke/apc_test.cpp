// https://learn.microsoft.com/windows-hardware/drivers/kernel/types-of-apcs
// https://learn.microsoft.com/windows-hardware/drivers/kernel/disabling-apcs
// https://learn.microsoft.com/windows-hardware/drivers/kernel/waits-and-apcs
#include "nt/ke/apc.h"

#include <gtest/gtest.h>

#include <string>

#include "nt/ke/api.h"
#include "nt/ke/irql.h"
#include "nt/ke/process.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_live;
using test::on_seeds;
using test::on_sim;

// An APC that writes into a log which of its routines ran, and at which IRQL.
struct Noted {
    KAPC apc = {};
    std::string* log;
    char name;

    static Noted& of(PKAPC apc) { return *CONTAINING_RECORD(apc, Noted, apc); }
    static void NTAPI kernel(PKAPC apc, PKNORMAL_ROUTINE*, PVOID*, PVOID*, PVOID*) {
        Noted& noted = of(apc);
        *noted.log += {noted.name, 'k', static_cast<char>('0' + current_irql()), ' '};
    }
    static void NTAPI normal(PVOID context, PVOID, PVOID) {
        Noted& noted = *static_cast<Noted*>(context);
        *noted.log += {noted.name, 'n', static_cast<char>('0' + current_irql()), ' '};
    }
    static void NTAPI rundown(PKAPC apc) { *of(apc).log += {of(apc).name, 'r', ' '}; }

    enum Kind { special, kernel_normal, user };
    Noted(std::string& to, char called, Kind kind, PKTHREAD thread = KeGetCurrentThread())
        : log(&to), name(called) {
        KeInitializeApc(&apc, thread, OriginalApcEnvironment, kernel, rundown,
                        kind == special ? nullptr : &normal, kind == user ? UserMode : KernelMode, this);
    }
    bool insert() { return KeInsertQueueApc(&apc, nullptr, nullptr, 0); }
};

LARGE_INTEGER milliseconds(LONGLONG count) { return {.QuadPart = -10'000 * count}; }

TEST(Apc, RunsAtOnceInItsOwnThread) {
    on_sim([] {
        std::string log;
        Noted s(log, 's', Noted::special), n(log, 'n', Noted::kernel_normal);
        EXPECT_TRUE(s.insert());
        EXPECT_EQ(log, "sk1 ");
        EXPECT_TRUE(n.insert());
        EXPECT_EQ(log, "sk1 nk1 nn0 ");
        EXPECT_EQ(KeGetCurrentIrql(), PASSIVE_LEVEL);
    });
}

TEST(Apc, WaitsForTheIrqlToFallBelowApcLevel) {
    on_sim([] {
        std::string log;
        Noted s(log, 's', Noted::special), t(log, 't', Noted::special), n(log, 'n', Noted::kernel_normal);
        const KIRQL old = raise_irql(DISPATCH_LEVEL);
        EXPECT_TRUE(n.insert());
        EXPECT_TRUE(s.insert());
        EXPECT_TRUE(t.insert());
        EXPECT_FALSE(s.insert());  // it is in the queue
        lower_irql(APC_LEVEL);
        EXPECT_EQ(log, "");
        EXPECT_TRUE(KeAreAllApcsDisabled());
        lower_irql(old);
        EXPECT_EQ(log, "sk1 tk1 nk1 nn0 ");
        EXPECT_TRUE(s.insert());
    });
}

TEST(Apc, IsHeldOffByRegionsAsTheirPagesSay) {
    on_sim([] {
        std::string log;
        Noted s(log, 's', Noted::special), n(log, 'n', Noted::kernel_normal);
        KeEnterCriticalRegion();
        KeEnterCriticalRegion();
        EXPECT_TRUE(n.insert());
        EXPECT_TRUE(s.insert());
        EXPECT_EQ(log, "sk1 ");
        KeLeaveCriticalRegion();
        EXPECT_EQ(log, "sk1 ");
        KeLeaveCriticalRegion();
        EXPECT_EQ(log, "sk1 nk1 nn0 ");
        log.clear();
        KeEnterGuardedRegion();
        n.insert();
        s.insert();
        KiCheckForKernelApcDelivery();
        EXPECT_EQ(log, "");
        KeLeaveGuardedRegion();
        EXPECT_EQ(log, "sk1 nk1 nn0 ");
    });
}

TEST(Apc, IsHeldOffByMutexesOfItsThread) {
    on_sim([] {
        std::string log;
        Noted s(log, 's', Noted::special), n(log, 'n', Noted::kernel_normal);
        KMUTEX mutex;
        KeInitializeMutex(&mutex, 0);
        KeWaitForSingleObject(&mutex, Executive, KernelMode, FALSE, nullptr);
        n.insert();
        EXPECT_EQ(log, "");
        KeReleaseMutex(&mutex, FALSE);
        EXPECT_EQ(log, "nk1 nn0 ");
        log.clear();
        FAST_MUTEX fast;
        ExInitializeFastMutex(&fast);
        ExAcquireFastMutex(&fast);
        s.insert();
        EXPECT_EQ(log, "");
        ExReleaseFastMutex(&fast);
        EXPECT_EQ(log, "sk1 ");
    });
}

void breaks_into_a_wait() {
    std::string log;
    KEVENT event, asleep;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    KeInitializeEvent(&asleep, NotificationEvent, FALSE);
    Thread waiter = Thread::start("waiter", [&] {
        KeSetEvent(&asleep, 0, FALSE);
        EXPECT_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, nullptr), STATUS_SUCCESS);
        log += "end";
    });
    KeWaitForSingleObject(&asleep, Executive, KernelMode, FALSE, nullptr);
    struct Setting {
        static void NTAPI ran(PVOID event, PVOID, PVOID) {
            KeSetEvent(static_cast<PKEVENT>(event), 0, FALSE);
        }
    };
    KEVENT ran;
    KeInitializeEvent(&ran, NotificationEvent, FALSE);
    Noted s(log, 's', Noted::special, waiter.object());
    KAPC normal;
    KeInitializeApc(&normal, waiter.object(), CurrentApcEnvironment,
                    [](PKAPC, PKNORMAL_ROUTINE*, PVOID*, PVOID*, PVOID*) __attribute__((ms_abi)){}, nullptr,
                    Setting::ran, KernelMode, &ran);
    s.insert();
    EXPECT_TRUE(KeInsertQueueApc(&normal, nullptr, nullptr, 0));
    // The thread still waits for its event: both have run in its wait.
    KeWaitForSingleObject(&ran, Executive, KernelMode, FALSE, nullptr);
    EXPECT_EQ(log, "sk1 ");
    KeSetEvent(&event, 0, FALSE);
    waiter.join();
    EXPECT_EQ(log, "sk1 end");
}

TEST(Apc, BreaksIntoAWaitWhichIsTakenUpAgain) { on_seeds(50, breaks_into_a_wait); }
TEST(ApcLive, BreaksIntoAWaitWhichIsTakenUpAgain) { on_live(breaks_into_a_wait); }

TEST(Apc, DoesNotProlongTheWaitItBreaksInto) {
    on_sim([] {
        std::string log;
        LARGE_INTEGER before, after;
        KeQuerySystemTime(&before);
        Thread sleeper = Thread::start("sleeper", [] {
            LARGE_INTEGER time = milliseconds(100);
            EXPECT_EQ(KeDelayExecutionThread(KernelMode, FALSE, &time), STATUS_SUCCESS);
        });
        LARGE_INTEGER time = milliseconds(60);
        KeDelayExecutionThread(KernelMode, FALSE, &time);
        Noted n(log, 'n', Noted::kernel_normal, sleeper.object());
        n.insert();
        sleeper.join();
        KeQuerySystemTime(&after);
        EXPECT_EQ(log, "nk1 nn0 ");
        EXPECT_LT(after.QuadPart - before.QuadPart, 110 * 10'000);
    });
}

TEST(Apc, DoesNotBreakIntoWaitsAtApcLevelOrInRegions) {
    on_seeds(20, [] {
        std::string log;
        KEVENT event, asleep;
        KeInitializeEvent(&event, NotificationEvent, FALSE);
        KeInitializeEvent(&asleep, SynchronizationEvent, FALSE);
        Thread waiter = Thread::start("waiter", [&] {
            const KIRQL old = raise_irql(APC_LEVEL);
            KeSetEvent(&asleep, 0, FALSE);
            KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, nullptr);
            log += "woken ";
            lower_irql(old);
        });
        KeWaitForSingleObject(&asleep, Executive, KernelMode, FALSE, nullptr);
        Noted s(log, 's', Noted::special, waiter.object());
        s.insert();
        LARGE_INTEGER time = milliseconds(5);
        KeDelayExecutionThread(KernelMode, FALSE, &time);
        EXPECT_EQ(log, "");
        KeSetEvent(&event, 0, FALSE);
        waiter.join();
        EXPECT_EQ(log, "woken sk1 ");
    });
}

TEST(Apc, ReachesAThreadThatSleepsForAPushLock) {
    on_seeds(20, [] {
        std::string log;
        ULONG_PTR lock = 0;
        KEVENT ran;
        KeInitializeEvent(&ran, NotificationEvent, FALSE);
        KeEnterCriticalRegion();
        ExAcquirePushLockExclusiveEx(&lock, 0);
        Thread other = Thread::start("other", [&] {
            KeEnterCriticalRegion();
            ExAcquirePushLockExclusiveEx(&lock, 0);
            log += "acquired";
            ExReleasePushLockExclusiveEx(&lock, 0);
            KeLeaveCriticalRegion();
        });
        KAPC apc;
        KeInitializeApc(
            &apc, other.object(), OriginalApcEnvironment,
            [](PKAPC, PKNORMAL_ROUTINE*, PVOID*, PVOID * event, PVOID*)
                __attribute__((ms_abi)) { KeSetEvent(static_cast<PKEVENT>(*event), 0, FALSE); },
            nullptr, nullptr, KernelMode, nullptr);
        LARGE_INTEGER time = milliseconds(1);
        KeDelayExecutionThread(KernelMode, FALSE, &time);
        KeInsertQueueApc(&apc, &ran, nullptr, 0);
        KeWaitForSingleObject(&ran, Executive, KernelMode, FALSE, nullptr);
        EXPECT_EQ(log, "");
        ExReleasePushLockExclusiveEx(&lock, 0);
        KeLeaveCriticalRegion();
        other.join();
        EXPECT_EQ(log, "acquired");
    });
}

// The kernel routine may change what its normal routine is called with, or take it away.
TEST(Apc, KernelRoutineDecidesOnTheNormalRoutine) {
    on_sim([] {
        static std::string seen;
        seen.clear();
        KAPC apc;
        KeInitializeApc(
            &apc, KeGetCurrentThread(), OriginalApcEnvironment,
            [](PKAPC, PKNORMAL_ROUTINE * normal, PVOID * context, PVOID * first, PVOID * second)
                __attribute__((ms_abi)) {
                    if (!*second) *normal = nullptr;
                    *context = *first;
                },
            nullptr,
            [](PVOID context, PVOID, PVOID) __attribute__((ms_abi)) { seen += static_cast<char*>(context); },
            KernelMode, nullptr);
        char text[] = "argument";
        KeInsertQueueApc(&apc, text, nullptr, 0);
        EXPECT_EQ(seen, "");
        KeInsertQueueApc(&apc, text, text, 0);
        EXPECT_EQ(seen, "argument");
    });
}

// One normal routine at a time; special APCs preempt it.
TEST(Apc, NormalOnesDoNotNest) {
    on_sim([] {
        static std::string log;
        log.clear();
        static Noted* other;
        static Noted* special;
        KAPC outer;
        KeInitializeApc(
            &outer, KeGetCurrentThread(), OriginalApcEnvironment,
            [](PKAPC, PKNORMAL_ROUTINE*, PVOID*, PVOID*, PVOID*) __attribute__((ms_abi)){}, nullptr,
            [](PVOID, PVOID, PVOID) __attribute__((ms_abi)) {
                other->insert();
                special->insert();
                log += "outer ";
            },
            KernelMode, nullptr);
        Noted n(log, 'n', Noted::kernel_normal), s(log, 's', Noted::special);
        other = &n;
        special = &s;
        KeInsertQueueApc(&outer, nullptr, nullptr, 0);
        EXPECT_EQ(log, "sk1 outer nk1 nn0 ");
    });
}

TEST(Apc, ForUserModeEndsAlertableWaitsForUserModeAlone) {
    on_sim([] {
        std::string log;
        KEVENT never;
        KeInitializeEvent(&never, NotificationEvent, FALSE);
        const auto wait = [&](KPROCESSOR_MODE mode, BOOLEAN alertable) {
            LARGE_INTEGER time = milliseconds(1);
            return KeWaitForSingleObject(&never, UserRequest, mode, alertable, &time);
        };
        Thread waiter = Thread::start("waiter", [&] {
            EXPECT_EQ(wait(UserMode, TRUE), STATUS_USER_APC);
            EXPECT_EQ(wait(KernelMode, TRUE), STATUS_TIMEOUT);
            EXPECT_EQ(wait(UserMode, FALSE), STATUS_TIMEOUT);
            EXPECT_EQ(wait(KernelMode, FALSE), STATUS_TIMEOUT);
            LARGE_INTEGER long_time = milliseconds(1000);
            EXPECT_EQ(KeDelayExecutionThread(UserMode, TRUE, &long_time), STATUS_USER_APC);
            EXPECT_EQ(log, "");
        });
        Noted u(log, 'u', Noted::user, waiter.object());
        EXPECT_TRUE(u.insert());
        PKTHREAD const ended = waiter.object();
        ObfReferenceObject(ended);
        waiter.join();
        EXPECT_EQ(log, "ur ");     // it never came to user mode
        EXPECT_FALSE(u.insert());  // the thread has ended
        ObfDereferenceObject(ended);
    });
}

TEST(Apc, AlertsEndAlertableWaits) {
    on_seeds(20, [] {
        KEVENT never, asleep;
        KeInitializeEvent(&never, NotificationEvent, FALSE);
        KeInitializeEvent(&asleep, NotificationEvent, FALSE);
        EXPECT_FALSE(KeAlertThread(KeGetCurrentThread(), KernelMode));
        EXPECT_TRUE(KeAlertThread(KeGetCurrentThread(), KernelMode));  // it was alerted already
        EXPECT_EQ(KeWaitForSingleObject(&never, Executive, KernelMode, TRUE, nullptr), STATUS_ALERTED);
        EXPECT_FALSE(KeTestAlertThread(KernelMode));
        KeAlertThread(KeGetCurrentThread(), UserMode);
        LARGE_INTEGER time = milliseconds(1);
        EXPECT_EQ(KeWaitForSingleObject(&never, Executive, KernelMode, TRUE, &time), STATUS_TIMEOUT);
        EXPECT_TRUE(KeTestAlertThread(UserMode));
        Thread waiter = Thread::start("waiter", [&] {
            KeSetEvent(&asleep, 0, FALSE);
            EXPECT_EQ(KeWaitForSingleObject(&never, Executive, UserMode, TRUE, nullptr), STATUS_ALERTED);
        });
        KeWaitForSingleObject(&asleep, Executive, KernelMode, FALSE, nullptr);
        KeAlertThread(waiter.object(), KernelMode);
        waiter.join();
    });
}

// A signalled object ends a wait before an alert does.
TEST(Apc, AlertsComeAfterSignals) {
    on_sim([] {
        KEVENT event;
        KeInitializeEvent(&event, SynchronizationEvent, TRUE);
        KeAlertThread(KeGetCurrentThread(), KernelMode);
        LARGE_INTEGER none = {};
        EXPECT_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, TRUE, &none), STATUS_SUCCESS);
        EXPECT_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, TRUE, &none), STATUS_ALERTED);
        EXPECT_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, TRUE, &none), STATUS_TIMEOUT);
    });
}

TEST(Apc, OfAThreadThatEndsHasRun) {
    on_seeds(50, [] {
        std::string log;
        Thread brief = Thread::start("brief", [] {});
        Noted s(log, 's', Noted::special, brief.object()), n(log, 'n', Noted::kernel_normal, brief.object());
        const bool first = s.insert(), second = n.insert();
        brief.join();
        EXPECT_EQ(log, std::string(first ? "sk1 " : "") + (second ? "nk1 nn0 " : ""));
    });
}

// A thread that waits for its queue counts as one that works while its APC runs.
TEST(Apc, OfAThreadOfAQueueLeavesItsCountRight) {
    on_seeds(20, [] {
        std::string log;
        KQUEUE queue;
        KeInitializeQueue(&queue, 1);
        LIST_ENTRY entry;
        Thread server = Thread::start("server", [&] {
            EXPECT_EQ(KeRemoveQueue(&queue, KernelMode, nullptr), &entry);
            EXPECT_EQ(queue.CurrentCount, 1u);
        });
        LARGE_INTEGER time = milliseconds(1);
        KeDelayExecutionThread(KernelMode, FALSE, &time);
        Noted s(log, 's', Noted::special, server.object());
        s.insert();
        KeDelayExecutionThread(KernelMode, FALSE, &time);
        EXPECT_EQ(log, "sk1 ");
        EXPECT_EQ(queue.CurrentCount, 0u);
        KeInsertQueue(&queue, &entry);
        server.join();
        KeRundownQueue(&queue);
    });
}

TEST(ApcDeath, ThatReturnsInsideARegionBugChecks) {
    EXPECT_DEATH(on_sim([] {
                     KAPC apc;
                     KeInitializeApc(
                         &apc, KeGetCurrentThread(), OriginalApcEnvironment,
                         [](PKAPC, PKNORMAL_ROUTINE*, PVOID*, PVOID*, PVOID*)
                             __attribute__((ms_abi)) { KeEnterCriticalRegion(); },
                         nullptr, nullptr, KernelMode, nullptr);
                     KeInsertQueueApc(&apc, nullptr, nullptr, 0);
                 }),
                 "APC_INDEX_MISMATCH");
}

}  // namespace
}  // namespace ndiskit::nt
