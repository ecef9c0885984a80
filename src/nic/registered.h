// The adapters of the built-in NIC driver that are initialised, and the OIDs that all of them support.
#pragma once

#include <span>
#include <vector>

#include "base/guarded.h"
#include "nic/adapter.h"

namespace ndiskit::nic {

class RegisteredAdapters {
  public:
    void add(Adapter& adapter) {
        list_.with([&](auto& list) { list.push_back(&adapter); });
    }
    void remove(Adapter& adapter) {
        list_.with([&](auto& list) { std::erase(list, &adapter); });
    }
    std::vector<Adapter*> all() const {
        return list_.with([](const auto& list) { return list; });
    }

  private:
    Guarded<std::vector<Adapter*>, LockRank::nic> list_;
};

RegisteredAdapters& registered_adapters();
std::span<const NDIS_OID> supported_oids();

}  // namespace ndiskit::nic
