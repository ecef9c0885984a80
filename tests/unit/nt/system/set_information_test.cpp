// What is set of threads and memory, asked about power, shown, and copied from file to file.
#include <gtest/gtest.h>

#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>
#include <sstream>

#include "base/log.h"
#include "nt/abi/files.h"
#include "nt/files/file_system.h"
#include "nt/ke/thread.h"
#include "nt/rtl/unicode.h"
#include "nt/system/set_information.h"
#include "support/kernel_export.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_sim;
const HANDLE this_process = reinterpret_cast<HANDLE>(int64_t{-1}),
             this_thread = reinterpret_cast<HANDLE>(int64_t{-2});
const test::KernelExport<LONG(HANDLE, ULONG, PVOID, ULONG)> nt_NtSetInformationThread{
    "NtSetInformationThread"};
const test::KernelExport<LONG(ULONG, PVOID, ULONG, PVOID, ULONG)> nt_NtPowerInformation{"NtPowerInformation"};

template <class T>
NTSTATUS set(ULONG kind, T value, HANDLE thread = this_thread) {
    return ZwSetInformationThread(thread, kind, &value, sizeof value);
}

TEST(SetInformationThread, SetsPrioritiesWithinTheirRange) {
    on_sim([] {
        EXPECT_EQ(set<LONG>(2, 20), STATUS_SUCCESS);
        EXPECT_EQ(KeQueryPriorityThread(ke::kthread(ke::current_thread())), 20);
        EXPECT_EQ(set<LONG>(2, LOW_PRIORITY), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(set<LONG>(2, HIGH_PRIORITY + 1), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(set<LONG>(2, HIGH_PRIORITY), STATUS_SUCCESS);
        EXPECT_EQ(set<LONG64>(2, 8), STATUS_INFO_LENGTH_MISMATCH);
        EXPECT_EQ(set<LONG>(3, -2), STATUS_SUCCESS);
        EXPECT_EQ(KeQueryPriorityThread(ke::kthread(ke::current_thread())), 6);
        EXPECT_EQ(set<LONG>(3, 15), STATUS_SUCCESS);  // the end of the variable class
        EXPECT_EQ(KeQueryPriorityThread(ke::kthread(ke::current_thread())), 15);
        EXPECT_EQ(set<LONG>(3, 16), STATUS_INVALID_PARAMETER);  // that would be a real-time priority
        EXPECT_EQ(set<ULONG>(24, 5), STATUS_SUCCESS);
        EXPECT_EQ(set<ULONG>(24, 6), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(set(49, POWER_THROTTLING_THREAD_STATE{1, 1, 1}), STATUS_SUCCESS);
        EXPECT_EQ(set(49, POWER_THROTTLING_THREAD_STATE{1, 0, 1}), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(set<ULONG>(0, 0), STATUS_INVALID_INFO_CLASS);
    });
}

void NTAPI wait_for_it(PVOID event) { KeWaitForSingleObject(event, Executive, KernelMode, FALSE, nullptr); }

TEST(SetInformationThread, NeedsTheRightToItsThread) {
    on_sim([] {
        KEVENT go;
        KeInitializeEvent(&go, NotificationEvent, FALSE);
        HANDLE made = nullptr, weak = nullptr;
        ASSERT_EQ(PsCreateSystemThread(&made, 0x1FFFFF, nullptr, nullptr, nullptr, wait_for_it, &go),
                  STATUS_SUCCESS);
        PVOID thread = nullptr;
        ASSERT_EQ(ObReferenceObjectByHandle(made, 0, nullptr, KernelMode, &thread, nullptr), STATUS_SUCCESS);
        EXPECT_EQ(set<LONG>(2, 12, made), STATUS_SUCCESS);
        LONG priority = 13;
        EXPECT_EQ(nt_NtSetInformationThread(made, 2, &priority, sizeof priority), STATUS_SUCCESS);
        EXPECT_EQ(KeQueryPriorityThread(static_cast<PKTHREAD>(thread)), 13);
        ASSERT_EQ(ObOpenObjectByPointer(thread, OBJ_KERNEL_HANDLE, nullptr, SYNCHRONIZE, nullptr, KernelMode,
                                        &weak),
                  STATUS_SUCCESS);
        EXPECT_EQ(set<LONG>(2, 14, weak), STATUS_ACCESS_DENIED);
        EXPECT_EQ(set<LONG>(2, 14, this_process), STATUS_OBJECT_TYPE_MISMATCH);
        KeSetEvent(&go, 0, FALSE);
        KeWaitForSingleObject(thread, Executive, KernelMode, FALSE, nullptr);
        ObfDereferenceObject(thread);
        ZwClose(weak);
        ZwClose(made);
    });
}

TEST(SetInformationVirtualMemory, PrefetchesRanges) {
    on_sim([] {
        char memory[100];
        MEMORY_RANGE_ENTRY range = {memory, sizeof memory};
        ULONG flags = 0;
        const auto prefetch = [&](ULONG kind, ULONG_PTR count, PVOID information, ULONG size) {
            return ZwSetInformationVirtualMemory(this_process, kind, count, &range, information, size);
        };
        EXPECT_EQ(prefetch(0, 1, &flags, sizeof flags), STATUS_SUCCESS);
        EXPECT_EQ(prefetch(1, 1, &flags, sizeof flags), STATUS_INVALID_PARAMETER_2);
        EXPECT_EQ(prefetch(0, 0, &flags, sizeof flags), STATUS_INVALID_PARAMETER_3);
        EXPECT_EQ(prefetch(0, 1, nullptr, sizeof flags), STATUS_INVALID_PARAMETER_5);
        EXPECT_EQ(prefetch(0, 1, &flags, 8), STATUS_INVALID_PARAMETER_6);
        flags = 1;
        EXPECT_EQ(prefetch(0, 1, &flags, sizeof flags), STATUS_INVALID_PARAMETER_5);
        EXPECT_EQ(ZwSetInformationVirtualMemory(nullptr, 0, 1, &range, &flags, 4), STATUS_INVALID_HANDLE);
    });
}

TEST(PowerInformation, TellsThatThereIsNoConnectedStandby) {
    on_sim([] {
        constexpr ULONG platform = 66;
        POWER_PLATFORM_INFORMATION information = {TRUE};
        EXPECT_EQ(ZwPowerInformation(platform, nullptr, 0, &information, sizeof information), STATUS_SUCCESS);
        EXPECT_FALSE(information.AoAc);
        EXPECT_EQ(nt_NtPowerInformation(platform, nullptr, 0, &information, sizeof information),
                  STATUS_SUCCESS);
        EXPECT_EQ(ZwPowerInformation(platform, &information, 1, &information, 1), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(ZwPowerInformation(platform, nullptr, 0, nullptr, 1), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(ZwPowerInformation(platform, nullptr, 0, &information, 0), STATUS_BUFFER_TOO_SMALL);
    });
}

TEST(DisplayString, IsSeen) {
    Log::set_level(LogLevel::info);
    testing::internal::CaptureStderr();
    UNICODE_STRING text = unicode_string(u"checking the volume\r\n");
    EXPECT_EQ(ZwDisplayString(&text), STATUS_SUCCESS);
    EXPECT_NE(testing::internal::GetCapturedStderr().find("checking the volume\n"), std::string::npos);
    Log::set_level(LogLevel::error);
}

HANDLE open(std::u16string_view path, ACCESS_MASK access, ULONG disposition, ULONG options) {
    UNICODE_STRING name = unicode_string(path);
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, nullptr, nullptr);
    HANDLE handle = nullptr;
    IO_STATUS_BLOCK block = {};
    EXPECT_EQ(ZwCreateFile(&handle, access | SYNCHRONIZE, &attributes, &block, nullptr, 0, FILE_SHARE_READ,
                           disposition, options, nullptr, 0),
              STATUS_SUCCESS);
    return handle;
}

TEST(CopyFileChunk, StopsAtTheEndOfTheSource) {
    char name[] = "/tmp/ndiskit-copy-XXXXXX";
    const std::filesystem::path root = ::mkdtemp(name);
    std::ofstream(root / "from") << "0123456789";
    on_sim([&] {
        ASSERT_TRUE(files::mount(root));
        for (const ULONG options : {ULONG{FILE_SYNCHRONOUS_IO_NONALERT}, ULONG{0}}) {
            const HANDLE from = open(u"\\??\\C:\\from", GENERIC_READ, FILE_OPEN, options),
                         to = open(u"\\??\\C:\\to", GENERIC_WRITE, FILE_OVERWRITE_IF, options);
            HANDLE event = nullptr;
            ASSERT_EQ(ZwCreateEvent(&event, EVENT_ALL_ACCESS, nullptr, NotificationEvent, FALSE),
                      STATUS_SUCCESS);
            IO_STATUS_BLOCK block = {};
            LARGE_INTEGER source = {.QuadPart = 4}, target = {.QuadPart = 1}, behind = {.QuadPart = 10};
            const auto copy = [&](PLARGE_INTEGER at, ULONG flags) {
                return NtCopyFileChunk(from, to, event, &block, 100, at, &target, nullptr, nullptr, flags);
            };
            EXPECT_EQ(copy(&source, 1), STATUS_INVALID_PARAMETER);
            EXPECT_EQ(copy(&behind, 0), STATUS_END_OF_FILE);
            LARGE_INTEGER now = {};
            EXPECT_EQ(ZwWaitForSingleObject(event, FALSE, &now), STATUS_TIMEOUT);
            EXPECT_EQ(copy(&source, 0), STATUS_SUCCESS);
            EXPECT_EQ(block.Status, STATUS_SUCCESS);
            EXPECT_EQ(block.Information, 6u);
            EXPECT_EQ(ZwWaitForSingleObject(event, FALSE, &now), STATUS_SUCCESS);
            for (const HANDLE handle : {from, to, event}) ZwClose(handle);
            std::ostringstream text;
            text << std::ifstream(root / "to").rdbuf();
            EXPECT_EQ(text.str(), std::string("\0"
                                              "456789",
                                              7));
        }
        ASSERT_TRUE(files::unmount());
    });
    std::filesystem::remove_all(root);
}

}  // namespace
}  // namespace ndiskit::nt
