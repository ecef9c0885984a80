// What drivers tell the power manager: requests for the system, which IRP woke it, idle devices.
#include <gtest/gtest.h>

#include <vector>

#include "nt/abi.h"
#include "nt/io/device.h"
#include "nt/io/driver.h"
#include "nt/registry/registry.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

PDEVICE_OBJECT device;
std::vector<DEVICE_POWER_STATE> asked;

NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    driver->DriverUnload = [](PDRIVER_OBJECT) NTAPI { IoDeleteDevice(device); };
    driver->MajorFunction[IRP_MJ_POWER] = [](PDEVICE_OBJECT, PIRP irp) NTAPI -> NTSTATUS {
        EXPECT_EQ(IoGetCurrentIrpStackLocation(irp)->MinorFunction, IRP_MN_SET_POWER);
        asked.push_back(IoGetCurrentIrpStackLocation(irp)->Parameters.Power.State.DeviceState);
        irp->IoStatus.Status = STATUS_SUCCESS;
        IofCompleteRequest(irp, IO_NO_INCREMENT);
        return STATUS_SUCCESS;
    };
    return IoCreateDevice(driver, 0, nullptr, FILE_DEVICE_NETWORK, 0, FALSE, &device);
}

void with_device(const std::function<void()>& body) {
    test::on_sim([&] {
        asked.clear();
        io::register_builtin("powertest", entry);
        registry::set_string("HKLM\\System\\CurrentControlSet\\Services\\powertest", "ImagePath",
                             "builtin:powertest");
        ASSERT_TRUE(io::start_service("powertest"));
        body();
        ASSERT_TRUE(io::stop_service("powertest"));
    });
}

void sleep_seconds(int seconds) {
    LARGE_INTEGER time{.QuadPart = -10'000'000LL * seconds};
    KeDelayExecutionThread(KernelMode, FALSE, &time);
}

TEST(PowerRequest, IsCountedByType) {
    with_device([] {
        PVOID request = &request;
        EXPECT_EQ(PoCreatePowerRequest(&request, nullptr, nullptr), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(request, nullptr);
        ASSERT_EQ(PoCreatePowerRequest(&request, device, nullptr), STATUS_SUCCESS);
        EXPECT_EQ(PoSetPowerRequest(request, PowerRequestSystemRequired), STATUS_SUCCESS);
        EXPECT_EQ(PoSetPowerRequest(request, PowerRequestSystemRequired), STATUS_SUCCESS);
        EXPECT_EQ(PoSetPowerRequest(request, static_cast<POWER_REQUEST_TYPE>(9)), STATUS_NOT_SUPPORTED);
        EXPECT_EQ(PoClearPowerRequest(request, static_cast<POWER_REQUEST_TYPE>(9)), STATUS_NOT_SUPPORTED);
        EXPECT_EQ(PoClearPowerRequest(request, PowerRequestSystemRequired), STATUS_SUCCESS);
        EXPECT_EQ(PoClearPowerRequest(request, PowerRequestSystemRequired), STATUS_SUCCESS);
        EXPECT_FALSE(NT_SUCCESS(PoClearPowerRequest(request, PowerRequestSystemRequired)));
        PoDeletePowerRequest(request);
        const PVOID state = PoRegisterSystemState(nullptr, 1);
        ASSERT_NE(state, nullptr);
        EXPECT_EQ(PoRegisterSystemState(state, 3), state) << "changed, not made anew";
        PoUnregisterSystemState(state);
    });
}

TEST(PowerRequest, AWakeMarkStaysWithItsIrp) {
    with_device([] {
        PIRP irp = IoAllocateIrp(1, FALSE), other = IoAllocateIrp(1, FALSE);
        EXPECT_FALSE(PoGetSystemWake(irp));
        PoSetSystemWake(irp);
        EXPECT_TRUE(PoGetSystemWake(irp));
        EXPECT_FALSE(PoGetSystemWake(other));
        IoFreeIrp(irp);
        IoFreeIrp(other);
        ULONG seconds = 0;
        EXPECT_FALSE(PoQueryWatchdogTime(device, &seconds));
        PoSetHiberRange(nullptr, 0, &seconds, sizeof seconds, 0);
    });
}

TEST(IdleDetection, AsksForTheStateWhenTheDeviceWasIdleForItsTime) {
    with_device([] {
        EXPECT_EQ(PoRegisterDeviceForIdleDetection(device, ~0u, ~0u, PowerDeviceD3), nullptr)
            << "standard times are for disks";
        const PULONG idle = PoRegisterDeviceForIdleDetection(device, 2, 5, PowerDeviceD2);
        ASSERT_NE(idle, nullptr);
        sleep_seconds(4);
        EXPECT_TRUE(asked.empty()) << "on mains power the time is that for performance";
        PoSetDeviceBusyEx(idle);
        sleep_seconds(4);
        EXPECT_TRUE(asked.empty());
        sleep_seconds(2);
        EXPECT_EQ(asked, (std::vector{PowerDeviceD2}));
        sleep_seconds(20);
        EXPECT_EQ(asked.size(), 1u) << "once, until it is busy again";
        *idle = 0;  // as the macro PoSetDeviceBusy does
        sleep_seconds(6);
        EXPECT_EQ(asked.size(), 2u);
        PoStartDeviceBusy(idle);
        PoStartDeviceBusy(idle);
        PoEndDeviceBusy(idle);
        sleep_seconds(20);
        EXPECT_EQ(asked.size(), 2u);
        PoEndDeviceBusy(idle);
        sleep_seconds(6);
        EXPECT_EQ(asked.size(), 3u);
        // New times for the same device; then none.
        EXPECT_EQ(PoRegisterDeviceForIdleDetection(device, 0, 1, PowerDeviceD3), idle);
        sleep_seconds(2);
        EXPECT_EQ(asked.back(), PowerDeviceD3);
        EXPECT_EQ(PoRegisterDeviceForIdleDetection(device, 0, 0, PowerDeviceD3), nullptr);
        asked.clear();
        sleep_seconds(10);
        EXPECT_TRUE(asked.empty());
        EXPECT_NE(PoRegisterDeviceForIdleDetection(device, 1, 1, PowerDeviceD3), nullptr);
        // The device goes while it is watched.
    });
}

}  // namespace
}  // namespace ndiskit::nt
