// The filter modules of one adapter: which there should be, and how a stack that runs is changed to it.
//
// The FilterList names modules in order; one whose driver is not registered is left out. A filter is mandatory or
// optional. Where an optional one does not attach or restart, the stack goes on without it. Where a mandatory one
// is missing, no protocol is bound; where it does not attach or restart, the stack is torn down. Protocols are unbound
// around the attaching and detaching of mandatory filters, and only paused around that of optional ones.
// https://learn.microsoft.com/windows-hardware/drivers/network/mandatory-filter-drivers
#include <algorithm>
#include <ranges>

#include "base/log.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/events.h"
#include "ndis/filter.h"
#include "ndis/library_state.h"
#include "ndis/lists.h"
#include "ndis/restart_attributes.h"

namespace ndiskit::ndis {

namespace {

// "{adapter GUID}-{filter GUID}-0000"
std::u16string filter_of(const std::u16string& name) {
    const size_t begin = name.rfind(u'{');
    const size_t end = name.rfind(u'}');
    return begin == std::u16string::npos || end == std::u16string::npos || end < begin
               ? std::u16string()
               : name.substr(begin, end - begin + 1);
}

// What the registry lists, bottom to top. Nothing while the miniport lets nobody stand on it.
std::vector<FilterEntry> listed_entries(const Adapter& adapter) {
    std::vector<FilterEntry> entries;
    if (adapter.binds_inhibited)
        return entries;
    for (std::u16string& name : read_filter_list(adapter.config)) {
        const std::u16string filter = filter_of(name);
        entries.push_back({std::move(name), filter, read_filter_config(filter)});
    }
    std::ranges::reverse(entries);
    return entries;
}

FilterDriver* driver_of(const FilterEntry& entry) {
    for (FilterDriver* driver : library().filter_drivers())
        if (!driver->deregistering && same_name(driver->unique_name, entry.filter))
            return driver;
    return nullptr;
}

FilterModule* attached_as(const std::vector<FilterModule*>& modules, const FilterEntry& entry) {
    for (FilterModule* module : modules)
        if (same_name(module->entry.name, entry.name))
            return module;
    return nullptr;
}

// Publishes who is attached, and who stands on whom.
void arrange(Adapter& adapter, std::vector<FilterModule*> modules) {
    InterfaceId below{adapter.interface_index, adapter.luid};
    for (FilterModule* module : modules) {
        if (module->below.index != below.index) {
            module->below = below;
            stand_on(module->interface, below.index);
        }
        below = module->interface;
    }
    adapter.filter_list.with([&](auto& list) { list = std::move(modules); });
    connect_layers(adapter);
}

// A monitoring module stands over the modifying one below it, and is not attached without it.
bool lacks_its_ground(const FilterEntry& entry, const FilterEntry* failed_below) {
    return entry.monitoring() && failed_below != nullptr && !failed_below->monitoring();
}

void unbind_all(Adapter& adapter) {
    for (Binding* binding : adapter.bindings())
        unbind_protocol(*binding);
}

struct Change {
    std::vector<FilterModule*> gone;  // bottom to top
    bool adds = false;
    bool mandatory = false;  // one of them is
};

Change change_of(const Adapter& adapter) {
    Change change;
    const std::vector<FilterEntry> entries = listed_entries(adapter);
    const std::vector<FilterModule*> attached = adapter.filters();
    for (FilterModule* module : attached) {
        const bool stays = !module->driver.deregistering && std::ranges::any_of(entries, [&](const FilterEntry& e) {
            return same_name(e.name, module->entry.name);
        });
        if (stays)
            continue;
        change.gone.push_back(module);
        change.mandatory |= module->entry.mandatory();
    }
    for (const FilterEntry& entry : entries) {
        if (driver_of(entry) == nullptr || attached_as(attached, entry) != nullptr)
            continue;
        change.adds = true;
        change.mandatory |= entry.mandatory();
    }
    return change;
}

}  // namespace

bool attach_filters(Adapter& adapter) {
    const std::vector<FilterModule*> attached = adapter.filters();
    const std::vector<FilterEntry> entries = listed_entries(adapter);
    std::vector<FilterModule*> now;
    const FilterEntry* failed_below = nullptr;
    bool whole = true;
    for (const FilterEntry& entry : entries) {
        FilterDriver* driver = driver_of(entry);
        if (driver == nullptr)
            continue;
        FilterModule* module = attached_as(attached, entry);
        if (module == nullptr && !lacks_its_ground(entry, failed_below)) {
            const InterfaceId below =
                now.empty() ? InterfaceId{adapter.interface_index, adapter.luid} : now.back()->interface;
            module = attach_module(adapter, *driver, entry, below).release();
        }
        failed_below = module == nullptr ? &entry : nullptr;
        if (module != nullptr) {
            now.push_back(module);
        } else if (entry.mandatory()) {
            log_error("ndis", "filter {} is mandatory and does not attach to {}: its stack is torn down", driver->name,
                      narrow(adapter.config.guid));
            whole = false;
            break;
        }
    }
    // What was attached stays in the list, also above the one that failed, to be detached in order.
    for (FilterModule* module : attached)
        if (!contains(now, module))
            now.push_back(module);
    arrange(adapter, std::move(now));
    return whole;
}

void detach_filter(Adapter& adapter, FilterModule& module) {
    std::vector<FilterModule*> rest = adapter.filters();
    std::erase(rest, &module);
    arrange(adapter, std::move(rest));
    detach_module(std::unique_ptr<FilterModule>(&module));
}

void detach_filters(Adapter& adapter) {
    for (FilterModule* module : std::views::reverse(adapter.filters()))
        detach_filter(adapter, *module);
}

void pause_filters(Adapter& adapter, uint32_t reason) {
    for (FilterModule* module : std::views::reverse(adapter.filters()))
        if (module->state() == FilterState::running)
            pause_module(*module, reason);
}

FilterModule* restart_filters(Adapter& adapter, RestartAttributes& attributes) {
    for (FilterModule* module : adapter.filters())
        if (module->state() == FilterState::paused && !restart_module(*module, attributes))
            return module;
    return nullptr;
}

bool mandatory_filter_missing(const Adapter& adapter) {
    const std::vector<FilterModule*> attached = adapter.filters();
    return std::ranges::any_of(listed_entries(adapter), [&](const FilterEntry& entry) {
        return entry.mandatory() && attached_as(attached, entry) == nullptr;
    });
}

void reconcile_filters(Adapter& adapter) {
    if (adapter.mark != Handle::live || (!adapter.initialized() && !adapter.halted_for_sleep))
        return;
    const Change change = change_of(adapter);
    if (change.gone.empty() && !change.adds)
        return;
    for (FilterModule* module : std::views::reverse(change.gone))
        tell_pre_detach(*module);
    pause_stack(adapter, change.adds ? NDIS_PAUSE_ATTACH_FILTER : NDIS_PAUSE_DETACH_FILTER);
    if (change.mandatory)
        unbind_all(adapter);
    for (FilterModule* module : std::views::reverse(change.gone))
        detach_filter(adapter, *module);
    if (!adapter.initialized())  // asleep: what is new waits for the next change
        return;
    if (attach_filters(adapter))
        reconcile_adapter(adapter);
    else
        terminate_stack(adapter);
}

std::vector<uint8_t> filter_module_names(const Adapter& adapter) {
    std::vector<uint8_t> bytes;
    for (const FilterModule* module : std::views::reverse(adapter.filters())) {
        const auto length = static_cast<USHORT>(module->entry.name.size() * sizeof(WCHAR));
        const auto* prefix = reinterpret_cast<const uint8_t*>(&length);
        const auto* text = reinterpret_cast<const uint8_t*>(module->entry.name.data());
        bytes.insert(bytes.end(), prefix, prefix + sizeof(length));
        bytes.insert(bytes.end(), text, text + length);
    }
    return bytes;
}

}  // namespace ndiskit::ndis
