// Devices that drivers find themselves, the resources they claim, and names of files and volumes.
#include <gtest/gtest.h>

#include <filesystem>
#include <vector>

#include "nt/abi/hal.h"
#include "nt/files/file_system.h"
#include "nt/io/device.h"
#include "nt/io/driver.h"
#include "nt/io/file.h"
#include "nt/io/pnp.h"
#include "nt/object/object.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"
#include "support/nt_machine.h"

extern "C" NTSTATUS NTAPI IoVolumeDeviceToDosName(PVOID volume, PUNICODE_STRING name);

namespace ndiskit::nt {
namespace {

namespace fs = std::filesystem;

PDRIVER_OBJECT the_driver;
PDEVICE_OBJECT functional;
bool report_root;
std::vector<int> minors;
int added;

NTSTATUS NTAPI dispatch(PDEVICE_OBJECT device, PIRP irp) {
    const IO_STACK_LOCATION& stack = *IoGetCurrentIrpStackLocation(irp);
    PDEVICE_OBJECT const below = device->DeviceObjectExtension->AttachedTo;
    irp->IoStatus.Status = STATUS_SUCCESS;
    if (stack.MajorFunction != IRP_MJ_PNP) {
        IofCompleteRequest(irp, IO_NO_INCREMENT);
        return STATUS_SUCCESS;
    }
    minors.push_back(stack.MinorFunction);
    const bool removes = stack.MinorFunction == IRP_MN_REMOVE_DEVICE;
    IoSkipCurrentIrpStackLocation(irp);
    const NTSTATUS status = IofCallDriver(below, irp);
    if (removes) {
        IoDetachDevice(below);
        IoDeleteDevice(device);
    }
    return status;
}

NTSTATUS attach_to(PDEVICE_OBJECT physical) {
    EXPECT_EQ(IoCreateDevice(the_driver, 0, nullptr, FILE_DEVICE_NETWORK, 0, FALSE, &functional),
              STATUS_SUCCESS);
    IoAttachDeviceToDeviceStack(functional, physical);
    functional->Flags &= ~static_cast<ULONG>(DO_DEVICE_INITIALIZING);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI add_device(PDRIVER_OBJECT, PDEVICE_OBJECT physical) {
    ++added;
    return attach_to(physical);
}

NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    the_driver = driver;
    minors.clear();
    added = 0;
    for (PDRIVER_DISPATCH& each : driver->MajorFunction) each = dispatch;
    driver->DriverUnload = [](PDRIVER_OBJECT) NTAPI {};
    if (report_root) {
        EXPECT_EQ(IoReportRootDevice(driver), STATUS_SUCCESS);
        EXPECT_EQ(IoReportRootDevice(driver), STATUS_SUCCESS);  // one device all the same
    }
    driver->DriverExtension->AddDevice = add_device;
    return STATUS_SUCCESS;
}

void on_driver(bool root, const std::function<void()>& body) {
    test::on_sim([&] {
        report_root = root;
        io::register_builtin("finder", entry);
        registry::set_string("HKLM\\System\\CurrentControlSet\\Services\\finder", "ImagePath",
                             "builtin:finder");
        ASSERT_TRUE(io::start_service("finder"));
        body();
    });
}

void nap() {
    LARGE_INTEGER time = {.QuadPart = -10000};
    KeDelayExecutionThread(KernelMode, FALSE, &time);
}

TEST(ReportedDevices, ARootDeviceIsStartedAfterDriverEntry) {
    on_driver(true, [] {
        while (!pnp::find_device("ROOT\\finder\\0000") || minors.empty()) nap();
        EXPECT_EQ(added, 1);
        EXPECT_EQ(minors, std::vector<int>{IRP_MN_START_DEVICE});
        EXPECT_EQ(pnp::started_devices().size(), 1u);
        EXPECT_EQ(registry::get_multi_string("HKLM\\System\\CurrentControlSet\\Enum\\ROOT\\finder\\0000",
                                             "HardwareID"),
                  std::vector<std::string>{"ROOT\\finder"});
        EXPECT_TRUE(pnp::remove_device("ROOT\\finder\\0000"));
        // From elsewhere than DriverEntry it comes as well.
        EXPECT_EQ(IoReportRootDevice(the_driver), STATUS_SUCCESS);
        while (added < 2) nap();
        while (!pnp::find_device("ROOT\\finder\\0000")) nap();
        EXPECT_TRUE(pnp::remove_device("ROOT\\finder\\0000"));
    });
}

TEST(ReportedDevices, ADetectedDeviceCountsAsStarted) {
    on_driver(false, [] {
        PDEVICE_OBJECT physical = nullptr;
        EXPECT_EQ(IoReportDetectedDevice(the_driver, Isa, ~0u, ~0u, nullptr, nullptr, FALSE, &physical),
                  STATUS_SUCCESS);
        ASSERT_NE(physical, nullptr);
        EXPECT_EQ(pnp::instance_of(*physical), "ROOT\\finder\\0000");
        attach_to(physical);
        EXPECT_EQ(added, 0);
        EXPECT_TRUE(minors.empty());
        const std::string key = "HKLM\\System\\CurrentControlSet\\Enum\\ROOT\\finder\\0000";
        EXPECT_EQ(registry::get_multi_string(key, "CompatibleIDs"),
                  (std::vector<std::string>{"DETECTEDInternal\\finder", "DETECTED\\finder"}));
        // It gets all other requests; the machine starts it like any other device the next time.
        EXPECT_TRUE(pnp::remove_device("ROOT\\finder\\0000"));
        EXPECT_EQ(minors, (std::vector<int>{IRP_MN_QUERY_REMOVE_DEVICE, IRP_MN_REMOVE_DEVICE}));
        EXPECT_TRUE(pnp::start_device("ROOT\\finder\\0000"));
        EXPECT_EQ(added, 1);

        // With a physical device object of the driver's own, which stays the driver's.
        PDEVICE_OBJECT own = nullptr;
        EXPECT_EQ(IoCreateDevice(the_driver, 0, nullptr, FILE_DEVICE_NETWORK, 0, FALSE, &own),
                  STATUS_SUCCESS);
        own->Flags &= ~static_cast<ULONG>(DO_DEVICE_INITIALIZING);
        PDEVICE_OBJECT given = own;
        EXPECT_EQ(IoReportDetectedDevice(the_driver, Isa, ~0u, ~0u, nullptr, nullptr, TRUE, &given),
                  STATUS_SUCCESS);
        EXPECT_EQ(given, own);
        EXPECT_EQ(pnp::instance_of(*own), "ROOT\\finder\\0001");
        EXPECT_TRUE(pnp::remove_device("ROOT\\finder\\0000"));
    });
}

CM_RESOURCE_LIST ports(ULONG first, ULONG length,
                       CM_SHARE_DISPOSITION share = CmResourceShareDeviceExclusive) {
    CM_RESOURCE_LIST list = {};
    list.Count = 1;
    list.List[0].InterfaceType = Isa;
    list.List[0].PartialResourceList.Count = 1;
    auto& one = list.List[0].PartialResourceList.PartialDescriptors[0];
    one.Type = CmResourceTypePort;
    one.ShareDisposition = static_cast<UCHAR>(share);
    one.u.Port.Start.QuadPart = first;
    one.u.Port.Length = length;
    return list;
}

TEST(ReportedDevices, ResourcesGoToOneOwner) {
    on_driver(false, [] {
        PDEVICE_OBJECT first, second;
        for (PDEVICE_OBJECT* device : {&first, &second})
            EXPECT_EQ(IoCreateDevice(the_driver, 0, nullptr, FILE_DEVICE_NETWORK, 0, FALSE, device),
                      STATUS_SUCCESS);
        BOOLEAN conflict = TRUE;
        const auto claim = [&](PDEVICE_OBJECT device, CM_RESOURCE_LIST list,
                               ULONG size = sizeof(CM_RESOURCE_LIST)) {
            return IoReportResourceForDetection(the_driver, nullptr, 0, device, &list, size, &conflict);
        };
        EXPECT_EQ(claim(first, ports(0x300, 16)), STATUS_SUCCESS);
        EXPECT_FALSE(conflict);
        EXPECT_EQ(claim(second, ports(0x30F, 4)), STATUS_CONFLICTING_ADDRESSES);
        EXPECT_TRUE(conflict);
        EXPECT_EQ(claim(second, ports(0x310, 4)), STATUS_SUCCESS);
        EXPECT_FALSE(conflict);
        // A new list replaces the old one; an empty one gives all back.
        EXPECT_EQ(claim(first, ports(0x400, 16)), STATUS_SUCCESS);
        EXPECT_EQ(claim(second, ports(0x300, 16)), STATUS_SUCCESS);
        CM_RESOURCE_LIST none = {};
        EXPECT_EQ(claim(second, none), STATUS_SUCCESS);
        EXPECT_EQ(claim(first, ports(0x300, 16)), STATUS_SUCCESS);
        // What both share is no conflict.
        EXPECT_EQ(claim(first, ports(0x500, 8, CmResourceShareShared)), STATUS_SUCCESS);
        EXPECT_EQ(claim(second, ports(0x500, 8, CmResourceShareShared)), STATUS_SUCCESS);
        EXPECT_EQ(claim(second, ports(0x500, 8), 8), STATUS_UNSUCCESSFUL);  // a list that is cut
        CM_RESOURCE_LIST of_driver = ports(0x600, 8);
        EXPECT_EQ(IoReportResourceForDetection(the_driver, &of_driver, sizeof of_driver, nullptr, nullptr, 0,
                                               &conflict),
                  STATUS_SUCCESS);
        EXPECT_EQ(claim(first, ports(0x607, 1)), STATUS_CONFLICTING_ADDRESSES);
        // A detected device claims what was not claimed before.
        CM_RESOURCE_LIST taken = ports(0x604, 1);
        PDEVICE_OBJECT physical = nullptr;
        EXPECT_EQ(IoReportDetectedDevice(the_driver, Isa, 0, ~0u, &taken, nullptr, FALSE, &physical),
                  STATUS_CONFLICTING_ADDRESSES);
        EXPECT_TRUE(pnp::started_devices().empty());
        IoDeleteDevice(first);
        IoDeleteDevice(second);
    });
}

TEST(DosNames, ALetterLeadsToAVolume) {
    char base[] = "/tmp/ndiskit-letters-XXXXXX";
    const fs::path root = ::mkdtemp(base);
    fs::create_directories(root / "Windows");
    on_driver(false, [&] {
        ASSERT_TRUE(files::mount(root));
        PFILE_OBJECT file = nullptr;
        ASSERT_EQ(io::open_file(u"\\??\\C:\\Windows", {.access = FILE_READ_DATA}, &file), STATUS_SUCCESS);
        UNICODE_STRING letter;
        EXPECT_EQ(IoVolumeDeviceToDosName(file->DeviceObject, &letter), STATUS_SUCCESS);
        EXPECT_EQ(view_of(&letter), u"C:");
        ExFreePool(letter.Buffer);
        POBJECT_NAME_INFORMATION name = nullptr;
        EXPECT_EQ(IoQueryFileDosDeviceName(file, &name), STATUS_SUCCESS);
        EXPECT_EQ(view_of(&name->Name), u"C:\\Windows");
        ExFreePool(name);
        char16_t other[] = u"\\Elsewhere";
        EXPECT_EQ(IoReplaceFileObjectName(file, reinterpret_cast<PWSTR>(other), 20), STATUS_SUCCESS);
        EXPECT_EQ(view_of(&file->FileName), u"\\Elsewhere");
        FILE_OBJECT unnamed = {};
        EXPECT_EQ(IoReplaceFileObjectName(&unnamed, reinterpret_cast<PWSTR>(other), 20),
                  STATUS_INVALID_PARAMETER);
        PDEVICE_OBJECT nameless;
        EXPECT_EQ(IoCreateDevice(the_driver, 0, nullptr, FILE_DEVICE_NETWORK, 0, FALSE, &nameless),
                  STATUS_SUCCESS);
        EXPECT_EQ(IoVolumeDeviceToDosName(nameless, &letter), STATUS_OBJECT_NAME_NOT_FOUND);
        IoDeleteDevice(nameless);
        object::dereference(file);
        EXPECT_TRUE(files::unmount());
    });
    fs::remove_all(root);
}

}  // namespace
}  // namespace ndiskit::nt
