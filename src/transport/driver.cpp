// The built-in protocol driver's registration with NDIS: each entry goes to the Binding that is its context.

#include <algorithm>

#include "base/guarded.h"
#include "transport/binding.h"
#include "transport/kept_taps.h"

namespace ndiskit::transport {
namespace {

NDIS_HANDLE protocol_handle;
Guarded<std::vector<Binding*>, LockRank::transport> open_bindings;

Binding& binding_of(NDIS_HANDLE context) { return *static_cast<Binding*>(context); }

NDIS_STATUS NTAPI bind(NDIS_HANDLE, NDIS_HANDLE bind_context, NDIS_BIND_PARAMETERS* parameters) {
    if (parameters->MediaType != NdisMedium802_3 && parameters->MediaType != NdisMediumIP)
        return NDIS_STATUS_UNSUPPORTED_MEDIA;
    auto binding = std::make_unique<Binding>(bind_context);
    const NDIS_STATUS status = binding->open(protocol_handle, *parameters);
    if (status != NDIS_STATUS_SUCCESS) return status;
    open_bindings.with([&](auto& list) { list.push_back(binding.get()); });
    binding.release();
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS NTAPI unbind(NDIS_HANDLE, NDIS_HANDLE context) {
    const std::unique_ptr<Binding> binding(static_cast<Binding*>(context));
    open_bindings.with([&](auto& list) { std::erase(list, binding.get()); });
    binding->close();
    return NDIS_STATUS_SUCCESS;
}

void NTAPI opened(NDIS_HANDLE context, NDIS_STATUS status) { binding_of(context).opened(status); }
void NTAPI closed(NDIS_HANDLE context) { binding_of(context).closed(); }

NDIS_STATUS NTAPI pnp_event(NDIS_HANDLE context, NET_PNP_EVENT_NOTIFICATION* event) {
    return context ? binding_of(context).pnp_event(*event) : NDIS_STATUS_SUCCESS;
}

void NTAPI oid_completed(NDIS_HANDLE context, NDIS_OID_REQUEST*, NDIS_STATUS status) {
    binding_of(context).oid_completed(status);
}

void NTAPI status_indicated(NDIS_HANDLE context, NDIS_STATUS_INDICATION* indication) {
    binding_of(context).status(*indication);
}

void NTAPI received(NDIS_HANDLE context, NET_BUFFER_LIST* chain, NDIS_PORT_NUMBER, ULONG, ULONG flags) {
    binding_of(context).receive(chain, flags);
}

void NTAPI sent(NDIS_HANDLE context, NET_BUFFER_LIST* chain, ULONG) { binding_of(context).sent(chain); }

void NTAPI unload(DRIVER_OBJECT*) {
    NdisDeregisterProtocolDriver(protocol_handle);
    forget_taps();
    edge::forget_counters(counted_as);
}

}  // namespace

std::vector<BindingView> bindings() {
    return open_bindings.with([](auto& list) {
        std::vector<BindingView> views;
        for (Binding* binding : list) views.push_back({binding->name(), &binding->counters()});
        return views;
    });
}

extern "C" NTSTATUS NTAPI TransportDriverEntry(DRIVER_OBJECT* driver, UNICODE_STRING*) {
    driver->DriverUnload = unload;
    static char16_t name[] = u"ndktransport";
    NDIS_PROTOCOL_DRIVER_CHARACTERISTICS protocol{};
    protocol.Header.Type = NDIS_OBJECT_TYPE_PROTOCOL_DRIVER_CHARACTERISTICS;
    protocol.Header.Revision = NDIS_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2;
    protocol.Header.Size = NDIS_SIZEOF_PROTOCOL_DRIVER_CHARACTERISTICS_REVISION_2;
    protocol.MajorNdisVersion = 6;
    protocol.MinorNdisVersion = NdisGetVersion() >= NDIS_RUNTIME_VERSION_630 ? 30 : 20;
    protocol.MajorDriverVersion = 1;
    protocol.Name = {.Length = sizeof name - sizeof name[0], .MaximumLength = sizeof name, .Buffer = name};
    protocol.BindAdapterHandlerEx = bind;
    protocol.UnbindAdapterHandlerEx = unbind;
    protocol.OpenAdapterCompleteHandlerEx = opened;
    protocol.CloseAdapterCompleteHandlerEx = closed;
    protocol.NetPnPEventHandler = pnp_event;
    protocol.OidRequestCompleteHandler = oid_completed;
    protocol.StatusHandlerEx = status_indicated;
    protocol.ReceiveNetBufferListsHandler = received;
    protocol.SendNetBufferListsCompleteHandler = sent;
    return NdisRegisterProtocolDriver(nullptr, &protocol, &protocol_handle);
}

}  // namespace ndiskit::transport
