// What only the live engine has: waiting for descriptors.
#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>

#include "engine/engine.h"

namespace ndiskit::engine {
namespace {

using FdWake = Engine::FdWake;

// With and without the spin before the sleep, which are different paths.
class LiveTest : public testing::TestWithParam<Time> {
  protected:
    void SetUp() override {
        install(make_live_engine({.seed = 7, .spin_before_sleep = GetParam()}));
        ASSERT_EQ(::pipe(pipe_), 0);
    }
    void TearDown() override {
        ::close(pipe_[0]);
        ::close(pipe_[1]);
        uninstall();
    }
    void put() { ASSERT_EQ(::write(pipe_[1], "x", 1), 1); }
    void get() {
        char c;
        ASSERT_EQ(::read(pipe_[0], &c, 1), 1);
    }
    int pipe_[2];
};
INSTANTIATE_TEST_SUITE_P(Spins, LiveTest, testing::Values(0, 20 * microsecond, 10 * millisecond));

TEST_P(LiveTest, ReadableAtOnce) {
    the().run([&] {
        put();
        EXPECT_EQ(the().wait_readable(pipe_[0], never), FdWake::readable);
        EXPECT_EQ(the().wait_readable(pipe_[0], 0), FdWake::readable);
    });
}

TEST_P(LiveTest, TheDeadlineEndsTheWait) {
    the().run([&] {
        EXPECT_EQ(the().wait_readable(pipe_[0], 0), FdWake::deadline);
        const Time until = the().now() + 2 * millisecond;
        EXPECT_EQ(the().wait_readable(pipe_[0], until), FdWake::deadline);
        EXPECT_GE(the().now(), until);
    });
}

TEST_P(LiveTest, APermitComesBeforeData) {
    the().run([&] {
        put();
        the().unpark(the().current());
        EXPECT_EQ(the().wait_readable(pipe_[0], never), FdWake::unparked);
        EXPECT_EQ(the().wait_readable(pipe_[0], never), FdWake::readable);
    });
}

TEST_P(LiveTest, AClosedWriterCountsAsReadable) {
    the().run([&] {
        ::close(pipe_[1]);
        pipe_[1] = ::dup(0);
        EXPECT_EQ(the().wait_readable(pipe_[0], never), FdWake::readable);
    });
}

TEST_P(LiveTest, DataAndUnparksBothWakeManyTimes) {
    std::atomic<int> data = 0;
    std::atomic<int> unparks = 0;
    constexpr int rounds = 300;
    the().run([&] {
        Task& main = the().current();
        Task& reader = the().start("reader", [&] {
            int seen_data = 0, seen_unparks = 0;
            while (seen_data < rounds || seen_unparks < rounds) {
                switch (the().wait_readable(pipe_[0], never)) {
                    case FdWake::readable:
                        get();
                        data = ++seen_data;
                        break;
                    case FdWake::unparked:
                        unparks = ++seen_unparks;
                        break;
                    case FdWake::deadline:
                        FAIL() << "there is no deadline";
                }
                the().unpark(main);
            }
        });
        for (int i = 1; i <= rounds; ++i) {
            put();
            while (data < i) the().park(never);
            the().unpark(reader);
            while (unparks < i) the().park(never);
        }
    });
    EXPECT_EQ(data, rounds);
    EXPECT_EQ(unparks, rounds);
}

TEST_P(LiveTest, ParkAfterWaitReadableStillWorks) {
    std::atomic<int> step = 0;
    the().run([&] {
        Task& main = the().current();
        Task& other = the().start("other", [&] {
            while (step < 1) the().wait_readable(pipe_[0], never);
            step = 2;
            the().unpark(main);
            while (step < 3) the().park(never);
        });
        step = 1;
        the().unpark(other);
        while (step < 2) the().park(never);
        step = 3;
        the().unpark(other);
    });
}

TEST(Live, HasNoTrace) {
    const auto engine = make_live_engine({.seed = 1});
    engine->record(1, 2, 3);
    EXPECT_EQ(engine->trace_hash(), 0u);
    EXPECT_FALSE(engine->deterministic());
}

TEST(Live, TheSeedDecidesWhatATaskDraws) {
    auto draws = [](uint64_t seed) {
        std::vector<uint64_t> drawn;
        install(make_live_engine({.seed = seed}));
        the().run([&] {
            for (int i = 0; i < 8; ++i) drawn.push_back(the().draw(1000));
        });
        uninstall();
        return drawn;
    };
    EXPECT_EQ(draws(5), draws(5));
    EXPECT_NE(draws(5), draws(6));
}

}  // namespace
}  // namespace ndiskit::engine
