// Device stacks, what goes with a driver object, work items, and what a request says about its maker.
#include <gtest/gtest.h>

#include <vector>

#include "nt/exports.h"
#include "nt/io/device.h"
#include "nt/io/driver.h"
#include "nt/io/file.h"
#include "nt/ke/irql.h"
#include "nt/ke/thread.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"
#include "nt/security/access.h"
#include "support/nt_machine.h"

extern "C" {
NTSTATUS NTAPI IoGetRequestorSessionId(PIRP irp, PULONG session);
BOOLEAN NTAPI IoIsSystemThread(PETHREAD thread);
PEPROCESS NTAPI IoGetInitiatorProcess(PFILE_OBJECT file);
BOOLEAN NTAPI IoTryQueueWorkItem(PIO_WORKITEM item, PIO_WORKITEM_ROUTINE_EX routine, WORK_QUEUE_TYPE type,
                                 PVOID context);
}

namespace ndiskit::nt {
namespace {

PDRIVER_OBJECT the_driver;
std::vector<PDEVICE_OBJECT> shut_down;
std::vector<ULONG> reinitialized;

NTSTATUS NTAPI succeed(PDEVICE_OBJECT device, PIRP irp) {
    if (IoGetCurrentIrpStackLocation(irp)->MajorFunction == IRP_MJ_SHUTDOWN) shut_down.push_back(device);
    irp->IoStatus.Status = STATUS_SUCCESS;
    IofCompleteRequest(irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}

// Asks for one more round, once.
void NTAPI reinitialize(PDRIVER_OBJECT driver, PVOID context, ULONG count) {
    EXPECT_EQ(driver->DriverExtension->Count, count);
    EXPECT_EQ(context, &reinitialized);
    reinitialized.push_back(count);
    if (count == 1) IoRegisterDriverReinitialization(driver, reinitialize, context);
}

NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    the_driver = driver;
    shut_down.clear();
    reinitialized.clear();
    for (PDRIVER_DISPATCH& each : driver->MajorFunction) each = succeed;
    driver->DriverUnload = [](PDRIVER_OBJECT of) NTAPI {
        while (of->DeviceObject) IoDeleteDevice(of->DeviceObject);
    };
    IoRegisterDriverReinitialization(driver, reinitialize, &reinitialized);
    IoRegisterBootDriverReinitialization(driver, reinitialize, &reinitialized);
    EXPECT_TRUE(reinitialized.empty());
    return STATUS_SUCCESS;
}

void on_driver(const std::function<void()>& body) {
    test::on_sim([&] {
        io::register_builtin("devtest", entry);
        registry::set_string("HKLM\\System\\CurrentControlSet\\Services\\devtest", "ImagePath",
                             "builtin:devtest");
        ASSERT_TRUE(io::start_service("devtest"));
        body();
        EXPECT_TRUE(io::stop_service("devtest"));
        for (const PoolUse& use : pool_report()) ADD_FAILURE() << pool_tag_text(use.tag) << " " << use.blocks;
    });
}

PDEVICE_OBJECT make_device(const char16_t* name = nullptr) {
    PDEVICE_OBJECT device = nullptr;
    UNICODE_STRING text = name ? unicode_string(std::u16string_view(name)) : UNICODE_STRING{};
    EXPECT_EQ(IoCreateDevice(the_driver, 0, name ? &text : nullptr, FILE_DEVICE_NETWORK, 0, FALSE, &device),
              STATUS_SUCCESS);
    device->Flags &= ~static_cast<ULONG>(DO_DEVICE_INITIALIZING);
    return device;
}

void take_down(std::initializer_list<PDEVICE_OBJECT> from_the_top) {
    for (PDEVICE_OBJECT device : from_the_top) {
        if (PDEVICE_OBJECT const below = device->DeviceObjectExtension->AttachedTo) IoDetachDevice(below);
        IoDeleteDevice(device);
    }
}

TEST(DeviceStack, EveryWayToAttachReachesTheTop) {
    on_driver([] {
        PDEVICE_OBJECT lowest = make_device(u"\\Device\\Lowest"), second = make_device(),
                       third = make_device(), fourth = make_device(), attached_to = nullptr;
        UNICODE_STRING name = unicode_string(std::u16string_view(u"\\Device\\Lowest"));
        EXPECT_EQ(IoAttachDevice(second, &name, &attached_to), STATUS_SUCCESS);
        EXPECT_EQ(attached_to, lowest);
        EXPECT_EQ(IoAttachDeviceByPointer(third, lowest), STATUS_SUCCESS);
        EXPECT_EQ(IoAttachDeviceToDeviceStackSafe(fourth, lowest, &attached_to), STATUS_SUCCESS);
        EXPECT_EQ(attached_to, third);
        EXPECT_EQ(fourth->StackSize, lowest->StackSize + 3);

        for (PDEVICE_OBJECT each : {lowest, second, third, fourth})
            EXPECT_EQ(IoGetAttachedDevice(each), fourth);
        PDEVICE_OBJECT const below = IoGetLowerDeviceObject(third);
        EXPECT_EQ(below, second);
        object::dereference(below);
        EXPECT_EQ(IoGetLowerDeviceObject(lowest), nullptr);
        const int64_t before = object::reference_count(lowest);
        EXPECT_EQ(IoGetDeviceAttachmentBaseRef(fourth), lowest);
        EXPECT_EQ(object::reference_count(lowest), before + 1);
        object::dereference(lowest);

        // Requests on a file go to the top, wherever it was opened.
        PFILE_OBJECT file = nullptr;
        EXPECT_EQ(io::open_file(u"\\Device\\Lowest", {}, &file), STATUS_SUCCESS);
        EXPECT_EQ(file->DeviceObject, lowest);
        EXPECT_EQ(IoGetRelatedDeviceObject(file), fourth);
        EXPECT_EQ(IoGetInitiatorProcess(file), nullptr);
        object::dereference(file);
        take_down({fourth, third, second, lowest});
    });
}

TEST(DeviceStack, WhatCannotBeAttachedToIsRefused) {
    on_driver([] {
        PDEVICE_OBJECT lowest = make_device(), busy = make_device(), late = make_device(),
                       attached_to = nullptr;
        EXPECT_EQ(IoAttachDeviceToDeviceStack(busy, lowest), lowest);
        busy->Flags |= DO_DEVICE_INITIALIZING;
        EXPECT_EQ(IoAttachDeviceByPointer(late, lowest), STATUS_NO_SUCH_DEVICE);
        EXPECT_EQ(IoAttachDeviceToDeviceStackSafe(late, lowest, &attached_to), STATUS_NO_SUCH_DEVICE);
        UNICODE_STRING name = unicode_string(std::u16string_view(u"\\Device\\NoSuch"));
        EXPECT_EQ(IoAttachDevice(late, &name, &attached_to), STATUS_OBJECT_NAME_NOT_FOUND);
        name = unicode_string(std::u16string_view(u"\\Driver\\devtest"));
        EXPECT_EQ(IoAttachDevice(late, &name, &attached_to), STATUS_OBJECT_TYPE_MISMATCH);
        take_down({late, busy, lowest});
    });
}

TEST(DeviceObject, TypesTellWhatAnObjectIs) {
    on_driver([] {
        register_nt_exports();
        const auto type_at = [](const char* name) {
            return static_cast<POBJECT_TYPE const*>(find_export("ntoskrnl.exe", name)->address);
        };
        const auto IoDeviceObjectType = type_at("IoDeviceObjectType");
        const auto IoDriverObjectType = type_at("IoDriverObjectType");
        const auto IoFileObjectType = type_at("IoFileObjectType");
        PDEVICE_OBJECT device = make_device(u"\\Device\\Typed");
        PFILE_OBJECT file = nullptr;
        EXPECT_EQ(io::open_file(u"\\Device\\Typed", {}, &file), STATUS_SUCCESS);
        const std::pair<void*, POBJECT_TYPE> objects[] = {
            {device, *IoDeviceObjectType}, {the_driver, *IoDriverObjectType}, {file, *IoFileObjectType}};
        for (const auto& [object, its] : objects)
            for (const auto& [other, type] : objects) {
                const NTSTATUS status = ObReferenceObjectByPointer(object, 0, type, KernelMode);
                EXPECT_EQ(status, type == its ? STATUS_SUCCESS : STATUS_OBJECT_TYPE_MISMATCH);
                if (NT_SUCCESS(status)) object::dereference(object);
            }
        object::dereference(file);
        IoDeleteDevice(device);
    });
}

TEST(DeviceObject, AnUnprotectedLinkLeadsToIt) {
    on_driver([] {
        PDEVICE_OBJECT device = make_device(u"\\Device\\Linked");
        UNICODE_STRING link = unicode_string(std::u16string_view(u"\\DosDevices\\Linked")),
                       target = unicode_string(std::u16string_view(u"\\Device\\Linked"));
        EXPECT_EQ(IoCreateUnprotectedSymbolicLink(&link, &target), STATUS_SUCCESS);
        EXPECT_EQ(IoCreateUnprotectedSymbolicLink(&link, &target), STATUS_OBJECT_NAME_COLLISION);
        const object::Found found = object::lookup(u"\\??\\Linked");
        EXPECT_EQ(found.body, device);
        object::dereference(found.body);
        EXPECT_EQ(IoDeleteSymbolicLink(&link), STATUS_SUCCESS);
        IoDeleteDevice(device);
    });
}

// A device that is deleted goes with its last file, and so may its driver.
TEST(DeviceObject, OneThatIsDeletedWhileOpenStaysForItsFiles) {
    on_driver([] {
        PDEVICE_OBJECT const device = make_device(u"\\Device\\Leaving");
        UNICODE_STRING name = unicode_string(u"\\Device\\Leaving");
        PFILE_OBJECT file = nullptr;
        PDEVICE_OBJECT opened = nullptr;
        ASSERT_EQ(IoGetDeviceObjectPointer(&name, FILE_READ_DATA, &file, &opened), STATUS_SUCCESS);
        IoDeleteDevice(device);
        PFILE_OBJECT second = nullptr;
        EXPECT_FALSE(NT_SUCCESS(IoGetDeviceObjectPointer(&name, FILE_READ_DATA, &second, &opened)));
        EXPECT_EQ(the_driver->DeviceObject, device);
        EXPECT_FALSE(io::stop_service("devtest")) << "the file would call into an image that is gone";
        ObfDereferenceObject(file);
        EXPECT_EQ(the_driver->DeviceObject, nullptr);
    });
}

TEST(DeviceObject, ShutdownComesToWhoAskedForIt) {
    on_driver([] {
        PDEVICE_OBJECT first = make_device(), second = make_device(), last = make_device(),
                       none = make_device();
        EXPECT_EQ(IoRegisterLastChanceShutdownNotification(last), STATUS_SUCCESS);
        for (PDEVICE_OBJECT device : {first, second, none})
            EXPECT_EQ(IoRegisterShutdownNotification(device), STATUS_SUCCESS);
        IoUnregisterShutdownNotification(none);
        io::send_shutdown();
        EXPECT_EQ(shut_down, (std::vector{second, first, last}));
        io::send_shutdown();
        EXPECT_EQ(shut_down.size(), 3u);
        take_down({none, last, second, first});
    });
}

TEST(DriverObject, ExtensionsAreKnownByTheirIds) {
    on_driver([] {
        int mine, others;
        PVOID extension = nullptr, second = nullptr;
        EXPECT_EQ(IoGetDriverObjectExtension(the_driver, &mine), nullptr);
        EXPECT_EQ(IoAllocateDriverObjectExtension(the_driver, &mine, 64, &extension), STATUS_SUCCESS);
        EXPECT_EQ(static_cast<char*>(extension)[63], 0);
        EXPECT_EQ(IoAllocateDriverObjectExtension(the_driver, &mine, 64, &second),
                  STATUS_OBJECT_NAME_COLLISION);
        EXPECT_EQ(second, nullptr);
        EXPECT_EQ(IoGetDriverObjectExtension(the_driver, &mine), extension);
        EXPECT_EQ(IoGetDriverObjectExtension(the_driver, &others), nullptr);
    });
}

TEST(DriverObject, ItIsReinitializedAsOftenAsItAsks) {
    // Both registrations of DriverEntry in the first round, what those ask for in the second.
    on_driver([] { EXPECT_EQ(reinitialized, (std::vector<ULONG>{1, 1, 2, 2})); });
}

struct ItemRuns {
    KEVENT ran, go;
    int times = 0;
};
ItemRuns runs;

void NTAPI run_item(PVOID, PVOID context, PIO_WORKITEM) {
    ++static_cast<ItemRuns*>(context)->times;
    EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
    KeSetEvent(&runs.ran, 0, FALSE);
}

TEST(WorkItem, ItLivesInTheDriversMemory) {
    on_driver([] {
        PDEVICE_OBJECT device = make_device();
        std::vector<uint64_t> memory(IoSizeofWorkItem() / 8 + 1, ~0ull);
        auto* const item = reinterpret_cast<PIO_WORKITEM>(memory.data());
        KeInitializeEvent(&runs.ran, SynchronizationEvent, FALSE);
        runs.times = 0;
        IoInitializeWorkItem(device, item);
        const int64_t before = object::reference_count(device);
        for (int round = 1; round <= 2; ++round) {
            IoQueueWorkItem(
                item, [](PDEVICE_OBJECT, PVOID context) NTAPI { run_item(nullptr, context, nullptr); },
                round == 1 ? CriticalWorkQueue : DelayedWorkQueue, &runs);
            KeWaitForSingleObject(&runs.ran, Executive, KernelMode, FALSE, nullptr);
            EXPECT_EQ(runs.times, round);
        }
        // The I/O manager holds the device until the routine has returned.
        LARGE_INTEGER nap = {.QuadPart = -10000};
        while (object::reference_count(device) != before) KeDelayExecutionThread(KernelMode, FALSE, &nap);
        IoUninitializeWorkItem(item);
        IoDeleteDevice(device);
    });
}

TEST(WorkItem, OneThatIsQueuedIsNotQueuedAgain) {
    on_driver([] {
        PDEVICE_OBJECT device = make_device();
        KeInitializeEvent(&runs.ran, SynchronizationEvent, FALSE);
        runs.times = 0;
        PIO_WORKITEM item = IoAllocateWorkItem(device);
        const KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);
        EXPECT_TRUE(IoTryQueueWorkItem(item, run_item, DelayedWorkQueue, &runs));
        EXPECT_FALSE(IoTryQueueWorkItem(item, run_item, DelayedWorkQueue, &runs));
        KeLowerIrql(irql);
        KeWaitForSingleObject(&runs.ran, Executive, KernelMode, FALSE, nullptr);
        EXPECT_EQ(runs.times, 1);
        EXPECT_TRUE(IoTryQueueWorkItem(item, run_item, DelayedWorkQueue, &runs));
        KeWaitForSingleObject(&runs.ran, Executive, KernelMode, FALSE, nullptr);
        IoFreeWorkItem(item);
        IoDeleteDevice(device);
    });
}

TEST(RequestQueries, WhoMadeARequest) {
    on_driver([] {
        ULONG session = 7;
        PIRP irp = IoAllocateIrp(1, FALSE);
        EXPECT_EQ(IoGetRequestorSessionId(irp, &session), STATUS_UNSUCCESSFUL);
        EXPECT_EQ(session, ~0u);
        irp->Tail.Overlay.Thread = reinterpret_cast<PETHREAD>(ke::kthread(ke::current_thread()));
        EXPECT_EQ(IoGetRequestorSessionId(irp, &session), STATUS_SUCCESS);
        EXPECT_EQ(session, 0u);
        EXPECT_TRUE(IoIsSystemThread(irp->Tail.Overlay.Thread));
        EXPECT_EQ(IoThreadToProcess(irp->Tail.Overlay.Thread), IoGetRequestorProcess(irp));
        EXPECT_EQ(IoGetPagingIoPriority(irp), IoPagingPriorityInvalid);
        irp->Flags |= IRP_PAGING_IO;
        EXPECT_EQ(IoGetPagingIoPriority(irp), IoPagingPriorityNormal);
        IoFreeIrp(irp);
    });
}

TEST(RequestQueries, TheTopLevelIrpIsTheThreads) {
    on_driver([] {
        PIRP irp = IoAllocateIrp(1, FALSE);
        EXPECT_EQ(IoGetTopLevelIrp(), nullptr);
        IoSetTopLevelIrp(irp);
        EXPECT_EQ(IoGetTopLevelIrp(), irp);
        PIRP elsewhere = irp;
        Thread::start("other", [&] { elsewhere = IoGetTopLevelIrp(); }).join();
        EXPECT_EQ(elsewhere, nullptr);
        IoSetTopLevelIrp(nullptr);
        IoFreeIrp(irp);
    });
}

TEST(RequestQueries, TheStackBeginsAboveItsLocals) {
    on_driver([] {
        ULONG_PTR low, high;
        IoGetStackLimits(&low, &high);
        const auto start = reinterpret_cast<ULONG_PTR>(IoGetInitialStack()),
                   here = reinterpret_cast<ULONG_PTR>(
                       __builtin_frame_address(0));  // locals may be elsewhere under ASan
        EXPECT_EQ(start, high);
        EXPECT_GT(start, here);
        EXPECT_LT(low, here);
    });
}

TEST(RequestQueries, GenericRightsOfFiles) {
    on_driver([] {
        const PGENERIC_MAPPING mapping = IoGetFileObjectGenericMapping();
        ACCESS_MASK access = GENERIC_READ;
        RtlMapGenericMask(&access, mapping);
        EXPECT_EQ(access, static_cast<ACCESS_MASK>(FILE_GENERIC_READ));
        EXPECT_EQ(mapping->GenericAll, 0x1F01FFu);
    });
}

TEST(RequestQueries, VersionsOfWdm) {
    on_driver([] {
        EXPECT_TRUE(IoIsWdmVersionAvailable(1, 0x10));
        EXPECT_TRUE(IoIsWdmVersionAvailable(1, 0x30));
        EXPECT_TRUE(IoIsWdmVersionAvailable(6, 0));
        EXPECT_FALSE(IoIsWdmVersionAvailable(6, 1));
        EXPECT_FALSE(IoIsWdmVersionAvailable(7, 0));
    });
}

}  // namespace
}  // namespace ndiskit::nt
