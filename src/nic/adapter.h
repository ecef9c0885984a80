// One miniport adapter of the built-in NIC driver: what NDIS asks of every miniport, around a Nic that does
// what is special. The driver registers with NDIS as any other would; there is no back door.
#pragma once

#include <ndis.h>

#include <atomic>
#include <memory>
#include <string>

#include "edge/lasting_counters.h"
#include "edge/outstanding.h"
#include "nic/nic.h"
#include "nic/receive_filter.h"

namespace ndiskit::nic {

class Adapter {
  public:
    explicit Adapter(NDIS_HANDLE handle) : handle_(handle) {}

    // For Nics.
    NDIS_HANDLE handle() const { return handle_; }
    edge::Counters& counters() { return *counters_; }
    const ReceiveFilter& filter() const { return filter_; }
    const std::string& name() const { return name_; }
    // May coalesced segments be indicated? Only when a protocol has asked for them.
    bool coalescing() const { return coalescing_.load(std::memory_order_relaxed); }

    // Indicates `count` frames, at DISPATCH_LEVEL; they come back through Nic::returned. `bytes` are those of
    // all.
    void indicate(NET_BUFFER_LIST* chain, ULONG count, uint64_t bytes);
    // Completes a chain whose statuses are set.
    void complete_send(NET_BUFFER_LIST* chain, ULONG send_flags);
    void indicate_link(bool up);

    // For the driver.
    NDIS_STATUS initialize();
    void halt();
    NDIS_STATUS pause();
    void restart();
    void send(NET_BUFFER_LIST* chain, ULONG send_flags);
    void returned(NET_BUFFER_LIST* chain);
    NDIS_STATUS oid(NDIS_OID_REQUEST& request);

  private:
    NDIS_STATUS set_attributes();
    NDIS_STATUS query(NDIS_OID_REQUEST& request);
    NDIS_STATUS set(NDIS_OID_REQUEST& request);
    NDIS_STATUS set_multicast(NDIS_OID_REQUEST& request);
    NDIS_STATUS set_offload(NDIS_OID_REQUEST& request);

    NDIS_HANDLE handle_;
    std::string name_;
    std::unique_ptr<Nic> nic_;
    Facts facts_;
    edge::Counters* counters_ = nullptr;  // from initialize on
    ReceiveFilter filter_;
    ULONG lookahead_ = 0;
    std::atomic<bool> coalescing_ = false;

    edge::Outstanding out_;  // frames indicated and not returned
    std::atomic<bool> running_ = false;
};

// The driver's entry, for the table of built-in drivers.
extern "C" DRIVER_INITIALIZE NicDriverEntry;
constexpr const char* builtin_name = "nic";
constexpr const char* counted_as = "adapter ";  // before the name, in lasting counters

// The adapters there are, with their counters, for reports.
struct AdapterView {
    std::string name;
    const edge::Counters* counters;
};
std::vector<AdapterView> adapters();

}  // namespace ndiskit::nic
