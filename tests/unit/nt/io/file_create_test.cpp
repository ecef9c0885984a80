// What drivers may ask for when they open files, and files by their objects.
#include <gtest/gtest.h>

#include <vector>

#include "nt/abi/files.h"
#include "nt/io/driver.h"
#include "nt/io/file.h"
#include "nt/ke/thread.h"
#include "nt/object/object.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"
#include "support/control_device.h"
#include "support/irp.h"
#include "support/nt_machine.h"

extern "C" {
PVOID NTAPI IoGetTransactionParameterBlock(PFILE_OBJECT file);
PVOID NTAPI IoGetSiloParameters(PFILE_OBJECT file);
BOOLEAN NTAPI IoSetThreadHardErrorMode(BOOLEAN enable);
NTSTATUS NTAPI IoQueryVolumeInformation(PFILE_OBJECT file, FS_INFORMATION_CLASS information, ULONG size,
                                        PVOID buffer, PULONG returned);
}

namespace ndiskit::nt {
namespace {

struct Level {
    PDEVICE_OBJECT device;
    int creates = 0, cleanups = 0, closes = 0, reads = 0;
};
Level lower, middle, upper;
PECP_LIST extra_seen;
UCHAR flags_seen;
ULONG position_set;
PDRIVER_OBJECT the_driver;

using test::complete;

NTSTATUS NTAPI dispatch(PDEVICE_OBJECT device, PIRP irp) {
    Level& level = device == lower.device ? lower : device == middle.device ? middle : upper;
    const IO_STACK_LOCATION& stack = *IoGetCurrentIrpStackLocation(irp);
    switch (stack.MajorFunction) {
        case IRP_MJ_CREATE:
            ++level.creates;
            flags_seen = stack.Flags;
            IoGetIrpExtraCreateParameter(irp, &extra_seen);
            break;
        case IRP_MJ_CLEANUP:
            ++level.cleanups;
            break;
        case IRP_MJ_CLOSE:
            ++level.closes;
            break;
        case IRP_MJ_READ:
            ++level.reads;
            break;
    }
    if (device != lower.device) {
        IoSkipCurrentIrpStackLocation(irp);
        return IofCallDriver(device->DeviceObjectExtension->AttachedTo, irp);
    }
    if (stack.MajorFunction == IRP_MJ_QUERY_INFORMATION) {
        static_cast<PFILE_STANDARD_INFORMATION>(irp->AssociatedIrp.SystemBuffer)->EndOfFile.QuadPart = 99;
        return complete(irp, STATUS_SUCCESS, sizeof(FILE_STANDARD_INFORMATION));
    }
    if (stack.MajorFunction == IRP_MJ_SET_INFORMATION) position_set = stack.Parameters.SetFile.Length;
    return complete(irp, STATUS_SUCCESS);
}

NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    the_driver = driver;
    for (PDRIVER_DISPATCH& each : driver->MajorFunction) each = dispatch;
    driver->DriverUnload = [](PDRIVER_OBJECT) NTAPI {};
    lower = middle = upper = {};
    UNICODE_STRING name = unicode_string(std::u16string_view(u"\\Device\\Layered"));
    for (Level* level : {&lower, &middle, &upper}) {
        EXPECT_EQ(IoCreateDevice(driver, 0, level == &lower ? &name : nullptr, FILE_DEVICE_NETWORK, 0, FALSE,
                                 &level->device),
                  STATUS_SUCCESS);
        level->device->Flags &= ~static_cast<ULONG>(DO_DEVICE_INITIALIZING);
        if (level != &lower) IoAttachDeviceToDeviceStack(level->device, lower.device);
    }
    return STATUS_SUCCESS;
}

void on_stack(const std::function<void()>& body) {
    test::on_sim([&] {
        io::register_builtin("layered", entry);
        registry::set_string("HKLM\\System\\CurrentControlSet\\Services\\layered", "ImagePath",
                             "builtin:layered");
        ASSERT_TRUE(io::start_service("layered"));
        body();
        for (Level* level : {&upper, &middle, &lower}) {
            if (PDEVICE_OBJECT const below = level->device->DeviceObjectExtension->AttachedTo)
                IoDetachDevice(below);
            IoDeleteDevice(level->device);
        }
        EXPECT_TRUE(io::stop_service("layered"));
    });
}

struct Name {
    explicit Name(std::u16string_view of, ULONG flags = OBJ_KERNEL_HANDLE) : text(unicode_string(of)) {
        attributes.Length = sizeof attributes;
        attributes.ObjectName = &text;
        attributes.Attributes = flags;
    }
    UNICODE_STRING text;
    OBJECT_ATTRIBUTES attributes = {};
};

PFILE_OBJECT file_of(HANDLE handle) {
    PVOID body = nullptr;
    EXPECT_EQ(ObReferenceObjectByHandle(handle, 0, nullptr, KernelMode, &body, nullptr), STATUS_SUCCESS);
    object::dereference(body);
    return static_cast<PFILE_OBJECT>(body);
}

TEST(FileCreate, ABackslashAtTheEndIsANameToTheDriver) {
    on_stack([] {
        for (const auto& [path, seen] : {std::pair{u"\\Device\\Layered", u""},
                                         {u"\\Device\\Layered\\", u"\\"},
                                         {u"\\Device\\Layered\\port\\", u"\\port\\"}}) {
            Name name(path);
            HANDLE handle = nullptr;
            IO_STATUS_BLOCK block = {};
            ASSERT_EQ(IoCreateFile(&handle, FILE_READ_DATA, &name.attributes, &block, nullptr, 0, 0,
                                   FILE_OPEN, 0, nullptr, 0, CreateFileTypeNone, nullptr, 0),
                      STATUS_SUCCESS);
            EXPECT_EQ(view_of(&file_of(handle)->FileName), seen);
            ZwClose(handle);
        }
    });
}

TEST(FileCreate, ADriverOpensADevice) {
    on_stack([] {
        Name name(u"\\Device\\Layered\\port");
        HANDLE handle = nullptr;
        IO_STATUS_BLOCK block = {};
        EXPECT_EQ(IoCreateFile(&handle, FILE_READ_DATA | SYNCHRONIZE, &name.attributes, &block, nullptr, 0, 0,
                               FILE_OPEN, FILE_SYNCHRONOUS_IO_NONALERT, nullptr, 0, CreateFileTypeNone,
                               nullptr, IO_NO_PARAMETER_CHECKING),
                  STATUS_SUCCESS);
        PFILE_OBJECT const file = file_of(handle);
        EXPECT_EQ(view_of(&file->FileName), u"\\port");
        EXPECT_TRUE(file->Flags & FO_SYNCHRONOUS_IO);
        EXPECT_EQ(upper.creates, 1);
        EXPECT_EQ(flags_seen, 0);
        EXPECT_FALSE(IoIsFileObjectIgnoringSharing(file));
        EXPECT_EQ(IoGetTransactionParameterBlock(file), nullptr);
        EXPECT_EQ(IoGetSiloParameters(file), nullptr);
        ZwClose(handle);
        EXPECT_EQ(upper.closes, 1);
        EXPECT_EQ(IoCreateFile(&handle, FILE_READ_DATA, &name.attributes, &block, nullptr, 0, 0, FILE_OPEN, 0,
                               nullptr, 0, CreateFileTypeNamedPipe, nullptr, 0),
                  STATUS_INVALID_PARAMETER);
        Name none(u"\\Device\\NoSuch"), bad(u"NoSuch");
        EXPECT_EQ(IoCreateFile(&handle, FILE_READ_DATA, &none.attributes, &block, nullptr, 0, 0, FILE_OPEN, 0,
                               nullptr, 0, CreateFileTypeNone, nullptr, 0),
                  STATUS_OBJECT_NAME_NOT_FOUND);
        EXPECT_EQ(IoCreateFile(&handle, FILE_READ_DATA, &bad.attributes, &block, nullptr, 0, 0, FILE_OPEN, 0,
                               nullptr, 0, CreateFileTypeNone, nullptr, 0),
                  STATUS_OBJECT_PATH_SYNTAX_BAD);
    });
}

TEST(FileCreate, AHintKeepsRequestsFromTheDevicesAbove) {
    on_stack([] {
        Name name(u"\\Device\\Layered");
        HANDLE handle = nullptr;
        IO_STATUS_BLOCK block = {};
        EXPECT_EQ(IoCreateFileSpecifyDeviceObjectHint(&handle, FILE_READ_DATA | SYNCHRONIZE, &name.attributes,
                                                      &block, nullptr, 0, 0, FILE_OPEN,
                                                      FILE_SYNCHRONOUS_IO_NONALERT, nullptr, 0,
                                                      CreateFileTypeNone, nullptr, 0, middle.device),
                  STATUS_SUCCESS);
        char byte;
        EXPECT_EQ(ZwReadFile(handle, nullptr, nullptr, nullptr, &block, &byte, 1, nullptr, nullptr),
                  STATUS_SUCCESS);
        ZwClose(handle);
        EXPECT_EQ(middle.creates + middle.reads + middle.cleanups + middle.closes, 4);
        EXPECT_EQ(upper.creates + upper.reads + upper.cleanups + upper.closes, 0);
        PDEVICE_OBJECT stranger;
        EXPECT_EQ(IoCreateDevice(the_driver, 0, nullptr, FILE_DEVICE_NETWORK, 0, FALSE, &stranger),
                  STATUS_SUCCESS);
        EXPECT_EQ(IoCreateFileSpecifyDeviceObjectHint(&handle, FILE_READ_DATA, &name.attributes, &block,
                                                      nullptr, 0, 0, FILE_OPEN, 0, nullptr, 0,
                                                      CreateFileTypeNone, nullptr, 0, stranger),
                  STATUS_INVALID_DEVICE_OBJECT_PARAMETER);
        IoDeleteDevice(stranger);
    });
}

TEST(FileCreate, ItsContextCarriesExtraParameters) {
    on_stack([] {
        struct {
            CSHORT size;
            PVOID extra, hint, transaction, silo;
        } context = {40, &lower, nullptr, nullptr, nullptr};
        Name name(u"\\Device\\Layered");
        HANDLE handle = nullptr;
        IO_STATUS_BLOCK block = {};
        const auto create = [&](ULONG options) {
            return IoCreateFileEx(&handle, FILE_READ_DATA, &name.attributes, &block, nullptr, 0, 0, FILE_OPEN,
                                  0, nullptr, 0, CreateFileTypeNone, nullptr, options,
                                  reinterpret_cast<PIO_DRIVER_CREATE_CONTEXT>(&context));
        };
        EXPECT_EQ(create(0x0800 /* IO_IGNORE_SHARE_ACCESS_CHECK */ | 0x0001 /* IO_FORCE_ACCESS_CHECK */),
                  STATUS_SUCCESS);
        EXPECT_EQ(static_cast<PVOID>(extra_seen), &lower);
        EXPECT_TRUE(flags_seen & SL_FORCE_ACCESS_CHECK);
        PFILE_OBJECT const file = file_of(handle);
        EXPECT_TRUE(IoIsFileObjectIgnoringSharing(file));
        // It neither clashes with others nor counts against them.
        FILE_OBJECT other = {};
        SHARE_ACCESS access = {};
        IoSetShareAccess(FILE_READ_DATA, 0, &other, &access);
        EXPECT_EQ(IoCheckShareAccess(FILE_READ_DATA, 0, file, &access, TRUE), STATUS_SUCCESS);
        EXPECT_EQ(access.OpenCount, 1u);
        ZwClose(handle);
        context.size = 8;
        EXPECT_EQ(create(0), STATUS_INVALID_PARAMETER);
    });
}

TEST(FileCreate, SharingIsIgnoredFromTheCallOn) {
    on_stack([] {
        PFILE_OBJECT file = nullptr;
        ASSERT_EQ(io::open_file(u"\\Device\\Layered", {}, &file), STATUS_SUCCESS);
        EXPECT_FALSE(IoIsFileObjectIgnoringSharing(file));
        EXPECT_EQ(IoSetFileObjectIgnoreSharing(file), STATUS_SUCCESS);
        EXPECT_EQ(IoSetFileObjectIgnoreSharing(file), STATUS_SUCCESS);
        EXPECT_TRUE(IoIsFileObjectIgnoringSharing(file));
        object::dereference(file);
    });
}

TEST(ShareAccess, TheFirstOpenSetsWhatOthersMay) {
    FILE_OBJECT first = {}, second = {};
    SHARE_ACCESS access = {};
    access.OpenCount = 7;
    BOOLEAN may_write = TRUE;
    IoSetShareAccessEx(FILE_READ_DATA | FILE_WRITE_DATA, FILE_SHARE_READ, &first, &access, &may_write);
    EXPECT_EQ(access.OpenCount, 1u);
    EXPECT_EQ(access.Readers, 1u);
    EXPECT_EQ(access.Writers, 1u);
    EXPECT_EQ(access.SharedRead, 1u);
    EXPECT_EQ(access.SharedWrite, 0u);
    EXPECT_EQ(IoCheckShareAccess(FILE_READ_DATA, FILE_SHARE_READ, &second, &access, FALSE),
              STATUS_SHARING_VIOLATION);
    EXPECT_EQ(IoCheckShareAccess(FILE_READ_DATA, FILE_SHARE_READ | FILE_SHARE_WRITE, &second, &access, FALSE),
              STATUS_SUCCESS);
}

TEST(FileObjects, QuestionsAndOrdersAboutThem) {
    on_stack([] {
        PFILE_OBJECT file = nullptr;
        ASSERT_EQ(io::open_file(u"\\Device\\Layered", {}, &file), STATUS_SUCCESS);
        ULONG returned = 0;
        FILE_STANDARD_INFORMATION standard = {};
        EXPECT_EQ(
            IoQueryFileInformation(file, FileStandardInformation, sizeof standard, &standard, &returned),
            STATUS_SUCCESS);
        EXPECT_EQ(standard.EndOfFile.QuadPart, 99);
        EXPECT_EQ(returned, sizeof standard);
        FILE_POSITION_INFORMATION position = {};
        position.CurrentByteOffset.QuadPart = 12;
        EXPECT_EQ(IoSetInformation(file, FilePositionInformation, sizeof position, &position),
                  STATUS_SUCCESS);
        EXPECT_EQ(file->CurrentByteOffset.QuadPart, 12);
        EXPECT_EQ(IoSetInformation(file, FilePositionInformation, 2, &position), STATUS_INFO_LENGTH_MISMATCH);
        FILE_BASIC_INFORMATION basic = {};
        EXPECT_EQ(IoSetInformation(file, FileBasicInformation, sizeof basic, &basic), STATUS_SUCCESS);
        EXPECT_EQ(position_set, sizeof basic);
        FILE_FS_DEVICE_INFORMATION device = {};
        EXPECT_EQ(IoQueryVolumeInformation(file, FileFsDeviceInformation, sizeof device, &device, &returned),
                  STATUS_SUCCESS);
        EXPECT_EQ(device.DeviceType, static_cast<ULONG>(FILE_DEVICE_NETWORK));
        object::dereference(file);
    });
}

struct Turns {
    std::vector<PDEVICE_OBJECT> devices;
    IO_ALLOCATION_ACTION action = KeepObject;
};
IO_ALLOCATION_ACTION NTAPI take_turn(PDEVICE_OBJECT device, PIRP irp, PVOID, PVOID context) {
    auto& turns = *static_cast<Turns*>(context);
    EXPECT_EQ(irp, device->CurrentIrp);
    turns.devices.push_back(device);
    return turns.action;
}

TEST(Controllers, DevicesTakeTurns) {
    on_stack([] {
        PCONTROLLER_OBJECT const controller = IoCreateController(100);
        ASSERT_NE(controller, nullptr);
        auto* const extension = reinterpret_cast<char**>(controller)[1];
        EXPECT_EQ(extension[99], 0);
        Turns turns;
        PIRP irp = IoAllocateIrp(1, FALSE);
        lower.device->CurrentIrp = irp;
        const KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);
        IoAllocateController(controller, lower.device, take_turn, &turns);
        IoAllocateController(controller, middle.device, take_turn, &turns);
        IoAllocateController(controller, upper.device, take_turn, &turns);
        EXPECT_EQ(turns.devices, std::vector{lower.device});  // which keeps it
        turns.action = DeallocateObject;
        IoFreeController(controller);
        EXPECT_EQ(turns.devices, (std::vector{lower.device, middle.device, upper.device}));
        IoAllocateController(controller, lower.device, take_turn, &turns);  // it is free at once
        EXPECT_EQ(turns.devices.size(), 4u);
        KeLowerIrql(irql);
        IoDeleteController(controller);
        lower.device->CurrentIrp = nullptr;
        IoFreeIrp(irp);
    });
}

NTSTATUS NTAPI keep_irp(PDEVICE_OBJECT, PIRP, PVOID context) {
    ++*static_cast<int*>(context);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

TEST(HardErrors, AThreadCanTurnThemOff) {
    on_stack([] {
        UNICODE_STRING text = unicode_string(std::u16string_view(u"disk"));
        EXPECT_TRUE(IoRaiseInformationalHardError(STATUS_DEVICE_NOT_READY, &text, nullptr));
        EXPECT_TRUE(IoSetThreadHardErrorMode(FALSE));
        EXPECT_FALSE(IoRaiseInformationalHardError(STATUS_DEVICE_NOT_READY, nullptr, nullptr));
        EXPECT_FALSE(IoRaiseInformationalHardError(STATUS_DEVICE_NOT_READY, nullptr,
                                                   ke::kthread(ke::current_thread())));
        EXPECT_FALSE(IoSetThreadHardErrorMode(TRUE));
        EXPECT_TRUE(IoRaiseInformationalHardError(STATUS_DEVICE_NOT_READY, nullptr,
                                                  ke::kthread(ke::current_thread())));

        int completed = 0;
        PIRP irp = IoAllocateIrp(1, FALSE);
        IoSetCompletionRoutine(irp, keep_irp, &completed, TRUE, TRUE, TRUE);
        IoSetNextIrpStackLocation(irp);
        irp->IoStatus.Status = STATUS_DEVICE_NOT_READY;
        irp->IoStatus.Information = 5;
        IoRaiseHardError(irp, nullptr, lower.device);
        EXPECT_EQ(completed, 1);
        EXPECT_EQ(irp->IoStatus.Status, STATUS_DEVICE_NOT_READY);
        EXPECT_EQ(irp->IoStatus.Information, 0u);
        IoFreeIrp(irp);
    });
}

}  // namespace
}  // namespace ndiskit::nt
