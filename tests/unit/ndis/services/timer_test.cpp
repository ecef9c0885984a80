// Timer objects, events and work items, after their pages.
#include <gtest/gtest.h>

#include "ndis/nbl/abi.h"
#include "nt/ke/irql.h"
#include "support/nt_machine.h"

namespace ndiskit::ndis {
namespace {

using namespace ndiskit::test;

struct Fired {
    int count = 0;
    KIRQL irql = 0;
    void* context = nullptr;
    NDIS_EVENT event;
    Fired() { NdisInitializeEvent(&event); }
};

Fired* fired = nullptr;

void NTAPI on_timer(PVOID, PVOID context, PVOID, PVOID) {
    fired->count++;
    fired->irql = nt::current_irql();
    fired->context = context;
    if (fired->count >= 3 || context == fired) NdisSetEvent(&fired->event);
}

NDIS_HANDLE make_timer(void* context) {
    NDIS_TIMER_CHARACTERISTICS c{};
    c.Header.Type = NDIS_OBJECT_TYPE_TIMER_CHARACTERISTICS;
    c.Header.Revision = NDIS_TIMER_CHARACTERISTICS_REVISION_1;
    c.Header.Size = NDIS_SIZEOF_TIMER_CHARACTERISTICS_REVISION_1;
    c.TimerFunction = on_timer;
    c.FunctionContext = context;
    NDIS_HANDLE timer = nullptr;
    EXPECT_EQ(NdisAllocateTimerObject(nullptr, &c, &timer), NDIS_STATUS_SUCCESS);
    return timer;
}

LARGE_INTEGER milliseconds_from_now(LONGLONG ms) { return {.QuadPart = -10'000 * ms}; }

TEST(TimerObject, FiresOnceAtDispatchLevelWithItsContext) {
    on_sim([] {
        Fired record;
        fired = &record;
        const NDIS_HANDLE timer = make_timer(&record);
        const engine::Time start = engine::the().now();
        EXPECT_FALSE(NdisSetTimerObject(timer, milliseconds_from_now(50), 0, nullptr));
        EXPECT_TRUE(NdisWaitEvent(&record.event, 1000));
        EXPECT_GE(engine::the().now() - start, 50 * engine::millisecond);
        EXPECT_EQ(record.count, 1);
        EXPECT_EQ(record.irql, DISPATCH_LEVEL);
        EXPECT_EQ(record.context, &record);
        // Another context for one time; the default one comes back after it.
        int other;
        EXPECT_FALSE(NdisSetTimerObject(timer, milliseconds_from_now(1), 0, &other));
        NdisMSleep(5000);
        EXPECT_EQ(record.context, &other);
        EXPECT_FALSE(NdisCancelTimerObject(timer));
        NdisFreeTimerObject(timer);
    });
}

TEST(TimerObject, IsPeriodicUntilCancelled) {
    on_sim([] {
        Fired record;
        fired = &record;
        const NDIS_HANDLE timer = make_timer(nullptr);
        NdisSetTimerObject(timer, milliseconds_from_now(10), 10, nullptr);
        EXPECT_TRUE(NdisWaitEvent(&record.event, 1000));
        EXPECT_TRUE(NdisCancelTimerObject(timer));
        const int count = record.count;
        NdisMSleep(100'000);
        EXPECT_EQ(record.count, count);
        NdisFreeTimerObject(timer);
    });
}

TEST(TimerObject, SettingAndCancellingTellWhetherItWasQueued) {
    on_sim([] {
        const NDIS_HANDLE timer = make_timer(nullptr);
        EXPECT_FALSE(NdisSetTimerObject(timer, milliseconds_from_now(1000), 0, nullptr));
        EXPECT_TRUE(NdisSetCoalescableTimerObject(timer, milliseconds_from_now(2000), 0, nullptr, 50));
        EXPECT_TRUE(NdisCancelTimerObject(timer));
        EXPECT_FALSE(NdisCancelTimerObject(timer));
        NdisFreeTimerObject(timer);
    });
}

TEST(TimerObject, BadCharacteristicsAreRefused) {
    on_sim([] {
        NDIS_TIMER_CHARACTERISTICS c{};
        NDIS_HANDLE timer;
        EXPECT_EQ(NdisAllocateTimerObject(nullptr, &c, &timer), NDIS_STATUS_BAD_CHARACTERISTICS);
    });
}

TEST(Timer, TheOldOnesLiveInTheDriversMemory) {
    on_sim([] {
        Fired record;
        fired = &record;
        NDIS_TIMER timer;
        NdisInitializeTimer(&timer, on_timer, &record);
        NdisSetTimer(&timer, 5);
        EXPECT_TRUE(NdisWaitEvent(&record.event, 100));
        NdisSetTimer(&timer, 5);
        BOOLEAN cancelled = FALSE;
        NdisCancelTimer(&timer, &cancelled);
        EXPECT_TRUE(cancelled);
        EXPECT_EQ(record.count, 1);
    });
}

TEST(Event, WaitsUntilItIsSetOrTheTimeIsOver) {
    on_sim([] {
        NDIS_EVENT event;
        NdisInitializeEvent(&event);
        EXPECT_FALSE(NdisWaitEvent(&event, 10));
        NdisSetEvent(&event);
        EXPECT_TRUE(NdisWaitEvent(&event, 0));
        EXPECT_TRUE(NdisWaitEvent(&event, 10)) << "it stays set";
        NdisResetEvent(&event);
        EXPECT_FALSE(NdisWaitEvent(&event, 10));
    });
}

void NTAPI on_work(PVOID context, NDIS_HANDLE item) {
    auto* record = static_cast<Fired*>(context);
    record->irql = nt::current_irql();
    if (++record->count < 3) {
        NdisQueueIoWorkItem(item, on_work, context);
        return;
    }
    NdisFreeIoWorkItem(item);
    NdisSetEvent(&record->event);
}

TEST(WorkItem, RunsAtPassiveLevelAndMayQueueOrFreeItself) {
    on_sim([] {
        Fired record;
        record.irql = 99;
        EXPECT_EQ(NdisAllocateIoWorkItem(nullptr), nullptr);
        NdisQueueIoWorkItem(NdisAllocateIoWorkItem(&record), on_work, &record);
        EXPECT_TRUE(NdisWaitEvent(&record.event, 1000));
        EXPECT_EQ(record.count, 3);
        EXPECT_EQ(record.irql, PASSIVE_LEVEL);
    });
}

void free_set_timer() {
    const NDIS_HANDLE timer = make_timer(nullptr);
    NdisSetTimerObject(timer, milliseconds_from_now(1000), 0, nullptr);
    NdisFreeTimerObject(timer);
}

void queue_twice() {
    const nt::AtDispatch at_dispatch;
    Fired record;
    const NDIS_HANDLE item = NdisAllocateIoWorkItem(&record);
    NdisQueueIoWorkItem(item, on_work, &record);
    NdisQueueIoWorkItem(item, on_work, &record);
}

void wait_at_dispatch() {
    NDIS_EVENT event;
    NdisInitializeEvent(&event);
    const nt::AtDispatch at_dispatch;
    NdisWaitEvent(&event, 1);
}

TEST(TimerDeathTest, FaultsOfDriversAreBugChecks) {
    EXPECT_EXIT(on_sim(free_set_timer), testing::ExitedWithCode(3), "0x000000c7");
    EXPECT_EXIT(on_sim(queue_twice), testing::ExitedWithCode(3), "0x000000e4");
    EXPECT_EXIT(on_sim(wait_at_dispatch), testing::ExitedWithCode(3), "0x0000007c");
}

}  // namespace
}  // namespace ndiskit::ndis
