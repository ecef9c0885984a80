// Binding a protocol to an adapter and unbinding it.
// https://learn.microsoft.com/windows-hardware/drivers/network/binding-to-an-adapter
#include "ndis/binding.h"
#include "ndis/lists.h"

#include <algorithm>

#include "base/log.h"
#include "engine/engine.h"
#include "ndis/adapter.h"
#include "ndis/bind_list.h"
#include "ndis/bind_parameters.h"
#include "ndis/driver.h"
#include "ndis/library_state.h"
#include "ndis/misuse.h"
#include "ndis/oid_combine.h"
#include "ndis/pnp_work.h"
#include "ndis/receive_filters.h"
#include "ndis/wake.h"

namespace ndiskit::ndis {

Binding::Binding(Adapter& a, ProtocolDriver& p)
    : Handle(handle_kind), adapter(a), protocol(p), edge_id(library().new_edge({p.name + " over " + narrow(a.config.description), "binding"})) {
    KeInitializeEvent(&oids_back, SynchronizationEvent, false);
    KeInitializeEvent(&closed, NotificationEvent, false);
}

void Binding::advance(BindingEvent event) {
    const auto next = next_state(state(), event);
    ASSERT_THAT(next, "binding of {} is {} when {}", protocol.name, state_name(state()), event_name(event));
    state_.store(*next, std::memory_order_release);
}

namespace {

// Where Windows may finish at once or later, sim does either.
bool finish_later() { return engine::the().deterministic() && engine::the().draw(4) == 0; }

void wait_for_oids(Binding& binding) {
    while (binding.oids_out.load(std::memory_order_acquire) != 0)
        KeWaitForSingleObject(&binding.oids_back, Executive, KernelMode, false, nullptr);
}

// The end of an open: nobody reaches the binding any more when this returns.
void finish_close(Binding& binding) {
    Adapter& adapter = binding.adapter;
    wait_for_oids(binding);
    withdraw_filters(binding);
    withdraw_receive_filters(binding);
    withdraw_wake(binding);
    adapter.open_bindings.with([&](auto& list) { std::erase(list, &binding); });
    adapter.publish_route();
    adapter.reclaim_routes();
    binding.sends.drain();
    binding.receives.drain();
    binding.opened = false;
    if (binding.state() == BindingState::closing)
        binding.advance(BindingEvent::close_completes);
}

// Keeps the totals of a closed binding and buries it.
void retire(std::unique_ptr<Binding> binding) {
    binding->adapter.closed_sends += binding->sends.totals();
    binding->adapter.closed_receives += binding->receives.totals();
    library().bury(std::move(binding));
}

NDIS_STATUS finish_open(Binding& binding, NDIS_HANDLE context) {
    Adapter& adapter = binding.adapter;
    binding.context = context;
    binding.opened = true;
    adapter.open_bindings.with([&](auto& list) { list.push_back(&binding); });
    connect_layers(adapter);
    adapter.publish_route();
    binding.advance(BindingEvent::open_completes);
    return NDIS_STATUS_SUCCESS;
}

// Index into the protocol's array of media, or nothing.
std::optional<UINT> choose_medium(const NDIS_OPEN_PARAMETERS& parameters, NDIS_MEDIUM medium) {
    for (UINT i = 0; i < parameters.MediumArraySize; i++)
        if (parameters.MediumArray[i] == medium)
            return i;
    return std::nullopt;
}

std::u16string_view view(const UNICODE_STRING& string) {
    return {string.Buffer, string.Length / sizeof(WCHAR)};
}

}  // namespace

NDIS_STATUS bind_protocol(Adapter& adapter, ProtocolDriver& protocol) {
    auto binding = std::make_unique<Binding>(adapter, protocol);
    binding->advance(BindingEvent::bind_called);
    BindParameters parameters(*binding);
    BindOperation operation(*binding);
    const NDIS_STATUS status = operation.done.settle(
        protocol.handlers.BindAdapterHandlerEx(protocol.context, &operation, parameters.get()));
    operation.retire();
    if (status == NDIS_STATUS_SUCCESS && binding->opened) {
        log_debug("ndis", "{} is bound to {}", protocol.name, narrow(adapter.config.guid));
        binding.release();  // now in the adapter's list
        return status;
    }
    log_debug("ndis", "{} did not bind to {}: 0x{:08x}", protocol.name, narrow(adapter.config.guid),
              static_cast<uint32_t>(status));
    if (binding->close_called)
        KeWaitForSingleObject(&binding->closed, Executive, KernelMode, false, nullptr);
    // A protocol that pended its bind may close in ProtocolUnbindAdapterEx, which it has asked for.
    if (binding->opened && binding->unbinding) {
        unbind_protocol(*binding.release());
        return status;
    }
    if (binding->opened) {
        log_error("ndis", "{} failed to bind to {} but left it open", protocol.name, narrow(adapter.config.guid));
        finish_close(*binding);
    }
    retire(std::move(binding));
    tell_bind_failed(protocol, adapter);
    return status == NDIS_STATUS_SUCCESS ? NDIS_STATUS_FAILURE : status;
}

void unbind_protocol(Binding& binding) {
    binding.unbinding = true;
    binding.advance(BindingEvent::unbind_called);
    UnbindOperation operation(binding);
    operation.done.settle(binding.protocol.handlers.UnbindAdapterHandlerEx(&operation, binding.context));
    operation.retire();
    if (!binding.close_called) {
        log_error("ndis", "{} was unbound from {} without calling NdisCloseAdapterEx", binding.protocol.name,
                  narrow(binding.adapter.config.guid));
        binding.close_called = true;
        finish_close(binding);
        KeSetEvent(&binding.closed, 0, false);
    }
    // A close that pends ends on a worker; the protocol may finish its unbind before it saw that.
    KeWaitForSingleObject(&binding.closed, Executive, KernelMode, false, nullptr);
    log_debug("ndis", "{} is unbound from {}", binding.protocol.name, narrow(binding.adapter.config.guid));
    retire(std::unique_ptr<Binding>(&binding));
}

NDIS_STATUS open_adapter(ProtocolDriver& protocol, NDIS_HANDLE context, NDIS_OPEN_PARAMETERS& parameters,
                         NDIS_HANDLE bind_context, NDIS_HANDLE& handle) {
    if (!is_handle_of<BindOperation>(bind_context))
        misuse(Misuse::invalid_open_in_bind_context, "NdisOpenAdapterEx outside of ProtocolBindAdapterEx",
               reinterpret_cast<uint64_t>(&protocol), reinterpret_cast<uint64_t>(bind_context));
    Binding& binding = resolve<BindOperation>(bind_context, "NdisOpenAdapterEx").binding;
    if (&binding.protocol != &protocol || binding.opened)
        misuse(Misuse::invalid_open_in_bind_context, "NdisOpenAdapterEx with the bind context of another operation",
               reinterpret_cast<uint64_t>(&protocol), reinterpret_cast<uint64_t>(bind_context));
    if (!same_name(view(*parameters.AdapterName), binding.adapter.device_name))
        return NDIS_STATUS_ADAPTER_NOT_FOUND;
    const auto medium = choose_medium(parameters, binding.adapter.attributes.general.MediaType);
    if (!medium)
        return NDIS_STATUS_UNSUPPORTED_MEDIA;
    UINT* selected = parameters.SelectedMediumIndex;
    if (finish_later()) {
        binding.context = context;
        queue_pnp_work([&binding, context, medium, selected, handle = &handle] {
            const NDIS_STATUS status = finish_open(binding, context);
            *selected = *medium;
            *handle = &binding;
            binding.protocol.handlers.OpenAdapterCompleteHandlerEx(context, status);
        });
        return NDIS_STATUS_PENDING;
    }
    *selected = *medium;
    handle = &binding;
    return finish_open(binding, context);
}

NDIS_STATUS close_adapter(Binding& binding) {
    if (binding.close_called.exchange(true))
        misuse(Misuse::invalid_object_header, "NdisCloseAdapterEx was called twice for one binding",
               reinterpret_cast<uint64_t>(&binding));
    binding.send_gate = SendGate::closed;
    if (binding.oids_out == 0 && !finish_later()) {
        finish_close(binding);
        KeSetEvent(&binding.closed, 0, false);
        return NDIS_STATUS_SUCCESS;
    }
    queue_pnp_work([&binding] {
        finish_close(binding);
        binding.protocol.handlers.CloseAdapterCompleteHandlerEx(binding.context);
        KeSetEvent(&binding.closed, 0, false);
    });
    return NDIS_STATUS_PENDING;
}

void request_unbind(Binding& binding) {
    if (binding.unbinding.exchange(true))
        return;
    queue_pnp_work([adapter = &binding.adapter, target = &binding] {
        PnpHold hold(adapter->pnp);
        if (adapter->mark != Handle::live || !contains(adapter->bindings(), target))
            return;
        if (target->state() == BindingState::running)
            pause_binding(*target, NDIS_PAUSE_UNBIND_PROTOCOL);
        unbind_protocol(*target);
    });
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisopenadapterex
extern "C" NDIS_STATUS NTAPI NdisOpenAdapterEx(NDIS_HANDLE NdisProtocolHandle, NDIS_HANDLE ProtocolBindingContext,
                                               PNDIS_OPEN_PARAMETERS OpenParameters, NDIS_HANDLE BindContext,
                                               PNDIS_HANDLE NdisBindingHandle) {
    return open_adapter(resolve<ProtocolDriver>(NdisProtocolHandle, "NdisOpenAdapterEx"), ProtocolBindingContext,
                        *OpenParameters, BindContext, *NdisBindingHandle);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndiscloseadapterex
extern "C" NDIS_STATUS NTAPI NdisCloseAdapterEx(NDIS_HANDLE NdisBindingHandle) {
    return close_adapter(resolve<Binding>(NdisBindingHandle, "NdisCloseAdapterEx"));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisunbindadapter
extern "C" NDIS_STATUS NTAPI NdisUnbindAdapter(NDIS_HANDLE NdisBindingHandle) {
    request_unbind(resolve<Binding>(NdisBindingHandle, "NdisUnbindAdapter"));
    return NDIS_STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndiscompletebindadapterex
extern "C" void NTAPI NdisCompleteBindAdapterEx(NDIS_HANDLE BindAdapterContext, NDIS_STATUS Status) {
    resolve<BindOperation>(BindAdapterContext, "NdisCompleteBindAdapterEx").done.complete(Status);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndiscompleteunbindadapterex
extern "C" void NTAPI NdisCompleteUnbindAdapterEx(NDIS_HANDLE UnbindContext) {
    resolve<UnbindOperation>(UnbindContext, "NdisCompleteUnbindAdapterEx").done.complete(NDIS_STATUS_SUCCESS);
}
