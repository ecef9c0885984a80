#include "setup/description.h"

#include <fmt/format.h>

#include <algorithm>
#include <functional>
#include <map>

#include "setup/pnp_action.h"
#include "setup/suggest.h"

namespace ndiskit::setup {
namespace {

template <class List>
std::vector<std::string> names_of(const List& list) {
    std::vector<std::string> names;
    for (const auto& item : list) names.push_back(item.name);
    return names;
}

// The same name twice, without regard to case as the registry compares.
class UniqueNames {
  public:
    explicit UniqueNames(std::string_view what) : what_(what) {}

    Result<> add(const std::string& name, const std::string& where) {
        std::string key = name;
        std::ranges::transform(key, key.begin(),
                               [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
        const auto [first, added] = seen_.try_emplace(key, where);
        if (added) return {};
        return fail(fmt::format("there are two {}: '{}'", what_, name), where,
                    "the first is at " + first->second);
    }

  private:
    std::string_view what_;
    std::map<std::string, std::string> seen_;
};

Result<> check_names(const Description& description) {
    UniqueNames adapters("adapters"), drivers("drivers"), transports("transports"), services("services");
    UniqueNames interfaces("transports on one interface"), bound("transports over one adapter");
    for (const Nic& nic : description.nics) TRY(adapters.add(nic.name, nic.where));
    for (const Virtual& item : description.virtuals) TRY(adapters.add(item.name, item.where));
    for (const Transport& transport : description.transports) {
        TRY(transports.add(transport.name, transport.where));
        TRY(interfaces.add(transport.interface, transport.where));
        TRY(bound.add(transport.over, transport.where));
    }
    for (const Driver& driver : description.drivers) {
        TRY(drivers.add(driver.name, driver.where));
        for (const auto* service :
             {&driver.protocol_service, &driver.miniport_service, &driver.filter_service})
            if (!service->empty()) TRY(services.add(*service, driver.where));
    }
    return {};
}

Result<> check_adapter(const Description& description, const std::string& name, const std::string& where) {
    if (description.has_adapter(name)) return {};
    return fail(fmt::format("there is no adapter '{}'", name), where + ".over",
                suggest(name, description.adapter_names()));
}

Result<> check_driver(const Description& description, const std::string& name, DriverKind kind,
                      std::string_view kind_name, const std::string& where) {
    const Driver* driver = description.find_driver(name);
    if (!driver)
        return fail(fmt::format("there is no driver '{}'", name), where + ".driver",
                    suggest(name, names_of(description.drivers)));
    if (driver->kind != kind)
        return fail(fmt::format("the driver '{}' is not of the kind {}", name, kind_name), where + ".driver");
    return {};
}

Result<> check_references(const Description& description) {
    for (const Nic& nic : description.nics)
        if (!nic.driver.empty())
            TRY(check_driver(description, nic.driver, DriverKind::miniport, "miniport", nic.where));
    for (const Virtual& item : description.virtuals) {
        TRY(check_driver(description, item.driver, DriverKind::intermediate, "intermediate", item.where));
        for (const std::string& lower : item.over) TRY(check_adapter(description, lower, item.where));
    }
    for (const Driver& driver : description.drivers)
        for (const std::string& lower : driver.over) TRY(check_adapter(description, lower, driver.where));
    for (const Transport& transport : description.transports)
        TRY(check_adapter(description, transport.over, transport.where));
    return {};
}

const Virtual* find_virtual(const Description& description, std::string_view name) {
    const auto found = std::ranges::find(description.virtuals, name, &Virtual::name);
    return found == description.virtuals.end() ? nullptr : &*found;
}

// Walks down from each virtual miniport; a stack of drivers is at most as high as there are virtual
// miniports.
Result<> check_no_cycle(const Description& description) {
    std::map<std::string, int> state;  // 1: on the way down, 2: done
    std::function<Result<>(const Virtual&)> walk = [&](const Virtual& item) -> Result<> {
        if (state[item.name] == 2) return {};
        if (state[item.name] == 1)
            return fail(fmt::format("'{}' stands on itself", item.name), item.where + ".over");
        state[item.name] = 1;
        for (const std::string& lower : item.over)
            if (const Virtual* below = find_virtual(description, lower)) TRY(walk(*below));
        state[item.name] = 2;
        return {};
    };
    for (const Virtual& item : description.virtuals) TRY(walk(item));
    return {};
}

// An IM driver's protocol does not bind to the driver's own virtual miniports.
Result<> check_no_own_stack(const Description& description) {
    for (const Virtual& item : description.virtuals)
        for (const std::string& lower : item.over)
            if (const Virtual* below = find_virtual(description, lower);
                below && below->driver == item.driver)
                return fail(fmt::format("the driver '{}' cannot be bound to its own virtual miniport '{}'",
                                        item.driver, lower),
                            item.where + ".over", "load the image a second time under another service");
    return {};
}

// Traffic runs between memory transports and memory NICs.
Result<> check_traffic(const Description& description) {
    const auto is_memory_edge = [&](const std::string& name) {
        return std::ranges::any_of(
                   description.nics,
                   [&](const Nic& nic) { return nic.name == name && nic.type == "memory"; }) ||
               std::ranges::any_of(description.transports, [&](const Transport& transport) {
                   return transport.name == name && transport.type == "memory";
               });
    };
    for (const Traffic& traffic : description.traffic)
        for (const auto& [key, name] : {std::pair{".from", &traffic.from}, {".to", &traffic.to}})
            if (!is_memory_edge(*name))
                return fail(fmt::format("'{}' is no memory NIC and no memory transport", *name),
                            traffic.where + key);
    return {};
}

Result<> check_events(const Description& description) {
    for (const Event& event : description.events)
        for (const std::string& text : event.actions)
            if (auto action = PnpAction::parse(description, text); !action) {
                Error error = std::move(action).error();
                error.where = event.where + ".do";
                return std::unexpected(std::move(error));
            }
    return {};
}

}  // namespace

const Driver* Description::find_driver(std::string_view name) const {
    const auto found = std::ranges::find(drivers, name, &Driver::name);
    return found == drivers.end() ? nullptr : &*found;
}

std::vector<std::string> Description::adapter_names() const {
    std::vector<std::string> names = names_of(nics);
    std::ranges::copy(names_of(virtuals), std::back_inserter(names));
    return names;
}

bool Description::has_adapter(std::string_view name) const {
    return std::ranges::find(nics, name, &Nic::name) != nics.end() ||
           std::ranges::find(virtuals, name, &Virtual::name) != virtuals.end();
}

Result<> check(const Description& description) {
    TRY(check_names(description));
    TRY(check_references(description));
    TRY(check_no_cycle(description));
    TRY(check_no_own_stack(description));
    TRY(check_traffic(description));
    return check_events(description);
}

std::vector<const Virtual*> bottom_up(const Description& description) {
    std::vector<const Virtual*> order;
    const std::function<void(const Virtual&)> place = [&](const Virtual& item) {
        if (std::ranges::find(order, &item) != order.end()) return;
        for (const std::string& lower : item.over)
            if (const Virtual* below = find_virtual(description, lower)) place(*below);
        order.push_back(&item);
    };
    for (const Virtual& item : description.virtuals) place(item);
    return order;
}

}  // namespace ndiskit::setup
