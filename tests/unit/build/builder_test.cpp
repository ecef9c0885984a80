#include "build/builder.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>

#include "base/file.h"
#include "unit/build/pe_view.h"

namespace ndiskit::build {
namespace {

constexpr const char* driver_source = R"(
#include <ntddk.h>
DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD unload;
#pragma alloc_text(INIT, DriverEntry)
#pragma alloc_text(PAGE, unload)
static void unload(PDRIVER_OBJECT driver) { DbgPrint("%p", driver); }
NTSTATUS DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING path) {
    char text[64];
    char page[9000];
    RtlFillMemory(text, sizeof text, path->Length);
    RtlFillMemory(page, sizeof page, path->Length);
    __try { *(volatile int*)(ULONG_PTR)path->Length = page[5]; } __except (EXCEPTION_EXECUTE_HANDLER) { return text[1]; }
    driver->DriverUnload = unload;
    return STATUS_SUCCESS;
}
)";

class Builder : public testing::Test {
  protected:
    Builder() : folder_(fs::temp_directory_path() / fmt::format("ndiskit-builder-{}", getpid())) {
        fs::remove_all(folder_);
        put("drv/driver.c", driver_source);
        setenv("NDISKIT_CACHE", NDISKIT_BUILD_DIR "/ddk", 1);
    }
    ~Builder() override { fs::remove_all(folder_); }

    void put(const std::string& name, const std::string& text) {
        fs::create_directories((folder_ / name).parent_path());
        std::ofstream(folder_ / name) << text;
    }
    Options options(const std::string& out) {
        return {.input = folder_ / "drv", .name = "small", .out = folder_ / out, .progress = false};
    }
    Report build(const Options& options) {
        const Result<Report> report = build_driver(options);
        EXPECT_TRUE(report) << report.error().text();
        return report.value_or(Report{});
    }

    fs::path folder_;
};

TEST_F(Builder, image_is_a_proper_kernel_driver) {
    const Report report = build(options("out"));
    ASSERT_TRUE(report.built);
    const test::PeView pe(report.image.string());
    EXPECT_EQ(pe.subsystem(), 1);  // native
    EXPECT_EQ(pe.checksum(), pe.computed_checksum());
    EXPECT_EQ(pe.dll_characteristics() & 0x140, 0x140);  // dynamic base, no-execute
    EXPECT_NE(pe.directory(5), 0u);                      // relocations
    EXPECT_NE(pe.directory(3), 0u);                      // unwind information
    for (const test::PeSection& section : pe.sections)
        EXPECT_FALSE(section.writable() && section.executable()) << section.name;
    ASSERT_TRUE(pe.section("INIT"));
    EXPECT_TRUE(pe.section("INIT")->executable() && pe.section("INIT")->discardable());
    ASSERT_TRUE(pe.section("PAGE"));
    EXPECT_FALSE(pe.section("PAGE")->discardable());
    EXPECT_TRUE(pe.section(".debug_info") && pe.section(".debug_line"));
}

TEST_F(Builder, cookie_is_announced_and_has_the_default_value) {
    const test::PeView pe(build(options("out")).image.string());
    const size_t config = pe.offset_of(pe.directory(10));
    ASSERT_NE(config, 0u);
    const uint64_t cookie = pe.at<uint64_t>(config + 0x58);
    const size_t at = pe.offset_of(static_cast<uint32_t>(cookie - pe.base()));
    ASSERT_NE(at, 0u);
    EXPECT_EQ(pe.at<uint64_t>(at), 0x00002B992DDFA232u);
}

TEST_F(Builder, imports_are_by_module_and_name) {
    std::vector<std::string> imports = test::PeView(build(options("out")).image.string()).imports();
    for (const char* name : {"ntoskrnl.exe!DbgPrint", "ntoskrnl.exe!KeBugCheckEx",
                             "ntoskrnl.exe!__C_specific_handler", "ntoskrnl.exe!memset"})
        EXPECT_NE(std::ranges::find(imports, name), imports.end()) << name;
    EXPECT_EQ(imports.size(), 4u);
}

TEST_F(Builder, equal_sources_give_equal_bytes_wherever_they_lie) {
    const Report first = build(options("out"));
    put("elsewhere/deep/drv/driver.c", driver_source);
    Options again = options("out2");
    again.input = folder_ / "elsewhere/deep/drv";
    const Report second = build(again);
    ASSERT_TRUE(first.built && second.built);
    const auto a = read_file(first.image), b = read_file(second.image);
    EXPECT_EQ(*a, *b);
    const std::string text(reinterpret_cast<const char*>(a->data()), a->size());
    EXPECT_EQ(text.find(folder_.string()), std::string::npos);
}

TEST_F(Builder, second_build_does_nothing_and_a_changed_header_does_something) {
    put("drv/driver.c", std::string("#include \"more.h\"\n") + driver_source);
    put("drv/more.h", "#define ONE 1\n");
    put("drv/other.c", "int other(void) { return 2; }\n");
    const Report first = build(options("out"));
    EXPECT_EQ(first.compiled, 2u);
    const Report second = build(options("out"));
    EXPECT_EQ(second.compiled, 0u);
    EXPECT_FALSE(second.linked);
    fs::last_write_time(folder_ / "drv/more.h", fs::file_time_type::clock::now() + std::chrono::seconds(5));
    EXPECT_EQ(build(options("out")).compiled, 1u);
    Options defined = options("out");
    defined.defines = {"X=1"};
    EXPECT_EQ(build(defined).compiled, 2u);
}

TEST_F(Builder, compile_commands_name_every_source_of_every_driver_in_the_folder) {
    ASSERT_TRUE(build(options("out")).built);
    Options other = options("out");
    other.name = "second";
    ASSERT_TRUE(build(other).built);
    const Result<std::string> text = read_text_file(folder_ / "out/compile_commands.json");
    ASSERT_TRUE(text);
    size_t count = 0;
    for (size_t at = text->find("\"file\""); at != std::string::npos; at = text->find("\"file\"", at + 1))
        ++count;
    EXPECT_EQ(count, 2u);
}

TEST_F(Builder, what_does_not_compile_or_link_is_not_built) {
    put("drv/broken.c", "int broken( { }\n");
    testing::internal::CaptureStderr();
    EXPECT_FALSE(build(options("out")).built);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("broken.c:1:13: error:"), std::string::npos);
    put("drv/broken.c", "int missing(void); int broken(void) { return missing(); }\n");
    testing::internal::CaptureStderr();
    EXPECT_FALSE(build(options("out")).built);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("undefined symbol: missing"), std::string::npos);
    EXPECT_FALSE(fs::exists(folder_ / "out/small.sys"));
}

TEST_F(Builder, bad_input_is_an_error_that_names_it) {
    Options gone = options("out");
    gone.input = folder_ / "gone";
    EXPECT_NE(build_driver(gone).error().text().find("gone"), std::string::npos);
    fs::create_directories(folder_ / "empty");
    gone.input = folder_ / "empty";
    EXPECT_NE(build_driver(gone).error().text().find("no C or C++ source"), std::string::npos);
}

TEST_F(Builder, globals_of_cxx_are_constructed_and_destroyed) {
    put("cxx/driver.cpp", R"(
#include <ntddk.h>
#include <array>
extern "C" DRIVER_INITIALIZE DriverEntry;
struct Base { virtual ~Base() {} virtual int go() = 0; };
struct Derived : Base { int x; Derived() : x(7) { DbgPrint("up"); } ~Derived() override { DbgPrint("down"); } int go() override { return x; } };
Derived one;
NTSTATUS DriverEntry(PDRIVER_OBJECT, PUNICODE_STRING) { std::array<int, 2> a{one.go(), 2}; return a[1] ? STATUS_SUCCESS : a[0]; }
)");
    Options cxx = options("out");
    cxx.input = folder_ / "cxx";
    const Report report = build(cxx);
    ASSERT_TRUE(report.built);
    const test::PeView pe(report.image.string());
    // The start marker, one constructor, the end marker: what the start-up code walks.
    const test::PeSection* table = pe.section(".ctors");
    ASSERT_TRUE(table);
    EXPECT_EQ(table->size, 24u);
    const size_t at = table->raw_offset;
    EXPECT_EQ(pe.at<uint64_t>(at), 0u);
    EXPECT_NE(pe.at<uint64_t>(at + 8), 0u);
    EXPECT_EQ(pe.at<uint64_t>(at + 16), 0u);
}

TEST_F(Builder, projects_find_headers_that_only_windows_would_find) {
    put("vs/Inc/Common.h", "#define COMMON 1\n");
    put("vs/main.c", std::string("#include \"inc\\common.H\"\n#include <NtDDK.h>\n#include \"main.tmh\"\n") +
                         "#if !COMMON\n#error\n#endif\n" + driver_source);
    put("vs/main.vcxproj", R"(<Project><ItemGroup><ProjectConfiguration Include="Release|x64"/></ItemGroup>
<PropertyGroup><ConfigurationType>Driver</ConfigurationType></PropertyGroup>
<ItemGroup><ClCompile Include="Main.c"><WppEnabled>true</WppEnabled></ClCompile></ItemGroup></Project>)");
    Options project = options("out");
    project.input = folder_ / "vs/main.vcxproj";
    EXPECT_TRUE(build(project).built);
}

TEST_F(Builder, version_resources_are_part_of_the_image) {
    put("drv/small.rc",
        "#include <windows.h>\n#include <ntverp.h>\n#define VER_FILETYPE VFT_DRV\n"
        "#define VER_FILESUBTYPE VFT2_DRV_NETWORK\n#define VER_FILEDESCRIPTION_STR \"Small\"\n"
        "#define VER_INTERNALNAME_STR \"small.sys\"\n#include \"common.ver\"\n");
    const Report report = build(options("out"));
    ASSERT_TRUE(report.built);
    EXPECT_NE(test::PeView(report.image.string()).directory(2), 0u);
    EXPECT_FALSE(build(options("out")).linked);
}

// Socket addresses, the IP Helper's types, safe strings in more than one source, the Win32 base types,
// exception handling in small letters, byte order and interlocked operations: what virtual adapters of VPNs
// are made of.
constexpr const char* shared_header = R"(
#include <ntifs.h>
#include <wdm.h>
#include <ndis.h>
#include <ntstrsafe.h>
#include <netioapi.h>
#include <minwindef.h>
C_ASSERT(sizeof(SOCKADDR_STORAGE) == 128 && sizeof(SOCKADDR_INET) == 28 && sizeof(SOCKADDR_IN) == 16);
C_ASSERT(sizeof(MIB_IF_ROW2) == 1352 && AF_INET6 == 23 && IPPROTO_ICMPV6 == 58);
NTSTATUS say(char* text, SIZE_T size, DWORD value);
)";
constexpr const char* first_source = R"(
#include "shared.h"
DRIVER_INITIALIZE DriverEntry;
static DRIVER_DISPATCH_PAGED open;
static NTSTATUS open(PDEVICE_OBJECT device, PIRP irp) { return device && irp ? STATUS_SUCCESS : STATUS_ALREADY_INITIALIZED; }
static volatile LONG64 octets;
NTSTATUS DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING path) {
    char text[32];
    NTSTATUS status = RtlStringCchCopyA((LPTSTR)text, sizeof text, "x");
    try { octets = ReadNoFence64(&octets); MemoryBarrier(); } except (EXCEPTION_EXECUTE_HANDLER) { return status; }
    driver->MajorFunction[IRP_MJ_CREATE] = open;
    InterlockedAddNoFence64(&octets, _byteswap_ushort(path->Length) + _byteswap_ulong(path->Length));
    ObCloseHandle(NULL, KernelMode);
    return say(text, sizeof text, (DWORD)InterlockedIncrementNoFence64(&octets));
}
)";
constexpr const char* second_source = R"(
#include "shared.h"
NTSTATUS say(char* text, SIZE_T size, DWORD value) {
    NTSTATUS status = RtlStringCbPrintfA(text, size, "%lu", value);
    if (NT_SUCCESS(status)) status = RtlStringCchPrintfExA(text, size, NULL, NULL, STRSAFE_IGNORE_NULLS, "%s", text);
    return status;
}
)";

TEST_F(Builder, sources_of_virtual_adapters_build_with_and_without_optimisation) {
    put("drv/driver.c", first_source);
    put("drv/second.c", second_source);
    put("drv/shared.h", shared_header);
    for (const char* config : {"Release", "Debug"}) {
        Options asked = options(std::string("out-") + config);
        asked.configuration = config;
        EXPECT_TRUE(build(asked).built) << config;
    }
}

TEST_F(Builder, sanitizers_call_the_hosts_runtime) {
    struct Case {
        Sanitizer sanitizer;
        const char* prefix;
    };
    for (const Case& c :
         {Case{Sanitizer::address, "ndiskit.sys!__asan_"}, Case{Sanitizer::thread, "ndiskit.sys!__tsan_"},
          Case{Sanitizer::fuzzer, "ndiskit.sys!__sanitizer_cov_"}}) {
        Options with = options(fmt::format("out{}", static_cast<int>(c.sanitizer)));
        with.sanitizer = c.sanitizer;
        const Report report = build(with);
        ASSERT_TRUE(report.built) << c.prefix;
        const std::vector<std::string> imports = test::PeView(report.image.string()).imports();
        EXPECT_TRUE(std::ranges::any_of(imports, [&](const std::string& i) {
            return i.starts_with(c.prefix);
        })) << c.prefix;
    }
}

}  // namespace
}  // namespace ndiskit::build
