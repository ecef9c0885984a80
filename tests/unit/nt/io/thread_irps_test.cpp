// Requests of a thread that ends, or that takes them back.
#include <gtest/gtest.h>

#include "support/control_device.h"

namespace ndiskit::nt {
namespace {

using test::ControlDevice;
using test::device_under_test;

PDEVICE_OBJECT control_device(PFILE_OBJECT& file) {
    UNICODE_STRING name = unicode_string(u"\\Device\\ControlTest");
    PDEVICE_OBJECT device = nullptr;
    EXPECT_EQ(IoGetDeviceObjectPointer(&name, FILE_READ_DATA, &file, &device), STATUS_SUCCESS);
    return device;
}

struct Call {
    IO_STATUS_BLOCK block = {};
    KEVENT done;
    char byte = 0;
    Call() { KeInitializeEvent(&done, NotificationEvent, FALSE); }
    bool is_done() { return KeReadStateEvent(&done) != 0; }
};

PIRP make_read(PDEVICE_OBJECT device, PFILE_OBJECT file, Call& call) {
    LARGE_INTEGER offset = {};
    PIRP const irp =
        IoBuildSynchronousFsdRequest(IRP_MJ_READ, device, &call.byte, 1, &offset, &call.done, &call.block);
    IoGetNextIrpStackLocation(irp)->FileObject = file;
    return irp;
}
PIRP make_kept(PDEVICE_OBJECT device, Call& call) {
    return IoBuildDeviceIoControlRequest(ControlDevice::keep, device, nullptr, 0, nullptr, 0, FALSE, &call.done,
                                         &call.block);
}

void nap(LONGLONG milliseconds = 1) {
    LARGE_INTEGER time = {.QuadPart = -10'000 * milliseconds};
    KeDelayExecutionThread(KernelMode, FALSE, &time);
}

void with_device(const std::function<void(PDEVICE_OBJECT, PFILE_OBJECT)>& body, uint64_t seeds = 20) {
    test::on_seeds(seeds, [&] {
        test::with_control_device([&] {
            PFILE_OBJECT file = nullptr;
            PDEVICE_OBJECT const device = control_device(file);
            body(device, file);
            ObfDereferenceObject(file);
        });
    });
}

TEST(ThreadIrps, AreCancelledWhenTheirThreadEnds) {
    with_device([](PDEVICE_OBJECT device, PFILE_OBJECT file) {
        Call first, second;
        Thread::start("reader", [&] {
            EXPECT_EQ(IofCallDriver(device, make_read(device, file, first)), STATUS_PENDING);
            EXPECT_EQ(IofCallDriver(device, make_read(device, file, second)), STATUS_PENDING);
            EXPECT_FALSE(first.is_done());
        }).join();
        // The thread has not ended before them.
        EXPECT_TRUE(first.is_done());
        EXPECT_TRUE(second.is_done());
        EXPECT_EQ(first.block.Status, STATUS_CANCELLED);
        EXPECT_EQ(second.block.Status, STATUS_CANCELLED);
        EXPECT_EQ(device_under_test.cancelled, 2);
    });
}

TEST(ThreadIrps, OfOtherThreadsStay) {
    with_device([](PDEVICE_OBJECT device, PFILE_OBJECT file) {
        Call mine;
        EXPECT_EQ(IofCallDriver(device, make_read(device, file, mine)), STATUS_PENDING);
        Thread::start("another", [] {}).join();
        EXPECT_FALSE(mine.is_done());
        // Written, and so read.
        test::complete(IoCsqRemoveNextIrp(&device_under_test.csq, nullptr), STATUS_SUCCESS, 1);
        EXPECT_EQ(mine.block.Status, STATUS_SUCCESS);
    });
}

TEST(ThreadIrps, TheThreadWaitsForADriverThatDoesNotCancel) {
    with_device([](PDEVICE_OBJECT device, PFILE_OBJECT) {
        Call call;
        Thread keeper = Thread::start("keeper", [&] {
            EXPECT_EQ(IofCallDriver(device, make_kept(device, call)), STATUS_PENDING);
        });
        while (!device_under_test.kept || !device_under_test.kept->Cancel) nap();
        EXPECT_FALSE(call.is_done());
        test::complete(device_under_test.kept, STATUS_SUCCESS);
        keeper.join();
        EXPECT_EQ(call.block.Status, STATUS_SUCCESS);
    });
}

TEST(ThreadIrps, ADriverThatKeepsOneForEverDoesNotKeepTheThread) {
    with_device(
        [](PDEVICE_OBJECT device, PFILE_OBJECT) {
            Thread::start("keeper", [&] {
                Call call;  // gone with the thread
                EXPECT_EQ(IofCallDriver(device, make_kept(device, call)), STATUS_PENDING);
            }).join();
            EXPECT_TRUE(device_under_test.kept->Cancel);
            test::complete(device_under_test.kept, STATUS_SUCCESS);
        },
        3);
}

TEST(ThreadIrps, ThatAreNeverSentGoWithTheirThread) {
    with_device(
        [](PDEVICE_OBJECT device, PFILE_OBJECT file) {
            PIRP made = nullptr;
            Call call;
            Thread::start("maker", [&] {
                made = make_read(device, file, call);
                IoFreeIrp(make_kept(device, call));
                IoFreeIrp(std::exchange(made, nullptr));
            }).join();
            EXPECT_EQ(device_under_test.cancelled, 0);
        },
        3);
}

extern "C" NTSTATUS NTAPI ZwCancelIoFile(HANDLE handle, PIO_STATUS_BLOCK block);

TEST(ThreadIrps, ZwCancelIoFileTakesBackThoseOfTheThreadOnTheFile) {
    with_device([](PDEVICE_OBJECT device, PFILE_OBJECT other_file) {
        UNICODE_STRING name = unicode_string(u"\\Device\\ControlTest");
        OBJECT_ATTRIBUTES attributes = {};
        InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, nullptr, nullptr);
        HANDLE handle = nullptr;
        IO_STATUS_BLOCK block = {};
        ASSERT_EQ(ZwOpenFile(&handle, FILE_READ_DATA, &attributes, &block, FILE_SHARE_READ, 0), STATUS_SUCCESS);
        void* file = nullptr;
        ASSERT_EQ(ObReferenceObjectByHandle(handle, 0, nullptr, KernelMode, &file, nullptr), STATUS_SUCCESS);
        Call on_it, on_another;
        EXPECT_EQ(IofCallDriver(device, make_read(device, static_cast<PFILE_OBJECT>(file), on_it)), STATUS_PENDING);
        EXPECT_EQ(IofCallDriver(device, make_read(device, other_file, on_another)), STATUS_PENDING);
        block.Status = -1;
        EXPECT_EQ(ZwCancelIoFile(handle, &block), STATUS_SUCCESS);
        EXPECT_EQ(block.Status, STATUS_SUCCESS);
        EXPECT_EQ(on_it.block.Status, STATUS_CANCELLED);
        EXPECT_FALSE(on_another.is_done());
        test::complete(IoCsqRemoveNextIrp(&device_under_test.csq, nullptr), STATUS_SUCCESS, 1);
        ObfDereferenceObject(file);
        ZwClose(handle);
    });
}

}  // namespace
}  // namespace ndiskit::nt
