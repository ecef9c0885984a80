#include "base/guarded.h"

#include <gtest/gtest.h>

#include <thread>

namespace ndiskit {
namespace {

TEST(Guarded, CountsWithoutLoss) {
    Guarded<int, LockRank::nt_leaf> count(0);
    auto add = [&] {
        for (int i = 0; i < 20000; ++i) count.with([](int& n) { ++n; });
    };
    std::thread other(add);
    add();
    other.join();
    EXPECT_EQ(count.with([](int& n) { return n; }), 40000);
}

TEST(GuardedDeathTest, TakingALowerRankUnderAHigherOneIsAFault) {
    Guarded<int, LockRank::nt_leaf> inner(0);
    Guarded<int, LockRank::ndis_adapter> outer(0);
    outer.with([&](int&) { inner.with([](int&) {}); });
    EXPECT_DEATH(inner.with([&](int&) { outer.with([](int&) {}); }), "rank 420 is taken under rank 599");
}

}  // namespace
}  // namespace ndiskit
