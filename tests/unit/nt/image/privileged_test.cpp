#include <gtest/gtest.h>

#include "engine/engine.h"
#include "nt/image/privileged_x64.h"
#include "support/driver_images.h"

using namespace ndiskit;

namespace {

TEST(Cr8, IsIrql) {
    test::with_drivers([] {
        const nt::image::Image& image = test::load_driver("cr8");
        EXPECT_EQ(nt::call_driver(test::exported<uint64_t>(image, "RaiseAndLower")), 0x000200u);
        nt::raise_irql(2);
        EXPECT_EQ(nt::call_driver(test::exported<uint64_t>(image, "LeafRead")), 2u);
        nt::lower_irql(0);
    });
}

TEST(Cr8, IsRewrittenWhereTheBytesAllow) {
    test::with_drivers([] {
        const nt::image::Image& image = test::load_driver("cr8");
        EXPECT_GE(image.cr8_.rewritten, 4u);
        EXPECT_EQ(image.cr8_.trapped, 1u);  // the one with a branch behind it
    });
}

TEST(Cr8, RewritingKeepsRegistersAndFlags) {
    test::with_drivers([] {
        const nt::image::Image& image = test::load_driver("cr8");
        const auto function =
            test::exported<uint64_t, uint64_t, uint64_t, uint64_t, uint64_t>(image, "RegistersKept");
        EXPECT_EQ(nt::call_driver(function, 1, 2, 3, 4), (7u + 9 + 11) * 100000 + 1 * 10000 + 1234);
    });
}

TEST(Cr8, TrappedAccessIsEmulated) {
    test::with_drivers([] {
        const nt::image::Image& image = test::load_driver("cr8");
        EXPECT_EQ(nt::call_driver(test::exported<uint64_t, uint64_t>(image, "BranchBehind"), 5), 5u);
    });
}

TEST(SharedData, TimeIsReadFromTheKernelsPage) {
    test::with_drivers([] {
        const nt::image::Image& image = test::load_driver("privileged");
        const auto read = test::exported<uint64_t>(image, "ReadInterruptTime");
        const uint64_t before = nt::call_driver(read);
        EXPECT_LE(before, static_cast<uint64_t>(engine::the().now() / 100));
        engine::the().park(engine::the().now() + 2 * engine::second);
        EXPECT_GE(nt::call_driver(read), before + 20'000'000);
        const auto ticks = test::exported<uint64_t, uint64_t>(image, "AddTickCount");
        EXPECT_EQ(nt::call_driver(ticks, 1000),
                  1000 + static_cast<uint64_t>(engine::the().now() / 15'625'000));
    });
}

}  // namespace
