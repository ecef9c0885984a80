// Sets that concern all bindings of an adapter (oid_combine.cpp).
#pragma once

#include <memory>
#include <vector>

#include "ndis/oid_step.h"
#include "ndis/route.h"

namespace ndiskit::ndis {

class Adapter;

std::unique_ptr<OidStep> make_combine_step(Binding& binding, const NDIS_OID_REQUEST& request);

// All bindings' multicast addresses, each once.
std::vector<MacAddress> multicast_union(const Adapter& adapter);
// Takes a binding's wishes out of what the adapter filters by, when it closes without having cleared them.
void withdraw_filters(Binding& binding);

}  // namespace ndiskit::ndis
