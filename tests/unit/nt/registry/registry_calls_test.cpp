#include <gtest/gtest.h>

#include <cstring>

#include "nt/abi.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"
#include "support/kernel_export.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_sim;

constexpr std::string_view service = "HKLM\\System\\CurrentControlSet\\Services\\mux";

struct OpenKey {
    HANDLE handle = nullptr;
    NTSTATUS status;
    explicit OpenKey(std::u16string_view path, bool create = false, HANDLE root = nullptr) {
        UNICODE_STRING name = unicode_string(path);
        OBJECT_ATTRIBUTES attributes;
        InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, root, nullptr);
        ULONG disposition;
        status = create ? ZwCreateKey(&handle, KEY_ALL_ACCESS, &attributes, 0, nullptr, 0, &disposition)
                        : ZwOpenKey(&handle, KEY_READ, &attributes);
    }
    ~OpenKey() {
        if (handle) ZwClose(handle);
    }
};
constexpr std::u16string_view path = u"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\mux";

TEST(RegistryCalls, ValuesFillWhatFits) {
    on_sim([] {
        registry::set_dword(service, "Start", 3);
        OpenKey key(path);
        ASSERT_EQ(key.status, STATUS_SUCCESS);
        UNICODE_STRING name = unicode_string(u"START");
        alignas(8) char buffer[64];
        ULONG needed = 0;
        EXPECT_EQ(ZwQueryValueKey(key.handle, &name, KeyValuePartialInformation, buffer, 4, &needed),
                  STATUS_BUFFER_TOO_SMALL);
        EXPECT_EQ(needed, 16u);
        EXPECT_EQ(ZwQueryValueKey(key.handle, &name, KeyValuePartialInformation, buffer, 14, &needed),
                  STATUS_BUFFER_OVERFLOW);
        EXPECT_EQ(ZwQueryValueKey(key.handle, &name, KeyValuePartialInformation, buffer, 16, &needed),
                  STATUS_SUCCESS);
        EXPECT_EQ(reinterpret_cast<PKEY_VALUE_PARTIAL_INFORMATION>(buffer)->Data[0], 3);
        ASSERT_EQ(ZwQueryValueKey(key.handle, &name, KeyValueFullInformation, buffer, sizeof buffer, &needed),
                  STATUS_SUCCESS);
        const auto* full = reinterpret_cast<PKEY_VALUE_FULL_INFORMATION>(buffer);
        EXPECT_EQ(full->NameLength, 10u);
        EXPECT_EQ(buffer[full->DataOffset], 3);
        EXPECT_EQ(full->DataOffset, 32u) << "behind the name, at the next double word";
        EXPECT_EQ(needed, 36u);
        EXPECT_EQ(ZwQueryValueKey(key.handle, &name, KeyValueFullInformationAlign64, buffer + 4, 60, &needed),
                  STATUS_DATATYPE_MISALIGNMENT);
        EXPECT_EQ(
            ZwQueryValueKey(key.handle, &name, KeyValuePartialInformationAlign64, buffer + 4, 60, &needed),
            STATUS_DATATYPE_MISALIGNMENT);
        EXPECT_EQ(ZwQueryValueKey(key.handle, &name, KeyValueFullInformationAlign64, buffer, 64, &needed),
                  STATUS_SUCCESS);
        EXPECT_EQ(full->DataOffset % 8, 0u);
        UNICODE_STRING missing = unicode_string(u"None");
        EXPECT_EQ(ZwQueryValueKey(key.handle, &missing, KeyValuePartialInformation, buffer, 64, &needed),
                  STATUS_OBJECT_NAME_NOT_FOUND);
    });
}

TEST(RegistryCalls, KeysAreMadeListedAndDeleted) {
    on_sim([] {
        registry::create_key(service);
        OpenKey key(path);
        OpenKey child(u"Parameters", true, key.handle);
        ASSERT_EQ(child.status, STATUS_SUCCESS);
        alignas(8) char buffer[64];
        ULONG needed;
        ASSERT_EQ(ZwEnumerateKey(key.handle, 0, KeyBasicInformation, buffer, sizeof buffer, &needed),
                  STATUS_SUCCESS);
        const auto* basic = reinterpret_cast<PKEY_BASIC_INFORMATION>(buffer);
        EXPECT_EQ(std::u16string(basic->Name, basic->NameLength / 2), u"Parameters");
        EXPECT_EQ(ZwEnumerateKey(key.handle, 1, KeyBasicInformation, buffer, sizeof buffer, &needed),
                  STATUS_NO_MORE_ENTRIES);
        EXPECT_EQ(ZwDeleteKey(key.handle), STATUS_CANNOT_DELETE);
        EXPECT_EQ(ZwDeleteKey(child.handle), STATUS_SUCCESS);
        EXPECT_EQ(ZwFlushKey(child.handle), STATUS_KEY_DELETED);
        EXPECT_EQ(ZwDeleteKey(child.handle), STATUS_SUCCESS) << "it is";
        EXPECT_EQ(OpenKey(u"\\Parameters", true, key.handle).status, STATUS_OBJECT_PATH_SYNTAX_BAD)
            << "a name below a key begins with no backslash";
    });
}

TEST(RegistryCalls, AWatcherIsToldOnce) {
    on_sim([] {
        registry::create_key(service);
        OpenKey key(path);
        HANDLE event;
        ZwCreateEvent(&event, EVENT_ALL_ACCESS, nullptr, SynchronizationEvent, FALSE);
        IO_STATUS_BLOCK block;
        EXPECT_EQ(ZwNotifyChangeKey(key.handle, event, nullptr, nullptr, &block, REG_NOTIFY_CHANGE_LAST_SET,
                                    TRUE, nullptr, 0, TRUE),
                  STATUS_PENDING);
        LARGE_INTEGER now = {.QuadPart = 0};
        EXPECT_EQ(ZwWaitForSingleObject(event, FALSE, &now), STATUS_TIMEOUT);
        registry::set_dword(std::string(service) + "\\Parameters", "x", 1);
        EXPECT_EQ(ZwWaitForSingleObject(event, FALSE, &now), STATUS_SUCCESS);
        registry::set_dword(service, "y", 1);
        EXPECT_EQ(ZwWaitForSingleObject(event, FALSE, &now), STATUS_TIMEOUT);
        ZwClose(event);
    });
}

std::vector<std::string> seen;
NTSTATUS NTAPI note(PWSTR name, ULONG type, PVOID data, ULONG size, PVOID, PVOID) {
    seen.push_back(to_utf8(name) + ":" + std::to_string(type) + ":" +
                   (type == REG_SZ ? to_utf8(std::u16string(static_cast<PWSTR>(data), size / 2 - 1))
                                   : std::to_string(size)));
    return STATUS_SUCCESS;
}

TEST(RegistryCalls, QueryTablesGiveValuesDefaultsAndStrings) {
    on_sim([] {
        registry::set_dword(service, "Start", 3);
        registry::set_string(service, "ImagePath", "mux.sys");
        registry::set_multi_string(std::string(service) + "\\Linkage", "Bind", {"a", "bc"});
        ULONG start = 0, absent = 0, fallback = 7;
        UNICODE_STRING image = {};
        RTL_QUERY_REGISTRY_TABLE table[] = {
            {nullptr, RTL_QUERY_REGISTRY_DIRECT | RTL_QUERY_REGISTRY_TYPECHECK, const_cast<PWSTR>(u"Start"),
             &start, REG_DWORD << 24, nullptr, 0},
            {nullptr, RTL_QUERY_REGISTRY_DIRECT, const_cast<PWSTR>(u"ImagePath"), &image, REG_NONE, nullptr,
             0},
            {nullptr, RTL_QUERY_REGISTRY_DIRECT, const_cast<PWSTR>(u"Absent"), &absent, REG_DWORD, &fallback,
             sizeof fallback},
            {nullptr, RTL_QUERY_REGISTRY_SUBKEY, const_cast<PWSTR>(u"Linkage"), nullptr, 0, nullptr, 0},
            {note, 0, const_cast<PWSTR>(u"Bind"), nullptr, 0, nullptr, 0},
            {}};
        EXPECT_EQ(RtlQueryRegistryValues(RTL_REGISTRY_SERVICES, u"mux", table, nullptr, nullptr),
                  STATUS_SUCCESS);
        EXPECT_EQ(start, 3u);
        EXPECT_EQ(absent, 7u);
        EXPECT_EQ(view_of(image), u"mux.sys");
        EXPECT_EQ(seen, (std::vector<std::string>{"Bind:1:a", "Bind:1:bc"}));
        RtlFreeUnicodeString(&image);
        table[0].DefaultType = REG_SZ << 24;
        EXPECT_EQ(RtlQueryRegistryValues(RTL_REGISTRY_SERVICES, u"mux", table, nullptr, nullptr),
                  STATUS_OBJECT_TYPE_MISMATCH);
        EXPECT_EQ(RtlCheckRegistryKey(RTL_REGISTRY_SERVICES, const_cast<PWSTR>(u"none")),
                  STATUS_OBJECT_NAME_NOT_FOUND);
    });
}

TEST(RegistryCalls, KeysAndValuesByPathAreMadeAndDeleted) {
    on_sim([] {
        auto* const path = const_cast<PWSTR>(u"mux\\Parameters\\Deep");
        EXPECT_EQ(RtlCheckRegistryKey(RTL_REGISTRY_SERVICES, path), STATUS_OBJECT_NAME_NOT_FOUND);
        EXPECT_EQ(RtlCreateRegistryKey(RTL_REGISTRY_SERVICES, path), STATUS_OBJECT_NAME_NOT_FOUND)
            << "keys above it are missing";
        registry::create_key(std::string(service) + "\\Parameters");
        EXPECT_EQ(RtlCreateRegistryKey(RTL_REGISTRY_SERVICES, path), STATUS_SUCCESS);
        EXPECT_EQ(RtlCreateRegistryKey(RTL_REGISTRY_SERVICES, path), STATUS_SUCCESS);  // there already
        EXPECT_EQ(RtlCheckRegistryKey(RTL_REGISTRY_SERVICES, path), STATUS_SUCCESS);
        ULONG number = 5, found = 0;
        EXPECT_EQ(RtlWriteRegistryValue(RTL_REGISTRY_SERVICES, path, u"N", REG_DWORD, &number, sizeof number),
                  STATUS_SUCCESS);
        RTL_QUERY_REGISTRY_TABLE table[] = {{nullptr, RTL_QUERY_REGISTRY_DIRECT | RTL_QUERY_REGISTRY_REQUIRED,
                                             const_cast<PWSTR>(u"N"), &found, REG_NONE, nullptr, 0},
                                            {}};
        const test::KernelExport<LONG(ULONG, const WCHAR*, PRTL_QUERY_REGISTRY_TABLE, PVOID, PVOID)>
            nt_RtlQueryRegistryValuesEx{"RtlQueryRegistryValuesEx"};
        EXPECT_EQ(nt_RtlQueryRegistryValuesEx(RTL_REGISTRY_SERVICES, path, table, nullptr, nullptr),
                  STATUS_SUCCESS);
        EXPECT_EQ(found, 5u);
        EXPECT_EQ(RtlDeleteRegistryValue(RTL_REGISTRY_SERVICES, path, u"N"), STATUS_SUCCESS);
        EXPECT_EQ(RtlDeleteRegistryValue(RTL_REGISTRY_SERVICES, path, u"N"), STATUS_OBJECT_NAME_NOT_FOUND);
        EXPECT_EQ(nt_RtlQueryRegistryValuesEx(RTL_REGISTRY_SERVICES, path, table, nullptr, nullptr),
                  STATUS_OBJECT_NAME_NOT_FOUND);
        EXPECT_EQ(
            RtlWriteRegistryValue(RTL_REGISTRY_SERVICES, u"new", u"N", REG_DWORD, &number, sizeof number),
            STATUS_SUCCESS);  // the key comes with its first value
        EXPECT_EQ(RtlCheckRegistryKey(RTL_REGISTRY_SERVICES, const_cast<PWSTR>(u"new")), STATUS_SUCCESS);
    });
}

TEST(RegistryCalls, QueryTablesTakeHandlesAndWholeKeys) {
    on_sim([] {
        registry::set_dword(service, "A", 1);
        registry::set_dword(service, "B", 2);
        OpenKey key(path);
        const auto* const by_handle = static_cast<PWSTR>(key.handle);
        seen.clear();
        RTL_QUERY_REGISTRY_TABLE all[] = {
            {note, RTL_QUERY_REGISTRY_REQUIRED, nullptr, nullptr, REG_NONE, nullptr, 0}, {}};
        EXPECT_EQ(RtlQueryRegistryValues(RTL_REGISTRY_HANDLE, by_handle, all, nullptr, nullptr),
                  STATUS_SUCCESS);
        EXPECT_EQ(seen, (std::vector<std::string>{"A:4:4", "B:4:4"}));
        all[0].Flags |= RTL_QUERY_REGISTRY_DELETE;
        EXPECT_EQ(RtlQueryRegistryValues(RTL_REGISTRY_HANDLE, by_handle, all, nullptr, nullptr),
                  STATUS_SUCCESS);
        EXPECT_EQ(seen.size(), 4u);
        EXPECT_TRUE(registry::value_names(service).empty());
        EXPECT_EQ(RtlQueryRegistryValues(RTL_REGISTRY_HANDLE, by_handle, all, nullptr, nullptr),
                  STATUS_OBJECT_NAME_NOT_FOUND);
        // A call without a value, which has no name either.
        static PWSTR name = const_cast<PWSTR>(u"?");
        RTL_QUERY_REGISTRY_TABLE none[] = {
            {[](PWSTR value, ULONG type, PVOID data, ULONG size, PVOID, PVOID) NTAPI -> NTSTATUS {
                 name = value;
                 EXPECT_EQ(type, ULONG{REG_NONE});
                 EXPECT_EQ(data, nullptr);
                 EXPECT_EQ(size, 0u);
                 return STATUS_BUFFER_TOO_SMALL;  // which does not count
             },
             RTL_QUERY_REGISTRY_NOVALUE, nullptr, nullptr, 0, nullptr, 0},
            {}};
        EXPECT_EQ(RtlQueryRegistryValues(RTL_REGISTRY_HANDLE, by_handle, none, nullptr, nullptr),
                  STATUS_SUCCESS);
        EXPECT_EQ(name, nullptr);
        EXPECT_EQ(RtlQueryRegistryValues(RTL_REGISTRY_MAXIMUM, u"x", none, nullptr, nullptr),
                  STATUS_INVALID_PARAMETER);
        EXPECT_EQ(RtlQueryRegistryValues(RTL_REGISTRY_SERVICES | RTL_REGISTRY_OPTIONAL, u"absent", none,
                                         nullptr, nullptr),
                  STATUS_SUCCESS);
        // The check of a handle closes it, as its page warns.
        EXPECT_EQ(RtlCheckRegistryKey(RTL_REGISTRY_HANDLE, static_cast<PWSTR>(key.handle)), STATUS_SUCCESS);
        EXPECT_EQ(ZwFlushKey(std::exchange(key.handle, nullptr)), STATUS_INVALID_HANDLE);
    });
}

TEST(RegistryCalls, ADirectQueryOfAnUntrustedHiveHasToCheckTypes) {
    on_sim([] {
        registry::set_dword("\\Registry\\User\\.Default\\Console", "N", 5);
        ULONG found = 0;
        RTL_QUERY_REGISTRY_TABLE table[] = {
            {nullptr, RTL_QUERY_REGISTRY_DIRECT | RTL_QUERY_REGISTRY_TYPECHECK, const_cast<PWSTR>(u"N"),
             &found, REG_DWORD << 24, nullptr, 0},
            {}};
        EXPECT_EQ(RtlQueryRegistryValues(RTL_REGISTRY_USER, u"Console", table, nullptr, nullptr),
                  STATUS_SUCCESS);
        EXPECT_EQ(found, 5u);
        table[0].Flags = RTL_QUERY_REGISTRY_DIRECT;
        EXPECT_EXIT(RtlQueryRegistryValues(RTL_REGISTRY_USER, u"Console", table, nullptr, nullptr),
                    testing::ExitedWithCode(3), "0x00000139");
    });
}

TEST(RegistryCalls, ValuesAreListedAndDeletedByHandle) {
    on_sim([] {
        registry::set_dword("HKLM\\System\\CurrentControlSet\\Services\\listed", "One", 1);
        registry::set_string("HKLM\\System\\CurrentControlSet\\Services\\listed", "Two", "2");
        HANDLE again = nullptr;
        UNICODE_STRING name =
            unicode_string(u"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\listed");
        UNICODE_STRING value = unicode_string(u"ONE");
        OBJECT_ATTRIBUTES attributes;
        InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, nullptr, nullptr);
        const test::KernelExport<LONG(HANDLE*, ACCESS_MASK, OBJECT_ATTRIBUTES*, ULONG)> nt_ZwOpenKeyEx{
            "ZwOpenKeyEx"};
        EXPECT_EQ(nt_ZwOpenKeyEx(&again, KEY_ALL_ACCESS, &attributes, REG_OPTION_BACKUP_RESTORE),
                  STATUS_SUCCESS);
        alignas(8) char buffer[128];
        ULONG needed = 0;
        EXPECT_EQ(ZwQueryKey(again, KeyFullInformation, buffer, sizeof buffer, &needed), STATUS_SUCCESS);
        const auto* full = reinterpret_cast<PKEY_FULL_INFORMATION>(buffer);
        EXPECT_EQ(full->Values, 2u);
        EXPECT_EQ(full->MaxValueNameLen, 6u);
        EXPECT_EQ(ZwQueryKey(again, KeyFullInformation, buffer, 4, &needed), STATUS_BUFFER_TOO_SMALL);
        EXPECT_GT(needed, 4u);
        EXPECT_EQ(ZwEnumerateValueKey(again, 1, KeyValueBasicInformation, buffer, sizeof buffer, &needed),
                  STATUS_SUCCESS);
        const auto* basic = reinterpret_cast<PKEY_VALUE_BASIC_INFORMATION>(buffer);
        EXPECT_EQ(std::u16string(basic->Name, basic->NameLength / 2), u"Two");
        EXPECT_EQ(basic->Type, static_cast<ULONG>(REG_SZ));
        EXPECT_EQ(ZwEnumerateValueKey(again, 2, KeyValueBasicInformation, buffer, sizeof buffer, &needed),
                  STATUS_NO_MORE_ENTRIES);
        EXPECT_EQ(ZwDeleteValueKey(again, &value), STATUS_SUCCESS);
        EXPECT_EQ(ZwDeleteValueKey(again, &value), STATUS_OBJECT_NAME_NOT_FOUND);
        EXPECT_EQ(ZwClose(again), STATUS_SUCCESS);
    });
}

}  // namespace
}  // namespace ndiskit::nt
