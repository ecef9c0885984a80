// The multicast addresses that one virtual miniport listens to.
#pragma once

#include "mac_address.h"

namespace mux {

class MulticastList {
  public:
    static constexpr ULONG capacity = 64;

    // Takes `bytes` of addresses one after the other; refuses what OID_802_3_MULTICAST_LIST must refuse.
    NDIS_STATUS assign(const UCHAR* addresses, ULONG bytes) {
        if (bytes % MacAddress::size != 0) return NDIS_STATUS_INVALID_LENGTH;
        const ULONG count = bytes / MacAddress::size;
        if (count > capacity) return NDIS_STATUS_MULTICAST_FULL;
        for (ULONG i = 0; i < count; ++i) {
            addresses_[i] = MacAddress(addresses + i * MacAddress::size);
            if (!addresses_[i].is_group()) {
                count_ = 0;
                return NDIS_STATUS_INVALID_DATA;
            }
        }
        count_ = count;
        return NDIS_STATUS_SUCCESS;
    }
    bool contains(const MacAddress& address) const {
        for (ULONG i = 0; i < count_; ++i)
            if (addresses_[i] == address) return true;
        return false;
    }
    ULONG count() const { return count_; }
    const MacAddress& operator[](ULONG index) const { return addresses_[index]; }
    void clear() { count_ = 0; }

  private:
    MacAddress addresses_[capacity];
    ULONG count_ = 0;
};

}  // namespace mux
