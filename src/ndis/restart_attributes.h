// The restart attributes: a list that begins with the adapter's general attributes and travels up the stack while it
// restarts; the miniport and each filter module may change it, protocols read it. Entries that drivers add are their
// allocations, freed by NDIS when the restart is over.
// https://learn.microsoft.com/windows-hardware/drivers/network/ndis-restart-attributes
#pragma once

#include "ndis/abi.h"

namespace ndiskit::ndis {

class Adapter;
struct Attributes;

class RestartAttributes {
  public:
    explicit RestartAttributes(const Adapter& adapter);
    ~RestartAttributes();
    RestartAttributes(const RestartAttributes&) = delete;
    RestartAttributes& operator=(const RestartAttributes&) = delete;

    PNDIS_RESTART_ATTRIBUTES list() const { return list_; }
    // A driver may have put another entry at the head.
    void adopt(PNDIS_RESTART_ATTRIBUTES list) { list_ = list; }
    // Changes general attributes to what the list says now.
    void apply(NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES& to) const;
    // The same for the miniport's word, with what the members point to.
    void apply(Attributes& to) const;

  private:
    PNDIS_RESTART_ATTRIBUTES list_ = nullptr;
    // What an adapter that does not scale shows: the pointer is never null.
    NDIS_RECEIVE_SCALE_CAPABILITIES no_scaling_{};
};

}  // namespace ndiskit::ndis
