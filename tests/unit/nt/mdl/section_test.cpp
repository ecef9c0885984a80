// Sections of files on the machine's drive.
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "nt/abi.h"
#include "nt/abi/files.h"
#include "nt/files/file_system.h"
#include "nt/mdl/section_api.h"
#include "nt/rtl/unicode.h"
#include "support/nt_machine.h"

extern "C" {
NTSTATUS NTAPI ZwSetInformationFile(HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG, FILE_INFORMATION_CLASS);
NTSTATUS NTAPI ZwLockFile(HANDLE, HANDLE, PIO_APC_ROUTINE, PVOID, PIO_STATUS_BLOCK, PLARGE_INTEGER,
                          PLARGE_INTEGER, ULONG, BOOLEAN, BOOLEAN);
}

namespace ndiskit::nt {
namespace {

namespace fs = std::filesystem;
constexpr ULONG sec_commit = 0x8000000, sec_image = 0x1000000;
constexpr ULONG share_all = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;
const HANDLE this_process = reinterpret_cast<HANDLE>(-1);

class FileSection : public testing::Test {
  public:
    void SetUp() override {
        char name[] = "/tmp/ndiskit-section-XXXXXX";
        root_ = ::mkdtemp(name);
        std::ofstream(root_ / "data") << "hello";
        std::ofstream(root_ / "empty");
        fs::create_directory(root_ / "folder");
    }
    void TearDown() override { fs::remove_all(root_); }

    template <class Body>
    void on_machine(Body body) {
        test::on_sim([&] {
            const auto mounted = files::mount(root_);
            ASSERT_TRUE(mounted) << mounted.error().text();
            body();
            const auto unmounted = files::unmount();
            EXPECT_TRUE(unmounted) << unmounted.error().text();
        });
    }
    std::string content() const {
        std::ostringstream text;
        text << std::ifstream(root_ / "data").rdbuf();
        return text.str();
    }

    fs::path root_;
};

HANDLE open(std::u16string_view path, ACCESS_MASK access, ULONG disposition = FILE_OPEN,
            NTSTATUS expected = STATUS_SUCCESS) {
    UNICODE_STRING name = unicode_string(path);
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, nullptr, nullptr);
    HANDLE handle = nullptr;
    IO_STATUS_BLOCK block = {};
    EXPECT_EQ(ZwCreateFile(&handle, access | SYNCHRONIZE, &attributes, &block, nullptr, 0, share_all,
                           disposition, FILE_SYNCHRONOUS_IO_NONALERT, nullptr, 0),
              expected);
    return handle;
}
constexpr std::u16string_view data = u"\\??\\C:\\data";

NTSTATUS create(HANDLE& section, HANDLE file, LONGLONG size, ULONG protect, ULONG kind = sec_commit) {
    LARGE_INTEGER most = {.QuadPart = size};
    return ZwCreateSection(&section, 0, nullptr, &most, protect, kind, file);
}

NTSTATUS map(HANDLE section, PVOID& base, ULONG protect) {
    base = nullptr;
    SIZE_T size = 0;
    return ZwMapViewOfSection(section, this_process, &base, 0, 0, nullptr, &size, ViewUnmap, 0, protect);
}

TEST_F(FileSection, ShowsTheFileAndWritesItBack) {
    on_machine([&] {
        const HANDLE file = open(data, GENERIC_READ | GENERIC_WRITE);
        HANDLE section = nullptr;
        ASSERT_EQ(create(section, file, 0, PAGE_READWRITE), STATUS_SUCCESS);
        ZwClose(file);  // the section keeps it
        PVOID base = nullptr;
        ASSERT_EQ(map(section, base, PAGE_READWRITE), STATUS_SUCCESS);
        ZwClose(section);                                 // and the view keeps the section
        EXPECT_STREQ(static_cast<char*>(base), "hello");  // zeros are behind the file's end
        std::memcpy(base, "HELLO, more", 11);
        PVOID flushed = static_cast<char*>(base) + 2;
        SIZE_T size = 0;
        IO_STATUS_BLOCK io = {};
        EXPECT_EQ(ZwFlushVirtualMemory(this_process, &flushed, &size, &io), STATUS_SUCCESS);
        EXPECT_EQ(flushed, base);
        EXPECT_EQ(size, SIZE_T{PAGE_SIZE});
        EXPECT_EQ(io.Information, ULONG_PTR{PAGE_SIZE});
        EXPECT_EQ(content(), "HELLO");
        EXPECT_EQ(ZwUnmapViewOfSection(this_process, base), STATUS_SUCCESS);
        EXPECT_EQ(ZwFlushVirtualMemory(this_process, &flushed, &size, &io), STATUS_NOT_MAPPED_VIEW);
    });
}

TEST_F(FileSection, GrowsTheFileWhenItMayBeWritten) {
    on_machine([&] {
        const HANDLE file = open(data, GENERIC_READ | GENERIC_WRITE);
        const HANDLE empty = open(u"\\??\\C:\\empty", GENERIC_READ | GENERIC_WRITE);
        HANDLE section = nullptr;
        EXPECT_EQ(create(section, file, 100, PAGE_READONLY), STATUS_SECTION_TOO_BIG);
        EXPECT_EQ(create(section, file, INT64_MAX, PAGE_READWRITE), STATUS_SECTION_TOO_BIG);
        const auto most = static_cast<int64_t>(MmGetMaximumFileSectionSize());
        EXPECT_GE(most, int64_t{1} << 40) << "disks are as large";
        EXPECT_EQ(create(section, file, most + 1, PAGE_READWRITE), STATUS_SECTION_TOO_BIG);
        EXPECT_EQ(create(section, empty, 0, PAGE_READWRITE), STATUS_MAPPED_FILE_SIZE_ZERO);
        EXPECT_EQ(ZwCreateSection(&section, 0, nullptr, nullptr, PAGE_READWRITE, sec_commit, empty),
                  STATUS_MAPPED_FILE_SIZE_ZERO);
        EXPECT_EQ(content().size(), 5u);
        ASSERT_EQ(create(section, file, 100, PAGE_READWRITE), STATUS_SUCCESS);
        EXPECT_EQ(content().size(), 100u);
        ZwClose(section);
        ZwClose(empty);
        ZwClose(file);
    });
}

TEST_F(FileSection, OfACopyNeverChangesTheFile) {
    on_machine([&] {
        const HANDLE file = open(data, GENERIC_READ);
        HANDLE section = nullptr;
        EXPECT_EQ(create(section, file, 0, PAGE_READWRITE), STATUS_ACCESS_DENIED);
        ASSERT_EQ(create(section, file, 0, PAGE_WRITECOPY), STATUS_SUCCESS);
        PVOID base = nullptr, other = nullptr;
        EXPECT_EQ(map(section, base, PAGE_READWRITE), STATUS_SECTION_PROTECTION);
        ASSERT_EQ(map(section, base, PAGE_WRITECOPY), STATUS_SUCCESS);
        ASSERT_EQ(map(section, other, PAGE_READONLY), STATUS_SUCCESS);
        static_cast<char*>(base)[0] = 'J';
        EXPECT_EQ(static_cast<char*>(other)[0], 'h');
        EXPECT_EQ(ZwUnmapViewOfSection(this_process, base), STATUS_SUCCESS);
        EXPECT_EQ(ZwUnmapViewOfSection(this_process, other), STATUS_SUCCESS);
        EXPECT_EQ(content(), "hello");
        ZwClose(section);
        ZwClose(file);
    });
}

TEST_F(FileSection, KeepsTheFileFromBecomingShorter) {
    on_machine([&] {
        const HANDLE file = open(data, GENERIC_READ | GENERIC_WRITE);
        HANDLE section = nullptr;
        ASSERT_EQ(create(section, file, 0, PAGE_READONLY), STATUS_SUCCESS);
        FILE_END_OF_FILE_INFORMATION end = {.EndOfFile = {.QuadPart = 1}};
        IO_STATUS_BLOCK block = {};
        EXPECT_EQ(ZwSetInformationFile(file, &block, &end, sizeof end, FileEndOfFileInformation),
                  STATUS_USER_MAPPED_FILE);
        open(data, GENERIC_WRITE, FILE_OVERWRITE, STATUS_USER_MAPPED_FILE);
        ZwClose(section);
        EXPECT_EQ(ZwSetInformationFile(file, &block, &end, sizeof end, FileEndOfFileInformation),
                  STATUS_SUCCESS);
        ZwClose(file);
    });
}

TEST_F(FileSection, IsRefusedForWhatHasNoDataAndForLockedFiles) {
    on_machine([&] {
        const HANDLE folder = open(u"\\??\\C:\\folder", GENERIC_READ);
        const HANDLE file = open(data, GENERIC_READ | GENERIC_WRITE), other = open(data, GENERIC_READ);
        HANDLE section = nullptr;
        EXPECT_EQ(create(section, folder, 10, PAGE_READONLY), STATUS_INVALID_FILE_FOR_SECTION);
        EXPECT_EQ(create(section, this_process, 10, PAGE_READONLY), STATUS_INVALID_FILE_FOR_SECTION);
        EXPECT_EQ(create(section, file, 0, PAGE_READONLY, sec_image), STATUS_INVALID_FILE_FOR_SECTION);
        EXPECT_EQ(create(section, file, 0, PAGE_READONLY, 0), STATUS_INVALID_PARAMETER_6);
        LARGE_INTEGER start = {}, length = {.QuadPart = 1};
        IO_STATUS_BLOCK block = {};
        ASSERT_EQ(ZwLockFile(file, nullptr, nullptr, nullptr, &block, &start, &length, 0, TRUE, TRUE),
                  STATUS_SUCCESS);
        EXPECT_EQ(create(section, other, 0, PAGE_READONLY), STATUS_FILE_LOCK_CONFLICT);
        EXPECT_EQ(create(section, file, 0, PAGE_READONLY), STATUS_SUCCESS);
        for (const HANDLE handle : {section, folder, file, other}) ZwClose(handle);
    });
}

TEST_F(FileSection, ExtendedTakesTheNodeOfItsPages) {
    on_machine([&] {
        const HANDLE file = open(data, GENERIC_READ);
        HANDLE section = nullptr;
        MEM_EXTENDED_PARAMETER parameters[2] = {{.Type = 2, .ULong64 = 0}, {.Type = 2, .ULong64 = 0}};
        const auto create_extended = [&](ULONG count) {
            return NtCreateSectionEx(&section, 0, nullptr, nullptr, PAGE_READONLY, sec_commit, file,
                                     parameters, count);
        };
        EXPECT_EQ(create_extended(2), STATUS_INVALID_PARAMETER);  // only one may be
        EXPECT_EQ(create_extended(1), STATUS_SUCCESS);
        ZwClose(section);
        EXPECT_EQ(create_extended(0), STATUS_SUCCESS);
        ZwClose(section);
        parameters[0].ULong64 = 1000;
        EXPECT_EQ(create_extended(1), STATUS_INVALID_PARAMETER);
        ZwClose(file);
    });
}

}  // namespace
}  // namespace ndiskit::nt
