// Timers with a routine. https://learn.microsoft.com/windows-hardware/drivers/kernel/timer-objects
#include "nt/object/timer_object.h"

#include <gtest/gtest.h>

#include "nt/ke/api.h"
#include "nt/ke/irql.h"
#include "nt/object/object.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_live;
using test::on_seeds;
using test::on_sim;

struct Calls {
    int count = 0;
    PKTHREAD thread = nullptr;
    KIRQL irql = 0xFF;
    LONGLONG time = 0;
};

void NTAPI note(PVOID context, ULONG low, LONG high) {
    auto& calls = *static_cast<Calls*>(context);
    ++calls.count;
    calls.thread = KeGetCurrentThread();
    calls.irql = KeGetCurrentIrql();
    calls.time = static_cast<LONGLONG>(high) << 32 | low;
}

LARGE_INTEGER milliseconds(LONGLONG count) { return {.QuadPart = -10'000 * count}; }

void let_pass(LONGLONG count) {
    LARGE_INTEGER time = milliseconds(count);
    KeDelayExecutionThread(KernelMode, FALSE, &time);
}

HANDLE new_timer() {
    HANDLE timer = nullptr;
    EXPECT_EQ(ZwCreateTimer(&timer, 0, nullptr, NotificationTimer), STATUS_SUCCESS);
    return timer;
}

void calls_the_routine_in_the_thread_that_set_it() {
    const HANDLE timer = new_timer();
    Calls calls;
    LARGE_INTEGER soon = milliseconds(1), now;
    ASSERT_EQ(ZwSetTimer(timer, &soon, note, &calls, FALSE, 0, nullptr), STATUS_SUCCESS);
    while (calls.count == 0) let_pass(1);
    let_pass(5);
    KeQuerySystemTime(&now);
    EXPECT_EQ(calls.count, 1);
    EXPECT_EQ(calls.thread, KeGetCurrentThread());
    EXPECT_EQ(calls.irql, PASSIVE_LEVEL);
    EXPECT_GT(calls.time, now.QuadPart - 10'000'000);
    EXPECT_LE(calls.time, now.QuadPart);
    ZwClose(timer);
}

TEST(TimerObject, CallsItsRoutineInTheThreadThatSetIt) {
    on_seeds(30, calls_the_routine_in_the_thread_that_set_it);
}
TEST(TimerObjectLive, CallsItsRoutineInTheThreadThatSetIt) {
    on_live(calls_the_routine_in_the_thread_that_set_it);
}

TEST(TimerObject, WithAPeriodCallsItsRoutineUntilItIsCancelled) {
    on_seeds(10, [] {
        const HANDLE timer = new_timer();
        Calls calls;
        BOOLEAN state = FALSE;
        TIMER_SET_COALESCABLE_TIMER_INFO info = {.DueTime = milliseconds(2),
                                                 .TimerApcRoutine = note,
                                                 .TimerContext = &calls,
                                                 .TimerPeriod = 3,
                                                 .PreviousState = &state};
        ASSERT_EQ(ZwSetTimerEx(timer, 0, &info, sizeof info), STATUS_SUCCESS);
        while (calls.count < 3) let_pass(1);
        EXPECT_EQ(ZwCancelTimer(timer, nullptr), STATUS_SUCCESS);
        const int before = calls.count;
        let_pass(20);
        EXPECT_EQ(calls.count, before);
        ZwClose(timer);
    });
}

TEST(TimerObject, OutlivesItsHandleWhileItIsSetWithARoutine) {
    on_seeds(10, [] {
        const HANDLE timer = new_timer();
        Calls calls;
        LARGE_INTEGER soon = milliseconds(2);
        ASSERT_EQ(ZwSetTimer(timer, &soon, note, &calls, FALSE, 0, nullptr), STATUS_SUCCESS);
        ZwClose(timer);
        let_pass(10);
        EXPECT_EQ(calls.count, 1);
    });
}

TEST(TimerObject, SettingItAnewTakesTheRoutineAway) {
    on_sim([] {
        const HANDLE timer = new_timer();
        Calls first, second;
        LARGE_INTEGER soon = milliseconds(2);
        KeEnterCriticalRegion();
        ASSERT_EQ(ZwSetTimer(timer, &soon, note, &first, FALSE, 0, nullptr), STATUS_SUCCESS);
        let_pass(5);  // its APC is queued, and held off
        ASSERT_EQ(ZwSetTimer(timer, &soon, note, &second, FALSE, 0, nullptr), STATUS_SUCCESS);
        KeLeaveCriticalRegion();
        let_pass(5);
        EXPECT_EQ(first.count, 0);
        EXPECT_EQ(second.count, 1);
        ZwClose(timer);
    });
}

TEST(TimerObject, OfAThreadThatEndsIsCancelled) {
    on_seeds(10, [] {
        const HANDLE timer = new_timer();
        Calls calls;
        Thread::start("brief", [&] {
            LARGE_INTEGER soon = milliseconds(2);
            EXPECT_EQ(ZwSetTimer(timer, &soon, note, &calls, FALSE, 1, nullptr), STATUS_SUCCESS);
        }).join();
        LARGE_INTEGER time = milliseconds(20);
        EXPECT_EQ(ZwWaitForSingleObject(timer, FALSE, &time), STATUS_TIMEOUT);
        EXPECT_EQ(calls.count, 0);
        ZwClose(timer);
    });
}

}  // namespace
}  // namespace ndiskit::nt
