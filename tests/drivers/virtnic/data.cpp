// Frames: from NET_BUFFERs to descriptors and back.
#include "virtnic.h"

namespace {

constexpr USHORT has_next = 1, writes = 2;

PNET_BUFFER_LIST& list_of(PNET_BUFFER buffer) { return (PNET_BUFFER_LIST&)NET_BUFFER_MINIPORT_RESERVED(buffer)[0]; }
PSCATTER_GATHER_LIST& pieces_of(PNET_BUFFER buffer) {
    return (PSCATTER_GATHER_LIST&)NET_BUFFER_MINIPORT_RESERVED(buffer)[1];
}
PNET_BUFFER& next_waiting(PNET_BUFFER buffer) { return (PNET_BUFFER&)NET_BUFFER_MINIPORT_RESERVED(buffer)[2]; }
Adapter& adapter_of(PNET_BUFFER_LIST list) { return *(Adapter*)NET_BUFFER_LIST_MINIPORT_RESERVED(list)[0]; }
volatile LONG* references_of(PNET_BUFFER_LIST list) {
    return (volatile LONG*)&NET_BUFFER_LIST_MINIPORT_RESERVED(list)[1];
}

struct Queue {
    PNET_BUFFER first;
    PNET_BUFFER last;

    void add(PNET_BUFFER buffer) {
        next_waiting(buffer) = nullptr;
        if (last)
            next_waiting(last) = buffer;
        else
            first = buffer;
        last = buffer;
    }
};

// The first descriptor of a new chain; the lock is held and there is room.
USHORT take_descriptor(Ring& ring) {
    const USHORT taken = ring.free_head;
    ring.free_head = ring.descriptors[taken].next;
    --ring.free_count;
    return taken;
}

void free_chain(Ring& ring, USHORT head) {
    for (;;) {
        const USHORT flags = ring.descriptors[head].flags, next = ring.descriptors[head].next;
        ring.descriptors[head].next = ring.free_head;
        ring.free_head = head;
        ++ring.free_count;
        if (!(flags & has_next)) return;
        head = next;
    }
}

void make_available(Ring& ring, USHORT head) {
    const USHORT index = ring.available[1];
    ring.available[2 + index % ring_size] = head;
    WriteUShortRelease(&ring.available[1], (USHORT)(index + 1));
}

// The lock is held. False when there are not enough descriptors.
BOOLEAN post_send(Adapter& adapter, PNET_BUFFER buffer) {
    Ring& ring = adapter.transmit;
    const PSCATTER_GATHER_LIST list = pieces_of(buffer);
    if (ring.free_count < list->NumberOfElements + 1) return FALSE;
    const USHORT head = take_descriptor(ring);
    const ULONG header = 2 * 4096 + head * 16u;
    NdisZeroMemory(adapter.shared + header, header_size);
    ring.descriptors[head].address = (ULONG64)adapter.shared_address.QuadPart + header;
    ring.descriptors[head].length = header_size;
    // The list begins at the MDL, the frame at an offset in it.
    ULONG skip = NET_BUFFER_CURRENT_MDL_OFFSET(buffer), left = NET_BUFFER_DATA_LENGTH(buffer);
    USHORT last = head;
    for (ULONG i = 0; i < list->NumberOfElements && left > 0; ++i) {
        const SCATTER_GATHER_ELEMENT& element = list->Elements[i];
        if (skip >= element.Length) {
            skip -= element.Length;
            continue;
        }
        const ULONG length = min(element.Length - skip, left);
        const USHORT next = take_descriptor(ring);
        ring.descriptors[last].flags = has_next;
        ring.descriptors[last].next = next;
        ring.descriptors[next].address = (ULONG64)element.Address.QuadPart + skip;
        ring.descriptors[next].length = length;
        left -= length;
        skip = 0;
        last = next;
    }
    ring.descriptors[last].flags = 0;
    adapter.sends[head].buffer = buffer;
    adapter.sends[head].list = list;
    make_available(ring, head);
    return TRUE;
}

void release_list(Adapter& adapter, PNET_BUFFER_LIST list) {
    if (NdisInterlockedDecrement((PLONG)references_of(list)) != 0) return;
    NET_BUFFER_LIST_NEXT_NBL(list) = nullptr;
    NdisMSendNetBufferListsComplete(adapter.handle, list, NDIS_SEND_COMPLETE_FLAGS_DISPATCH_LEVEL);
    NdisInterlockedDecrement(&adapter.sends_out);
}

void post_waiting(Adapter& adapter) {
    while (adapter.waiting_buffer && post_send(adapter, adapter.waiting_buffer)) {
        adapter.waiting_buffer = next_waiting(adapter.waiting_buffer);
        if (!adapter.waiting_buffer) adapter.waiting_last = nullptr;
    }
}

void post_receive(Adapter& adapter, USHORT number) {
    Ring& ring = adapter.receive;
    ring.descriptors[number].address =
        (ULONG64)adapter.buffers_address.QuadPart + (ULONG64)number * receive_stride;
    ring.descriptors[number].length = receive_stride;
    ring.descriptors[number].flags = writes;
    make_available(ring, number);
}

struct Used {
    ULONG head;
    ULONG length;
};
BOOLEAN take_used(Ring& ring, Used& used) {
    if (ReadUShortAcquire(&ring.used[1]) == ring.next_used) return FALSE;
    const volatile ULONG* elements = (const volatile ULONG*)(ring.used + 2);
    const ULONG at = ring.next_used % ring_size * 2;
    used.head = elements[at];
    used.length = elements[at + 1];
    ++ring.next_used;
    return TRUE;
}

}  // namespace

// Called by the HAL when a frame's pieces are known, at DISPATCH_LEVEL.
void process_list(PDEVICE_OBJECT, PVOID, PSCATTER_GATHER_LIST list, PVOID context) {
    const PNET_BUFFER buffer = (PNET_BUFFER)context;
    Adapter& adapter = adapter_of(list_of(buffer));
    pieces_of(buffer) = list;
    next_waiting(buffer) = nullptr;
    NdisDprAcquireSpinLock(&adapter.lock);
    if (!adapter.waiting_buffer && post_send(adapter, buffer)) {
        notify(adapter.transmit);
    } else {
        if (adapter.waiting_last)
            next_waiting(adapter.waiting_last) = buffer;
        else
            adapter.waiting_buffer = buffer;
        adapter.waiting_last = buffer;
    }
    NdisDprReleaseSpinLock(&adapter.lock);
}

// At DISPATCH_LEVEL.
void send_chain(Adapter& adapter, PNET_BUFFER_LIST chain) {
    while (chain) {
        const PNET_BUFFER_LIST list = chain;
        chain = NET_BUFFER_LIST_NEXT_NBL(chain);
        NET_BUFFER_LIST_NEXT_NBL(list) = nullptr;
        NET_BUFFER_LIST_MINIPORT_RESERVED(list)[0] = &adapter;
        *references_of(list) = 1;
        // Together, so that a pause either sees the list or keeps it from being sent.
        NdisDprAcquireSpinLock(&adapter.lock);
        const BOOLEAN running = adapter.running;
        NdisInterlockedIncrement(&adapter.sends_out);
        NdisDprReleaseSpinLock(&adapter.lock);
        NET_BUFFER_LIST_STATUS(list) = running ? NDIS_STATUS_SUCCESS : NDIS_STATUS_PAUSED;
        PNET_BUFFER next = running ? NET_BUFFER_LIST_FIRST_NB(list) : nullptr;
        while (next) {
            const PNET_BUFFER buffer = next;
            next = NET_BUFFER_NEXT_NB(buffer);
            list_of(buffer) = list;
            NdisInterlockedIncrement((PLONG)references_of(list));
            if (NdisMAllocateNetBufferSGList(adapter.dma, buffer, buffer, NDIS_SG_LIST_WRITE_TO_DEVICE, nullptr, 0) ==
                NDIS_STATUS_SUCCESS)
                continue;
            NET_BUFFER_LIST_STATUS(list) = NDIS_STATUS_RESOURCES;
            release_list(adapter, list);
        }
        release_list(adapter, list);
    }
    finish_pause(adapter);
}

// In the DPC.
void take_completed_sends(Adapter& adapter) {
    Queue done = {};
    NdisDprAcquireSpinLock(&adapter.lock);
    Used used;
    while (take_used(adapter.transmit, used)) {
        done.add(adapter.sends[used.head].buffer);
        free_chain(adapter.transmit, (USHORT)used.head);
        ++adapter.sent;
    }
    const BOOLEAN more = adapter.waiting_buffer != nullptr;
    post_waiting(adapter);
    if (more) notify(adapter.transmit);
    NdisDprReleaseSpinLock(&adapter.lock);
    while (done.first) {
        const PNET_BUFFER buffer = done.first;
        done.first = next_waiting(buffer);
        NdisMFreeNetBufferSGList(adapter.dma, pieces_of(buffer), buffer);
        release_list(adapter, list_of(buffer));
    }
    finish_pause(adapter);
}

// In the DPC.
void take_receives(Adapter& adapter) {
    PNET_BUFFER_LIST chain = nullptr, *end = &chain;
    ULONG count = 0;
    NdisDprAcquireSpinLock(&adapter.lock);
    Used used;
    while (take_used(adapter.receive, used)) {
        if (!adapter.running || adapter.packet_filter == 0 || used.length <= header_size) {
            post_receive(adapter, (USHORT)used.head);
            continue;
        }
        const PNET_BUFFER_LIST list = adapter.receives[used.head].nbl;
        NET_BUFFER_DATA_LENGTH(NET_BUFFER_LIST_FIRST_NB(list)) = used.length - header_size;
        NET_BUFFER_LIST_STATUS(list) = NDIS_STATUS_SUCCESS;
        NET_BUFFER_LIST_NEXT_NBL(list) = nullptr;
        *end = list;
        end = &NET_BUFFER_LIST_NEXT_NBL(list);
        ++count;
    }
    adapter.received += count;
    adapter.receives_out += (LONG)count;
    NdisDprReleaseSpinLock(&adapter.lock);
    if (count > 0)
        NdisMIndicateReceiveNetBufferLists(adapter.handle, chain, NDIS_DEFAULT_PORT_NUMBER, count,
                                           NDIS_RECEIVE_FLAGS_DISPATCH_LEVEL);
}

void return_chain(Adapter& adapter, PNET_BUFFER_LIST chain) {
    NdisAcquireSpinLock(&adapter.lock);
    for (; chain; chain = NET_BUFFER_LIST_NEXT_NBL(chain)) {
        post_receive(adapter, (USHORT)(ULONG_PTR)NET_BUFFER_LIST_MINIPORT_RESERVED(chain)[0]);
        --adapter.receives_out;
    }
    notify(adapter.receive);
    NdisReleaseSpinLock(&adapter.lock);
    finish_pause(adapter);
}

void fill_receive_ring(Adapter& adapter) {
    for (USHORT i = 0; i < ring_size; ++i) post_receive(adapter, i);
    notify(adapter.receive);
}

// NdisMPauseComplete, once, when a pause waits and nothing is out any more.
void finish_pause(Adapter& adapter) {
    NdisAcquireSpinLock(&adapter.lock);
    const BOOLEAN done = adapter.pausing && ReadAcquire(&adapter.sends_out) == 0 && adapter.receives_out == 0;
    if (done) adapter.pausing = FALSE;
    NdisReleaseSpinLock(&adapter.lock);
    if (done) NdisMPauseComplete(adapter.handle);
}
