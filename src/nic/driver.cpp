// The built-in NIC driver's registration with NDIS: each entry goes to the Adapter that is its context.

#include "nic/adapter.h"
#include "nic/registered.h"

namespace ndiskit::nic {
namespace {

NDIS_HANDLE driver_handle;

Adapter& adapter_of(NDIS_HANDLE context) { return *static_cast<Adapter*>(context); }

NDIS_STATUS NTAPI initialize(NDIS_HANDLE handle, NDIS_HANDLE, NDIS_MINIPORT_INIT_PARAMETERS*) {
    auto adapter = std::make_unique<Adapter>(handle);
    const NDIS_STATUS status = adapter->initialize();
    if (status == NDIS_STATUS_SUCCESS) adapter.release();
    return status;
}

void NTAPI halt(NDIS_HANDLE context, NDIS_HALT_ACTION) {
    adapter_of(context).halt();
    delete static_cast<Adapter*>(context);
}

NDIS_STATUS NTAPI pause(NDIS_HANDLE context, NDIS_MINIPORT_PAUSE_PARAMETERS*) {
    return adapter_of(context).pause();
}

NDIS_STATUS NTAPI restart(NDIS_HANDLE context, NDIS_MINIPORT_RESTART_PARAMETERS*) {
    adapter_of(context).restart();
    return NDIS_STATUS_SUCCESS;
}

void NTAPI send(NDIS_HANDLE context, NET_BUFFER_LIST* chain, NDIS_PORT_NUMBER, ULONG flags) {
    adapter_of(context).send(chain, flags);
}

void NTAPI returned(NDIS_HANDLE context, NET_BUFFER_LIST* chain, ULONG) {
    adapter_of(context).returned(chain);
}

NDIS_STATUS NTAPI oid_request(NDIS_HANDLE context, NDIS_OID_REQUEST* request) {
    return adapter_of(context).oid(*request);
}

NDIS_STATUS NTAPI direct_oid_request(NDIS_HANDLE, NDIS_OID_REQUEST*) { return NDIS_STATUS_NOT_SUPPORTED; }

// Every request and every send is complete when its handler returns, so there is nothing to cancel.
void NTAPI cancel_oid(NDIS_HANDLE, PVOID) {}
void NTAPI cancel_send(NDIS_HANDLE, PVOID) {}

void NTAPI device_event(NDIS_HANDLE, NET_DEVICE_PNP_EVENT*) {}
void NTAPI shutdown(NDIS_HANDLE, NDIS_SHUTDOWN_ACTION) {}

void NTAPI unload(DRIVER_OBJECT*) {
    NdisMDeregisterMiniportDriver(driver_handle);
    edge::forget_counters(counted_as);
}

}  // namespace

RegisteredAdapters& registered_adapters() {
    static RegisteredAdapters registered;
    return registered;
}

std::vector<AdapterView> adapters() {
    std::vector<AdapterView> views;
    for (Adapter* adapter : registered_adapters().all())
        views.push_back({adapter->name(), &adapter->counters()});
    return views;
}

extern "C" NTSTATUS NTAPI NicDriverEntry(DRIVER_OBJECT* driver, UNICODE_STRING* registry_path) {
    NDIS_MINIPORT_DRIVER_CHARACTERISTICS miniport{};
    miniport.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_DRIVER_CHARACTERISTICS;
    miniport.Header.Revision = NDIS_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2;
    miniport.Header.Size = NDIS_SIZEOF_MINIPORT_DRIVER_CHARACTERISTICS_REVISION_2;
    miniport.MajorNdisVersion = 6;
    miniport.MinorNdisVersion = NdisGetVersion() >= NDIS_RUNTIME_VERSION_630 ? 30 : 20;
    miniport.MajorDriverVersion = 1;
    miniport.InitializeHandlerEx = initialize;
    miniport.HaltHandlerEx = halt;
    miniport.UnloadHandler = unload;
    miniport.PauseHandler = pause;
    miniport.RestartHandler = restart;
    miniport.OidRequestHandler = oid_request;
    miniport.SendNetBufferListsHandler = send;
    miniport.ReturnNetBufferListsHandler = returned;
    miniport.CancelSendHandler = cancel_send;
    miniport.DevicePnPEventNotifyHandler = device_event;
    miniport.ShutdownHandlerEx = shutdown;
    miniport.CancelOidRequestHandler = cancel_oid;
    miniport.DirectOidRequestHandler = direct_oid_request;
    miniport.CancelDirectOidRequestHandler = cancel_oid;
    return NdisMRegisterMiniportDriver(driver, registry_path, nullptr, &miniport, &driver_handle);
}

}  // namespace ndiskit::nic
