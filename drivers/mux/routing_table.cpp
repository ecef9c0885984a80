#include "routing_table.h"

#include "driver.h"

namespace mux {

NDIS_STATUS RoutingTable::initialize(NDIS_HANDLE owner, ULONG members) {
    // At most half full, so that a search always meets an empty slot soon.
    ULONG slots = 4;
    while (slots < 2 * members) slots *= 2;
    const ULONG size = (slots + members) * sizeof(VirtualMiniport*);
    slots_ = static_cast<VirtualMiniport**>(
        NdisAllocateMemoryWithTagPriority(owner, size, pool_tag, NormalPoolPriority));
    if (!slots_) return NDIS_STATUS_RESOURCES;
    NdisZeroMemory(slots_, size);
    mask_ = slots - 1;
    return NDIS_STATUS_SUCCESS;
}

ULONG RoutingTable::slot_of(const MacAddress& address) const {
    UCHAR bytes[8] = {};
    address.copy_to(bytes);
    ULONG64 value;
    NdisMoveMemory(&value, bytes, sizeof value);
    return static_cast<ULONG>((value * 0x9e3779b97f4a7c15ull) >> 40) & mask_;
}

void RoutingTable::add(VirtualMiniport& member) {
    members()[count_++] = &member;
    rebuild();
}

void RoutingTable::remove(VirtualMiniport& member) {
    for (ULONG i = 0; i < count_; ++i) {
        if (members()[i] != &member) continue;
        members()[i] = members()[--count_];
        rebuild();
        return;
    }
}

void RoutingTable::rebuild() {
    NdisZeroMemory(slots_, (mask_ + 1) * sizeof(VirtualMiniport*));
    for (VirtualMiniport* member : *this) {
        ULONG at = slot_of(member->mac);
        while (slots_[at]) at = (at + 1) & mask_;
        slots_[at] = member;
    }
    refresh();
}

void RoutingTable::refresh() {
    any_promiscuous_ = false;
    for (const VirtualMiniport* member : *this)
        if (member->packet_filter & NDIS_PACKET_TYPE_PROMISCUOUS) any_promiscuous_ = true;
}

}  // namespace mux
