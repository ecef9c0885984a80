// The states of a filter module, as the documentation's table has them.
#include "base/assert.h"
#include "ndis/states.h"

namespace ndiskit::ndis {

namespace {
using enum FilterState;
using enum FilterEvent;

constexpr Transition<FilterState, FilterEvent> table[] = {
    // from      event              to
    {detached,   attach_called,     attaching},
    {attaching,  attach_succeeds,   paused},
    {attaching,  attach_fails,      detached},

    {paused,     detach_called,     detached},

    {paused,     restart_called,    restarting},
    {restarting, restart_completes, running},
    {restarting, restart_fails,     paused},

    {running,    pause_called,      pausing},
    {pausing,    pause_completes,   paused},

    {running,    send_or_receive,   running},
    {pausing,    send_or_receive,   pausing},

    {paused,     oid_or_status,     paused},
    {restarting, oid_or_status,     restarting},
    {running,    oid_or_status,     running},
    {pausing,    oid_or_status,     pausing},
};
}  // namespace

std::optional<FilterState> next_state(FilterState state, FilterEvent event) { return find_next(table, state, event); }

const char* state_name(FilterState state) {
    switch (state) {
    case detached: return "Detached";
    case attaching: return "Attaching";
    case paused: return "Paused";
    case restarting: return "Restarting";
    case running: return "Running";
    case pausing: return "Pausing";
    }
    UNREACHABLE("filter state {}", static_cast<int>(state));
}

const char* event_name(FilterEvent event) {
    switch (event) {
    case attach_called: return "FilterAttach called";
    case attach_succeeds: return "FilterAttach succeeds";
    case attach_fails: return "FilterAttach fails";
    case detach_called: return "FilterDetach called";
    case restart_called: return "FilterRestart called";
    case restart_completes: return "restart completes";
    case restart_fails: return "restart fails";
    case pause_called: return "FilterPause called";
    case pause_completes: return "pause completes";
    case send_or_receive: return "send or receive";
    case oid_or_status: return "OID / status";
    }
    UNREACHABLE("filter event {}", static_cast<int>(event));
}

}  // namespace ndiskit::ndis
