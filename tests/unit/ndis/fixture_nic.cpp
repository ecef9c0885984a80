// The fixture miniport driver.
#include <cstring>

#include "base/guarded.h"
#include "fixture.h"
#include "nt/ke/irql.h"

namespace ndiskit::ndis::fixture {

namespace {

NDIS_HANDLE driver_handle = nullptr;
NDIS_HANDLE pool = nullptr;

std::map<std::u16string, Nic*>& nics() {
    static std::map<std::u16string, Nic*> all;
    return all;
}

Nic& of(NDIS_HANDLE context) { return *static_cast<Nic*>(context); }

const NDIS_OID oids[] = {OID_GEN_CURRENT_PACKET_FILTER, OID_GEN_STATISTICS, OID_802_3_MULTICAST_LIST};

NDIS_STATUS set_attributes(Nic& n, uint8_t last_of_mac) {
    NDIS_MINIPORT_ADAPTER_ATTRIBUTES attributes{};
    auto& r = attributes.RegistrationAttributes;
    r.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES;
    r.Header.Revision = NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1;
    r.Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1;
    r.MiniportAdapterContext = &n;
    r.AttributeFlags = behaviour().attribute_flags;
    r.CheckForHangTimeInSeconds = behaviour().hang_seconds;
    NDIS_STATUS status = NdisMSetMiniportAttributes(n.handle, &attributes);
    if (status != NDIS_STATUS_SUCCESS)
        return status;
    attributes = {};
    auto& g = attributes.GeneralAttributes;
    g.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES;
    g.Header.Revision = NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_2;
    g.Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_2;
    g.MediaType = NdisMedium802_3;
    g.PhysicalMediumType = NdisPhysicalMedium802_3;
    g.MtuSize = 1500;
    g.MaxXmitLinkSpeed = g.XmitLinkSpeed = g.MaxRcvLinkSpeed = g.RcvLinkSpeed = 1'000'000'000;
    g.MediaConnectState = MediaConnectStateConnected;
    g.MediaDuplexState = MediaDuplexStateFull;
    g.LookaheadSize = 1500;
    g.MacOptions = NDIS_MAC_OPTION_NO_LOOPBACK;
    g.SupportedPacketFilters = NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_MULTICAST | NDIS_PACKET_TYPE_BROADCAST |
                               NDIS_PACKET_TYPE_ALL_MULTICAST | NDIS_PACKET_TYPE_PROMISCUOUS;
    g.MaxMulticastListSize = 8;
    g.MacAddressLength = 6;
    const uint8_t mac[6] = {2, 0, 0, 0, 0, last_of_mac};
    std::memcpy(g.CurrentMacAddress, mac, 6);
    std::memcpy(g.PermanentMacAddress, mac, 6);
    g.AccessType = NET_IF_ACCESS_BROADCAST;
    g.DirectionType = NET_IF_DIRECTION_SENDRECEIVE;
    g.ConnectionType = NET_IF_CONNECTION_DEDICATED;
    g.IfType = IF_TYPE_ETHERNET_CSMACD;
    g.SupportedOidList = const_cast<NDIS_OID*>(oids);
    g.SupportedOidListLength = sizeof(oids);
    NDIS_PM_CAPABILITIES pm{};
    pm.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    pm.Header.Revision = NDIS_PM_CAPABILITIES_REVISION_2;
    pm.Header.Size = NDIS_SIZEOF_NDIS_PM_CAPABILITIES_REVISION_2;
    if (behaviour().power_aware)
        g.PowerManagementCapabilitiesEx = &pm;
    if (behaviour().on_general)
        behaviour().on_general(g);
    return NdisMSetMiniportAttributes(n.handle, &attributes);
}

// The adapter's last GUID digit becomes its MAC's last byte.
NDIS_STATUS NTAPI initialize(NDIS_HANDLE handle, NDIS_HANDLE, PNDIS_MINIPORT_INIT_PARAMETERS parameters) {
    EXPECT_NE(parameters->IfIndex, 0u);
    if (behaviour().fail_initialize)
        return NDIS_STATUS_FAILURE;
    PDEVICE_OBJECT pdo = nullptr;
    NdisMGetDeviceProperty(handle, &pdo, nullptr, nullptr, nullptr, nullptr);
    EXPECT_NE(pdo, nullptr);
    std::u16string guid;
    for (const AdapterView& a : adapters())
        if (a.state == AdapterState::initializing)
            guid = widen(a.guid);
    auto* n = new Nic;
    n->handle = handle;
    n->calls.push_back("initialize");
    history().push_back("nic initialize");
    nics()[guid] = n;
    NDIS_STATUS status = set_attributes(*n, guid[guid.size() - 2] == u'A' ? 0x0a : 0x0b);
    if (status == NDIS_STATUS_SUCCESS && behaviour().on_initialize)
        status = behaviour().on_initialize(*n, *parameters);
    if (status != NDIS_STATUS_SUCCESS) {
        nics().erase(guid);
        delete n;
    }
    return status;
}

void NTAPI halt(NDIS_HANDLE context, NDIS_HALT_ACTION) {
    history().push_back("nic halt");
    EXPECT_EQ(of(context).held, nullptr);
    EXPECT_EQ(of(context).receives_out, 0);
    if (behaviour().on_halt)
        behaviour().on_halt(of(context));
    std::erase_if(nics(), [&](const auto& entry) { return entry.second == context; });
    delete &of(context);
}

void NTAPI complete_restart(PKDPC dpc, PVOID context, PVOID, PVOID) {
    NdisMRestartComplete(context, NDIS_STATUS_SUCCESS);
    delete dpc;
}

void NTAPI complete_pause(PKDPC dpc, PVOID context, PVOID, PVOID) {
    NdisMPauseComplete(context);
    delete dpc;
}

NDIS_STATUS NTAPI pause(NDIS_HANDLE context, PNDIS_MINIPORT_PAUSE_PARAMETERS) {
    Nic& n = of(context);
    n.calls.push_back("pause");
    history().push_back("nic pause");
    EXPECT_EQ(n.receives_out, 0);
    if (!behaviour().pend_pause)
        return NDIS_STATUS_SUCCESS;
    auto* dpc = new KDPC;
    KeInitializeDpc(dpc, complete_pause, n.handle);
    KeInsertQueueDpc(dpc, nullptr, nullptr);
    return NDIS_STATUS_PENDING;
}

NDIS_STATUS NTAPI restart(NDIS_HANDLE context, PNDIS_MINIPORT_RESTART_PARAMETERS parameters) {
    EXPECT_NE(parameters->RestartAttributes, nullptr);
    if (behaviour().on_restart)
        behaviour().on_restart(
            *reinterpret_cast<NDIS_RESTART_GENERAL_ATTRIBUTES*>(parameters->RestartAttributes->Data));
    of(context).calls.push_back("restart");
    history().push_back("nic restart");
    if (behaviour().pend_restart) {
        auto* dpc = new KDPC;
        KeInitializeDpc(dpc, complete_restart, of(context).handle);
        KeInsertQueueDpc(dpc, nullptr, nullptr);
        return NDIS_STATUS_PENDING;
    }
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS answer(Nic& n, NDIS_OID_REQUEST& request) {
    if (behaviour().on_oid)
        if (const auto status = behaviour().on_oid(request))
            return *status;
    const auto& set = request.DATA.SET_INFORMATION;
    switch (set.Oid) {
    case OID_GEN_CURRENT_PACKET_FILTER: std::memcpy(&n.packet_filter, set.InformationBuffer, 4); break;
    case OID_802_3_MULTICAST_LIST: n.multicast_bytes = set.InformationBufferLength; break;
    case OID_PNP_SET_POWER: n.calls.push_back("power"); break;
    default: return NDIS_STATUS_NOT_SUPPORTED;
    }
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS NTAPI oid_request(NDIS_HANDLE context, PNDIS_OID_REQUEST request) {
    Nic& n = of(context);
    EXPECT_EQ(nt::current_irql(), PASSIVE_LEVEL);
    n.most_oids_inside = std::max(n.most_oids_inside, ++n.oids_inside);
    if (behaviour().pend_oids) {
        n.oids.push_back(request);
        return NDIS_STATUS_PENDING;
    }
    const NDIS_STATUS status = answer(n, *request);
    --n.oids_inside;
    return status;
}


void NTAPI cancel_oid(NDIS_HANDLE context, PVOID id) {
    Nic& n = of(context);
    n.calls.push_back("cancel oid");
    if (!n.oids.empty() && n.oids.front()->RequestId == id)
        n.complete_oid(NDIS_STATUS_REQUEST_ABORTED);
}

NDIS_STATUS NTAPI direct_oid(NDIS_HANDLE context, PNDIS_OID_REQUEST request) {
    if (!behaviour().pend_direct)
        return NDIS_STATUS_NOT_SUPPORTED;
    of(context).direct = request;
    return NDIS_STATUS_PENDING;
}
void NTAPI cancel_direct_oid(NDIS_HANDLE context, PVOID) { of(context).calls.push_back("cancel direct oid"); }
NDIS_STATUS NTAPI synchronous_oid(NDIS_HANDLE, PNDIS_OID_REQUEST request) {
    history().push_back("nic synchronous oid");
    return behaviour().on_synchronous_oid ? behaviour().on_synchronous_oid(*request) : NDIS_STATUS_SUCCESS;
}

void NTAPI send(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER, ULONG flags) {
    Nic& n = of(context);
    for (PNET_BUFFER_LIST nbl = chain; nbl != nullptr; nbl = nbl->Next) {
        nbl->Status = NDIS_STATUS_SUCCESS;
        n.sent++;
    }
    if (!behaviour().hold_sends) {
        NdisMSendNetBufferListsComplete(n.handle, chain, flags & NDIS_SEND_FLAGS_DISPATCH_LEVEL);
        return;
    }
    PNET_BUFFER_LIST* end = &n.held;
    while (*end != nullptr)
        end = &(*end)->Next;
    *end = chain;
}

void NTAPI give_back(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG) {
    while (chain != nullptr) {
        PNET_BUFFER_LIST next = chain->Next;
        PMDL mdl = chain->FirstNetBuffer->MdlChain;
        delete[] static_cast<uint8_t*>(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority));
        NdisFreeMdl(mdl);
        NdisFreeNetBufferList(chain);
        of(context).receives_out--;
        chain = next;
    }
}

void NTAPI cancel_send(NDIS_HANDLE context, PVOID) { of(context).calls.push_back("cancel send"); }
void NTAPI device_event(NDIS_HANDLE context, PNET_DEVICE_PNP_EVENT event) {
    EXPECT_EQ(nt::current_irql(), PASSIVE_LEVEL);
    if (event->DevicePnPEvent == NdisDevicePnPEventPowerProfileChanged) {
        EXPECT_EQ(event->InformationBufferLength, sizeof(ULONG));
        of(context).profiles.emplace_back(*static_cast<ULONG*>(event->InformationBuffer), of(context).calls.back());
        return;
    }
    of(context).calls.push_back("device event");
    history().push_back("nic device event");
}
void NTAPI shut_down(NDIS_HANDLE context, NDIS_SHUTDOWN_ACTION action) {
    of(context).calls.push_back("shutdown");
    if (action == NdisShutdownBugCheck)
        fprintf(stderr, "fixnic shuts down at IRQL %d\n", nt::current_irql());
}

BOOLEAN NTAPI check_for_hang(NDIS_HANDLE context) {
    EXPECT_EQ(nt::current_irql(), PASSIVE_LEVEL);
    of(context).calls.push_back("check");
    return behaviour().hangs;
}
NDIS_STATUS NTAPI reset(NDIS_HANDLE context, PBOOLEAN addressing_reset) {
    of(context).calls.push_back("reset");
    behaviour().hangs = false;
    *addressing_reset = behaviour().addressing_reset;
    return behaviour().pend_reset ? NDIS_STATUS_PENDING : NDIS_STATUS_SUCCESS;
}

// The context of an added device is a number that tells it from an adapter's.
int added_device;
NDIS_STATUS NTAPI add_device(NDIS_HANDLE handle, NDIS_HANDLE) {
    history().push_back("nic add device");
    NDIS_MINIPORT_ADAPTER_ATTRIBUTES attributes{};
    auto& a = attributes.AddDeviceRegistrationAttributes;
    a.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADD_DEVICE_REGISTRATION_ATTRIBUTES;
    a.Header.Revision = NDIS_MINIPORT_ADD_DEVICE_REGISTRATION_ATTRIBUTES_REVISION_1;
    a.Header.Size = NDIS_SIZEOF_MINIPORT_ADD_DEVICE_REGISTRATION_ATTRIBUTES_REVISION_1;
    a.MiniportAddDeviceContext = &added_device;
    EXPECT_EQ(NdisMSetMiniportAttributes(handle, &attributes), NDIS_STATUS_SUCCESS);
    return behaviour().add_device;
}
void NTAPI remove_device(NDIS_HANDLE context) {
    EXPECT_EQ(context, &added_device);
    history().push_back("nic remove device");
}
NDIS_STATUS NTAPI filter_requirements(NDIS_HANDLE context, PIRP irp) {
    EXPECT_EQ(context, &added_device);
    EXPECT_EQ(IoGetCurrentIrpStackLocation(irp)->MinorFunction, IRP_MN_FILTER_RESOURCE_REQUIREMENTS);
    history().push_back("nic filter requirements");
    return NDIS_STATUS_SUCCESS;
}
NDIS_STATUS NTAPI start_device(NDIS_HANDLE context, PIRP irp) {
    EXPECT_EQ(context, &added_device);
    EXPECT_EQ(IoGetCurrentIrpStackLocation(irp)->MinorFunction, IRP_MN_START_DEVICE);
    history().push_back("nic start device");
    return behaviour().start_device;
}
NDIS_STATUS NTAPI set_options(NDIS_HANDLE driver, NDIS_HANDLE) {
    if (behaviour().on_set_options)
        return behaviour().on_set_options(driver);
    NDIS_MINIPORT_PNP_CHARACTERISTICS pnp{};
    pnp.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_PNP_CHARACTERISTICS;
    pnp.Header.Revision = NDIS_MINIPORT_PNP_CHARACTERISTICS_REVISION_1;
    pnp.Header.Size = NDIS_SIZEOF_MINIPORT_PNP_CHARACTERISTICS_REVISION_1;
    pnp.MiniportAddDeviceHandler = add_device;
    pnp.MiniportRemoveDeviceHandler = remove_device;
    pnp.MiniportFilterResourceRequirementsHandler = filter_requirements;
    pnp.MiniportStartDeviceHandler = start_device;
    return NdisSetOptionalHandlers(driver, reinterpret_cast<PNDIS_DRIVER_OPTIONAL_HANDLERS>(&pnp));
}

void NTAPI unload(PDRIVER_OBJECT) {
    NdisMDeregisterMiniportDriver(driver_handle);
    NdisFreeNetBufferListPool(pool);
}

}  // namespace

NDIS_HANDLE nic_driver() { return driver_handle; }

NTSTATUS NTAPI nic_entry(PDRIVER_OBJECT object, PUNICODE_STRING path) {
    NDIS_MINIPORT_DRIVER_CHARACTERISTICS c{};
    c.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS;
    c.Header.Revision = NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2;
    c.Header.Size = NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2;
    c.MajorNdisVersion = 6;
    c.MinorNdisVersion = behaviour().minor_version;
    c.SetOptionsHandler = behaviour().has_pnp || behaviour().on_set_options ? set_options : nullptr;
    c.CheckForHangHandlerEx = behaviour().has_reset ? check_for_hang : nullptr;
    c.ResetHandlerEx = behaviour().has_reset ? reset : nullptr;
    c.InitializeHandlerEx = initialize;
    c.HaltHandlerEx = halt;
    c.UnloadHandler = unload;
    c.PauseHandler = pause;
    c.RestartHandler = restart;
    c.OidRequestHandler = oid_request;
    c.SendNetBufferListsHandler = send;
    c.ReturnNetBufferListsHandler = give_back;
    c.CancelSendHandler = cancel_send;
    c.DevicePnPEventNotifyHandler = device_event;
    c.ShutdownHandlerEx = shut_down;
    c.CancelOidRequestHandler = cancel_oid;
    c.DirectOidRequestHandler = direct_oid;
    c.CancelDirectOidRequestHandler = cancel_direct_oid;
    if (behaviour().minor_version >= 80 || behaviour().newest_characteristics) {
        c.Header.Revision = NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_3;
        c.Header.Size = NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_3;
        c.SynchronousOidRequestHandler = synchronous_oid;
    }
    const NDIS_STATUS status = NdisMRegisterMiniportDriver(object, path, nullptr, &c, &driver_handle);
    registration_status("fixnic") = status;
    if (status != NDIS_STATUS_SUCCESS)
        return status;
    NET_BUFFER_LIST_POOL_PARAMETERS parameters{};
    parameters.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    parameters.Header.Revision = NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
    parameters.Header.Size = NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
    parameters.fAllocateNetBuffer = true;
    parameters.PoolTag = 'xiF ';
    pool = NdisAllocateNetBufferListPool(driver_handle, &parameters);
    return STATUS_SUCCESS;
}

NDIS_STATUS& registration_status(const std::string& driver) {
    static std::map<std::string, NDIS_STATUS> all;
    return all[driver];
}

NicBehaviour& behaviour() {
    static NicBehaviour b;
    return b;
}

bool has_nic(const std::u16string& guid) { return nics().contains(guid); }
Nic& nic(const std::u16string& guid) { return *nics().at(guid); }

void Nic::complete_reset() { NdisMResetComplete(handle, NDIS_STATUS_SUCCESS, behaviour().addressing_reset); }

void Nic::complete_sends(NDIS_STATUS status) {
    PNET_BUFFER_LIST chain = held;
    held = nullptr;
    for (PNET_BUFFER_LIST nbl = chain; nbl != nullptr; nbl = nbl->Next)
        nbl->Status = status;
    if (chain != nullptr)
        NdisMSendNetBufferListsComplete(handle, chain, 0);
}

NDIS_STATUS net_pnp_event(NET_PNP_EVENT_CODE code, UCHAR revision) {
    NET_PNP_EVENT_NOTIFICATION n{};
    n.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    n.Header.Revision = revision;
    n.Header.Size = revision >= NET_PNP_EVENT_NOTIFICATION_REVISION_2
                        ? NDIS_SIZEOF_NET_PNP_EVENT_NOTIFICATION_REVISION_2
                        : NDIS_SIZEOF_NET_PNP_EVENT_NOTIFICATION_REVISION_1;
    n.NetPnPEvent.NetEvent = code;
    return NdisMNetPnPEvent(nic().handle, &n);
}
NDIS_STATUS port_event(NET_PNP_EVENT_CODE code, void* buffer, ULONG length) {
    NET_PNP_EVENT_NOTIFICATION n{};
    n.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    n.Header.Revision = NET_PNP_EVENT_NOTIFICATION_REVISION_1;
    n.Header.Size = NDIS_SIZEOF_NET_PNP_EVENT_NOTIFICATION_REVISION_1;
    n.NetPnPEvent.NetEvent = code;
    n.NetPnPEvent.Buffer = buffer;
    n.NetPnPEvent.BufferLength = length;
    return NdisMNetPnPEvent(nic().handle, &n);
}
NDIS_PORT_NUMBER allocate_port() {
    NDIS_PORT_CHARACTERISTICS port{};
    port.Header.Type = NDIS_OBJECT_TYPE_PORT_CHARACTERISTICS;
    port.Header.Revision = NDIS_PORT_CHARACTERISTICS_REVISION_1;
    port.Header.Size = NDIS_SIZEOF_PORT_CHARACTERISTICS_REVISION_1;
    EXPECT_EQ(NdisMAllocatePort(nic().handle, &port), NDIS_STATUS_SUCCESS);
    return port.PortNumber;
}
NDIS_STATUS activate(NDIS_PORT_NUMBER number) {
    NDIS_PORT port{};
    port.PortCharacteristics.PortNumber = number;
    return port_event(NetEventPortActivation, &port, sizeof(port));
}
NDIS_STATUS deactivate(NDIS_PORT_NUMBER number) {
    return port_event(NetEventPortDeactivation, &number, sizeof(number));
}

void Nic::complete_direct(NDIS_STATUS status) { NdisMDirectOidRequestComplete(handle, std::exchange(direct, nullptr), status); }

void Nic::complete_oid(NDIS_STATUS status) {
    PNDIS_OID_REQUEST request = oids.front();
    oids.erase(oids.begin());
    if (status == NDIS_STATUS_SUCCESS)
        status = answer(*this, *request);
    --oids_inside;
    NdisMOidRequestComplete(handle, request, status);
}

void Nic::indicate(int frames, const std::vector<uint8_t>& destination, ULONG flags, NDIS_PORT_NUMBER port) {
    PNET_BUFFER_LIST chain = nullptr;
    for (int i = 0; i < frames; i++) {
        auto* data = new uint8_t[60]();
        std::memcpy(data, destination.data(), 6);
        PMDL mdl = NdisAllocateMdl(handle, data, 60);
        PNET_BUFFER_LIST nbl = NdisAllocateNetBufferAndNetBufferList(pool, 0, 0, mdl, 0, 60);
        nbl->SourceHandle = handle;
        nbl->Next = chain;
        chain = nbl;
        receives_out++;
    }
    NdisMIndicateReceiveNetBufferLists(handle, chain, port, frames, flags);
    if (flags & NDIS_RECEIVE_FLAGS_RESOURCES)
        give_back(this, chain, 0);
}

void Nic::indicate_link(bool up) {
    NDIS_LINK_STATE link{};
    link.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    link.Header.Revision = NDIS_LINK_STATE_REVISION_1;
    link.Header.Size = NDIS_SIZEOF_LINK_STATE_REVISION_1;
    link.MediaConnectState = up ? MediaConnectStateConnected : MediaConnectStateDisconnected;
    link.XmitLinkSpeed = link.RcvLinkSpeed = 1'000'000'000;
    indicate_status(NDIS_STATUS_LINK_STATE, &link, sizeof(link));
}

void Nic::indicate_status(NDIS_STATUS code, void* buffer, uint32_t size, NDIS_PORT_NUMBER port) {
    NDIS_STATUS_INDICATION status{};
    status.Header.Type = NDIS_OBJECT_TYPE_STATUS_INDICATION;
    status.Header.Revision = NDIS_STATUS_INDICATION_REVISION_1;
    status.Header.Size = NDIS_SIZEOF_STATUS_INDICATION_REVISION_1;
    status.SourceHandle = handle;
    status.PortNumber = port;
    status.StatusCode = code;
    status.StatusBuffer = buffer;
    status.StatusBufferSize = size;
    NdisMIndicateStatusEx(handle, &status);
}

}  // namespace ndiskit::ndis::fixture
