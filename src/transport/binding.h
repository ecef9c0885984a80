// One binding of the built-in protocol driver: an upper edge, where a stack hands its traffic to the host.
// What all kinds share (opening, filters, offloads, pause and close) is here; a kind is an Endpoint.
//
// Life: ProtocolBindAdapterEx opens the adapter and the endpoint; between NetEventRestart and NetEventPause
// frames flow; ProtocolUnbindAdapterEx closes both.
#pragma once

#include <ndis.h>

#include <atomic>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"
#include "edge/lasting_counters.h"
#include "edge/outstanding.h"
#include "wire/interface.h"

namespace ndiskit::transport {

class Binding;

// What the registry of the binding says.
struct Configuration {
    std::string type;       // "tap", "memory"
    std::string interface;  // the host's interface to make; for memory, the name of the endpoint
    uint32_t buffers = 512;
    uint32_t chain = 32;  // the most NBLs that one send hands down
    bool promiscuous = false;
};

// What the adapter below is.
struct Below {
    std::string name;
    wire::MacAddress mac{};
    uint32_t mtu = 1500;
    bool link_up = true;
    bool ip = false;       // NdisMediumIP: a frame is an IP packet, without an Ethernet header
    bool offload = false;  // takes large sends and checksum offload for TCP over IPv4 and IPv6
};

class Endpoint {
  public:
    virtual ~Endpoint() = default;
    virtual Result<> open(const Configuration& configuration, const Below& below, Binding& binding) = 0;
    // Frees what depends on the open adapter. The object goes when the adapter is closed.
    virtual void close() {}
    virtual void start() = 0;
    // When it returns, nothing more is sent; what was sent may still be out.
    virtual void stop() = 0;
    // The link below came up or went down; from open on until the adapter is closed, at up to DISPATCH_LEVEL.
    virtual void link(bool up) { (void)up; }
    // One received frame; its memory goes back when the call returns.
    virtual void receive(const NET_BUFFER_LIST* nbl, const NET_BUFFER* nb) = 0;
    // A chain that was sent is complete.
    virtual void sent(NET_BUFFER_LIST* chain) = 0;
};

// Null for a type that does not exist.
std::unique_ptr<Endpoint> make_endpoint(const std::string& type);
// One more type, for benchmarks and tests; before the machine starts.
void add_endpoint_type(const std::string& type, std::unique_ptr<Endpoint> (*make)());

class Binding {
  public:
    explicit Binding(NDIS_HANDLE bind_context) : bind_context_(bind_context) {}

    // For endpoints.
    NDIS_HANDLE handle() const { return handle_; }
    edge::Counters& counters() { return *counters_; }
    const std::string& name() const { return name_; }
    // False when the binding is paused: then the chain stays the caller's, and its frames are counted as
    // dropped.
    bool send(NET_BUFFER_LIST* chain, uint64_t frames, uint64_t bytes, ULONG send_flags);

    // For the driver.
    NDIS_STATUS open(NDIS_HANDLE protocol, const NDIS_BIND_PARAMETERS& parameters);
    void close();
    void opened(NDIS_STATUS status);
    void closed();
    void oid_completed(NDIS_STATUS status);
    NDIS_STATUS pnp_event(NET_PNP_EVENT_NOTIFICATION& event);
    void status(const NDIS_STATUS_INDICATION& indication);
    void receive(NET_BUFFER_LIST* chain, ULONG flags);
    void sent(NET_BUFFER_LIST* chain);

  private:
    NDIS_STATUS open_adapter(NDIS_HANDLE protocol, const NDIS_BIND_PARAMETERS& parameters);
    NDIS_STATUS open_endpoint(const NDIS_BIND_PARAMETERS& parameters);
    NDIS_STATUS set(NDIS_OID oid, void* data, ULONG size);
    void set_packet_filter(ULONG filter);
    void enable_coalescing();
    void pause();

    NDIS_HANDLE bind_context_;
    NDIS_HANDLE handle_ = nullptr;
    std::string name_;
    std::unique_ptr<Endpoint> endpoint_;
    edge::Counters* counters_ = nullptr;  // from open on

    KEVENT done_;  // of the open, the close or the OID request under way
    NDIS_STATUS status_ = NDIS_STATUS_SUCCESS;

    edge::Outstanding out_;  // NBLs sent and not complete
    KEVENT drained_;
    std::atomic<bool> running_ = false;
    enum class Link : uint8_t { not_told, down, up };
    std::atomic<Link> link_ = Link::not_told;  // what the adapter last indicated
    std::atomic<Endpoint*> told_of_link_ = nullptr;
    bool coalescing_ = false;  // was asked for
};

// The driver's entry, for the table of built-in drivers.
extern "C" DRIVER_INITIALIZE TransportDriverEntry;
constexpr const char* builtin_name = "transport";
constexpr const char* protocol_name = "ndktransport";
constexpr const char* counted_as = "transport ";  // before the name, in lasting counters

// The bindings there are, with their counters, for reports.
struct BindingView {
    std::string name;
    const edge::Counters* counters;
};
std::vector<BindingView> bindings();

}  // namespace ndiskit::transport
