// Which frames a NIC lets through: its own address, broadcast, and what the packet filter and the multicast
// list ask for. Written at PASSIVE_LEVEL by OID requests, read per frame.
#pragma once

#include <ndis.h>

#include <array>
#include <atomic>
#include <cstring>
#include <memory>
#include <vector>

#include "wire/interface.h"

namespace ndiskit::nic {

class ReceiveFilter {
  public:
    static constexpr ULONG supported = NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_MULTICAST |
                                       NDIS_PACKET_TYPE_ALL_MULTICAST | NDIS_PACKET_TYPE_BROADCAST |
                                       NDIS_PACKET_TYPE_PROMISCUOUS;
    static constexpr ULONG max_multicast = 512;

    void set_mac(const wire::MacAddress& mac) { mac_ = mac; }
    void set_packet_filter(ULONG filter) { filter_.store(filter, std::memory_order_relaxed); }
    ULONG packet_filter() const { return filter_.load(std::memory_order_relaxed); }
    void set_multicast(std::vector<wire::MacAddress> list) {
        std::atomic_store(&multicast_,
                          std::make_shared<const std::vector<wire::MacAddress>>(std::move(list)));
    }
    std::vector<wire::MacAddress> multicast() const { return *std::atomic_load(&multicast_); }

    bool accepts(const uint8_t* destination) const {
        const ULONG filter = packet_filter();
        if (filter & NDIS_PACKET_TYPE_PROMISCUOUS) return true;
        if (!(destination[0] & 1))
            return (filter & NDIS_PACKET_TYPE_DIRECTED) &&
                   std::memcmp(destination, mac_.data(), mac_.size()) == 0;
        constexpr uint8_t broadcast[] = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};
        if (std::memcmp(destination, broadcast, sizeof broadcast) == 0)
            return filter & NDIS_PACKET_TYPE_BROADCAST;
        if (filter & NDIS_PACKET_TYPE_ALL_MULTICAST) return true;
        return (filter & NDIS_PACKET_TYPE_MULTICAST) && listens_to(destination);
    }

  private:
    bool listens_to(const uint8_t* destination) const {
        const auto list = std::atomic_load(&multicast_);
        for (const wire::MacAddress& address : *list)
            if (std::memcmp(destination, address.data(), address.size()) == 0) return true;
        return false;
    }

    wire::MacAddress mac_{};
    std::atomic<ULONG> filter_ = 0;
    std::shared_ptr<const std::vector<wire::MacAddress>> multicast_ =
        std::make_shared<const std::vector<wire::MacAddress>>();
};

}  // namespace ndiskit::nic
