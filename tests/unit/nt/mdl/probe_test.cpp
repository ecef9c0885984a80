// Probing buffers of programs, as a driver does it under __try (tests/drivers/seh), by the rows that drivers import.
#include <gtest/gtest.h>

#include "nt/exports.h"
#include "support/driver_images.h"

using namespace ndiskit;

namespace {

constexpr uint64_t kernel_address = 0xFFFF8000'00001000;
constexpr uint64_t access_violation = 0xC0000005, misalignment = 0x80000002;

uint64_t run(const char* name, const void* address) {
    uint64_t result = 0;
    nt::register_nt_exports();
    test::on_sim([&] {
        const nt::image::Image& image = test::load_driver("seh");
        result = nt::call_driver(test::exported<uint64_t, uint64_t>(image, name), reinterpret_cast<uint64_t>(address));
    });
    return result;
}
uint64_t run(const char* name, uint64_t address) { return run(name, reinterpret_cast<const void*>(address)); }

alignas(8) uint64_t good = 5;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-probeforread
TEST(Probe, ForReadRaisesInTheDriver) {
    EXPECT_EQ(run("ProbeBad", &good), 0u);
    EXPECT_EQ(run("ProbeBad", reinterpret_cast<uint64_t>(&good) + 1), misalignment);
    EXPECT_EQ(run("ProbeBad", kernel_address), access_violation);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-probeforwrite
TEST(Probe, ForWriteRaisesAlsoWhereNoPageCanBeWritten) {
    EXPECT_EQ(run("ProbeWriteBad", &good), 0u);
    EXPECT_EQ(run("ProbeWriteBad", reinterpret_cast<uint64_t>(&good) + 1), misalignment);
    EXPECT_EQ(run("ProbeWriteBad", uint64_t{0x10000}), access_violation);
    EXPECT_EQ(run("ProbeWriteBad", kernel_address), access_violation);
    EXPECT_EQ(good, 5u);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmprobeandlockpages
TEST(Probe, LockingPagesRaisesWhatProbingRaises) {
    EXPECT_EQ(run("LockBad", &good), 0u);
    EXPECT_EQ(run("LockBad", uint64_t{0x10000}), access_violation);
    EXPECT_EQ(run("LockBad", kernel_address), access_violation);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-mmprobeandlockselectedpages
TEST(Probe, LockingSelectedPagesTakesThemInTheirOrder) {
    alignas(4096) static char pages[3 * 4096];
    const auto first = reinterpret_cast<uint64_t>(pages);
    nt::register_nt_exports();
    test::on_sim([&] {
        const nt::image::Image& image = test::load_driver("seh");
        const auto lock = [&](uint64_t a, uint64_t b) {
            return nt::call_driver(test::exported<uint64_t, uint64_t, uint64_t>(image, "LockSelected"), a, b);
        };
        EXPECT_EQ(lock(first, first + 4096), first);
        EXPECT_EQ(lock(first, first + 2 * 4096), 0xC00000BBu);
        EXPECT_EQ(lock(first + 8, first + 4096), misalignment);
        EXPECT_EQ(lock(0x10000, 0x11000), access_violation);
    });
}

}  // namespace
