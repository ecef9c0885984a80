// Which virtual miniport a received frame is for: a hash table from MAC address to running virtual miniport,
// and the list of all that run. Readers hold the lower's table lock for reading, changes hold it for writing.
#pragma once

#include "virtual_miniport.h"

namespace mux {

class RoutingTable {
  public:
    RoutingTable() = default;
    RoutingTable(const RoutingTable&) = delete;
    RoutingTable& operator=(const RoutingTable&) = delete;
    ~RoutingTable() {
        if (slots_) NdisFreeMemory(slots_, 0, 0);
    }

    // Room for that many virtual miniports.
    NDIS_STATUS initialize(NDIS_HANDLE owner, ULONG members);

    void add(VirtualMiniport& member);
    void remove(VirtualMiniport& member);
    // To be called after a packet filter has changed.
    void refresh();

    VirtualMiniport* find(const MacAddress& address) const {
        for (ULONG at = slot_of(address);; at = (at + 1) & mask_) {
            VirtualMiniport* member = slots_[at];
            if (!member || member->mac == address) return member;
        }
    }
    // All that run, in no order.
    VirtualMiniport* const* begin() const { return members(); }
    VirtualMiniport* const* end() const { return members() + count_; }
    bool any_promiscuous() const { return any_promiscuous_; }

  private:
    VirtualMiniport** members() const { return slots_ + mask_ + 1; }
    ULONG slot_of(const MacAddress& address) const;
    void rebuild();

    VirtualMiniport** slots_ = nullptr;  // the hash table, then the list
    ULONG mask_ = 0;
    ULONG count_ = 0;
    bool any_promiscuous_ = false;
};

}  // namespace mux
