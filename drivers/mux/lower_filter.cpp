// What the lower adapter has to receive so that every virtual miniport gets what it wants: the union of their
// packet filters and multicast lists. An adapter receives directed frames for its own address only, so it is
// set promiscuous as soon as a virtual miniport with another address listens.

#include <ndisxx/memory.h>

#include "driver.h"
#include "lower.h"

namespace mux {
namespace {

constexpr ULONG max_union = 512;

// The union of the multicast lists, without doubles.
struct MulticastUnion {
    ULONG count = 0;
    bool overflow = false;
    UCHAR addresses[max_union * MacAddress::size];

    void add(const MulticastList& list, ULONG limit) {
        for (ULONG i = 0; i < list.count(); ++i) {
            if (contains(list[i])) continue;
            if (count == limit) {
                overflow = true;
                return;
            }
            list[i].copy_to(&addresses[count++ * MacAddress::size]);
        }
    }

  private:
    bool contains(const MacAddress& address) const {
        for (ULONG i = 0; i < count; ++i)
            if (MacAddress(&addresses[i * MacAddress::size]) == address) return true;
        return false;
    }
};

}  // namespace

NDIS_STATUS Lower::update_filters() {
    ndisxx::Mutex::Guard serialise(filter_mutex_);
    ndisxx::Owned<MulticastUnion> multicast(ndisxx::create<MulticastUnion>(driver.protocol, pool_tag));
    if (!multicast) return NDIS_STATUS_RESOURCES;
    const ULONG limit = min(attributes.max_multicast, max_union);
    ULONG filter = 0;
    {
        ndisxx::RwLock::WriteGuard guard(table_lock);
        table.refresh();
        for (const VirtualMiniport& port : virtuals) {
            filter |= port.packet_filter;
            if (port.packet_filter & NDIS_PACKET_TYPE_MULTICAST) multicast->add(port.multicast, limit);
            const bool listens = port.packet_filter & NDIS_PACKET_TYPE_DIRECTED;
            if (listens && !(port.mac == attributes.mac)) filter |= NDIS_PACKET_TYPE_PROMISCUOUS;
        }
    }
    if (multicast->overflow) filter |= NDIS_PACKET_TYPE_ALL_MULTICAST;
    ndisxx::SyncOid oid;
    if (!multicast->overflow) {
        const NDIS_STATUS status = oid.set(binding, OID_802_3_MULTICAST_LIST, multicast->addresses,
                                           multicast->count * MacAddress::size);
        if (status != NDIS_STATUS_SUCCESS && multicast->count > 0) filter |= NDIS_PACKET_TYPE_ALL_MULTICAST;
    }
    if (filter == filter_set_) return NDIS_STATUS_SUCCESS;
    const NDIS_STATUS status = oid.set(binding, OID_GEN_CURRENT_PACKET_FILTER, &filter, sizeof filter);
    if (status == NDIS_STATUS_SUCCESS) filter_set_ = filter;
    return status;
}

}  // namespace mux
