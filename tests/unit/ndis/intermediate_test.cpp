// A small intermediate driver over the library: one virtual miniport on one binding. It passes what it can by cloning
// nothing: the protocol above sends to the virtual miniport, which completes at once; what interests here is the
// order of things.
#include <gtest/gtest.h>

#include <cstring>

#include "fixture.h"
#include "nt/io/driver.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

struct Im {
    NDIS_HANDLE miniport = nullptr, protocol = nullptr, binding = nullptr, virtual_handle = nullptr;
    std::vector<std::string> calls;
    KEVENT event;
    bool initialize_in_bind = true;
    NDIS_STATUS cancel_status = 99;
};
Im im;
std::u16string virtual_device = u"\\Device\\" + guid_b;

NDIS_STRING text(std::u16string& s) {
    NDIS_STRING string{};
    string.Buffer = s.data();
    string.Length = string.MaximumLength = static_cast<USHORT>(s.size() * 2);
    return string;
}

void ask_for_instance() {
    NDIS_STRING name = text(virtual_device);
    EXPECT_EQ(NdisIMInitializeDeviceInstanceEx(im.miniport, &name, &im), NDIS_STATUS_SUCCESS);
}

NDIS_STATUS NTAPI initialize(NDIS_HANDLE handle, NDIS_HANDLE, PNDIS_MINIPORT_INIT_PARAMETERS parameters) {
    im.calls.push_back("initialize");
    EXPECT_EQ(parameters->IMDeviceInstanceContext, &im);
    im.virtual_handle = handle;
    NDIS_MINIPORT_ADAPTER_ATTRIBUTES attributes{};
    auto& r = attributes.RegistrationAttributes;
    r.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES;
    r.Header.Revision = NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1;
    r.Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1;
    r.MiniportAdapterContext = &im;
    r.AttributeFlags = NDIS_MINIPORT_ATTRIBUTES_NO_HALT_ON_SUSPEND;
    EXPECT_EQ(NdisMSetMiniportAttributes(handle, &attributes), NDIS_STATUS_SUCCESS);
    attributes = {};
    auto& g = attributes.GeneralAttributes;
    g.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES;
    g.Header.Revision = NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_1;
    g.Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_1;
    g.MediaType = NdisMedium802_3;
    g.MtuSize = 1500;
    g.MacAddressLength = 6;
    g.SupportedPacketFilters = NDIS_PACKET_TYPE_DIRECTED;
    EXPECT_EQ(NdisMSetMiniportAttributes(handle, &attributes), NDIS_STATUS_SUCCESS);
    return NDIS_STATUS_SUCCESS;
}

void NTAPI halt(NDIS_HANDLE, NDIS_HALT_ACTION) {
    im.calls.push_back("halt");
    im.virtual_handle = nullptr;
}
NDIS_STATUS NTAPI pause(NDIS_HANDLE, PNDIS_MINIPORT_PAUSE_PARAMETERS) {
    im.calls.push_back("pause");
    return NDIS_STATUS_SUCCESS;
}
NDIS_STATUS NTAPI restart(NDIS_HANDLE, PNDIS_MINIPORT_RESTART_PARAMETERS) {
    im.calls.push_back("restart");
    return NDIS_STATUS_SUCCESS;
}
NDIS_STATUS NTAPI oid(NDIS_HANDLE, PNDIS_OID_REQUEST) { return NDIS_STATUS_SUCCESS; }
void NTAPI send(NDIS_HANDLE, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER, ULONG) {
    NdisMSendNetBufferListsComplete(im.virtual_handle, chain, 0);
}
void NTAPI give_back(NDIS_HANDLE, PNET_BUFFER_LIST, ULONG) {}
void NTAPI cancel(NDIS_HANDLE, PVOID) {}
void NTAPI device_event(NDIS_HANDLE, PNET_DEVICE_PNP_EVENT) {}
void NTAPI shut_down(NDIS_HANDLE, NDIS_SHUTDOWN_ACTION) {}

NDIS_STATUS NTAPI bind(NDIS_HANDLE, NDIS_HANDLE bind_context, PNDIS_BIND_PARAMETERS parameters) {
    im.calls.push_back("bind");
    EXPECT_EQ(parameters->Header.Revision, NDIS_BIND_PARAMETERS_REVISION_1);
    EXPECT_NE(parameters->PowerManagementCapabilities, nullptr);
    NDIS_MEDIUM media[] = {NdisMedium802_3};
    UINT selected = 0;
    NDIS_OPEN_PARAMETERS p{};
    p.Header.Type = NDIS_OBJECT_TYPE_OPEN_PARAMETERS;
    p.Header.Revision = NDIS_OPEN_PARAMETERS_REVISION_1;
    p.Header.Size = NDIS_SIZEOF_OPEN_PARAMETERS_REVISION_1;
    p.AdapterName = parameters->AdapterName;
    p.MediumArray = media;
    p.MediumArraySize = 1;
    p.SelectedMediumIndex = &selected;
    const NDIS_STATUS status = NdisOpenAdapterEx(im.protocol, &im, &p, bind_context, &im.binding);
    if (status == NDIS_STATUS_PENDING)
        KeWaitForSingleObject(&im.event, Executive, KernelMode, false, nullptr);
    if (im.initialize_in_bind)
        ask_for_instance();
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS NTAPI unbind(NDIS_HANDLE, NDIS_HANDLE) {
    im.calls.push_back("unbind");
    if (im.virtual_handle != nullptr) {
        EXPECT_EQ(NdisIMDeInitializeDeviceInstance(im.virtual_handle), NDIS_STATUS_SUCCESS);
    } else {
        NDIS_STRING name = text(virtual_device);
        im.cancel_status = NdisIMCancelInitializeDeviceInstance(im.miniport, &name);
    }
    if (NdisCloseAdapterEx(im.binding) == NDIS_STATUS_PENDING)
        KeWaitForSingleObject(&im.event, Executive, KernelMode, false, nullptr);
    return NDIS_STATUS_SUCCESS;
}

void NTAPI opened(NDIS_HANDLE, NDIS_STATUS) { KeSetEvent(&im.event, 0, false); }
void NTAPI closed(NDIS_HANDLE) { KeSetEvent(&im.event, 0, false); }
NDIS_STATUS NTAPI event(NDIS_HANDLE, PNET_PNP_EVENT_NOTIFICATION n) {
    if (n->NetPnPEvent.NetEvent == NetEventIMReEnableDevice) {
        im.calls.push_back("re-enable");
        ask_for_instance();
    }
    return NDIS_STATUS_SUCCESS;
}
void NTAPI oid_done(NDIS_HANDLE, PNDIS_OID_REQUEST, NDIS_STATUS) {}
void NTAPI status(NDIS_HANDLE, PNDIS_STATUS_INDICATION) {}
void NTAPI receive(NDIS_HANDLE, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER, ULONG, ULONG) {
    NdisReturnNetBufferLists(im.binding, chain, 0);
}
void NTAPI sent(NDIS_HANDLE, PNET_BUFFER_LIST, ULONG) {}
void NTAPI unload(PDRIVER_OBJECT) {
    NdisDeregisterProtocolDriver(im.protocol);
    NdisMDeregisterMiniportDriver(im.miniport);
}

// NDIS 6.0, as the oldest intermediate drivers register.
NTSTATUS NTAPI entry(PDRIVER_OBJECT object, PUNICODE_STRING path) {
    KeInitializeEvent(&im.event, SynchronizationEvent, false);
    NDIS_MINIPORT_DRIVER_CHARACTERISTICS m{};
    m.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    m.Header.Revision = NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_1;
    m.Header.Size = NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_1;
    m.MajorNdisVersion = 6;
    m.Flags = NDIS_INTERMEDIATE_DRIVER;
    m.InitializeHandlerEx = initialize;
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
    EXPECT_EQ(NdisMRegisterMiniportDriver(object, path, nullptr, &m, &im.miniport), NDIS_STATUS_SUCCESS);
    static std::u16string name = u"fixim";
    NDIS_PROTOCOL_DRIVER_CHARACTERISTICS p{};
    p.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    p.Header.Revision = NDIS_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_1;
    p.Header.Size = NDIS_SIZEOF_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_1;
    p.MajorNdisVersion = 6;
    p.Name = text(name);
    p.BindAdapterHandlerEx = bind;
    p.UnbindAdapterHandlerEx = unbind;
    p.OpenAdapterCompleteHandlerEx = opened;
    p.CloseAdapterCompleteHandlerEx = closed;
    p.NetPnPEventHandler = event;
    p.OidRequestCompleteHandler = oid_done;
    p.StatusHandlerEx = status;
    p.ReceiveNetBufferListsHandler = receive;
    p.SendNetBufferListsCompleteHandler = sent;
    EXPECT_EQ(NdisRegisterProtocolDriver(nullptr, &p, &im.protocol), NDIS_STATUS_SUCCESS);
    NdisIMAssociateMiniport(im.miniport, im.protocol);
    return STATUS_SUCCESS;
}

void with_im(const std::function<void()>& body) {
    for (uint64_t seed = 1; seed <= 10 && !testing::Test::HasFailure(); seed++) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        with_machine(
            [&] {
                im = {};
                nt::io::register_builtin("fixim", entry);
                write_service(u"fixim", u"fixim");
                write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
                write_adapter({.instance = u"0002", .guid = guid_b, .service = u"fixim", .is_virtual = true});
                write_bind(u"fixim", {guid_a});
                write_bind(u"fixproto", {guid_b});
                start_protocol();
                body();
            },
            seed);
    }
}

TEST(Intermediate, VirtualMiniportComesWhenItsDeviceAndItsDriverAreReadyDeviceFirst) {
    with_im([] {
        ASSERT_TRUE(start_adapter(guid_b).has_value());
        EXPECT_EQ(view(guid_b).state, AdapterState::halted);
        EXPECT_TRUE(im.calls.empty());
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        EXPECT_EQ(im.calls, (std::vector<std::string>{"bind", "initialize", "restart"}));
        EXPECT_TRUE(is_bound("fixproto", guid_b));
        EXPECT_EQ(NdisIMGetBindingContext(open_of("fixproto", guid_b).handle), &im);
        open_of("fixproto", guid_b).send(2);
        EXPECT_EQ(open_of("fixproto", guid_b).completed, 2);
        ASSERT_TRUE(remove_adapter(guid_a).has_value());
        EXPECT_EQ(view(guid_b).state, AdapterState::halted);
        EXPECT_FALSE(is_bound("fixproto", guid_b));
        EXPECT_EQ(im.calls, (std::vector<std::string>{"bind", "initialize", "restart", "unbind", "pause", "halt"}));
    });
}

TEST(Intermediate, VirtualMiniportComesWhenItsDeviceAndItsDriverAreReadyDriverFirst) {
    with_im([] {
        ASSERT_TRUE(nt::io::start_service("fixim").has_value());
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        EXPECT_EQ(im.calls, (std::vector<std::string>{"bind"}));
        ASSERT_TRUE(start_adapter(guid_b).has_value());
        EXPECT_EQ(im.calls, (std::vector<std::string>{"bind", "initialize", "restart"}));
        EXPECT_TRUE(is_bound("fixproto", guid_b));
        // Disabled and enabled again: the driver is told, and asks anew.
        ASSERT_TRUE(remove_adapter(guid_b).has_value());
        ASSERT_TRUE(start_adapter(guid_b).has_value());
        EXPECT_EQ(im.calls, (std::vector<std::string>{"bind", "initialize", "restart", "pause", "halt", "re-enable",
                                                      "initialize", "restart"}));
    });
}

TEST(Intermediate, RequestWithoutADeviceIsCancelled) {
    with_im([] {
        ASSERT_TRUE(nt::io::start_service("fixim").has_value());
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        ASSERT_TRUE(remove_adapter(guid_a).has_value());
        EXPECT_EQ(im.cancel_status, NDIS_STATUS_SUCCESS);
    });
}

TEST(Intermediate, SleepsWithItsVirtualMiniportInPlace) {
    with_im([] {
        ASSERT_TRUE(start_adapter(guid_b).has_value());
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        ASSERT_TRUE(sleep_system().has_value());
        EXPECT_EQ(view(guid_b).power_state, 3u);
        EXPECT_EQ(count(im.calls, "halt"), 0);
        wake_system();
        EXPECT_EQ(view(guid_b).state, AdapterState::running);
        EXPECT_EQ(view(guid_a).state, AdapterState::running);
    });
}

}  // namespace
}  // namespace ndiskit::ndis
