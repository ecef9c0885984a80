// OIDs and status on their way through filter modules. A module gets one OID at a time in its own queue; it passes a
// request on by cloning it and giving the clone to NdisFOidRequest, so each layer's requests are its own.
// https://learn.microsoft.com/windows-hardware/drivers/network/filter-module-oid-requests
#include <cstring>

#include "ndis/driver.h"
#include "ndis/filter.h"
#include "ndis/misuse.h"
#include "ndis/oid_answers.h"
#include "ndis/status.h"

namespace ndiskit::ndis {

NDIS_STATUS run_filter_oid(FilterModule& module, PNDIS_OID_REQUEST request) {
    if (!next_state(module.state(), FilterEvent::oid_or_status))
        return NDIS_STATUS_NOT_ACCEPTED;
    return module.handlers.OidRequestHandler(module.context, request);
}

void cancel_filter_oid(FilterModule& module, PVOID request_id) {
    if (module.handlers.CancelOidRequestHandler != nullptr)
        module.handlers.CancelOidRequestHandler(module.context, request_id);
}

void complete_filter_oid(FilterModule& module, PNDIS_OID_REQUEST request, NDIS_STATUS status) {
    PassiveSection section(module.adapter.sections);
    module.handlers.OidRequestCompleteHandler(module.context, request, status);
}

namespace {
bool handles_oids(const FilterModule& m) { return m.handlers.OidRequestHandler != nullptr; }
bool handles_direct_oids(const FilterModule& m) { return m.handlers.DirectOidRequestHandler != nullptr; }
}  // namespace

namespace {
// A module's own request names it; a clone keeps the name of who made the original, whom the answer is for.
void sign(FilterModule& module, NDIS_OID_REQUEST& request) {
    if (request.RequestHandle == nullptr)
        request.RequestHandle = &module;
}
}  // namespace

NDIS_STATUS submit_oid(Adapter& adapter, const FilterModule* above, PNDIS_OID_REQUEST request, Handle& origin,
                       Completion* waiter) {
    bool first = false;
    // Under the lock, so that a module which goes knows all requests that it got.
    OidQueue& queue = adapter.filter_list.with([&](const auto& list) -> OidQueue& {
        FilterModule* module = nearest_below(list, above, handles_oids);
        OidQueue& chosen = module != nullptr ? module->oids : adapter.oids;
        first = chosen.enlist(request, origin, waiter);
        return chosen;
    });
    return queue.proceed(request, first);
}

void cancel_oid(Adapter& adapter, const FilterModule* above, Handle& origin, PVOID request_id) {
    PassiveSection section(adapter.sections);
    // A module may have been put between since the request was made, so all below are asked for it.
    const std::vector<FilterModule*> modules = adapter.filters();
    for (FilterModule* m = nearest_below(modules, above, handles_oids); m != nullptr;
         m = nearest_below(modules, m, handles_oids))
        m->oids.cancel(origin, request_id);
    adapter.oids.cancel(origin, request_id);
}

bool run_direct_filter_oid(Adapter& adapter, FilterModule* above, PNDIS_OID_REQUEST request, NDIS_STATUS& status) {
    FilterModule* module = nearest_below(adapter.filters(), above, handles_direct_oids);
    if (module == nullptr)
        return false;
    module->enter_direct();
    status = module->handlers.DirectOidRequestHandler(module->context, request);
    if (status != NDIS_STATUS_PENDING)
        module->leave_direct();
    return true;
}

bool cancel_direct_filter_oid(Adapter& adapter, FilterModule* above, PVOID request_id) {
    FilterModule* module = nearest_below(adapter.filters(), above, handles_direct_oids);
    if (module == nullptr)
        return false;
    if (module->handlers.CancelDirectOidRequestHandler != nullptr)
        module->handlers.CancelDirectOidRequestHandler(module->context, request_id);
    return true;
}

bool complete_direct_filter_oid(PNDIS_OID_REQUEST request, NDIS_STATUS status) {
    Handle* origin = record_of(request).origin;
    if (origin == nullptr || origin->kind != HandleKind::filter_module)
        return false;
    auto& module = static_cast<FilterModule&>(*origin);
    module.handlers.DirectOidRequestCompleteHandler(module.context, request, status);
    return true;
}

// A module with a completion handler alone sees the request on its way back.
NDIS_STATUS run_synchronous_filter_oid(Adapter& adapter, FilterModule* above, PNDIS_OID_REQUEST request,
                                       const std::function<NDIS_STATUS()>& to_miniport) {
    FilterModule* module = nearest_below(adapter.filters(), above, [](const FilterModule& m) {
        return m.handlers.SynchronousOidRequestHandler != nullptr ||
               m.handlers.SynchronousOidRequestCompleteHandler != nullptr;
    });
    if (module == nullptr)
        return to_miniport();
    const auto& h = module->handlers;
    PVOID call_context = nullptr;
    NDIS_STATUS status = h.SynchronousOidRequestHandler == nullptr
                             ? NDIS_STATUS_SUCCESS
                             : h.SynchronousOidRequestHandler(module->context, request, &call_context);
    if (status == NDIS_STATUS_ALREADY_COMPLETE)
        return NDIS_STATUS_SUCCESS;
    if (status != NDIS_STATUS_SUCCESS)
        return status;
    status = run_synchronous_filter_oid(adapter, module, request, to_miniport);
    if (h.SynchronousOidRequestCompleteHandler != nullptr)
        h.SynchronousOidRequestCompleteHandler(module->context, request, &status, call_context);
    return status;
}

bool status_to_filters(Adapter& adapter, FilterModule* below, NDIS_STATUS_INDICATION& status) {
    // What answers a module's own request is for that module alone.
    const bool for_one = is_handle_of<FilterModule>(status.DestinationHandle);
    FilterModule* module = nearest_above(adapter.filters(), below, [&](const FilterModule& m) {
        return m.handlers.StatusHandler != nullptr && next_state(m.state(), FilterEvent::oid_or_status) &&
               (!for_one || status.DestinationHandle == &m);
    });
    if (module == nullptr)
        return false;
    module->handlers.StatusHandler(module->context, &status);
    return true;
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfoidrequest
extern "C" NDIS_STATUS NTAPI NdisFOidRequest(NDIS_HANDLE NdisFilterHandle, PNDIS_OID_REQUEST OidRequest) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFOidRequest");
    sign(module, *OidRequest);
    return submit_oid(module.adapter, &module, OidRequest, module);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfoidrequestcomplete
extern "C" void NTAPI NdisFOidRequestComplete(NDIS_HANDLE NdisFilterHandle, PNDIS_OID_REQUEST OidRequest,
                                              NDIS_STATUS Status) {
    resolve<FilterModule>(NdisFilterHandle, "NdisFOidRequestComplete").oids.complete(OidRequest, Status);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfcanceloidrequest
extern "C" void NTAPI NdisFCancelOidRequest(NDIS_HANDLE NdisFilterHandle, PVOID RequestId) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFCancelOidRequest");
    cancel_oid(module.adapter, &module, module, RequestId);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfdirectoidrequest
extern "C" NDIS_STATUS NTAPI NdisFDirectOidRequest(NDIS_HANDLE NdisFilterHandle, PNDIS_OID_REQUEST OidRequest) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFDirectOidRequest");
    sign(module, *OidRequest);
    OidRecord& record = record_of(OidRequest);
    std::memset(&record, 0, sizeof(record));
    record.origin = &module;
    return direct_oid_down(module.adapter, &module, OidRequest);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfdirectoidrequestcomplete
extern "C" void NTAPI NdisFDirectOidRequestComplete(NDIS_HANDLE NdisFilterHandle, PNDIS_OID_REQUEST OidRequest,
                                                    NDIS_STATUS Status) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFDirectOidRequestComplete");
    PassiveSection section(module.adapter.sections);
    if (!complete_direct_filter_oid(OidRequest, Status))
        deliver_direct_completion(OidRequest, Status);
    module.leave_direct();
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfcanceldirectoidrequest
extern "C" void NTAPI NdisFCancelDirectOidRequest(NDIS_HANDLE NdisFilterHandle, PVOID RequestId) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFCancelDirectOidRequest");
    cancel_direct_oid(module.adapter, &module, RequestId);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfsynchronousoidrequest
extern "C" NDIS_STATUS NTAPI NdisFSynchronousOidRequest(NDIS_HANDLE NdisFilterModuleHandle, NDIS_OID_REQUEST* OidRequest) {
    auto& module = resolve<FilterModule>(NdisFilterModuleHandle, "NdisFSynchronousOidRequest");
    sign(module, *OidRequest);
    return synchronous_oid_down(module.adapter, &module, OidRequest);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfindicatestatus
extern "C" void NTAPI NdisFIndicateStatus(NDIS_HANDLE NdisFilterHandle, PNDIS_STATUS_INDICATION StatusIndication) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFIndicateStatus");
    if (!next_state(module.state(), FilterEvent::oid_or_status))
        return;  // a module that is being attached makes none
    PassiveSection section(module.adapter.sections);
    if (!status_to_filters(module.adapter, &module, *StatusIndication))
        status_to_bindings(module.adapter, *StatusIndication);
}
