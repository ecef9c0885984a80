// Locks for threads: fast mutexes, push locks, resources, rundown protection.
#include <gtest/gtest.h>

#include <atomic>

#include "nt/ke/api.h"
#include "nt/ke/irql.h"
#include "nt/ke/thread.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_live;
using test::on_seeds;
using test::on_sim;

void yield() { engine::the().switch_point(engine::SwitchPoint::yield); }

void in_threads(int count, const std::function<void()>& body) {
    std::vector<Thread> threads;
    for (int i = 0; i < count; ++i) threads.push_back(Thread::start("user", body));
    for (Thread& thread : threads) thread.join();
}

// Writers see nobody beside them; readers see no change.
template <class Exclusive, class Unlock, class Shared, class UnlockShared>
void check(int rounds, Exclusive exclusive, Unlock unlock, Shared shared, UnlockShared unlock_shared) {
    int value = 0;
    in_threads(3, [&] {
        for (int i = 0; i < rounds; ++i) {
            shared();
            const int seen = value;
            yield();
            EXPECT_EQ(value, seen);
            unlock_shared();
            exclusive();
            const int before = value;
            yield();
            value = before + 1;
            unlock();
        }
    });
    EXPECT_EQ(value, 3 * rounds);
}

void fast_mutex(int rounds) {
    FAST_MUTEX mutex;
    ExInitializeFastMutex(&mutex);
    const auto lock = [&] {
        ExAcquireFastMutex(&mutex);
        EXPECT_EQ(current_irql(), APC_LEVEL);
    };
    const auto unlock = [&] {
        ExReleaseFastMutex(&mutex);
        EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
    };
    check(rounds, lock, unlock, lock, unlock);
}

void guarded_mutex(int rounds) {
    KGUARDED_MUTEX mutex;
    KeInitializeGuardedMutex(&mutex);
    const auto lock = [&] {
        KeAcquireGuardedMutex(&mutex);
        EXPECT_TRUE(KeAreAllApcsDisabled());
    };
    const auto unlock = [&] { KeReleaseGuardedMutex(&mutex); };
    check(rounds, lock, unlock, lock, unlock);
}

void push_lock(int rounds) {
    ULONG_PTR lock;
    ExInitializePushLock(&lock);
    check(
        rounds, [&] { ExAcquirePushLockExclusiveEx(&lock, 0); },
        [&] { ExReleasePushLockExclusiveEx(&lock, 0); }, [&] { ExAcquirePushLockSharedEx(&lock, 0); },
        [&] { ExReleasePushLockSharedEx(&lock, 0); });
}

void resource(int rounds) {
    ERESOURCE resource;
    ExInitializeResourceLite(&resource);
    const auto release = [&] { ExReleaseResourceLite(&resource); };
    check(
        rounds, [&] { ExAcquireResourceExclusiveLite(&resource, TRUE); }, release,
        [&] { ExAcquireResourceSharedLite(&resource, TRUE); }, release);
    ExDeleteResourceLite(&resource);
}

TEST(ThreadLocks, KeepOthersOut) {
    on_seeds(
        100,
        [] {
            fast_mutex(4);
            guarded_mutex(4);
            push_lock(4);
            resource(4);
        },
        3);
}

TEST(ThreadLocksLive, KeepOthersOut) {
    on_live([] {
        fast_mutex(500);
        guarded_mutex(500);
        push_lock(500);
        resource(500);
    });
}

TEST(FastMutex, TryFailsWhenHeld) {
    on_sim([] {
        FAST_MUTEX mutex;
        ExInitializeFastMutex(&mutex);
        EXPECT_TRUE(ExTryToAcquireFastMutex(&mutex));
        EXPECT_FALSE(ExTryToAcquireFastMutex(&mutex));
        EXPECT_EQ(current_irql(), APC_LEVEL);
        ExReleaseFastMutex(&mutex);
        EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
    });
}

TEST(Resource, OwnersMayTakeItAgain) {
    on_sim([] {
        ERESOURCE resource;
        ExInitializeResourceLite(&resource);
        EXPECT_TRUE(ExAcquireResourceExclusiveLite(&resource, FALSE));
        EXPECT_TRUE(ExAcquireResourceExclusiveLite(&resource, FALSE));
        EXPECT_TRUE(ExAcquireResourceSharedLite(&resource, FALSE));
        EXPECT_TRUE(ExIsResourceAcquiredExclusiveLite(&resource));
        EXPECT_EQ(ExIsResourceAcquiredSharedLite(&resource), 3u);
        Thread::start("other", [&] { EXPECT_FALSE(ExAcquireResourceSharedLite(&resource, FALSE)); }).join();
        ExConvertExclusiveToSharedLite(&resource);
        Thread::start("other", [&] {
            EXPECT_TRUE(ExAcquireResourceSharedLite(&resource, FALSE));
            EXPECT_FALSE(ExAcquireResourceExclusiveLite(&resource, FALSE));
            ExReleaseResourceLite(&resource);
        }).join();
        for (int i = 0; i < 3; ++i) ExReleaseResourceLite(&resource);
        EXPECT_EQ(ExIsResourceAcquiredSharedLite(&resource), 0u);
        ExDeleteResourceLite(&resource);
    });
}

TEST(Resource, ManyReadersAtOnce) {
    on_seeds(20, [] {
        ERESOURCE resource;
        ExInitializeResourceLite(&resource);
        std::atomic<int> inside = 0;
        KEVENT all_in;
        KeInitializeEvent(&all_in, NotificationEvent, FALSE);
        in_threads(9, [&] {
            ExAcquireResourceSharedLite(&resource, TRUE);
            if (++inside == 9) KeSetEvent(&all_in, 0, FALSE);
            KeWaitForSingleObject(&all_in, Executive, KernelMode, FALSE, nullptr);
            ExReleaseResourceLite(&resource);
        });
        EXPECT_TRUE(ExAcquireResourceExclusiveLite(&resource, FALSE));
        ExReleaseResourceLite(&resource);
        ExDeleteResourceLite(&resource);
    });
}

TEST(ResourceDeathTest, ReleasingWhatOneDoesNotOwnIsABugCheck) {
    EXPECT_EXIT(on_sim([] {
                    ERESOURCE resource;
                    ExInitializeResourceLite(&resource);
                    ExReleaseResourceLite(&resource);
                }),
                testing::ExitedWithCode(3), "STOP: 0x000000e3");
}

void rundown(int users) {
    EX_RUNDOWN_REF reference;
    ExInitializeRundownProtection(&reference);
    std::atomic<bool> gone = false;
    std::atomic<int> refused = 0;
    std::vector<Thread> threads;
    for (int i = 0; i < users; ++i) {
        threads.push_back(Thread::start("user", [&] {
            while (ExAcquireRundownProtection(&reference)) {
                yield();
                EXPECT_FALSE(gone);
                ExReleaseRundownProtection(&reference);
                yield();
            }
            ++refused;
        }));
    }
    yield();
    ExWaitForRundownProtectionRelease(&reference);
    gone = true;
    ExRundownCompleted(&reference);
    for (Thread& thread : threads) thread.join();
    EXPECT_EQ(refused, users);
    ExReInitializeRundownProtection(&reference);
    EXPECT_TRUE(ExAcquireRundownProtection(&reference));
    ExReleaseRundownProtection(&reference);
}

TEST(Rundown, WaitsForUsersAndRefusesNewOnes) {
    on_seeds(200, [] { rundown(3); });
}
TEST(RundownLive, WaitsForUsersAndRefusesNewOnes) {
    on_live([] {
        for (int i = 0; i < 20; ++i) rundown(3);
    });
}

TEST(RundownDeathTest, ReleasingTooOftenIsABugCheck) {
    EXPECT_EXIT(on_sim([] {
                    EX_RUNDOWN_REF reference;
                    ExInitializeRundownProtection(&reference);
                    ExReleaseRundownProtection(&reference);
                }),
                testing::ExitedWithCode(3), "STOP: 0x00000018");
}

}  // namespace
}  // namespace ndiskit::nt
