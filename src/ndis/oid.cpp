// OID requests of protocols, and the completions of miniports.
// https://learn.microsoft.com/windows-hardware/drivers/network/protocol-driver-oid-requests
#include <algorithm>
#include <cstring>

#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/filter.h"
#include "ndis/misuse.h"
#include "ndis/adapter_ports.h"
#include "ndis/oid_answers.h"
#include "ndis/oid_rules.h"
#include "ndis/receive_scale.h"

namespace ndiskit::ndis {

namespace {

// Who takes a request says who makes it: what a miniport indicates as the answer to a request names the maker.
NDIS_STATUS check_request(Binding& binding, NDIS_OID_REQUEST& request, OidWay way) {
    if (request.Header.Type != NDIS_OBJECT_TYPE_OID_REQUEST || request.Header.Revision == 0 ||
        request.Header.Size < NDIS_SIZEOF_OID_REQUEST_REVISION_1)
        misuse(Misuse::invalid_object_header, "an NDIS_OID_REQUEST has a wrong header",
               reinterpret_cast<uint64_t>(&binding), reinterpret_cast<uint64_t>(&request));
    request.RequestHandle = &binding;
    if (binding.close_called)
        return NDIS_STATUS_CLOSING;
    if (!next_state(binding.state(), BindingEvent::oid_request))
        return NDIS_STATUS_OPEN_FAILED;
    if (binding.adapter.power != NdisDeviceStateD0)
        return NDIS_STATUS_LOW_POWER_STATE;
    if (request.PortNumber != NDIS_DEFAULT_PORT_NUMBER && !is_port_active(binding.adapter, request.PortNumber))
        return NDIS_STATUS_INVALID_PORT;
    return check_oid(binding.adapter, request, way);
}

bool filters_see_oids(const Adapter& adapter) {
    return adapter.filter_list.with([](const auto& modules) {
        return std::ranges::any_of(modules, [](const FilterModule* m) { return m->handlers.OidRequestHandler != nullptr; });
    });
}

NDIS_STATUS request_from(Binding& binding, PNDIS_OID_REQUEST request) {
    if (const NDIS_STATUS status = check_request(binding, *request, OidWay::regular); status != NDIS_STATUS_SUCCESS)
        return status;
    // Filter modules that handle OIDs see queries first; what they pass on is answered below them (oid_queue.cpp).
    // What a binding tells NDIS alone stays here.
    const bool tells = request->RequestType == NdisRequestSetInformation;
    NDIS_STATUS answer = NDIS_STATUS_SUCCESS;
    if ((tells || !filters_see_oids(binding.adapter)) &&
        answer_oid(binding.adapter, {&binding, binding.protocol.version}, *request, answer))
        return answer;
    binding.oids_out.fetch_add(1, std::memory_order_acq_rel);
    const NDIS_STATUS status = submit_oid(binding.adapter, nullptr, request, binding);
    if (status != NDIS_STATUS_PENDING)
        release_oid(binding);
    return status;
}

// Direct and synchronous requests are not serialised: they go down in the caller's context.
NDIS_STATUS direct_request_from(Binding& binding, PNDIS_OID_REQUEST request) {
    if (const NDIS_STATUS status = check_request(binding, *request, OidWay::regular); status != NDIS_STATUS_SUCCESS)
        return status;
    OidRecord& record = record_of(request);
    std::memset(&record, 0, sizeof(record));
    record.origin = &binding;
    binding.oids_out.fetch_add(1, std::memory_order_acq_rel);
    const NDIS_STATUS status = direct_oid_down(binding.adapter, nullptr, request);
    if (status != NDIS_STATUS_PENDING)
        release_oid(binding);
    return status;
}

}  // namespace

void release_oid(Binding& binding) {
    // The closer may free the binding as soon as it sees 0, so the event is set for the last request while it is
    // still counted by the quarantine of closed bindings (library_state.h).
    if (binding.oids_out.fetch_sub(1, std::memory_order_acq_rel) == 1)
        KeSetEvent(&binding.oids_back, 0, false);
}

NDIS_STATUS direct_oid_down(Adapter& adapter, FilterModule* above, PNDIS_OID_REQUEST request) {
    PassiveSection section(adapter.sections);  // what FilterDetach waits for
    NDIS_STATUS status = NDIS_STATUS_SUCCESS;
    if (run_direct_filter_oid(adapter, above, request, status))
        return status;
    const auto handler = adapter.driver.handlers.DirectOidRequestHandler;
    if (handler == nullptr)
        return NDIS_STATUS_NOT_SUPPORTED;
    return adapter.suspend.hold_direct(request) ? NDIS_STATUS_PENDING : handler(adapter.context, request);
}

void cancel_direct_oid(Adapter& adapter, FilterModule* above, PVOID request_id) {
    PassiveSection section(adapter.sections);
    if (cancel_direct_filter_oid(adapter, above, request_id))
        return;
    adapter.suspend.cancel_direct(request_id);
    if (const auto handler = adapter.driver.handlers.CancelDirectOidRequestHandler)
        handler(adapter.context, request_id);
}

NDIS_STATUS request_oid(Adapter& adapter, NDIS_REQUEST_TYPE type, NDIS_OID oid, void* buffer, uint32_t length,
                        uint32_t* transferred) {
    NDIS_OID_REQUEST request{};
    request.Header.Type = NDIS_OBJECT_TYPE_OID_REQUEST;
    request.Header.Revision = NDIS_OID_REQUEST_REVISION_1;
    request.Header.Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1;
    request.RequestType = type;
    request.RequestHandle = &adapter;
    request.DATA.QUERY_INFORMATION.Oid = oid;
    request.DATA.QUERY_INFORMATION.InformationBuffer = buffer;
    request.DATA.QUERY_INFORMATION.InformationBufferLength = length;
    Completion done;
    const NDIS_STATUS status = done.settle(submit_oid(adapter, nullptr, &request, adapter, &done));
    if (transferred != nullptr)
        *transferred = request.DATA.QUERY_INFORMATION.BytesWritten;
    return status;
}

namespace {

NDIS_STATUS synchronous_request_from(Binding& binding, PNDIS_OID_REQUEST request) {
    if (const NDIS_STATUS status = check_request(binding, *request, OidWay::synchronous); status != NDIS_STATUS_SUCCESS)
        return status;
    const NDIS_STATUS status = synchronous_oid_down(binding.adapter, nullptr, request);
    if (status == NDIS_STATUS_PENDING)
        misuse(Misuse::invalid_oid_completion, "a synchronous OID handler returned NDIS_STATUS_PENDING",
               reinterpret_cast<uint64_t>(&binding.adapter), oid_of(*request));
    if (status == NDIS_STATUS_SUCCESS && oid_of(*request) == OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES)
        keep_rss_entries(binding.adapter, *request);
    return status;
}

}  // namespace

void complete_direct_oid(PNDIS_OID_REQUEST request, NDIS_STATUS status) {
    if (complete_direct_filter_oid(request, status))
        return;
    deliver_direct_completion(request, status);
}

NDIS_STATUS synchronous_oid_down(Adapter& adapter, FilterModule* above, PNDIS_OID_REQUEST request) {
    PassiveSection section(adapter.sections);
    return run_synchronous_filter_oid(adapter, above, request, [&] {
        const auto handler = adapter.driver.handlers.SynchronousOidRequestHandler;
        return handler == nullptr ? NDIS_STATUS_NOT_SUPPORTED : handler(adapter.context, request);
    });
}

void deliver_direct_completion(PNDIS_OID_REQUEST request, NDIS_STATUS status) {
    Handle* origin = record_of(request).origin;
    if (origin == nullptr || origin->kind != HandleKind::binding)
        misuse(Misuse::invalid_oid_completion, "a direct OID request was completed that is not pending",
               reinterpret_cast<uint64_t>(origin), reinterpret_cast<uint64_t>(request));
    auto& binding = static_cast<Binding&>(*origin);
    record_of(request).origin = nullptr;
    binding.protocol.handlers.DirectOidRequestCompleteHandler(binding.context, request, status);
    release_oid(binding);
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisoidrequest
extern "C" NDIS_STATUS NTAPI NdisOidRequest(NDIS_HANDLE NdisBindingHandle, PNDIS_OID_REQUEST OidRequest) {
    return request_from(resolve<Binding>(NdisBindingHandle, "NdisOidRequest"), OidRequest);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisdirectoidrequest
extern "C" NDIS_STATUS NTAPI NdisDirectOidRequest(NDIS_HANDLE NdisBindingHandle, PNDIS_OID_REQUEST OidRequest) {
    return direct_request_from(resolve<Binding>(NdisBindingHandle, "NdisDirectOidRequest"), OidRequest);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndissynchronousoidrequest
extern "C" NDIS_STATUS NTAPI NdisSynchronousOidRequest(NDIS_HANDLE NdisBindingHandle, PNDIS_OID_REQUEST OidRequest) {
    return synchronous_request_from(resolve<Binding>(NdisBindingHandle, "NdisSynchronousOidRequest"), OidRequest);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismoidrequestcomplete
extern "C" void NTAPI NdisMOidRequestComplete(NDIS_HANDLE MiniportAdapterHandle, PNDIS_OID_REQUEST OidRequest,
                                              NDIS_STATUS Status) {
    resolve<Adapter>(MiniportAdapterHandle, "NdisMOidRequestComplete").oids.complete(OidRequest, Status);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismdirectoidrequestcomplete
extern "C" void NTAPI NdisMDirectOidRequestComplete(NDIS_HANDLE MiniportAdapterHandle, PNDIS_OID_REQUEST OidRequest,
                                                    NDIS_STATUS Status) {
    resolve<Adapter>(MiniportAdapterHandle, "NdisMDirectOidRequestComplete");
    complete_direct_oid(OidRequest, Status);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndiscanceloidrequest
extern "C" void NTAPI NdisCancelOidRequest(NDIS_HANDLE NdisBindingHandle, PVOID RequestId) {
    auto& binding = resolve<Binding>(NdisBindingHandle, "NdisCancelOidRequest");
    cancel_oid(binding.adapter, nullptr, binding, RequestId);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndiscanceldirectoidrequest
extern "C" void NTAPI NdisCancelDirectOidRequest(NDIS_HANDLE NdisBindingHandle, PVOID RequestId) {
    auto& binding = resolve<Binding>(NdisBindingHandle, "NdisCancelDirectOidRequest");
    cancel_direct_oid(binding.adapter, nullptr, RequestId);
}
