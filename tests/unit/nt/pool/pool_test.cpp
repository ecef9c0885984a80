#include "nt/pool/pool.h"

#include <gtest/gtest.h>

#include <cstring>
#include <set>
#include <thread>

#include "nt/bugcheck.h"
#include "nt/machine.h"

namespace {

using namespace ndiskit::nt;

constexpr uint32_t tag = 0x3158754D;  // 'Mux1' in memory order

[[maybe_unused]] bool crosses_page(void* memory, size_t size) {
    const auto at = reinterpret_cast<uintptr_t>(memory);
    return size && at / 4096 != (at + size - 1) / 4096;
}

TEST(Pool, AlignmentFollowsTheSize) {
    for (size_t size :
         {size_t{0}, size_t{1}, size_t{16}, size_t{100}, size_t{240}, size_t{1000}, size_t{2048},
          size_t{4000}, size_t{4080}, size_t{4081}, size_t{4096}, size_t{5000}, size_t{1} << 20}) {
        void* memory = pool_allocate(PoolKind::nonpaged, size, tag, nullptr);
        ASSERT_TRUE(memory) << size;
        std::memset(memory, 1, size);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % (size >= 4096 ? 4096 : 16), 0u) << size;
        if (size < 4096) {
#if !__has_feature(address_sanitizer)
            EXPECT_FALSE(crosses_page(memory, size)) << size;
#endif
        }
        EXPECT_EQ(pool_block_of(memory).size, size);
        pool_free(memory, tag);
        EXPECT_EQ(pool_block_of(memory).memory, nullptr);
    }
}

TEST(Pool, LiveBlocksDoNotOverlap) {
    std::set<std::pair<uintptr_t, uintptr_t>> ranges;
    std::vector<void*> blocks;
    for (size_t i = 0; i < 3000; ++i) {
        const size_t size = (i * 37) % 4100;
        void* memory = pool_allocate(PoolKind::paged, size, tag, nullptr);
        std::memset(memory, static_cast<int>(i), size);
        const auto at = reinterpret_cast<uintptr_t>(memory);
        auto next = ranges.lower_bound({at, 0});
        if (next != ranges.end()) {
            EXPECT_LE(at + size, next->first);
        }
        if (next != ranges.begin()) {
            EXPECT_LE(std::prev(next)->second, at);
        }
        ranges.insert({at, at + size});
        blocks.push_back(memory);
    }
    for (void* memory : blocks) pool_free(memory);
    EXPECT_TRUE(pool_report().empty());
}

TEST(Pool, ReportsWhatIsLiveByOwnerAndTag) {
    set_pool_owner_lookup(
        [](const void* address) -> std::string { return address == nullptr ? "" : "mux.sys"; });
    int code = 0;
    void* a = pool_allocate(PoolKind::nonpaged, 100, tag, &code);
    void* b = pool_allocate(PoolKind::nonpaged, 8000, tag, &code);
    void* c = pool_allocate(PoolKind::paged, 10, 0x41414141, nullptr);
    auto report = pool_report();
    ASSERT_EQ(report.size(), 2u);
    EXPECT_EQ(report[0].tag, 0x41414141u);
    EXPECT_EQ(report[1].owner, "mux.sys");
    EXPECT_EQ(report[1].blocks, 2u);
    EXPECT_EQ(report[1].bytes, 8100u);
    EXPECT_EQ(pool_tag_text(report[1].tag), "MuX1");
    for (void* memory : {a, b, c}) pool_free(memory);
}

TEST(Pool, ZeroesAndPoisons) {
    machine_options().poison_pool = true;
    auto* memory = static_cast<unsigned char*>(pool_allocate(PoolKind::nonpaged, 64, tag, nullptr));
    EXPECT_EQ(memory[0], 0xCD);
    pool_free(memory);
    memory = static_cast<unsigned char*>(pool_allocate_zeroed(PoolKind::nonpaged, 64, tag, nullptr));
    EXPECT_EQ(memory[63], 0);
    pool_free(memory);
    machine_options().poison_pool = false;
}

TEST(Pool, FaultPredicateLetsAllocationsFail) {
    set_pool_fault([](const PoolRequest& request) { return request.size > 100; });
    EXPECT_EQ(pool_allocate(PoolKind::nonpaged, 101, tag, nullptr), nullptr);
    void* memory = pool_allocate(PoolKind::nonpaged, 100, tag, nullptr);
    EXPECT_NE(memory, nullptr);
    pool_free(memory);
    set_pool_fault(nullptr);
}

TEST(Pool, ThreadsAllocateAndFreeEachOthersBlocks) {
    std::vector<void*> shared(4096);
    auto fill = [&](size_t from, size_t to) {
        for (size_t i = from; i < to; ++i)
            shared[i] = pool_allocate(PoolKind::nonpaged, i % 700, tag, nullptr);
    };
    auto drain = [&](size_t from, size_t to) {
        for (size_t i = from; i < to; ++i) pool_free(shared[i], tag);
    };
    std::thread a(fill, 0, 2048), b(fill, 2048, 4096);
    a.join(), b.join();
    std::thread c(drain, 2048, 4096), d(drain, 0, 2048);
    c.join(), d.join();
    EXPECT_TRUE(pool_report().empty());
}

using PoolDeath = ::testing::Test;

// clang-format off
#define EXPECT_BUG_CHECK(statement, text) \
    EXPECT_EXIT(statement, ::testing::ExitedWithCode(bug_check_exit_status), text)
// clang-format on

TEST(PoolDeath, FreeingTwice) {
    void* memory = pool_allocate(PoolKind::nonpaged, 40, tag, nullptr);
    pool_free(memory);
    EXPECT_BUG_CHECK(pool_free(memory), "0x000000[cC]2");
    void* large = pool_allocate(PoolKind::nonpaged, 4000000, tag, nullptr);
    pool_free(large);
    EXPECT_BUG_CHECK(pool_free(large), "0x000000[cC]2");
}

TEST(PoolDeath, FreeingWhatIsNoPool) {
    int local = 0;
    void* memory = pool_allocate(PoolKind::nonpaged, 100, tag, nullptr);
    EXPECT_BUG_CHECK(pool_free(&local), "0x000000[cC]2");
    EXPECT_BUG_CHECK(pool_free(static_cast<char*>(memory) + 16), "0x000000[cC]2");
    pool_free(memory);
}

TEST(PoolDeath, FreeingWithAnotherTag) {
    void* memory = pool_allocate(PoolKind::nonpaged, 100, tag, nullptr);
    EXPECT_BUG_CHECK(pool_free(memory, 0x42424242), "MuX1");
    pool_free(memory, tag);
}

#if !__has_feature(address_sanitizer)
TEST(PoolDeath, WritingBehindTheEnd) {
    auto* memory = static_cast<char*>(pool_allocate(PoolKind::nonpaged, 100, tag, nullptr));
    memory[100] = 1;
    EXPECT_BUG_CHECK(pool_free(memory), "0x00000019");
}

TEST(PoolDeath, WritingBeforeTheStart) {
    auto* memory = static_cast<char*>(pool_allocate(PoolKind::nonpaged, 100, tag, nullptr));
    std::memset(memory - 16, 0x55, 16);
    EXPECT_BUG_CHECK(pool_free(memory), "0x00000019");
}
#endif

}  // namespace
