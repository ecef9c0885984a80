// The start-up code of ddk/lib, run: a driver is built, mapped by the few lines below, and its entry point
// called with a handful of host functions for imports. Nothing of the NT layer takes part.
#include <gtest/gtest.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <map>

#include "build/builder.h"
#include "unit/build/pe_view.h"

namespace ndiskit::build {
namespace {

#define WINDOWS_CALL __attribute__((ms_abi))

std::string said;  // one letter and one digit a call of DbgPrint

WINDOWS_CALL int dbg_print(const char* text, long value) {
    said += text[0] + std::to_string(value) + " ";
    return 0;
}
WINDOWS_CALL void* fill(void* to, int value, size_t size) { return std::memset(to, value, size); }
WINDOWS_CALL void free_pool(void*) {}
WINDOWS_CALL void bug_check(uint32_t code) { _exit(static_cast<int>(code & 0x7F)); }

const std::map<std::string, void*> host_functions = {
    {"ntoskrnl.exe!DbgPrint", reinterpret_cast<void*>(dbg_print)},
    {"ntoskrnl.exe!memset", reinterpret_cast<void*>(fill)},
    {"ntoskrnl.exe!ExFreePool", reinterpret_cast<void*>(free_pool)},
    {"ntoskrnl.exe!KeBugCheckEx", reinterpret_cast<void*>(bug_check)},
};

constexpr const char* driver_source = R"(
#include <ntddk.h>
extern "C" DRIVER_INITIALIZE DriverEntry;
static int order;
struct Global {
    int at;
    Global() : at(++order) { DbgPrint("c", at); }
    ~Global() { DbgPrint("d", at); }
} first, second;
static DRIVER_UNLOAD unload;
static void unload(PDRIVER_OBJECT) { DbgPrint("u", 0); }
__attribute__((noinline)) void overrun(volatile char* at, int size) { for (int i = 0; i < size; ++i) at[i] = 1; }
__attribute__((noinline)) void victim(int size) { char buffer[16]; overrun(buffer, size); }
NTSTATUS DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING path) {
    char pages[20000];
    RtlFillMemory(pages, sizeof pages, 1);
    driver->DriverUnload = unload;
    static Global local;
    if (path->Length) victim(path->Length);
    return path->MaximumLength ? STATUS_UNSUCCESSFUL : pages[19999] - 1;
}
)";

class Startup : public testing::Test {
  protected:
    void SetUp() override {
        folder_ = fs::temp_directory_path() / ("ndiskit-startup-" + std::to_string(getpid()));
        fs::create_directories(folder_ / "drv");
        std::ofstream(folder_ / "drv/driver.cpp") << driver_source;
        setenv("NDISKIT_CACHE", NDISKIT_BUILD_DIR "/ddk", 1);
        const Result<Report> report =
            build_driver({.input = folder_ / "drv", .out = folder_ / "out", .progress = false});
        ASSERT_TRUE(report && report->built);
        load(test::PeView(report->image.string()));
        said.clear();
    }
    void TearDown() override { fs::remove_all(folder_); }

    void load(const test::PeView& pe) {
        const size_t size = pe.at<uint32_t>(pe.header + 24 + 56);
        image_ = static_cast<char*>(
            mmap(nullptr, size, PROT_READ | PROT_WRITE | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0));
        for (const test::PeSection& s : pe.sections)
            std::memcpy(image_ + s.address, &pe.bytes[s.raw_offset], s.raw_size);
        relocate(pe);
        for (char* d = image_ + pe.directory(1); word<uint32_t>(d + 12); d += 20)
            for (char* t = image_ + word<uint32_t>(d + 16); word<uint64_t>(t); t += 8) {
                const std::string name =
                    std::string(image_ + word<uint32_t>(d + 12)) + "!" + (image_ + word<uint64_t>(t) + 2);
                ASSERT_TRUE(host_functions.contains(name)) << name;
                void* function = host_functions.at(name);
                std::memcpy(t, &function, 8);
            }
        entry_ = reinterpret_cast<Entry>(image_ + pe.entry());
    }
    void relocate(const test::PeView& pe) {
        const char* at = image_ + pe.directory(5);
        for (const char* end = at + pe.directory_size(5); at < end; at += word<uint32_t>(at + 4))
            for (uint32_t i = 8; i < word<uint32_t>(at + 4); i += 2) {
                const auto entry = word<uint16_t>(at + i);
                if (entry >> 12 != 10) continue;
                char* place = image_ + word<uint32_t>(at) + (entry & 0xFFF);
                const uint64_t moved = word<uint64_t>(place) + reinterpret_cast<uint64_t>(image_) - pe.base();
                std::memcpy(place, &moved, 8);
            }
    }
    template <class T>
    static T word(const char* at) {
        T value;
        std::memcpy(&value, at, sizeof value);
        return value;
    }
    int32_t enter(uint16_t length, uint16_t maximum) {
        struct {
            uint16_t length, maximum;
            uint64_t buffer;
        } path{length, maximum, 0};
        return entry_(driver_, &path);
    }
    void unload() { reinterpret_cast<WINDOWS_CALL void (*)(void*)>(word<uint64_t>(driver_ + 0x68))(driver_); }

    using Entry = WINDOWS_CALL int32_t (*)(void*, void*);
    fs::path folder_;
    char* image_ = nullptr;
    Entry entry_ = nullptr;
    char driver_[0x150] = {};
};

TEST_F(Startup, globals_live_from_entry_to_unload) {
    EXPECT_EQ(enter(0, 0), 0);
    EXPECT_EQ(said, "c1 c2 c3 ");
    unload();
    EXPECT_EQ(said, "c1 c2 c3 u0 d3 d2 d1 ");
}

TEST_F(Startup, globals_die_when_entry_fails) {
    EXPECT_LT(enter(0, 1), 0);
    EXPECT_EQ(said, "c1 c2 c3 d3 d2 d1 ");
}

TEST_F(Startup, an_overrun_buffer_is_a_bug_check) {
    EXPECT_EXIT(enter(100, 0), testing::ExitedWithCode(0xF7 & 0x7F), "");
}

}  // namespace
}  // namespace ndiskit::build
