// What NDIS sees of the driver: binding, sending, receiving.
#include "packets.h"

namespace packets {

namespace {

// What the driver keeps of a send, in the NBL's protocol reserved words.
PIRP& irp_of(PNET_BUFFER_LIST nbl) {
    return *reinterpret_cast<PIRP*>(NET_BUFFER_LIST_PROTOCOL_RESERVED(nbl));
}

Binding& of(NDIS_HANDLE context) { return *static_cast<Binding*>(context); }

Binding* of_csq(PIO_CSQ csq) { return CONTAINING_RECORD(csq, Binding, reads); }

void free_binding(Binding& binding) {
    forget_frames(binding);
    if (binding.nbl_pool) NdisFreeNetBufferListPool(binding.nbl_pool);
    ExFreePoolWithTag(&binding, pool_tag);
}

// ---- Waiting reads

void NTAPI insert_read(PIO_CSQ csq, PIRP irp) {
    InsertTailList(&of_csq(csq)->waiting, &irp->Tail.Overlay.ListEntry);
}
void NTAPI remove_read(PIO_CSQ, PIRP irp) { RemoveEntryList(&irp->Tail.Overlay.ListEntry); }
PIRP NTAPI peek_read(PIO_CSQ csq, PIRP irp, PVOID) {
    PLIST_ENTRY const head = &of_csq(csq)->waiting;
    PLIST_ENTRY const next = irp ? irp->Tail.Overlay.ListEntry.Flink : head->Flink;
    return next == head ? nullptr : CONTAINING_RECORD(next, IRP, Tail.Overlay.ListEntry);
}
void NTAPI lock_reads(PIO_CSQ csq, PKIRQL irql) { KeAcquireSpinLock(&of_csq(csq)->lock, irql); }
void NTAPI unlock_reads(PIO_CSQ csq, KIRQL irql) { KeReleaseSpinLock(&of_csq(csq)->lock, irql); }
void NTAPI read_cancelled(PIO_CSQ, PIRP irp) { complete(irp, STATUS_CANCELLED); }

KeptFrame* take_frame(Binding& binding) {
    KIRQL irql;
    KeAcquireSpinLock(&binding.lock, &irql);
    KeptFrame* frame = nullptr;
    if (!IsListEmpty(&binding.kept)) {
        frame = CONTAINING_RECORD(RemoveHeadList(&binding.kept), KeptFrame, link);
        --binding.kept_count;
    }
    KeReleaseSpinLock(&binding.lock, irql);
    return frame;
}

// In front of the others: it was the oldest. True when a read waits by now, which did not see the frame.
bool put_back(Binding& binding, KeptFrame& frame) {
    KIRQL irql;
    KeAcquireSpinLock(&binding.lock, &irql);
    InsertHeadList(&binding.kept, &frame.link);
    ++binding.kept_count;
    const bool waits = !IsListEmpty(&binding.waiting);
    KeReleaseSpinLock(&binding.lock, irql);
    return waits;
}

void keep(Binding& binding, KeptFrame& frame) {
    KIRQL irql;
    KeAcquireSpinLock(&binding.lock, &irql);
    KeptFrame* too_old = nullptr;
    InsertTailList(&binding.kept, &frame.link);
    if (++binding.kept_count > most_kept) {
        too_old = CONTAINING_RECORD(RemoveHeadList(&binding.kept), KeptFrame, link);
        --binding.kept_count;
    }
    KeReleaseSpinLock(&binding.lock, irql);
    if (too_old) ExFreePoolWithTag(too_old, pool_tag);
}

void copy_frame(Binding& binding, PNET_BUFFER nb) {
    const ULONG size = NET_BUFFER_DATA_LENGTH(nb);
    auto* frame =
        static_cast<KeptFrame*>(ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(KeptFrame) + size, pool_tag));
    if (!frame) return;
    frame->size = size;
    const auto* bytes = static_cast<const UCHAR*>(NdisGetDataBuffer(nb, size, frame->bytes, 1, 0));
    if (bytes && bytes != frame->bytes) RtlCopyMemory(frame->bytes, bytes, size);
    const bool ours = bytes && size >= 14 && bytes[12] == ether_type >> 8 && bytes[13] == (ether_type & 0xFF);
    if (ours)
        keep(binding, *frame);
    else
        ExFreePoolWithTag(frame, pool_tag);
}

// ---- What is out: sends and OID requests, for which a pause and an unbind wait

bool enter(Binding& binding, bool to_send) {
    KIRQL irql;
    KeAcquireSpinLock(&binding.lock, &irql);
    const bool may = !binding.closing && (!to_send || (binding.running && binding.up));
    if (may) ++binding.out;
    KeReleaseSpinLock(&binding.lock, irql);
    return may;
}

void leave(Binding& binding) {
    KIRQL irql;
    KeAcquireSpinLock(&binding.lock, &irql);
    if (--binding.out == 0) KeSetEvent(&binding.all_back, 0, FALSE);
    KeReleaseSpinLock(&binding.lock, irql);
}

void wait_for_all_out(Binding& binding) {
    for (;;) {
        KIRQL irql;
        KeAcquireSpinLock(&binding.lock, &irql);
        const bool none = binding.out == 0;
        KeReleaseSpinLock(&binding.lock, irql);
        if (none) return;
        KeWaitForSingleObject(&binding.all_back, Executive, KernelMode, FALSE, nullptr);
    }
}

// ---- Handlers

void NTAPI receive(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER, ULONG, ULONG flags) {
    Binding& binding = of(context);
    if (binding.running && binding.attached) {
        for (PNET_BUFFER_LIST nbl = chain; nbl; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl))
            copy_frame(binding, NET_BUFFER_LIST_FIRST_NB(nbl));
        serve_reads(binding);
    }
    if (NDIS_TEST_RECEIVE_CAN_PEND(flags))
        NdisReturnNetBufferLists(
            binding.handle, chain,
            NDIS_TEST_RECEIVE_AT_DISPATCH_LEVEL(flags) ? NDIS_RETURN_FLAGS_DISPATCH_LEVEL : 0);
}

void NTAPI send_complete(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG) {
    Binding& binding = of(context);
    while (chain) {
        PNET_BUFFER_LIST const nbl = chain;
        chain = NET_BUFFER_LIST_NEXT_NBL(nbl);
        PIRP const irp = irp_of(nbl);
        const bool good = NET_BUFFER_LIST_STATUS(nbl) == NDIS_STATUS_SUCCESS;
        NdisFreeNetBufferList(nbl);
        complete(irp, good ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL,
                 good ? IoGetCurrentIrpStackLocation(irp)->Parameters.Write.Length : 0);
        leave(binding);
        release(binding);
    }
}

void NTAPI oid_complete(NDIS_HANDLE, PNDIS_OID_REQUEST request, NDIS_STATUS status) {
    struct Waiting {
        NDIS_OID_REQUEST request;
        NDIS_EVENT done;
        NDIS_STATUS status;
    };
    auto& waiting = *CONTAINING_RECORD(request, Waiting, request);
    waiting.status = status;
    NdisSetEvent(&waiting.done);
}

void NTAPI open_complete(NDIS_HANDLE context, NDIS_STATUS status) {
    of(context).status = status;
    NdisSetEvent(&of(context).settled);
}

void NTAPI close_complete(NDIS_HANDLE context) { NdisSetEvent(&of(context).settled); }

void NTAPI status_indicated(NDIS_HANDLE, PNDIS_STATUS_INDICATION) {}

Binding* make_binding(const UNICODE_STRING& name) {
    auto* binding =
        static_cast<Binding*>(ExAllocatePoolWithTag(NonPagedPoolNx, sizeof(Binding) + name.Length, pool_tag));
    if (!binding) return nullptr;
    RtlZeroMemory(binding, sizeof *binding);
    binding->references = 1;
    binding->up = true;
    binding->name.Buffer = reinterpret_cast<PWCH>(binding + 1);
    binding->name.Length = binding->name.MaximumLength = name.Length;
    RtlCopyMemory(binding->name.Buffer, name.Buffer, name.Length);
    KeInitializeSpinLock(&binding->lock);
    KeInitializeEvent(&binding->all_back, SynchronizationEvent, FALSE);
    NdisInitializeEvent(&binding->settled);
    InitializeListHead(&binding->waiting);
    InitializeListHead(&binding->kept);
    IoCsqInitialize(&binding->reads, insert_read, remove_read, peek_read, lock_reads, unlock_reads,
                    read_cancelled);
    NET_BUFFER_LIST_POOL_PARAMETERS pool = {};
    pool.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    pool.Header.Revision = NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
    pool.Header.Size = NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
    pool.fAllocateNetBuffer = TRUE;
    pool.ContextSize = MEMORY_ALLOCATION_ALIGNMENT;
    pool.PoolTag = pool_tag;
    binding->nbl_pool = NdisAllocateNetBufferListPool(driver.protocol, &pool);
    if (!binding->nbl_pool) {
        free_binding(*binding);
        return nullptr;
    }
    return binding;
}

NDIS_STATUS NTAPI bind(NDIS_HANDLE, NDIS_HANDLE bind_context, PNDIS_BIND_PARAMETERS parameters) {
    Binding* const binding = make_binding(*parameters->AdapterName);
    if (!binding) return NDIS_STATUS_RESOURCES;
    NDIS_MEDIUM media[] = {NdisMedium802_3};
    UINT chosen = 0;
    NDIS_OPEN_PARAMETERS open = {};
    open.Header.Type = NDIS_OBJECT_TYPE_OPEN_PARAMETERS;
    open.Header.Revision = NDIS_OPEN_PARAMETERS_REVISION_1;
    open.Header.Size = NDIS_SIZEOF_OPEN_PARAMETERS_REVISION_1;
    open.AdapterName = parameters->AdapterName;
    open.MediumArray = media;
    open.MediumArraySize = 1;
    open.SelectedMediumIndex = &chosen;
    NDIS_STATUS status = NdisOpenAdapterEx(driver.protocol, binding, &open, bind_context, &binding->handle);
    if (status == NDIS_STATUS_PENDING) {
        NdisWaitEvent(&binding->settled, 0);
        status = binding->status;
    }
    if (status != NDIS_STATUS_SUCCESS) {
        free_binding(*binding);
        return status;
    }
    KIRQL irql;
    KeAcquireSpinLock(&driver.lock, &irql);
    InsertTailList(&driver.bindings, &binding->link);
    KeReleaseSpinLock(&driver.lock, irql);
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS NTAPI unbind(NDIS_HANDLE, NDIS_HANDLE context) {
    Binding& binding = of(context);
    KIRQL irql;
    KeAcquireSpinLock(&driver.lock, &irql);
    RemoveEntryList(&binding.link);
    KeReleaseSpinLock(&driver.lock, irql);
    KeAcquireSpinLock(&binding.lock, &irql);
    binding.closing = true;
    binding.running = false;
    KeReleaseSpinLock(&binding.lock, irql);
    cancel_reads(binding, STATUS_DEVICE_NOT_CONNECTED);
    wait_for_all_out(binding);
    NdisResetEvent(&binding.settled);
    if (NdisCloseAdapterEx(binding.handle) == NDIS_STATUS_PENDING) NdisWaitEvent(&binding.settled, 0);
    release(binding);
    return NDIS_STATUS_SUCCESS;
}

void pause(Binding& binding) {
    KIRQL irql;
    KeAcquireSpinLock(&binding.lock, &irql);
    binding.running = false;
    KeReleaseSpinLock(&binding.lock, irql);
    wait_for_all_out(binding);
}

NDIS_STATUS NTAPI pnp(NDIS_HANDLE context, PNET_PNP_EVENT_NOTIFICATION notification) {
    switch (notification->NetPnPEvent.NetEvent) {
        case NetEventBindsComplete:
            KeSetEvent(&driver.bindings_complete, 0, FALSE);
            return NDIS_STATUS_SUCCESS;
        case NetEventPause:
            pause(of(context));
            return NDIS_STATUS_SUCCESS;
        case NetEventRestart:
            of(context).running = true;
            return NDIS_STATUS_SUCCESS;
        case NetEventSetPower:
            of(context).up =
                *static_cast<PNET_DEVICE_POWER_STATE>(notification->NetPnPEvent.Buffer) == NetDeviceStateD0;
            return NDIS_STATUS_SUCCESS;
        default:
            return NDIS_STATUS_SUCCESS;
    }
}

NDIS_STATUS request_oid(Binding& binding, NDIS_REQUEST_TYPE type, NDIS_OID oid, PVOID data, ULONG size,
                        ULONG& written) {
    struct {
        NDIS_OID_REQUEST request;
        NDIS_EVENT done;
        NDIS_STATUS status;
    } waiting = {};
    NdisInitializeEvent(&waiting.done);
    waiting.request.Header.Type = NDIS_OBJECT_TYPE_OID_REQUEST;
    waiting.request.Header.Revision = NDIS_OID_REQUEST_REVISION_1;
    waiting.request.Header.Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1;
    waiting.request.RequestType = type;
    auto& query = waiting.request.DATA.QUERY_INFORMATION;  // a set has the same members
    query.Oid = oid;
    query.InformationBuffer = data;
    query.InformationBufferLength = size;
    NDIS_STATUS status = NdisOidRequest(binding.handle, &waiting.request);
    if (status == NDIS_STATUS_PENDING) {
        NdisWaitEvent(&waiting.done, 0);
        status = waiting.status;
    }
    written = query.BytesWritten;
    return status;
}

}  // namespace

void reference(Binding& binding) { InterlockedIncrement(&binding.references); }

void release(Binding& binding) {
    if (InterlockedDecrement(&binding.references) == 0) free_binding(binding);
}

Binding* find_binding(const UNICODE_STRING& name) {
    KIRQL irql;
    KeAcquireSpinLock(&driver.lock, &irql);
    Binding* found = nullptr;
    for (PLIST_ENTRY at = driver.bindings.Flink; at != &driver.bindings && !found; at = at->Flink) {
        Binding* const binding = CONTAINING_RECORD(at, Binding, link);
        if (binding->name.Length == name.Length &&
            RtlEqualMemory(binding->name.Buffer, name.Buffer, name.Length))
            found = binding;
    }
    if (found) reference(*found);
    KeReleaseSpinLock(&driver.lock, irql);
    return found;
}

Binding* binding_at(ULONG index) {
    KIRQL irql;
    KeAcquireSpinLock(&driver.lock, &irql);
    PLIST_ENTRY at = driver.bindings.Flink;
    while (index-- > 0 && at != &driver.bindings) at = at->Flink;
    Binding* const found = at == &driver.bindings ? nullptr : CONTAINING_RECORD(at, Binding, link);
    if (found) reference(*found);
    KeReleaseSpinLock(&driver.lock, irql);
    return found;
}

NDIS_STATUS query_oid(Binding& binding, NDIS_OID oid, PVOID data, ULONG size, ULONG& written) {
    if (!enter(binding, false)) return STATUS_DEVICE_NOT_CONNECTED;
    const NDIS_STATUS status = request_oid(binding, NdisRequestQueryInformation, oid, data, size, written);
    leave(binding);
    return status;
}

NDIS_STATUS set_packet_filter(Binding& binding, ULONG filter) {
    if (!enter(binding, false)) return STATUS_DEVICE_NOT_CONNECTED;
    ULONG written = 0;
    const NDIS_STATUS status = request_oid(binding, NdisRequestSetInformation, OID_GEN_CURRENT_PACKET_FILTER,
                                           &filter, sizeof filter, written);
    leave(binding);
    return status;
}

NTSTATUS send(Binding& binding, PIRP irp) {
    if (!enter(binding, true)) return complete(irp, STATUS_DEVICE_NOT_READY);
    PNET_BUFFER_LIST const nbl =
        NdisAllocateNetBufferAndNetBufferList(binding.nbl_pool, MEMORY_ALLOCATION_ALIGNMENT, 0,
                                              irp->MdlAddress, 0, MmGetMdlByteCount(irp->MdlAddress));
    if (!nbl) {
        leave(binding);
        return complete(irp, STATUS_INSUFFICIENT_RESOURCES);
    }
    reference(binding);
    irp_of(nbl) = irp;
    nbl->SourceHandle = binding.handle;
    IoMarkIrpPending(irp);
    NdisSendNetBufferLists(binding.handle, nbl, NDIS_DEFAULT_PORT_NUMBER, 0);
    return STATUS_PENDING;
}

void serve_reads(Binding& binding) {
    while (KeptFrame* frame = take_frame(binding)) {
        PIRP const irp = IoCsqRemoveNextIrp(&binding.reads, nullptr);
        if (!irp) {
            if (put_back(binding, *frame)) continue;
            return;
        }
        const ULONG room = MmGetMdlByteCount(irp->MdlAddress);
        const ULONG size = frame->size < room ? frame->size : room;
        RtlCopyMemory(MmGetSystemAddressForMdlSafe(irp->MdlAddress, NormalPagePriority), frame->bytes, size);
        ExFreePoolWithTag(frame, pool_tag);
        complete(irp, STATUS_SUCCESS, size);
    }
}

void forget_frames(Binding& binding) {
    while (KeptFrame* frame = take_frame(binding)) ExFreePoolWithTag(frame, pool_tag);
}

void cancel_reads(Binding& binding, NTSTATUS status) {
    while (PIRP irp = IoCsqRemoveNextIrp(&binding.reads, nullptr)) complete(irp, status);
}

NDIS_STATUS register_protocol() {
    NDIS_PROTOCOL_DRIVER_CHARACTERISTICS characteristics = {};
    characteristics.Header.Type = NDIS_OBJECT_TYPE_PROTOCOL_DRIVER_CHARACTERISTICS;
    characteristics.Header.Revision = NDIS_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_1;
    characteristics.Header.Size = NDIS_SIZEOF_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_1;
    characteristics.MajorNdisVersion = 6;
    characteristics.MinorNdisVersion = 0;
    static WCHAR name[] = L"KITPACKETS";
    characteristics.Name = RTL_CONSTANT_STRING(name);
    characteristics.BindAdapterHandlerEx = bind;
    characteristics.UnbindAdapterHandlerEx = unbind;
    characteristics.OpenAdapterCompleteHandlerEx = open_complete;
    characteristics.CloseAdapterCompleteHandlerEx = close_complete;
    characteristics.NetPnPEventHandler = pnp;
    characteristics.OidRequestCompleteHandler = oid_complete;
    characteristics.StatusHandlerEx = status_indicated;
    characteristics.ReceiveNetBufferListsHandler = receive;
    characteristics.SendNetBufferListsCompleteHandler = send_complete;
    return NdisRegisterProtocolDriver(nullptr, &characteristics, &driver.protocol);
}

}  // namespace packets
