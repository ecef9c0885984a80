// Files on the machine's drive, through the calls of drivers.
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "nt/abi.h"
#include "nt/abi/files.h"
#include "nt/files/file_system.h"
#include "nt/files/folder.h"
#include "nt/ke/thread.h"
#include "nt/rtl/unicode.h"
#include "support/kernel_export.h"
#include "support/nt_machine.h"

extern "C" {
NTSTATUS NTAPI ZwSetInformationFile(HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG, FILE_INFORMATION_CLASS);
NTSTATUS NTAPI ZwQueryVolumeInformationFile(HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG, FS_INFORMATION_CLASS);
NTSTATUS NTAPI ZwQueryDirectoryFile(HANDLE, HANDLE, PIO_APC_ROUTINE, PVOID, PIO_STATUS_BLOCK, PVOID, ULONG,
                                    FILE_INFORMATION_CLASS, BOOLEAN, PUNICODE_STRING, BOOLEAN);
NTSTATUS NTAPI ZwFlushBuffersFile(HANDLE, PIO_STATUS_BLOCK);
NTSTATUS NTAPI ZwDeleteFile(POBJECT_ATTRIBUTES);
NTSTATUS NTAPI ZwQueryFullAttributesFile(POBJECT_ATTRIBUTES, PFILE_NETWORK_OPEN_INFORMATION);
}

namespace ndiskit::nt::files {
namespace {

namespace fs = std::filesystem;
constexpr ULONG share_all = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

class Files : public testing::Test {
  public:
    void SetUp() override {
        char name[] = "/tmp/ndiskit-files-XXXXXX";
        base_ = ::mkdtemp(name);
        root_ = base_ / "root";
        fs::create_directories(root_ / "Windows" / "System32");
        write(root_ / "Windows" / "Readme.TXT", "hello");
        write(base_ / "secret", "outside");
        fs::create_symlink(base_ / "secret", root_ / "link");
        fs::create_directory_symlink(base_, root_ / "up");
    }
    void TearDown() override { fs::remove_all(base_); }
    static void write(const fs::path& path, std::string_view text) { std::ofstream(path) << text; }

    template <class Body>
    void on_machine(Body body) {
        test::on_sim([&] {
            const auto mounted = mount(root_);
            ASSERT_TRUE(mounted) << mounted.error().text();
            body();
            const auto unmounted = unmount();
            EXPECT_TRUE(unmounted) << unmounted.error().text();
        });
    }

    fs::path base_, root_;
};

struct File {
    HANDLE handle = nullptr;
    IO_STATUS_BLOCK block = {};
    NTSTATUS status;

    File(std::u16string_view path, ACCESS_MASK access, ULONG disposition = FILE_OPEN, ULONG options = 0,
         ULONG share = share_all, HANDLE root = nullptr) {
        UNICODE_STRING name = unicode_string(path);
        OBJECT_ATTRIBUTES attributes;
        InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE | OBJ_CASE_INSENSITIVE, root,
                                   nullptr);
        status = ZwCreateFile(&handle, access | SYNCHRONIZE, &attributes, &block, nullptr, 0, share,
                              disposition, options | FILE_SYNCHRONOUS_IO_NONALERT, nullptr, 0);
        if (!NT_SUCCESS(status)) handle = nullptr;
    }
    ~File() {
        if (handle) ZwClose(handle);
    }
    NTSTATUS read(char* buffer, ULONG size) {
        return ZwReadFile(handle, nullptr, nullptr, nullptr, &block, buffer, size, nullptr, nullptr);
    }
    NTSTATUS write(std::string_view text, PLARGE_INTEGER offset = nullptr) {
        return ZwWriteFile(handle, nullptr, nullptr, nullptr, &block, const_cast<char*>(text.data()),
                           static_cast<ULONG>(text.size()), offset, nullptr);
    }
    template <class T>
    NTSTATUS query(T& answer, FILE_INFORMATION_CLASS information) {
        return ZwQueryInformationFile(handle, &block, &answer, sizeof answer, information);
    }
    template <class T>
    NTSTATUS set(T value, FILE_INFORMATION_CLASS information) {
        return ZwSetInformationFile(handle, &block, &value, sizeof value, information);
    }
};

TEST_F(Files, WithoutAFolderThereIsNoDrive) {
    test::on_sim([] {
        EXPECT_FALSE(NT_SUCCESS(File(u"\\??\\C:\\x", GENERIC_READ).status));
        EXPECT_FALSE(NT_SUCCESS(File(u"\\SystemRoot\\x", GENERIC_READ).status));
    });
}

TEST_F(Files, AreReadWithoutRegardToCase) {
    on_machine([] {
        File file(u"\\SystemRoot\\readme.txt", GENERIC_READ);
        ASSERT_EQ(file.status, STATUS_SUCCESS);
        EXPECT_EQ(file.block.Information, static_cast<ULONG_PTR>(FILE_OPENED));
        char buffer[10] = {};
        EXPECT_EQ(file.read(buffer, 3), STATUS_SUCCESS);
        EXPECT_EQ(file.read(buffer + 3, 7), STATUS_SUCCESS);  // where the last one ended
        EXPECT_EQ(file.block.Information, 2u);
        EXPECT_STREQ(buffer, "hello");
        EXPECT_EQ(file.read(buffer, 1), STATUS_END_OF_FILE);
        EXPECT_EQ(file.write("x"), STATUS_ACCESS_DENIED);  // not opened to write
    });
}

TEST_F(Files, NothingLeadsOutOfTheFolder) {
    on_machine([] {
        for (const auto* path :
             {u"\\??\\C:\\..\\secret", u"\\??\\C:\\Windows\\..\\..\\secret", u"\\??\\C:\\link",
              u"\\??\\C:\\up\\secret", u"\\??\\C:\\./../secret", u"\\??\\C:\\Windows/../../secret",
              u"\\??\\C:\\.\\link", u"\\??\\C:\\\\secret", u"\\??\\C:\\a:b"}) {
            EXPECT_FALSE(NT_SUCCESS(File(path, GENERIC_READ).status)) << to_utf8(path);
            EXPECT_FALSE(NT_SUCCESS(File(path, GENERIC_WRITE, FILE_OPEN_IF).status)) << to_utf8(path);
        }
        EXPECT_EQ(File(u"\\??\\C:\\up\\new", GENERIC_WRITE, FILE_CREATE).status, STATUS_ACCESS_DENIED);
        EXPECT_EQ(File(u"\\??\\C:\\none\\x", GENERIC_READ).status, STATUS_OBJECT_PATH_NOT_FOUND);
        EXPECT_EQ(File(u"\\??\\C:\\none", GENERIC_READ).status, STATUS_OBJECT_NAME_NOT_FOUND);
        EXPECT_EQ(File(u"\\??\\C:\\what?", GENERIC_READ).status, STATUS_OBJECT_NAME_INVALID);
    });
    EXPECT_FALSE(fs::exists(base_ / "new"));
}

TEST_F(Files, DispositionsDoWhatTheySay) {
    on_machine([] {
        constexpr auto path = u"\\??\\C:\\new.txt";
        EXPECT_EQ(File(path, GENERIC_WRITE, FILE_OVERWRITE).status, STATUS_OBJECT_NAME_NOT_FOUND);
        {
            File created(path, GENERIC_WRITE, FILE_CREATE);
            EXPECT_EQ(created.status, STATUS_SUCCESS);
            EXPECT_EQ(created.block.Information, static_cast<ULONG_PTR>(FILE_CREATED));
            EXPECT_EQ(created.write("0123456789"), STATUS_SUCCESS);
            LARGE_INTEGER end = {.LowPart = FILE_WRITE_TO_END_OF_FILE, .HighPart = -1};
            EXPECT_EQ(created.write("ab", &end), STATUS_SUCCESS);
            EXPECT_EQ(ZwFlushBuffersFile(created.handle, &created.block), STATUS_SUCCESS);
        }
        EXPECT_EQ(File(path, GENERIC_WRITE, FILE_CREATE).status, STATUS_OBJECT_NAME_COLLISION);
        File opened(path, GENERIC_READ, FILE_OPEN_IF);
        FILE_STANDARD_INFORMATION standard = {};
        EXPECT_EQ(opened.query(standard, FileStandardInformation), STATUS_SUCCESS);
        EXPECT_EQ(standard.EndOfFile.QuadPart, 12);
        EXPECT_FALSE(standard.Directory);
        File overwritten(path, GENERIC_WRITE, FILE_OVERWRITE_IF);
        EXPECT_EQ(overwritten.block.Information, 3u);
        EXPECT_EQ(opened.query(standard, FileStandardInformation), STATUS_SUCCESS);
        EXPECT_EQ(standard.EndOfFile.QuadPart, 0);
        EXPECT_EQ(File(u"\\??\\C:\\Windows", GENERIC_READ, FILE_OPEN, FILE_NON_DIRECTORY_FILE).status,
                  STATUS_FILE_IS_A_DIRECTORY);
        EXPECT_EQ(File(path, GENERIC_READ, FILE_OPEN, FILE_DIRECTORY_FILE).status, STATUS_NOT_A_DIRECTORY);
        File folder(u"\\??\\C:\\made", GENERIC_READ, FILE_CREATE, FILE_DIRECTORY_FILE);
        EXPECT_EQ(folder.status, STATUS_SUCCESS);
        File inside(u"x", GENERIC_WRITE, FILE_CREATE, 0, share_all, folder.handle);  // relative to a handle
        EXPECT_EQ(inside.status, STATUS_SUCCESS);
    });
    EXPECT_TRUE(fs::exists(root_ / "made" / "x"));
}

TEST_F(Files, AreSharedAsTheirOpensAllow) {
    on_machine([] {
        constexpr auto path = u"\\SystemRoot\\Readme.TXT";
        File reader(path, GENERIC_READ, FILE_OPEN, 0, FILE_SHARE_READ);
        EXPECT_EQ(File(path, GENERIC_READ).status, STATUS_SUCCESS);
        EXPECT_EQ(File(path, GENERIC_WRITE).status, STATUS_SHARING_VIOLATION);
        EXPECT_EQ(File(path, GENERIC_READ, FILE_OPEN, 0, 0).status, STATUS_SHARING_VIOLATION);
        EXPECT_EQ(File(path, FILE_READ_ATTRIBUTES, FILE_OPEN, 0, 0).status, STATUS_SUCCESS);
    });
}

TEST_F(Files, GoWithTheirLastHandle) {
    on_machine([this] {
        constexpr auto path = u"\\SystemRoot\\Readme.TXT";
        {
            File file(path, GENERIC_READ | DELETE);
            File other(path, GENERIC_READ);
            EXPECT_EQ(file.set(FILE_DISPOSITION_INFORMATION{TRUE}, FileDispositionInformation),
                      STATUS_SUCCESS);
            FILE_STANDARD_INFORMATION standard = {};
            EXPECT_EQ(other.query(standard, FileStandardInformation), STATUS_SUCCESS);
            EXPECT_TRUE(standard.DeletePending);
            EXPECT_EQ(File(path, GENERIC_READ).status, STATUS_DELETE_PENDING);
            EXPECT_TRUE(fs::exists(root_ / "Windows" / "Readme.TXT"));
        }
        EXPECT_FALSE(fs::exists(root_ / "Windows" / "Readme.TXT"));
        {
            File folder(u"\\??\\C:\\Windows", DELETE);
            EXPECT_EQ(folder.set(FILE_DISPOSITION_INFORMATION{TRUE}, FileDispositionInformation),
                      STATUS_DIRECTORY_NOT_EMPTY);
        }
        UNICODE_STRING name = unicode_string(u"\\??\\C:\\Windows\\System32");
        OBJECT_ATTRIBUTES attributes;
        InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, nullptr, nullptr);
        FILE_NETWORK_OPEN_INFORMATION network = {};
        EXPECT_EQ(ZwQueryFullAttributesFile(&attributes, &network), STATUS_SUCCESS);
        EXPECT_EQ(network.FileAttributes, static_cast<ULONG>(FILE_ATTRIBUTE_DIRECTORY));
        EXPECT_EQ(ZwDeleteFile(&attributes), STATUS_SUCCESS);
        EXPECT_EQ(ZwDeleteFile(&attributes), STATUS_OBJECT_NAME_NOT_FOUND);
    });
}

TEST_F(Files, AnswerAndObeyInformationClasses) {
    on_machine([this] {
        File file(u"\\SystemRoot\\Readme.TXT", GENERIC_READ | GENERIC_WRITE | DELETE);
        alignas(8) char memory[256];
        auto& all = *reinterpret_cast<PFILE_ALL_INFORMATION>(memory);
        ASSERT_EQ(ZwQueryInformationFile(file.handle, &file.block, memory, sizeof memory, FileAllInformation),
                  STATUS_SUCCESS);
        EXPECT_EQ(all.StandardInformation.EndOfFile.QuadPart, 5);
        EXPECT_EQ(std::u16string_view(all.NameInformation.FileName, all.NameInformation.FileNameLength / 2),
                  u"\\Windows\\Readme.TXT");
        EXPECT_EQ(ZwQueryInformationFile(file.handle, &file.block, memory, 104, FileAllInformation),
                  STATUS_BUFFER_OVERFLOW);  // a part of the name
        EXPECT_EQ(ZwQueryInformationFile(file.handle, &file.block, memory, 8, FileBasicInformation),
                  STATUS_INFO_LENGTH_MISMATCH);
        EXPECT_EQ(file.set(LARGE_INTEGER{.QuadPart = 3}, FilePositionInformation), STATUS_SUCCESS);
        char rest[4] = {};
        EXPECT_EQ(file.read(rest, 4), STATUS_SUCCESS);
        EXPECT_STREQ(rest, "lo");
        EXPECT_EQ(file.set(LARGE_INTEGER{.QuadPart = 2}, FileEndOfFileInformation), STATUS_SUCCESS);
        EXPECT_EQ(fs::file_size(root_ / "Windows" / "Readme.TXT"), 2u);
        FILE_BASIC_INFORMATION basic = {};
        basic.LastWriteTime.QuadPart = 132'000'000'000'000'000;
        basic.FileAttributes = FILE_ATTRIBUTE_READONLY;
        EXPECT_EQ(file.set(basic, FileBasicInformation), STATUS_SUCCESS);
        EXPECT_EQ(file.query(basic, FileBasicInformation), STATUS_SUCCESS);
        EXPECT_EQ(basic.LastWriteTime.QuadPart, 132'000'000'000'000'000);
        EXPECT_TRUE(basic.FileAttributes & FILE_ATTRIBUTE_READONLY);
        EXPECT_EQ(file.set(FILE_DISPOSITION_INFORMATION{TRUE}, FileDispositionInformation),
                  STATUS_CANNOT_DELETE);
        EXPECT_EQ(File(u"\\SystemRoot\\Readme.TXT", GENERIC_WRITE).status, STATUS_ACCESS_DENIED);
        auto rename = [&](std::u16string_view name, bool replace) {
            auto& request = *reinterpret_cast<PFILE_RENAME_INFORMATION>(memory);
            request = {replace, nullptr, static_cast<ULONG>(name.size() * 2), {}};
            std::memcpy(request.FileName, name.data(), name.size() * 2);
            return ZwSetInformationFile(file.handle, &file.block, memory, sizeof memory,
                                        FileRenameInformation);
        };
        EXPECT_EQ(rename(u"System32", false), STATUS_OBJECT_NAME_COLLISION);
        EXPECT_EQ(rename(u"other.txt", false), STATUS_SUCCESS);
        EXPECT_TRUE(fs::exists(root_ / "Windows" / "other.txt"));
        EXPECT_EQ(rename(u"\\??\\C:\\moved.txt", false), STATUS_SUCCESS);
        EXPECT_TRUE(fs::exists(root_ / "moved.txt"));
        EXPECT_EQ(rename(u"\\??\\C:\\..\\moved.txt", false), STATUS_OBJECT_NAME_INVALID);
        FILE_FS_SIZE_INFORMATION size = {};
        EXPECT_EQ(
            ZwQueryVolumeInformationFile(file.handle, &file.block, &size, sizeof size, FileFsSizeInformation),
            STATUS_SUCCESS);
        EXPECT_GT(size.TotalAllocationUnits.QuadPart, 0);
    });
}

TEST_F(Files, DirectoriesAreListedInPieces) {
    for (const char* name : {"b.sys", "A.sys", "c.inf", "long name.sys"}) write(root_ / name, "1234");
    on_machine([] {
        File folder(u"\\??\\C:\\", FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE);
        ASSERT_EQ(folder.status, STATUS_SUCCESS);
        UNICODE_STRING pattern = unicode_string(u"*.SYS");
        alignas(8) char memory[160];
        std::vector<std::u16string> names;
        NTSTATUS status;
        bool first = true;
        while (NT_SUCCESS(status = ZwQueryDirectoryFile(folder.handle, nullptr, nullptr, nullptr,
                                                        &folder.block, memory, sizeof memory,
                                                        FileDirectoryInformation, FALSE, &pattern, first))) {
            first = false;
            for (char* at = memory;;) {
                const auto& entry = *reinterpret_cast<PFILE_DIRECTORY_INFORMATION>(at);
                names.emplace_back(entry.FileName, entry.FileNameLength / 2);
                EXPECT_EQ(entry.EndOfFile.QuadPart, 4);
                if (!entry.NextEntryOffset) break;
                at += entry.NextEntryOffset;
            }
        }
        EXPECT_EQ(status, STATUS_NO_MORE_FILES);
        EXPECT_EQ(names, (std::vector<std::u16string>{u"A.sys", u"b.sys", u"long name.sys"}));
        File empty(u"\\SystemRoot\\System32", FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE);
        EXPECT_EQ(ZwQueryDirectoryFile(empty.handle, nullptr, nullptr, nullptr, &empty.block, memory,
                                       sizeof memory, FileNamesInformation, TRUE, nullptr, FALSE),
                  STATUS_NO_SUCH_FILE);
    });
}

using test::KernelExport;
const KernelExport<LONG(HANDLE*, ACCESS_MASK, OBJECT_ATTRIBUTES*, IO_STATUS_BLOCK*, LARGE_INTEGER*, ULONG,
                        ULONG, ULONG, ULONG, PVOID, ULONG)>
    nt_NtCreateFile{"NtCreateFile"};
using Open = KernelExport<LONG(HANDLE*, ACCESS_MASK, OBJECT_ATTRIBUTES*, IO_STATUS_BLOCK*, ULONG, ULONG)>;
const Open nt_NtOpenFile{"NtOpenFile"}, nt_ZwOpenFile{"ZwOpenFile"};
using Transfer =
    KernelExport<LONG(HANDLE, HANDLE, PVOID, PVOID, IO_STATUS_BLOCK*, PVOID, ULONG, LARGE_INTEGER*, ULONG*)>;
const Transfer nt_NtReadFile{"NtReadFile"}, nt_NtWriteFile{"NtWriteFile"};
using Inform = KernelExport<LONG(HANDLE, IO_STATUS_BLOCK*, PVOID, ULONG, int)>;
const Inform nt_NtQueryInformationFile{"NtQueryInformationFile"},
    nt_NtSetInformationFile{"NtSetInformationFile"},
    nt_NtQueryVolumeInformationFile{"NtQueryVolumeInformationFile"};
const KernelExport<LONG(HANDLE, HANDLE, PVOID, PVOID, IO_STATUS_BLOCK*, PVOID, ULONG, int, BOOLEAN,
                        UNICODE_STRING*, BOOLEAN)>
    nt_NtQueryDirectoryFile{"NtQueryDirectoryFile"};
const KernelExport<LONG(OBJECT_ATTRIBUTES*)> nt_NtDeleteFile{"NtDeleteFile"};

TEST_F(Files, AreWorkedOnByTheirNtNames) {
    on_machine([&] {
        UNICODE_STRING name = unicode_string(u"\\SystemRoot\\new.txt"),
                       folder = unicode_string(u"\\SystemRoot");
        OBJECT_ATTRIBUTES attributes, of_folder;
        InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, nullptr, nullptr);
        InitializeObjectAttributes(&of_folder, &folder, OBJ_KERNEL_HANDLE, nullptr, nullptr);
        HANDLE file = nullptr, again = nullptr;
        IO_STATUS_BLOCK block = {};
        constexpr ULONG synchronous = FILE_SYNCHRONOUS_IO_NONALERT;
        EXPECT_EQ(
            nt_ZwOpenFile(&file, GENERIC_READ | SYNCHRONIZE, &attributes, &block, share_all, synchronous),
            STATUS_OBJECT_NAME_NOT_FOUND);
        ASSERT_EQ(nt_NtCreateFile(&file, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &attributes, &block,
                                  nullptr, 0, share_all, FILE_CREATE, synchronous, nullptr, 0),
                  STATUS_SUCCESS);
        EXPECT_EQ(block.Information, static_cast<ULONG_PTR>(FILE_CREATED));
        char text[] = "hello", back[8] = {};
        EXPECT_EQ(nt_NtWriteFile(file, nullptr, nullptr, nullptr, &block, text, 5, nullptr, nullptr),
                  STATUS_SUCCESS);
        EXPECT_EQ(block.Information, 5u);
        FILE_STANDARD_INFORMATION standard = {};
        EXPECT_EQ(
            nt_NtQueryInformationFile(file, &block, &standard, sizeof standard, FileStandardInformation),
            STATUS_SUCCESS);
        EXPECT_EQ(standard.EndOfFile.QuadPart, 5);
        LARGE_INTEGER end = {.QuadPart = 3}, start = {.QuadPart = 0};
        EXPECT_EQ(nt_NtSetInformationFile(file, &block, &end, sizeof end, FileEndOfFileInformation),
                  STATUS_SUCCESS);
        ASSERT_EQ(
            nt_NtOpenFile(&again, GENERIC_READ | SYNCHRONIZE, &attributes, &block, share_all, synchronous),
            STATUS_SUCCESS);
        EXPECT_EQ(nt_NtReadFile(again, nullptr, nullptr, nullptr, &block, back, 8, &start, nullptr),
                  STATUS_SUCCESS);
        EXPECT_STREQ(back, "hel");
        start.QuadPart = 3;
        EXPECT_EQ(nt_NtReadFile(again, nullptr, nullptr, nullptr, &block, back, 8, &start, nullptr),
                  STATUS_END_OF_FILE);
        FILE_FS_DEVICE_INFORMATION device = {};
        EXPECT_EQ(
            nt_NtQueryVolumeInformationFile(again, &block, &device, sizeof device, FileFsDeviceInformation),
            STATUS_SUCCESS);
        EXPECT_EQ(device.DeviceType, static_cast<DEVICE_TYPE>(FILE_DEVICE_DISK_FILE_SYSTEM));
        ZwClose(file);
        ZwClose(again);
        ASSERT_EQ(nt_ZwOpenFile(&file, FILE_LIST_DIRECTORY | SYNCHRONIZE, &of_folder, &block, share_all,
                                synchronous | FILE_DIRECTORY_FILE),
                  STATUS_SUCCESS);
        alignas(8) char listing[512];
        UNICODE_STRING pattern = unicode_string(u"NEW.*");
        EXPECT_EQ(nt_NtQueryDirectoryFile(file, nullptr, nullptr, nullptr, &block, listing, sizeof listing,
                                          FileNamesInformation, FALSE, &pattern, TRUE),
                  STATUS_SUCCESS);
        EXPECT_EQ(nt_NtQueryDirectoryFile(file, nullptr, nullptr, nullptr, &block, listing, sizeof listing,
                                          FileNamesInformation, FALSE, nullptr, FALSE),
                  STATUS_NO_MORE_FILES);
        ZwClose(file);
        EXPECT_EQ(nt_NtDeleteFile(&attributes), STATUS_SUCCESS);
        EXPECT_EQ(nt_NtDeleteFile(&attributes), STATUS_OBJECT_NAME_NOT_FOUND);
    });
}

using Lock = KernelExport<LONG(HANDLE, HANDLE, PVOID, PVOID, IO_STATUS_BLOCK*, LARGE_INTEGER*, LARGE_INTEGER*,
                               ULONG, BOOLEAN, BOOLEAN)>;
using Unlock = KernelExport<LONG(HANDLE, IO_STATUS_BLOCK*, LARGE_INTEGER*, LARGE_INTEGER*, ULONG)>;
const Lock nt_ZwLockFile{"ZwLockFile"}, nt_NtLockFile{"NtLockFile"};
const Unlock nt_ZwUnlockFile{"ZwUnlockFile"}, nt_NtUnlockFile{"NtUnlockFile"};

NTSTATUS lock(File& file, LONGLONG start, LONGLONG length, bool exclusive, bool wait = false) {
    LARGE_INTEGER at = {.QuadPart = start}, size = {.QuadPart = length};
    return nt_ZwLockFile(file.handle, nullptr, nullptr, nullptr, &file.block, &at, &size, 0, !wait,
                         exclusive);
}
NTSTATUS unlock(File& file, LONGLONG start, LONGLONG length) {
    LARGE_INTEGER at = {.QuadPart = start}, size = {.QuadPart = length};
    return nt_ZwUnlockFile(file.handle, &file.block, &at, &size, 0);
}

TEST_F(Files, LockedBytesAreForTheirOwner) {
    on_machine([] {
        constexpr ACCESS_MASK both = GENERIC_READ | GENERIC_WRITE;
        File one(u"\\SystemRoot\\readme.txt", both), two(u"\\SystemRoot\\readme.txt", both);
        EXPECT_EQ(lock(one, 0, 2, true), STATUS_SUCCESS);
        EXPECT_EQ(lock(two, 1, 5, false), STATUS_LOCK_NOT_GRANTED);
        EXPECT_EQ(lock(two, 2, 2, false), STATUS_SUCCESS);
        EXPECT_EQ(lock(one, 3, 1, false), STATUS_SUCCESS);  // shared
        EXPECT_EQ(lock(one, 3, 1, true), STATUS_LOCK_NOT_GRANTED);
        char buffer[8];
        EXPECT_EQ(two.read(buffer, 5), STATUS_FILE_LOCK_CONFLICT);
        EXPECT_EQ(one.read(buffer, 5), STATUS_SUCCESS);
        LARGE_INTEGER third = {.QuadPart = 2};
        EXPECT_EQ(one.write("x", &third),
                  STATUS_FILE_LOCK_CONFLICT);                   // shared locks keep everybody from writing
        EXPECT_EQ(unlock(one, 0, 1), STATUS_RANGE_NOT_LOCKED);  // not the range that was locked
        EXPECT_EQ(unlock(two, 0, 2), STATUS_RANGE_NOT_LOCKED);  // not its owner
        LARGE_INTEGER start = {.QuadPart = 0}, length = {.QuadPart = 2};
        EXPECT_EQ(nt_NtUnlockFile(one.handle, &one.block, &start, &length, 0), STATUS_SUCCESS);
        EXPECT_EQ(two.read(buffer, 5), STATUS_SUCCESS);
        HANDLE event = nullptr;
        ZwCreateEvent(&event, EVENT_ALL_ACCESS, nullptr, NotificationEvent, FALSE);
        EXPECT_EQ(
            nt_NtLockFile(two.handle, event, nullptr, nullptr, &two.block, &start, &length, 7, TRUE, TRUE),
            STATUS_SUCCESS);
        LARGE_INTEGER now = {.QuadPart = 0};
        EXPECT_EQ(ZwWaitForSingleObject(event, FALSE, &now), STATUS_SUCCESS);
        EXPECT_EQ(unlock(two, 0, 2), STATUS_RANGE_NOT_LOCKED);  // another key
        ZwClose(event);
    });
}

TEST_F(Files, ALockMayBeWaitedForAndGoesWithItsOpen) {
    on_machine([] {
        auto one = std::make_unique<File>(u"\\SystemRoot\\readme.txt", GENERIC_READ);
        ASSERT_EQ(lock(*one, 0, 100, true), STATUS_SUCCESS);
        bool granted = false;
        Thread waiter = Thread::start("waiter", [&] {
            File two(u"\\SystemRoot\\readme.txt", GENERIC_READ);
            EXPECT_EQ(lock(two, 5, 1, true, true), STATUS_SUCCESS);
            granted = true;
        });
        LARGE_INTEGER moment = {.QuadPart = -100'000};
        KeDelayExecutionThread(KernelMode, FALSE, &moment);
        EXPECT_FALSE(granted);
        one.reset();
        waiter.join();
        EXPECT_TRUE(granted);
    });
}

const KernelExport<LONG(HANDLE, IO_STATUS_BLOCK*, PVOID, ULONG, BOOLEAN, PVOID, ULONG, ULONG*, BOOLEAN)>
    nt_ZwQueryEaFile{"ZwQueryEaFile"};
const KernelExport<LONG(HANDLE, IO_STATUS_BLOCK*, PVOID, ULONG)> nt_ZwSetEaFile{"ZwSetEaFile"},
    nt_ZwSetQuotaInformationFile{"ZwSetQuotaInformationFile"},
    nt_NtSetQuotaInformationFile{"NtSetQuotaInformationFile"};
using QueryQuota =
    KernelExport<LONG(HANDLE, IO_STATUS_BLOCK*, PVOID, ULONG, BOOLEAN, PVOID, ULONG, PSID, BOOLEAN)>;
const QueryQuota nt_ZwQueryQuotaInformationFile{"ZwQueryQuotaInformationFile"},
    nt_NtQueryQuotaInformationFile{"NtQueryQuotaInformationFile"};
const KernelExport<LONG(HANDLE, IO_STATUS_BLOCK*, PVOID, ULONG, int)> nt_ZwSetVolumeInformationFile{
    "ZwSetVolumeInformationFile"};
using FsControl =
    KernelExport<LONG(HANDLE, HANDLE, PVOID, PVOID, IO_STATUS_BLOCK*, ULONG, PVOID, ULONG, PVOID, ULONG)>;
const FsControl nt_ZwFsControlFile{"ZwFsControlFile"}, nt_NtFsControlFile{"NtFsControlFile"};

TEST_F(Files, WhatTheVolumeDoesNotHaveItRefuses) {
    on_machine([] {
        File file(u"\\SystemRoot\\readme.txt", GENERIC_READ | GENERIC_WRITE);
        IO_STATUS_BLOCK block = {};
        char buffer[64] = {};
        EXPECT_EQ(nt_ZwQueryEaFile(file.handle, &block, buffer, 64, FALSE, nullptr, 0, nullptr, TRUE),
                  STATUS_EAS_NOT_SUPPORTED);
        EXPECT_EQ(nt_ZwSetEaFile(file.handle, &block, buffer, 64), STATUS_EAS_NOT_SUPPORTED);
        EXPECT_EQ(nt_ZwSetEaFile(nullptr, &block, buffer, 64), STATUS_INVALID_HANDLE);
        for (const auto* query : {&nt_ZwQueryQuotaInformationFile, &nt_NtQueryQuotaInformationFile})
            EXPECT_EQ((*query)(file.handle, &block, buffer, 64, FALSE, nullptr, 0, nullptr, TRUE),
                      STATUS_INVALID_DEVICE_REQUEST);
        EXPECT_EQ(nt_ZwSetQuotaInformationFile(file.handle, &block, buffer, 64),
                  STATUS_INVALID_DEVICE_REQUEST);
        EXPECT_EQ(nt_NtSetQuotaInformationFile(file.handle, &block, buffer, 64),
                  STATUS_INVALID_DEVICE_REQUEST);
        EXPECT_EQ(nt_ZwSetVolumeInformationFile(file.handle, &block, buffer, 64, FileFsLabelInformation),
                  STATUS_INVALID_DEVICE_REQUEST);
        constexpr ULONG fsctl_get_compression = 0x9003C;
        for (const auto* control : {&nt_ZwFsControlFile, &nt_NtFsControlFile})
            EXPECT_EQ((*control)(file.handle, nullptr, nullptr, nullptr, &block, fsctl_get_compression,
                                 nullptr, 0, buffer, 2),
                      STATUS_INVALID_DEVICE_REQUEST);
    });
}

using FlushEx = KernelExport<LONG(HANDLE, ULONG, PVOID, ULONG, IO_STATUS_BLOCK*)>;
const FlushEx nt_ZwFlushBuffersFileEx{"ZwFlushBuffersFileEx"},
    nt_NtFlushBuffersFileEx{"NtFlushBuffersFileEx"};
using DirectoryEx = KernelExport<LONG(HANDLE, HANDLE, PVOID, PVOID, IO_STATUS_BLOCK*, PVOID, ULONG, int,
                                      ULONG, UNICODE_STRING*)>;
const DirectoryEx nt_ZwQueryDirectoryFileEx{"ZwQueryDirectoryFileEx"},
    nt_NtQueryDirectoryFileEx{"NtQueryDirectoryFileEx"};
using ByName = KernelExport<LONG(OBJECT_ATTRIBUTES*, IO_STATUS_BLOCK*, PVOID, ULONG, int)>;
const ByName nt_ZwQueryInformationByName{"ZwQueryInformationByName"},
    nt_NtQueryInformationByName{"NtQueryInformationByName"};

TEST_F(Files, NewerCallsFlushListAndAskByName) {
    on_machine([] {
        IO_STATUS_BLOCK block = {};
        {
            File file(u"\\SystemRoot\\readme.txt", GENERIC_WRITE),
                reader(u"\\SystemRoot\\readme.txt", GENERIC_READ);
            EXPECT_EQ(nt_ZwFlushBuffersFileEx(file.handle, 0, nullptr, 0, &block), STATUS_SUCCESS);
            EXPECT_EQ(nt_NtFlushBuffersFileEx(file.handle, 2, nullptr, 0, &block), STATUS_SUCCESS);
            EXPECT_EQ(nt_ZwFlushBuffersFileEx(reader.handle, 0, nullptr, 0, &block), STATUS_ACCESS_DENIED);
        }
        File folder(u"\\SystemRoot", FILE_LIST_DIRECTORY, FILE_OPEN, FILE_DIRECTORY_FILE);
        alignas(8) char listing[512];
        UNICODE_STRING pattern = unicode_string(u"*.txt");
        EXPECT_EQ(nt_ZwQueryDirectoryFileEx(folder.handle, nullptr, nullptr, nullptr, &block, listing,
                                            sizeof listing, FileNamesInformation,
                                            SL_RESTART_SCAN | SL_RETURN_SINGLE_ENTRY, &pattern),
                  STATUS_SUCCESS);
        EXPECT_EQ(nt_NtQueryDirectoryFileEx(folder.handle, nullptr, nullptr, nullptr, &block, listing,
                                            sizeof listing, FileNamesInformation, 0, nullptr),
                  STATUS_NO_MORE_FILES);
        UNICODE_STRING name = unicode_string(u"\\SystemRoot\\readme.txt");
        OBJECT_ATTRIBUTES attributes;
        InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, nullptr, nullptr);
        FILE_STAT_INFORMATION stat = {};
        for (const auto* by_name : {&nt_ZwQueryInformationByName, &nt_NtQueryInformationByName}) {
            stat = {};
            EXPECT_EQ((*by_name)(&attributes, &block, &stat, sizeof stat, FileStatInformation),
                      STATUS_SUCCESS);
            EXPECT_EQ(stat.EndOfFile.QuadPart, 5);
            EXPECT_EQ(stat.NumberOfLinks, 1u);
        }
        EXPECT_EQ(nt_ZwQueryInformationByName(&attributes, &block, &stat, sizeof stat, FileBasicInformation),
                  STATUS_INVALID_INFO_CLASS);
        name = unicode_string(u"\\SystemRoot\\none");
        EXPECT_EQ(nt_ZwQueryInformationByName(&attributes, &block, &stat, sizeof stat, FileStatInformation),
                  STATUS_OBJECT_NAME_NOT_FOUND);
    });
}

TEST(FilePattern, IsThatOfDirectoryQueries) {
    EXPECT_TRUE(matches(u"*", u"a.b"));
    EXPECT_TRUE(matches(u"*.*", u"makefile"));
    EXPECT_TRUE(matches(u"A?C*", u"abcdef"));
    EXPECT_TRUE(matches(u"*b*d", u"abcbd"));
    EXPECT_FALSE(matches(u"*.sys", u"a.sys.bak"));
    EXPECT_FALSE(matches(u"a", u"ab"));
    EXPECT_TRUE(matches(u"<.sys", u"x.sys"));
}

TEST_F(Files, DirectoriesAreNamedAndMadeAsWindowsHasThem) {
    write(root_ / "plain", "0123456789");
    on_machine([] {
        for (const ULONG disposition : {FILE_SUPERSEDE, FILE_OVERWRITE, FILE_OVERWRITE_IF})
            EXPECT_EQ(File(u"\\??\\C:\\Fresh", FILE_READ_DATA, disposition, FILE_DIRECTORY_FILE).status,
                      STATUS_INVALID_PARAMETER)
                << disposition;
        EXPECT_EQ(File(u"\\??\\C:\\plain\\", FILE_READ_DATA).status, STATUS_OBJECT_NAME_INVALID);
        EXPECT_EQ(File(u"\\??\\C:\\fresh\\", FILE_READ_DATA, FILE_CREATE).status, STATUS_OBJECT_NAME_INVALID);
        EXPECT_EQ(File(u"\\??\\C:\\Windows\\", FILE_READ_DATA, FILE_OPEN, FILE_NON_DIRECTORY_FILE).status,
                  STATUS_OBJECT_NAME_INVALID);
        EXPECT_EQ(File(u"\\??\\C:\\Windows\\", FILE_READ_DATA).status, STATUS_SUCCESS);
        EXPECT_EQ(File(u"\\??\\C:\\fresh\\", FILE_READ_DATA, FILE_CREATE, FILE_DIRECTORY_FILE).status,
                  STATUS_SUCCESS);
        const File plain(u"\\??\\C:\\plain", FILE_READ_DATA);
        EXPECT_EQ(File(u"", FILE_READ_DATA, FILE_OPEN, 0, share_all, plain.handle).status, STATUS_SUCCESS)
            << "the same file again";
        const File root(u"\\??\\C:\\", FILE_READ_DATA, FILE_OPEN, FILE_DIRECTORY_FILE),
            folder(u"\\??\\C:\\Windows\\", FILE_READ_DATA, FILE_OPEN, FILE_DIRECTORY_FILE);
        EXPECT_EQ(File(u"Windows", FILE_READ_DATA, FILE_OPEN, 0, share_all, root.handle).status,
                  STATUS_SUCCESS);
        EXPECT_EQ(File(u"Readme.TXT", FILE_READ_DATA, FILE_OPEN, 0, share_all, folder.handle).status,
                  STATUS_SUCCESS);
    });
}

TEST_F(Files, ANameTakesItsWholeStructure) {
    write(root_ / "plain", "0123456789");
    on_machine([] {
        const File file(u"\\??\\C:\\plain", FILE_READ_DATA);
        alignas(8) char buffer[256];
        IO_STATUS_BLOCK block = {};
        const auto query = [&](ULONG size, FILE_INFORMATION_CLASS what) {
            return ZwQueryInformationFile(file.handle, &block, buffer, size, what);
        };
        EXPECT_EQ(query(4, FileNameInformation), STATUS_INFO_LENGTH_MISMATCH);
        EXPECT_EQ(query(sizeof(FILE_NAME_INFORMATION), FileNameInformation), STATUS_BUFFER_OVERFLOW);
        EXPECT_EQ(query(sizeof(FILE_ALL_INFORMATION) - 4, FileAllInformation), STATUS_INFO_LENGTH_MISMATCH);
        EXPECT_EQ(query(sizeof(FILE_ALL_INFORMATION), FileAllInformation), STATUS_BUFFER_OVERFLOW);
        EXPECT_EQ(query(sizeof buffer, FileAllInformation), STATUS_SUCCESS);
    });
}

}  // namespace
}  // namespace ndiskit::nt::files
