// Task offload: what is set with OID_TCP_OFFLOAD_PARAMETERS and OID_OFFLOAD_ENCAPSULATION, and receive segment
// coalescing, which NDIS takes away where an old driver stands above.
// https://learn.microsoft.com/windows-hardware/drivers/network/task-offload
#pragma once

#include <atomic>

#include "base/guarded.h"
#include "ndis/abi.h"
#include "ndis/attributes.h"
#include "ndis/oid_step.h"

namespace ndiskit::ndis {

class Adapter;

struct OffloadSettings {
    // Header.Size is 0 until it was set.
    Guarded<NDIS_OFFLOAD_ENCAPSULATION, LockRank::ndis_leaf> encapsulation;
    // A filter module, or a MUX above, of NDIS 6.20 or older: no frame may be larger than the MTU.
    std::atomic<bool> no_coalescing = false;
    bool turned_off = false;  // by NDIS, which turns it on again when the old driver is gone

    void clear();
};

std::unique_ptr<OidStep> make_offload_parameters_step(Binding&, const NDIS_OID_REQUEST&);
std::unique_ptr<OidStep> make_encapsulation_step(Binding&, const NDIS_OID_REQUEST&);
NDIS_STATUS check_offload_parameters(const NDIS_OID_REQUEST& request);
NDIS_STATUS check_encapsulation(const NDIS_OID_REQUEST& request);

// The miniport has changed the encapsulation itself (NDIS_STATUS_OFFLOAD_ENCASPULATION_CHANGE).
void remember_encapsulation(Adapter& adapter, const NDIS_STATUS_INDICATION& status);

// Answers about offloads. False when the request is none of them.
bool answer_offload(const Adapter& adapter, Version asker, NDIS_OID_REQUEST& request, NDIS_STATUS& status);

// The current offload configuration as those above see it: no RSC where it is taken away.
HeaderedCopy visible_offload(const Adapter& adapter);

// Looks who stands above the adapter; when that changes whether RSC may be on, the miniport is told. The stack is
// paused. PASSIVE_LEVEL.
void settle_coalescing(Adapter& adapter);

}  // namespace ndiskit::ndis
