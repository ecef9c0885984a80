// The states of a protocol binding, as the documentation's table has them.
#include "base/assert.h"
#include "ndis/states.h"

namespace ndiskit::ndis {

namespace {
using enum BindingState;
using enum BindingEvent;

constexpr Transition<BindingState, BindingEvent> table[] = {
    // from      event                      to
    {unbound,    bind_called,               opening},
    {opening,    open_completes,            paused},
    {opening,    bind_fails,                unbound},

    {paused,     unbind_called,             closing},
    {closing,    close_completes,           unbound},

    {running,    pause_event,               pausing},
    {pausing,    pause_completes,           paused},

    {paused,     restart_event,             restarting},
    {restarting, restart_completes,         running},
    {restarting, restart_fails,             paused},

    {running,    send,                      running},

    {running,    send_complete_or_receive,  running},
    {pausing,    send_complete_or_receive,  pausing},

    {closing,    oid_request,               closing},
    {paused,     oid_request,               paused},
    {restarting, oid_request,               restarting},
    {running,    oid_request,               running},
    {pausing,    oid_request,               pausing},
};
}  // namespace

std::optional<BindingState> next_state(BindingState state, BindingEvent event) {
    return find_next(table, state, event);
}

const char* state_name(BindingState state) {
    switch (state) {
    case unbound: return "Unbound";
    case opening: return "Opening";
    case closing: return "Closing";
    case paused: return "Paused";
    case restarting: return "Restarting";
    case running: return "Running";
    case pausing: return "Pausing";
    }
    UNREACHABLE("binding state {}", static_cast<int>(state));
}

const char* event_name(BindingEvent event) {
    switch (event) {
    case bind_called: return "ProtocolBindAdapterEx called";
    case open_completes: return "NdisOpenAdapterEx completes";
    case bind_fails: return "bind fails";
    case unbind_called: return "ProtocolUnbindAdapterEx called";
    case close_completes: return "NdisCloseAdapterEx completes";
    case pause_event: return "PnP pause event (NetEventPause)";
    case pause_completes: return "pause completes";
    case restart_event: return "PnP restart event (NetEventRestart)";
    case restart_completes: return "restart completes";
    case restart_fails: return "restart fails";
    case send: return "NdisSendNetBufferLists";
    case send_complete_or_receive: return "send completion / receive indication";
    case oid_request: return "NdisOidRequest";
    }
    UNREACHABLE("binding event {}", static_cast<int>(event));
}

}  // namespace ndiskit::ndis
