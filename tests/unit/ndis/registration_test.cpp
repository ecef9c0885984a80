// A driver that registers as miniport and as intermediate driver: which of the two a device is for.
#include <gtest/gtest.h>

#include "fixture.h"
#include "nt/io/driver.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

NDIS_HANDLE handles[2];
std::vector<std::string> initialized;

// Neither goes on: who was asked is all that is of interest.
NDIS_STATUS NTAPI initialize_physical(NDIS_HANDLE, NDIS_HANDLE, PNDIS_MINIPORT_INIT_PARAMETERS) {
    initialized.push_back("physical");
    return NDIS_STATUS_FAILURE;
}
NDIS_STATUS NTAPI initialize_virtual(NDIS_HANDLE, NDIS_HANDLE, PNDIS_MINIPORT_INIT_PARAMETERS) {
    initialized.push_back("virtual");
    return NDIS_STATUS_FAILURE;
}

void NTAPI halt(NDIS_HANDLE, NDIS_HALT_ACTION) {}
void NTAPI unload(PDRIVER_OBJECT) {
    for (NDIS_HANDLE handle : handles)
        NdisMDeregisterMiniportDriver(handle);
}
NDIS_STATUS NTAPI pause(NDIS_HANDLE, PNDIS_MINIPORT_PAUSE_PARAMETERS) { return NDIS_STATUS_SUCCESS; }
NDIS_STATUS NTAPI restart(NDIS_HANDLE, PNDIS_MINIPORT_RESTART_PARAMETERS) { return NDIS_STATUS_SUCCESS; }
NDIS_STATUS NTAPI oid(NDIS_HANDLE, PNDIS_OID_REQUEST) { return NDIS_STATUS_NOT_SUPPORTED; }
void NTAPI send(NDIS_HANDLE, PNET_BUFFER_LIST, NDIS_PORT_NUMBER, ULONG) {}
void NTAPI give_back(NDIS_HANDLE, PNET_BUFFER_LIST, ULONG) {}
void NTAPI cancel(NDIS_HANDLE, PVOID) {}
void NTAPI device_event(NDIS_HANDLE, PNET_DEVICE_PNP_EVENT) {}
void NTAPI shut_down(NDIS_HANDLE, NDIS_SHUTDOWN_ACTION) {}

NTSTATUS NTAPI entry(PDRIVER_OBJECT object, PUNICODE_STRING path) {
    NDIS_MINIPORT_DRIVER_CHARACTERISTICS m{};
    m.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS;
    m.Header.Revision = NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_1;
    m.Header.Size = NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_1;
    m.MajorNdisVersion = 6;
    m.MinorNdisVersion = 30;
    m.InitializeHandlerEx = initialize_physical;
    m.HaltHandlerEx = halt;
    m.UnloadHandler = unload;
    m.PauseHandler = pause;
    m.RestartHandler = restart;
    m.OidRequestHandler = oid;
    m.SendNetBufferListsHandler = send;
    m.ReturnNetBufferListsHandler = give_back;
    m.CancelSendHandler = cancel;
    m.DevicePnPEventNotifyHandler = device_event;
    m.ShutdownHandlerEx = shut_down;
    m.CancelOidRequestHandler = cancel;
    EXPECT_EQ(NdisMRegisterMiniportDriver(object, path, nullptr, &m, &handles[0]), NDIS_STATUS_SUCCESS);
    m.Flags = NDIS_INTERMEDIATE_DRIVER;
    m.InitializeHandlerEx = initialize_virtual;
    EXPECT_EQ(NdisMRegisterMiniportDriver(object, path, nullptr, &m, &handles[1]), NDIS_STATUS_SUCCESS);
    return STATUS_SUCCESS;
}

void ask_for_instance() {
    std::u16string device = u"\\Device\\" + guid_a;
    NDIS_STRING name{};
    name.Buffer = device.data();
    name.Length = name.MaximumLength = static_cast<USHORT>(device.size() * 2);
    EXPECT_EQ(NdisIMInitializeDeviceInstanceEx(handles[1], &name, nullptr), NDIS_STATUS_SUCCESS);
}

// Only the key says so; that a device is virtual does not.
TEST(Registration, TheImMiniportKeyChoosesAmongTheTwo) {
    with_machine([] {
        initialized.clear();
        nt::io::register_builtin("fixboth", entry);
        write_service(u"fixboth", u"fixboth");
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixboth", .is_virtual = true});
        EXPECT_FALSE(start_adapter(guid_a).has_value());
        EXPECT_EQ(initialized, std::vector<std::string>{"physical"});
        set_number(std::u16string(layout::class_key) + u"\\0001", u"IMMiniport", 1);
        ask_for_instance();
        EXPECT_FALSE(start_adapter(guid_a).has_value());
        EXPECT_EQ(initialized, (std::vector<std::string>{"physical", "virtual"}));
    });
}

}  // namespace
}  // namespace ndiskit::ndis
