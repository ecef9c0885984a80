// What drivers tell the PnP manager, and power requests of their own.
#include <gtest/gtest.h>

#include <algorithm>
#include <vector>

#include "nt/io/container.h"
#include "nt/io/driver.h"
#include "nt/io/file.h"
#include "nt/io/pnp.h"
#include "nt/ke/irql.h"
#include "nt/object/object.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"
#include "support/irp.h"
#include "support/nt_machine.h"

extern "C" {
NTSTATUS NTAPI IoGetDeviceInterfacePropertyData(PUNICODE_STRING link, const DEVPROPKEY* key, LCID language,
                                                ULONG flags, ULONG size, PVOID data, PULONG needed,
                                                PDEVPROPTYPE type);
NTSTATUS NTAPI IoSetDeviceInterfacePropertyData(PUNICODE_STRING link, const DEVPROPKEY* key, LCID language,
                                                ULONG flags, DEVPROPTYPE type, ULONG size, PVOID data);
}

namespace ndiskit::nt {
namespace {

constexpr const char* instance = "ROOT\\NET\\0000";

struct Stack {
    ULONG state = 0;
    bool ejectable = false, refuses_removal = false, keeps_power_requests = false;
    std::vector<int> minors;
    std::vector<POWER_STATE> powers;
    PIRP kept = nullptr;
};
Stack stack;
PDEVICE_OBJECT functional;

using test::complete;

NTSTATUS NTAPI pnp_dispatch(PDEVICE_OBJECT device, PIRP irp) {
    PDEVICE_OBJECT const below = device->DeviceObjectExtension->AttachedTo;
    const IO_STACK_LOCATION& location = *IoGetCurrentIrpStackLocation(irp);
    const int minor = location.MinorFunction;
    EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
    stack.minors.push_back(minor);
    if (minor == IRP_MN_QUERY_PNP_DEVICE_STATE) return complete(irp, STATUS_SUCCESS, stack.state);
    if (minor == IRP_MN_QUERY_REMOVE_DEVICE && stack.refuses_removal)
        return complete(irp, STATUS_UNSUCCESSFUL);
    if (minor == IRP_MN_QUERY_CAPABILITIES)
        location.Parameters.DeviceCapabilities.Capabilities->EjectSupported = stack.ejectable;
    if (minor == IRP_MN_QUERY_DEVICE_RELATIONS) {
        auto* const relations = static_cast<PDEVICE_RELATIONS>(
            ExAllocatePoolWithTag(PagedPool, sizeof(DEVICE_RELATIONS), 'sler'));
        *relations = {1, {below}};
        object::reference(below);
        return complete(irp, STATUS_SUCCESS, reinterpret_cast<ULONG_PTR>(relations));
    }
    irp->IoStatus.Status = STATUS_SUCCESS;
    IoSkipCurrentIrpStackLocation(irp);
    const NTSTATUS status = IofCallDriver(below, irp);
    if (minor == IRP_MN_REMOVE_DEVICE) {
        IoDetachDevice(below);
        IoDeleteDevice(device);
    }
    return status;
}

NTSTATUS NTAPI power_dispatch(PDEVICE_OBJECT device, PIRP irp) {
    const IO_STACK_LOCATION& location = *IoGetCurrentIrpStackLocation(irp);
    if (location.MinorFunction == IRP_MN_WAIT_WAKE) {
        IoMarkIrpPending(irp);
        stack.kept = irp;
        return STATUS_PENDING;
    }
    stack.powers.push_back(location.Parameters.Power.State);
    IoSkipCurrentIrpStackLocation(irp);
    return PoCallDriver(device->DeviceObjectExtension->AttachedTo, irp);
}

NTSTATUS NTAPI add_device(PDRIVER_OBJECT driver, PDEVICE_OBJECT physical) {
    EXPECT_EQ(IoCreateDevice(driver, 0, nullptr, FILE_DEVICE_NETWORK, 0, FALSE, &functional), STATUS_SUCCESS);
    IoAttachDeviceToDeviceStack(functional, physical);
    functional->Flags &= ~static_cast<ULONG>(DO_DEVICE_INITIALIZING);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    driver->DriverExtension->AddDevice = add_device;
    driver->MajorFunction[IRP_MJ_PNP] = pnp_dispatch;
    driver->MajorFunction[IRP_MJ_POWER] = power_dispatch;
    for (int major : {IRP_MJ_CREATE, IRP_MJ_CLEANUP, IRP_MJ_CLOSE})
        driver->MajorFunction[major] = [](PDEVICE_OBJECT, PIRP irp)
                                           NTAPI { return complete(irp, STATUS_SUCCESS); };
    return STATUS_SUCCESS;
}

void on_device(const std::function<void(PDEVICE_OBJECT physical)>& body) {
    test::on_sim([&] {
        stack = Stack();
        io::register_builtin("evtest", entry);
        registry::set_string("HKLM\\System\\CurrentControlSet\\Services\\evtest", "ImagePath",
                             "builtin:evtest");
        registry::set_string(std::string("HKLM\\System\\CurrentControlSet\\Enum\\") + instance, "Service",
                             "evtest");
        const auto device = pnp::start_device(instance);
        ASSERT_TRUE(device) << device.error().text();
        stack.minors.clear();
        body(*device);
        if (pnp::find_device(instance)) {
            EXPECT_TRUE(pnp::remove_device(instance));
        }
    });
}

// Until the manager, which works on a thread of its own, has sent `minor`.
void wait_for(int minor) {
    LARGE_INTEGER nap = {.QuadPart = -10000};
    while (std::ranges::find(stack.minors, minor) == stack.minors.end())
        KeDelayExecutionThread(KernelMode, FALSE, &nap);
}

TEST(PnpEvents, AStateThatChangedIsAskedForFromDispatchLevel) {
    on_device([](PDEVICE_OBJECT physical) {
        stack.state = PNP_DEVICE_NOT_DISABLEABLE;
        const KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);
        IoInvalidateDeviceState(physical);
        EXPECT_TRUE(stack.minors.empty());
        KeLowerIrql(irql);
        wait_for(IRP_MN_QUERY_PNP_DEVICE_STATE);
        EXPECT_TRUE(pnp::find_device(instance));
        // One that failed is taken away.
        stack.state = PNP_DEVICE_FAILED;
        IoInvalidateDeviceState(physical);
        wait_for(IRP_MN_REMOVE_DEVICE);
        EXPECT_EQ(stack.minors,
                  (std::vector<int>{IRP_MN_QUERY_PNP_DEVICE_STATE, IRP_MN_QUERY_PNP_DEVICE_STATE,
                                    IRP_MN_SURPRISE_REMOVAL, IRP_MN_REMOVE_DEVICE}));
    });
}

TEST(PnpEvents, RelationsThatChangedAreAskedForWhenTheyMatter) {
    on_device([](PDEVICE_OBJECT physical) {
        const int64_t before = object::reference_count(physical);
        IoInvalidateDeviceRelations(physical, EjectionRelations);
        IoInvalidateDeviceRelations(physical, BusRelations);
        wait_for(IRP_MN_QUERY_DEVICE_RELATIONS);
        EXPECT_EQ(stack.minors, std::vector<int>{IRP_MN_QUERY_DEVICE_RELATIONS});
        LARGE_INTEGER nap = {.QuadPart = -10000};
        while (object::reference_count(physical) != before) KeDelayExecutionThread(KernelMode, FALSE, &nap);
    });
}

NTSTATUS ejected = 1;
void NTAPI note_eject(NTSTATUS status, PVOID context) { *static_cast<NTSTATUS*>(context) = status; }

TEST(PnpEvents, AnEjectedDeviceIsRemovedInOrder) {
    on_device([](PDEVICE_OBJECT physical) {
        stack.ejectable = true;
        IoRequestDeviceEject(physical);
        wait_for(IRP_MN_REMOVE_DEVICE);
        EXPECT_EQ(stack.minors, (std::vector<int>{IRP_MN_QUERY_CAPABILITIES, IRP_MN_QUERY_REMOVE_DEVICE,
                                                  IRP_MN_REMOVE_DEVICE}));
    });
}

TEST(PnpEvents, ADriverCanRefuseAnEject) {
    on_device([](PDEVICE_OBJECT physical) {
        stack.refuses_removal = true;
        ejected = 1;
        EXPECT_EQ(IoRequestDeviceEjectEx(physical, note_eject, &ejected, functional->DriverObject),
                  STATUS_SUCCESS);
        LARGE_INTEGER nap = {.QuadPart = -10000};
        while (ejected == 1) KeDelayExecutionThread(KernelMode, FALSE, &nap);
        EXPECT_EQ(ejected, STATUS_UNSUCCESSFUL);
        EXPECT_TRUE(pnp::find_device(instance));
        EXPECT_EQ(IoRequestDeviceEjectEx(functional, note_eject, &ejected, nullptr),
                  STATUS_INVALID_DEVICE_REQUEST);
        stack.refuses_removal = false;
        ejected = 1;
        EXPECT_EQ(IoRequestDeviceEjectEx(physical, note_eject, &ejected, nullptr), STATUS_SUCCESS);
        while (ejected == 1) KeDelayExecutionThread(KernelMode, FALSE, &nap);
        EXPECT_EQ(ejected, STATUS_SUCCESS);
        EXPECT_FALSE(pnp::find_device(instance));
    });
}

struct Heard {
    int times = 0;
    PFILE_OBJECT file = nullptr;
    uint8_t data = 0;
    bool complete = false;
};

NTSTATUS NTAPI hear(PVOID notification, PVOID context) {
    auto& heard = *static_cast<Heard*>(context);
    const auto& change = *static_cast<PTARGET_DEVICE_CUSTOM_NOTIFICATION>(notification);
    ++heard.times;
    heard.file = change.FileObject;
    heard.data = change.CustomDataBuffer[0];
    return STATUS_SUCCESS;
}

TEST(PnpEvents, CustomEventsReachWhoHasTheDeviceOpen) {
    on_device([](PDEVICE_OBJECT physical) {
        PFILE_OBJECT file = nullptr;
        ASSERT_EQ(io::open_file(object::name_of(physical), {}, &file), STATUS_SUCCESS);
        Heard heard;
        PVOID entry_of = nullptr;
        EXPECT_EQ(IoRegisterPlugPlayNotification(EventCategoryTargetDeviceChange, 0, file,
                                                 functional->DriverObject, hear, &heard, &entry_of),
                  STATUS_SUCCESS);
        TARGET_DEVICE_CUSTOM_NOTIFICATION change = {1, sizeof change, {1, 2, 3, {}}, nullptr, -1, {7}};
        EXPECT_EQ(IoReportTargetDeviceChange(physical, &change), STATUS_SUCCESS);
        EXPECT_EQ(heard.times, 1);
        EXPECT_EQ(heard.file, file);
        EXPECT_EQ(heard.data, 7);

        // The asynchronous form keeps a copy.
        change.CustomDataBuffer[0] = 8;
        const KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);
        EXPECT_EQ(IoReportTargetDeviceChangeAsynchronous(
                      physical, &change,
                      [](PVOID context) NTAPI { static_cast<Heard*>(context)->complete = true; }, &heard),
                  STATUS_PENDING);
        EXPECT_EQ(heard.times, 1);
        KeLowerIrql(irql);
        change.CustomDataBuffer[0] = 9;
        LARGE_INTEGER nap = {.QuadPart = -10000};
        while (!heard.complete) KeDelayExecutionThread(KernelMode, FALSE, &nap);
        EXPECT_EQ(heard.times, 2);
        EXPECT_EQ(heard.data, 8);

        // The events of PnP are PnP's own.
        change.Event = {0xcb3a4006, 0x46f0, 0x11d0, {0xb0, 0x8f, 0x00, 0x60, 0x97, 0x13, 0x05, 0x3f}};
        EXPECT_EQ(IoReportTargetDeviceChange(physical, &change), STATUS_INVALID_DEVICE_REQUEST);
        EXPECT_EQ(IoReportTargetDeviceChangeAsynchronous(physical, &change, nullptr, nullptr),
                  STATUS_INVALID_DEVICE_REQUEST);
        EXPECT_EQ(IoUnregisterPlugPlayNotificationEx(entry_of), STATUS_SUCCESS);
        object::dereference(file);
    });
}

struct Powered {
    PDEVICE_OBJECT device;
    UCHAR minor;
    POWER_STATE state;
    NTSTATUS status;
    int times = 0;
};
void NTAPI note_power(PDEVICE_OBJECT device, UCHAR minor, POWER_STATE state, PVOID context,
                      PIO_STATUS_BLOCK block) {
    auto& powered = *static_cast<Powered*>(context);
    powered = {device, minor, state, block->Status, powered.times + 1};
}

TEST(PowerRequests, TheyGoToTheTopOfTheStackAndTellHowTheyEnded) {
    on_device([](PDEVICE_OBJECT physical) {
        Powered powered = {};
        POWER_STATE state = {.DeviceState = PowerDeviceD2};
        EXPECT_EQ(PoRequestPowerIrp(physical, IRP_MN_POWER_SEQUENCE, state, note_power, &powered, nullptr),
                  STATUS_INVALID_PARAMETER_2);
        EXPECT_EQ(powered.times, 0);
        const KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);
        EXPECT_EQ(PoRequestPowerIrp(physical, IRP_MN_SET_POWER, state, note_power, &powered, nullptr),
                  STATUS_PENDING);
        KeLowerIrql(irql);
        EXPECT_EQ(powered.times, 1);
        EXPECT_EQ(powered.device, physical);
        EXPECT_EQ(powered.minor, IRP_MN_SET_POWER);
        EXPECT_EQ(powered.state.DeviceState, PowerDeviceD2);
        EXPECT_EQ(powered.status, STATUS_SUCCESS);
        EXPECT_EQ(stack.powers.size(), 1u);
        // Nobody needs to hear of it.
        EXPECT_EQ(PoRequestPowerIrp(physical, IRP_MN_QUERY_POWER, state, nullptr, nullptr, nullptr),
                  STATUS_PENDING);

        // A wait/wake IRP stays until something wakes the device, and can be cancelled until then.
        PIRP waiting = nullptr;
        POWER_STATE wake = {.SystemState = PowerSystemSleeping3};
        EXPECT_EQ(PoRequestPowerIrp(physical, IRP_MN_WAIT_WAKE, wake, note_power, &powered, &waiting),
                  STATUS_PENDING);
        EXPECT_NE(waiting, nullptr);
        EXPECT_EQ(stack.kept, waiting);
        EXPECT_EQ(powered.times, 1);
        EXPECT_FALSE(IoCancelIrp(waiting));
        EXPECT_TRUE(waiting->Cancel);
        complete(waiting, STATUS_CANCELLED);
        EXPECT_EQ(powered.times, 2);
        EXPECT_EQ(powered.status, STATUS_CANCELLED);
    });
}

TEST(PowerRequests, ADriverTellsWhatStateItsDeviceIsIn) {
    on_device([](PDEVICE_OBJECT) {
        POWER_STATE state = {.DeviceState = PowerDeviceD3};
        PoSetPowerState(functional, DevicePowerState, state);
        state.DeviceState = PowerDeviceD0;
        EXPECT_EQ(PoSetPowerState(functional, DevicePowerState, state).DeviceState, PowerDeviceD3);
        EXPECT_EQ(PoSetPowerState(functional, DevicePowerState, state).DeviceState, PowerDeviceD0);
        const KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);
        PoSetSystemState(1 /* ES_SYSTEM_REQUIRED */);
        KeLowerIrql(irql);
    });
}

TEST(DeviceQueries, TheNodeOfADevice) {
    on_device([](PDEVICE_OBJECT physical) {
        USHORT node = 9;
        EXPECT_EQ(IoGetDeviceNumaNode(physical, &node), STATUS_SUCCESS);
        EXPECT_EQ(node, 0);
        EXPECT_EQ(IoGetDeviceNumaNode(nullptr, &node), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(IoGetDeviceNumaNode(functional, &node), STATUS_INVALID_PARAMETER);
    });
}

TEST(DeviceInterface, ItHasPropertiesOfItsOwn) {
    on_device([](PDEVICE_OBJECT physical) {
        constexpr GUID device_class = {5, 5, 5, {}};
        constexpr DEVPROPKEY key = {{6, 6, 6, {}}, 2};
        UNICODE_STRING link = {};
        ASSERT_EQ(IoRegisterDeviceInterface(physical, &device_class, nullptr, &link), STATUS_SUCCESS);
        ULONG value = 42, found = 0, needed = 0;
        DEVPROPTYPE type = 0;
        EXPECT_EQ(IoGetDeviceInterfacePropertyData(&link, &key, 0, 0, 4, &found, &needed, &type),
                  STATUS_OBJECT_NAME_NOT_FOUND);
        EXPECT_EQ(IoSetDeviceInterfacePropertyData(&link, &key, 0, 0, 7 /* DEVPROP_TYPE_UINT32 */, 4, &value),
                  STATUS_SUCCESS);
        EXPECT_EQ(IoGetDeviceInterfacePropertyData(&link, &key, 0, 0, 2, &found, &needed, &type),
                  STATUS_BUFFER_TOO_SMALL);
        EXPECT_EQ(needed, 4u);
        EXPECT_EQ(IoGetDeviceInterfacePropertyData(&link, &key, 0, 0, 4, &found, &needed, &type),
                  STATUS_SUCCESS);
        EXPECT_EQ(found, 42u);
        EXPECT_EQ(type, 7u);
        EXPECT_EQ(IoSetDeviceInterfacePropertyData(&link, &key, 1033, 0, 7, 4, &value),
                  STATUS_INVALID_PARAMETER);
        EXPECT_EQ(IoSetDeviceInterfacePropertyData(&link, &key, 0, 0, 7, 0, nullptr), STATUS_SUCCESS);
        EXPECT_EQ(IoGetDeviceInterfacePropertyData(&link, &key, 0, 0, 4, &found, &needed, &type),
                  STATUS_OBJECT_NAME_NOT_FOUND);
        UNICODE_STRING none = unicode_string(std::u16string_view(u"\\??\\NoSuch"));
        EXPECT_EQ(IoSetDeviceInterfacePropertyData(&none, &key, 0, 0, 7, 4, &value),
                  STATUS_OBJECT_NAME_NOT_FOUND);
        RtlFreeUnicodeString(&link);
    });
}

TEST(Containers, RegistrationsAreChecked) {
    on_device([](PDEVICE_OBJECT physical) {
        const auto callback = [] { return STATUS_SUCCESS; };
        PVOID registration = nullptr, second = nullptr;
        IO_SESSION_STATE_NOTIFICATION wanted = {sizeof wanted, 0, functional, 0xFFFFFFFF, nullptr};
        const auto ask = [&](int kind, ULONG size, PVOID* result) {
            return IoRegisterContainerNotification(
                static_cast<IO_CONTAINER_NOTIFICATION_CLASS>(kind),
                reinterpret_cast<PIO_CONTAINER_NOTIFICATION_FUNCTION>(+callback), &wanted, size, result);
        };
        EXPECT_EQ(ask(1, sizeof wanted, &registration), STATUS_INVALID_PARAMETER_1);
        EXPECT_EQ(ask(0, sizeof wanted - 1, &registration), STATUS_INVALID_PARAMETER_4);
        wanted.EventMask = 0;
        EXPECT_EQ(ask(0, sizeof wanted, &registration), STATUS_INVALID_PARAMETER_3);
        wanted.EventMask = 0x80;
        EXPECT_EQ(ask(0, sizeof wanted, &registration), STATUS_INVALID_PARAMETER_3);
        wanted.EventMask = 3;
        EXPECT_EQ(ask(0, sizeof wanted, &registration), STATUS_SUCCESS);
        EXPECT_EQ(ask(0, sizeof wanted, &second), STATUS_ALREADY_COMMITTED);
        wanted.IoObject = physical;
        EXPECT_EQ(ask(0, sizeof wanted, &second), STATUS_SUCCESS);
        const int64_t held = object::reference_count(functional);
        IoUnregisterContainerNotification(registration);
        EXPECT_EQ(object::reference_count(functional), held - 1);
        IoUnregisterContainerNotification(second);
        IO_SESSION_STATE_INFORMATION information;
        const auto state = IoSessionStateInformation;
        EXPECT_EQ(IoGetContainerInformation(state, nullptr, &information, sizeof information),
                  STATUS_INVALID_PARAMETER_2);
        EXPECT_EQ(IoGetContainerInformation(state, nullptr, &information, 1), STATUS_INVALID_PARAMETER_4);
        EXPECT_EQ(IoGetContainerInformation(static_cast<IO_CONTAINER_INFORMATION_CLASS>(3), nullptr,
                                            &information, sizeof information),
                  STATUS_INVALID_PARAMETER_1);
    });
}

}  // namespace
}  // namespace ndiskit::nt
