// Affinity, work items, system-allocated timers, time, IPIs, device queues, stacks, bug check callbacks,
// exports.
#include <gtest/gtest.h>

#include <atomic>

#include "nt/ke/api.h"
#include "nt/ke/bugcheck_callbacks.h"
#include "nt/ke/exports.h"
#include "nt/ke/irql.h"
#include "nt/ke/processor.h"
#include "nt/ke/thread.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_live;
using test::on_seeds;
using test::on_sim;

void wait(void* object) { KeWaitForSingleObject(object, Executive, KernelMode, FALSE, nullptr); }
void sleep_ms(LONGLONG milliseconds) {
    LARGE_INTEGER interval{.QuadPart = -milliseconds * 10'000};
    KeDelayExecutionThread(KernelMode, FALSE, &interval);
}

TEST(Affinity, MovesAThreadAtOnceBelowDispatchLevel) {
    on_seeds(
        50,
        [] {
            for (uint32_t number = 0; number < 3; ++number) {
                EXPECT_EQ(KeSetSystemAffinityThreadEx(KAFFINITY{1} << number), 0u);
                EXPECT_EQ(KeGetCurrentProcessorNumberEx(nullptr), number);
                engine::the().switch_point(engine::SwitchPoint::yield);
                const AtDispatch at_dispatch;
                EXPECT_EQ(KeGetCurrentProcessorNumberEx(nullptr), number);
                KeRevertToUserAffinityThreadEx(0);
            }
            EXPECT_EQ(KeSetSystemAffinityThreadEx(2), 0u);
            EXPECT_EQ(KeSetSystemAffinityThreadEx(4), 2u);
            EXPECT_EQ(KeSetSystemAffinityThreadEx(8), 4u);  // there is no such processor: no effect
            EXPECT_EQ(KeGetCurrentProcessorNumberEx(nullptr), 2u);
            KeRevertToUserAffinityThreadEx(2);
            EXPECT_EQ(KeGetCurrentProcessorNumberEx(nullptr), 1u);
            KeRevertToUserAffinityThreadEx(0);
        },
        3);
}

TEST(Affinity, AtDispatchLevelItWaitsForTheLowering) {
    on_sim([] {
        KeSetSystemAffinityThreadEx(1);
        {
            const AtDispatch at_dispatch;
            EXPECT_EQ(KeSetSystemAffinityThreadEx(2), 1u);
            EXPECT_EQ(KeGetCurrentProcessorNumberEx(nullptr), 0u);
        }
        EXPECT_EQ(KeGetCurrentProcessorNumberEx(nullptr), 1u);
        KeRevertToUserAffinityThreadEx(0);
    });
}

TEST(Processors, AreCountedInOneGroup) {
    on_sim(
        [] {
            EXPECT_EQ(KeQueryActiveProcessorCountEx(0xffff), 3u);
            EXPECT_EQ(KeQueryActiveProcessorCountEx(1), 0u);
            EXPECT_EQ(KeQueryActiveProcessors(), 7u);
            PROCESSOR_NUMBER number;
            EXPECT_EQ(KeGetProcessorNumberFromIndex(2, &number), STATUS_SUCCESS);
            EXPECT_EQ(KeGetProcessorIndexFromNumber(&number), 2u);
            EXPECT_EQ(KeGetProcessorNumberFromIndex(3, &number), STATUS_INVALID_PARAMETER);

            ULONG length = 0;
            EXPECT_EQ(KeQueryLogicalProcessorRelationship(nullptr, RelationProcessorCore, nullptr, &length),
                      STATUS_INFO_LENGTH_MISMATCH);
            std::vector<char> buffer(length);
            auto* const information =
                reinterpret_cast<SYSTEM_LOGICAL_PROCESSOR_INFORMATION_EX*>(buffer.data());
            EXPECT_EQ(
                KeQueryLogicalProcessorRelationship(nullptr, RelationProcessorCore, information, &length),
                STATUS_SUCCESS);
            EXPECT_EQ(length, 3 * information->Size);
            EXPECT_EQ(information->Processor.GroupMask[0].Mask, 1u);
        },
        1, 3);
}

void run_work_items(int count) {
    struct Item {
        WORK_QUEUE_ITEM item;
        std::atomic<int>* left;
        KEVENT* done;
    };
    std::atomic<int> left = count;
    KEVENT done;
    KeInitializeEvent(&done, NotificationEvent, FALSE);
    std::vector<Item> items(static_cast<size_t>(count));
    for (size_t i = 0; i < items.size(); ++i) {
        items[i].left = &left;
        items[i].done = &done;
        items[i].item.Parameter = &items[i];
        items[i].item.WorkerRoutine = [](PVOID parameter) NTAPI {
            Item& item = *static_cast<Item*>(parameter);
            EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
            if (--*item.left == 0) KeSetEvent(item.done, 0, FALSE);
        };
        const AtDispatch at_dispatch;
        ExQueueWorkItem(&items[i].item, i % 2 ? DelayedWorkQueue : CriticalWorkQueue);
    }
    wait(&done);
}

TEST(WorkItems, RunAtPassiveLevel) {
    on_seeds(100, [] { run_work_items(10); });
}
TEST(WorkItemsLive, RunAtPassiveLevel) {
    on_live([] {
        for (int i = 0; i < 20; ++i) run_work_items(50);
    });
}

TEST(WorkItems, OnesThatWaitForLaterOnesDoNotStopTheQueue) {
    on_seeds(20, [] {
        static KEVENT go;
        static std::atomic<int> waiting;
        KeInitializeEvent(&go, NotificationEvent, FALSE);
        waiting = 0;
        WORK_QUEUE_ITEM blocked[8], last;
        for (WORK_QUEUE_ITEM& item : blocked) {
            item.WorkerRoutine = [](PVOID) NTAPI {
                wait(&go);
                ++waiting;
            };
            ExQueueWorkItem(&item, DelayedWorkQueue);
        }
        last.WorkerRoutine = [](PVOID) NTAPI { KeSetEvent(&go, 0, FALSE); };
        ExQueueWorkItem(&last, DelayedWorkQueue);
        wait(&go);
        while (waiting < 8) sleep_ms(1);
    });
}

TEST(ExTimer, CallsBackAndIsSignalled) {
    on_seeds(50, [] {
        std::atomic<int> calls = 0;
        EX_TIMER* const timer = ExAllocateTimer(
            [](PEX_TIMER, PVOID context) NTAPI {
                EXPECT_EQ(current_irql(), DISPATCH_LEVEL);
                ++*static_cast<std::atomic<int>*>(context);
            },
            &calls, 0);
        EXPECT_FALSE(ExSetTimer(timer, -10'000, 5'000, nullptr));
        for (int i = 0; i < 4; ++i) wait(timer);
        EXPECT_TRUE(ExCancelTimer(timer, nullptr));
        EXPECT_FALSE(ExCancelTimer(timer, nullptr));
        EXPECT_FALSE(ExDeleteTimer(timer, TRUE, TRUE, nullptr));
        EXPECT_GE(calls, 4);
    });
}

TEST(ExTimer, MayBeDeletedInItsCallbackOrBeforeItIsDue) {
    on_seeds(50, [] {
        static KEVENT deleted;
        KeInitializeEvent(&deleted, SynchronizationEvent, FALSE);
        EXT_DELETE_PARAMETERS parameters = {};
        parameters.DeleteCallback = [](PVOID) NTAPI { KeSetEvent(&deleted, 0, FALSE); };
        static EXT_DELETE_PARAMETERS* given;
        given = &parameters;
        EX_TIMER* timer = ExAllocateTimer(
            [](PEX_TIMER self, PVOID) NTAPI { ExDeleteTimer(self, TRUE, FALSE, given); }, nullptr, 0);
        ExSetTimer(timer, -10'000, 0, nullptr);
        wait(&deleted);

        timer = ExAllocateTimer(nullptr, nullptr, EX_TIMER_NOTIFICATION);
        ExSetTimer(timer, -10'000, 0, nullptr);
        ExDeleteTimer(timer, FALSE, FALSE, &parameters);
        wait(&deleted);
        KeFlushQueuedDpcs();
    });
}

TEST(Time, AllClocksAgree) {
    on_sim([] {
        LARGE_INTEGER frequency;
        const LONGLONG before = KeQueryPerformanceCounter(&frequency).QuadPart;
        EXPECT_EQ(frequency.QuadPart, 10'000'000);
        const ULONGLONG interrupt_before = KeQueryInterruptTime();
        sleep_ms(1000);
        EXPECT_NEAR(KeQueryPerformanceCounter(nullptr).QuadPart - before, 10'000'000, 1000);
        EXPECT_NEAR(KeQueryInterruptTime() - interrupt_before, 10'000'000, 1000);
        LARGE_INTEGER ticks;
        KeQueryTickCount(&ticks);
        EXPECT_EQ(ticks.QuadPart, static_cast<LONGLONG>(KeQueryInterruptTime() / KeQueryTimeIncrement()));
        const LONGLONG stall_before = KeQueryPerformanceCounter(nullptr).QuadPart;
        KeStallExecutionProcessor(50);
        EXPECT_GE(KeQueryPerformanceCounter(nullptr).QuadPart - stall_before, 500);
    });
}

void broadcast() {
    static std::atomic<int> arrived, sum;
    arrived = sum = 0;
    const ULONG_PTR result = KeIpiGenericCall(
        [](ULONG_PTR context) NTAPI -> ULONG_PTR {
            EXPECT_EQ(current_irql(), IPI_LEVEL);
            sum += 1 << KeGetCurrentProcessorNumberEx(nullptr);
            // All are inside at the same time.
            ++arrived;
            for (uint32_t round = 0; arrived < 3; ++round) engine::the().spin(round);
            return context + 1;
        },
        41);
    EXPECT_EQ(result, 42u);
    EXPECT_EQ(sum, 7);
    EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
}
TEST(Ipi, RunsOnAllProcessorsAtOnce) { on_seeds(50, broadcast, 3); }
TEST(IpiLive, RunsOnAllProcessorsAtOnce) { on_live(broadcast, 3); }

TEST(DeviceQueue, SortsByKey) {
    on_sim([] {
        KDEVICE_QUEUE queue;
        KDEVICE_QUEUE_ENTRY busy, five, three;
        KeInitializeDeviceQueue(&queue);
        EXPECT_FALSE(KeInsertByKeyDeviceQueue(&queue, &busy, 1));
        EXPECT_TRUE(KeInsertByKeyDeviceQueue(&queue, &five, 5));
        EXPECT_TRUE(KeInsertByKeyDeviceQueue(&queue, &three, 3));
        EXPECT_EQ(KeRemoveByKeyDeviceQueue(&queue, 4), &five);
        EXPECT_EQ(KeRemoveByKeyDeviceQueue(&queue, 4), &three);
        EXPECT_EQ(KeRemoveDeviceQueue(&queue), nullptr);
        EXPECT_FALSE(KeInsertDeviceQueue(&queue, &busy));
        EXPECT_FALSE(KeRemoveEntryDeviceQueue(&queue, &busy));
    });
}

TEST(Stack, IsThatOfAKernelThread) {
    on_sim([] {
        ULONG_PTR low, high;
        IoGetStackLimits(&low, &high);
        EXPECT_EQ(high - low, 0x6000u);
        // Not of a local variable: AddressSanitizer keeps those elsewhere.
        const auto frame = reinterpret_cast<ULONG_PTR>(__builtin_frame_address(0));
        EXPECT_TRUE(IoWithinStackLimits(frame, sizeof frame));
        static ULONG_PTR inside;
        const auto callout = [](PVOID) NTAPI { inside = IoGetRemainingStackSize(); };
        EXPECT_EQ(KeExpandKernelStackAndCallout(callout, nullptr, 0x10000), STATUS_SUCCESS);
        EXPECT_GT(inside, 0xF000u);
        EXPECT_EQ(KeExpandKernelStackAndCallout(callout, nullptr, 0x20000), STATUS_INVALID_PARAMETER_3);
    });
}

TEST(BugCheckCallbacks, AreCalledOnce) {
    on_sim([] {
        static int calls;
        calls = 0;
        KBUGCHECK_CALLBACK_RECORD kept = {}, removed = {};
        const auto routine = [](PVOID buffer, ULONG length) NTAPI { calls += static_cast<int>(length); };
        EXPECT_TRUE(KeRegisterBugCheckCallback(&kept, routine, &kept, 1, nullptr));
        EXPECT_FALSE(KeRegisterBugCheckCallback(&kept, routine, &kept, 1, nullptr));
        EXPECT_TRUE(KeRegisterBugCheckCallback(&removed, routine, &removed, 10, nullptr));
        EXPECT_TRUE(KeDeregisterBugCheckCallback(&removed));
        ke::run_bug_check_callbacks();
        ke::run_bug_check_callbacks();
        EXPECT_EQ(calls, 1);
    });
}

TEST(Exports, NamesAreUnique) {
    add_exports("ntoskrnl.exe", ke::kernel_exports());
    add_exports("ntoskrnl.exe", ke::lock_exports());
    add_exports("hal.dll", ke::hal_exports());
    const Export* const release = find_export("NTOSKRNL.EXE", "KeReleaseSpinLock");
    ASSERT_NE(release, nullptr);
    EXPECT_EQ(release->address, reinterpret_cast<const void*>(&KeReleaseSpinLock));
    EXPECT_EQ(release->min_irql, DISPATCH_LEVEL);
}

TEST(Machine, TheSameSeedGivesTheSameRun) {
    const auto hash = [](uint64_t seed) {
        uint64_t result = 0;
        on_sim(
            [&] {
                run_work_items(10);
                broadcast();
                sleep_ms(5);
                result = engine::the().trace_hash();
            },
            seed, 3);
        return result;
    };
    for (uint64_t seed = 1; seed <= 10; ++seed) EXPECT_EQ(hash(seed), hash(seed));
    EXPECT_NE(hash(1), hash(2));
}

}  // namespace
}  // namespace ndiskit::nt
