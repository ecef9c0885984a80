// A driver of a device that serves WMI: its device object comes, registers itself and goes; what it answers
// is the test's.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <string>

#include "nt/io/driver.h"
#include "nt/io/pnp.h"
#include "nt/registry/registry.h"
#include "nt/wmi/abi.h"
#include "support/nt_machine.h"

namespace ndiskit::nt::wmi_provider {

inline constexpr const char* instance = "ROOT\\NET\\0000";
inline PDEVICE_OBJECT functional;

inline NTSTATUS NTAPI pass_pnp(PDEVICE_OBJECT device, PIRP irp) {
    PDEVICE_OBJECT const below = device->DeviceObjectExtension->AttachedTo;
    const bool removes = IoGetCurrentIrpStackLocation(irp)->MinorFunction == IRP_MN_REMOVE_DEVICE;
    if (removes) {
        EXPECT_EQ(IoWMIRegistrationControl(device, WMIREG_ACTION_DEREGISTER), STATUS_SUCCESS);
        EXPECT_EQ(IoWMIRegistrationControl(device, WMIREG_ACTION_DEREGISTER), STATUS_INVALID_PARAMETER);
    }
    irp->IoStatus.Status = STATUS_SUCCESS;
    IoSkipCurrentIrpStackLocation(irp);
    const NTSTATUS status = IofCallDriver(below, irp);
    if (removes) {
        IoDetachDevice(below);
        IoDeleteDevice(device);
    }
    return status;
}

inline NTSTATUS NTAPI add_device(PDRIVER_OBJECT driver, PDEVICE_OBJECT physical) {
    EXPECT_EQ(IoCreateDevice(driver, 0, nullptr, FILE_DEVICE_NETWORK, 0, FALSE, &functional), STATUS_SUCCESS);
    IoAttachDeviceToDeviceStack(functional, physical);
    functional->Flags &= ~static_cast<ULONG>(DO_DEVICE_INITIALIZING);
    return IoWMIRegistrationControl(functional, WMIREG_ACTION_REGISTER);
}

inline void nap() {
    LARGE_INTEGER time = {.QuadPart = -10000};
    KeDelayExecutionThread(KernelMode, FALSE, &time);
}

// The body on sim, with the device of `service` there and WMI told what `registered` waits for.
inline void on_device(const char* service, PDRIVER_INITIALIZE entry, const std::function<bool()>& registered,
                      const std::function<void(PDEVICE_OBJECT physical)>& body) {
    test::on_sim([&] {
        io::register_builtin(service, entry);
        const std::string root = "HKLM\\System\\CurrentControlSet\\";
        registry::set_string(root + "Services\\" + service, "ImagePath", std::string("builtin:") + service);
        registry::set_string(root + "Enum\\" + instance, "Service", service);
        registry::set_string(root + "Enum\\" + instance, "DeviceDesc", "Test adapter");
        const auto device = pnp::start_device(instance);
        ASSERT_TRUE(device) << device.error().text();
        while (!registered()) nap();
        nap();  // until WMI has taken the answer
        body(*device);
        EXPECT_TRUE(pnp::remove_device(instance));
    });
}

inline PVOID open(const GUID& guid, ULONG access) {
    PVOID object = nullptr;
    EXPECT_EQ(IoWMIOpenBlock(&guid, access, &object), STATUS_SUCCESS);
    return object;
}

}  // namespace ndiskit::nt::wmi_provider
