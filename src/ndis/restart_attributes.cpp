// Building, applying and freeing restart attributes.
#include "ndis/restart_attributes.h"

#include <cstring>

#include "ndis/adapter.h"
#include "ndis/attributes.h"
#include "ndis/driver.h"

namespace ndiskit::ndis {

namespace {
constexpr ULONG tag = 0x7472644e;  // "Ndrt"

constexpr Revision general_revisions[] = {
    {ndis_6_0, NDIS_RESTART_GENERAL_ATTRIBUTES_REVISION_1, NDIS_SIZEOF_RESTART_GENERAL_ATTRIBUTES_REVISION_1},
    {ndis_6_20, NDIS_RESTART_GENERAL_ATTRIBUTES_REVISION_2, NDIS_SIZEOF_RESTART_GENERAL_ATTRIBUTES_REVISION_2},
};
}  // namespace

RestartAttributes::RestartAttributes(const Adapter& adapter) {
    const size_t size = FIELD_OFFSET(NDIS_RESTART_ATTRIBUTES, Data) + sizeof(NDIS_RESTART_GENERAL_ATTRIBUTES);
    auto* entry = static_cast<NDIS_RESTART_ATTRIBUTES*>(ExAllocatePoolWithTag(NonPagedPoolNx, size, tag));
    if (entry == nullptr)
        return;
    std::memset(entry, 0, size);
    entry->Oid = OID_GEN_MINIPORT_RESTART_ATTRIBUTES;
    entry->DataLength = sizeof(NDIS_RESTART_GENERAL_ATTRIBUTES);
    auto& g = *reinterpret_cast<NDIS_RESTART_GENERAL_ATTRIBUTES*>(entry->Data);
    const auto& from = adapter.attributes.general;
    g.Header = header_for(NDIS_OBJECT_TYPE_RESTART_GENERAL_ATTRIBUTES, adapter.driver.version, general_revisions);
    g.MtuSize = from.MtuSize;
    g.MaxXmitLinkSpeed = from.MaxXmitLinkSpeed;
    g.MaxRcvLinkSpeed = from.MaxRcvLinkSpeed;
    g.LookaheadSize = from.LookaheadSize;
    g.MacOptions = adapter.reads_network_address
                       ? from.MacOptions | NDIS_MAC_OPTION_SUPPORTS_MAC_ADDRESS_OVERWRITE
                       : from.MacOptions;
    g.SupportedPacketFilters = from.SupportedPacketFilters;
    g.MaxMulticastListSize = from.MaxMulticastListSize;
    g.RecvScaleCapabilities = from.RecvScaleCapabilities != nullptr ? from.RecvScaleCapabilities : &no_scaling_;
    g.AccessType = from.AccessType;
    g.Flags = from.Flags;
    g.ConnectionType = from.ConnectionType;
    g.SupportedStatistics = from.SupportedStatistics;
    g.DataBackFillSize = from.DataBackFillSize;
    g.ContextBackFillSize = from.ContextBackFillSize;
    g.SupportedOidList = from.SupportedOidList;
    g.SupportedOidListLength = from.SupportedOidListLength;
    g.MaxLookaheadSizeAccessed = from.LookaheadSize;
    list_ = entry;
}

RestartAttributes::~RestartAttributes() {
    while (list_ != nullptr) {
        PNDIS_RESTART_ATTRIBUTES next = list_->Next;
        ExFreePool(list_);
        list_ = next;
    }
}

namespace {

// Calls `take` with the general attributes in the list.
template <class Take>
void with_general(PNDIS_RESTART_ATTRIBUTES list, Take take) {
    for (PNDIS_RESTART_ATTRIBUTES entry = list; entry != nullptr; entry = entry->Next)
        if (entry->Oid == OID_GEN_MINIPORT_RESTART_ATTRIBUTES &&
            entry->DataLength >= NDIS_SIZEOF_RESTART_GENERAL_ATTRIBUTES_REVISION_1)
            take(*reinterpret_cast<const NDIS_RESTART_GENERAL_ATTRIBUTES*>(entry->Data));
}

}  // namespace

void RestartAttributes::apply(NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES& to) const {
    with_general(list_, [&](const NDIS_RESTART_GENERAL_ATTRIBUTES& g) {
        to.MtuSize = g.MtuSize;
        to.MaxXmitLinkSpeed = g.MaxXmitLinkSpeed;
        to.MaxRcvLinkSpeed = g.MaxRcvLinkSpeed;
        to.LookaheadSize = g.LookaheadSize;
        to.MacOptions = g.MacOptions;
        to.SupportedPacketFilters = g.SupportedPacketFilters;
        to.MaxMulticastListSize = g.MaxMulticastListSize;
        to.AccessType = g.AccessType;
        to.ConnectionType = g.ConnectionType;
        to.SupportedStatistics = g.SupportedStatistics;
        to.DataBackFillSize = g.DataBackFillSize;
        to.ContextBackFillSize = g.ContextBackFillSize;
    });
}

void RestartAttributes::apply(Attributes& to) const {
    apply(to.general);
    with_general(list_, [&](const NDIS_RESTART_GENERAL_ATTRIBUTES& g) {
        // What still points to NDIS' copies stays: filter modules and protocols read the same list after this.
        const size_t count = g.SupportedOidListLength / sizeof(NDIS_OID);
        if (const auto* first = static_cast<const NDIS_OID*>(g.SupportedOidList);
            first != nullptr && first != to.general.SupportedOidList) {
            to.supported_oids.assign(first, first + count);
            to.general.SupportedOidList = to.supported_oids.data();
        }
        if (count <= to.supported_oids.size())
            to.supported_oids.resize(count);  // in place
        to.general.SupportedOidListLength = static_cast<ULONG>(to.supported_oids.size() * sizeof(NDIS_OID));
        const NDIS_RECEIVE_SCALE_CAPABILITIES* scaling = g.RecvScaleCapabilities;
        if (scaling == nullptr || scaling->Header.Size == 0 || scaling == to.general.RecvScaleCapabilities)
            return;
        to.receive_scale.assign_at_least(scaling, sizeof(NDIS_RECEIVE_SCALE_CAPABILITIES));
        to.general.RecvScaleCapabilities = to.receive_scale.get<NDIS_RECEIVE_SCALE_CAPABILITIES>();
    });
}

}  // namespace ndiskit::ndis
