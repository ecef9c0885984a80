// Who holds packet structures: the list of live pools, for leak checks at unload and at the end of a machine,
// for `ndiskit watch`, and for benchmarks.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "nt/abi.h"

namespace ndiskit::ndis {

class PacketPool;

struct PoolReport {
    std::string kind;   // "NET_BUFFER_LIST", "NET_BUFFER", or what the kit's own stores hold
    std::string tag;    // as four characters
    std::string owner;  // the driver's name; "ndis" for the kit's own
    uint64_t outstanding = 0;
    uint64_t allocations = 0;  // since the pool was made
    uint64_t entries = 0;      // that memory was taken for
    uint64_t chunks = 0;       // of 2 MB or more
    uint32_t data_size = 0;
    uint32_t context_size = 0;
};

// In the order in which the pools were made; the kit's own stores last. Exact when no packets move.
std::vector<PoolReport> nbl_report();
// What is outstanding in pools of drivers, a line each; empty when nothing is.
std::vector<std::string> nbl_leaks();

// Gives the name of the driver behind an NDIS handle or a code address, whichever says it; empty when neither
// does. Installed by the part that owns drivers and handles.
using OwnerNamer = std::string (*)(void* ndis_handle, const void* code);
void set_owner_namer(OwnerNamer namer);

// For PacketPool alone.
void register_pool(PacketPool& pool);
void deregister_pool(PacketPool& pool);
std::string owner_name(void* owner, const void* caller);

}  // namespace ndiskit::ndis
