// The Nt names of handle calls, directories, links, and how long an object has its name.
#include <gtest/gtest.h>

#include <cstring>

#include "nt/machine.h"
#include "nt/mdl/section_api.h"
#include "nt/object/api.h"
#include "nt/object/object.h"
#include "nt/rtl/unicode.h"
#include "support/kernel_export.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_sim;
template <class... Parameters>
using Call = test::KernelExport<LONG(Parameters...)>;
const HANDLE this_process = reinterpret_cast<HANDLE>(int64_t{-1});

const Call<HANDLE> nt_NtClose{"NtClose"};
const Call<HANDLE*, ACCESS_MASK, OBJECT_ATTRIBUTES*, EVENT_TYPE, BOOLEAN> nt_NtCreateEvent{"NtCreateEvent"};
const Call<HANDLE, LONG*> nt_NtSetEvent{"NtSetEvent"};
const Call<HANDLE, BOOLEAN, LARGE_INTEGER*> nt_NtWaitForSingleObject{"NtWaitForSingleObject"};
const Call<HANDLE, ULONG, PVOID, ULONG, ULONG*> nt_NtQueryObject{"NtQueryObject"};
const Call<HANDLE*, ACCESS_MASK, OBJECT_ATTRIBUTES*, CLIENT_ID*> nt_NtOpenProcess{"NtOpenProcess"};
const Call<ULONG, PVOID, ULONG, ULONG*> nt_NtQuerySystemInformation{"NtQuerySystemInformation"};

OBJECT_ATTRIBUTES named(UNICODE_STRING* name, ULONG flags = 0) {
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, name, OBJ_KERNEL_HANDLE | flags, nullptr, nullptr);
    return attributes;
}
bool is_there(std::u16string_view path) {
    const object::Found found = object::lookup(path);
    if (found.body) object::dereference(found.body);
    return found.body != nullptr;
}

TEST(NtCalls, AnEventIsMadeSetWaitedForAndClosed) {
    on_sim([] {
        HANDLE event = nullptr;
        ASSERT_EQ(nt_NtCreateEvent(&event, EVENT_ALL_ACCESS, nullptr, SynchronizationEvent, FALSE),
                  STATUS_SUCCESS);
        LARGE_INTEGER now = {.QuadPart = 0};
        EXPECT_EQ(nt_NtWaitForSingleObject(event, FALSE, &now), STATUS_TIMEOUT);
        LONG before = 9;
        EXPECT_EQ(nt_NtSetEvent(event, &before), STATUS_SUCCESS);
        EXPECT_EQ(before, 0);
        EXPECT_EQ(nt_NtSetEvent(event, &before), STATUS_SUCCESS);
        EXPECT_EQ(before, 1);
        EXPECT_EQ(nt_NtWaitForSingleObject(event, FALSE, &now), STATUS_SUCCESS);
        EXPECT_EQ(nt_NtWaitForSingleObject(event, FALSE, &now), STATUS_TIMEOUT);
        PUBLIC_OBJECT_BASIC_INFORMATION basic = {};
        ULONG size = 0;
        EXPECT_EQ(nt_NtQueryObject(event, 0, &basic, sizeof basic, &size), STATUS_SUCCESS);
        EXPECT_EQ(basic.HandleCount, 1u);
        EXPECT_EQ(nt_NtClose(event), STATUS_SUCCESS);
        EXPECT_EQ(nt_NtClose(event), STATUS_INVALID_HANDLE);
        EXPECT_EQ(nt_NtSetEvent(event, nullptr), STATUS_INVALID_HANDLE);
    });
}

TEST(NtCalls, TheProcessAndTheSystemTellOfThemselves) {
    on_sim([] {
        OBJECT_ATTRIBUTES attributes = named(nullptr);
        CLIENT_ID id = {.UniqueProcess = PsGetCurrentProcessId(), .UniqueThread = nullptr};
        HANDLE process = nullptr;
        ASSERT_EQ(nt_NtOpenProcess(&process, 0, &attributes, &id), STATUS_SUCCESS);
        EXPECT_EQ(nt_NtSetEvent(process, nullptr), STATUS_OBJECT_TYPE_MISMATCH);
        nt_NtClose(process);
        ULONG size = 0;
        EXPECT_EQ(nt_NtQuerySystemInformation(0xFFFF, nullptr, 0, &size), STATUS_INVALID_INFO_CLASS);
        char basic[64];
        EXPECT_EQ(nt_NtQuerySystemInformation(0, basic, 4, &size), STATUS_INFO_LENGTH_MISMATCH);
        EXPECT_EQ(nt_NtQuerySystemInformation(0, basic, sizeof basic, &size), STATUS_SUCCESS);
        machine_options().release = *find_windows_release("7");
        const auto* const nt_NtBuildNumber = static_cast<const USHORT*>(test::kernel_export("NtBuildNumber"));
        EXPECT_NE(*nt_NtBuildNumber, 0);
    });
}

TEST(NtCalls, MemoryIsAllocatedAskedAboutAndFreed) {
    const Call<HANDLE, PVOID*, ULONG_PTR, SIZE_T*, ULONG, ULONG> nt_NtAllocateVirtualMemory{
        "NtAllocateVirtualMemory"};
    const Call<HANDLE, PVOID*, SIZE_T*, ULONG> nt_NtFreeVirtualMemory{"NtFreeVirtualMemory"};
    const Call<HANDLE, PVOID, int, PVOID, SIZE_T, SIZE_T*> nt_NtQueryVirtualMemory{"NtQueryVirtualMemory"};
    const Call<HANDLE*, ACCESS_MASK, OBJECT_ATTRIBUTES*, LARGE_INTEGER*, ULONG, ULONG, HANDLE>
        nt_NtCreateSection{"NtCreateSection"};
    on_sim([&] {
        constexpr ULONG commit_and_reserve = 0x3000, release = 0x8000, sec_commit = 0x8000000;
        PVOID base = nullptr;
        SIZE_T size = 5;
        ASSERT_EQ(
            nt_NtAllocateVirtualMemory(this_process, &base, 0, &size, commit_and_reserve, PAGE_READWRITE),
            STATUS_SUCCESS);
        EXPECT_EQ(size, SIZE_T{PAGE_SIZE});
        *static_cast<char*>(base) = 1;
        MEMORY_BASIC_INFORMATION information = {};
        SIZE_T returned = 0;
        EXPECT_EQ(nt_NtQueryVirtualMemory(this_process, base, 0, &information, sizeof information, &returned),
                  STATUS_SUCCESS);
        EXPECT_EQ(information.Protect, ULONG{PAGE_READWRITE});
        size = 0;
        EXPECT_EQ(nt_NtFreeVirtualMemory(this_process, &base, &size, release), STATUS_SUCCESS);
        HANDLE section = nullptr;
        LARGE_INTEGER bytes = {.QuadPart = 100};
        EXPECT_EQ(nt_NtCreateSection(&section, 0, nullptr, nullptr, PAGE_READWRITE, sec_commit, nullptr),
                  STATUS_INVALID_PARAMETER_4);
        ASSERT_EQ(nt_NtCreateSection(&section, 0, nullptr, &bytes, PAGE_READWRITE, sec_commit, nullptr),
                  STATUS_SUCCESS);
        nt_NtClose(section);
    });
}

TEST(NameCalls, DirectoriesHoldNamesAndLinksTellTheirTargets) {
    on_sim([] {
        UNICODE_STRING name = unicode_string(u"\\Mine"), inner = unicode_string(u"\\Mine\\Ready");
        OBJECT_ATTRIBUTES attributes = named(&name), inside = named(&inner);
        HANDLE directory = nullptr, again = nullptr, event = nullptr;
        EXPECT_EQ(ZwCreateEvent(&event, EVENT_ALL_ACCESS, &inside, NotificationEvent, FALSE),
                  STATUS_OBJECT_PATH_NOT_FOUND);
        ASSERT_EQ(ZwCreateDirectoryObject(&directory, 0, &attributes), STATUS_SUCCESS);
        EXPECT_EQ(ZwCreateDirectoryObject(&again, 0, &attributes), STATUS_OBJECT_NAME_COLLISION);
        attributes.Attributes |= OBJ_OPENIF;
        EXPECT_EQ(ZwCreateDirectoryObject(&again, 0, &attributes), STATUS_OBJECT_NAME_EXISTS);
        EXPECT_EQ(ZwCreateEvent(&event, EVENT_ALL_ACCESS, &inside, NotificationEvent, FALSE), STATUS_SUCCESS);
        UNICODE_STRING link = unicode_string(u"\\??\\MineLink"), target = unicode_string(u"\\Mine\\Ready");
        ASSERT_EQ(IoCreateSymbolicLink(&link, &target), STATUS_SUCCESS);
        OBJECT_ATTRIBUTES of_link = named(&link);
        HANDLE opened = nullptr;
        ASSERT_EQ(ZwOpenSymbolicLinkObject(&opened, 1, &of_link), STATUS_SUCCESS);
        WCHAR buffer[32];
        UNICODE_STRING told = {0, 6, buffer};
        ULONG needed = 0;
        EXPECT_EQ(ZwQuerySymbolicLinkObject(opened, &told, &needed), STATUS_BUFFER_TOO_SMALL);
        EXPECT_GE(needed, target.Length);
        told.MaximumLength = sizeof buffer;
        EXPECT_EQ(ZwQuerySymbolicLinkObject(opened, &told, nullptr), STATUS_SUCCESS);
        EXPECT_EQ(view_of(told), view_of(target));
        EXPECT_EQ(ZwQuerySymbolicLinkObject(event, &told, nullptr), STATUS_OBJECT_TYPE_MISMATCH);
        ZwClose(opened);
        EXPECT_EQ(ZwOpenSymbolicLinkObject(&opened, 1, &inside), STATUS_OBJECT_TYPE_MISMATCH);
        EXPECT_EQ(IoDeleteSymbolicLink(&link), STATUS_SUCCESS);
        EXPECT_EQ(ZwOpenSymbolicLinkObject(&opened, 1, &of_link), STATUS_OBJECT_NAME_NOT_FOUND);
        ZwClose(event);
        ZwClose(again);
        EXPECT_TRUE(is_there(u"\\Mine"));
        ZwClose(directory);
        EXPECT_FALSE(is_there(u"\\Mine"));
    });
}

TEST(NameCalls, TemporaryObjectsLoseTheirNameWithTheLastHandle) {
    on_sim([] {
        UNICODE_STRING name = unicode_string(u"\\BaseNamedObjects\\Brief");
        OBJECT_ATTRIBUTES attributes = named(&name);
        HANDLE event = nullptr;
        ASSERT_EQ(ZwCreateEvent(&event, EVENT_ALL_ACCESS, &attributes, NotificationEvent, FALSE),
                  STATUS_SUCCESS);
        PVOID body = nullptr;
        ASSERT_EQ(ObReferenceObjectByHandle(event, 0, nullptr, KernelMode, &body, nullptr), STATUS_SUCCESS);
        EXPECT_EQ(ZwMakeTemporaryObject(event), STATUS_SUCCESS);  // it is already
        EXPECT_TRUE(is_there(u"\\BaseNamedObjects\\Brief"));
        ZwClose(event);
        EXPECT_FALSE(is_there(u"\\BaseNamedObjects\\Brief"));  // though a pointer is left
        ObfDereferenceObject(body);
    });
}

TEST(NameCalls, PermanentObjectsStayUntilTheyAreMadeTemporary) {
    on_sim([] {
        UNICODE_STRING name = unicode_string(u"\\BaseNamedObjects\\Lasting"),
                       folder = unicode_string(u"\\Lasting");
        OBJECT_ATTRIBUTES attributes = named(&name, OBJ_PERMANENT), of_folder = named(&folder, OBJ_PERMANENT);
        HANDLE event = nullptr, directory = nullptr;
        ASSERT_EQ(ZwCreateEvent(&event, EVENT_ALL_ACCESS, &attributes, NotificationEvent, TRUE),
                  STATUS_SUCCESS);
        ASSERT_EQ(ZwCreateDirectoryObject(&directory, 0, &of_folder), STATUS_SUCCESS);
        ZwClose(event);
        ZwClose(directory);
        EXPECT_TRUE(is_there(u"\\Lasting"));
        ASSERT_EQ(ZwOpenEvent(&event, EVENT_ALL_ACCESS, &attributes), STATUS_SUCCESS);
        EXPECT_EQ(ZwMakeTemporaryObject(event), STATUS_SUCCESS);
        EXPECT_TRUE(is_there(u"\\BaseNamedObjects\\Lasting"));
        ZwClose(event);
        EXPECT_FALSE(is_there(u"\\BaseNamedObjects\\Lasting"));
        const object::Found found = object::lookup(u"\\Lasting");
        ASSERT_TRUE(found.body);
        ObMakeTemporaryObject(found.body);  // nobody has a handle: the name goes at once
        EXPECT_FALSE(is_there(u"\\Lasting"));
        object::dereference(found.body);
        EXPECT_EQ(ZwMakeTemporaryObject(nullptr), STATUS_INVALID_HANDLE);
    });
}

}  // namespace
}  // namespace ndiskit::nt
