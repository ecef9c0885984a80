// The states of a miniport adapter, as the documentation's table has them. Restart lets indications begin while
// the adapter still restarts (page of NdisMRestartComplete), so `receive` stands there too.
#include "base/assert.h"
#include "ndis/states.h"

namespace ndiskit::ndis {

namespace {
using enum AdapterState;
using enum AdapterEvent;

constexpr Transition<AdapterState, AdapterEvent> table[] = {
    // from         event                 to
    {halted,        initialize_called,    initializing},
    {initializing,  initialize_succeeds,  paused},
    {initializing,  initialize_fails,     halted},

    {paused,        restart_called,       restarting},
    {restarting,    restart_completes,    running},
    {restarting,    restart_fails,        paused},

    {running,       pause_called,         pausing},
    {pausing,       pause_completes,      paused},

    {running,       send,                 running},
    {pausing,       send,                 pausing},

    {restarting,    receive,              restarting},
    {running,       receive,              running},
    {pausing,       receive,              pausing},

    {paused,        oid_request,          paused},
    {restarting,    oid_request,          restarting},
    {running,       oid_request,          running},
    {pausing,       oid_request,          pausing},

    {paused,        halt_called,          halted},

    {paused,        shutdown_called,      shutdown},
    {restarting,    shutdown_called,      shutdown},
    {running,       shutdown_called,      shutdown},
    {pausing,       shutdown_called,      shutdown},
};
}  // namespace

std::optional<AdapterState> next_state(AdapterState state, AdapterEvent event) {
    return find_next(table, state, event);
}

const char* state_name(AdapterState state) {
    switch (state) {
    case halted: return "Halted";
    case AdapterState::shutdown: return "Shutdown";
    case initializing: return "Initializing";
    case paused: return "Paused";
    case restarting: return "Restarting";
    case running: return "Running";
    case pausing: return "Pausing";
    }
    UNREACHABLE("adapter state {}", static_cast<int>(state));
}

const char* event_name(AdapterEvent event) {
    switch (event) {
    case initialize_called: return "MiniportInitializeEx called";
    case initialize_succeeds: return "MiniportInitializeEx succeeds";
    case initialize_fails: return "MiniportInitializeEx fails";
    case restart_called: return "MiniportRestart called";
    case restart_completes: return "restart completes";
    case restart_fails: return "restart fails";
    case pause_called: return "MiniportPause called";
    case pause_completes: return "pause completes";
    case send: return "send (MiniportSendNetBufferLists)";
    case receive: return "receive indication";
    case oid_request: return "OID request";
    case halt_called: return "MiniportHaltEx called";
    case shutdown_called: return "MiniportShutdownEx called";
    }
    UNREACHABLE("adapter event {}", static_cast<int>(event));
}

}  // namespace ndiskit::ndis
