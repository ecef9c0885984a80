#include "setup/filter_order.h"

#include <algorithm>
#include <unordered_map>
#include <ranges>

namespace ndiskit::setup {
namespace {

bool stands_on(const Driver& driver, std::string_view adapter) {
    return driver.kind == DriverKind::filter && std::ranges::find(driver.over, adapter) != driver.over.end();
}

}  // namespace

const std::vector<std::string>& filter_classes() {
    static const std::vector<std::string> classes = {"scheduler", "encryption", "compression",
                                                     "vpn",       "loadbalance", "failover",
                                                     "diagnostic", "custom",     "provider_address"};
    return classes;
}

std::vector<FilterPlace> filter_places(const Description& description, std::string_view adapter) {
    std::vector<FilterPlace> places;  // bottom to top
    std::unordered_map<const Driver*, uint32_t> instances;  // looked up only
    const auto add = [&](const Driver& driver) { places.push_back({&driver, instances[&driver]++}); };
    const auto add_monitoring = [&] {
        for (const Driver& driver : description.drivers)
            if (stands_on(driver, adapter) && driver.monitoring) add(driver);
    };
    add_monitoring();
    for (const std::string& filter_class : std::views::reverse(filter_classes()))
        for (const Driver& driver : description.drivers) {
            if (!stands_on(driver, adapter) || driver.monitoring || driver.filter_class != filter_class) continue;
            add(driver);
            add_monitoring();
        }
    std::ranges::reverse(places);
    return places;
}

}  // namespace ndiskit::setup
