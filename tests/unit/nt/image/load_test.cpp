#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "nt/exception/unwind_x64.h"
#include "nt/image/import_hooks.h"
#include "support/driver_images.h"

using namespace ndiskit;
using testing::ExitedWithCode;

namespace {

// hello.sys with its import of DbgPrint renamed to something that nobody exports.
std::string driver_with_missing_import() {
    auto text = read_text_file(test::driver_path("hello"));
    if (!text) throw std::runtime_error(text.error().text());
    const std::string name("DbgPrint\0", 9);
    for (size_t at = text->find(name); at != std::string::npos; at = text->find(name, at + 1))
        (*text)[at] = 'X';
    const std::string path = testing::TempDir() + "/missing.sys";
    if (const auto written = write_text_file(path, *text); !written)
        throw std::runtime_error(written.error().text());
    return path;
}

TEST(Load, CallsDriverEntry) {
    test::with_drivers([] {
        nt::image::Image& image = test::load_driver("hello");
        EXPECT_EQ(image.name, "hello.sys");
        EXPECT_EQ(test::call_entry(image), 0);
        EXPECT_EQ(nt::image::find_image("HELLO.SYS"), &image);
        nt::image::unload(image);
        EXPECT_EQ(nt::image::find_image("hello.sys"), nullptr);
    });
}

TEST(Load, SameAddressesInEachProcess) {
    test::with_drivers([] {
        EXPECT_EQ(reinterpret_cast<uintptr_t>(test::load_driver("hello").base), 0x5800'0000'0000);
        EXPECT_EQ(reinterpret_cast<uintptr_t>(test::load_driver("seh").base), 0x5800'0020'0000);
    });
}

TEST(Load, NamesThePlaceOfAnAddress) {
    test::with_drivers([] {
        const nt::image::Image& image = test::load_driver("hello");
        EXPECT_EQ(nt::place_text(image.base + 0x1234), "hello.sys+0x1234");
        EXPECT_EQ(nt::place_text(image.base + image.size), "");
        EXPECT_EQ(nt::place_text(&image), "");
    });
}

TEST(Load, InitIsGoneAfterDriverEntry) {
    test::with_drivers([] {
        nt::image::Image& image = test::load_driver("hello");
        const auto& sections = image.pe().sections();
        const auto init = std::ranges::find(sections, "INIT", &nt::image::Section::name);
        ASSERT_NE(init, sections.end());
        const auto at = reinterpret_cast<uint64_t>(image.base + init->rva);
        EXPECT_TRUE(nt::exception::read_value<uint8_t>(at));
        nt::image::discard_init(image);
        EXPECT_FALSE(nt::exception::read_value<uint8_t>(at));
    });
}

TEST(Load, ListsImportsAndWhatIsMissing) {
    test::add_fixture_exports();
    const auto good = nt::image::list_imports(test::driver_path("hello"));
    ASSERT_TRUE(good) << good.error().text();
    EXPECT_TRUE(std::ranges::none_of(*good, &nt::image::ImportRow::missing));
    const auto rows = nt::image::list_imports(driver_with_missing_import());
    ASSERT_TRUE(rows) << rows.error().text();
    EXPECT_EQ(std::ranges::count_if(*rows, &nt::image::ImportRow::missing), 1);
}

TEST(Load, KernelModulesHaveManyNames) {
    test::add_fixture_exports();
    EXPECT_NE(nt::image::find_kit_export("NTKRNLMP.EXE", "DbgPrint"), nullptr);
    EXPECT_NE(nt::image::find_kit_export("hal.dll", "KfRaiseIrql"), nullptr);
    EXPECT_EQ(nt::image::find_kit_export("ndis.sys", "DbgPrint"), nullptr);
}

TEST(LoadDeathTest, MissingImportBugChecksWithItsName) {
    const auto body = [] {
        test::with_drivers([] {
            const auto image = nt::image::load(driver_with_missing_import());
            ASSERT_TRUE(image) << image.error().text();
            test::call_entry(**image);
        });
    };
    EXPECT_EXIT(body(), ExitedWithCode(3),
                "STOP: 0x0000001e KMODE_EXCEPTION_NOT_HANDLED \\(0xffffffffc0000263, .*"
                "ntoskrnl.exe!XbgPrint, which the kit does not export.*Driver: missing.sys");
}

TEST(Load, NotADriver) {
    test::add_fixture_exports();
    test::on_sim([] {
        const auto image = nt::image::load("/etc/passwd");
        ASSERT_FALSE(image);
        EXPECT_NE(image.error().text().find("/etc/passwd: DOS header: not a PE file"), std::string::npos);
    });
}

TEST(Load, GivesGdbTheSymbols) {
    test::with_drivers([] {
        nt::image::Image& image = test::load_driver("hello");
        const std::string command = nt::image::gdb_symbols_command(image);
        EXPECT_TRUE(command.starts_with("add-symbol-file '/")) << command;
        EXPECT_NE(command.find("hello.sys' -o 0x"), std::string::npos) << command;
    });
}

// Sees each crossing and counts.
class Counter : public nt::image::CallObserver {
  public:
    void before_import(const nt::image::ImportSite& site,
                       const nt::image::CallArguments& arguments) override {
        seen += "<" + site.name;
        caller = nt::place_text(arguments.caller);
        first = arguments.rcx;
    }
    void after_import(const nt::image::ImportSite& site, uint64_t result) override {
        seen += ">" + std::to_string(result);
    }
    void before_driver(const void*) override { seen += "("; }
    void after_driver(const void*, uint8_t) override { seen += ")"; }
    bool wants_after_import(const nt::image::ImportSite&) const override { return wants_after; }

    bool wants_after = false;
    std::string seen, caller;
    uint64_t first = 0;
};

TEST(Hooks, SeeImportsAndCallbacks) {
    Counter counter;
    nt::image::add_observer(counter);
    test::with_drivers([] { EXPECT_EQ(test::call_entry(test::load_driver("hello")), 0); });
    EXPECT_EQ(counter.seen, "(<DbgPrint)");
    EXPECT_TRUE(counter.caller.starts_with("hello.sys+0x")) << counter.caller;
    EXPECT_GE(counter.first, 0x5800'0000'0000u);
}

TEST(Hooks, MaySeeResults) {
    Counter counter;
    counter.wants_after = true;
    nt::image::add_observer(counter);
    test::with_drivers([] { EXPECT_EQ(test::call_entry(test::load_driver("hello")), 0); });
    EXPECT_EQ(counter.seen, "(<DbgPrint>0)");
}

// Ten arguments, of which floating point ones, arrive through a hook as they do without.
uint64_t NTAPI many(uint64_t a, double b, uint64_t c, double d, uint64_t e, uint64_t f, uint64_t g,
                    uint64_t h) {
    return a + static_cast<uint64_t>(b) * 10 + c * 100 + static_cast<uint64_t>(d) * 1000 + e * 10000 +
           f * 100000 + g * 1000000 + h * 10000000;
}

TEST(Hooks, KeepArguments) {
    const nt::Export row[] = {{"DbgPrint", reinterpret_cast<const void*>(&many)}};
    nt::add_exports("ntoskrnl.exe", row);
    Counter counter;
    counter.wants_after = true;
    nt::image::add_observer(counter);
    test::on_sim([] {
        const nt::image::Image& image = test::load_driver("hello");
        const auto& imports = image.pe().imports();
        const auto import = std::ranges::find(imports, "DbgPrint", &nt::image::Import::name);
        const auto bound = *reinterpret_cast<decltype(&many)*>(image.base + import->slot);
        EXPECT_NE(bound, &many);
        EXPECT_EQ(bound(1, 2.0, 3, 4.0, 5, 6, 7, 8), 87654321u);
    });
}

TEST(Hooks, SwitchPointsKeepARunDeterministic) {
    nt::image::add_observer(nt::image::switch_points());
    test::with_drivers([] { EXPECT_EQ(test::call_entry(test::load_driver("hello")), 0); });
}

}  // namespace
