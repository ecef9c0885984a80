// Device interfaces, who hears of them, and properties of devices.
#include "nt/io/device_interface.h"

#include <gtest/gtest.h>

#include <cstring>

#include "nt/io/driver.h"
#include "nt/io/file.h"
#include "nt/io/pnp.h"
#include "nt/io/power_setting.h"
#include "nt/ke/irql.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

constexpr GUID network = {0xcac88484, 0x7515, 0x4c03, {0x82, 0xe6, 0x71, 0xa8, 0x7a, 0xba, 0xc3, 0x61}};
constexpr GUID other = {0x11111111, 0x2222, 0x3333, {1, 2, 3, 4, 5, 6, 7, 8}};
constexpr const char* instance = "ROOT\\NET\\0000";

NTSTATUS NTAPI add_device(PDRIVER_OBJECT driver, PDEVICE_OBJECT physical) {
    PDEVICE_OBJECT device;
    const NTSTATUS status = IoCreateDevice(driver, 0, nullptr, FILE_DEVICE_NETWORK, 0, FALSE, &device);
    if (!NT_SUCCESS(status)) return status;
    IoAttachDeviceToDeviceStack(device, physical);
    device->Flags &= ~static_cast<ULONG>(DO_DEVICE_INITIALIZING);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI dispatch(PDEVICE_OBJECT device, PIRP irp) {
    const IO_STACK_LOCATION stack = *IoGetCurrentIrpStackLocation(irp);
    if (stack.MajorFunction != IRP_MJ_PNP) {
        irp->IoStatus = {};
        IofCompleteRequest(irp, IO_NO_INCREMENT);
        return STATUS_SUCCESS;
    }
    PDEVICE_OBJECT const next = device->DeviceObjectExtension->AttachedTo;
    irp->IoStatus.Status = STATUS_SUCCESS;
    IoSkipCurrentIrpStackLocation(irp);
    const NTSTATUS status = IofCallDriver(next, irp);
    if (stack.MinorFunction == IRP_MN_REMOVE_DEVICE) {
        IoDetachDevice(next);
        IoDeleteDevice(device);
    }
    return status;
}

NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    driver->DriverExtension->AddDevice = add_device;
    for (int major : {IRP_MJ_PNP, IRP_MJ_CREATE, IRP_MJ_CLEANUP, IRP_MJ_CLOSE})
        driver->MajorFunction[major] = dispatch;
    driver->DriverUnload = [](PDRIVER_OBJECT) __attribute__((ms_abi)){};
    return STATUS_SUCCESS;
}

void on_device(const std::function<void(PDEVICE_OBJECT)>& body) {
    test::on_sim([&] {
        io::register_builtin("iftest", entry);
        registry::set_string("HKLM\\System\\CurrentControlSet\\Services\\iftest", "ImagePath",
                             "builtin:iftest");
        const std::string key = std::string("HKLM\\System\\CurrentControlSet\\Enum\\") + instance;
        registry::set_string(key, "Service", "iftest");
        registry::set_string(key, "FriendlyName", "A card");
        const auto physical = pnp::start_device(instance);
        ASSERT_TRUE(physical) << physical.error().text();
        body(*physical);
        if (pnp::find_device(instance)) EXPECT_TRUE(pnp::remove_device(instance));
        EXPECT_TRUE(io::stop_service("iftest"));
        // The driver of the PnP manager stays.
        for (const PoolUse& use : pool_report())
            if (pool_tag_text(use.tag) != "Obj ") ADD_FAILURE() << pool_tag_text(use.tag) << " " << use.blocks;
    });
}

std::u16string register_interface(PDEVICE_OBJECT physical, const GUID& guid,
                                  std::u16string_view reference = {}) {
    UNICODE_STRING link = {}, behind = unicode_string(reference);
    EXPECT_EQ(IoRegisterDeviceInterface(physical, &guid, reference.empty() ? nullptr : &behind, &link),
              STATUS_SUCCESS);
    std::u16string text(view_of(&link));
    RtlFreeUnicodeString(&link);
    return text;
}

NTSTATUS set_state(const std::u16string& link, bool on) {
    UNICODE_STRING text = unicode_string(link);
    return IoSetDeviceInterfaceState(&text, on);
}

std::vector<std::u16string> listed(const GUID& guid, ULONG flags = 0) {
    PZZWSTR list = nullptr;
    EXPECT_EQ(IoGetDeviceInterfaces(&guid, nullptr, flags, &list), STATUS_SUCCESS);
    std::vector<std::u16string> links;
    for (const WCHAR* at = list; *at; at += links.back().size() + 1) links.emplace_back(at);
    ExFreePool(list);
    return links;
}

bool opens(const std::u16string& path) {
    FILE_OBJECT* file = nullptr;
    if (!NT_SUCCESS(io::open_file(path, {}, &file))) return false;
    object::close_handle(object::open_handle(file, 0));
    object::dereference(file);
    return true;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iosetdeviceinterfacestate
TEST(DeviceInterface, ItsLinkOpensTheDeviceWhileItIsEnabled) {
    on_device([](PDEVICE_OBJECT physical) {
        const std::u16string link = register_interface(physical, network);
        EXPECT_EQ(link, u"\\??\\ROOT#NET#0000#{cac88484-7515-4c03-82e6-71a87abac361}");
        EXPECT_EQ(register_interface(physical, network), link);
        EXPECT_FALSE(opens(link));
        EXPECT_TRUE(listed(network).empty());
        EXPECT_EQ(listed(network, DEVICE_INTERFACE_INCLUDE_NONACTIVE), (std::vector<std::u16string>{link}));
        EXPECT_EQ(set_state(link, false), STATUS_OBJECT_NAME_NOT_FOUND);
        EXPECT_EQ(set_state(link, true), STATUS_SUCCESS);
        EXPECT_EQ(set_state(link, true), STATUS_OBJECT_NAME_EXISTS);
        EXPECT_TRUE(opens(link));
        EXPECT_EQ(listed(network), (std::vector<std::u16string>{link}));
        EXPECT_EQ(set_state(link, false), STATUS_SUCCESS);
        EXPECT_FALSE(opens(link));
        EXPECT_EQ(set_state(u"\\??\\nothing", true), STATUS_OBJECT_NAME_NOT_FOUND);
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioregisterdeviceinterface
TEST(DeviceInterface, AReferenceStringStandsBehindTheName) {
    on_device([](PDEVICE_OBJECT physical) {
        const std::u16string plain = register_interface(physical, network);
        const std::u16string link = register_interface(physical, network, u"one");
        EXPECT_EQ(link, plain + u"\\one");
        EXPECT_EQ(set_state(link, true), STATUS_SUCCESS);
        EXPECT_TRUE(opens(link));
        UNICODE_STRING of = unicode_string(link), alias = {}, bad = unicode_string(u"a\\b");
        EXPECT_EQ(IoGetDeviceInterfaceAlias(&of, &other, &alias), STATUS_OBJECT_NAME_NOT_FOUND);
        const std::u16string second = register_interface(physical, other, u"one");
        EXPECT_EQ(IoGetDeviceInterfaceAlias(&of, &other, &alias), STATUS_SUCCESS);
        EXPECT_EQ(view_of(&alias), second);
        RtlFreeUnicodeString(&alias);
        EXPECT_EQ(IoRegisterDeviceInterface(physical, &network, &bad, &alias), STATUS_INVALID_DEVICE_REQUEST);
        HANDLE key = nullptr;
        EXPECT_EQ(IoOpenDeviceInterfaceRegistryKey(&of, KEY_ALL_ACCESS, &key), STATUS_SUCCESS);
        ZwClose(key);
    });
}

struct Heard {
    int arrivals = 0, removals = 0;
    std::u16string link;
};
NTSTATUS NTAPI hear(PVOID data, PVOID context) {
    EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
    auto& heard = *static_cast<Heard*>(context);
    const auto& change = *static_cast<PDEVICE_INTERFACE_CHANGE_NOTIFICATION>(data);
    EXPECT_TRUE(change.InterfaceClassGuid == network);
    ++(change.Event.Data1 == 0xcb3a4004 ? heard.arrivals : heard.removals);
    heard.link = view_of(change.SymbolicLinkName);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioregisterplugplaynotification
TEST(PnpNotification, InterfacesComeAndGo) {
    on_device([](PDEVICE_OBJECT physical) {
        const std::u16string link = register_interface(physical, network);
        Heard early, late;
        PVOID entry = nullptr, second = nullptr;
        GUID guid = network;
        PDRIVER_OBJECT const driver = io::find_service("iftest");
        EXPECT_EQ(IoRegisterPlugPlayNotification(EventCategoryDeviceInterfaceChange, 0, &guid, driver, hear,
                                                 &early, &entry),
                  STATUS_SUCCESS);
        set_state(link, true);
        EXPECT_EQ(early.arrivals, 1);
        EXPECT_EQ(early.link, link);
        EXPECT_EQ(IoRegisterPlugPlayNotification(EventCategoryDeviceInterfaceChange,
                                                 PNPNOTIFY_DEVICE_INTERFACE_INCLUDE_EXISTING_INTERFACES,
                                                 &guid, driver, hear, &late, &second),
                  STATUS_SUCCESS);
        EXPECT_EQ(late.arrivals, 1);
        EXPECT_EQ(early.arrivals, 1);
        EXPECT_EQ(IoUnregisterPlugPlayNotificationEx(second), STATUS_SUCCESS);
        // The device goes, and its interfaces with it.
        EXPECT_TRUE(pnp::remove_device(instance));
        EXPECT_EQ(early.removals, 1);
        EXPECT_EQ(late.removals, 0);
        EXPECT_EQ(IoUnregisterPlugPlayNotification(entry), STATUS_SUCCESS);
        EXPECT_EQ(IoUnregisterPlugPlayNotificationEx(entry), STATUS_INVALID_PARAMETER);
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetdevicepropertydata
TEST(DeviceProperty, WhatIsSetIsGotAndWhatIsKnownIsRead) {
    on_device([](PDEVICE_OBJECT physical) {
        const DEVPROPKEY own = {other, 7};
        const DEVPROPKEY friendly = {
            {0xa45c254e, 0xdf1c, 0x4efd, {0x80, 0x20, 0x67, 0xd1, 0x46, 0xa8, 0x50, 0xe0}}, 14};
        ULONG value = 77, needed = 0, got = 0;
        DEVPROPTYPE type = 0;
        EXPECT_EQ(IoGetDevicePropertyData(physical, &own, 0, 0, sizeof got, &got, &needed, &type),
                  STATUS_OBJECT_NAME_NOT_FOUND);
        EXPECT_EQ(IoSetDevicePropertyData(physical, &own, 0, 0, 7, sizeof value, &value), STATUS_SUCCESS);
        EXPECT_EQ(IoGetDevicePropertyData(physical, &own, 0, 0, sizeof got, &got, &needed, &type),
                  STATUS_SUCCESS);
        EXPECT_EQ(got, 77u);
        EXPECT_EQ(type, 7u);
        EXPECT_EQ(IoGetDevicePropertyData(physical, &own, 0, 0, 2, &got, &needed, &type),
                  STATUS_BUFFER_TOO_SMALL);
        EXPECT_EQ(needed, 4u);
        EXPECT_EQ(IoSetDevicePropertyData(physical, &own, 1033, 0, 7, sizeof value, &value),
                  STATUS_INVALID_PARAMETER);
        EXPECT_EQ(IoSetDevicePropertyData(physical, &own, 0, 0, 7, 0, nullptr), STATUS_SUCCESS);
        EXPECT_EQ(IoSetDevicePropertyData(physical, &own, 0, 0, 7, 0, nullptr), STATUS_OBJECT_NAME_NOT_FOUND);
        WCHAR name[32] = {};
        EXPECT_EQ(IoGetDevicePropertyData(physical, &friendly, 0, 0, sizeof name, name, &needed, &type),
                  STATUS_SUCCESS);
        EXPECT_EQ(std::u16string(name), u"A card");
        EXPECT_EQ(type, 0x12u);
    });
}

NTSTATUS NTAPI hear_setting(LPCGUID, PVOID value, ULONG size, PVOID context) {
    EXPECT_EQ(size, sizeof(ULONG));
    *static_cast<ULONG*>(context) = *static_cast<ULONG*>(value) + 1;
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-poregisterpowersettingcallback
TEST(PowerSetting, ItsValueIsToldAtOnceAndWhenItChanges) {
    test::on_sim([] {
        const GUID source = {0x5d3e9a59, 0xe9d5, 0x4b00, {0xa6, 0xbd, 0xff, 0x34, 0xff, 0x51, 0x65, 0x48}};
        ULONG heard = 0, nothing = 0;
        PVOID handle = nullptr, second = nullptr;
        EXPECT_EQ(PoRegisterPowerSettingCallback(nullptr, &source, hear_setting, &heard, &handle),
                  STATUS_SUCCESS);
        EXPECT_EQ(heard, 1u);  // mains
        EXPECT_EQ(PoRegisterPowerSettingCallback(nullptr, &other, hear_setting, &nothing, &second),
                  STATUS_SUCCESS);
        EXPECT_EQ(nothing, 0u);
        io::set_power_source(io::PowerSource::battery);
        EXPECT_EQ(heard, 2u);
        heard = 0;
        io::set_power_source(io::PowerSource::battery);
        EXPECT_EQ(heard, 0u);  // no change
        io::set_power_source(io::PowerSource::mains);
        EXPECT_EQ(heard, 1u);
        heard = 0;
        EXPECT_EQ(PoUnregisterPowerSettingCallback(handle), STATUS_SUCCESS);
        io::set_power_source(io::PowerSource::battery);
        EXPECT_EQ(heard, 0u);
        EXPECT_EQ(nothing, 0u);
        EXPECT_EQ(PoUnregisterPowerSettingCallback(second), STATUS_SUCCESS);
        EXPECT_EQ(PoUnregisterPowerSettingCallback(second), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(PoRegisterPowerSettingCallback(nullptr, nullptr, hear_setting, nullptr, &handle),
                  STATUS_INVALID_PARAMETER);
    });
}

}  // namespace
}  // namespace ndiskit::nt
