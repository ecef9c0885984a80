// Unwinding as drivers do it themselves (tests/drivers/unwind).
#include <gtest/gtest.h>

#include "support/driver_images.h"

using namespace ndiskit;

namespace {

uint64_t run(const char* name) {
    uint64_t result = 0;
    test::with_drivers([&] {
        const nt::image::Image& image = test::load_driver("unwind");
        result = nt::call_driver(test::exported<uint64_t>(image, name));
    });
    return result;
}

// The value that the target receives, and the steps of the finally blocks, innermost first.
TEST(Unwind, RunsFinallyBlocksAndGoesOnAtTheTarget) { EXPECT_EQ(run("UnwindToAFrame"), 77123u); }
TEST(Unwind, TakesARecordAndAContext) { EXPECT_EQ(run("UnwindExToAFrame"), 78004u); }
TEST(Unwind, LocallyLeavesATryBlock) { EXPECT_EQ(run("LocalUnwind"), 56u); }
TEST(Unwind, ByHandGivesTheCallersRegisters) { EXPECT_EQ(run("VirtualUnwind"), 0u); }
TEST(Unwind, TellsWhereRegistersWereSaved) { EXPECT_EQ(run("SavedRegisters"), 0u); }
TEST(Unwind, FindsTheHandlerOfABody) { EXPECT_EQ(run("HandlerOfAFunction"), 0u); }
TEST(Unwind, KnowsTheImageOfAnAddress) { EXPECT_EQ(run("ImageOfAnAddress"), 0u); }
TEST(Unwind, ARestoredContextRunsAgain) { EXPECT_EQ(run("RestoredContext"), 3u); }
TEST(Unwind, ALongJumpTakesItsBuffersRegisters) { EXPECT_EQ(run("LongJump"), 2u); }
TEST(Unwind, AConsolidatedUnwindAsksWhereToGoOn) { EXPECT_EQ(run("Consolidate"), 72u); }
TEST(Unwind, ABackTraceSkipsAndCounts) { EXPECT_EQ(run("BackTrace"), 0u); }

}  // namespace
