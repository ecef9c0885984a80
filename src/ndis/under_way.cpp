// What has begun and not come to an end: states on the way to another, and packets and requests that a driver
// has not given back. Read without waiting, so that a machine that hangs can say why.
#include <fmt/format.h>

#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/configuration.h"
#include "ndis/filter.h"
#include "ndis/library.h"
#include "ndis/library_state.h"

namespace ndiskit::ndis {

namespace {

// "2 sends not completed, 1 receive not returned"; empty when there is nothing.
std::string owed(uint64_t sends, uint64_t receives, uint64_t oids) {
    std::string text;
    const auto add = [&](uint64_t count, const char* one, const char* many, const char* what) {
        if (count == 0) return;
        text += fmt::format("{}{} {} not {}", text.empty() ? "" : ", ", count, count == 1 ? one : many, what);
    };
    add(sends, "send", "sends", "completed");
    add(receives, "receive", "receives", "returned");
    add(oids, "OID request", "OID requests", "completed");
    return text;
}

template <class State>
void add_line(std::vector<UnderWay>& items, std::string who, State state, bool at_rest,
              const std::string& owed) {
    if (at_rest && owed.empty()) return;
    items.push_back(
        {fmt::format("{} is {}{}{}", who, state_name(state), owed.empty() ? "" : ": ", owed), !at_rest});
}

bool at_rest(AdapterState state) {
    return state == AdapterState::running || state == AdapterState::paused || state == AdapterState::halted ||
           state == AdapterState::shutdown;
}
bool at_rest(BindingState state) {
    return state == BindingState::running || state == BindingState::paused || state == BindingState::unbound;
}
bool at_rest(FilterState state) {
    return state == FilterState::running || state == FilterState::paused || state == FilterState::detached;
}

}  // namespace

std::vector<UnderWay> under_way() {
    std::vector<UnderWay> items;
    for (const Adapter* adapter : library().adapters()) {
        const std::string name =
            fmt::format("{} ({})", narrow(adapter->config.description), adapter->driver.name);
        add_line(items, "adapter " + name, adapter->state(), at_rest(adapter->state()),
                 owed(0, adapter->receives.outstanding(), 0));
        for (const FilterModule* module : adapter->filters())
            add_line(items, fmt::format("filter {} on {}", module->driver.name, name), module->state(),
                     at_rest(module->state()),
                     owed(module->sends.outstanding(), module->receives.outstanding(), 0));
        for (const Binding* binding : adapter->bindings())
            add_line(items, fmt::format("binding of {} to {}", binding->protocol.name, name),
                     binding->state(), at_rest(binding->state()),
                     owed(binding->sends.outstanding(), binding->receives.outstanding(), binding->oids_out));
    }
    return items;
}

}  // namespace ndiskit::ndis
