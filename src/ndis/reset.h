// Resets of a miniport adapter (reset.cpp).
#pragma once

namespace ndiskit::ndis {

class Adapter;

// Asks MiniportCheckForHangEx, and resets when it, or an OID request that does not end, says so. PASSIVE_LEVEL,
// without the PnP lock.
void check_for_hang(Adapter& adapter);
// Waits until a reset that the driver has pended is over. The PnP lock is held.
void wait_for_reset(Adapter& adapter);

}  // namespace ndiskit::ndis
