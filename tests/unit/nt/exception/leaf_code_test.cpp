// Exceptions of kit functions that drivers reach without a thunk (tests/drivers/seh): faults of memory
// functions, and allocations that raise.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/handling-exceptions
#include <gtest/gtest.h>
#include <sys/mman.h>

#include "nt/exports.h"
#include "nt/pool/pool.h"
#include "support/driver_images.h"

using namespace ndiskit;

namespace {

constexpr uint64_t access_violation = 0xC0000005, no_memory = 0xC000009A, bad_parameter = 0xC000000D;

void with_seh(const std::function<void(const nt::image::Image&)>& body) {
    nt::register_nt_exports();
    test::on_sim([&] { body(test::load_driver("seh")); });
}

uint64_t run(const nt::image::Image& image, const char* name, uint64_t a, uint64_t b = 0) {
    return nt::call_driver(test::exported<uint64_t, uint64_t, uint64_t>(image, name), a, b);
}

// A page that is there and one that is not.
struct Edge {
    char* page =
        static_cast<char*>(mmap(nullptr, 8192, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
    Edge() { mprotect(page + 4096, 4096, PROT_NONE); }
    ~Edge() { munmap(page, 8192); }
    uint64_t before(uint64_t bytes) const { return reinterpret_cast<uint64_t>(page) + 4096 - bytes; }
};

TEST(LeafCode, ACopyFromABadBufferRaisesInTheDriver) {
    with_seh([](const nt::image::Image& image) {
        const Edge edge;
        EXPECT_EQ(run(image, "CopyBad", 0x10000, 1), access_violation);
        // Every way of copying: by lengths, upwards and downwards, by the processor's own.
        for (const uint64_t length : {2u, 4u, 8u, 15u, 16u, 32u, 33u, 100u, 500u, 1024u, 4000u}) {
            EXPECT_EQ(run(image, "CopyBad", edge.before(length), length), 0u) << length;
            EXPECT_EQ(run(image, "CopyBad", edge.before(length - 1), length), access_violation) << length;
        }
    });
}

TEST(LeafCode, FillingAndComparingRaiseToo) {
    with_seh([](const nt::image::Image& image) {
        const Edge edge;
        EXPECT_EQ(run(image, "FillBad", edge.before(60)), 0u);
        EXPECT_EQ(run(image, "FillBad", edge.before(59)), access_violation);
        EXPECT_EQ(run(image, "CompareBad", edge.before(3)), 0u);  // the first byte differs: 1 and 0
        EXPECT_EQ(run(image, "CompareBad", 0x10000), access_violation);
    });
}

TEST(LeafCode, AllocationsRaiseInTheDriver) {
    with_seh([](const nt::image::Image& image) {
        EXPECT_EQ(run(image, "AllocateBad", 0), no_memory);
        EXPECT_EQ(run(image, "AllocateBad", 1), no_memory);
        EXPECT_EQ(run(image, "AllocateBad", 2), no_memory);
        EXPECT_EQ(run(image, "AllocateBad", 3), bad_parameter);
        EXPECT_EQ(run(image, "AllocateBad", 4), 0u);
    });
}

}  // namespace
