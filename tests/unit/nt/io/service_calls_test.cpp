// Drivers loaded and unloaded by drivers; control codes and security descriptors through handles.
#include <gtest/gtest.h>

#include "nt/abi.h"
#include "nt/abi/token.h"
#include "nt/io/driver.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"
#include "nt/security/descriptor.h"
#include "support/kernel_export.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

template <class... Parameters>
using Call = test::KernelExport<LONG(Parameters...)>;
using Control = Call<HANDLE, HANDLE, PVOID, PVOID, IO_STATUS_BLOCK*, ULONG, PVOID, ULONG, PVOID, ULONG>;
const Control nt_ZwDeviceIoControlFile{"ZwDeviceIoControlFile"},
    nt_NtDeviceIoControlFile{"NtDeviceIoControlFile"};
using QuerySecurity = Call<HANDLE, ULONG, PVOID, ULONG, ULONG*>;
const QuerySecurity nt_ZwQuerySecurityObject{"ZwQuerySecurityObject"},
    nt_NtQuerySecurityObject{"NtQuerySecurityObject"};
using SetSecurity = Call<HANDLE, ULONG, PVOID>;
const SetSecurity nt_ZwSetSecurityObject{"ZwSetSecurityObject"},
    nt_NtSetSecurityObject{"NtSetSecurityObject"};

constexpr ULONG echo = CTL_CODE(FILE_DEVICE_NETWORK, 0x801, METHOD_BUFFERED, FILE_ANY_ACCESS);

NTSTATUS NTAPI succeed(PDEVICE_OBJECT, PIRP irp) {
    irp->IoStatus = {{STATUS_SUCCESS}, 0};
    IofCompleteRequest(irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}
// Gives back its input, whose first byte it counts up.
NTSTATUS NTAPI control(PDEVICE_OBJECT, PIRP irp) {
    const auto& request = IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl;
    const bool known = request.IoControlCode == echo;
    if (known) ++*static_cast<UCHAR*>(irp->AssociatedIrp.SystemBuffer);
    const NTSTATUS status = known ? STATUS_SUCCESS : STATUS_INVALID_DEVICE_REQUEST;
    irp->IoStatus = {{status}, known ? request.InputBufferLength : 0};
    IofCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}
void NTAPI unload(PDRIVER_OBJECT driver) { IoDeleteDevice(driver->DeviceObject); }
NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    driver->DriverUnload = unload;
    for (int major : {IRP_MJ_CREATE, IRP_MJ_CLEANUP, IRP_MJ_CLOSE}) driver->MajorFunction[major] = succeed;
    driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = control;
    UNICODE_STRING name = unicode_string(u"\\Device\\Loaded");
    PDEVICE_OBJECT device;
    const NTSTATUS status = IoCreateDevice(driver, 0, &name, FILE_DEVICE_NETWORK, 0, FALSE, &device);
    if (NT_SUCCESS(status)) device->Flags &= ~static_cast<ULONG>(DO_DEVICE_INITIALIZING);
    return status;
}

NTSTATUS open(HANDLE& handle, ACCESS_MASK access) {
    UNICODE_STRING name = unicode_string(u"\\Device\\Loaded");
    OBJECT_ATTRIBUTES attributes;
    InitializeObjectAttributes(&attributes, &name, OBJ_KERNEL_HANDLE, nullptr, nullptr);
    IO_STATUS_BLOCK block = {};
    return ZwOpenFile(&handle, access | SYNCHRONIZE, &attributes, &block, FILE_SHARE_READ | FILE_SHARE_WRITE,
                      FILE_SYNCHRONOUS_IO_NONALERT);
}

void with_driver(const std::function<void()>& body) {
    const Call<UNICODE_STRING*> nt_ZwLoadDriver{"ZwLoadDriver"}, nt_ZwUnloadDriver{"ZwUnloadDriver"};
    test::on_sim([&] {
        io::register_builtin("loaded", entry);
        registry::set_string("HKLM\\System\\CurrentControlSet\\Services\\loaded", "ImagePath",
                             "builtin:loaded");
        UNICODE_STRING path =
            unicode_string(u"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\loaded");
        UNICODE_STRING none =
            unicode_string(u"\\Registry\\Machine\\System\\CurrentControlSet\\Services\\none");
        EXPECT_FALSE(NT_SUCCESS(nt_ZwLoadDriver(&none)));
        ASSERT_EQ(nt_ZwLoadDriver(&path), STATUS_SUCCESS);
        EXPECT_EQ(nt_ZwLoadDriver(&path), STATUS_IMAGE_ALREADY_LOADED);
        body();
        EXPECT_EQ(nt_ZwUnloadDriver(&path), STATUS_SUCCESS);
        HANDLE handle = nullptr;
        EXPECT_FALSE(NT_SUCCESS(open(handle, GENERIC_READ)));
        EXPECT_FALSE(NT_SUCCESS(nt_ZwUnloadDriver(&path)));
    });
}

TEST(ServiceCalls, ADriverLoadsAnotherAndControlsItsDevice) {
    with_driver([] {
        HANDLE handle = nullptr;
        ASSERT_EQ(open(handle, GENERIC_READ), STATUS_SUCCESS);
        UCHAR input[] = {1, 2}, output[4] = {};
        IO_STATUS_BLOCK block = {};
        EXPECT_EQ(
            nt_ZwDeviceIoControlFile(handle, nullptr, nullptr, nullptr, &block, echo, input, 2, output, 4),
            STATUS_SUCCESS);
        EXPECT_EQ(block.Information, 2u);
        EXPECT_EQ(output[0], 2);
        EXPECT_EQ(output[1], 2);
        EXPECT_EQ(nt_NtDeviceIoControlFile(handle, nullptr, nullptr, nullptr, &block, 4, input, 2, output, 4),
                  STATUS_INVALID_DEVICE_REQUEST);
        ZwClose(handle);
        EXPECT_EQ(
            nt_ZwDeviceIoControlFile(handle, nullptr, nullptr, nullptr, &block, echo, input, 2, output, 4),
            STATUS_INVALID_HANDLE);
    });
}

TEST(ServiceCalls, TheDescriptorOfADeviceIsReadAndChangedAsTheHandleAllows) {
    with_driver([] {
        HANDLE owner = nullptr, reader = nullptr;
        ASSERT_EQ(open(owner, READ_CONTROL | WRITE_DAC), STATUS_SUCCESS);
        ASSERT_EQ(open(reader, FILE_READ_DATA), STATUS_SUCCESS);
        security::Bytes change = *security::parse_sddl(u"D:P(A;;GR;;;WD)"), answer(200);
        ULONG needed = 0;
        EXPECT_EQ(nt_ZwSetSecurityObject(reader, DACL_SECURITY_INFORMATION, change.data()),
                  STATUS_ACCESS_DENIED);
        EXPECT_EQ(nt_ZwSetSecurityObject(owner, OWNER_SECURITY_INFORMATION, change.data()),
                  STATUS_ACCESS_DENIED);
        EXPECT_EQ(nt_ZwSetSecurityObject(owner, DACL_SECURITY_INFORMATION, nullptr), STATUS_ACCESS_VIOLATION);
        EXPECT_EQ(nt_ZwSetSecurityObject(owner, DACL_SECURITY_INFORMATION, change.data()), STATUS_SUCCESS);
        EXPECT_EQ(nt_ZwQuerySecurityObject(reader, DACL_SECURITY_INFORMATION, answer.data(), 200, &needed),
                  STATUS_ACCESS_DENIED);
        EXPECT_EQ(nt_ZwQuerySecurityObject(owner, DACL_SECURITY_INFORMATION, answer.data(), 4, &needed),
                  STATUS_BUFFER_TOO_SMALL);
        ASSERT_LE(needed, 200u);
        EXPECT_EQ(nt_NtQuerySecurityObject(owner, DACL_SECURITY_INFORMATION, answer.data(), 200, &needed),
                  STATUS_SUCCESS);
        EXPECT_EQ(security::parts_of(answer.data()).dacl->AceCount, 1);
        change = *security::parse_sddl(u"D:(A;;GR;;;WD)(A;;GA;;;BA)");
        EXPECT_EQ(nt_NtSetSecurityObject(owner, DACL_SECURITY_INFORMATION, change.data()), STATUS_SUCCESS);
        EXPECT_EQ(nt_ZwQuerySecurityObject(owner, DACL_SECURITY_INFORMATION, answer.data(), 200, &needed),
                  STATUS_SUCCESS);
        EXPECT_EQ(security::parts_of(answer.data()).dacl->AceCount, 2);
        ZwClose(reader);
        ZwClose(owner);
    });
}

}  // namespace
}  // namespace ndiskit::nt
