// A protocol's list of adapters, and what the protocol hears of it beside its bindings: that the order of processing
// has changed (NetEventBindList), that a binding has not come about (NetEventBindFailed).
#pragma once

#include <string>
#include <vector>

#include "base/guarded.h"

namespace ndiskit::ndis {

class Adapter;
struct ProtocolDriver;

// The Bind list of a protocol as it knows it.
class BindList {
  public:
    void set(std::vector<std::u16string> devices);
    // Takes the new list; true when the order of what is on both has changed, or something new stands before
    // something old.
    bool reorder(const std::vector<std::u16string>& devices);

  private:
    Guarded<std::vector<std::u16string>, LockRank::ndis_leaf> devices_;
};

// Reads the list anew, and tells the protocol when it is in another order. PASSIVE_LEVEL.
void tell_bind_order(ProtocolDriver& protocol);
// A protocol of NDIS 6.30 or later, without a binding.
void tell_bind_failed(ProtocolDriver& protocol, const Adapter& adapter);

}  // namespace ndiskit::ndis
