#include "ndis/nbl/slab_pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>

#include "base/random.h"

namespace ndiskit::ndis {
namespace {

constexpr unsigned processors = 4;

struct Cell {
    uint64_t formatted;
    uint64_t user[20];
};

SlabPool::Shape cells() {
    return {.kind = SlabKind::context, .object_size = sizeof(Cell), .format = [](void* object, const void*) {
                static_cast<Cell*>(object)->formatted = 0x1234;
            }};
}

TEST(SlabPool, EntriesAreFormattedAlignedAndDistinct) {
    SlabPool pool(cells(), processors);
    std::set<void*> seen;
    for (int i = 0; i < 1000; i++) {
        auto* cell = static_cast<Cell*>(pool.take(i % processors));
        ASSERT_NE(cell, nullptr);
        EXPECT_EQ(cell->formatted, 0x1234u);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(cell) % 16, 0u);
        EXPECT_TRUE(seen.insert(cell).second);
    }
    EXPECT_EQ(pool.counts().outstanding(), 1000u);
    for (void* cell : seen) pool.give(cell, 0);
    EXPECT_EQ(pool.counts().outstanding(), 0u);
}

TEST(SlabPool, FreedEntriesKeepTheirFormattingAndComeBackFirst) {
    SlabPool pool(cells(), processors);
    auto* cell = static_cast<Cell*>(pool.take(0));
    pool.give(cell, 0);
    EXPECT_FALSE(SlabPool::is_live(cell, SlabKind::context));
    EXPECT_EQ(pool.take(0), cell);
    EXPECT_TRUE(SlabPool::is_live(cell, SlabKind::context));
    EXPECT_FALSE(SlabPool::is_live(cell, SlabKind::nbl));
    EXPECT_EQ(cell->formatted, 0x1234u);
    pool.give(cell, 0);
}

// A producer on one processor and a consumer on another: entries flow back, no memory is taken for ever.
TEST(SlabPool, EntriesFlowBackAcrossProcessors) {
    SlabPool pool(cells(), processors);
    std::vector<void*> chain;
    uint64_t formatted = 0;
    for (int round = 0; round < 1000; round++) {
        for (int i = 0; i < 32; i++) chain.push_back(pool.take(0));
        for (void* cell : chain) pool.give(cell, 1);
        chain.clear();
        if (round == 100) formatted = pool.counts().formatted;
    }
    EXPECT_EQ(pool.counts().formatted, formatted);
    EXPECT_EQ(pool.counts().chunks, 1u);
}

TEST(SlabPool, EntriesLargerThanAHugePage) {
    SlabPool pool({.kind = SlabKind::context, .object_size = 3 << 20}, 1);
    void* first = pool.take(0);
    void* second = pool.take(0);
    ASSERT_TRUE(first && second);
    memset(first, 1, 3 << 20);
    memset(second, 2, 3 << 20);
    EXPECT_EQ(static_cast<char*>(first)[(3 << 20) - 1], 1);
    pool.give(first, 0);
    pool.give(second, 0);
}

TEST(SlabPool, TheLimitEndsGrowth) {
    SlabPool pool({.kind = SlabKind::context, .object_size = 100'000, .limit = huge_page}, 1);
    std::vector<void*> taken;
    while (void* object = pool.take(0)) taken.push_back(object);
    EXPECT_EQ(taken.size(), huge_page / pool.entry_size());
    pool.give(taken.back(), 0);
    EXPECT_EQ(pool.take(0), taken.back());
    for (void* object : taken) pool.give(object, 0);
}

TEST(SlabPool, LiveEntriesAreFoundForTheReport) {
    SlabPool pool(cells(), processors);
    std::vector<void*> taken;
    for (int i = 0; i < 200; i++) taken.push_back(pool.take(0));
    for (int i = 0; i < 200; i++)
        if (i != 17 && i != 170) pool.give(taken[i], i % processors);
    std::vector<void*> live;
    pool.for_each_live([&](void* object) { live.push_back(object); });
    EXPECT_EQ(live, (std::vector<void*>{taken[17], taken[170]}));
    pool.give(taken[17], 0);
    pool.give(taken[170], 0);
}

// Random takes and gives on random processors, against a set as the model.
TEST(SlabPool, RandomTrafficNeverHandsOutAnEntryTwice) {
    SlabPool pool(cells(), processors);
    Random random(42);
    std::set<void*> held;
    std::vector<void*> order;
    for (int step = 0; step < 100'000; step++) {
        const unsigned processor = static_cast<unsigned>(random.below(processors));
        if (order.empty() || (order.size() < 2000 && random.below(2) == 0)) {
            void* object = pool.take(processor);
            ASSERT_TRUE(held.insert(object).second);
            order.push_back(object);
        } else {
            std::swap(order[random.below(order.size())], order.back());
            held.erase(order.back());
            pool.give(order.back(), processor);
            order.pop_back();
        }
    }
    EXPECT_EQ(pool.counts().outstanding(), order.size());
    for (void* object : order) pool.give(object, 0);
}

}  // namespace
}  // namespace ndiskit::ndis
