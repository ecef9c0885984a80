// Keys renamed, saved, restored, stamped with a time; no transactions.
#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>

#include "nt/abi.h"
#include "nt/files/file_system.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"
#include "nt/security/descriptor.h"
#include "support/kernel_export.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_sim;
template <class... Parameters>
using Call = test::KernelExport<LONG(Parameters...)>;
const Call<HANDLE, UNICODE_STRING*> nt_ZwRenameKey{"ZwRenameKey"};
const Call<HANDLE, ULONG, PVOID, ULONG> nt_ZwSetInformationKey{"ZwSetInformationKey"};
const Call<HANDLE, HANDLE> nt_ZwSaveKey{"ZwSaveKey"};
const Call<HANDLE, HANDLE, ULONG> nt_ZwSaveKeyEx{"ZwSaveKeyEx"}, nt_ZwRestoreKey{"ZwRestoreKey"};

struct Key {
    HANDLE handle = nullptr;
    explicit Key(std::u16string_view path) {
        UNICODE_STRING name = unicode_string(path);
        OBJECT_ATTRIBUTES attributes;
        InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, nullptr, nullptr);
        EXPECT_EQ(ZwCreateKey(&handle, KEY_ALL_ACCESS, &attributes, 0, nullptr, 0, nullptr), STATUS_SUCCESS);
    }
    ~Key() { ZwClose(handle); }
    LONGLONG written() const {
        alignas(8) char buffer[256];
        ULONG size = 0;
        EXPECT_EQ(ZwQueryKey(handle, KeyBasicInformation, buffer, sizeof buffer, &size), STATUS_SUCCESS);
        return reinterpret_cast<PKEY_BASIC_INFORMATION>(buffer)->LastWriteTime.QuadPart;
    }
};

TEST(RegistryChanges, ARenamedKeyKeepsWhatItHas) {
    on_sim([] {
        registry::set_dword("HKLM\\Software\\Old\\Sub", "V", 5);
        registry::create_key("HKLM\\Software\\Taken");
        Key key(u"\\Registry\\Machine\\Software\\Old");
        UNICODE_STRING fresh = unicode_string(u"New"), taken = unicode_string(u"TAKEN"),
                       path = unicode_string(u"a\\b"), empty = {}, capitals = unicode_string(u"NEW");
        EXPECT_EQ(nt_ZwRenameKey(key.handle, &taken), STATUS_CANNOT_DELETE);
        EXPECT_EQ(nt_ZwRenameKey(key.handle, &path), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(nt_ZwRenameKey(key.handle, &empty), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(nt_ZwRenameKey(key.handle, &fresh), STATUS_SUCCESS);
        EXPECT_FALSE(registry::key_exists("HKLM\\Software\\Old"));
        EXPECT_EQ(registry::get_dword("HKLM\\Software\\New\\Sub", "V"), 5u);
        EXPECT_EQ(nt_ZwRenameKey(key.handle, &capitals), STATUS_SUCCESS);  // only its case
        EXPECT_EQ(nt_ZwRenameKey(nullptr, &fresh), STATUS_INVALID_HANDLE);
    });
}

TEST(RegistryChanges, AKeyTellsWhenItWasWritten) {
    on_sim([] {
        Key key(u"\\Registry\\Machine\\Software\\Timed");
        const LONGLONG created = key.written();
        EXPECT_GT(created, 0);
        LARGE_INTEGER moment = {.QuadPart = -50'000};
        KeDelayExecutionThread(KernelMode, FALSE, &moment);
        UNICODE_STRING name = unicode_string(u"V");
        ULONG value = 1;
        EXPECT_EQ(ZwSetValueKey(key.handle, &name, 0, REG_DWORD, &value, sizeof value), STATUS_SUCCESS);
        EXPECT_GE(key.written(), created + 50'000);
        KEY_WRITE_TIME_INFORMATION time = {.LastWriteTime = {.QuadPart = 12345}};
        EXPECT_EQ(nt_ZwSetInformationKey(key.handle, 0, &time, 4), STATUS_INFO_LENGTH_MISMATCH);
        EXPECT_EQ(nt_ZwSetInformationKey(key.handle, 0, &time, sizeof time), STATUS_SUCCESS);
        EXPECT_EQ(key.written(), 12345);
        EXPECT_EQ(nt_ZwSetInformationKey(key.handle, 99, &time, sizeof time), STATUS_INVALID_INFO_CLASS);
    });
}

struct HiveFile {
    HANDLE handle = nullptr;
    IO_STATUS_BLOCK block = {};
    explicit HiveFile(std::u16string_view path) {
        UNICODE_STRING name = unicode_string(path);
        OBJECT_ATTRIBUTES attributes;
        InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, nullptr, nullptr);
        EXPECT_EQ(ZwCreateFile(&handle, GENERIC_READ | GENERIC_WRITE | SYNCHRONIZE, &attributes, &block,
                               nullptr, 0, 0, FILE_OPEN_IF, FILE_SYNCHRONOUS_IO_NONALERT, nullptr, 0),
                  STATUS_SUCCESS);
    }
    ~HiveFile() { ZwClose(handle); }
};

TEST(RegistryChanges, ASavedKeyIsRestoredAsItWas) {
    char folder[] = "/tmp/ndiskit-hives-XXXXXX";
    ASSERT_TRUE(::mkdtemp(folder));
    std::filesystem::create_directories(std::filesystem::path(folder) / "Windows");
    on_sim([&] {
        ASSERT_TRUE(files::mount(folder));
        registry::set_string("HKLM\\Software\\Kept\\Sub", "Text", "hello");
        registry::set_dword("HKLM\\Software\\Kept", "N", 7);
        {
            Key key(u"\\Registry\\Machine\\Software\\Kept");
            HiveFile file(u"\\??\\C:\\kept.hiv"), other(u"\\??\\C:\\none.hiv");
            EXPECT_EQ(nt_ZwSaveKeyEx(key.handle, file.handle, 9), STATUS_INVALID_PARAMETER);
            EXPECT_EQ(nt_ZwSaveKey(key.handle, key.handle), STATUS_OBJECT_TYPE_MISMATCH);
            EXPECT_EQ(nt_ZwSaveKey(key.handle, file.handle), STATUS_SUCCESS);
            registry::set_dword("HKLM\\Software\\Kept", "N", 8);
            registry::set_dword("HKLM\\Software\\Kept\\Later", "X", 1);
            EXPECT_EQ(nt_ZwRestoreKey(key.handle, other.handle, 0), STATUS_NOT_REGISTRY_FILE);
            EXPECT_EQ(registry::get_dword("HKLM\\Software\\Kept", "N"), 8u);  // as it was
            EXPECT_EQ(nt_ZwRestoreKey(key.handle, file.handle, 0), STATUS_SUCCESS);
            EXPECT_EQ(registry::get_dword("HKLM\\Software\\Kept", "N"), 7u);
            EXPECT_EQ(registry::get_string("HKLM\\Software\\Kept\\Sub", "Text"), "hello");
            EXPECT_FALSE(registry::key_exists("HKLM\\Software\\Kept\\Later"));
            EXPECT_EQ(nt_ZwSaveKeyEx(key.handle, file.handle, 4), STATUS_SUCCESS);
        }
        EXPECT_TRUE(files::unmount());
    });
    std::filesystem::remove_all(folder);
}

TEST(RegistryChanges, ASavedKeyKeepsItsClassItsTimeAndItsSecurity) {
    char folder[] = "/tmp/ndiskit-hives-XXXXXX";
    ASSERT_TRUE(::mkdtemp(folder));
    std::filesystem::create_directories(std::filesystem::path(folder) / "Windows");
    on_sim([&] {
        ASSERT_TRUE(files::mount(folder));
        registry::create_key("HKLM\\Software\\Kept");
        {
            Key key(u"\\Registry\\Machine\\Software\\Kept");
            HiveFile file(u"\\??\\C:\\kept.hiv");
            UNICODE_STRING name = unicode_string(u"Sub"), kind = unicode_string(u"A class"),
                           gone = unicode_string(u"Volatile");
            OBJECT_ATTRIBUTES attributes;
            auto descriptor = security::parse_sddl(u"O:SYG:SYD:P(A;;GR;;;WD)");
            InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, key.handle, descriptor->data());
            HANDLE sub = nullptr, passing = nullptr;
            ASSERT_EQ(ZwCreateKey(&sub, KEY_ALL_ACCESS, &attributes, 0, &kind, 0, nullptr), STATUS_SUCCESS);
            KEY_WRITE_TIME_INFORMATION time = {.LastWriteTime = {.QuadPart = 12345}};
            EXPECT_EQ(nt_ZwSetInformationKey(sub, 0, &time, sizeof time), STATUS_SUCCESS);
            InitializeObjectAttributes(&attributes, &gone, OBJ_KERNEL_HANDLE, key.handle, nullptr);
            ASSERT_EQ(
                ZwCreateKey(&passing, KEY_ALL_ACCESS, &attributes, 0, nullptr, REG_OPTION_VOLATILE, nullptr),
                STATUS_SUCCESS);
            EXPECT_EQ(nt_ZwSaveKeyEx(key.handle, file.handle, 2), STATUS_SUCCESS);
            EXPECT_EQ(ZwDeleteKey(sub), STATUS_SUCCESS);
            ZwClose(sub);
            EXPECT_EQ(ZwDeleteKey(passing), STATUS_SUCCESS);
            ZwClose(passing);
            EXPECT_EQ(nt_ZwRestoreKey(key.handle, file.handle, 0), STATUS_SUCCESS);
            EXPECT_FALSE(registry::key_exists("HKLM\\Software\\Kept\\Volatile"));
            InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, key.handle, nullptr);
            ASSERT_EQ(ZwOpenKey(&sub, KEY_ALL_ACCESS, &attributes), STATUS_SUCCESS);
            alignas(8) char buffer[256];
            ULONG size = 0;
            EXPECT_EQ(ZwQueryKey(sub, KeyNodeInformation, buffer, sizeof buffer, &size), STATUS_SUCCESS);
            const auto* const node = reinterpret_cast<PKEY_NODE_INFORMATION>(buffer);
            EXPECT_EQ(node->LastWriteTime.QuadPart, 12345);
            EXPECT_EQ(
                std::u16string(reinterpret_cast<WCHAR*>(buffer + node->ClassOffset), node->ClassLength / 2),
                u"A class");
            const test::KernelExport<LONG(HANDLE, SECURITY_INFORMATION, PSECURITY_DESCRIPTOR, ULONG, PULONG)>
                nt_ZwQuerySecurityObject{"ZwQuerySecurityObject"};
            EXPECT_EQ(nt_ZwQuerySecurityObject(sub, DACL_SECURITY_INFORMATION, buffer, sizeof buffer, &size),
                      STATUS_SUCCESS);
            EXPECT_EQ(security::parts_of(buffer).dacl->AceCount, 1);
            ZwClose(sub);
        }
        EXPECT_TRUE(files::unmount());
    });
    std::filesystem::remove_all(folder);
}

TEST(RegistryChanges, NoHandleIsATransactions) {
    const Call<HANDLE*, ACCESS_MASK, OBJECT_ATTRIBUTES*, ULONG, UNICODE_STRING*, ULONG, HANDLE, ULONG*>
        nt_ZwCreateKeyTransacted{"ZwCreateKeyTransacted"};
    const Call<HANDLE*, ACCESS_MASK, OBJECT_ATTRIBUTES*, HANDLE> nt_ZwOpenKeyTransacted{
        "ZwOpenKeyTransacted"};
    const Call<HANDLE*, ACCESS_MASK, OBJECT_ATTRIBUTES*, ULONG, HANDLE> nt_ZwOpenKeyTransactedEx{
        "ZwOpenKeyTransactedEx"};
    on_sim([&] {
        Key key(u"\\Registry\\Machine\\Software\\Plain");
        HANDLE opened = nullptr;
        OBJECT_ATTRIBUTES attributes = {};
        EXPECT_EQ(nt_ZwCreateKeyTransacted(&opened, KEY_READ, &attributes, 0, nullptr, 0, nullptr, nullptr),
                  STATUS_INVALID_HANDLE);
        EXPECT_EQ(nt_ZwOpenKeyTransacted(&opened, KEY_READ, &attributes, key.handle),
                  STATUS_OBJECT_TYPE_MISMATCH);
        EXPECT_EQ(nt_ZwOpenKeyTransactedEx(&opened, KEY_READ, &attributes, 0, key.handle),
                  STATUS_OBJECT_TYPE_MISMATCH);
        EXPECT_EQ(opened, nullptr);
    });
}

}  // namespace
}  // namespace ndiskit::nt
