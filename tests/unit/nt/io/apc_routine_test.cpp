// The routines that requests on files are given for their end.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwreadfile
#include <gtest/gtest.h>

#include "nt/abi/files.h"
#include "nt/ke/api.h"
#include "nt/ke/irql.h"
#include "nt/object/object.h"
#include "support/control_device.h"

namespace ndiskit::nt {
namespace {

using test::ControlDevice;
using test::device_under_test;

struct Calls {
    int count = 0;
    PKTHREAD thread = nullptr;
    KIRQL irql = 0xFF;
    PIO_STATUS_BLOCK block = nullptr;
};

void NTAPI note(PVOID context, PIO_STATUS_BLOCK block, ULONG) {
    auto& calls = *static_cast<Calls*>(context);
    ++calls.count;
    calls.thread = KeGetCurrentThread();
    calls.irql = KeGetCurrentIrql();
    calls.block = block;
}

void control_machine(const std::function<void()>& body) {
    device_under_test.device_flags = DO_BUFFERED_IO;
    test::on_seeds(5, [&] { test::with_control_device(body); });
}

HANDLE open_device() {
    UNICODE_STRING path = unicode_string(u"\\Device\\ControlTest");
    OBJECT_ATTRIBUTES attributes = {};
    attributes.Length = sizeof attributes;
    attributes.ObjectName = &path;
    IO_STATUS_BLOCK block = {};
    HANDLE handle = nullptr;
    EXPECT_EQ(ZwOpenFile(&handle, GENERIC_READ | GENERIC_WRITE, &attributes, &block, 7, 0), STATUS_SUCCESS);
    return handle;
}

TEST(ApcRoutine, IsCalledInTheThreadOfTheRequest) {
    control_machine([] {
        const HANDLE handle = open_device();
        Calls calls;
        IO_STATUS_BLOCK block = {}, written = {};
        char buffer[4] = {}, text[] = "abc";
        ASSERT_EQ(ZwReadFile(handle, nullptr, note, &calls, &block, buffer, 4, nullptr, nullptr),
                  STATUS_PENDING);
        EXPECT_EQ(calls.count, 0);
        KeEnterCriticalRegion();
        // Another thread ends the request, at DISPATCH_LEVEL.
        Thread::start("other", [&] {
            const AtDispatch at_dispatch;
            IRP* const reader = IoCsqRemoveNextIrp(&device_under_test.csq, nullptr);
            test::complete(reader, STATUS_SUCCESS, 3);
        }).join();
        EXPECT_EQ(block.Information, 3u);
        EXPECT_EQ(calls.count, 0);
        KeLeaveCriticalRegion();
        EXPECT_EQ(calls.count, 1);
        EXPECT_EQ(calls.thread, KeGetCurrentThread());
        EXPECT_EQ(calls.irql, PASSIVE_LEVEL);
        EXPECT_EQ(calls.block, &block);
        // A request that ends at once calls it too.
        EXPECT_EQ(ZwWriteFile(handle, nullptr, note, &calls, &written, text, 3, nullptr, nullptr),
                  STATUS_SUCCESS);
        EXPECT_EQ(calls.count, 2);
        EXPECT_EQ(calls.block, &written);
        ZwClose(handle);
    });
}

TEST(ApcRoutine, IsNotCalledForARequestThatFailsAtOnce) {
    control_machine([] {
        const HANDLE handle = open_device();
        Calls calls;
        IO_STATUS_BLOCK block = {};
        EXPECT_EQ(ZwDeviceIoControlFile(handle, nullptr, note, &calls, &block, 4, nullptr, 0, nullptr, 0),
                  STATUS_INVALID_DEVICE_REQUEST);
        EXPECT_EQ(calls.count, 0);
        ZwClose(handle);
    });
}

// Nobody is left to call it.
TEST(ApcRoutine, OfAThreadThatHasEndedIsNotCalled) {
    control_machine([] {
        const HANDLE handle = open_device();
        Calls calls;
        IO_STATUS_BLOCK block = {};
        char buffer[4] = {};
        Thread::start("brief", [&] {
            EXPECT_EQ(ZwReadFile(handle, nullptr, note, &calls, &block, buffer, 4, nullptr, nullptr),
                      STATUS_PENDING);
        }).join();
        test::complete(IoCsqRemoveNextIrp(&device_under_test.csq, nullptr), STATUS_SUCCESS, 1);
        EXPECT_EQ(calls.count, 0);
        EXPECT_EQ(block.Information, 1u);
        ZwClose(handle);
    });
}

}  // namespace
}  // namespace ndiskit::nt
