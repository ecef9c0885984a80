// OIDs and status on their way through filter modules. A module gets one OID at a time in its own queue; it passes a
// request on by cloning it and giving the clone to NdisFOidRequest, so each layer's requests are its own.
// https://learn.microsoft.com/windows-hardware/drivers/network/filter-module-oid-requests
#include <cstring>

#include "ndis/driver.h"
#include "ndis/events.h"
#include "ndis/filter.h"
#include "ndis/misuse.h"
#include "ndis/status.h"

namespace ndiskit::ndis {

namespace {

// The nearest module below `above` (null: from the top) for which `has` holds.
template <class Has>
FilterModule* nearest_below(Adapter& adapter, const FilterModule* above, Has has) {
    bool from_here = above == nullptr;
    for (auto it = adapter.filters.rbegin(); it != adapter.filters.rend(); ++it) {
        if (from_here && has(**it))
            return *it;
        from_here |= *it == above;
    }
    return nullptr;
}

template <class Has>
FilterModule* nearest_above(Adapter& adapter, const FilterModule* below, Has has) {
    bool from_here = below == nullptr;
    for (FilterModule* module : adapter.filters) {
        if (from_here && has(*module))
            return module;
        from_here |= module == below;
    }
    return nullptr;
}

OidQueue& queue_below(FilterModule& module) {
    FilterModule* next = nearest_below(module.adapter, &module, handles_oids);
    return next != nullptr ? next->oids : module.adapter.oids;
}

}  // namespace

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
    module.handlers.OidRequestCompleteHandler(module.context, request, status);
}

bool run_direct_filter_oid(Adapter& adapter, FilterModule* above, PNDIS_OID_REQUEST request, NDIS_STATUS& status) {
    FilterModule* module =
        nearest_below(adapter, above, [](const FilterModule& m) { return m.handlers.DirectOidRequestHandler != nullptr; });
    if (module == nullptr)
        return false;
    status = module->handlers.DirectOidRequestHandler(module->context, request);
    return true;
}

bool cancel_direct_filter_oid(Adapter& adapter, FilterModule* above, PVOID request_id) {
    FilterModule* module = nearest_below(
        adapter, above, [](const FilterModule& m) { return m.handlers.CancelDirectOidRequestHandler != nullptr; });
    if (module == nullptr)
        return false;
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

bool run_synchronous_filter_oid(Adapter& adapter, FilterModule* above, PNDIS_OID_REQUEST request, NDIS_STATUS& status) {
    FilterModule* module = nearest_below(
        adapter, above, [](const FilterModule& m) { return m.handlers.SynchronousOidRequestHandler != nullptr; });
    if (module == nullptr)
        return false;
    // The handler lets the request go on (SUCCESS) or answers it; the completion handler sees it on the way back.
    PVOID call_context = nullptr;
    status = module->handlers.SynchronousOidRequestHandler(module->context, request, &call_context);
    if (status != NDIS_STATUS_SUCCESS)
        return true;
    status = synchronous_oid_down(adapter, module, request);
    if (module->handlers.SynchronousOidRequestCompleteHandler != nullptr)
        module->handlers.SynchronousOidRequestCompleteHandler(module->context, request, &status, call_context);
    return true;
}

bool status_to_filters(Adapter& adapter, FilterModule* below, NDIS_STATUS_INDICATION& status) {
    FilterModule* module =
        nearest_above(adapter, below, [](const FilterModule& m) { return m.handlers.StatusHandler != nullptr; });
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
    return queue_below(module).submit(OidRequest, module);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfoidrequestcomplete
extern "C" void NTAPI NdisFOidRequestComplete(NDIS_HANDLE NdisFilterHandle, PNDIS_OID_REQUEST OidRequest,
                                              NDIS_STATUS Status) {
    resolve<FilterModule>(NdisFilterHandle, "NdisFOidRequestComplete").oids.complete(OidRequest, Status);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfcanceloidrequest
extern "C" void NTAPI NdisFCancelOidRequest(NDIS_HANDLE NdisFilterHandle, PVOID RequestId) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFCancelOidRequest");
    queue_below(module).cancel(module, RequestId);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfdirectoidrequest
extern "C" NDIS_STATUS NTAPI NdisFDirectOidRequest(NDIS_HANDLE NdisFilterHandle, PNDIS_OID_REQUEST OidRequest) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFDirectOidRequest");
    OidRecord& record = record_of(OidRequest);
    std::memset(&record, 0, sizeof(record));
    record.origin = &module;
    return direct_oid_down(module.adapter, &module, OidRequest);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfdirectoidrequestcomplete
extern "C" void NTAPI NdisFDirectOidRequestComplete(NDIS_HANDLE NdisFilterHandle, PNDIS_OID_REQUEST OidRequest,
                                                    NDIS_STATUS Status) {
    resolve<FilterModule>(NdisFilterHandle, "NdisFDirectOidRequestComplete");
    if (!complete_direct_filter_oid(OidRequest, Status))
        deliver_direct_completion(OidRequest, Status);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfcanceldirectoidrequest
extern "C" void NTAPI NdisFCancelDirectOidRequest(NDIS_HANDLE NdisFilterHandle, PVOID RequestId) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFCancelDirectOidRequest");
    if (cancel_direct_filter_oid(module.adapter, &module, RequestId))
        return;
    if (const auto handler = module.adapter.driver.handlers.CancelDirectOidRequestHandler)
        handler(module.adapter.context, RequestId);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfsynchronousoidrequest
extern "C" NDIS_STATUS NTAPI NdisFSynchronousOidRequest(NDIS_HANDLE NdisFilterModuleHandle, NDIS_OID_REQUEST* OidRequest) {
    auto& module = resolve<FilterModule>(NdisFilterModuleHandle, "NdisFSynchronousOidRequest");
    return synchronous_oid_down(module.adapter, &module, OidRequest);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfindicatestatus
extern "C" void NTAPI NdisFIndicateStatus(NDIS_HANDLE NdisFilterHandle, PNDIS_STATUS_INDICATION StatusIndication) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFIndicateStatus");
    if (!status_to_filters(module.adapter, &module, *StatusIndication))
        status_to_bindings(module.adapter, *StatusIndication);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfnetpnpevent
extern "C" NDIS_STATUS NTAPI NdisFNetPnPEvent(NDIS_HANDLE NdisFilterHandle,
                                              PNET_PNP_EVENT_NOTIFICATION NetPnPEventNotification) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFNetPnPEvent");
    const auto& event = NetPnPEventNotification->NetPnPEvent;
    return tell_bindings(module.adapter, event.NetEvent, event.Buffer, event.BufferLength,
                         NetPnPEventNotification->PortNumber);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfdevicepnpeventnotify
extern "C" void NTAPI NdisFDevicePnPEventNotify(NDIS_HANDLE NdisFilterHandle, PNET_DEVICE_PNP_EVENT NetDevicePnPEvent) {
    auto& module = resolve<FilterModule>(NdisFilterHandle, "NdisFDevicePnPEventNotify");
    FilterModule* next = nearest_below(module.adapter, &module, [](const FilterModule& m) {
        return m.handlers.DevicePnPEventNotifyHandler != nullptr;
    });
    if (next != nullptr)
        next->handlers.DevicePnPEventNotifyHandler(next->context, NetDevicePnPEvent);
    else
        module.adapter.driver.handlers.DevicePnPEventNotifyHandler(module.adapter.context, NetDevicePnPEvent);
}
