// The transport for tests and workloads: it keeps the frames that come up, and sends what it is told. Found
// by the name that its binding's configuration gives it.
#pragma once

#include <ndis.h>

#include <atomic>
#include <span>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "edge/frame_slab.h"
#include "transport/binding.h"

namespace ndiskit::transport {

class MemoryEndpoint final : public Endpoint {
  public:
    Result<> open(const Configuration& configuration, const Below& below, Binding& binding) override;
    void close() override;
    void start() override { running_.store(true); }
    void stop() override { running_.store(false); }
    void receive(const NET_BUFFER_LIST* nbl, const NET_BUFFER* nb) override;
    void sent(NET_BUFFER_LIST* chain) override;

    // Sends the frames as one chain. Returns how many were taken: fewer when
    // the binding is paused, buffers run out, or a frame is longer than the MTU allows.
    size_t send(std::span<const std::vector<uint8_t>> frames);
    // The frames that came up since the last call, in order.
    std::vector<std::vector<uint8_t>> take();
    const wire::MacAddress& mac() const { return below_.mac; }
    uint64_t completed() const { return completed_.load(); }

  private:
    Binding* binding_ = nullptr;
    Below below_;
    std::string name_;
    edge::FrameSlab slab_{edge::Side::protocol};
    std::atomic<bool> running_ = false;
    std::atomic<uint64_t> completed_ = 0;
    friend class MemoryEndpointUse;
    uint32_t users_ = 0;  // under the lock of all endpoints
    KEVENT unused_;       // signalled when the last user has gone
    Guarded<std::vector<std::vector<uint8_t>>, LockRank::transport> heard_;
};

// The open endpoint of that name, or null. For who knows that its binding stays.
MemoryEndpoint* find_memory_endpoint(const std::string& name);

// The same for who does not: while this lives, the endpoint does not close. Not over a wait.
class MemoryEndpointUse {
  public:
    explicit MemoryEndpointUse(const std::string& name);
    ~MemoryEndpointUse();
    MemoryEndpointUse(const MemoryEndpointUse&) = delete;
    MemoryEndpointUse& operator=(const MemoryEndpointUse&) = delete;

    explicit operator bool() const { return endpoint_ != nullptr; }
    MemoryEndpoint* operator->() const { return endpoint_; }

  private:
    MemoryEndpoint* endpoint_;
};

}  // namespace ndiskit::transport
