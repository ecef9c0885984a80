// What both engines promise, run on each: permits, deadlines, many tasks, spinning, drawing.
#include "engine/engine.h"

#include <gtest/gtest.h>

#include <atomic>
#include <set>
#include <vector>

#include "base/guarded.h"

namespace ndiskit::engine {
namespace {

void park_until(const std::atomic<int>& value, int wanted) {
    while (value != wanted) the().park(never);
}

struct Sim {
    static std::unique_ptr<Engine> make() { return make_sim_engine({.seed = 7}); }
};
struct Live {
    static std::unique_ptr<Engine> make() { return make_live_engine({.seed = 7}); }
};
struct LiveWithoutSpin {
    static std::unique_ptr<Engine> make() { return make_live_engine({.seed = 7, .spin_before_sleep = 0}); }
};

template <class Maker>
class EngineTest : public testing::Test {
  protected:
    void SetUp() override { install(Maker::make()); }
    void TearDown() override { uninstall(); }
};
using Engines = testing::Types<Sim, Live, LiveWithoutSpin>;
TYPED_TEST_SUITE(EngineTest, Engines);

TYPED_TEST(EngineTest, RunsMainAsTheFirstTask) {
    bool ran = false;
    EXPECT_EQ(the().current_or_null(), nullptr);
    the().run([&] {
        ran = true;
        EXPECT_EQ(the().current().id, 0u);
        EXPECT_EQ(the().current().name, "main");
        EXPECT_EQ(the().current_or_null(), &the().current());
    });
    EXPECT_TRUE(ran);
    EXPECT_EQ(the().current_or_null(), nullptr);
}

TYPED_TEST(EngineTest, CanRunAgain) {
    for (int i = 0; i < 3; ++i) {
        std::atomic<int> ended = 0;
        the().run([&] { the().start("t", [&] { ++ended; }); });
        EXPECT_EQ(ended, 1);
    }
}

TYPED_TEST(EngineTest, RunReturnsWhenAllTasksHaveEnded) {
    std::atomic<int> ended = 0;
    the().run([&] {
        for (int i = 0; i < 5; ++i)
            the().start("late", [&] {
                const Time until = the().now() + 2 * millisecond;
                while (the().park(until) == Wake::unparked) {
                }
                ++ended;
            });
    });
    EXPECT_EQ(ended, 5);
}

TYPED_TEST(EngineTest, TasksHaveNamesIdsAndContext) {
    the().run([&] {
        std::atomic<int> ended = 0;
        Task& main = the().current();
        for (uint32_t i = 1; i <= 3; ++i) {
            const auto entry = [&] {
                EXPECT_EQ(the().current().name, "worker with a long name");
                EXPECT_EQ(the().current().context, &ended);
                ++ended;
                the().unpark(main);
            };
            Task& task = the().start("worker with a long name", entry, &ended);
            EXPECT_EQ(task.id, i);
            park_until(ended, int(i));
        }
    });
}

TYPED_TEST(EngineTest, AnUnparkBeforeTheParkIsNotLost) {
    the().run([] {
        the().unpark(the().current());
        EXPECT_EQ(the().park(never), Wake::unparked);
    });
}

TYPED_TEST(EngineTest, PermitsDoNotAddUp) {
    the().run([] {
        the().unpark(the().current());
        the().unpark(the().current());
        EXPECT_EQ(the().park(never), Wake::unparked);
        const Time until = the().now() + millisecond;
        while (the().park(until) == Wake::unparked) EXPECT_LT(the().now(), until + second);
        EXPECT_GE(the().now(), until);
    });
}

TYPED_TEST(EngineTest, ADeadlineInThePastTakesThePermitOrReturns) {
    the().run([] {
        EXPECT_EQ(the().park(0), Wake::deadline);
        EXPECT_EQ(the().park(the().now()), Wake::deadline);
        the().unpark(the().current());
        EXPECT_EQ(the().park(0), Wake::unparked);
        EXPECT_EQ(the().park(0), Wake::deadline);
    });
}

TYPED_TEST(EngineTest, ParkSleepsUntilTheDeadline) {
    the().run([] {
        const Time until = the().now() + 3 * millisecond;
        while (the().park(until) == Wake::unparked) {
        }
        EXPECT_GE(the().now(), until);
    });
}

TYPED_TEST(EngineTest, UnparkEndsASleepWithADeadlineBeforeIt) {
    the().run([] {
        std::atomic<int> woken = 0;
        Task& main = the().current();
        Task& sleeper = the().start("sleeper", [&] {
            const Time until = the().now() + 3600 * second;
            while (woken == 0) EXPECT_EQ(the().park(until), Wake::unparked);
            woken = 2;
            the().unpark(main);
        });
        woken = 1;
        the().unpark(sleeper);
        park_until(woken, 2);
        EXPECT_LT(the().now(), 3600 * second);
    });
}

TYPED_TEST(EngineTest, WhatWasWrittenBeforeUnparkIsSeenAfterPark) {
    the().run([] {
        int plain = 0;  // no atomic: the hand-off orders it
        std::atomic<int> turn = 0;
        Task& main = the().current();
        constexpr int rounds = 500;
        Task& other = the().start("other", [&] {
            for (int i = 0; i < rounds; ++i) {
                park_until(turn, 2 * i + 1);
                ++plain;
                turn = 2 * i + 2;
                the().unpark(main);
            }
        });
        for (int i = 0; i < rounds; ++i) {
            ++plain;
            turn = 2 * i + 1;
            the().unpark(other);
            park_until(turn, 2 * i + 2);
        }
        EXPECT_EQ(plain, 2 * rounds);
    });
}

TYPED_TEST(EngineTest, ManyTasksComeAndGo) {
    std::atomic<int> ended = 0;
    std::atomic<bool> go = false;
    Guarded<std::vector<Task*>, LockRank::nt_leaf> sleepers;
    the().run([&] {
        for (int i = 0; i < 200; ++i) {
            Task& task = the().start("t" + std::to_string(i), [&] {
                the().switch_point(SwitchPoint::driver_call);
                while (!go) the().park(the().now() + millisecond);
                ++ended;
            });
            sleepers.with([&](auto& list) { list.push_back(&task); });
        }
        go = true;
        for (Task* task : sleepers.with([](auto& list) { return list; })) the().unpark(*task);
    });
    EXPECT_EQ(ended, 200);
}

TYPED_TEST(EngineTest, UnparkingAnEndedTaskDoesNoHarm) {
    the().run([] {
        Task& main = the().current();
        std::atomic<int> ended = 0;
        Task& gone = the().start("gone", [&] {
            ended = 1;
            the().unpark(main);
        });
        park_until(ended, 1);
        for (int i = 0; i < 100; ++i) the().unpark(gone);
        the().start("next", [] { the().park(the().now() + microsecond); });
        the().unpark(gone);
    });
}

TYPED_TEST(EngineTest, SpinLetsOthersRun) {
    the().run([] {
        std::atomic<bool> set = false;
        the().start("setter", [&] {
            the().switch_point(SwitchPoint::wait);
            set = true;
        });
        for (uint32_t round = 0; !set; ++round) the().spin(round);
        EXPECT_TRUE(set);
    });
}

TYPED_TEST(EngineTest, SpinLetsSleepersWake) {
    the().run([] {
        std::atomic<bool> set = false;
        the().start("sleeper", [&] {
            const Time until = the().now() + 2 * millisecond;
            while (the().park(until) == Wake::unparked) {
            }
            set = true;
        });
        for (uint32_t round = 0; !set; ++round) the().spin(round);
    });
}

TYPED_TEST(EngineTest, DrawStaysBelowItsBoundAndReachesAll) {
    the().run([] {
        std::set<uint64_t> seen;
        for (int i = 0; i < 1000; ++i) seen.insert(the().draw(10));
        EXPECT_EQ(seen.size(), 10u);
        EXPECT_EQ(*seen.rbegin(), 9u);
        EXPECT_EQ(the().draw(1), 0u);
    });
}

TYPED_TEST(EngineTest, TheClockNeverGoesBackAndSystemTimeIsAfter2020) {
    the().run([] {
        Time last = the().now();
        for (int i = 0; i < 1000; ++i) {
            const Time time = the().now();
            EXPECT_GE(time, last);
            last = time;
        }
        EXPECT_GT(the().system_time(), 132'223'104'000'000'000);
    });
}

std::atomic<int> resumed_ids = 0;
TYPED_TEST(EngineTest, TheResumeHookRunsOnTheTaskItself) {
    resumed_ids = 0;
    the().set_resume_hook([](Task& task) {
        EXPECT_EQ(&task, &the().current());
        if (task.id != 0) {
            EXPECT_EQ(task.context, &resumed_ids);
        }
        resumed_ids |= 1 << task.id;
    });
    the().run([] {
        the().start(
            "one", [] { EXPECT_TRUE(resumed_ids & 2); }, &resumed_ids);
        the().start(
            "two", [] { EXPECT_TRUE(resumed_ids & 4); }, &resumed_ids);
        EXPECT_TRUE(resumed_ids & 1);
    });
    EXPECT_EQ(resumed_ids, 7);
}

template <class Maker>
class EngineDeathTest : public EngineTest<Maker> {};
TYPED_TEST_SUITE(EngineDeathTest, Engines);

TYPED_TEST(EngineDeathTest, SleepingWithALockHeldIsAFault) {
    EXPECT_DEATH(the().run([] {
        Guarded<int, LockRank::nt_leaf> guarded(0);
        guarded.with([](int&) { the().park(0); });
    }),
                 "'main' holds a lock of the kit");
}

}  // namespace
}  // namespace ndiskit::engine
