#include "nt/ke/dpc.h"

#include <gtest/gtest.h>

#include <atomic>

#include "nt/ke/irql.h"
#include "nt/ke/processor.h"
#include "nt/ke/thread.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_live;
using test::on_seeds;
using test::on_sim;

struct Seen {
    std::atomic<int> calls = 0;
    KIRQL irql = 0;
    uint32_t processor = 99;
    PVOID argument1 = nullptr, argument2 = nullptr;
    KEVENT event;
    Seen() { KeInitializeEvent(&event, SynchronizationEvent, FALSE); }
};

void NTAPI note(KDPC*, PVOID context, PVOID argument1, PVOID argument2) {
    Seen& seen = *static_cast<Seen*>(context);
    seen.irql = current_irql();
    seen.processor = ke::current_processor().number();
    seen.argument1 = argument1;
    seen.argument2 = argument2;
    ++seen.calls;
    KeSetEvent(&seen.event, 0, FALSE);
}

void wait(void* object) { KeWaitForSingleObject(object, Executive, KernelMode, FALSE, nullptr); }

TEST(Dpc, RunsAtDispatchLevelBeforeAPassiveThreadGoesOn) {
    on_sim([] {
        Seen seen;
        KDPC dpc;
        KeInitializeDpc(&dpc, note, &seen);
        EXPECT_TRUE(KeInsertQueueDpc(&dpc, &seen, &dpc));
        EXPECT_EQ(seen.calls, 1);
        EXPECT_EQ(seen.irql, DISPATCH_LEVEL);
        EXPECT_EQ(seen.argument1, &seen);
        EXPECT_EQ(seen.argument2, &dpc);
        EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
    });
}

TEST(Dpc, WaitsUntilItsProcessorLowers) {
    on_seeds(50, [] {
        Seen seen;
        KDPC dpc;
        KeInitializeDpc(&dpc, note, &seen);
        uint32_t processor;
        {
            const AtDispatch at_dispatch;
            processor = ke::current_processor().number();
            EXPECT_TRUE(KeInsertQueueDpc(&dpc, nullptr, nullptr));
            EXPECT_FALSE(KeInsertQueueDpc(&dpc, nullptr, nullptr));
            engine::the().switch_point(engine::SwitchPoint::yield);
            EXPECT_EQ(seen.calls, 0);
        }
        EXPECT_EQ(seen.calls, 1);
        EXPECT_EQ(seen.processor, processor);
    });
}

TEST(Dpc, CanBeTakenBack) {
    on_sim([] {
        Seen seen;
        KDPC dpc;
        KeInitializeDpc(&dpc, note, &seen);
        {
            const AtDispatch at_dispatch;
            KeInsertQueueDpc(&dpc, nullptr, nullptr);
            EXPECT_TRUE(KeRemoveQueueDpc(&dpc));
            EXPECT_FALSE(KeRemoveQueueDpc(&dpc));
        }
        EXPECT_EQ(seen.calls, 0);
    });
}

TEST(Dpc, RunsOnItsTargetProcessor) {
    on_seeds(
        100,
        [] {
            for (uint32_t number = 0; number < ke::processor_count(); ++number) {
                Seen seen;
                KDPC dpc;
                KeInitializeDpc(&dpc, note, &seen);
                KeSetTargetProcessorDpc(&dpc, static_cast<CCHAR>(number));
                KeInsertQueueDpc(&dpc, nullptr, nullptr);
                wait(&seen.event);
                EXPECT_EQ(seen.processor, number);
                EXPECT_EQ(seen.irql, DISPATCH_LEVEL);
                KeFlushQueuedDpcs();
            }
        },
        3);
}

TEST(Dpc, HighImportanceGoesFirst) {
    on_sim([] {
        static std::vector<int> order;
        order.clear();
        const auto routine = [](KDPC*, PVOID context, PVOID, PVOID) NTAPI {
            order.push_back(static_cast<int>(reinterpret_cast<uintptr_t>(context)));
        };
        KDPC first, second, urgent;
        KeInitializeDpc(&first, routine, reinterpret_cast<PVOID>(1));
        KeInitializeDpc(&second, routine, reinterpret_cast<PVOID>(2));
        KeInitializeDpc(&urgent, routine, reinterpret_cast<PVOID>(3));
        KeSetImportanceDpc(&urgent, HighImportance);
        {
            const AtDispatch at_dispatch;
            KeInsertQueueDpc(&first, nullptr, nullptr);
            KeInsertQueueDpc(&second, nullptr, nullptr);
            KeInsertQueueDpc(&urgent, nullptr, nullptr);
        }
        EXPECT_EQ(order, (std::vector<int>{3, 1, 2}));
    });
}

TEST(Dpc, AThreadedOneRunsAtPassiveLevel) {
    on_seeds(50, [] {
        Seen seen;
        KDPC dpc;
        KeInitializeThreadedDpc(&dpc, note, &seen);
        KeInsertQueueDpc(&dpc, nullptr, nullptr);
        wait(&seen.event);
        EXPECT_EQ(seen.irql, PASSIVE_LEVEL);
        KeFlushQueuedDpcs();
    });
}

TEST(Dpc, FlushWaitsForAllThatIsQueued) {
    on_seeds(
        200,
        [] {
            Seen seen[3];
            KDPC dpc[3];
            for (int i = 0; i < 3; ++i) {
                KeInitializeDpc(&dpc[i], note, &seen[i]);
                KeSetTargetProcessorDpc(&dpc[i], static_cast<CCHAR>(i));
                KeInsertQueueDpc(&dpc[i], nullptr, nullptr);
            }
            KeFlushQueuedDpcs();
            for (const Seen& s : seen) EXPECT_EQ(s.calls, 1);
        },
        3);
}

// Inserters, a remover and the routine race; each successful insertion is either removed or run.
void race(int rounds) {
    // Without a target it may be queued on one processor while it still runs on another.
    std::atomic<int> calls = 0, inserted = 0, removed = 0;
    KDPC dpc;
    KeInitializeDpc(
        &dpc, [](KDPC*, PVOID context, PVOID, PVOID) NTAPI { ++*static_cast<std::atomic<int>*>(context); },
        &calls);
    const auto body = [&] {
        for (int i = 0; i < rounds; ++i) {
            KIRQL old = raise_irql_to_dispatch();
            if (KeInsertQueueDpc(&dpc, nullptr, nullptr)) ++inserted;
            engine::the().switch_point(engine::SwitchPoint::yield);
            if (i % 3 == 0 && KeRemoveQueueDpc(&dpc)) ++removed;
            lower_irql(old);
        }
    };
    Thread one = Thread::start("one", body), two = Thread::start("two", body);
    one.join();
    two.join();
    KeFlushQueuedDpcs();
    EXPECT_EQ(inserted, removed + calls);
}

TEST(Dpc, EveryInsertionRunsOnceOrIsRemoved) {
    on_seeds(
        200, [] { race(10); }, 3);
}

TEST(DpcLive, EveryInsertionRunsOnceOrIsRemoved) {
    on_live([] { race(3000); });
}

TEST(DpcDeathTest, AWaitInADpcIsABugCheck) {
    EXPECT_EXIT(on_sim([] {
                    KEVENT event;
                    KeInitializeEvent(&event, NotificationEvent, TRUE);
                    KDPC dpc;
                    KeInitializeDpc(
                        &dpc, [](KDPC*, PVOID context, PVOID, PVOID) NTAPI { wait(context); }, &event);
                    KeInsertQueueDpc(&dpc, nullptr, nullptr);
                }),
                testing::ExitedWithCode(3), "STOP: 0x000000b8");
}

TEST(DpcDeathTest, ADpcMustReturnAtItsIrql) {
    EXPECT_EXIT(on_sim([] {
                    KDPC dpc;
                    KeInitializeDpc(
                        &dpc, [](KDPC*, PVOID, PVOID, PVOID) NTAPI { raise_irql(HIGH_LEVEL); }, nullptr);
                    KeInsertQueueDpc(&dpc, nullptr, nullptr);
                }),
                testing::ExitedWithCode(3), "STOP: 0x000000c8");
}

TEST(Dpc, OneThatQueuesItselfForEverDoesNotKeepAThread) {
    on_seeds(20, [] {
        static std::atomic<bool> go_on;
        go_on = true;
        KDPC dpc;
        KeInitializeDpc(
            &dpc,
            [](KDPC* self, PVOID, PVOID, PVOID) NTAPI {
                if (go_on) KeInsertQueueDpc(self, nullptr, nullptr);
            },
            nullptr);
        KeInsertQueueDpc(&dpc, nullptr, nullptr);
        go_on = false;
        KeFlushQueuedDpcs();
    });
}

}  // namespace
}  // namespace ndiskit::nt
