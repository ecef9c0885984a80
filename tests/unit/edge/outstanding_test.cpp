#include "edge/outstanding.h"

#include <gtest/gtest.h>

#include <thread>

namespace ndiskit::edge {
namespace {

TEST(Outstanding, BeginsClosed) {
    Outstanding out;
    EXPECT_FALSE(out.enter(1));
    EXPECT_TRUE(out.close());
}

TEST(Outstanding, CloseWaitsForWhatIsOut) {
    Outstanding out;
    out.open();
    ASSERT_TRUE(out.enter(2));
    ASSERT_TRUE(out.enter(1));
    EXPECT_FALSE(out.close());
    EXPECT_FALSE(out.leave(1));
    EXPECT_TRUE(out.leave(2));
}

TEST(Outstanding, NobodyIsToldWhileOpen) {
    Outstanding out;
    out.open();
    ASSERT_TRUE(out.enter(1));
    EXPECT_FALSE(out.leave(1));
    EXPECT_TRUE(out.close());
}

TEST(Outstanding, WhoIsRefusedLeavesNoTrace) {
    Outstanding out;
    out.open();
    ASSERT_TRUE(out.enter(1));
    EXPECT_FALSE(out.close());
    EXPECT_FALSE(out.enter(5));
    EXPECT_TRUE(out.leave(1));
}

TEST(Outstanding, WhatIsOutAtAnOpenStillCounts) {
    Outstanding out;
    out.open();
    ASSERT_TRUE(out.enter(1));
    EXPECT_FALSE(out.close());
    out.open();
    EXPECT_FALSE(out.leave(1));
    EXPECT_TRUE(out.close());
}

// Each close that has to wait is told exactly once.
TEST(OutstandingThreads, EachCloseIsToldOnce) {
    Outstanding out;
    std::atomic<int> told = 0;
    std::atomic<bool> ends = false;
    const auto traffic = [&] {
        while (!ends)
            if (out.enter(3)) told += out.leave(3);
    };
    std::thread one(traffic), two(traffic);
    for (int round = 0; round < 2000; ++round) {
        const int before = told;
        out.open();
        const bool waits = !out.close();
        while (waits && told == before) std::this_thread::yield();
        ASSERT_EQ(told - before, waits ? 1 : 0);
    }
    ends = true;
    one.join();
    two.join();
}

}  // namespace
}  // namespace ndiskit::edge
