// The driver and the life of its adapters.
#include "virtnic.h"

namespace {

NDIS_HANDLE driver_handle;

const NDIS_OID supported[] = {OID_GEN_CURRENT_PACKET_FILTER, OID_GEN_CURRENT_LOOKAHEAD, OID_GEN_STATISTICS,
                              OID_GEN_XMIT_OK, OID_GEN_RCV_OK, OID_802_3_MULTICAST_LIST, OID_PNP_SET_POWER};

NDIS_STATUS register_adapter(Adapter& adapter) {
    NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES r = {};
    r.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES;
    r.Header.Revision = NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1;
    r.Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1;
    r.MiniportAdapterContext = &adapter;
    r.AttributeFlags = NDIS_MINIPORT_ATTRIBUTES_HARDWARE_DEVICE | NDIS_MINIPORT_ATTRIBUTES_BUS_MASTER;
    r.InterfaceType = NdisInterfacePci;
    return NdisMSetMiniportAttributes(adapter.handle, (PNDIS_MINIPORT_ADAPTER_ATTRIBUTES)&r);
}

NDIS_STATUS describe_adapter(Adapter& adapter) {
    NDIS_PM_CAPABILITIES power = {};
    power.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    power.Header.Revision = NDIS_PM_CAPABILITIES_REVISION_1;
    power.Header.Size = NDIS_SIZEOF_NDIS_PM_CAPABILITIES_REVISION_1;
    NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES g = {};
    g.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES;
    g.Header.Revision = NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_2;
    g.Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_2;
    g.MediaType = NdisMedium802_3;
    g.PhysicalMediumType = NdisPhysicalMedium802_3;
    g.MtuSize = 1500;
    g.MaxXmitLinkSpeed = g.XmitLinkSpeed = g.MaxRcvLinkSpeed = g.RcvLinkSpeed = 10000000000ULL;
    g.MediaConnectState = link_is_up(adapter) ? MediaConnectStateConnected : MediaConnectStateDisconnected;
    g.MediaDuplexState = MediaDuplexStateFull;
    g.LookaheadSize = 1500;
    g.MacOptions = NDIS_MAC_OPTION_NO_LOOPBACK;
    g.SupportedPacketFilters = NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_MULTICAST | NDIS_PACKET_TYPE_BROADCAST |
                               NDIS_PACKET_TYPE_ALL_MULTICAST | NDIS_PACKET_TYPE_PROMISCUOUS;
    g.MaxMulticastListSize = 32;
    g.MacAddressLength = 6;
    NdisMoveMemory(g.PermanentMacAddress, adapter.mac, 6);
    NdisMoveMemory(g.CurrentMacAddress, adapter.mac, 6);
    g.AccessType = NET_IF_ACCESS_BROADCAST;
    g.DirectionType = NET_IF_DIRECTION_SENDRECEIVE;
    g.ConnectionType = NET_IF_CONNECTION_DEDICATED;
    g.IfType = IF_TYPE_ETHERNET_CSMACD;
    g.IfConnectorPresent = TRUE;
    g.SupportedOidList = (PNDIS_OID)supported;
    g.SupportedOidListLength = sizeof supported;
    g.PowerManagementCapabilitiesEx = &power;
    return NdisMSetMiniportAttributes(adapter.handle, (PNDIS_MINIPORT_ADAPTER_ATTRIBUTES)&g);
}

NDIS_STATUS register_dma(Adapter& adapter) {
    NDIS_SG_DMA_DESCRIPTION d = {};
    d.Header.Type = NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION;
    d.Header.Revision = NDIS_SG_DMA_DESCRIPTION_REVISION_1;
    d.Header.Size = NDIS_SIZEOF_SG_DMA_DESCRIPTION_REVISION_1;
    d.Flags = NDIS_SG_DMA_64_BIT_ADDRESS;
    d.MaximumPhysicalMapping = 64 * 1024;
    d.ProcessSGListHandler = process_list;
    return NdisMRegisterScatterGatherDma(adapter.handle, &d, &adapter.dma);
}

NDIS_STATUS allocate_memory(Adapter& adapter) {
    adapter.shared_size = 3 * 4096;
    NdisMAllocateSharedMemory(adapter.handle, adapter.shared_size, TRUE, (PVOID*)&adapter.shared,
                              &adapter.shared_address);
    NdisMAllocateSharedMemory(adapter.handle, ring_size * receive_stride, TRUE, (PVOID*)&adapter.buffers,
                              &adapter.buffers_address);
    NET_BUFFER_LIST_POOL_PARAMETERS p = {};
    p.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    p.Header.Revision = NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
    p.Header.Size = NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
    p.fAllocateNetBuffer = TRUE;
    p.PoolTag = tag;
    adapter.pool = NdisAllocateNetBufferListPool(adapter.handle, &p);
    if (!adapter.shared || !adapter.buffers || !adapter.pool) return NDIS_STATUS_RESOURCES;
    for (ULONG i = 0; i < ring_size; ++i) {
        Receive& r = adapter.receives[i];
        r.mdl = NdisAllocateMdl(adapter.handle, adapter.buffers + i * receive_stride, receive_stride);
        r.nbl = r.mdl ? NdisAllocateNetBufferAndNetBufferList(adapter.pool, 0, 0, r.mdl, header_size, longest_frame)
                      : nullptr;
        if (!r.nbl) return NDIS_STATUS_RESOURCES;
        r.nbl->SourceHandle = adapter.handle;
        NET_BUFFER_LIST_MINIPORT_RESERVED(r.nbl)[0] = (PVOID)(ULONG_PTR)i;
    }
    return NDIS_STATUS_SUCCESS;
}

// Gives back whatever there is.
void tear_down(Adapter& adapter) {
    if (adapter.registers) reset_device(adapter);
    if (adapter.interrupt) NdisMDeregisterInterruptEx(adapter.interrupt);
    for (Receive& r : adapter.receives) {
        if (r.nbl) NdisFreeNetBufferList(r.nbl);
        if (r.mdl) NdisFreeMdl(r.mdl);
    }
    if (adapter.pool) NdisFreeNetBufferListPool(adapter.pool);
    if (adapter.buffers)
        NdisMFreeSharedMemory(adapter.handle, ring_size * receive_stride, TRUE, adapter.buffers,
                              adapter.buffers_address);
    if (adapter.shared)
        NdisMFreeSharedMemory(adapter.handle, adapter.shared_size, TRUE, adapter.shared, adapter.shared_address);
    if (adapter.dma) NdisMDeregisterScatterGatherDma(adapter.dma);
    if (adapter.registers) NdisMUnmapIoSpace(adapter.handle, (PVOID)adapter.registers, adapter.registers_size);
    NdisFreeSpinLock(&adapter.lock);
    NdisFreeMemory(&adapter, 0, 0);
}

NDIS_STATUS initialize(NDIS_HANDLE handle, NDIS_HANDLE, PNDIS_MINIPORT_INIT_PARAMETERS parameters) {
    Adapter* adapter =
        (Adapter*)NdisAllocateMemoryWithTagPriority(handle, sizeof(Adapter), tag, NormalPoolPriority);
    if (!adapter) return NDIS_STATUS_RESOURCES;
    NdisZeroMemory(adapter, sizeof *adapter);
    adapter->handle = handle;
    NdisAllocateSpinLock(&adapter->lock);
    NDIS_STATUS status = register_adapter(*adapter);
    if (status == NDIS_STATUS_SUCCESS) status = find_hardware(*adapter, parameters->AllocatedResources);
    if (status == NDIS_STATUS_SUCCESS) status = describe_adapter(*adapter);
    if (status == NDIS_STATUS_SUCCESS) status = register_dma(*adapter);
    if (status == NDIS_STATUS_SUCCESS) status = allocate_memory(*adapter);
    if (status == NDIS_STATUS_SUCCESS) status = connect_interrupt(*adapter);
    if (status != NDIS_STATUS_SUCCESS) {
        tear_down(*adapter);
        return status;
    }
    start_device(*adapter);
    return NDIS_STATUS_SUCCESS;
}

void halt(NDIS_HANDLE context, NDIS_HALT_ACTION) { tear_down(*(Adapter*)context); }

NDIS_STATUS pause(NDIS_HANDLE context, PNDIS_MINIPORT_PAUSE_PARAMETERS) {
    Adapter& adapter = *(Adapter*)context;
    NdisAcquireSpinLock(&adapter.lock);
    adapter.running = FALSE;
    const BOOLEAN busy = ReadAcquire(&adapter.sends_out) != 0 || adapter.receives_out != 0;
    adapter.pausing = busy;
    NdisReleaseSpinLock(&adapter.lock);
    return busy ? NDIS_STATUS_PENDING : NDIS_STATUS_SUCCESS;
}

NDIS_STATUS restart(NDIS_HANDLE context, PNDIS_MINIPORT_RESTART_PARAMETERS) {
    Adapter& adapter = *(Adapter*)context;
    NdisAcquireSpinLock(&adapter.lock);
    adapter.running = TRUE;
    NdisReleaseSpinLock(&adapter.lock);
    return NDIS_STATUS_SUCCESS;
}

void send(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER, ULONG) {
    KIRQL irql;
    NDIS_RAISE_IRQL_TO_DISPATCH(&irql);
    send_chain(*(Adapter*)context, chain);
    NDIS_LOWER_IRQL(irql, DISPATCH_LEVEL);
}

void returned(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG) { return_chain(*(Adapter*)context, chain); }

void cancel_send(NDIS_HANDLE, PVOID) {}
void cancel_oid(NDIS_HANDLE, PVOID) {}
void device_event(NDIS_HANDLE, PNET_DEVICE_PNP_EVENT) {}
void shut_down(NDIS_HANDLE context, NDIS_SHUTDOWN_ACTION) { reset_device(*(Adapter*)context); }

void unload(PDRIVER_OBJECT) { NdisMDeregisterMiniportDriver(driver_handle); }

}  // namespace

extern "C" NTSTATUS DriverEntry(PDRIVER_OBJECT object, PUNICODE_STRING path) {
    NDIS_MINIPORT_DRIVER_CHARACTERISTICS c = {};
    c.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS;
    c.Header.Revision = NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2;
    c.Header.Size = NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2;
    c.MajorNdisVersion = 6;
    c.MinorNdisVersion = 20;
    c.InitializeHandlerEx = initialize;
    c.HaltHandlerEx = halt;
    c.UnloadHandler = unload;
    c.PauseHandler = pause;
    c.RestartHandler = restart;
    c.OidRequestHandler = oid_request;
    c.SendNetBufferListsHandler = send;
    c.ReturnNetBufferListsHandler = returned;
    c.CancelSendHandler = cancel_send;
    c.DevicePnPEventNotifyHandler = device_event;
    c.ShutdownHandlerEx = shut_down;
    c.CancelOidRequestHandler = cancel_oid;
    return NdisMRegisterMiniportDriver(object, path, nullptr, &c, &driver_handle);
}
