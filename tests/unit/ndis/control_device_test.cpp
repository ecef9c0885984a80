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

TEST(ControlDevice, UseOfAHandleThatIsGoneStopsTheMachine) {
    EXPECT_EXIT(with_stack([] { NdisDeregisterDeviceEx(nic().handle); }), testing::ExitedWithCode(3),
                "NdisDeregisterDeviceEx");
}

}  // namespace
}  // namespace ndiskit::ndis
