// The fixture protocol driver; any number of them by name.
#include <cstring>
#include <functional>
#include <list>
#include <memory>

#include "fixture.h"
#include "nt/ke/irql.h"
#include "nt/ke/thread.h"

namespace ndiskit::ndis::fixture {

namespace {

struct Driver {
    std::string name;
    std::u16string wide_name;
    NDIS_HANDLE handle = nullptr;
    NDIS_HANDLE pool = nullptr;
    std::vector<Open*> opens;
};

std::list<Driver>& protocols() {
    static std::list<Driver> all;
    return all;
}

Driver& driver(const std::string& name) {
    for (Driver& d : protocols())
        if (d.name == name)
            return d;
    Driver& d = protocols().emplace_back();
    d.name = name;
    d.wide_name = widen(name);
    return d;
}

Open& of(NDIS_HANDLE context) { return *static_cast<Open*>(context); }

void wait(Open& open) { KeWaitForSingleObject(&open.event, Executive, KernelMode, false, nullptr); }
void finish(Open& open, NDIS_STATUS status) {
    open.status = status;
    KeSetEvent(&open.event, 0, false);
}

struct Later {
    WORK_QUEUE_ITEM item{};
    std::function<void()> work;
};
void later(std::function<void()> work) {
    auto* l = new Later;
    l->work = std::move(work);
    l->item.Parameter = l;
    l->item.WorkerRoutine = [](PVOID parameter) NTAPI {
        const std::unique_ptr<Later> own(static_cast<Later*>(parameter));
        own->work();
    };
    ExQueueWorkItem(&l->item, DelayedWorkQueue);
}

NDIS_STATUS NTAPI bind(NDIS_HANDLE driver_context, NDIS_HANDLE bind_context, PNDIS_BIND_PARAMETERS parameters) {
    auto& d = *static_cast<Driver*>(driver_context);
    EXPECT_EQ(nt::current_irql(), PASSIVE_LEVEL);
    auto* open = new Open;
    open->protocol = d.name;
    KeInitializeEvent(&open->event, SynchronizationEvent, false);
    const std::u16string device(parameters->AdapterName->Buffer, parameters->AdapterName->Length / 2);
    open->adapter = device.substr(device.rfind(u'\\') + 1);
    open->mtu = parameters->MtuSize;
    open->bind_revision = parameters->Header.Revision;
    if (behaviour().on_bind)
        behaviour().on_bind(*parameters);
    if (behaviour().in_bind)
        behaviour().in_bind(bind_context);
    open->calls.push_back("bind");
    history().push_back(d.name + " bind");
    if (behaviour().refuse_bind) {
        delete open;
        return NDIS_STATUS_RESOURCES;
    }
    NDIS_MEDIUM media[] = {NdisMedium802_3};
    UINT selected = 99;
    NDIS_OPEN_PARAMETERS p{};
    p.Header.Type = NDIS_OBJECT_TYPE_OPEN_PARAMETERS;
    p.Header.Revision = NDIS_OPEN_PARAMETERS_REVISION_1;
    p.Header.Size = NDIS_SIZEOF_OPEN_PARAMETERS_REVISION_1;
    p.AdapterName = parameters->AdapterName;
    p.MediumArray = media;
    p.MediumArraySize = 1;
    p.SelectedMediumIndex = &selected;
    NDIS_STATUS status = NdisOpenAdapterEx(d.handle, open, &p, bind_context, &open->handle);
    if (status == NDIS_STATUS_PENDING) {
        wait(*open);
        status = open->status;
    }
    if (status != NDIS_STATUS_SUCCESS) {
        delete open;
        return status;
    }
    EXPECT_EQ(selected, 0u);
    d.opens.push_back(open);
    if (behaviour().pend_bind) {
        later([bind_context, handle = open->handle, gives_up = behaviour().bind_gives_up] {
            if (gives_up)
                EXPECT_EQ(NdisUnbindAdapter(handle), NDIS_STATUS_SUCCESS);
            NdisCompleteBindAdapterEx(bind_context, gives_up ? NDIS_STATUS_RESOURCES : NDIS_STATUS_SUCCESS);
        });
        return NDIS_STATUS_PENDING;
    }
    return NDIS_STATUS_SUCCESS;
}

void close(Open& open) {
    open.calls.push_back("unbind");
    history().push_back(open.protocol + " unbind");
    open.set_filter(0);
    if (NdisCloseAdapterEx(open.handle) == NDIS_STATUS_PENDING)
        wait(open);
    EXPECT_EQ(open.sends_out, 0);
    for (Driver& d : protocols())
        std::erase(d.opens, &open);
    delete &open;
}

NDIS_STATUS NTAPI unbind(NDIS_HANDLE unbind_context, NDIS_HANDLE context) {
    if (!behaviour().pend_unbind) {
        close(of(context));
        return NDIS_STATUS_SUCCESS;
    }
    later([unbind_context, &open = of(context)] {
        close(open);
        NdisCompleteUnbindAdapterEx(unbind_context);
    });
    return NDIS_STATUS_PENDING;
}

void NTAPI open_complete(NDIS_HANDLE context, NDIS_STATUS status) { finish(of(context), status); }
void NTAPI close_complete(NDIS_HANDLE context) { finish(of(context), NDIS_STATUS_SUCCESS); }

const char* event_name(NET_PNP_EVENT_CODE event) {
    switch (event) {
    case NetEventSetPower: return "set power";
    case NetEventQueryPower: return "query power";
    case NetEventQueryRemoveDevice: return "query remove";
    case NetEventBindsComplete: return "binds complete";
    case NetEventPause: return "pause";
    case NetEventRestart: return "restart";
    case NetEventReconfigure: return "reconfigure";
    case NetEventBindList: return "bind list";
    case NetEventBindFailed: return "bind failed";
    case NetEventPnPCapabilities: return "pnp capabilities";
    case NetEventNDKEnable: return "ndk enable";
    case NetEventSwitchActivate: return "switch activate";
    default: return "event";
    }
}

NDIS_STATUS NTAPI net_pnp_event(NDIS_HANDLE context, PNET_PNP_EVENT_NOTIFICATION n) {
    const auto event = n->NetPnPEvent.NetEvent;
    if (behaviour().on_event)
        behaviour().on_event(*n);
    if (context == nullptr) {
        protocol_calls().push_back(event_name(event));
        return NDIS_STATUS_SUCCESS;
    }
    Open& open = of(context);
    open.calls.push_back(event_name(event));
    history().push_back(open.protocol + " " + event_name(event));
    if (event == NetEventRestart)
        open.running = true;
    if (event == NetEventPause) {
        open.running = false;
        open.keep_receives = false;
        open.give_back();
    }
    if (behaviour().pend_events) {
        later([handle = open.handle, n] { NdisCompleteNetPnPEvent(handle, n, NDIS_STATUS_SUCCESS); });
        return NDIS_STATUS_PENDING;
    }
    return behaviour().event_answer;
}

void NTAPI oid_complete(NDIS_HANDLE context, PNDIS_OID_REQUEST request, NDIS_STATUS status) {
    Open& open = of(context);
    open.oid_results.push_back(status);
    if (request->SourceReserved[0] == 1)  // nobody waits
        delete request;
    else
        finish(open, status);
}

void NTAPI direct_oid_complete(NDIS_HANDLE context, PNDIS_OID_REQUEST, NDIS_STATUS status) {
    of(context).oid_results.push_back(status);
}

void NTAPI status_indication(NDIS_HANDLE context, PNDIS_STATUS_INDICATION status) {
    char text[32];
    snprintf(text, sizeof(text), "status %08x", static_cast<unsigned>(status->StatusCode));
    of(context).calls.push_back(text);
    const auto* bytes = static_cast<const uint8_t*>(status->StatusBuffer);
    of(context).statuses.push_back({status->StatusCode, {bytes, bytes + (bytes ? status->StatusBufferSize : 0)}});
}

void NTAPI receive(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER, ULONG count, ULONG flags) {
    Open& open = of(context);
    ULONG seen = 0;
    PNET_BUFFER_LIST last = chain;
    for (PNET_BUFFER_LIST nbl = chain; nbl != nullptr; nbl = nbl->Next, seen++)
        last = nbl;
    EXPECT_EQ(seen, count);
    open.received += static_cast<int>(count);
    if (flags & NDIS_RECEIVE_FLAGS_RESOURCES)
        return;
    if (open.keep_receives) {
        last->Next = open.kept;
        open.kept = chain;
        return;
    }
    NdisReturnNetBufferLists(open.handle, chain, 0);
}

void NTAPI send_complete(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG) {
    Open& open = of(context);
    while (chain != nullptr) {
        PNET_BUFFER_LIST next = chain->Next;
        open.send_results[chain->Status]++;
        PMDL mdl = chain->FirstNetBuffer->MdlChain;
        delete[] static_cast<uint8_t*>(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority));
        NdisFreeMdl(mdl);
        NdisFreeNetBufferList(chain);
        open.sends_out--;
        open.completed++;
        chain = next;
    }
}

void NTAPI uninstall() {
    EXPECT_EQ(nt::current_irql(), PASSIVE_LEVEL);
    history().push_back("uninstall");
}

Driver* driver_of(const Open& open) {
    for (Driver& d : protocols())
        for (Open* o : d.opens)
            if (o == &open)
                return &d;
    return nullptr;
}

std::string entering;

void NTAPI unload(PDRIVER_OBJECT object) {
    for (Driver& d : protocols()) {
        const std::u16string service(object->DriverName.Buffer, object->DriverName.Length / 2);
        if (d.handle == nullptr || !service.ends_with(d.wide_name))
            continue;
        NdisDeregisterProtocolDriver(d.handle);
        NdisFreeNetBufferListPool(d.pool);
        d.handle = nullptr;
    }
}

}  // namespace

NTSTATUS NTAPI protocol_entry(PDRIVER_OBJECT object, PUNICODE_STRING path) {
    const std::u16string_view whole(path->Buffer, path->Length / 2);
    Driver& d = driver(narrow(whole.substr(whole.rfind(u'\\') + 1)));
    NDIS_PROTOCOL_DRIVER_CHARACTERISTICS c{};
    c.Header.Type = NDIS_OBJECT_TYPE_PROTOCOL_DRIVER_CHARACTERISTICS;
    c.Header.Revision = NDIS_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2;
    c.Header.Size = NDIS_SIZEOF_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2;
    c.MajorNdisVersion = 6;
    c.MinorNdisVersion = behaviour().protocol_minor_version;
    c.Name.Buffer = d.wide_name.data();
    c.Name.Length = c.Name.MaximumLength = static_cast<USHORT>(d.wide_name.size() * 2);
    c.BindAdapterHandlerEx = bind;
    c.UnbindAdapterHandlerEx = unbind;
    c.OpenAdapterCompleteHandlerEx = open_complete;
    c.CloseAdapterCompleteHandlerEx = close_complete;
    c.NetPnPEventHandler = net_pnp_event;
    c.OidRequestCompleteHandler = oid_complete;
    c.DirectOidRequestCompleteHandler = direct_oid_complete;
    c.StatusHandlerEx = behaviour().hears_statuses ? status_indication : nullptr;
    c.UninstallHandler = uninstall;
    c.ReceiveNetBufferListsHandler = receive;
    c.SendNetBufferListsCompleteHandler = send_complete;
    object->DriverUnload = unload;
    const NDIS_STATUS status = NdisRegisterProtocolDriver(&d, &c, &d.handle);
    registration_status(d.name) = status;
    if (status != NDIS_STATUS_SUCCESS)
        return status;
    NET_BUFFER_LIST_POOL_PARAMETERS parameters{};
    parameters.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    parameters.Header.Revision = NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
    parameters.Header.Size = NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
    parameters.fAllocateNetBuffer = true;
    parameters.PoolTag = 'orP ';
    d.pool = NdisAllocateNetBufferListPool(d.handle, &parameters);
    return STATUS_SUCCESS;
}

std::vector<std::string>& protocol_calls() {
    static std::vector<std::string> calls;
    return calls;
}

NDIS_HANDLE protocol_handle(const std::string& protocol) { return driver(protocol).handle; }

bool is_bound(const std::string& protocol, const std::u16string& guid) {
    for (Open* open : driver(protocol).opens)
        if (open->adapter == guid)
            return true;
    return false;
}

Open& open_of(const std::string& protocol, const std::u16string& guid) {
    for (Open* open : driver(protocol).opens)
        if (open->adapter == guid)
            return *open;
    throw std::runtime_error("no such binding");
}

void Open::send(int nbls, const std::vector<uint8_t>& destination, ULONG flags, NDIS_PORT_NUMBER port) {
    Driver& d = *driver_of(*this);
    PNET_BUFFER_LIST chain = nullptr;
    for (int i = 0; i < nbls; i++) {
        auto* data = new uint8_t[60]();
        std::memcpy(data, destination.data(), 6);
        PMDL mdl = NdisAllocateMdl(handle, data, 60);
        PNET_BUFFER_LIST nbl = NdisAllocateNetBufferAndNetBufferList(d.pool, 0, 0, mdl, 0, 60);
        nbl->SourceHandle = handle;
        nbl->Next = chain;
        chain = nbl;
    }
    sends_out += nbls;
    NdisSendNetBufferLists(handle, chain, port, flags);
}

void Open::give_back() {
    if (kept == nullptr)
        return;
    PNET_BUFFER_LIST chain = kept;
    kept = nullptr;
    NdisReturnNetBufferLists(handle, chain, 0);
}

NDIS_STATUS Open::oid(NDIS_REQUEST_TYPE type, NDIS_OID oid, void* buffer, uint32_t length) {
    NDIS_OID_REQUEST request{};
    request.Header.Type = NDIS_OBJECT_TYPE_OID_REQUEST;
    request.Header.Revision = NDIS_OID_REQUEST_REVISION_1;
    request.Header.Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1;
    request.RequestType = type;
    request.DATA.QUERY_INFORMATION.Oid = oid;
    request.DATA.QUERY_INFORMATION.InformationBuffer = buffer;
    request.DATA.QUERY_INFORMATION.InformationBufferLength = length;
    return this->oid(request);
}

NDIS_STATUS Open::oid(NDIS_OID_REQUEST& request) {
    const NDIS_STATUS returned = NdisOidRequest(handle, &request);
    if (returned != NDIS_STATUS_PENDING)
        return returned;
    wait(*this);
    return status;
}

}  // namespace ndiskit::ndis::fixture
