// The state machines of the documentation: miniport adapter, protocol binding, filter module. Each is one table,
// in a file of its own (adapter_states.cpp ...), of what may happen in which state and what comes after; a pair
// that is not in the table is not allowed. Pure functions: who changes a state asks here first.
#pragma once

#include <cstdint>
#include <optional>

namespace ndiskit::ndis {

// https://learn.microsoft.com/windows-hardware/drivers/network/miniport-adapter-states-and-operations
enum class AdapterState : uint8_t { halted, shutdown, initializing, paused, restarting, running, pausing };
enum class AdapterEvent : uint8_t {
    initialize_called,
    initialize_succeeds,
    initialize_fails,
    restart_called,
    restart_completes,
    restart_fails,
    pause_called,
    pause_completes,
    send,
    receive,
    oid_request,
    halt_called,
    shutdown_called,
};
std::optional<AdapterState> next_state(AdapterState state, AdapterEvent event);
const char* state_name(AdapterState state);
const char* event_name(AdapterEvent event);

// https://learn.microsoft.com/windows-hardware/drivers/network/protocol-binding-states-and-operations
enum class BindingState : uint8_t { unbound, opening, closing, paused, restarting, running, pausing };
enum class BindingEvent : uint8_t {
    bind_called,
    open_completes,
    bind_fails,
    unbind_called,
    close_completes,
    pause_event,
    pause_completes,
    restart_event,
    restart_completes,
    restart_fails,
    send,
    send_complete_or_receive,
    oid_request,
};
std::optional<BindingState> next_state(BindingState state, BindingEvent event);
const char* state_name(BindingState state);
const char* event_name(BindingEvent event);

// https://learn.microsoft.com/windows-hardware/drivers/network/filter-module-states-and-operations
enum class FilterState : uint8_t { detached, attaching, paused, restarting, running, pausing };
enum class FilterEvent : uint8_t {
    attach_called,
    attach_succeeds,
    attach_fails,
    detach_called,
    restart_called,
    restart_completes,
    restart_fails,
    pause_called,
    pause_completes,
    send_or_receive,
    oid_or_status,
};
std::optional<FilterState> next_state(FilterState state, FilterEvent event);
const char* state_name(FilterState state);
const char* event_name(FilterEvent event);

// A row of such a table.
template <class State, class Event>
struct Transition {
    State from;
    Event event;
    State to;
};
template <class State, class Event, size_t rows>
std::optional<State> find_next(const Transition<State, Event> (&table)[rows], State state, Event event) {
    for (const auto& row : table)
        if (row.from == state && row.event == event)
            return row.to;
    return std::nullopt;
}

}  // namespace ndiskit::ndis
