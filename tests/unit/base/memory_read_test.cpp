// Memory that is not there is an answer, by either way of asking.
#include "base/memory_read.h"

#include <gtest/gtest.h>
#include <sys/mman.h>
#include <array>
#include <cerrno>
#include <cstring>

namespace ndiskit {
namespace {

using Reader = size_t (*)(void*, const void*, size_t) noexcept;

// Two pages of memory with a hole behind them.
class MemoryRead : public testing::TestWithParam<Reader> {
  protected:
    static constexpr size_t page = 4096, readable = 2 * page;

    void SetUp() override {
        memory_ = static_cast<char*>(
            mmap(nullptr, 3 * page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        ASSERT_NE(memory_, MAP_FAILED);
        for (size_t i = 0; i < readable; ++i) memory_[i] = static_cast<char>(i * 7);
        ASSERT_EQ(mprotect(memory_ + readable, page, PROT_NONE), 0);
    }
    void TearDown() override { munmap(memory_, 3 * page); }

    char* memory_ = nullptr;
    std::array<char, 3 * page> copy_{};
};

TEST_P(MemoryRead, CopiesAcrossPages) {
    EXPECT_EQ(GetParam()(copy_.data(), memory_ + 100, readable - 100), readable - 100);
    EXPECT_EQ(std::memcmp(copy_.data(), memory_ + 100, readable - 100), 0);
    EXPECT_EQ(GetParam()(copy_.data(), memory_, 0), 0u);
}

TEST_P(MemoryRead, EndsWhereMemoryEnds) {
    EXPECT_EQ(GetParam()(copy_.data(), memory_ + page + 10, readable), page - 10);
    EXPECT_EQ(std::memcmp(copy_.data(), memory_ + page + 10, page - 10), 0);
    EXPECT_EQ(copy_[page], 0);
}

TEST_P(MemoryRead, AddressesWithoutMemoryGiveNothing) {
    errno = ERANGE;
    EXPECT_EQ(GetParam()(copy_.data(), nullptr, 8), 0u);
    EXPECT_EQ(GetParam()(copy_.data(), memory_ + readable, 8), 0u);
    EXPECT_EQ(GetParam()(copy_.data(), reinterpret_cast<const void*>(0xFFFF800000000000), 8), 0u);
    EXPECT_EQ(errno, ERANGE);
}

INSTANTIATE_TEST_SUITE_P(BetweenProcesses, MemoryRead, testing::Values(&read_memory));
INSTANTIATE_TEST_SUITE_P(ThroughAPipe, MemoryRead, testing::Values(&read_memory_through_pipe));

}  // namespace
}  // namespace ndiskit
