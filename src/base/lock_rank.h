// The order in which locks of the kit may be taken: a thread may take a lock only when its rank is higher
// than that of every lock it holds. Each layer owns a range, lower layers higher ranks, because calls go
// down. A breach is an assert on the spot, with both ranks, on every build.
//
// Locks of this kind are held for short, bounded work and never across a wait, a call into a driver, or a
// scheduler switch.
#pragma once

#include <cstdint>

namespace ndiskit {

enum class LockRank : uint16_t {
    // setup, nic, transport
    setup = 100,
    transport = 200,
    nic = 300,
    // ndis: control plane before data plane
    ndis_library = 400,
    ndis_driver = 410,
    ndis_adapter = 420,
    ndis_binding = 430,
    ndis_filter = 435,
    ndis_oid = 440,
    ndis_pool_list = 445,
    ndis_pool = 450,
    ndis_leaf = 499,
    // nt
    nt_image = 500,
    nt_object = 510,
    nt_device = 520,
    nt_irp = 530,
    nt_registry = 540,
    nt_work = 550,
    nt_timer = 560,
    nt_dispatcher = 570,
    nt_dpc = 580,
    nt_pool_cache = 588,
    nt_pool = 590,
    nt_leaf = 599,
    // engine
    engine = 700,
    engine_leaf = 710,
    // base
    log = 900,
};

}  // namespace ndiskit
