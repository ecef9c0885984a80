// What only the sim engine promises: the seed decides everything, time is virtual, stuck machines are
// reported, and a fork is a second machine.
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <set>
#include <vector>

#include "base/file.h"
#include "engine/engine.h"

namespace ndiskit::engine {
namespace {

// Several tasks that hand work around, sleep, spin, draw and record; what they did, in order, goes to
// `story`.
void workload(std::string& story) {
    the().run([&] {
        Task* tasks[4] = {};
        std::atomic<int> left = 4;
        for (int i = 0; i < 4; ++i)
            tasks[i] = &the().start("worker " + std::to_string(i), [&, i] {
                for (int round = 0; round < 20; ++round) {
                    story += char('a' + i);
                    the().switch_point(SwitchPoint::driver_call);
                    the().unpark(*tasks[the().draw(4)]);
                    if (the().draw(3) == 0) the().park(the().now() + Time(1 + the().draw(50)) * microsecond);
                    if (the().draw(5) == 0) the().spin(0);
                    the().record(1000 + i, round, left);
                    the().switch_point(SwitchPoint::irql_change);
                }
                --left;
            });
        for (uint32_t round = 0; left != 0; ++round) the().spin(round);
    });
}

struct Outcome {
    uint64_t hash;
    std::string story;
    bool operator==(const Outcome&) const = default;
};

Outcome run_seed(uint64_t seed, const std::string& trace_file = {}, Schedule schedule = Schedule::by_seed) {
    Outcome outcome;
    install(make_sim_engine({.seed = seed, .trace_file = trace_file, .schedule = schedule}));
    workload(outcome.story);
    outcome.hash = the().trace_hash();
    uninstall();
    return outcome;
}

TEST(Sim, TheSameSeedGivesTheSameRun) {
    for (uint64_t seed = 0; seed < 50; ++seed) EXPECT_EQ(run_seed(seed), run_seed(seed)) << "seed " << seed;
}

TEST(Sim, DifferentSeedsGiveDifferentRuns) {
    std::set<uint64_t> hashes;
    std::set<std::string> stories;
    for (uint64_t seed = 0; seed < 100; ++seed) {
        Outcome outcome = run_seed(seed);
        hashes.insert(outcome.hash);
        stories.insert(outcome.story);
    }
    EXPECT_EQ(hashes.size(), 100u);
    EXPECT_GT(stories.size(), 90u);
}

TEST(Sim, EveryScheduleEndsTheWorkAndSwitchesInItsOwnWay) {
    std::set<std::string> stories;
    for (Schedule schedule : {Schedule::uniform, Schedule::priority, Schedule::fifo, Schedule::lifo})
        stories.insert(run_seed(3, {}, schedule).story);
    EXPECT_EQ(stories.size(), 4u);
}

TEST(Sim, TraceFilesOfASeedAreEqualByteForByte) {
    const std::string folder = testing::TempDir();
    const std::string one = folder + "sim-trace-one." + std::to_string(::getpid());
    const std::string two = folder + "sim-trace-two." + std::to_string(::getpid());
    const Outcome traced = run_seed(11, one);
    run_seed(11, two);
    const std::string text = read_text_file(one).value();
    EXPECT_EQ(text, read_text_file(two).value());
    EXPECT_EQ(text.substr(0, text.find('\n')), "0 4294967295 start 0 0");
    EXPECT_NE(text.find(" event1003 "), std::string::npos);
    EXPECT_EQ(traced, run_seed(11)) << "writing the file changes nothing";
    run_seed(12, two);
    EXPECT_NE(text, read_text_file(two).value());
    ::unlink(one.c_str());
    ::unlink(two.c_str());
}

TEST(Sim, AnHourOfSleepTakesNoTime) {
    install(make_sim_engine({.seed = 1}));
    the().run([] {
        const Time start = the().now();
        const int64_t date = the().system_time();
        while (the().park(start + 3600 * second) == Wake::unparked) {
        }
        EXPECT_GE(the().now(), start + 3600 * second);
        EXPECT_LT(the().now(), start + 3601 * second);
        EXPECT_GE(the().system_time() - date, 36'000'000'000 - 10);
    });
    uninstall();
}

TEST(Sim, SleepersWakeInTheOrderOfTheirDeadlines) {
    for (uint64_t seed = 0; seed < 20; ++seed) {
        install(make_sim_engine({.seed = seed}));
        std::vector<Time> woken;
        the().run([&] {
            for (int i = 0; i < 100; ++i) {
                const Time until = the().now() + Time(1 + the().draw(1000)) * millisecond;
                the().start("sleeper", [&, until] {
                    while (the().park(until) == Wake::unparked) {
                    }
                    woken.push_back(until);
                });
            }
        });
        EXPECT_EQ(woken.size(), 100u);
        EXPECT_TRUE(std::is_sorted(woken.begin(), woken.end())) << "seed " << seed;
        uninstall();
    }
}

TEST(Sim, ALoopThatPollsTheTimeEnds) {
    install(make_sim_engine({.seed = 1}));
    the().run([] {
        const Time until = the().now() + millisecond;
        while (the().now() < until) {
        }
    });
    uninstall();
}

TEST(Sim, SomeSeedFindsALostUpdateAndSomeDoNot) {
    int lost = 0;
    for (uint64_t seed = 0; seed < 100; ++seed) {
        install(make_sim_engine({.seed = seed}));
        int count = 0;
        the().run([&] {
            for (int i = 0; i < 2; ++i)
                the().start("adder", [&] {
                    const int read = count;
                    the().switch_point(SwitchPoint::driver_call);
                    count = read + 1;
                });
        });
        lost += count == 1;
        uninstall();
    }
    EXPECT_GT(lost, 5);
    EXPECT_LT(lost, 95);
}

TEST(Sim, NoScheduleStarvesARunnableTask) {
    for (Schedule schedule : {Schedule::uniform, Schedule::priority, Schedule::fifo, Schedule::lifo})
        for (uint64_t seed = 0; seed < 10; ++seed) {
            install(make_sim_engine({.seed = seed, .schedule = schedule}));
            bool done = false;
            Task* pair[2] = {};
            the().run([&] {
                // Two that wake each other for as long as the third has not run, and one that never stops.
                for (int i = 0; i < 2; ++i)
                    pair[i] = &the().start("pair", [&, i] {
                        while (!done) {
                            the().unpark(*pair[1 - i]);
                            the().park(never);
                        }
                        the().unpark(*pair[1 - i]);
                    });
                the().start("busy", [&] {
                    while (!done) the().switch_point(SwitchPoint::driver_call);
                });
                the().start("third", [&] { done = true; });
            });
            EXPECT_TRUE(done);
            uninstall();
        }
}

TEST(Sim, ATaskCostsLittleAndThousandsFit) {
    install(make_sim_engine({.seed = 2}));
    int ended = 0;
    the().run([&] {
        for (int wave = 0; wave < 10; ++wave)
            for (int i = 0; i < 1000; ++i) the().start("t", [&] { ++ended; });
    });
    EXPECT_EQ(ended, 10000);
    uninstall();
}

TEST(Sim, FloatingPointControlBelongsToTheTask) {
    for (uint64_t seed = 0; seed < 10; ++seed) {
        install(make_sim_engine({.seed = seed, .schedule = Schedule::uniform}));
        the().run([] {
            the().start("rounds up", [] {
                __builtin_ia32_ldmxcsr(0x1f80 | 0x4000);
                for (int i = 0; i < 10; ++i) {
                    the().switch_point(SwitchPoint::driver_call);
                    EXPECT_EQ(__builtin_ia32_stmxcsr() & 0x6000, 0x4000u);
                }
            });
            for (int i = 0; i < 10; ++i) {
                the().switch_point(SwitchPoint::driver_call);
                EXPECT_EQ(__builtin_ia32_stmxcsr() & 0x6000, 0u);
            }
        });
        uninstall();
    }
}

// What the child of a fork finds as its hash at the end of `run`, in a fresh process.
template <class Run>
uint64_t hash_in_a_fork(Run run) {
    int fds[2];
    EXPECT_EQ(::pipe(fds), 0);
    const pid_t child = ::fork();
    if (child == 0) {
        run();
        const uint64_t hash = the().trace_hash();
        ::_exit(::write(fds[1], &hash, sizeof hash) == sizeof hash ? 0 : 1);
    }
    uint64_t hash = 0;
    EXPECT_EQ(::read(fds[0], &hash, sizeof hash), ssize_t(sizeof hash));
    int status = 0;
    EXPECT_EQ(::waitpid(child, &status, 0), child);
    EXPECT_EQ(status, 0);
    ::close(fds[0]);
    ::close(fds[1]);
    return hash;
}

TEST(SimFork, AForkGoesOnAsItsParentDoes) {
    install(make_sim_engine({.seed = 21}));
    std::string story;
    workload(story);
    const uint64_t forked = hash_in_a_fork([&] { workload(story); });
    workload(story);
    EXPECT_EQ(the().trace_hash(), forked);
    uninstall();
}

TEST(SimFork, ATaskMayForkAndTheChildGoesOnInIt) {
    install(make_sim_engine({.seed = 22}));
    the().run([] {
        std::atomic<bool> done = false;
        the().start("other", [&] {
            for (int i = 0; i < 10; ++i) the().switch_point(SwitchPoint::driver_call);
            done = true;
        });
        const auto go_on = [&] {
            for (uint32_t round = 0; !done; ++round) the().spin(round);
        };
        const uint64_t forked = hash_in_a_fork(go_on);
        EXPECT_FALSE(done);
        go_on();
        EXPECT_EQ(the().trace_hash(), forked);
    });
    uninstall();
}

TEST(SimFork, AReseededForkIsAFunctionOfItsSeed) {
    install(make_sim_engine({.seed = 23}));
    std::string story;
    workload(story);
    const auto as_seed = [&](uint64_t seed) {
        return hash_in_a_fork([&, seed] {
            the().reseed(seed);
            workload(story);
        });
    };
    EXPECT_EQ(as_seed(1), as_seed(1));
    EXPECT_NE(as_seed(1), as_seed(2));
    uninstall();
}

#if defined(__has_feature) && __has_feature(thread_sanitizer)
int shared_by_race = 0;

TEST(SimDeathTest, FindRacesReportsTasksThatOnlyTheScheduleOrders) {
    const auto run = [](bool hand_over) {
        install(make_sim_engine({.seed = 1, .find_races = true}));
        the().run([&] {
            std::atomic<bool> done = false;
            Task& main = the().current();
            the().start("other", [&] {
                ++shared_by_race;
                if (hand_over) the().unpark(main);
                done.store(true, std::memory_order_relaxed);
            });
            while (!done.load(std::memory_order_relaxed)) hand_over ? void(the().park(never)) : the().spin(0);
            ++shared_by_race;
        });
        uninstall();
        ::_exit(0);
    };
    // In a process of its own, because TSan sees nothing after a fork.
    testing::FLAGS_gtest_death_test_style = "threadsafe";
    EXPECT_EXIT(run(true), testing::ExitedWithCode(0), "");
    EXPECT_EXIT(run(false), testing::ExitedWithCode(66), "data race");
}
#endif

TEST(SimDeathTest, ADeadlockIsReportedWithNames) {
    install(make_sim_engine({.seed = 99}));
    EXPECT_DEATH(the().run([] {
        the().start("reader", [] {
            the().current().waits_for = "the packet that never comes";
            for (;;) the().park(never);
        });
        for (;;) the().park(never);
    }),
                 "deadlock.*seed 99(.|\n)*task 0 'main' sleeps(.|\n)*"
                 "task 1 'reader' sleeps, waits for the packet that never comes");
    uninstall();
}

TEST(SimDeathTest, TheOwnerOfTheMachineCanReportADeadlockItself) {
    install(make_sim_engine({.on_deadlock = [](const std::string& text) {
        ::_exit(text.find("'main'") != std::string::npos ? 42 : 1);
    }}));
    EXPECT_EXIT(the().run([] {
        for (;;) the().park(never);
    }),
                testing::ExitedWithCode(42), "");
    uninstall();
}

TEST(SimDeathTest, SpinningForEverIsReported) {
    install(make_sim_engine({.seed = 1}));
    EXPECT_DEATH(the().run([] {
        for (uint32_t round = 0;; ++round) the().spin(round);
    }),
                 "spins for ever(.|\n)*'main' runs");
    uninstall();
}

TEST(SimDeathTest, ATaskThatOutlivesMainIsReported) {
    install(make_sim_engine({.seed = 1}));
    EXPECT_DEATH(the().run([] {
        the().start("daemon", [] {
            for (;;) the().park(the().now() + second);
        });
    }),
                 "main has returned, but tasks live on(.|\n)*'daemon' sleeps for another");
    EXPECT_DEATH(the().run([] {
        the().start("forgotten", [] {
            for (;;) the().park(never);
        });
    }),
                 "main has returned, but tasks sleep on(.|\n)*'forgotten' sleeps");
    uninstall();
}

TEST(SimDeathTest, AStackThatOverflowsHitsItsGuardPage) {
    install(make_sim_engine({.seed = 1, .stack_size = 64 * 1024}));
    EXPECT_DEATH(the().run([] {
        volatile char big[256 * 1024];
        for (size_t i = sizeof big; i > 0; i -= 1024) big[i - 1] = 1;
    }),
                 "");
    uninstall();
}

}  // namespace
}  // namespace ndiskit::engine
