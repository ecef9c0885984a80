#include <gtest/gtest.h>

#include "support/driver_images.h"

using namespace ndiskit;

namespace {

template <class... P>
uint64_t run(const char* name, P... arguments) {
    uint64_t result = 0;
    test::with_drivers([&] {
        const nt::image::Image& image = test::load_driver("seh");
        result = nt::call_driver(test::exported<uint64_t, P...>(image, name), arguments...);
    });
    return result;
}

// Not a tail call: there is a frame of the kit between.
uint64_t NTAPI call_back(uint64_t(NTAPI* function)()) { return nt::call_driver(function) + 1; }

TEST(Seh, NullReadIsAnAccessViolation) { EXPECT_EQ(run("ReadNull"), 0xC0000005u); }
TEST(Seh, AccessViolationTellsKindAndAddress) {
    EXPECT_EQ(run("WriteDetails"), (uint64_t{1} << 32 | 0x1234));
}
TEST(Seh, DivideByZeroIsHandled) { EXPECT_EQ(run("DivideByZero", 0), 0xD1u); }
TEST(Seh, RaisedStatusIsTheCode) { EXPECT_EQ(run("RaiseStatus"), 0xC000009Au); }
TEST(Seh, FinallyBlocksRunBeforeTheHandlerInnermostFirst) { EXPECT_EQ(run("FinallyOrder"), 15234u); }
TEST(Seh, FinallyRunsOnTheNormalWayOut) { EXPECT_EQ(run("FinallyNormal"), 12u); }
TEST(Seh, SearchGoesOutwards) { EXPECT_EQ(run("NestedSearch"), 2u); }
TEST(Seh, HandlerMayRaise) { EXPECT_EQ(run("RaiseInHandler"), 0xC0000017u); }
TEST(Seh, FilterMayHandleAnExceptionOfItsOwn) { EXPECT_EQ(run("HandledInFilter"), 123u); }
TEST(Seh, ExceptionInAFilterIsHandledFurtherOut) { EXPECT_EQ(run("RaiseInFilter"), 0xC0000017u); }
TEST(Seh, ExceptionInAFinallyRunsEachFinallyOnce) { EXPECT_EQ(run("CollidedUnwind"), 123u); }
TEST(Seh, FilterMayRepairAndGoOn) { EXPECT_EQ(run("ContinueExecution"), 42u); }
TEST(Seh, NonvolatileRegistersSurvive) {
    EXPECT_EQ(run("RegistersSurvive", uint64_t{10}, uint64_t{20}), 10u * 3 + 20 + 15 + 50);
}
TEST(Seh, KitFunctionRaisesInItsCaller) { EXPECT_EQ(run("ProbeBad", uint64_t{0x1001}), 0x80000002u); }
TEST(Seh, FaultInAKitFunctionThatMayRaiseIsItsCallers) {
    EXPECT_EQ(run("ProbeBad", uint64_t{0x1000}), 0xC0000005u);
}
TEST(Seh, ContinuableExceptionGoesOn) { EXPECT_EQ(run("RaiseException"), 1u); }
TEST(Seh, UnwindsManyFrames) { EXPECT_EQ(run("DeepUnwind"), 40u); }
TEST(Seh, BreakpointIsAnException) { EXPECT_EQ(run("Breakpoint"), 0x80000003u); }

TEST(SehDeathTest, NoExceptionCrossesTheKit) {
    EXPECT_EXIT(run("ThroughKit", reinterpret_cast<uint64_t>(&call_back)), testing::ExitedWithCode(3),
                "STOP: 0x0000007e SYSTEM_THREAD_EXCEPTION_NOT_HANDLED");
}

TEST(Seh, WorksOnThreads) {
    test::add_fixture_exports();
    test::on_live([&] {
        const nt::image::Image& image = test::load_driver("seh");
        uint64_t result = 0;
        nt::Thread thread = nt::Thread::start(
            "faults", [&] { result = nt::call_driver(test::exported<uint64_t>(image, "CollidedUnwind")); });
        thread.join();
        EXPECT_EQ(result, 123u);
    });
}

TEST(Seh, WorksOnFibers) {
    test::with_drivers([&] {
        const nt::image::Image& image = test::load_driver("seh");
        uint64_t results[4] = {};
        std::vector<nt::Thread> threads;
        for (uint64_t& result : results)
            threads.push_back(nt::Thread::start("faults", [&] {
                result = nt::call_driver(test::exported<uint64_t>(image, "NestedSearch"));
            }));
        for (nt::Thread& thread : threads) thread.join();
        for (const uint64_t result : results) EXPECT_EQ(result, 2u);
    });
}

}  // namespace
