// Handles: what they tell, duplicates, directories, processes, timers.
#include <gtest/gtest.h>

#include "nt/object/api.h"
#include "nt/object/object.h"
#include "nt/rtl/unicode.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_sim;

const HANDLE this_process = reinterpret_cast<HANDLE>(-1);

OBJECT_ATTRIBUTES named(UNICODE_STRING* name, ULONG flags = OBJ_KERNEL_HANDLE) {
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, name, flags, nullptr, nullptr);
    return attributes;
}

HANDLE new_event(POBJECT_ATTRIBUTES attributes = nullptr) {
    HANDLE handle = nullptr;
    EXPECT_EQ(ZwCreateEvent(&handle, EVENT_ALL_ACCESS, attributes, NotificationEvent, FALSE), STATUS_SUCCESS);
    return handle;
}

TEST(Handle, TellsItsObject) {
    on_sim([] {
        UNICODE_STRING name = unicode_string(u"\\BaseNamedObjects\\Told");
        OBJECT_ATTRIBUTES attributes = named(&name);
        const HANDLE handle = new_event(&attributes);
        PUBLIC_OBJECT_BASIC_INFORMATION basic = {};
        ULONG size = 0;
        ASSERT_EQ(ZwQueryObject(handle, 0, &basic, sizeof basic, &size), STATUS_SUCCESS);
        EXPECT_EQ(basic.GrantedAccess, ACCESS_MASK{EVENT_ALL_ACCESS});
        EXPECT_EQ(basic.HandleCount, 1u);
        EXPECT_EQ(basic.PointerCount, 1u);
        EXPECT_EQ(ZwQueryObject(handle, 0, &basic, 8, &size), STATUS_INFO_LENGTH_MISMATCH);
        EXPECT_EQ(size, sizeof basic);

        alignas(8) char buffer[256];
        ASSERT_EQ(ZwQueryObject(handle, 2, buffer, sizeof buffer, &size), STATUS_SUCCESS);
        EXPECT_EQ(to_utf8(view_of(reinterpret_cast<PPUBLIC_OBJECT_TYPE_INFORMATION>(buffer)->TypeName)),
                  "Event");
        ASSERT_EQ(ZwQueryObject(handle, 1, buffer, sizeof buffer, &size), STATUS_SUCCESS);
        EXPECT_EQ(view_of(reinterpret_cast<POBJECT_NAME_INFORMATION>(buffer)->Name), view_of(name));
        EXPECT_EQ(ZwQueryObject(handle, 9, buffer, sizeof buffer, &size), STATUS_INVALID_INFO_CLASS);
        EXPECT_EQ(ZwQueryObject(nullptr, 0, buffer, sizeof buffer, &size), STATUS_INVALID_HANDLE);
        BOOLEAN audited = TRUE;
        EXPECT_EQ(ObQueryObjectAuditingByHandle(handle, &audited), STATUS_SUCCESS);
        EXPECT_FALSE(audited);
        ZwClose(handle);
    });
}

TEST(Handle, IsDuplicatedWithOrWithoutItsAccessAndItself) {
    on_sim([] {
        const HANDLE source = new_event();
        HANDLE same = nullptr, less = nullptr;
        ASSERT_EQ(ZwDuplicateObject(this_process, source, this_process, &same, 0, 0,
                                    DUPLICATE_SAME_ACCESS | DUPLICATE_SAME_ATTRIBUTES),
                  STATUS_SUCCESS);
        ASSERT_EQ(ZwDuplicateObject(this_process, source, this_process, &less, EVENT_QUERY_STATE, 0,
                                    DUPLICATE_CLOSE_SOURCE),
                  STATUS_SUCCESS);
        EXPECT_EQ(ZwClose(source), STATUS_INVALID_HANDLE);
        EXPECT_TRUE(ObIsKernelHandle(same));
        EXPECT_FALSE(ObIsKernelHandle(less));
        PVOID body = nullptr;
        OBJECT_HANDLE_INFORMATION information = {};
        ASSERT_EQ(ObReferenceObjectByHandle(less, 0, nullptr, KernelMode, &body, &information),
                  STATUS_SUCCESS);
        EXPECT_EQ(information.GrantedAccess, ACCESS_MASK{EVENT_QUERY_STATE});
        EXPECT_EQ(object::handle_count(body), 2);
        EXPECT_EQ(ObReferenceObjectByPointerWithTag(body, 0, &object::event_type, KernelMode, 1),
                  STATUS_SUCCESS);
        EXPECT_TRUE(ObReferenceObjectSafe(body));
        EXPECT_TRUE(ObReferenceObjectSafeWithTag(body, 1));
        for (int i = 0; i < 4; ++i) ObDereferenceObjectDeferDeleteWithTag(body, 1);
        ZwClose(same);
        ZwClose(less);
        EXPECT_FALSE(ObReferenceObjectSafe(body));
        EXPECT_EQ(ZwDuplicateObject(nullptr, same, this_process, &same, 0, 0, 0), STATUS_INVALID_HANDLE);
    });
}

TEST(Handle, OfADirectoryIsARootForNames) {
    on_sim([] {
        UNICODE_STRING path = unicode_string(u"\\BaseNamedObjects"), short_name = unicode_string(u"Below");
        OBJECT_ATTRIBUTES attributes = named(&path);
        HANDLE directory = nullptr, opened = nullptr;
        ASSERT_EQ(ZwOpenDirectoryObject(&directory, 0, &attributes), STATUS_SUCCESS);
        OBJECT_ATTRIBUTES below = named(&short_name);
        below.RootDirectory = directory;
        const HANDLE event = new_event(&below);
        UNICODE_STRING whole = unicode_string(u"\\BaseNamedObjects\\Below");
        attributes = named(&whole);
        EXPECT_EQ(ZwOpenEvent(&opened, 0, &attributes), STATUS_SUCCESS);
        EXPECT_EQ(ZwOpenDirectoryObject(&directory, 0, &attributes), STATUS_OBJECT_NAME_NOT_FOUND);
        ZwClose(opened);
        ZwClose(event);
        ZwClose(directory);
    });
}

TEST(Handle, OfTheProcessIsOpenedByItsIdentifier) {
    on_sim([] {
        OBJECT_ATTRIBUTES attributes = named(nullptr);
        HANDLE process = nullptr;
        CLIENT_ID id = {.UniqueProcess = PsGetCurrentProcessId(), .UniqueThread = nullptr};
        EXPECT_EQ(ZwOpenProcess(&process, 0, &attributes, nullptr), STATUS_INVALID_PARAMETER_MIX);
        ASSERT_EQ(ZwOpenProcess(&process, 0, &attributes, &id), STATUS_SUCCESS);
        EXPECT_EQ(ZwTerminateProcess(process, STATUS_SUCCESS), STATUS_ACCESS_DENIED);
        ZwClose(process);
        EXPECT_EQ(ZwTerminateProcess(process, STATUS_SUCCESS), STATUS_INVALID_HANDLE);
        EXPECT_EQ(ZwTerminateProcess(reinterpret_cast<HANDLE>(-2), STATUS_SUCCESS),
                  STATUS_OBJECT_TYPE_MISMATCH);
        id.UniqueProcess = reinterpret_cast<HANDLE>(12);
        EXPECT_EQ(ZwOpenProcess(&process, 0, &attributes, &id), STATUS_INVALID_CID);
    });
}

TEST(Handle, OfATimerIsSetWaitedForAndCancelled) {
    on_sim([] {
        UNICODE_STRING name = unicode_string(u"\\BaseNamedObjects\\Tick");
        OBJECT_ATTRIBUTES attributes = named(&name);
        HANDLE timer = nullptr, same = nullptr;
        ASSERT_EQ(ZwCreateTimer(&timer, 0, &attributes, NotificationTimer), STATUS_SUCCESS);
        ASSERT_EQ(ZwOpenTimer(&same, 0, &attributes), STATUS_SUCCESS);
        LARGE_INTEGER soon = {.QuadPart = -10'000};
        BOOLEAN state = TRUE;
        ASSERT_EQ(ZwSetTimer(timer, &soon, nullptr, nullptr, FALSE, 0, &state), STATUS_SUCCESS);
        EXPECT_FALSE(state);
        EXPECT_EQ(ZwWaitForSingleObject(same, FALSE, nullptr), STATUS_SUCCESS);
        EXPECT_EQ(ZwCancelTimer(timer, &state), STATUS_SUCCESS);
        EXPECT_TRUE(state);

        TIMER_SET_COALESCABLE_TIMER_INFO info = {.DueTime = soon, .PreviousState = &state};
        EXPECT_EQ(ZwSetTimerEx(timer, 1, &info, sizeof info), STATUS_INVALID_INFO_CLASS);
        EXPECT_EQ(ZwSetTimerEx(timer, 0, &info, 4), STATUS_INFO_LENGTH_MISMATCH);
        ASSERT_EQ(ZwSetTimerEx(timer, 0, &info, sizeof info), STATUS_SUCCESS);
        EXPECT_TRUE(state);
        EXPECT_EQ(ZwCancelTimer(timer, &state), STATUS_SUCCESS);
        EXPECT_FALSE(state);
        ZwClose(timer);
        // The last handle takes a timer that runs out of its queue.
        ASSERT_EQ(ZwSetTimer(same, &soon, nullptr, nullptr, FALSE, 5, nullptr), STATUS_SUCCESS);
        ZwClose(same);
    });
}

}  // namespace
}  // namespace ndiskit::nt
