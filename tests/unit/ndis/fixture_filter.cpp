// The fixture filter driver.
#include "fixture_filter.h"

#include <cstring>
#include <list>

#include "ndis/registry_key.h"
#include "nt/io/driver.h"
#include "nt/ke/irql.h"

namespace ndiskit::ndis::fixture {

namespace {

struct Driver {
    std::string name;
    std::u16string wide_name, guid;
    NDIS_HANDLE handle = nullptr;
    FilterBehaviour behaviour;
    std::vector<Filter*> modules;
};

std::list<Driver>& filters() {
    static std::list<Driver> all;
    return all;
}

Driver& driver(const std::string& name) {
    for (Driver& d : filters())
        if (d.name == name)
            return d;
    Driver& d = filters().emplace_back();
    d.name = name;
    d.wide_name = widen(name);
    d.guid = filter_guid(name);
    return d;
}

Filter& of(NDIS_HANDLE context) { return *static_cast<Filter*>(context); }
FilterBehaviour& how(const Filter& filter) { return driver(filter.driver).behaviour; }

void note(Filter& filter, const std::string& call) {
    filter.calls.push_back(call);
    history().push_back(filter.driver + " " + call);
}

NDIS_STATUS NTAPI attach(NDIS_HANDLE handle, NDIS_HANDLE context, PNDIS_FILTER_ATTACH_PARAMETERS parameters) {
    auto& d = *static_cast<Driver*>(context);
    EXPECT_EQ(nt::current_irql(), PASSIVE_LEVEL);
    auto* filter = new Filter;
    KeInitializeEvent(&filter->event, SynchronizationEvent, false);
    filter->handle = handle;
    filter->driver = d.name;
    const std::u16string device(parameters->BaseMiniportName->Buffer, parameters->BaseMiniportName->Length / 2);
    filter->adapter = device.substr(device.rfind(u'\\') + 1);
    filter->interface_index = parameters->IfIndex;
    filter->attach_below = parameters->LowerIfIndex;
    note(*filter, "attach");
    NDIS_FILTER_ATTRIBUTES attributes{};
    attributes.Header.Type = NDIS_OBJECT_TYPE_FILTER_ATTRIBUTES;
    attributes.Header.Revision = NDIS_FILTER_ATTRIBUTES_REVISION_1;
    attributes.Header.Size = NDIS_SIZEOF_FILTER_ATTRIBUTES_REVISION_1;
    if (d.behaviour.attach == NDIS_STATUS_SUCCESS && d.behaviour.sets_attributes)
        EXPECT_EQ(NdisFSetAttributes(handle, filter, &attributes), NDIS_STATUS_SUCCESS);
    if (d.behaviour.attach != NDIS_STATUS_SUCCESS || !d.behaviour.sets_attributes) {
        delete filter;
        return d.behaviour.attach;
    }
    d.modules.push_back(filter);
    return NDIS_STATUS_SUCCESS;
}

void NTAPI detach(NDIS_HANDLE context) {
    Filter& filter = of(context);
    note(filter, "detach");
    EXPECT_TRUE(filter.held.empty());
    std::erase(driver(filter.driver).modules, &filter);
    delete &filter;
}

// Something that ends on a DPC.
void later(Filter& filter, PKDEFERRED_ROUTINE routine) {
    auto* dpc = new KDPC;
    KeInitializeDpc(dpc, routine, &filter);
    KeInsertQueueDpc(dpc, nullptr, nullptr);
}

void NTAPI pause_done(PKDPC dpc, PVOID context, PVOID, PVOID) {
    NdisFPauseComplete(of(context).handle);
    delete dpc;
}
void NTAPI restart_done(PKDPC dpc, PVOID context, PVOID, PVOID) {
    NdisFRestartComplete(of(context).handle, how(of(context)).restart);
    delete dpc;
}

NDIS_STATUS NTAPI pause(NDIS_HANDLE context, PNDIS_FILTER_PAUSE_PARAMETERS) {
    Filter& filter = of(context);
    note(filter, "pause");
    EXPECT_EQ(filter.sent, filter.completed);
    EXPECT_EQ(filter.received, filter.given_back);
    if (!how(filter).pend)
        return NDIS_STATUS_SUCCESS;
    later(filter, pause_done);
    return NDIS_STATUS_PENDING;
}

// A filter changes the general attributes in place, and may put an entry of its own before them.
void change_attributes(const FilterBehaviour& behaviour, NDIS_FILTER_RESTART_PARAMETERS& parameters) {
    auto* entry = parameters.RestartAttributes;
    while (entry != nullptr && entry->Oid != OID_GEN_MINIPORT_RESTART_ATTRIBUTES)
        entry = entry->Next;
    ASSERT_NE(entry, nullptr);
    reinterpret_cast<NDIS_RESTART_GENERAL_ATTRIBUTES*>(entry->Data)->MtuSize -= behaviour.mtu_less;
    if (!behaviour.adds_attribute)
        return;
    auto* own = static_cast<PNDIS_RESTART_ATTRIBUTES>(NdisAllocateMemoryWithTagPriority(
        driver("filter1").handle, sizeof(NDIS_RESTART_ATTRIBUTES), 'nwO ', NormalPoolPriority));
    std::memset(own, 0, sizeof(*own));
    own->Next = parameters.RestartAttributes;
    own->Oid = 0xff112233;
    own->DataLength = 1;
    parameters.RestartAttributes = own;
}

NDIS_STATUS NTAPI restart(NDIS_HANDLE context, PNDIS_FILTER_RESTART_PARAMETERS parameters) {
    Filter& filter = of(context);
    note(filter, "restart");
    filter.restart_below = parameters->LowerIfIndex;
    NDIS_FILTER_PARTIAL_CHARACTERISTICS nothing{};
    nothing.Header.Type = NDIS_OBJECT_TYPE_FILTER_PARTIAL_CHARACTERISTICS;
    nothing.Header.Revision = NDIS_FILTER_PARTIAL_CHARACTERISTICS_REVISION_1;
    nothing.Header.Size = NDIS_SIZEOF_FILTER_PARTIAL_CHARACTERISTICS_REVISION_1;
    filter.outside_options =
        NdisSetOptionalHandlers(filter.handle, reinterpret_cast<PNDIS_DRIVER_OPTIONAL_HANDLERS>(&nothing));
    if (how(filter).restart == NDIS_STATUS_SUCCESS)
        change_attributes(how(filter), *parameters);
    if (!how(filter).pend)
        return how(filter).restart;
    later(filter, restart_done);
    return NDIS_STATUS_PENDING;
}

void flip(const Filter& filter, PNET_BUFFER_LIST chain) {
    const uint8_t mask = how(filter).flips;
    for (; mask != 0 && chain != nullptr; chain = chain->Next) {
        PMDL mdl = chain->FirstNetBuffer->MdlChain;
        static_cast<uint8_t*>(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority))[mdl->ByteCount - 1] ^= mask;
    }
}
uint64_t length(PNET_BUFFER_LIST chain) {
    uint64_t n = 0;
    for (; chain != nullptr; chain = chain->Next)
        n++;
    return n;
}

void NTAPI send(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags) {
    of(context).sent += length(chain);
    flip(of(context), chain);
    NdisFSendNetBufferLists(of(context).handle, chain, port, flags);
}
void NTAPI send_complete(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG flags) {
    of(context).completed += length(chain);
    NdisFSendNetBufferListsComplete(of(context).handle, chain, flags);
}
void NTAPI cancel_send(NDIS_HANDLE context, PVOID id) {
    note(of(context), "cancel send");
    NdisFCancelSendNetBufferLists(of(context).handle, id);
}
void NTAPI receive(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG count, ULONG flags) {
    Filter& filter = of(context);
    filter.received += count;
    if (flags & NDIS_RECEIVE_FLAGS_RESOURCES)
        filter.given_back += count;
    flip(filter, chain);
    NdisFIndicateReceiveNetBufferLists(filter.handle, chain, port, count, flags);
}
void NTAPI give_back(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG flags) {
    of(context).given_back += length(chain);
    NdisFReturnNetBufferLists(of(context).handle, chain, flags);
}

NDIS_STATUS NTAPI module_options(NDIS_HANDLE context) {
    Filter& filter = of(context);
    note(filter, "options");
    const auto& wanted = how(filter).module_data;
    if (!wanted)
        return NDIS_STATUS_SUCCESS;
    NDIS_FILTER_PARTIAL_CHARACTERISTICS p{};
    p.Header.Type = NDIS_OBJECT_TYPE_FILTER_PARTIAL_CHARACTERISTICS;
    p.Header.Revision = NDIS_FILTER_PARTIAL_CHARACTERISTICS_REVISION_1;
    p.Header.Size = NDIS_SIZEOF_FILTER_PARTIAL_CHARACTERISTICS_REVISION_1;
    p.SendNetBufferListsHandler = wanted->send ? send : nullptr;
    p.SendNetBufferListsCompleteHandler = wanted->send_complete ? send_complete : nullptr;
    p.CancelSendNetBufferListsHandler = wanted->cancel ? cancel_send : nullptr;
    p.ReceiveNetBufferListsHandler = wanted->receive ? receive : nullptr;
    p.ReturnNetBufferListsHandler = wanted->give_back ? give_back : nullptr;
    return NdisSetOptionalHandlers(filter.handle, reinterpret_cast<PNDIS_DRIVER_OPTIONAL_HANDLERS>(&p));
}

// The original of a clone stands in the clone's SourceReserved.
NDIS_STATUS pass_on(Filter& filter, PNDIS_OID_REQUEST request, bool direct) {
    PNDIS_OID_REQUEST clone = nullptr;
    const NDIS_STATUS cloned = NdisAllocateCloneOidRequest(filter.handle, request, 'nolC', &clone);
    if (cloned != NDIS_STATUS_SUCCESS)
        return cloned;
    std::memcpy(clone->SourceReserved, &request, sizeof(request));
    const NDIS_STATUS status =
        direct ? NdisFDirectOidRequest(filter.handle, clone) : NdisFOidRequest(filter.handle, clone);
    if (status == NDIS_STATUS_PENDING)
        return status;
    request->DATA.QUERY_INFORMATION.BytesWritten = clone->DATA.QUERY_INFORMATION.BytesWritten;
    NdisFreeCloneOidRequest(filter.handle, clone);
    return status;
}

void finish_clone(Filter& filter, PNDIS_OID_REQUEST clone, NDIS_STATUS status, bool direct) {
    PNDIS_OID_REQUEST original = nullptr;
    std::memcpy(&original, clone->SourceReserved, sizeof(original));
    if (original == nullptr) {  // the filter's own
        filter.status = status;
        KeSetEvent(&filter.event, 0, false);
        return;
    }
    original->DATA.QUERY_INFORMATION.BytesWritten = clone->DATA.QUERY_INFORMATION.BytesWritten;
    NdisFreeCloneOidRequest(filter.handle, clone);
    if (direct)
        NdisFDirectOidRequestComplete(filter.handle, original, status);
    else
        NdisFOidRequestComplete(filter.handle, original, status);
}

NDIS_STATUS NTAPI oid_request(NDIS_HANDLE context, PNDIS_OID_REQUEST request) {
    Filter& filter = of(context);
    EXPECT_EQ(nt::current_irql(), PASSIVE_LEVEL);
    char text[24];
    snprintf(text, sizeof(text), "oid %08x", static_cast<unsigned>(request->DATA.QUERY_INFORMATION.Oid));
    note(filter, text);
    if (!how(filter).hold_oids)
        return pass_on(filter, request, false);
    filter.held.push_back(request);
    return NDIS_STATUS_PENDING;
}
void NTAPI oid_complete(NDIS_HANDLE context, PNDIS_OID_REQUEST clone, NDIS_STATUS status) {
    finish_clone(of(context), clone, status, false);
}
void NTAPI cancel_oid(NDIS_HANDLE context, PVOID id) {
    Filter& filter = of(context);
    note(filter, "cancel oid");
    for (PNDIS_OID_REQUEST request : std::exchange(filter.held, {}))
        NdisFOidRequestComplete(filter.handle, request, NDIS_STATUS_REQUEST_ABORTED);
    NdisFCancelOidRequest(filter.handle, id);
}
NDIS_STATUS NTAPI direct_oid(NDIS_HANDLE context, PNDIS_OID_REQUEST request) {
    note(of(context), "direct oid");
    return pass_on(of(context), request, true);
}
void NTAPI direct_oid_complete(NDIS_HANDLE context, PNDIS_OID_REQUEST clone, NDIS_STATUS status) {
    note(of(context), "direct oid complete");
    finish_clone(of(context), clone, status, true);
}
void NTAPI cancel_direct_oid(NDIS_HANDLE context, PVOID id) {
    note(of(context), "cancel direct oid");
    NdisFCancelDirectOidRequest(of(context).handle, id);
}

NDIS_STATUS NTAPI synchronous_oid(NDIS_HANDLE context, PNDIS_OID_REQUEST, PVOID* call_context) {
    Filter& filter = of(context);
    note(filter, "synchronous oid");
    EXPECT_EQ(*call_context, nullptr);
    *call_context = &filter;
    return how(filter).synchronous_answer;
}
void NTAPI synchronous_oid_complete(NDIS_HANDLE context, PNDIS_OID_REQUEST, PNDIS_STATUS status, PVOID call_context) {
    Filter& filter = of(context);
    note(filter, "synchronous oid complete");
    EXPECT_EQ(call_context, how(filter).synchronous_oid ? &filter : nullptr);
    if (how(filter).synchronous_result != NDIS_STATUS_PENDING)
        *status = how(filter).synchronous_result;
}

void NTAPI status_indication(NDIS_HANDLE context, PNDIS_STATUS_INDICATION status) {
    char text[24];
    snprintf(text, sizeof(text), "status %08x", static_cast<unsigned>(status->StatusCode));
    note(of(context), text);
    NdisFIndicateStatus(of(context).handle, status);
}
NDIS_STATUS NTAPI net_event(NDIS_HANDLE context, PNET_PNP_EVENT_NOTIFICATION event) {
    const auto code = event->NetPnPEvent.NetEvent;
    note(of(context), code == NetEventFilterPreDetach ? "pre detach" : "event " + std::to_string(code));
    if (const auto& answer = how(of(context)).event_answer)
        return *answer;
    return NdisFNetPnPEvent(of(context).handle, event);
}
void NTAPI device_event(NDIS_HANDLE context, PNET_DEVICE_PNP_EVENT event) {
    note(of(context), "device event " + std::to_string(event->DevicePnPEvent));
    NdisFDevicePnPEventNotify(of(context).handle, event);
}

void fill(NDIS_FILTER_DRIVER_CHARACTERISTICS& c, const FilterBehaviour& b) {
    c.SetFilterModuleOptionsHandler = module_options;
    c.AttachHandler = attach;
    c.DetachHandler = detach;
    c.RestartHandler = restart;
    c.PauseHandler = pause;
    c.SendNetBufferListsHandler = b.data.send ? send : nullptr;
    c.SendNetBufferListsCompleteHandler = b.data.send_complete ? send_complete : nullptr;
    c.CancelSendNetBufferListsHandler = b.data.cancel ? cancel_send : nullptr;
    c.ReceiveNetBufferListsHandler = b.data.receive ? receive : nullptr;
    c.ReturnNetBufferListsHandler = b.data.give_back ? give_back : nullptr;
    c.OidRequestHandler = b.oid ? oid_request : nullptr;
    c.OidRequestCompleteHandler = oid_complete;
    c.CancelOidRequestHandler = b.oid ? cancel_oid : nullptr;
    c.DevicePnPEventNotifyHandler = b.device_events ? device_event : nullptr;
    c.NetPnPEventHandler = b.events ? net_event : nullptr;
    c.StatusHandler = b.status ? status_indication : nullptr;
    c.DirectOidRequestHandler = b.direct_oid ? direct_oid : nullptr;
    c.DirectOidRequestCompleteHandler = b.direct_oid ? direct_oid_complete : nullptr;
    c.CancelDirectOidRequestHandler = b.direct_oid ? cancel_direct_oid : nullptr;
    c.SynchronousOidRequestHandler = b.synchronous_oid ? synchronous_oid : nullptr;
    c.SynchronousOidRequestCompleteHandler = b.synchronous_complete ? synchronous_oid_complete : nullptr;
}

void NTAPI unload(PDRIVER_OBJECT object) {
    const std::u16string service(object->DriverName.Buffer, object->DriverName.Length / 2);
    for (Driver& d : filters()) {
        if (d.handle == nullptr || !service.ends_with(d.wide_name))
            continue;
        NdisFDeregisterFilterDriver(d.handle);
        EXPECT_TRUE(d.modules.empty());
        d.handle = nullptr;
    }
}

NTSTATUS NTAPI filter_entry(PDRIVER_OBJECT object, PUNICODE_STRING path) {
    const std::u16string_view whole(path->Buffer, path->Length / 2);
    Driver& d = driver(narrow(whole.substr(whole.rfind(u'\\') + 1)));
    NDIS_FILTER_DRIVER_CHARACTERISTICS c{};
    c.Header.Type = NDIS_OBJECT_TYPE_FILTER_DRIVER_CHARACTERISTICS;
    c.Header.Revision = NDIS_FILTER_CHARACTERISTICS_REVISION_3;
    c.Header.Size = NDIS_SIZEOF_FILTER_DRIVER_CHARACTERISTICS_REVISION_3;
    c.MajorNdisVersion = 6;
    c.MinorNdisVersion = d.behaviour.minor_version;
    const auto text = [](std::u16string& s) {
        NDIS_STRING string{};
        string.Buffer = s.data();
        string.Length = string.MaximumLength = static_cast<USHORT>(s.size() * 2);
        return string;
    };
    c.FriendlyName = c.ServiceName = text(d.wide_name);
    c.UniqueName = text(d.guid);
    fill(c, d.behaviour);
    object->DriverUnload = unload;
    return NdisFRegisterFilterDriver(object, &d, &c, &d.handle);
}

}  // namespace

FilterBehaviour& filter_behaviour(const std::string& name) { return driver(name).behaviour; }

bool is_attached(const std::string& name, const std::u16string& guid) {
    for (const Filter* filter : driver(name).modules)
        if (filter->adapter == guid)
            return true;
    return false;
}
Filter& filter_of(const std::string& name, const std::u16string& guid) {
    for (Filter* filter : driver(name).modules)
        if (filter->adapter == guid)
            return *filter;
    throw std::runtime_error("no such filter module");
}

void Filter::let_go() {
    for (PNDIS_OID_REQUEST request : std::exchange(held, {})) {
        const NDIS_STATUS done = pass_on(*this, request, false);
        if (done != NDIS_STATUS_PENDING)
            NdisFOidRequestComplete(handle, request, done);
    }
}

NDIS_STATUS Filter::oid(NDIS_REQUEST_TYPE type, NDIS_OID oid, void* buffer, uint32_t size) {
    NDIS_OID_REQUEST request{};
    request.Header.Type = NDIS_OBJECT_TYPE_OID_REQUEST;
    request.Header.Revision = NDIS_OID_REQUEST_REVISION_1;
    request.Header.Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1;
    request.RequestType = type;
    request.DATA.QUERY_INFORMATION.Oid = oid;
    request.DATA.QUERY_INFORMATION.InformationBuffer = buffer;
    request.DATA.QUERY_INFORMATION.InformationBufferLength = size;
    const NDIS_STATUS returned = NdisFOidRequest(handle, &request);
    if (returned != NDIS_STATUS_PENDING)
        return returned;
    KeWaitForSingleObject(&event, Executive, KernelMode, false, nullptr);
    return status;
}

void Filter::indicate_status(NDIS_STATUS code) {
    NDIS_STATUS_INDICATION indication{};
    indication.Header.Type = NDIS_OBJECT_TYPE_STATUS_INDICATION;
    indication.Header.Revision = NDIS_STATUS_INDICATION_REVISION_1;
    indication.Header.Size = NDIS_SIZEOF_STATUS_INDICATION_REVISION_1;
    indication.SourceHandle = handle;
    indication.StatusCode = code;
    NdisFIndicateStatus(handle, &indication);
}

std::u16string filter_guid(const std::string& name) {
    std::u16string guid = u"{F1F1F1F1-0000-0000-0000-00000000000_}";
    guid[guid.size() - 2] = static_cast<char16_t>(name.back());
    return guid;
}

void write_filter(const std::string& name, uint32_t type, uint32_t run_type) {
    nt::io::register_builtin(name, filter_entry);
    write_service(widen(name), widen(name));
    const std::u16string ndi = std::u16string(layout::filters_key) + u"\\" + filter_guid(name) + u"\\Ndi";
    set_text(ndi, u"Service", widen(name));
    set_number(ndi, u"FilterType", type);
    set_number(ndi, u"FilterRunType", run_type);
}

void write_filter_list(const std::u16string& instance, const std::u16string& guid,
                       const std::vector<std::string>& drivers) {
    std::vector<std::u16string> list;
    for (const std::string& name : drivers)
        list.push_back(guid + u"-" + filter_guid(name) + u"-0000");
    set_list(std::u16string(layout::class_key) + u"\\" + instance + u"\\Linkage", u"FilterList", list);
}

void start_filter(const std::string& name) {
    const auto started = nt::io::start_service(name);
    ASSERT_TRUE(started.has_value()) << started.error().text();
    settle_pnp();
}
void stop_filter(const std::string& name) {
    const auto stopped = nt::io::stop_service(name);
    ASSERT_TRUE(stopped.has_value()) << stopped.error().text();
    settle_pnp();
}

void start_stack(const std::vector<std::string>& drivers) {
    for (const std::string& name : drivers)
        start_filter(name);
    start_protocol();
    const auto started = start_adapter(guid_a);
    ASSERT_TRUE(started.has_value()) << started.error().text();
}

void with_filters(const std::vector<std::string>& top_first, const std::function<void()>& body, uint64_t seed) {
    with_machine(
        [&] {
            filters().clear();
            write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
            write_bind(u"fixproto", {guid_a});
            for (const std::string& name : top_first)
                write_filter(name);
            write_filter_list(u"0001", guid_a, top_first);
            body();
        },
        seed);
}

void with_filter_stack(const std::vector<std::string>& top_first, const std::function<void()>& body, uint64_t seed) {
    with_filters(
        top_first,
        [&] {
            start_stack(top_first);
            body();
        },
        seed);
}

}  // namespace ndiskit::ndis::fixture
