// PnP operations that the library does later, on a system worker thread: binding a protocol that has just been
// registered, unbinding on a driver's wish, re-enumerating. settle() waits until none is left, which is how the
// host side makes "registered" mean "bound".
#pragma once

#include <functional>

namespace ndiskit::ndis {

// Up to DISPATCH_LEVEL.
void queue_pnp_work(std::function<void()> work);
// PASSIVE_LEVEL, without a PnP lock.
void settle();

// Which devices were started before (pnp.cpp).
void forget_devices();

}  // namespace ndiskit::ndis
