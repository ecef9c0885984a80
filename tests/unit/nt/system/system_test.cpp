// What drivers ask about the system; events and waits through handles; watches on registry keys.
#include <gtest/gtest.h>

#include <cstring>

#include "nt/abi.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"
#include "support/nt_machine.h"

extern "C" {
NTSTATUS NTAPI ZwQuerySystemInformation(ULONG, PVOID, ULONG, PULONG);
NTSTATUS NTAPI ZwClearEvent(HANDLE);
NTSTATUS NTAPI ZwResetEvent(HANDLE, PLONG);
NTSTATUS NTAPI ZwPulseEvent(HANDLE, PLONG);
NTSTATUS NTAPI ZwWaitForMultipleObjects(ULONG, PHANDLE, WAIT_TYPE, BOOLEAN, PLARGE_INTEGER);
}

namespace ndiskit::nt {
namespace {

using test::on_sim;

TEST(SystemInformation, AnswersItsClassesAndRefusesOthers) {
    on_sim([] {
        alignas(8) ULONG words[16] = {};
        ULONG needed = 0;
        EXPECT_EQ(ZwQuerySystemInformation(0, words, 8, &needed), STATUS_INFO_LENGTH_MISMATCH);
        EXPECT_EQ(needed, 64u);
        ASSERT_EQ(ZwQuerySystemInformation(0, words, sizeof words, &needed), STATUS_SUCCESS);
        EXPECT_EQ(words[2], 4096u);                           // page size
        EXPECT_EQ(reinterpret_cast<char*>(words)[56], 2);     // processors
        EXPECT_EQ(reinterpret_cast<ULONG64*>(words)[6], 3u);  // their mask
        ASSERT_EQ(ZwQuerySystemInformation(11, words, sizeof words, &needed), STATUS_SUCCESS);
        EXPECT_EQ(words[0], 0u);  // no image is loaded
        words[0] = 8;
        EXPECT_EQ(ZwQuerySystemInformation(103, words, 8, nullptr), STATUS_SUCCESS);
        EXPECT_EQ(ZwQuerySystemInformation(35, words, 2, nullptr), STATUS_SUCCESS);
        EXPECT_EQ(ZwQuerySystemInformation(4711, words, sizeof words, &needed), STATUS_INVALID_INFO_CLASS);
    });
}

HANDLE event(EVENT_TYPE type, bool state) {
    HANDLE handle = nullptr;
    EXPECT_EQ(ZwCreateEvent(&handle, EVENT_ALL_ACCESS, nullptr, type, state), STATUS_SUCCESS);
    return handle;
}

TEST(EventHandles, AreClearedResetAndPulsed) {
    on_sim([] {
        const HANDLE handle = event(NotificationEvent, true);
        LARGE_INTEGER now = {.QuadPart = 0};
        LONG before = 7;
        EXPECT_EQ(ZwResetEvent(handle, &before), STATUS_SUCCESS);
        EXPECT_NE(before, 0);
        EXPECT_EQ(ZwWaitForSingleObject(handle, FALSE, &now), STATUS_TIMEOUT);
        ZwSetEvent(handle, nullptr);
        EXPECT_EQ(ZwClearEvent(handle), STATUS_SUCCESS);
        EXPECT_EQ(ZwPulseEvent(handle, &before), STATUS_SUCCESS);
        EXPECT_EQ(before, 0);
        EXPECT_EQ(ZwWaitForSingleObject(handle, FALSE, &now), STATUS_TIMEOUT);
        ZwClose(handle);
        EXPECT_EQ(ZwClearEvent(handle), STATUS_INVALID_HANDLE);
    });
}

TEST(EventHandles, AreWaitedForTogether) {
    on_sim([] {
        HANDLE handles[] = {event(SynchronizationEvent, false), event(SynchronizationEvent, true)};
        LARGE_INTEGER now = {.QuadPart = 0};
        EXPECT_EQ(ZwWaitForMultipleObjects(2, handles, WaitAll, FALSE, &now), STATUS_TIMEOUT);
        EXPECT_EQ(ZwWaitForMultipleObjects(2, handles, WaitAny, FALSE, &now), 1);  // the second
        EXPECT_EQ(ZwWaitForMultipleObjects(2, handles, WaitAny, FALSE, &now), STATUS_TIMEOUT);
        EXPECT_EQ(ZwWaitForMultipleObjects(65, handles, WaitAny, FALSE, &now), STATUS_INVALID_PARAMETER_1);
        for (const HANDLE handle : handles) ZwClose(handle);
        EXPECT_EQ(ZwWaitForMultipleObjects(2, handles, WaitAny, FALSE, &now), STATUS_INVALID_HANDLE);
    });
}

void NTAPI ran(PVOID done) { KeSetEvent(static_cast<PKEVENT>(done), 0, FALSE); }

struct WatchedKey {
    HANDLE handle = nullptr;
    IO_STATUS_BLOCK block = {};
    KEVENT done;
    WORK_QUEUE_ITEM item = {};
    WatchedKey() {
        registry::set_dword("HKLM\\System\\Watched", "Level", 1);
        UNICODE_STRING name = unicode_string(u"\\Registry\\Machine\\System\\Watched");
        OBJECT_ATTRIBUTES attributes;
        InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, nullptr, nullptr);
        EXPECT_EQ(ZwOpenKey(&handle, KEY_ALL_ACCESS, &attributes), STATUS_SUCCESS);
        KeInitializeEvent(&done, NotificationEvent, FALSE);
        item.WorkerRoutine = ran;
        item.Parameter = &done;
        EXPECT_EQ(ZwNotifyChangeKey(handle, nullptr, reinterpret_cast<PIO_APC_ROUTINE>(&item),
                                    reinterpret_cast<PVOID>(uintptr_t{DelayedWorkQueue}), &block,
                                    REG_NOTIFY_CHANGE_LAST_SET, FALSE, nullptr, 0, TRUE),
                  STATUS_PENDING);
    }
};

TEST(RegistryWatch, QueuesTheCallersWorkItem) {
    on_sim([] {
        WatchedKey key;
        UNICODE_STRING name = unicode_string(u"Level");
        ULONG value = 2;
        EXPECT_EQ(ZwSetValueKey(key.handle, &name, 0, REG_DWORD, &value, sizeof value), STATUS_SUCCESS);
        KeWaitForSingleObject(&key.done, Executive, KernelMode, FALSE, nullptr);
        EXPECT_EQ(key.block.Status, STATUS_NOTIFY_ENUM_DIR);
        ZwClose(key.handle);
    });
}

TEST(RegistryWatch, EndsWithItsHandle) {
    on_sim([] {
        WatchedKey key;
        ZwClose(key.handle);
        KeWaitForSingleObject(&key.done, Executive, KernelMode, FALSE, nullptr);
        EXPECT_EQ(key.block.Status, STATUS_NOTIFY_CLEANUP);
    });
}

}  // namespace
}  // namespace ndiskit::nt
