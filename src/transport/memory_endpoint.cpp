#include "transport/memory_endpoint.h"

#include <cstring>
#include <map>

#include "edge/gather.h"
#include "transport/kinds.h"
#include "wire/frame.h"

namespace ndiskit::transport {
namespace {

Guarded<std::map<std::string, MemoryEndpoint*>, LockRank::transport> endpoints;

}  // namespace

Result<> MemoryEndpoint::open(const Configuration& configuration, const Below& below, Binding& binding) {
    binding_ = &binding;
    below_ = below;
    name_ = configuration.interface;
    const auto size = static_cast<uint32_t>(below.mtu + wire::ethernet_header_size + 2 * wire::vlan_tag_size);
    if (!slab_.create(binding.handle(), configuration.buffers, size))
        return fail("no memory for the send buffers");
    KeInitializeEvent(&unused_, NotificationEvent, FALSE);
    endpoints.with([&](auto& all) { all[name_] = this; });
    return {};
}

void MemoryEndpoint::close() {
    const bool used = endpoints.with([&](auto& all) {
        all.erase(name_);
        KeClearEvent(&unused_);
        return users_ != 0;
    });
    if (used) KeWaitForSingleObject(&unused_, Executive, KernelMode, FALSE, nullptr);
    slab_.destroy();
}

size_t MemoryEndpoint::send(std::span<const std::vector<uint8_t>> frames) {
    NET_BUFFER_LIST* first = nullptr;
    NET_BUFFER_LIST** end = &first;
    size_t count = 0, bytes = 0;
    const KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);
    for (const auto& frame : frames) {
        if (!running_.load() || frame.size() > slab_.buffer_size()) break;
        NET_BUFFER_LIST* nbl = slab_.take();
        if (!nbl) break;
        std::memcpy(slab_.buffer_of(nbl), frame.data(), frame.size());
        edge::FrameSlab::set_data(nbl, 0, static_cast<uint32_t>(frame.size()));
        *end = nbl;
        end = &NET_BUFFER_LIST_NEXT_NBL(nbl);
        ++count;
        bytes += frame.size();
    }
    if (count > 0 && !binding_->send(first, count, bytes, NDIS_SEND_FLAGS_DISPATCH_LEVEL)) {
        slab_.give_back(first);
        count = 0;
    }
    KeLowerIrql(irql);
    return count;
}

void MemoryEndpoint::sent(NET_BUFFER_LIST* chain) {
    uint64_t count = 0;
    for (NET_BUFFER_LIST* nbl = chain; nbl; nbl = NET_BUFFER_LIST_NEXT_NBL(nbl)) ++count;
    slab_.give_back(chain);
    completed_.fetch_add(count);
}

void MemoryEndpoint::receive(const NET_BUFFER_LIST*, const NET_BUFFER* nb) {
    std::vector<uint8_t> frame(NET_BUFFER_DATA_LENGTH(nb));
    edge::copy_start(nb, frame.data(), frame.size());
    heard_.with([&](auto& heard) { heard.push_back(std::move(frame)); });
}

std::vector<std::vector<uint8_t>> MemoryEndpoint::take() {
    return heard_.with([](auto& heard) { return std::exchange(heard, {}); });
}

MemoryEndpoint* find_memory_endpoint(const std::string& name) {
    return endpoints.with([&](auto& all) {
        const auto found = all.find(name);
        return found == all.end() ? nullptr : found->second;
    });
}

MemoryEndpointUse::MemoryEndpointUse(const std::string& name) {
    endpoint_ = endpoints.with([&](auto& all) -> MemoryEndpoint* {
        const auto found = all.find(name);
        if (found == all.end()) return nullptr;
        ++found->second->users_;
        return found->second;
    });
}

MemoryEndpointUse::~MemoryEndpointUse() {
    if (endpoint_)
        endpoints.with([&](auto&) {
            if (--endpoint_->users_ == 0) KeSetEvent(&endpoint_->unused_, 0, FALSE);
        });
}

std::unique_ptr<Endpoint> make_memory_endpoint() { return std::make_unique<MemoryEndpoint>(); }

}  // namespace ndiskit::transport
