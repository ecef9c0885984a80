// The library's lists.
#include "ndis/library_state.h"

#include <algorithm>

#include "ndis/grace.h"
#include "ndis/hardware/hardware.h"
#include "ndis/interfaces.h"
#include "ndis/pnp_work.h"

namespace ndiskit::ndis {

std::atomic<Observer*> current_observer = nullptr;

namespace {

// Enough that a handle used soon after its end is recognised; few enough not to matter.
constexpr size_t graves = 64;

template <class List, class Object>
Object& add_to(List& list, std::unique_ptr<Object> object) {
    Object& reference = *object;
    list.with([&](auto& items) { items.push_back(std::move(object)); });
    return reference;
}

template <class Object, class List>
std::unique_ptr<Object> take_from(List& list, Object& object) {
    return list.with([&](auto& items) -> std::unique_ptr<Object> {
        const auto it = std::ranges::find_if(items, [&](const auto& item) { return item.get() == &object; });
        ASSERT_THAT(it != items.end());
        std::unique_ptr<Object> taken = std::move(*it);
        items.erase(it);
        return taken;
    });
}

template <class Object, class List>
std::vector<Object*> copy_of(const List& list) {
    return list.with([](const auto& items) {
        std::vector<Object*> copy;
        copy.reserve(items.size());
        for (const auto& item : items)
            copy.push_back(item.get());
        return copy;
    });
}

}  // namespace

LibraryState& library() {
    static LibraryState state;
    return state;
}

MiniportDriver& LibraryState::add(std::unique_ptr<MiniportDriver> driver) {
    return add_to(miniport_drivers_, std::move(driver));
}
ProtocolDriver& LibraryState::add(std::unique_ptr<ProtocolDriver> driver) {
    return add_to(protocol_drivers_, std::move(driver));
}
FilterDriver& LibraryState::add(std::unique_ptr<FilterDriver> driver) {
    return add_to(filter_drivers_, std::move(driver));
}
void LibraryState::remove(MiniportDriver& driver) { bury(take_from(miniport_drivers_, driver)); }
void LibraryState::remove(ProtocolDriver& driver) { bury(take_from(protocol_drivers_, driver)); }
void LibraryState::remove(FilterDriver& driver) { bury(take_from(filter_drivers_, driver)); }

std::vector<MiniportDriver*> LibraryState::miniport_drivers() const {
    return copy_of<MiniportDriver>(miniport_drivers_);
}
std::vector<ProtocolDriver*> LibraryState::protocol_drivers() const {
    return copy_of<ProtocolDriver>(protocol_drivers_);
}
std::vector<FilterDriver*> LibraryState::filter_drivers() const { return copy_of<FilterDriver>(filter_drivers_); }

MiniportDriver* LibraryState::find_miniport_driver(std::u16string_view service, bool is_virtual) const {
    MiniportDriver* other_kind = nullptr;
    for (MiniportDriver* driver : miniport_drivers()) {
        if (!same_name(driver->service, service))
            continue;
        if (driver->is_intermediate == is_virtual)
            return driver;
        other_kind = driver;
    }
    return other_kind;
}

ProtocolDriver* LibraryState::find_protocol_driver(std::u16string_view service) const {
    for (ProtocolDriver* driver : protocol_drivers())
        if (same_name(driver->service, service))
            return driver;
    return nullptr;
}

Adapter& LibraryState::add(std::unique_ptr<Adapter> adapter) { return add_to(adapters_, std::move(adapter)); }
void LibraryState::remove(Adapter& adapter) { bury(take_from(adapters_, adapter)); }
std::vector<Adapter*> LibraryState::adapters() const { return copy_of<Adapter>(adapters_); }

Adapter* LibraryState::find_adapter(std::u16string_view name) const {
    for (Adapter* adapter : adapters())
        if (same_name(adapter->config.guid, name) || same_name(adapter->device_name, name) ||
            same_name(adapter->config.instance, name))
            return adapter;
    return nullptr;
}

uint32_t LibraryState::new_edge(EdgeName name) {
    return edges_.with([&](auto& list) {
        list.push_back(std::move(name));
        return static_cast<uint32_t>(list.size());
    });
}

std::vector<EdgeName> LibraryState::edge_names() const {
    return edges_.with([](const auto& list) { return list; });
}

std::vector<EdgeName> edge_names() { return library().edge_names(); }

void LibraryState::bury(std::unique_ptr<Handle, void (*)(Handle*)> object) {
    std::unique_ptr<Handle, void (*)(Handle*)> oldest(nullptr, [](Handle*) {});
    graveyard_.with([&](auto& list) {
        list.push_back(std::move(object));
        if (list.size() > graves) {
            oldest = std::move(list.front());
            list.erase(list.begin());
        }
    });
}

void LibraryState::forget() {
    adapters_.with([](auto& list) { list.clear(); });
    graveyard_.with([](auto& list) { list.clear(); });
    edges_.with([](auto& list) { list.clear(); });
}

void forget_everything() {
    library().forget();
    forget_interfaces();
    forget_devices();
    forget_hardware_leaks();
}

void settle_pnp() { settle(); }

void observe(Observer* observer) {
    current_observer.store(observer, std::memory_order_release);
    grace_period();
    for (Adapter* adapter : library().adapters())
        adapter->sections.quiesce();
}

}  // namespace ndiskit::ndis
