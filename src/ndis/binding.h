// A binding: one protocol driver's open of one miniport adapter.
//
// Life: bind_protocol() makes it and calls ProtocolBindAdapterEx, in whose context NdisOpenAdapterEx turns it from
// Opening to Paused; restarting the stack makes it Running. Unbinding pauses it, calls ProtocolUnbindAdapterEx and
// waits for NdisCloseAdapterEx. A closed binding's memory is kept for a while, marked, so that late use is caught.
//
// The data path reads `send_gate` and `send_hop`; both change only under the adapter's PnP lock, the gate followed
// by a grace period.
#pragma once

#include <atomic>
#include <cstdint>
#include <string>
#include <vector>

#include "ndis/abi.h"
#include "ndis/edge.h"
#include "ndis/handle.h"
#include "ndis/hops.h"
#include "ndis/route.h"
#include "ndis/states.h"
#include "ndis/wait.h"

namespace ndiskit::ndis {

class Adapter;
struct ProtocolDriver;

// What a send meets at the binding's door.
enum class SendGate : uint8_t { open, paused, low_power, closed };

class Binding : public Handle {
  public:
    static constexpr HandleKind handle_kind = HandleKind::binding;
    Binding(Adapter& adapter, ProtocolDriver& protocol);

    // Changes the state by the table; an event that the table does not allow is a fault of the kit here.
    void advance(BindingEvent event);
    BindingState state() const { return state_.load(std::memory_order_acquire); }

    Adapter& adapter;
    ProtocolDriver& protocol;
    NDIS_HANDLE context = nullptr;  // ProtocolBindingContext

    // Data path.
    std::atomic<SendGate> send_gate = SendGate::paused;
    std::atomic<bool> receives_open = false;
    SendHop send_hop;
    ReturnHop return_hop;
    CancelSendHop cancel_hop;
    Edge sends;     // protocol -> stack, back by ProtocolSendNetBufferListsComplete
    Edge receives;  // stack -> protocol, back by NdisReturnNetBufferLists
    uint32_t edge_id = 0;

    // What the protocol wants to receive (changed by OIDs, read when a Route is built).
    std::atomic<uint32_t> packet_filter = 0;
    std::atomic<uint32_t> lookahead = 0;
    Guarded<std::vector<MacAddress>, LockRank::ndis_binding> multicast;
    // OID_PM_PARAMETERS, for when the adapter sleeps.
    mutable Guarded<NDIS_PM_PARAMETERS, LockRank::ndis_binding> pm_parameters;

    // OID requests that the protocol waits for.
    std::atomic<uint32_t> oids_out = 0;
    KEVENT oids_back;

    // NdisCloseAdapterEx was called; the close completes when everything is back.
    std::atomic<bool> close_called = false;
    std::atomic<bool> opened = false;
    KEVENT closed;  // the close has completed
    // Asked for by NdisUnbindAdapter, or being unbound.
    std::atomic<bool> unbinding = false;
    // The power state that the protocol was told.
    NDIS_DEVICE_POWER_STATE told_power = NdisDeviceStateD0;

  private:
    std::atomic<BindingState> state_ = BindingState::unbound;
};

// The handles that ProtocolBindAdapterEx and ProtocolUnbindAdapterEx are given: one operation each.
struct BindOperation : Handle {
    static constexpr HandleKind handle_kind = HandleKind::bind_operation;
    explicit BindOperation(Binding& b) : Handle(handle_kind), binding(b) {}

    Binding& binding;
    Completion done;
};
struct UnbindOperation : Handle {
    static constexpr HandleKind handle_kind = HandleKind::unbind_operation;
    explicit UnbindOperation(Binding& b) : Handle(handle_kind), binding(b) {}

    Binding& binding;
    Completion done;
};

// Binds `protocol` to `adapter`, whose PnP lock is held and whose stack is paused. The status is what the
// protocol answered.
NDIS_STATUS bind_protocol(Adapter& adapter, ProtocolDriver& protocol);
// Undoes it. The binding is paused; it is gone when this returns.
void unbind_protocol(Binding& binding);

// NetEventPause and NetEventRestart for one binding.
void pause_binding(Binding& binding, uint32_t reasons);
void restart_binding(Binding& binding, PNDIS_RESTART_ATTRIBUTES attributes);

// Tells one binding's protocol of an event and waits for its answer.
NDIS_STATUS tell_protocol(ProtocolDriver& protocol, Binding* binding, NET_PNP_EVENT_CODE event, void* buffer,
                          uint32_t length, NDIS_PORT_NUMBER port = NDIS_DEFAULT_PORT_NUMBER);

}  // namespace ndiskit::ndis
