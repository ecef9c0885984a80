// Registers, rings and interrupts.
#include "virtnic.h"

namespace {

constexpr ULONG pci_config = 0;
constexpr UCHAR capability_vendor = 9;

struct Place {
    UCHAR bar;
    ULONG offset;
    ULONG multiplier;
    BOOLEAN found;
};

// The virtio capability of a type, from the list in configuration space.
Place find_capability(Adapter& adapter, UCHAR type) {
    Place place = {};
    UCHAR at = 0;
    NdisMGetBusData(adapter.handle, pci_config, 0x34, &at, 1);
    while (at != 0) {
        UCHAR header[20] = {};
        NdisMGetBusData(adapter.handle, pci_config, at, header, sizeof header);
        if (header[0] == capability_vendor && header[3] == type) {
            place.bar = header[4];
            place.offset = *(UNALIGNED ULONG*)&header[8];
            place.multiplier = *(UNALIGNED ULONG*)&header[16];
            place.found = TRUE;
            return place;
        }
        at = header[1];
    }
    return place;
}

ULONG64 address_of(Adapter& adapter, volatile void* memory) {
    return (ULONG64)adapter.shared_address.QuadPart + (ULONG64)((PUCHAR)memory - adapter.shared);
}

void set_up_ring(Adapter& adapter, Ring& ring, USHORT number, USHORT message) {
    PUCHAR memory = adapter.shared + number * 4096;
    ring.descriptors = (volatile Descriptor*)memory;
    ring.available = (volatile USHORT*)(memory + ring_size * sizeof(Descriptor));
    ring.used = (volatile USHORT*)(memory + 2048);
    ring.next_used = 0;
    ring.free_head = 0;
    ring.free_count = ring_size;
    for (USHORT i = 0; i < ring_size; ++i) ring.descriptors[i].next = (USHORT)(i + 1);
    ring.available[0] = 0;
    ring.available[1] = 0;
    ring.used[0] = 0;
    ring.used[1] = 0;
    WRITE_REGISTER_USHORT((PUSHORT)(adapter.common + 0x16), number);
    WRITE_REGISTER_USHORT((PUSHORT)(adapter.common + 0x18), ring_size);
    WRITE_REGISTER_USHORT((PUSHORT)(adapter.common + 0x1a), message);
    WRITE_REGISTER_ULONG64((PULONG64)(adapter.common + 0x20), address_of(adapter, ring.descriptors));
    WRITE_REGISTER_ULONG64((PULONG64)(adapter.common + 0x28), address_of(adapter, ring.available));
    WRITE_REGISTER_ULONG64((PULONG64)(adapter.common + 0x30), address_of(adapter, ring.used));
    const USHORT offset = READ_REGISTER_USHORT((PUSHORT)(adapter.common + 0x1e));
    ring.notify = adapter.notify + offset * adapter.notify_multiplier;
    WRITE_REGISTER_USHORT((PUSHORT)(adapter.common + 0x1c), 1);
}

void add_status(Adapter& adapter, UCHAR bit) {
    const UCHAR status = READ_REGISTER_UCHAR((PUCHAR)(adapter.common + 0x14));
    WRITE_REGISTER_UCHAR((PUCHAR)(adapter.common + 0x14), status | bit);
}

BOOLEAN serve(NDIS_HANDLE context, PBOOLEAN queue_default, PULONG targets) {
    Adapter& adapter = *(Adapter*)context;
    *targets = 0;
    // Reading lets the line go.
    const UCHAR isr = READ_REGISTER_UCHAR((PUCHAR)adapter.isr);
    *queue_default = isr != 0;
    return isr != 0;
}

void serve_dpc(NDIS_HANDLE context, PVOID, PVOID, PVOID) {
    Adapter& adapter = *(Adapter*)context;
    take_completed_sends(adapter);
    take_receives(adapter);
}

BOOLEAN serve_message(NDIS_HANDLE, ULONG, PBOOLEAN queue_default, PULONG targets) {
    *targets = 0;
    *queue_default = TRUE;
    return TRUE;
}

void indicate_link(Adapter& adapter) {
    NDIS_LINK_STATE link = {};
    link.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    link.Header.Revision = NDIS_LINK_STATE_REVISION_1;
    link.Header.Size = NDIS_SIZEOF_LINK_STATE_REVISION_1;
    link.MediaConnectState = link_is_up(adapter) ? MediaConnectStateConnected : MediaConnectStateDisconnected;
    link.MediaDuplexState = MediaDuplexStateFull;
    link.XmitLinkSpeed = link.RcvLinkSpeed = 10000000000ULL;
    NDIS_STATUS_INDICATION status = {};
    status.Header.Type = NDIS_OBJECT_TYPE_STATUS_INDICATION;
    status.Header.Revision = NDIS_STATUS_INDICATION_REVISION_1;
    status.Header.Size = NDIS_SIZEOF_STATUS_INDICATION_REVISION_1;
    status.SourceHandle = adapter.handle;
    status.StatusCode = NDIS_STATUS_LINK_STATE;
    status.StatusBuffer = &link;
    status.StatusBufferSize = sizeof link;
    NdisMIndicateStatusEx(adapter.handle, &status);
}

// Message 0 is for the configuration, 1 for receives, 2 for sends.
void serve_message_dpc(NDIS_HANDLE context, ULONG message, PVOID, PVOID, PVOID) {
    Adapter& adapter = *(Adapter*)context;
    if (message == 0) indicate_link(adapter);
    if (message == 1) take_receives(adapter);
    if (message == 2) take_completed_sends(adapter);
}

void nothing(NDIS_HANDLE) {}
void nothing_of_message(NDIS_HANDLE, ULONG) {}

}  // namespace

BOOLEAN link_is_up(Adapter& adapter) {
    return (READ_REGISTER_USHORT((PUSHORT)(adapter.configuration + 6)) & 1) != 0;
}

NDIS_STATUS find_hardware(Adapter& adapter, PNDIS_RESOURCE_LIST resources) {
    if (!resources) return NDIS_STATUS_RESOURCES;
    const Place common = find_capability(adapter, 1), notify = find_capability(adapter, 2),
                isr = find_capability(adapter, 3), configuration = find_capability(adapter, 4);
    if (!common.found || !notify.found || !isr.found || !configuration.found || common.bar != 0)
        return NDIS_STATUS_ADAPTER_NOT_FOUND;
    for (ULONG i = 0; i < resources->Count && !adapter.registers; ++i) {
        const CM_PARTIAL_RESOURCE_DESCRIPTOR& d = resources->PartialDescriptors[i];
        if (d.Type != CmResourceTypeMemory) continue;
        PVOID mapped = nullptr;
        const NDIS_STATUS status =
            NdisMMapIoSpace(&mapped, adapter.handle, d.u.Memory.Start, d.u.Memory.Length);
        if (status != NDIS_STATUS_SUCCESS) return status;
        adapter.registers = (volatile UCHAR*)mapped;
        adapter.registers_size = d.u.Memory.Length;
    }
    if (!adapter.registers) return NDIS_STATUS_RESOURCES;
    adapter.common = adapter.registers + common.offset;
    adapter.isr = adapter.registers + isr.offset;
    adapter.configuration = adapter.registers + configuration.offset;
    adapter.notify = adapter.registers + notify.offset;
    adapter.notify_multiplier = notify.multiplier;
    reset_device(adapter);
    READ_REGISTER_BUFFER_UCHAR((PUCHAR)adapter.configuration, adapter.mac, 6);
    return NDIS_STATUS_SUCCESS;
}

void reset_device(Adapter& adapter) {
    WRITE_REGISTER_UCHAR((PUCHAR)(adapter.common + 0x14), 0);
    while (READ_REGISTER_UCHAR((PUCHAR)(adapter.common + 0x14)) != 0) NdisStallExecution(1);
}

void start_device(Adapter& adapter) {
    add_status(adapter, 1);
    add_status(adapter, 2);
    // VIRTIO_F_VERSION_1, MAC and link status.
    WRITE_REGISTER_ULONG((PULONG)(adapter.common + 0x08), 0);
    WRITE_REGISTER_ULONG((PULONG)(adapter.common + 0x0c), (1 << 5) | (1 << 16));
    WRITE_REGISTER_ULONG((PULONG)(adapter.common + 0x08), 1);
    WRITE_REGISTER_ULONG((PULONG)(adapter.common + 0x0c), 1);
    add_status(adapter, 8);
    WRITE_REGISTER_USHORT((PUSHORT)(adapter.common + 0x10), adapter.messages ? 0 : 0xffff);
    set_up_ring(adapter, adapter.receive, 0, adapter.messages ? 1 : 0xffff);
    set_up_ring(adapter, adapter.transmit, 1, adapter.messages ? 2 : 0xffff);
    add_status(adapter, 4);
    fill_receive_ring(adapter);
}

void notify(Ring& ring) { WRITE_REGISTER_USHORT((PUSHORT)ring.notify, 0); }

NDIS_STATUS connect_interrupt(Adapter& adapter) {
    NDIS_MINIPORT_INTERRUPT_CHARACTERISTICS c = {};
    c.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_INTERRUPT;
    c.Header.Revision = NDIS_MINIPORT_INTERRUPT_REVISION_1;
    c.Header.Size = NDIS_SIZEOF_MINIPORT_INTERRUPT_CHARACTERISTICS_REVISION_1;
    c.InterruptHandler = serve;
    c.InterruptDpcHandler = serve_dpc;
    c.DisableInterruptHandler = nothing;
    c.EnableInterruptHandler = nothing;
    c.MsiSupported = TRUE;
    c.MessageInterruptHandler = serve_message;
    c.MessageInterruptDpcHandler = serve_message_dpc;
    c.DisableMessageInterruptHandler = nothing_of_message;
    c.EnableMessageInterruptHandler = nothing_of_message;
    const NDIS_STATUS status = NdisMRegisterInterruptEx(adapter.handle, &adapter, &c, &adapter.interrupt);
    adapter.messages = c.InterruptType == NDIS_CONNECT_MESSAGE_BASED;
    return status;
}
