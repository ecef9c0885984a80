// What NDIS tells the protocol edge: pause and restart of the binding, power, plug and play, status. Events
// that concern what is above go on to the virtual miniports' protocols.

#include "driver.h"
#include "lower.h"
#include "lower_list.h"

namespace mux {

NDIS_STATUS Lower::pnp_event(NET_PNP_EVENT_NOTIFICATION& event) {
    const NET_PNP_EVENT& what = event.NetPnPEvent;
    switch (what.NetEvent) {
        case NetEventPause:
            running_ = false;
            sends.close();
            return NDIS_STATUS_SUCCESS;
        case NetEventRestart:
            return restart(static_cast<NDIS_RESTART_ATTRIBUTES*>(
                reinterpret_cast<NDIS_PROTOCOL_RESTART_PARAMETERS*>(what.Buffer)->RestartAttributes));
        case NetEventSetPower:
            return set_power(*static_cast<NDIS_DEVICE_POWER_STATE*>(what.Buffer), event);
        case NetEventQueryPower:
        case NetEventQueryRemoveDevice:
        case NetEventCancelRemoveDevice:
        case NetEventReconfigure:
        case NetEventBindList:
            return propagate(event);
        default:
            return NDIS_STATUS_SUCCESS;
    }
}

NDIS_STATUS Lower::restart(NDIS_RESTART_ATTRIBUTES* restart_attributes) {
    for (auto* at = restart_attributes; at; at = at->Next) {
        if (at->Oid != OID_GEN_MINIPORT_RESTART_ATTRIBUTES) continue;
        const auto& general = *reinterpret_cast<NDIS_RESTART_GENERAL_ATTRIBUTES*>(at->Data);
        attributes.mtu = general.MtuSize;
        attributes.lookahead = general.LookaheadSize;
        attributes.packet_filters = general.SupportedPacketFilters;
        attributes.max_multicast = general.MaxMulticastListSize;
    }
    running_ = true;
    if (in_d0()) sends.open();
    return NDIS_STATUS_SUCCESS;
}

// To D0 the state is taken first and the event passed on after; to a low-power state the other way round.
NDIS_STATUS Lower::set_power(NDIS_DEVICE_POWER_STATE state, NET_PNP_EVENT_NOTIFICATION& event) {
    if (state != NdisDeviceStateD0) {
        propagate(event);
        power.store(state);
        sends.close();
        return NDIS_STATUS_SUCCESS;
    }
    power.store(state);
    if (running_) sends.open();
    for (VirtualMiniport& port : virtuals) {
        port.resume_held_oid();
        if (port.link_state_due.load()) port.indicate_link_state();
    }
    propagate(event);
    return NDIS_STATUS_SUCCESS;
}

// The first refusal of a query is the answer; what is not a query cannot be refused.
NDIS_STATUS Lower::propagate(NET_PNP_EVENT_NOTIFICATION& event) {
    NDIS_STATUS result = NDIS_STATUS_SUCCESS;
    for (VirtualMiniport& port : virtuals) {
        if (!port.initialised()) continue;
        const NDIS_STATUS status = NdisMNetPnPEvent(port.handle, &event);
        if (status != NDIS_STATUS_SUCCESS && result == NDIS_STATUS_SUCCESS) result = status;
    }
    return result;
}

NDIS_LINK_STATE Lower::link_state() {
    ndisxx::SpinLock::Guard guard(state_lock_);
    return link_state_;
}

void Lower::set_link_state(const NDIS_LINK_STATE& state) {
    {
        ndisxx::SpinLock::Guard guard(state_lock_);
        link_state_ = state;
        if (!virtuals_ready_) return;
    }
    for (VirtualMiniport& port : virtuals) port.indicate_link_state();
}

void Lower::status(const NDIS_STATUS_INDICATION& indication) {
    switch (indication.StatusCode) {
        case NDIS_STATUS_LINK_STATE:
            return set_link_state(*static_cast<const NDIS_LINK_STATE*>(indication.StatusBuffer));
        case NDIS_STATUS_RESET_START:
            return resetting_.store(true);
        case NDIS_STATUS_RESET_END:
            return end_reset();
        case NDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG:
        case NDIS_STATUS_NETWORK_CHANGE:
        case NDIS_STATUS_MEDIA_SPECIFIC_INDICATION:
            return indicate(indication);
        default:
            // What concerns the adapter alone (its ports, its wake-up, its queues) is not the virtual
            // miniports'.
            return;
    }
}

void Lower::indicate(const NDIS_STATUS_INDICATION& indication) {
    {
        ndisxx::SpinLock::Guard guard(state_lock_);
        if (!virtuals_ready_) return;
    }
    for (VirtualMiniport& port : virtuals) {
        if (!port.initialised() || !port.in_d0() || !in_d0()) continue;
        NDIS_STATUS_INDICATION own = indication;
        own.SourceHandle = port.handle;
        own.DestinationHandle = nullptr;
        own.RequestId = nullptr;
        own.PortNumber = NDIS_DEFAULT_PORT_NUMBER;
        NdisMIndicateStatusEx(port.handle, &own);
    }
}

void Lower::send(NET_BUFFER_LIST* clones, ULONG flags) {
    if (resetting_.load()) [[unlikely]] {
        ndisxx::SpinLock::Guard guard(state_lock_);
        if (resetting_.load()) return held_sends_.append_chain(clones);
    }
    NdisSendNetBufferLists(binding, clones, NDIS_DEFAULT_PORT_NUMBER, flags);
}

void Lower::end_reset() {
    NET_BUFFER_LIST* held;
    {
        ndisxx::SpinLock::Guard guard(state_lock_);
        resetting_.store(false);
        held = held_sends_.take();
    }
    if (held) NdisSendNetBufferLists(binding, held, NDIS_DEFAULT_PORT_NUMBER, 0);
}

NDIS_STATUS MuxProtocolNetPnPEvent(NDIS_HANDLE context, NET_PNP_EVENT_NOTIFICATION* event) {
    if (context) return static_cast<Lower*>(context)->pnp_event(*event);
    // Without a binding the event concerns the driver.
    if (event->NetPnPEvent.NetEvent == NetEventIMReEnableDevice)
        driver.lowers->enable(*static_cast<const UNICODE_STRING*>(event->NetPnPEvent.Buffer));
    return NDIS_STATUS_SUCCESS;
}

VOID MuxProtocolStatus(NDIS_HANDLE context, NDIS_STATUS_INDICATION* indication) {
    static_cast<Lower*>(context)->status(*indication);
}

}  // namespace mux
