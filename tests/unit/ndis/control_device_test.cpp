// Control devices of NDIS drivers.
#include <gtest/gtest.h>

#include "fixture.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

int requests = 0;
NTSTATUS NTAPI count_request(PDEVICE_OBJECT device, PIRP irp) {
    requests++;
    *static_cast<int*>(NdisGetDeviceReservedExtension(device)) += 1;
    irp->IoStatus.Status = STATUS_SUCCESS;
    irp->IoStatus.Information = 0;
    IofCompleteRequest(irp, IO_NO_INCREMENT);
    return STATUS_SUCCESS;
}

NDIS_STRING text(const std::u16string& s) {
    NDIS_STRING string{};
    string.Buffer = const_cast<char16_t*>(s.data());
    string.Length = string.MaximumLength = static_cast<USHORT>(s.size() * 2);
    return string;
}

TEST(ControlDevice, HasItsOwnDispatchTableExtensionAndLink) {
    with_stack([] {
        const std::u16string device_text = u"\\Device\\Fixture", link_text = u"\\DosDevices\\Fixture";
        NDIS_STRING device_name = text(device_text), link = text(link_text);
        PDRIVER_DISPATCH table[IRP_MJ_MAXIMUM_FUNCTION + 1] = {};
        table[IRP_MJ_CREATE] = table[IRP_MJ_CLEANUP] = table[IRP_MJ_CLOSE] = count_request;
        NDIS_DEVICE_OBJECT_ATTRIBUTES attributes{};
        attributes.Header.Type = NDIS_OBJECT_TYPE_DEVICE_OBJECT_ATTRIBUTES;
        attributes.Header.Revision = NDIS_DEVICE_OBJECT_ATTRIBUTES_REVISION_1;
        attributes.Header.Size = NDIS_SIZEOF_DEVICE_OBJECT_ATTRIBUTES_REVISION_1;
        attributes.DeviceName = &device_name;
        attributes.SymbolicName = &link;
        attributes.MajorFunctions = table;
        attributes.ExtensionSize = sizeof(int);
        PDEVICE_OBJECT object = nullptr;
        NDIS_HANDLE handle = nullptr;
        ASSERT_EQ(NdisRegisterDeviceEx(nic_driver(), &attributes, &object, &handle), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(*static_cast<int*>(NdisGetDeviceReservedExtension(object)), 0);
        NDIS_HANDLE second = nullptr;
        PDEVICE_OBJECT other = nullptr;
        EXPECT_NE(NdisRegisterDeviceEx(nic_driver(), &attributes, &other, &second), NDIS_STATUS_SUCCESS)
            << "the name is taken";

        PFILE_OBJECT file = nullptr;
        PDEVICE_OBJECT opened = nullptr;
        ASSERT_EQ(IoGetDeviceObjectPointer(&link, FILE_READ_DATA, &file, &opened), STATUS_SUCCESS);
        EXPECT_EQ(opened, object);
        ObfDereferenceObject(file);
        EXPECT_EQ(requests, 3);  // create, cleanup, close
        EXPECT_EQ(*static_cast<int*>(NdisGetDeviceReservedExtension(object)), 3);

        NdisDeregisterDeviceEx(handle);
        EXPECT_NE(IoGetDeviceObjectPointer(&link, FILE_READ_DATA, &file, &opened), STATUS_SUCCESS);
    });
}

struct Registered {
    explicit Registered(NDIS_HANDLE owner, PUNICODE_STRING sddl = nullptr) {
        for (UCHAR major : {IRP_MJ_CREATE, IRP_MJ_CLEANUP, IRP_MJ_CLOSE}) table[major] = count_request;
        attributes.Header = {NDIS_OBJECT_TYPE_DEVICE_OBJECT_ATTRIBUTES, NDIS_DEVICE_OBJECT_ATTRIBUTES_REVISION_1,
                             NDIS_SIZEOF_DEVICE_OBJECT_ATTRIBUTES_REVISION_1};
        attributes.DeviceName = &name;
        attributes.MajorFunctions = table;
        attributes.ExtensionSize = sizeof(int);
        attributes.DefaultSDDLString = sddl;
        status = NdisRegisterDeviceEx(owner, &attributes, &object, &handle);
    }
    std::u16string path = u"\\Device\\Registered";
    NDIS_STRING name = text(path);
    PDRIVER_DISPATCH table[IRP_MJ_MAXIMUM_FUNCTION + 1] = {};
    NDIS_DEVICE_OBJECT_ATTRIBUTES attributes{};
    PDEVICE_OBJECT object = nullptr;
    NDIS_HANDLE handle = nullptr;
    NDIS_STATUS status;
};

// Virtual miniports have a device for each adapter.
TEST(ControlDevice, MayBeRegisteredWithTheHandleOfAnAdapter) {
    with_stack([] {
        Registered device(nic().handle);
        ASSERT_EQ(device.status, NDIS_STATUS_SUCCESS);
        const NDIS_HANDLE of_adapter = device.handle;
        PDEVICE_OBJECT functional = nullptr;
        NdisMGetDeviceProperty(nic().handle, nullptr, &functional, nullptr, nullptr, nullptr);
        EXPECT_EQ(device.object->DriverObject, functional->DriverObject);
        NdisDeregisterDeviceEx(of_adapter);
    });
}

TEST(ControlDevice, IsProtectedByItsDefaultDescriptor) {
    with_stack([] {
        std::u16string only_system = u"D:P(A;;GA;;;SY)", nonsense = u"D:P(Q;;GA;;;SY)";
        UNICODE_STRING good = text(only_system), bad = text(nonsense);
        Registered device(nic_driver(), &good);
        ASSERT_EQ(device.status, NDIS_STATUS_SUCCESS);
        BOOLEAN present = FALSE, defaulted = FALSE;
        PACL dacl = nullptr;
        ASSERT_EQ(RtlGetDaclSecurityDescriptor(device.object->SecurityDescriptor, &present, &dacl, &defaulted),
                  STATUS_SUCCESS);
        ASSERT_TRUE(present);
        EXPECT_EQ(dacl->AceCount, 1);
        NdisDeregisterDeviceEx(device.handle);
        EXPECT_FALSE(NT_SUCCESS(Registered(nic_driver(), &bad).status));
    });
}

TEST(ControlDevice, LeavesTheDriversPlaceInItsDispatchTable) {
    with_stack([] {
        PDEVICE_OBJECT functional = nullptr;
        NdisMGetDeviceProperty(nic().handle, nullptr, &functional, nullptr, nullptr, nullptr);
        PDRIVER_DISPATCH& place = functional->DriverObject->MajorFunction[IRP_MJ_DEVICE_CONTROL];
        const PDRIVER_DISPATCH of_ndis = place;
        place = count_request;
        Registered device(nic_driver());
        EXPECT_EQ(place, count_request);
        NdisDeregisterDeviceEx(device.handle);
        place = of_ndis;
    });
}

// The adapter goes, its program is slow: cleanup and close still come, for what create has made.
TEST(ControlDevice, HearsOfItsFilesAfterItIsDeregistered) {
    with_stack([] {
        Registered device(nic_driver());
        PFILE_OBJECT file = nullptr;
        PDEVICE_OBJECT opened = nullptr;
        ASSERT_EQ(IoGetDeviceObjectPointer(&device.name, FILE_READ_DATA, &file, &opened), STATUS_SUCCESS);
        NdisDeregisterDeviceEx(device.handle);
        PFILE_OBJECT second = nullptr;
        EXPECT_FALSE(NT_SUCCESS(IoGetDeviceObjectPointer(&device.name, FILE_READ_DATA, &second, &opened)));
        requests = 0;
        ObfDereferenceObject(file);
        EXPECT_GE(requests, 1);
        Registered again(nic_driver());
        ASSERT_EQ(again.status, NDIS_STATUS_SUCCESS) << "the name is free";
        NdisDeregisterDeviceEx(again.handle);
    });
}

TEST(ControlDevice, UseOfAHandleThatIsGoneStopsTheMachine) {
    EXPECT_EXIT(with_stack([] { NdisDeregisterDeviceEx(nic().handle); }), testing::ExitedWithCode(3),
                "NdisDeregisterDeviceEx");
}

// An I/O control of a program to the adapter's own device.
NTSTATUS control(ULONG code, void* in, ULONG in_size, void* out, ULONG out_size, ULONG_PTR& written) {
    PDEVICE_OBJECT device = nullptr;
    NdisMGetDeviceProperty(nic().handle, nullptr, &device, nullptr, nullptr, nullptr);
    KEVENT done;
    KeInitializeEvent(&done, NotificationEvent, FALSE);
    IO_STATUS_BLOCK result{};
    PIRP irp = IoBuildDeviceIoControlRequest(code, device, in, in_size, out, out_size, FALSE, &done, &result);
    if (IofCallDriver(device, irp) == STATUS_PENDING)
        KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, nullptr);
    written = result.Information;
    return result.Status;
}

TEST(AdapterDevice, ProgramsQueryOids) {
    with_stack([] {
        NDIS_OID oid = OID_GEN_MAXIMUM_FRAME_SIZE;
        ULONG size = 0;
        ULONG_PTR written = 99;
        EXPECT_EQ(control(IOCTL_NDIS_QUERY_GLOBAL_STATS, &oid, sizeof(oid), &size, sizeof(size), written),
                  STATUS_SUCCESS);
        EXPECT_EQ(size, 1500u);
        EXPECT_EQ(written, sizeof(size));
        EXPECT_EQ(control(IOCTL_NDIS_QUERY_GLOBAL_STATS, &oid, sizeof(oid), &size, 2, written),
                  STATUS_BUFFER_TOO_SMALL);
        EXPECT_EQ(written, 0u);
        EXPECT_EQ(control(IOCTL_NDIS_QUERY_GLOBAL_STATS, &oid, 2, &size, sizeof(size), written),
                  STATUS_INVALID_PARAMETER);
        oid = 0xff010203;  // the miniport is asked, and has none
        EXPECT_EQ(control(IOCTL_NDIS_QUERY_GLOBAL_STATS, &oid, sizeof(oid), &size, sizeof(size), written),
                  STATUS_NOT_SUPPORTED);
        EXPECT_EQ(control(CTL_CODE(FILE_DEVICE_PHYSICAL_NETCARD, 99, METHOD_OUT_DIRECT, FILE_ANY_ACCESS), &oid,
                          sizeof(oid), &size, sizeof(size), written),
                  STATUS_INVALID_DEVICE_REQUEST);
    });
}

TEST(AdapterDevice, ProgramsReadTheLogOnce) {
    with_stack([] {
        char text[32] = {};
        ULONG_PTR written = 0;
        EXPECT_EQ(control(IOCTL_NDIS_GET_LOG_DATA, nullptr, 0, text, sizeof(text), written), STATUS_NOT_SUPPORTED);
        NDIS_HANDLE log = nullptr;
        ASSERT_EQ(NdisMCreateLog(nic().handle, 8, &log), NDIS_STATUS_SUCCESS);
        char data[] = "abcdefghij";
        EXPECT_EQ(NdisMWriteLogData(log, data, 6), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(NdisMWriteLogData(log, data + 6, 4), NDIS_STATUS_SUCCESS);  // over the oldest two
        EXPECT_EQ(control(IOCTL_NDIS_GET_LOG_DATA, nullptr, 0, text, 5, written), STATUS_SUCCESS);
        EXPECT_EQ(std::string(text, written), "cdefg");
        EXPECT_EQ(control(IOCTL_NDIS_GET_LOG_DATA, nullptr, 0, text, sizeof(text), written), STATUS_SUCCESS);
        EXPECT_EQ(std::string(text, written), "hij");
        EXPECT_EQ(control(IOCTL_NDIS_GET_LOG_DATA, nullptr, 0, text, sizeof(text), written), STATUS_SUCCESS);
        EXPECT_EQ(written, 0u);
        NdisMCloseLog(log);
    });
}

}  // namespace
}  // namespace ndiskit::ndis
