// What comes for an adapter that can be suspended: it is noted, and waits while the adapter is not active.
#include "ndis/adapter.h"
#include "ndis/datapath.h"
#include "ndis/driver.h"
#include "ndis/edge.h"
#include "ndis/oid_queue.h"
#include "ndis/selective_suspend.h"

namespace ndiskit::ndis {

void SelectiveSuspend::stand_in(SendHop& to_send, ReturnHop& to_return, CancelSendHop& to_cancel) {
    if (!enabled_)
        return;
    below_send_ = std::exchange(to_send, {send, this});
    below_return_ = std::exchange(to_return, {give_back, this});
    below_cancel_ = std::exchange(to_cancel, {cancel_send, this});
}

void SelectiveSuspend::stand_in(ReceiveHop& to_receive, CompleteHop& to_complete) {
    if (!enabled_)
        return;
    above_receive_ = std::exchange(to_receive, {receive, this});
    above_complete_ = std::exchange(to_complete, {sent, this});
}

void NTAPI SelectiveSuspend::send(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags) {
    auto& self = *static_cast<SelectiveSuspend*>(context);
    self.note_activity();
    if (!self.is_active() && self.hold_send({chain, port, flags})) [[unlikely]]
        return self.need();
    self.below_send_.call(self.below_send_.context, chain, port, flags);
}

void NTAPI SelectiveSuspend::give_back(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG flags) {
    auto& self = *static_cast<SelectiveSuspend*>(context);
    self.note_activity();
    self.below_return_.call(self.below_return_.context, chain, flags);
}

// The sender gets what waits here back; what the miniport has is the miniport's to cancel.
void NTAPI SelectiveSuspend::cancel_send(NDIS_HANDLE context, PVOID id) {
    auto& self = *static_cast<SelectiveSuspend*>(context);
    SubChain found;
    self.state_.with([&](State& state) {
        for (HeldSend& held : state.sends) {
            SubChain rest;
            for (PNET_BUFFER_LIST nbl = held.chain; nbl != nullptr;) {
                PNET_BUFFER_LIST next = nbl->Next;
                (NDIS_GET_NET_BUFFER_LIST_CANCEL_ID(nbl) == id ? found : rest).append(nbl);
                nbl = next;
            }
            held.chain = rest.close();
        }
    });
    PNET_BUFFER_LIST aborted = found.close();
    for (PNET_BUFFER_LIST nbl = aborted; nbl != nullptr; nbl = nbl->Next)
        nbl->Status = NDIS_STATUS_SEND_ABORTED;
    if (aborted != nullptr)
        self.above_complete_.call(self.above_complete_.context, aborted, 0);
    self.below_cancel_.call(self.below_cancel_.context, id);
}

void NTAPI SelectiveSuspend::receive(NDIS_HANDLE context, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG count,
                                     ULONG flags) {
    auto& self = *static_cast<SelectiveSuspend*>(context);
    self.note_activity();
    self.signal_wake();
    self.above_receive_.call(self.above_receive_.context, chain, port, count, flags);
}

void NTAPI SelectiveSuspend::sent(NDIS_HANDLE context, PNET_BUFFER_LIST chain, ULONG flags) {
    auto& self = *static_cast<SelectiveSuspend*>(context);
    self.note_activity();
    self.above_complete_.call(self.above_complete_.context, chain, flags);
}

// False when the adapter has become active meanwhile. Entries are made and freed outside of the lock.
bool SelectiveSuspend::hold_send(const HeldSend& send) {
    std::list<HeldSend> entry{send};
    return state_.with([&](State& state) {
        if (state.phase == Phase::active)
            return false;
        state.sends.splice(state.sends.end(), entry);
        return true;
    });
}

bool SelectiveSuspend::hold_direct(PNDIS_OID_REQUEST request) {
    note_activity();
    if (is_active())
        return false;
    std::list<PNDIS_OID_REQUEST> entry{request};
    const bool held = state_.with([&](State& state) {
        if (state.phase == Phase::active)
            return false;
        state.direct.splice(state.direct.end(), entry);
        return true;
    });
    if (held)
        need();
    return held;
}

void SelectiveSuspend::cancel_direct(PVOID request_id) {
    std::list<PNDIS_OID_REQUEST> found;
    state_.with([&](State& state) {
        for (auto it = state.direct.begin(); it != state.direct.end();) {
            const auto here = it++;
            if ((*here)->RequestId == request_id)
                found.splice(found.end(), state.direct, here);
        }
    });
    for (PNDIS_OID_REQUEST request : found)
        complete_direct_oid(request, NDIS_STATUS_REQUEST_ABORTED);
}

// Hands down what waits; true when nothing waited, and the adapter is active from then on.
bool SelectiveSuspend::pass_held() {
    std::list<HeldSend> sends;
    std::list<PNDIS_OID_REQUEST> direct;
    const bool active = state_.with([&](State& state) {
        sends.swap(state.sends);
        direct.swap(state.direct);
        if (!sends.empty() || !direct.empty())
            return false;
        state.phase = Phase::active;
        holds_.store(false, std::memory_order_release);
        return true;
    });
    PassiveSection section(adapter_.sections);
    for (const HeldSend& held : sends)
        if (held.chain != nullptr)
            below_send_.call(below_send_.context, held.chain, held.port, held.flags & ~NDIS_SEND_FLAGS_DISPATCH_LEVEL);
    for (PNDIS_OID_REQUEST request : direct) {
        const NDIS_STATUS status = adapter_.driver.handlers.DirectOidRequestHandler(adapter_.context, request);
        if (status != NDIS_STATUS_PENDING)
            complete_direct_oid(request, status);
    }
    return active;
}

}  // namespace ndiskit::ndis
