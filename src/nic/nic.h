// A NIC: what is special about one kind of lower edge (memory, TAP, packet socket). All that NDIS asks of
// every miniport is in adapter.h, which owns the Nic and calls it.
//
// Life: open (PASSIVE_LEVEL) → { start → frames both ways → stop }... → close. `send` and `returned` come at
// up to DISPATCH_LEVEL, from any thread, between start and the return of the last frame.
#pragma once

#include <ndis.h>

#include <memory>
#include <string>

#include "base/result.h"
#include "edge/counters.h"
#include "wire/interface.h"

namespace ndiskit::nic {

class Adapter;

// What the registry of the adapter instance says.
struct Configuration {
    std::string type;       // "memory", "tap", "af_packet"
    std::string interface;  // of the host; for memory, the name of the segment
    uint32_t mtu = 1500;
    bool offload = true;  // carry GSO frames whole and leave checksums to the other side
    uint32_t buffers = 1024;
};

struct Facts {
    wire::MacAddress mac{};
    uint32_t mtu = 1500;
    uint64_t speed = 10'000'000'000;  // bits a second
    bool link_up = true;
    bool offload = true;
};

class Nic {
  public:
    virtual ~Nic() = default;

    virtual Result<Facts> open(const Configuration& configuration, Adapter& adapter) = 0;
    virtual void close() {}
    virtual void start() = 0;
    // When it returns, no more frames are indicated; those indicated may still be out.
    virtual void stop() = 0;

    // Sends a chain and completes it through the adapter, at once or later.
    virtual void send(NET_BUFFER_LIST* chain, ULONG send_flags) = 0;
    // Takes back a chain that was indicated.
    virtual void returned(NET_BUFFER_LIST* chain) = 0;
};

// Null for a type that does not exist.
std::unique_ptr<Nic> make_nic(const std::string& type);
// One more type, for benchmarks and tests; before the machine starts.
void add_nic_type(const std::string& type, std::unique_ptr<Nic> (*make)());

}  // namespace ndiskit::nic
