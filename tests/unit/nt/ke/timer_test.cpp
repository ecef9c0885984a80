#include "nt/ke/timer.h"

#include <gtest/gtest.h>

#include <atomic>

#include "nt/ke/irql.h"
#include "nt/ke/thread.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_live;
using test::on_seeds;
using test::on_sim;

LARGE_INTEGER in_ms(LONGLONG milliseconds) { return {.QuadPart = -milliseconds * 10'000}; }
void wait(void* object) { KeWaitForSingleObject(object, Executive, KernelMode, FALSE, nullptr); }
void sleep_ms(LONGLONG milliseconds) {
    LARGE_INTEGER interval = in_ms(milliseconds);
    KeDelayExecutionThread(KernelMode, FALSE, &interval);
}

void NTAPI count_up(KDPC*, PVOID context, PVOID, PVOID) { ++*static_cast<std::atomic<int>*>(context); }

TEST(Timer, IsSignalledWhenDue) {
    on_seeds(50, [] {
        KTIMER timer;
        KeInitializeTimer(&timer);
        EXPECT_FALSE(KeSetTimer(&timer, in_ms(20), nullptr));
        EXPECT_FALSE(KeReadStateTimer(&timer));
        const engine::Time before = engine::the().now();
        wait(&timer);
        // To the millisecond: on sim reading the clock moves it a little.
        EXPECT_EQ((engine::the().now() - before) / engine::millisecond, 20);
        EXPECT_TRUE(KeReadStateTimer(&timer));
        EXPECT_FALSE(KeCancelTimer(&timer));
    });
}

TEST(Timer, CallsItsDpcAndSettingAgainReplaces) {
    on_seeds(50, [] {
        std::atomic<int> calls = 0;
        KDPC dpc;
        KTIMER timer;
        KeInitializeDpc(&dpc, count_up, &calls);
        KeInitializeTimer(&timer);
        KeSetTimer(&timer, in_ms(5), &dpc);
        EXPECT_TRUE(KeSetTimer(&timer, in_ms(50), &dpc));
        sleep_ms(20);
        EXPECT_EQ(calls, 0);
        sleep_ms(40);
        KeFlushQueuedDpcs();
        EXPECT_EQ(calls, 1);
    });
}

TEST(Timer, PeriodicOnesFireUntilCancelled) {
    on_seeds(50, [] {
        std::atomic<int> calls = 0;
        KDPC dpc;
        KTIMER timer;
        KeInitializeDpc(&dpc, count_up, &calls);
        KeInitializeTimerEx(&timer, SynchronizationTimer);
        KeSetTimerEx(&timer, in_ms(10), 10, &dpc);
        for (int i = 0; i < 5; ++i) wait(&timer);
        EXPECT_TRUE(KeCancelTimer(&timer));
        KeFlushQueuedDpcs();
        EXPECT_EQ(calls, 5);
        sleep_ms(100);
        EXPECT_EQ(calls, 5);
    });
}

TEST(Timer, OneThatIsDueAlreadyFiresAtOnce) {
    on_sim([] {
        KTIMER timer;
        KeInitializeTimer(&timer);
        LARGE_INTEGER past{.QuadPart = engine::the().system_time() - 10};
        KeSetTimer(&timer, past, nullptr);
        EXPECT_TRUE(KeReadStateTimer(&timer));
    });
}

// A timer that races with its cancellation: afterwards the DPC has run, or the cancellation said TRUE.
void race_with_cancel() {
    std::atomic<int> calls = 0;
    KDPC dpc;
    KTIMER timer;
    KeInitializeDpc(&dpc, count_up, &calls);
    KeInitializeTimer(&timer);
    KeSetTimer(&timer, in_ms(1), &dpc);
    sleep_ms(1);
    const bool cancelled = KeCancelTimer(&timer);
    KeFlushQueuedDpcs();
    EXPECT_EQ(calls, cancelled ? 0 : 1);
}

TEST(Timer, CancelAndExpiryRace) { on_seeds(200, race_with_cancel); }

TEST(TimerLive, CancelAndExpiryRace) {
    on_live([] {
        for (int i = 0; i < 20; ++i) race_with_cancel();
    });
}

TEST(Timer, ManyExpireInOrder) {
    on_seeds(20, [] {
        static std::vector<int> order;
        order.clear();
        KDPC dpcs[20];
        KTIMER timers[20];
        {
            const AtDispatch at_dispatch;  // one processor
            for (int i = 0; i < 20; ++i) {
                KeInitializeDpc(
                    &dpcs[i],
                    [](KDPC*, PVOID context, PVOID, PVOID)
                        NTAPI { order.push_back(static_cast<int>(reinterpret_cast<uintptr_t>(context))); },
                    reinterpret_cast<PVOID>(static_cast<uintptr_t>(i)));
                KeInitializeTimer(&timers[i]);
                KeSetTimer(&timers[i], in_ms((i * 7) % 20 + 1), &dpcs[i]);
            }
            for (int i = 0; i < 20; i += 4) KeCancelTimer(&timers[i]);
        }
        sleep_ms(30);
        KeFlushQueuedDpcs();
        ASSERT_EQ(order.size(), 15u);
        for (size_t i = 1; i < order.size(); ++i) EXPECT_LT((order[i - 1] * 7) % 20, (order[i] * 7) % 20);
    });
}

TEST(TimerDeathTest, OverwritingAnInsertedTimerIsABugCheck) {
    EXPECT_EXIT(on_sim([] {
                    KTIMER timer;
                    KeInitializeTimer(&timer);
                    KeSetTimer(&timer, in_ms(5), nullptr);
                    timer.TimerListEntry.Flink = nullptr;
                    timer.TimerListEntry.Flink = reinterpret_cast<LIST_ENTRY*>(77);
                    KeCancelTimer(&timer);
                }),
                testing::ExitedWithCode(3), "STOP: 0x000000c7");
}

}  // namespace
}  // namespace ndiskit::nt
