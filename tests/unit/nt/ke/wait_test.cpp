#include <gtest/gtest.h>

#include <atomic>

#include "nt/ke/irql.h"
#include "nt/ke/thread.h"
#include "support/nt_machine.h"

extern "C" NTSTATUS NTAPI ZwYieldExecution();

namespace ndiskit::nt {
namespace {

using test::on_live;
using test::on_seeds;
using test::on_sim;

NTSTATUS wait(void* object, LONGLONG milliseconds = -1) {
    LARGE_INTEGER timeout{.QuadPart = -milliseconds * 10'000};
    return KeWaitForSingleObject(object, Executive, KernelMode, FALSE, milliseconds < 0 ? nullptr : &timeout);
}

TEST(Wait, ANotificationEventReleasesAllWaitersAndStaysSet) {
    on_seeds(50, [] {
        KEVENT event;
        KeInitializeEvent(&event, NotificationEvent, FALSE);
        std::atomic<int> released = 0;
        std::vector<Thread> threads;
        for (int i = 0; i < 4; ++i) {
            threads.push_back(Thread::start("waiter", [&] {
                EXPECT_EQ(wait(&event), STATUS_SUCCESS);
                ++released;
            }));
        }
        EXPECT_EQ(wait(&event, 1), STATUS_TIMEOUT);
        EXPECT_EQ(KeSetEvent(&event, 0, FALSE), 0);
        for (Thread& thread : threads) thread.join();
        EXPECT_EQ(released, 4);
        EXPECT_EQ(KeResetEvent(&event), 1);
        EXPECT_EQ(KeReadStateEvent(&event), 0);
    });
}

TEST(Wait, ASynchronizationEventReleasesOneWaiterASignal) {
    on_seeds(100, [] {
        KEVENT event, released;
        KeInitializeEvent(&event, SynchronizationEvent, FALSE);
        KeInitializeEvent(&released, SynchronizationEvent, FALSE);
        std::atomic<int> count = 0;
        std::vector<Thread> threads;
        for (int i = 0; i < 3; ++i) {
            threads.push_back(Thread::start("waiter", [&] {
                wait(&event);
                ++count;
                KeSetEvent(&released, 0, FALSE);
            }));
        }
        for (int i = 1; i <= 3; ++i) {
            KeSetEvent(&event, 0, FALSE);
            wait(&released);
            EXPECT_EQ(count, i);
            EXPECT_EQ(KeReadStateEvent(&event), 0);
        }
        for (Thread& thread : threads) thread.join();
    });
}

TEST(Wait, SeveralObjectsAnyAndAll) {
    on_seeds(50, [] {
        KEVENT a, b;
        KeInitializeEvent(&a, SynchronizationEvent, FALSE);
        KeInitializeEvent(&b, SynchronizationEvent, FALSE);
        PVOID both[] = {&a, &b};
        Thread setter = Thread::start("setter", [&] { KeSetEvent(&b, 0, FALSE); });
        EXPECT_EQ(KeWaitForMultipleObjects(2, both, WaitAny, Executive, KernelMode, FALSE, nullptr, nullptr),
                  STATUS_WAIT_1);
        setter.join();
        EXPECT_EQ(KeReadStateEvent(&b), 0);

        Thread one = Thread::start("one", [&] { KeSetEvent(&a, 0, FALSE); });
        Thread other = Thread::start("other", [&] { KeSetEvent(&b, 0, FALSE); });
        EXPECT_EQ(KeWaitForMultipleObjects(2, both, WaitAll, Executive, KernelMode, FALSE, nullptr, nullptr),
                  STATUS_WAIT_0);
        EXPECT_EQ(KeReadStateEvent(&a), 0);
        EXPECT_EQ(KeReadStateEvent(&b), 0);
        one.join();
        other.join();
    });
}

TEST(Wait, AWaitForAllTakesNothingUntilAllAreSignalled) {
    on_sim([] {
        KEVENT a, b;
        KeInitializeEvent(&a, SynchronizationEvent, TRUE);
        KeInitializeEvent(&b, SynchronizationEvent, FALSE);
        PVOID both[] = {&a, &b};
        LARGE_INTEGER soon{.QuadPart = -10'000};
        EXPECT_EQ(KeWaitForMultipleObjects(2, both, WaitAll, Executive, KernelMode, FALSE, &soon, nullptr),
                  STATUS_TIMEOUT);
        EXPECT_EQ(KeReadStateEvent(&a), 1);
    });
}

TEST(Wait, ATimeoutRunsOnTheClock) {
    on_sim([] {
        KEVENT event;
        KeInitializeEvent(&event, NotificationEvent, FALSE);
        const engine::Time before = engine::the().now();
        EXPECT_EQ(wait(&event, 250), STATUS_TIMEOUT);
        EXPECT_EQ((engine::the().now() - before) / engine::millisecond, 250);

        LARGE_INTEGER absolute{.QuadPart = engine::the().system_time() + 30'000};
        EXPECT_EQ(KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, &absolute), STATUS_TIMEOUT);
        EXPECT_EQ((engine::the().now() - before) / engine::millisecond, 253);
        EXPECT_EQ(wait(&event, 0), STATUS_TIMEOUT);
    });
}

// A thread that spins for another one's work.
TEST(Wait, AYieldLetsOthersRun) {
    on_sim([] {
        std::atomic<bool> done = false;
        auto other = Thread::start("other", [&] { done = true; });
        while (!done) EXPECT_EQ(ZwYieldExecution(), STATUS_SUCCESS);
        other.join();
    });
}

TEST(Wait, ZeroTimeoutIsGoodAtDispatchLevel) {
    on_sim([] {
        KEVENT event;
        KeInitializeEvent(&event, SynchronizationEvent, TRUE);
        const AtDispatch at_dispatch;
        EXPECT_EQ(wait(&event, 0), STATUS_SUCCESS);
        EXPECT_EQ(wait(&event, 0), STATUS_TIMEOUT);
    });
}

TEST(WaitDeathTest, ALongWaitAtDispatchLevelIsABugCheck) {
    EXPECT_EXIT(on_sim([] {
                    KEVENT event;
                    KeInitializeEvent(&event, SynchronizationEvent, TRUE);
                    const AtDispatch at_dispatch;
                    wait(&event);
                }),
                testing::ExitedWithCode(3), "STOP: 0x0000000a");
}

TEST(Wait, ASemaphoreCounts) {
    on_seeds(50, [] {
        KSEMAPHORE semaphore;
        KeInitializeSemaphore(&semaphore, 0, 5);
        std::atomic<int> through = 0;
        std::vector<Thread> threads;
        for (int i = 0; i < 3; ++i) {
            threads.push_back(Thread::start("waiter", [&] {
                wait(&semaphore);
                ++through;
            }));
        }
        EXPECT_EQ(KeReleaseSemaphore(&semaphore, 0, 3, FALSE), 0);
        for (Thread& thread : threads) thread.join();
        EXPECT_EQ(KeReadStateSemaphore(&semaphore), 0);
        EXPECT_EQ(KeReleaseSemaphore(&semaphore, 0, 5, FALSE), 0);
        EXPECT_EQ(KeReadStateSemaphore(&semaphore), 5);
    });
}

TEST(Wait, AMutexIsRecursiveAndExclusive) {
    on_seeds(100, [] {
        KMUTEX mutex;
        KeInitializeMutex(&mutex, 0);
        int inside = 0;
        const auto body = [&] {
            for (int i = 0; i < 5; ++i) {
                wait(&mutex);
                wait(&mutex);
                EXPECT_TRUE(KeAreApcsDisabled());
                EXPECT_EQ(++inside, 1);
                engine::the().switch_point(engine::SwitchPoint::yield);
                --inside;
                KeReleaseMutex(&mutex, FALSE);
                EXPECT_EQ(KeReleaseMutex(&mutex, FALSE), 0);
                EXPECT_FALSE(KeAreApcsDisabled());
            }
        };
        Thread one = Thread::start("one", body), two = Thread::start("two", body);
        one.join();
        two.join();
        EXPECT_EQ(KeReadStateMutex(&mutex), 1);
    });
}

TEST(WaitDeathTest, AThreadMustNotEndWhileItOwnsAMutex) {
    EXPECT_EXIT(on_sim([] {
                    KMUTEX mutex;
                    KeInitializeMutant(&mutex, FALSE);
                    Thread::start("owner", [&] { wait(&mutex); }).join();
                }),
                testing::ExitedWithCode(3), "STOP: 0x4000008a");
}

TEST(Wait, APulseReleasesWhoWaitsAndLeavesTheEventReset) {
    on_seeds(50, [] {
        KEVENT event;
        KeInitializeEvent(&event, NotificationEvent, FALSE);
        Thread waiter = Thread::start("waiter", [&] { wait(&event); });
        while (IsListEmpty(&event.Header.WaitListHead)) engine::the().spin(0);
        EXPECT_EQ(KePulseEvent(&event, 0, FALSE), 0);
        EXPECT_EQ(KeReadStateEvent(&event), 0);
        waiter.join();
    });
}

TEST(Wait, ATimeoutAndASignalRace) {
    on_seeds(200, [] {
        KEVENT event;
        KeInitializeEvent(&event, SynchronizationEvent, FALSE);
        NTSTATUS status = STATUS_UNSUCCESSFUL;
        Thread waiter = Thread::start("waiter", [&] { status = wait(&event, 1); });
        LARGE_INTEGER delay{.QuadPart = -10'000};
        KeDelayExecutionThread(KernelMode, FALSE, &delay);
        KeSetEvent(&event, 0, FALSE);
        waiter.join();
        // Whoever came first, the signal is either consumed or still there.
        EXPECT_EQ(KeReadStateEvent(&event), status == STATUS_TIMEOUT ? 1 : 0);
    });
}

TEST(WaitLive, PingPong) {
    on_live([] {
        KEVENT ping, pong;
        KeInitializeEvent(&ping, SynchronizationEvent, FALSE);
        KeInitializeEvent(&pong, SynchronizationEvent, FALSE);
        int ball = 0;
        Thread other = Thread::start("other", [&] {
            for (int i = 0; i < 500; ++i) {
                wait(&ping);
                ++ball;
                KeSetEvent(&pong, 0, FALSE);
            }
        });
        for (int i = 0; i < 500; ++i) {
            KeSetEvent(&ping, 0, FALSE);
            wait(&pong);
            EXPECT_EQ(ball, i + 1);
        }
        other.join();
    });
}

}  // namespace
}  // namespace ndiskit::nt
