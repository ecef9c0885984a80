#include "nt/io/pnp.h"

#include <gtest/gtest.h>

#include "nt/io/device.h"
#include "nt/io/driver.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_sim;

std::vector<int> minors;
NTSTATUS start_status = STATUS_SUCCESS, query_remove_status = STATUS_SUCCESS;

PDEVICE_OBJECT below(PDEVICE_OBJECT device) { return device->DeviceObjectExtension->AttachedTo; }

NTSTATUS NTAPI pnp_dispatch(PDEVICE_OBJECT device, PIRP irp) {
    const UCHAR minor = IoGetCurrentIrpStackLocation(irp)->MinorFunction;
    minors.push_back(minor);
    NTSTATUS answer = minor == IRP_MN_START_DEVICE          ? start_status
                      : minor == IRP_MN_QUERY_REMOVE_DEVICE ? query_remove_status
                                                            : STATUS_SUCCESS;
    if (!NT_SUCCESS(answer)) {
        irp->IoStatus.Status = answer;
        IofCompleteRequest(irp, IO_NO_INCREMENT);
        return answer;
    }
    irp->IoStatus.Status = STATUS_SUCCESS;
    PDEVICE_OBJECT next = below(device);
    IoSkipCurrentIrpStackLocation(irp);
    answer = IofCallDriver(next, irp);
    if (minor == IRP_MN_REMOVE_DEVICE) {
        IoDetachDevice(next);
        IoDeleteDevice(device);
    }
    return answer;
}

NTSTATUS NTAPI power_dispatch(PDEVICE_OBJECT device, PIRP irp) {
    PoStartNextPowerIrp(irp);
    IoSkipCurrentIrpStackLocation(irp);
    return PoCallDriver(below(device), irp);
}

NTSTATUS NTAPI add_device(PDRIVER_OBJECT driver, PDEVICE_OBJECT physical) {
    PDEVICE_OBJECT device;
    const NTSTATUS status = IoCreateDevice(driver, 0, nullptr, FILE_DEVICE_NETWORK, 0, FALSE, &device);
    if (!NT_SUCCESS(status)) return status;
    IoAttachDeviceToDeviceStack(device, physical);
    WCHAR text[64];
    ULONG needed = 0;
    EXPECT_EQ(IoGetDeviceProperty(physical, DevicePropertyDriverKeyName, sizeof text, text, &needed),
              STATUS_SUCCESS);
    EXPECT_STREQ(to_utf8(text).c_str(), "{net}\\0000");
    EXPECT_EQ(IoGetDeviceProperty(physical, DevicePropertyDriverKeyName, 2, text, &needed),
              STATUS_BUFFER_TOO_SMALL);
    device->Flags &= ~static_cast<ULONG>(DO_DEVICE_INITIALIZING);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    driver->DriverExtension->AddDevice = add_device;
    driver->MajorFunction[IRP_MJ_PNP] = pnp_dispatch;
    driver->MajorFunction[IRP_MJ_POWER] = power_dispatch;
    return STATUS_SUCCESS;
}

constexpr const char* device_key = "HKLM\\System\\CurrentControlSet\\Enum\\ROOT\\NET\\0000";

void on_device(const std::function<void()>& body) {
    on_sim([&] {
        io::register_builtin("pnptest", entry);
        registry::set_string("HKLM\\System\\CurrentControlSet\\Services\\pnptest", "ImagePath",
                             "builtin:pnptest");
        registry::set_string(device_key, "Service", "pnptest");
        registry::set_string(device_key, "Driver", "{net}\\0000");
        body();
    });
}

TEST(Pnp, AStackIsBuiltStartedAndRemoved) {
    on_device([] {
        const auto device = pnp::start_device("ROOT\\NET\\0000");
        ASSERT_TRUE(device) << device.error().text();
        EXPECT_EQ(pnp::instance_of(**device), "ROOT\\NET\\0000");
        EXPECT_EQ(pnp::set_device_power("root\\net\\0000", PowerDeviceD3), STATUS_SUCCESS);
        HANDLE key;
        ASSERT_EQ(IoOpenDeviceRegistryKey(*device, 2, KEY_READ, &key), STATUS_SUCCESS);
        ZwClose(key);
        query_remove_status = STATUS_UNSUCCESSFUL;
        EXPECT_FALSE(pnp::remove_device("ROOT\\NET\\0000"));
        query_remove_status = STATUS_SUCCESS;
        EXPECT_TRUE(pnp::remove_device("ROOT\\NET\\0000"));
        EXPECT_EQ(minors, (std::vector<int>{IRP_MN_START_DEVICE, IRP_MN_QUERY_REMOVE_DEVICE,
                                            IRP_MN_CANCEL_REMOVE_DEVICE, IRP_MN_QUERY_REMOVE_DEVICE,
                                            IRP_MN_REMOVE_DEVICE}));
        EXPECT_FALSE(pnp::find_device("ROOT\\NET\\0000"));
        EXPECT_TRUE(io::devices_of(*io::find_service("pnptest")).empty());
    });
}

TEST(Pnp, ADeviceThatDoesNotStartIsTakenDown) {
    on_device([] {
        start_status = STATUS_DEVICE_CONFIGURATION_ERROR;
        const auto device = pnp::start_device("ROOT\\NET\\0000");
        start_status = STATUS_SUCCESS;
        ASSERT_FALSE(device);
        EXPECT_NE(device.error().text().find("0xC0000182"), std::string::npos) << device.error().text();
        EXPECT_TRUE(io::devices_of(*io::find_service("pnptest")).empty());
        EXPECT_FALSE(pnp::start_device("ROOT\\NET\\0001"));
    });
}

}  // namespace
}  // namespace ndiskit::nt
