#include <gtest/gtest.h>

#include <cstring>

#include "nt/io/device.h"
#include "nt/io/driver.h"
#include "nt/io/file.h"
#include "nt/io/irp.h"
#include "nt/ke/thread.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"
#include "support/irp.h"
#include "support/nt_machine.h"

extern "C" NTSTATUS NTAPI IoAcquireRemoveLockEx(PIO_REMOVE_LOCK, PVOID, PCSTR, ULONG, ULONG);

namespace ndiskit::nt {
namespace {

using test::on_sim;

// A control device: buffered, direct and neither codes, reads that wait in a cancel-safe queue.
struct Control {
    IO_CSQ csq;
    LIST_ENTRY queue;
    KSPIN_LOCK lock;
    int creates = 0, cleanups = 0, closes = 0, cancelled = 0;
};
Control control;
bool fail_entry = false;

constexpr ULONG buffered = CTL_CODE(FILE_DEVICE_NETWORK, 0x800, METHOD_BUFFERED, FILE_ANY_ACCESS);
constexpr ULONG direct = CTL_CODE(FILE_DEVICE_NETWORK, 0x801, METHOD_OUT_DIRECT, FILE_ANY_ACCESS);
constexpr ULONG neither = CTL_CODE(FILE_DEVICE_NETWORK, 0x802, METHOD_NEITHER, FILE_ANY_ACCESS);

using test::complete;

NTSTATUS NTAPI count_dispatch(PDEVICE_OBJECT, PIRP irp) {
    switch (IoGetCurrentIrpStackLocation(irp)->MajorFunction) {
        case IRP_MJ_CREATE:
            ++control.creates;
            break;
        case IRP_MJ_CLEANUP:
            ++control.cleanups;
            break;
        case IRP_MJ_CLOSE:
            ++control.closes;
            break;
    }
    return complete(irp, STATUS_SUCCESS);
}

NTSTATUS NTAPI control_dispatch(PDEVICE_OBJECT, PIRP irp) {
    const auto& parameters = IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl;
    switch (parameters.IoControlCode) {
        case buffered: {
            auto* bytes = static_cast<char*>(irp->AssociatedIrp.SystemBuffer);
            for (ULONG i = 0; i < parameters.InputBufferLength; ++i) ++bytes[i];
            return complete(irp, STATUS_SUCCESS, parameters.InputBufferLength);
        }
        case direct: {
            std::memset(MmGetSystemAddressForMdlSafe(irp->MdlAddress, NormalPagePriority), 'd',
                        MmGetMdlByteCount(irp->MdlAddress));
            return complete(irp, STATUS_SUCCESS, MmGetMdlByteCount(irp->MdlAddress));
        }
        case neither: {
            std::memcpy(irp->UserBuffer, parameters.Type3InputBuffer, parameters.InputBufferLength);
            return complete(irp, STATUS_SUCCESS, parameters.InputBufferLength);
        }
        default:
            return complete(irp, STATUS_INVALID_DEVICE_REQUEST);
    }
}

NTSTATUS NTAPI read_dispatch(PDEVICE_OBJECT, PIRP irp) {
    IoCsqInsertIrp(&control.csq, irp, nullptr);
    return STATUS_PENDING;
}

NTSTATUS NTAPI write_dispatch(PDEVICE_OBJECT, PIRP irp) {
    const ULONG length = IoGetCurrentIrpStackLocation(irp)->Parameters.Write.Length;
    if (PIRP reader = IoCsqRemoveNextIrp(&control.csq, nullptr)) {
        std::memcpy(reader->AssociatedIrp.SystemBuffer, irp->AssociatedIrp.SystemBuffer, length);
        complete(reader, STATUS_SUCCESS, length);
    }
    return complete(irp, STATUS_SUCCESS, length);
}

void NTAPI csq_insert(PIO_CSQ, PIRP irp) { InsertTailList(&control.queue, &irp->Tail.Overlay.ListEntry); }
void NTAPI csq_remove(PIO_CSQ, PIRP irp) { RemoveEntryList(&irp->Tail.Overlay.ListEntry); }
PIRP NTAPI csq_peek(PIO_CSQ, PIRP irp, PVOID) {
    PLIST_ENTRY next = irp ? irp->Tail.Overlay.ListEntry.Flink : control.queue.Flink;
    return next == &control.queue ? nullptr : CONTAINING_RECORD(next, IRP, Tail.Overlay.ListEntry);
}
void NTAPI csq_acquire(PIO_CSQ, PKIRQL irql) { *irql = KeAcquireSpinLockRaiseToDpc(&control.lock); }
void NTAPI csq_release(PIO_CSQ, KIRQL irql) { KeReleaseSpinLock(&control.lock, irql); }
void NTAPI csq_cancelled(PIO_CSQ, PIRP irp) {
    ++control.cancelled;
    complete(irp, STATUS_CANCELLED);
}

void NTAPI unload(PDRIVER_OBJECT driver) {
    UNICODE_STRING link = unicode_string(u"\\DosDevices\\IoTest");
    IoDeleteSymbolicLink(&link);
    while (driver->DeviceObject) IoDeleteDevice(driver->DeviceObject);
}

NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING registry_path) {
    EXPECT_EQ(view_of(registry_path), u"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\iotest");
    if (fail_entry) return STATUS_INSUFFICIENT_RESOURCES;
    control = {};
    InitializeListHead(&control.queue);
    IoCsqInitialize(&control.csq, csq_insert, csq_remove, csq_peek, csq_acquire, csq_release, csq_cancelled);
    driver->DriverUnload = unload;
    for (int major : {IRP_MJ_CREATE, IRP_MJ_CLEANUP, IRP_MJ_CLOSE})
        driver->MajorFunction[major] = count_dispatch;
    driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = control_dispatch;
    driver->MajorFunction[IRP_MJ_READ] = read_dispatch;
    driver->MajorFunction[IRP_MJ_WRITE] = write_dispatch;
    UNICODE_STRING name = unicode_string(u"\\Device\\IoTest"), link = unicode_string(u"\\DosDevices\\IoTest");
    PDEVICE_OBJECT device;
    EXPECT_EQ(IoCreateDevice(driver, 24, &name, FILE_DEVICE_NETWORK, 0, FALSE, &device), STATUS_SUCCESS);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(device->DeviceExtension) % 16, 0u);
    device->Flags |= DO_BUFFERED_IO;
    return IoCreateSymbolicLink(&link, &name);
}

void on_service(const std::function<void()>& body) {
    on_sim([&] {
        io::register_builtin("iotest", entry);
        registry::set_string("HKLM\\System\\CurrentControlSet\\Services\\iotest", "ImagePath",
                             "builtin:iotest");
        const auto started = io::start_service("iotest");
        ASSERT_TRUE(started) << started.error().text();
        body();
        const auto stopped = io::stop_service("iotest");
        EXPECT_TRUE(stopped) << stopped.error().text();
        EXPECT_FALSE(io::find_service("iotest"));
        EXPECT_EQ(object::lookup(u"\\Device\\IoTest").status, STATUS_OBJECT_NAME_NOT_FOUND);
        for (const PoolUse& use : pool_report()) ADD_FAILURE() << pool_tag_text(use.tag) << " " << use.blocks;
    });
}

TEST(Io, BuffersFollowTheMethodOfTheCode) {
    on_service([] {
        io::File file;
        ASSERT_EQ(io::File::open("\\\\.\\IoTest", file), STATUS_SUCCESS);
        const uint8_t input[] = {1, 2, 3};
        uint8_t output[8] = {};
        auto result = file.device_control(buffered, input, output);
        EXPECT_EQ(result.status, STATUS_SUCCESS);
        EXPECT_EQ(result.bytes, 3u);
        EXPECT_EQ(output[2], 4);
        EXPECT_EQ(output[3], 0);
        EXPECT_EQ(file.device_control(direct, {}, output).bytes, 8u);
        EXPECT_EQ(output[7], 'd');
        EXPECT_EQ(file.device_control(neither, input, output).bytes, 3u);
        EXPECT_EQ(output[0], 1);
        EXPECT_EQ(file.device_control(12345, input, output).status, STATUS_INVALID_DEVICE_REQUEST);
        file.close();
        EXPECT_EQ(control.creates, 1);
        EXPECT_EQ(control.cleanups, 1);
        EXPECT_EQ(control.closes, 1);
    });
}

TEST(Io, AReadWaitsForAWrite) {
    on_service([] {
        io::File reader, writer;
        ASSERT_EQ(io::File::open("\\Device\\IoTest", reader), STATUS_SUCCESS);
        ASSERT_EQ(io::File::open("\\??\\IoTest", writer), STATUS_SUCCESS);
        uint8_t buffer[4] = {};
        Thread thread = Thread::start("reader", [&] {
            const auto result = reader.read(buffer);
            EXPECT_EQ(result.status, STATUS_SUCCESS);
            EXPECT_EQ(result.bytes, 2u);
        });
        LARGE_INTEGER tick = {.QuadPart = -10'000};
        while (IsListEmpty(&control.queue)) KeDelayExecutionThread(KernelMode, FALSE, &tick);
        const uint8_t text[] = {'h', 'i'};
        EXPECT_EQ(writer.write(text).bytes, 2u);
        thread.join();
        EXPECT_EQ(std::string(reinterpret_cast<char*>(buffer), 2), "hi");
    });
}

TEST(Io, ARequestThatTakesTooLongIsCancelled) {
    on_service([] {
        io::File file;
        ASSERT_EQ(io::File::open("\\Device\\IoTest", file), STATUS_SUCCESS);
        uint8_t buffer[4];
        EXPECT_EQ(file.read(buffer, 10).status, STATUS_CANCELLED);
        EXPECT_EQ(control.cancelled, 1);
    });
}

TEST(Io, AServiceWhoseEntryFailsIsNotThere) {
    on_sim([] {
        fail_entry = true;
        io::register_builtin("iotest", entry);
        registry::set_string("HKLM\\System\\CurrentControlSet\\Services\\iotest", "ImagePath",
                             "builtin:iotest");
        const auto started = io::start_service("iotest");
        ASSERT_FALSE(started);
        EXPECT_NE(started.error().text().find("0xC000009A"), std::string::npos) << started.error().text();
        EXPECT_FALSE(io::find_service("iotest"));
        EXPECT_EQ(io::start_service_status("nothing"), STATUS_OBJECT_NAME_NOT_FOUND);
        fail_entry = false;
    });
}

TEST(Io, RequestsOfDriversEndWithTheirEvent) {
    on_service([] {
        UNICODE_STRING name = unicode_string(u"\\Device\\IoTest");
        PFILE_OBJECT file;
        PDEVICE_OBJECT device;
        ASSERT_EQ(IoGetDeviceObjectPointer(&name, FILE_READ_DATA, &file, &device), STATUS_SUCCESS);
        EXPECT_EQ(control.cleanups, 1);
        KEVENT done;
        KeInitializeEvent(&done, NotificationEvent, FALSE);
        IO_STATUS_BLOCK block = {};
        char input[] = "abc", output[4] = {};
        PIRP irp = IoBuildDeviceIoControlRequest(buffered, device, input, 3, output, 4, FALSE, &done, &block);
        ASSERT_TRUE(irp);
        EXPECT_EQ(IofCallDriver(device, irp), STATUS_SUCCESS);
        KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, nullptr);
        EXPECT_STREQ(output, "bcd");
        EXPECT_EQ(block.Information, 3u);
        object::dereference(file);
        EXPECT_EQ(control.closes, 1);
    });
}

int order = 0;
NTSTATUS NTAPI note_completion(PDEVICE_OBJECT device, PIRP irp, PVOID context) {
    *static_cast<int*>(context) = ++order;
    if (irp->PendingReturned && device) IoMarkIrpPending(irp);
    return STATUS_SUCCESS;
}
NTSTATUS NTAPI keep_irp(PDEVICE_OBJECT device, PIRP, PVOID context) {
    EXPECT_EQ(device, nullptr);
    *static_cast<int*>(context) = ++order;
    return STATUS_MORE_PROCESSING_REQUIRED;
}
int middle_order, top_order;
NTSTATUS NTAPI pass_down(PDEVICE_OBJECT device, PIRP irp) {
    IoCopyCurrentIrpStackLocationToNext(irp);
    IoSetCompletionRoutine(irp, note_completion, &middle_order, TRUE, TRUE, TRUE);
    return IofCallDriver(device->DeviceObjectExtension->AttachedTo, irp);
}
NTSTATUS NTAPI upper_entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    for (auto& major : driver->MajorFunction) major = pass_down;
    driver->DriverUnload = [](PDRIVER_OBJECT) NTAPI {};
    return STATUS_SUCCESS;
}

TEST(Io, CompletionRoutinesRunFromTheLowestUp) {
    on_service([] {
        io::register_builtin("upper", upper_entry);
        registry::set_string("HKLM\\System\\CurrentControlSet\\Services\\upper", "ImagePath",
                             "builtin:upper");
        auto upper = io::start_service("upper");
        ASSERT_TRUE(upper);
        PDEVICE_OBJECT filter;
        ASSERT_EQ(IoCreateDevice(*upper, 0, nullptr, FILE_DEVICE_NETWORK, 0, FALSE, &filter), STATUS_SUCCESS);
        PDEVICE_OBJECT below = io::find_service("iotest")->DeviceObject;
        EXPECT_EQ(IoAttachDeviceToDeviceStack(filter, below), below);
        filter->Flags &= ~static_cast<ULONG>(DO_DEVICE_INITIALIZING);
        EXPECT_EQ(filter->StackSize, 2);
        PDEVICE_OBJECT top = IoGetAttachedDeviceReference(below);
        EXPECT_EQ(top, filter);
        object::dereference(top);
        PIRP irp = IoAllocateIrp(filter->StackSize, FALSE);
        IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_CREATE;
        IoSetCompletionRoutine(irp, keep_irp, &top_order, TRUE, TRUE, TRUE);
        order = 0;
        EXPECT_EQ(IofCallDriver(filter, irp), STATUS_SUCCESS);
        EXPECT_EQ(middle_order, 1);
        EXPECT_EQ(top_order, 2);
        IoFreeIrp(irp);
        EXPECT_FALSE(io::stop_service("iotest"));  // its device is attached to
        IoDetachDevice(below);
        IoDeleteDevice(filter);
        EXPECT_TRUE(io::stop_service("upper"));
    });
}

TEST(Io, ARemoveLockWaitsForItsUsers) {
    on_sim([] {
        IO_REMOVE_LOCK lock;
        IoInitializeRemoveLockEx(&lock, 0, 0, 0, sizeof lock);
        EXPECT_EQ(IoAcquireRemoveLockEx(&lock, nullptr, "", 1, sizeof lock), STATUS_SUCCESS);
        EXPECT_EQ(IoAcquireRemoveLockEx(&lock, nullptr, "", 1, sizeof lock), STATUS_SUCCESS);
        bool removed = false;
        Thread remover = Thread::start("remover", [&] {
            IoReleaseRemoveLockAndWaitEx(&lock, nullptr, sizeof lock);
            removed = true;
        });
        LARGE_INTEGER tick = {.QuadPart = -10'000};
        KeDelayExecutionThread(KernelMode, FALSE, &tick);
        EXPECT_FALSE(removed);
        EXPECT_EQ(IoAcquireRemoveLockEx(&lock, nullptr, "", 1, sizeof lock), STATUS_DELETE_PENDING);
        IoReleaseRemoveLockEx(&lock, nullptr, sizeof lock);
        remover.join();
        EXPECT_TRUE(removed);
    });
}

void NTAPI work(PVOID object, PVOID context, PIO_WORKITEM item) {
    EXPECT_EQ(object, io::find_service("iotest")->DeviceObject);
    IoFreeWorkItem(item);
    KeSetEvent(static_cast<PKEVENT>(context), 0, FALSE);
}

TEST(Io, WorkItemsRunOnWorkerThreads) {
    on_service([] {
        KEVENT done;
        KeInitializeEvent(&done, NotificationEvent, FALSE);
        PIO_WORKITEM item = IoAllocateWorkItem(io::find_service("iotest")->DeviceObject);
        IoQueueWorkItemEx(item, work, DelayedWorkQueue, &done);
        KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, nullptr);
        LARGE_INTEGER tick = {.QuadPart = -10'000};
        KeDelayExecutionThread(KernelMode, FALSE, &tick);
    });
}

}  // namespace
}  // namespace ndiskit::nt
