// The library's own lists: drivers, adapters, and the graveyard of closed handles. One an instance of the machine.
//
// Lists are read under their locks and copied out; whoever uses an adapter's control side then takes its PnP lock.
// Adapters and drivers stay valid until they are removed here, which happens under the PnP locks concerned.
#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "base/guarded.h"
#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/library.h"

namespace ndiskit::ndis {

class LibraryState {
  public:
    // Drivers.
    MiniportDriver& add(std::unique_ptr<MiniportDriver> driver);
    ProtocolDriver& add(std::unique_ptr<ProtocolDriver> driver);
    FilterDriver& add(std::unique_ptr<FilterDriver> driver);
    void remove(MiniportDriver& driver);
    void remove(ProtocolDriver& driver);
    void remove(FilterDriver& driver);
    std::vector<MiniportDriver*> miniport_drivers() const;
    std::vector<ProtocolDriver*> protocol_drivers() const;
    std::vector<FilterDriver*> filter_drivers() const;
    // The miniport driver of a service; `is_virtual` (IMMiniport) chooses when it registered both kinds. Null when there is none.
    MiniportDriver* find_miniport_driver(std::u16string_view service, bool is_virtual) const;
    ProtocolDriver* find_protocol_driver(std::u16string_view service) const;

    // Adapters, in order of their start.
    Adapter& add(std::unique_ptr<Adapter> adapter);
    void remove(Adapter& adapter);
    std::vector<Adapter*> adapters() const;
    // By device name, guid or instance.
    Adapter* find_adapter(std::u16string_view name) const;

    // Keeps a retired object for a while, so that late use of its handle is seen instead of followed.
    void bury(std::unique_ptr<Handle, void (*)(Handle*)> object);
    template <class Object>
    void bury(std::unique_ptr<Object> object) {
        object->retire();
        bury(std::unique_ptr<Handle, void (*)(Handle*)>(
            object.release(), [](Handle* h) { delete static_cast<Object*>(h); }));
    }

    void forget();

    // Ids of edges, 1 and up.
    uint32_t new_edge(EdgeName name);
    std::vector<EdgeName> edge_names() const;

    // Serialises what concerns the set of drivers and adapters as a whole: starting, registering, reconciling.
    PnpLock topology;

  private:
    template <class T>
    using Owned = std::vector<std::unique_ptr<T>>;

    mutable Guarded<Owned<MiniportDriver>, LockRank::ndis_library> miniport_drivers_;
    mutable Guarded<Owned<ProtocolDriver>, LockRank::ndis_library> protocol_drivers_;
    mutable Guarded<Owned<FilterDriver>, LockRank::ndis_library> filter_drivers_;
    mutable Guarded<Owned<Adapter>, LockRank::ndis_library> adapters_;
    Guarded<std::vector<std::unique_ptr<Handle, void (*)(Handle*)>>, LockRank::ndis_library> graveyard_;
    Guarded<std::vector<EdgeName>, LockRank::ndis_leaf> edges_;
};

LibraryState& library();

// The observer of chains, read once a chain.
extern std::atomic<Observer*> current_observer;
[[gnu::always_inline]] inline void show_chain(uint32_t edge_id, Direction direction, PNET_BUFFER_LIST chain) {
    if (Observer* observer = current_observer.load(std::memory_order_acquire)) [[unlikely]]
        observer->chain(edge_id, direction, chain);
}

}  // namespace ndiskit::ndis
