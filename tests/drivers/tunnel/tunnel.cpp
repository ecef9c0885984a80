// A virtual adapter of a VPN, as small as one can be: NdisMediumIP, and a control device per adapter through
// which a program takes the packets that go down (IRP_MJ_READ, at once or STATUS_NO_MORE_ENTRIES) and hands
// packets up (IRP_MJ_WRITE). It does what such drivers do and samples do not: it registers its device with
// the handle of the adapter, gives each open file a context that its close frees, puts itself before NDIS in
// the dispatch table, and touches lists inside of __try.
#include <ntifs.h>

#include <ndis.h>
#include <netioapi.h>
#include <ntstrsafe.h>

namespace {

constexpr ULONG tag = 'nuTK', mtu = 1420, most_queued = 64;

struct Packet {
    LIST_ENTRY link;
    ULONG size;
    UCHAR data[mtu];
};

struct Adapter {
    NDIS_HANDLE handle, pool, device;
    KSPIN_LOCK lock;
    LIST_ENTRY queue;
    ULONG queued;
    BOOLEAN running;
    volatile LONG references;  // the adapter's own, and one for each file and each packet that is up
};

struct File {
    Adapter* adapter;
};

NDIS_HANDLE driver_handle;
PDRIVER_DISPATCH of_ndis;
Adapter* the_adapter;  // of the device; there is one

void release(Adapter* adapter) {
    if (InterlockedDecrement(&adapter->references) != 0) return;
    while (!IsListEmpty(&adapter->queue)) ExFreePoolWithTag(RemoveHeadList(&adapter->queue), tag);
    ExFreePoolWithTag(adapter, tag);
}

NTSTATUS finish(PIRP irp, NTSTATUS status, ULONG_PTR bytes = 0) {
    irp->IoStatus.Status = status;
    irp->IoStatus.Information = bytes;
    IoCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

Adapter* adapter_of(PIRP irp) {
    return ((File*)IoGetCurrentIrpStackLocation(irp)->FileObject->FsContext)->adapter;
}

NTSTATUS NTAPI create(PDEVICE_OBJECT, PIRP irp) {
    auto* file = (File*)ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(File), tag);
    if (!file) return finish(irp, STATUS_INSUFFICIENT_RESOURCES);
    file->adapter = the_adapter;
    InterlockedIncrement(&file->adapter->references);
    IoGetCurrentIrpStackLocation(irp)->FileObject->FsContext = file;
    return finish(irp, STATUS_SUCCESS);
}

NTSTATUS NTAPI cleanup(PDEVICE_OBJECT, PIRP irp) { return finish(irp, STATUS_SUCCESS); }

NTSTATUS NTAPI close(PDEVICE_OBJECT, PIRP irp) {
    release(adapter_of(irp));
    ExFreePoolWithTag(IoGetCurrentIrpStackLocation(irp)->FileObject->FsContext, tag);
    return finish(irp, STATUS_SUCCESS);
}

NTSTATUS NTAPI read(PDEVICE_OBJECT, PIRP irp) {
    Adapter* const adapter = adapter_of(irp);
    void* const to = MmGetSystemAddressForMdlSafe(irp->MdlAddress, NormalPagePriority);
    if (!to) return finish(irp, STATUS_INSUFFICIENT_RESOURCES);
    Packet* packet = nullptr;
    KIRQL old;
    KeAcquireSpinLock(&adapter->lock, &old);
    __try {
        if (!IsListEmpty(&adapter->queue))
            packet = (Packet*)RemoveHeadList(&adapter->queue), --adapter->queued;
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        packet = nullptr;
    }
    KeReleaseSpinLock(&adapter->lock, old);
    if (!packet) return finish(irp, STATUS_NO_MORE_ENTRIES);
    const ULONG size = min(packet->size, IoGetCurrentIrpStackLocation(irp)->Parameters.Read.Length);
    RtlCopyMemory(to, packet->data, size);
    ExFreePoolWithTag(packet, tag);
    return finish(irp, STATUS_SUCCESS, size);
}

NTSTATUS NTAPI write(PDEVICE_OBJECT, PIRP irp) {
    Adapter* const adapter = adapter_of(irp);
    const ULONG size = IoGetCurrentIrpStackLocation(irp)->Parameters.Write.Length;
    if (size < 20 || size > mtu || !irp->MdlAddress) return finish(irp, STATUS_INVALID_PARAMETER);
    void* const copy = ExAllocatePool2(POOL_FLAG_NON_PAGED, size, tag);
    const void* const from = MmGetSystemAddressForMdlSafe(irp->MdlAddress, NormalPagePriority);
    KIRQL old;
    KeAcquireSpinLock(&adapter->lock, &old);
    const BOOLEAN running = adapter->running && copy && from;
    if (running) InterlockedIncrement(&adapter->references);
    PMDL mdl = running ? NdisAllocateMdl(adapter->handle, copy, size) : nullptr;
    PNET_BUFFER_LIST list =
        mdl ? NdisAllocateNetBufferAndNetBufferList(adapter->pool, 0, 0, mdl, 0, size) : nullptr;
    if (list) {
        RtlCopyMemory(copy, from, size);
        list->SourceHandle = adapter->handle;
        NdisSetNblFlag(list, NDIS_NBL_FLAGS_IS_IPV4);
        NET_BUFFER_LIST_INFO(list, NetBufferListFrameType) = (PVOID)(ULONG_PTR)RtlUshortByteSwap(0x0800);
    }
    KeReleaseSpinLock(&adapter->lock, old);
    if (list) {
        NdisMIndicateReceiveNetBufferLists(adapter->handle, list, NDIS_DEFAULT_PORT_NUMBER, 1, 0);
        return finish(irp, STATUS_SUCCESS, size);
    }
    if (mdl) NdisFreeMdl(mdl);
    if (running) release(adapter);
    if (copy) ExFreePoolWithTag(copy, tag);
    return finish(irp, STATUS_DEVICE_NOT_READY);
}

void NTAPI returned(NDIS_HANDLE context, PNET_BUFFER_LIST list, ULONG) {
    while (list) {
        PNET_BUFFER_LIST const next = NET_BUFFER_LIST_NEXT_NBL(list);
        PMDL const mdl = NET_BUFFER_FIRST_MDL(NET_BUFFER_LIST_FIRST_NB(list));
        ExFreePoolWithTag(MmGetMdlVirtualAddress(mdl), tag);
        NdisFreeMdl(mdl);
        NdisFreeNetBufferList(list);
        release((Adapter*)context);
        list = next;
    }
}

void keep(Adapter* adapter, PNET_BUFFER buffer) {
    const ULONG size = NET_BUFFER_DATA_LENGTH(buffer);
    if (size > mtu || adapter->queued == most_queued) return;
    auto* packet = (Packet*)ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(Packet), tag);
    if (!packet) return;
    const void* const data = NdisGetDataBuffer(buffer, size, packet->data, 1, 0);
    if (data && data != packet->data) RtlCopyMemory(packet->data, data, size);
    packet->size = size;
    InsertTailList(&adapter->queue, &packet->link);
    ++adapter->queued;
}

void NTAPI send(NDIS_HANDLE context, PNET_BUFFER_LIST lists, NDIS_PORT_NUMBER, ULONG flags) {
    auto* adapter = (Adapter*)context;
    KIRQL old;
    KeAcquireSpinLock(&adapter->lock, &old);
    const BOOLEAN running = adapter->running;
    for (PNET_BUFFER_LIST list = lists; list; list = NET_BUFFER_LIST_NEXT_NBL(list)) {
        NET_BUFFER_LIST_STATUS(list) = running ? NDIS_STATUS_SUCCESS : NDIS_STATUS_PAUSED;
        for (PNET_BUFFER buffer = NET_BUFFER_LIST_FIRST_NB(list); running && buffer;
             buffer = NET_BUFFER_NEXT_NB(buffer))
            keep(adapter, buffer);
    }
    KeReleaseSpinLock(&adapter->lock, old);
    NdisMSendNetBufferListsComplete(
        adapter->handle, lists,
        NDIS_TEST_SEND_AT_DISPATCH_LEVEL(flags) ? NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL : 0);
}

void set_running(Adapter* adapter, BOOLEAN running) {
    KIRQL old;
    KeAcquireSpinLock(&adapter->lock, &old);
    adapter->running = running;
    KeReleaseSpinLock(&adapter->lock, old);
}

// Packets that are up hold the pause, as they hold the adapter: NDIS has them all back before it halts.
NDIS_STATUS NTAPI pause(NDIS_HANDLE context, PNDIS_MINIPORT_PAUSE_PARAMETERS) {
    set_running((Adapter*)context, FALSE);
    return NDIS_STATUS_SUCCESS;
}
NDIS_STATUS NTAPI restart(NDIS_HANDLE context, PNDIS_MINIPORT_RESTART_PARAMETERS) {
    set_running((Adapter*)context, TRUE);
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS NTAPI oid(NDIS_HANDLE, PNDIS_OID_REQUEST request) {
    if (request->RequestType != NdisRequestSetInformation) return NDIS_STATUS_NOT_SUPPORTED;
    const NDIS_OID which = request->DATA.SET_INFORMATION.Oid;
    const bool known = which == OID_GEN_CURRENT_PACKET_FILTER || which == OID_GEN_CURRENT_LOOKAHEAD ||
                       which == OID_PNP_SET_POWER;
    if (known)
        request->DATA.SET_INFORMATION.BytesRead = request->DATA.SET_INFORMATION.InformationBufferLength;
    return known ? NDIS_STATUS_SUCCESS : NDIS_STATUS_NOT_SUPPORTED;
}
void NTAPI cancel_oid(NDIS_HANDLE, PVOID) {}
void NTAPI cancel_send(NDIS_HANDLE, PVOID) {}
void NTAPI pnp_event(NDIS_HANDLE, PNET_DEVICE_PNP_EVENT) {}
void NTAPI shutdown(NDIS_HANDLE, NDIS_SHUTDOWN_ACTION) {}

NDIS_STATUS set_attributes(Adapter* adapter) {
    NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES registration = {};
    registration.Header = {NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES,
                           NDIS_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1,
                           NDIS_SIZEOF_MINIPORT_ADAPTER_REGISTRATION_ATTRIBUTES_REVISION_1};
    registration.MiniportAdapterContext = adapter;
    registration.AttributeFlags = NDIS_MINIPORT_ATTRIBUTES_NDIS_WDM |
                                  NDIS_MINIPORT_ATTRIBUTES_SURPRISE_REMOVE_OK |
                                  NDIS_MINIPORT_ATTRIBUTES_NO_HALT_ON_SUSPEND;
    registration.InterfaceType = NdisInterfaceInternal;
    NDIS_STATUS status =
        NdisMSetMiniportAttributes(adapter->handle, (PNDIS_MINIPORT_ADAPTER_ATTRIBUTES)&registration);
    if (status != NDIS_STATUS_SUCCESS) return status;
    static NDIS_OID oids[] = {OID_GEN_CURRENT_PACKET_FILTER, OID_GEN_CURRENT_LOOKAHEAD, OID_PNP_SET_POWER};
    NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES general = {};
    general.Header = {NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES,
                      NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_2,
                      NDIS_SIZEOF_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES_REVISION_2};
    general.MediaType = NdisMediumIP;
    general.MtuSize = general.LookaheadSize = mtu;
    general.MaxXmitLinkSpeed = general.MaxRcvLinkSpeed = general.XmitLinkSpeed = general.RcvLinkSpeed =
        1000000000;
    general.MediaConnectState = MediaConnectStateConnected;
    general.MediaDuplexState = MediaDuplexStateFull;
    general.MacOptions = NDIS_MAC_OPTION_NO_LOOPBACK;
    general.SupportedPacketFilters = NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_BROADCAST;
    general.AccessType = NET_IF_ACCESS_BROADCAST;
    general.DirectionType = NET_IF_DIRECTION_SENDRECEIVE;
    general.ConnectionType = NET_IF_CONNECTION_DEDICATED;
    general.IfType = IF_TYPE_PROP_VIRTUAL;
    general.SupportedOidList = oids;
    general.SupportedOidListLength = sizeof oids;
    return NdisMSetMiniportAttributes(adapter->handle, (PNDIS_MINIPORT_ADAPTER_ATTRIBUTES)&general);
}

NDIS_STATUS make_device(Adapter* adapter) {
    static PDRIVER_DISPATCH table[IRP_MJ_MAXIMUM_FUNCTION + 1];
    table[IRP_MJ_CREATE] = create;
    table[IRP_MJ_CLEANUP] = cleanup;
    table[IRP_MJ_CLOSE] = close;
    table[IRP_MJ_READ] = read;
    table[IRP_MJ_WRITE] = write;
    WCHAR name_text[32], link_text[32];
    RtlStringCchPrintfW(name_text, ARRAYSIZE(name_text), L"\\Device\\%s", L"KitTunnel");
    RtlStringCchPrintfW(link_text, ARRAYSIZE(link_text), L"\\DosDevices\\%s", L"KitTunnel");
    UNICODE_STRING name, link, sddl;
    RtlInitUnicodeString(&sddl, L"D:P(A;;GA;;;SY)(A;;GA;;;BA)");
    RtlInitUnicodeString(&name, name_text);
    RtlInitUnicodeString(&link, link_text);
    NDIS_DEVICE_OBJECT_ATTRIBUTES attributes = {};
    attributes.Header = {NDIS_OBJECT_TYPE_DEVICE_OBJECT_ATTRIBUTES, NDIS_DEVICE_OBJECT_ATTRIBUTES_REVISION_1,
                         NDIS_SIZEOF_DEVICE_OBJECT_ATTRIBUTES_REVISION_1};
    attributes.DeviceName = &name;
    attributes.SymbolicName = &link;
    attributes.MajorFunctions = table;
    attributes.DefaultSDDLString = &sddl;
    PDEVICE_OBJECT object;
    the_adapter = adapter;
    const NDIS_STATUS status = NdisRegisterDeviceEx(adapter->handle, &attributes, &object, &adapter->device);
    if (status == NDIS_STATUS_SUCCESS) object->Flags |= DO_DIRECT_IO;
    return status;
}

// A file that is still open keeps the adapter's memory, nothing else.
void NTAPI halt(NDIS_HANDLE context, NDIS_HALT_ACTION) {
    auto* adapter = (Adapter*)context;
    if (adapter->device) NdisDeregisterDeviceEx(adapter->device);
    if (adapter->pool) NdisFreeNetBufferListPool(adapter->pool);
    release(adapter);
}

NDIS_STATUS NTAPI initialize(NDIS_HANDLE handle, NDIS_HANDLE, PNDIS_MINIPORT_INIT_PARAMETERS) {
    auto* adapter = (Adapter*)ExAllocatePool2(POOL_FLAG_NON_PAGED, sizeof(Adapter), tag);
    if (!adapter) return NDIS_STATUS_RESOURCES;
    adapter->handle = handle;
    adapter->references = 1;
    KeInitializeSpinLock(&adapter->lock);
    InitializeListHead(&adapter->queue);
    NET_BUFFER_LIST_POOL_PARAMETERS pool = {};
    pool.Header = {NDIS_OBJECT_TYPE_DEFAULT, NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1,
                   NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1};
    pool.ProtocolId = NDIS_PROTOCOL_ID_DEFAULT;
    pool.fAllocateNetBuffer = TRUE;
    pool.PoolTag = tag;
    adapter->pool = NdisAllocateNetBufferListPool(handle, &pool);
    NDIS_STATUS status = adapter->pool ? set_attributes(adapter) : NDIS_STATUS_RESOURCES;
    if (status == NDIS_STATUS_SUCCESS) status = make_device(adapter);
    if (status != NDIS_STATUS_SUCCESS) halt(adapter, NdisHaltDeviceInitializationFailed);
    return status;
}

// Answers what nobody else does, and leaves the rest to NDIS.
NTSTATUS NTAPI control(PDEVICE_OBJECT device, PIRP irp) {
    constexpr ULONG ours = CTL_CODE(0x22, 0x900, METHOD_BUFFERED, FILE_ANY_ACCESS);
    if (IoGetCurrentIrpStackLocation(irp)->Parameters.DeviceIoControl.IoControlCode == ours)
        return finish(irp, STATUS_SUCCESS);
    return of_ndis(device, irp);
}

void NTAPI unload(PDRIVER_OBJECT) { NdisMDeregisterMiniportDriver(driver_handle); }

}  // namespace

extern "C" NTSTATUS NTAPI DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING path) {
    NDIS_MINIPORT_DRIVER_CHARACTERISTICS mine = {};
    mine.Header = {NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS,
                   NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2,
                   NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2};
    mine.MajorNdisVersion = 6;
    mine.MinorNdisVersion = 30;
    mine.InitializeHandlerEx = initialize;
    mine.HaltHandlerEx = halt;
    mine.UnloadHandler = unload;
    mine.PauseHandler = pause;
    mine.RestartHandler = restart;
    mine.OidRequestHandler = oid;
    mine.CancelOidRequestHandler = cancel_oid;
    mine.SendNetBufferListsHandler = send;
    mine.CancelSendHandler = cancel_send;
    mine.ReturnNetBufferListsHandler = returned;
    mine.DevicePnPEventNotifyHandler = pnp_event;
    mine.ShutdownHandlerEx = shutdown;
    const NDIS_STATUS status = NdisMRegisterMiniportDriver(driver, path, nullptr, &mine, &driver_handle);
    if (status != NDIS_STATUS_SUCCESS) return status;
    of_ndis = driver->MajorFunction[IRP_MJ_DEVICE_CONTROL];
    driver->MajorFunction[IRP_MJ_DEVICE_CONTROL] = control;
    return STATUS_SUCCESS;
}
