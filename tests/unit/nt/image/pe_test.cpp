#include "nt/image/pe.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>

#include "base/file.h"
#include "support/driver_images.h"

using namespace ndiskit;
using nt::image::Pe;

namespace {

std::vector<std::byte> good_file() {
    auto file = read_file(test::driver_path("hello"));
    if (!file) throw std::runtime_error(file.error().text());
    return *file;
}

template <class T>
void put(std::vector<std::byte>& file, size_t at, T value) {
    std::memcpy(file.data() + at, &value, sizeof(value));
}
template <class T>
T get(const std::vector<std::byte>& file, size_t at) {
    T value;
    std::memcpy(&value, file.data() + at, sizeof(value));
    return value;
}
size_t pe_header(const std::vector<std::byte>& file) { return get<uint32_t>(file, 0x3C); }

// The error of a file that `break_it` has changed.
template <class Break>
std::string error_of(Break break_it) {
    auto file = good_file();
    break_it(file, pe_header(file));
    const auto pe = Pe::parse("bad.sys", std::move(file));
    return pe ? "no error" : pe.error().text();
}

TEST(Pe, ReadsADriver) {
    const auto pe = Pe::parse("hello.sys", good_file());
    ASSERT_TRUE(pe) << pe.error().text();
    EXPECT_NE(pe->entry(), 0u);
    EXPECT_FALSE(pe->sections().empty());
    EXPECT_FALSE(pe->functions().empty());
    const auto is_print = [](const nt::image::Import& i) {
        return i.name == "DbgPrint" && i.module == "ntoskrnl.exe";
    };
    EXPECT_EQ(std::ranges::count_if(pe->imports(), is_print), 1);
    for (const nt::image::Section& section : pe->sections())
        EXPECT_FALSE(section.writable && section.executable);
}

TEST(Pe, ErrorsNameFileAndField) {
    EXPECT_EQ(error_of([](auto& file, size_t) { file.clear(); }),
              "bad.sys: DOS header: 2 bytes at 0x0 are beyond the end of the file (0 bytes)");
    EXPECT_EQ(error_of([](auto& file, size_t at) { put<uint16_t>(file, at + 4, 0x14C); }),
              "bad.sys: Machine: the image is for x86 (32 bits), not x64 (build it for x64)");
    EXPECT_EQ(
        error_of([](auto& file, size_t at) { put<uint16_t>(file, at + 24 + 68, 3); }),
        "bad.sys: Subsystem: subsystem 3 is not a kernel driver's (1, native) (link with /SUBSYSTEM:NATIVE "
        "/DRIVER)");
}

TEST(Pe, RefusesWhatLiesOutside) {
    EXPECT_NE(error_of([](auto& file, size_t at) { put<uint32_t>(file, at + 24 + 16, 0x7FFFFFFF); }),
              "no error");
    EXPECT_NE(error_of([](auto& file, size_t) { put<uint32_t>(file, 0x3C, 0xFFFFFFF0); }), "no error");
    EXPECT_NE(error_of([](auto& file, size_t at) { put<uint32_t>(file, at + 24 + 56, 0xFFFFFFFF); }),
              "no error");
    EXPECT_NE(error_of([](auto& file, size_t at) { put<uint32_t>(file, at + 24 + 112 + 8, 0x7FFFFF00); }),
              "no error");
    EXPECT_NE(error_of([](auto& file, size_t at) { put<uint16_t>(file, at + 22, 0x0003); }), "no error");
}

// Whatever 4 bytes of the headers are overwritten with, the answer is a Pe or an Error.
TEST(Pe, SurvivesBrokenHeaders) {
    const auto good = good_file();
    for (size_t at = 0; at < 0x400; at += 2)
        for (const uint32_t value : {0u, 1u, 0x1000u, 0x7FFFFFFFu, 0xFFFFFFFFu}) {
            auto file = good;
            put(file, at, value);
            (void)Pe::parse("bad.sys", std::move(file));
        }
}

TEST(Pe, SurvivesTruncation) {
    const auto good = good_file();
    for (size_t size = 0; size < good.size(); size += 37)
        (void)Pe::parse("short.sys",
                        std::vector(good.begin(), good.begin() + static_cast<std::ptrdiff_t>(size)));
}

TEST(Pe, ImportByOrdinalIsRefused) {
    auto file = good_file();
    const auto pe = Pe::parse("hello.sys", file);
    ASSERT_TRUE(pe);
    // The name table holds what the address table holds before binding.
    const nt::image::Import& import = pe->imports().front();
    const nt::image::Section* section = pe->section_at(import.slot);
    const auto entry = get<uint64_t>(file, section->raw_offset + (import.slot - section->rva));
    for (size_t at = 0; at + 8 <= file.size(); at += 8)
        if (get<uint64_t>(file, at) == entry) put<uint64_t>(file, at, uint64_t{1} << 63 | 7);
    const auto changed = Pe::parse("bad.sys", std::move(file));
    ASSERT_FALSE(changed);
    EXPECT_NE(changed.error().text().find("ordinal 7"), std::string::npos) << changed.error().text();
}

TEST(Pe, MissingFileIsAnError) {
    const auto pe = Pe::read("/no/such/driver.sys");
    ASSERT_FALSE(pe);
    EXPECT_NE(pe.error().text().find("/no/such/driver.sys"), std::string::npos);
}

}  // namespace
