// Drivers that were built with a sanitizer use the host's runtime of it.
#include <gtest/gtest.h>

#include <vector>

#include "base/file.h"
#include "support/driver_images.h"

using namespace ndiskit;

namespace {

void fill(size_t size, uint64_t count) {
    test::with_drivers([&] {
        const nt::image::Image& image = test::load_driver("instrumented");
        std::vector<uint8_t> memory(size);
        nt::call_driver(test::exported<void, uint8_t*, uint64_t>(image, "Fill"), memory.data(), count);
        for (size_t i = 0; i < size; ++i) EXPECT_EQ(memory[i], static_cast<uint8_t>(i));
    });
}

TEST(Sanitizer, InstrumentedDriverRuns) { fill(100, 100); }

#if __has_feature(address_sanitizer)
TEST(SanitizerDeathTest, OverrunOfADriverIsReported) {
    EXPECT_DEATH(fill(100, 101), "heap-buffer-overflow(.|\n)*WRITE of size 1");
}
#elif !__has_feature(thread_sanitizer)
// hello.sys with its import of DbgPrint renamed.
TEST(Sanitizer, WithoutTheRuntimeTheLoadFails) {
    auto text = read_text_file(test::driver_path("hello"));
    ASSERT_TRUE(text) << text.error().text();
    for (size_t at; (at = text->find("DbgPrint")) != std::string::npos;) text->replace(at, 8, "__asan_l");
    const std::string path = testing::TempDir() + "/instrumented_elsewhere.sys";
    ASSERT_TRUE(write_text_file(path, *text));
    test::with_drivers([&] {
        const auto image = nt::image::load(path);
        ASSERT_FALSE(image);
        EXPECT_NE(
            image.error().text().find("instrumented, but this ndiskit has no runtime for it (__asan_l)"),
            std::string::npos)
            << image.error().text();
    });
}
#endif

}  // namespace
