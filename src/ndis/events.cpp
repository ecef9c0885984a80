// Network PnP events: what protocols are told, and how they answer. What miniports say is in miniport_events.cpp.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nc-ndis-protocol_net_pnp_event
#include "base/log.h"
#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/events.h"
#include "ndis/filter.h"
#include "ndis/library_state.h"
#include "ndis/misuse.h"

namespace ndiskit::ndis {

namespace {

// An event on its way to one protocol; NdisCompleteNetPnPEvent finds the Completion through NdisReserved.
struct PendingEvent {
    NET_PNP_EVENT_NOTIFICATION notification{};
    Completion done;
};

constexpr Revision notification_revisions[] = {
    {ndis_6_0, NET_PNP_EVENT_NOTIFICATION_REVISION_1, NDIS_SIZEOF_NET_PNP_EVENT_NOTIFICATION_REVISION_1},
    {ndis_6_50, NET_PNP_EVENT_NOTIFICATION_REVISION_2, NDIS_SIZEOF_NET_PNP_EVENT_NOTIFICATION_REVISION_2},
};

}  // namespace

NET_PNP_EVENT_NOTIFICATION notification_of(NET_PNP_EVENT_CODE event, Version version) {
    NET_PNP_EVENT_NOTIFICATION n{};
    n.Header = header_for(NDIS_OBJECT_TYPE_DEFAULT, version, notification_revisions);
    n.NetPnPEvent.NetEvent = event;
    return n;
}

namespace {

bool needs_answer(NET_PNP_EVENT_CODE event) {
    return event == NetEventQueryPower || event == NetEventQueryRemoveDevice;
}

}  // namespace

NDIS_STATUS tell_protocol(ProtocolDriver& protocol, Binding* binding, NET_PNP_EVENT_CODE event, void* buffer,
                          uint32_t length, NDIS_PORT_NUMBER port) {
    PendingEvent pending;
    NET_PNP_EVENT_NOTIFICATION& n = pending.notification;
    n = notification_of(event, protocol.version);
    n.PortNumber = port;
    n.NetPnPEvent.Buffer = buffer;
    n.NetPnPEvent.BufferLength = length;
    n.NetPnPEvent.NdisReserved[0] = reinterpret_cast<ULONG_PTR>(&pending.done);
    const NDIS_HANDLE context = binding != nullptr ? binding->context : nullptr;
    return pending.done.settle(protocol.handlers.NetPnPEventHandler(context, &n));
}

void pause_binding(Binding& binding, uint32_t reason) {
    binding.advance(BindingEvent::pause_event);
    NDIS_PROTOCOL_PAUSE_PARAMETERS parameters{};
    parameters.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    parameters.Header.Revision = NDIS_PROTOCOL_PAUSE_PARAMETERS_REVISION_1;
    parameters.Header.Size = NDIS_SIZEOF_PROTOCOL_PAUSE_PARAMETERS_REVISION_1;
    parameters.PauseReason = reason;
    tell_protocol(binding.protocol, &binding, NetEventPause, &parameters, sizeof(parameters));

    // The protocol has agreed to stop; what it sends from here on comes straight back.
    binding.send_gate.store(SendGate::paused, std::memory_order_seq_cst);
    binding.receives_open.store(false, std::memory_order_seq_cst);
    binding.adapter.publish_route();
    binding.adapter.reclaim_routes();
    binding.sends.drain();
    binding.receives.drain();
    binding.advance(BindingEvent::pause_completes);
}

void restart_binding(Binding& binding, PNDIS_RESTART_ATTRIBUTES attributes) {
    binding.advance(BindingEvent::restart_event);
    NDIS_PROTOCOL_RESTART_PARAMETERS parameters{};
    parameters.Header.Type = NDIS_OBJECT_TYPE_PROTOCOL_RESTART_PARAMETERS;
    parameters.Header.Revision = NDIS_PROTOCOL_RESTART_PARAMETERS_REVISION_1;
    parameters.Header.Size = NDIS_SIZEOF_PROTOCOL_RESTART_PARAMETERS_REVISION_1;
    parameters.RestartAttributes = attributes;
    std::vector<uint8_t> names = filter_module_names(binding.adapter);
    parameters.FilterModuleNameBuffer = names.empty() ? nullptr : names.data();
    parameters.FilterModuleNameBufferLength = static_cast<ULONG>(names.size());
    const InterfaceId top = top_interface(binding.adapter);
    parameters.BoundIfIndex = top.index;
    parameters.BoundIfNetluid = top.luid;
    // Receives may come as soon as the protocol knows, sends from the moment it answers.
    binding.receives_open.store(true, std::memory_order_release);
    binding.send_gate.store(SendGate::open, std::memory_order_release);
    const NDIS_STATUS status =
        tell_protocol(binding.protocol, &binding, NetEventRestart, &parameters, sizeof(parameters));
    if (status != NDIS_STATUS_SUCCESS) {
        log_error("ndis", "{} did not restart its binding to {}: 0x{:08x}", binding.protocol.name,
                  narrow(binding.adapter.config.guid), static_cast<uint32_t>(status));
        binding.send_gate.store(SendGate::paused, std::memory_order_seq_cst);
        binding.receives_open.store(false, std::memory_order_seq_cst);
        binding.adapter.publish_route();
        binding.adapter.reclaim_routes();
        binding.sends.drain();
        binding.receives.drain();
        binding.advance(BindingEvent::restart_fails);
        return;
    }
    binding.advance(BindingEvent::restart_completes);
    binding.adapter.publish_route();
}

void tell_binds_complete(ProtocolDriver& protocol) {
    if (protocol.deregistering)
        return;
    tell_protocol(protocol, nullptr, NetEventBindsComplete, nullptr, 0);
}

namespace {

NDIS_STATUS tell_each_binding(Adapter& adapter, const NET_PNP_EVENT_NOTIFICATION& n) {
    const NET_PNP_EVENT& event = n.NetPnPEvent;
    NDIS_STATUS first_refusal = NDIS_STATUS_SUCCESS;
    for (Binding* binding : adapter.bindings()) {
        const NDIS_STATUS status = tell_protocol(binding->protocol, binding, event.NetEvent, event.Buffer,
                                                 event.BufferLength, n.PortNumber);
        if (status == NDIS_STATUS_SUCCESS || status == NDIS_STATUS_NOT_SUPPORTED)
            continue;
        if (first_refusal == NDIS_STATUS_SUCCESS)
            first_refusal = status;
        if (needs_answer(event.NetEvent))
            break;
    }
    return first_refusal;
}

}  // namespace

NDIS_STATUS tell_above(Adapter& adapter, const FilterModule* below, NET_PNP_EVENT_NOTIFICATION& event) {
    NDIS_STATUS status = NDIS_STATUS_SUCCESS;
    if (event_to_filters(adapter, below, event, status))
        return needs_answer(event.NetPnPEvent.NetEvent) ? status : NDIS_STATUS_SUCCESS;
    return tell_each_binding(adapter, event);
}

NDIS_STATUS tell_bindings(Adapter& adapter, NET_PNP_EVENT_CODE event, void* buffer, uint32_t length,
                          NDIS_PORT_NUMBER port) {
    NET_PNP_EVENT_NOTIFICATION n = notification_of(event, machine_version());
    n.PortNumber = port;
    n.NetPnPEvent.Buffer = buffer;
    n.NetPnPEvent.BufferLength = length;
    return tell_above(adapter, nullptr, n);
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndiscompletenetpnpevent
extern "C" void NTAPI NdisCompleteNetPnPEvent(NDIS_HANDLE NdisHandle, PNET_PNP_EVENT_NOTIFICATION NetPnPEventNotification,
                                              NDIS_STATUS Status) {
    if (!is_handle_of<Binding>(NdisHandle) && !is_handle_of<ProtocolDriver>(NdisHandle))
        bad_handle(NdisHandle, HandleKind::binding, "NdisCompleteNetPnPEvent");
    auto* done = reinterpret_cast<Completion*>(NetPnPEventNotification->NetPnPEvent.NdisReserved[0]);
    if (done == nullptr)
        misuse(Misuse::illegal_net_pnp_event, "NdisCompleteNetPnPEvent for an event that was not pending",
               reinterpret_cast<uint64_t>(NdisHandle), reinterpret_cast<uint64_t>(NetPnPEventNotification));
    NetPnPEventNotification->NetPnPEvent.NdisReserved[0] = 0;
    done->complete(Status);
}
