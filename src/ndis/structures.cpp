// The revisions of the structures that NDIS passes on or answers with.
#include "ndis/structures.h"

#include <algorithm>
#include <cstring>

namespace ndiskit::ndis {

namespace {

constexpr Revision offload[] = {
    {ndis_6_0, NDIS_OFFLOAD_REVISION_1, NDIS_SIZEOF_NDIS_OFFLOAD_REVISION_1},
    {ndis_6_1, NDIS_OFFLOAD_REVISION_2, NDIS_SIZEOF_NDIS_OFFLOAD_REVISION_2},
    {ndis_6_30, NDIS_OFFLOAD_REVISION_3, NDIS_SIZEOF_NDIS_OFFLOAD_REVISION_3},
    {ndis_6_50, NDIS_OFFLOAD_REVISION_4, NDIS_SIZEOF_NDIS_OFFLOAD_REVISION_4},
    {ndis_6_70, NDIS_OFFLOAD_REVISION_5, NDIS_SIZEOF_NDIS_OFFLOAD_REVISION_5},
    {ndis_6_83, NDIS_OFFLOAD_REVISION_6, NDIS_SIZEOF_NDIS_OFFLOAD_REVISION_6},
    {ndis_6_84, NDIS_OFFLOAD_REVISION_7, NDIS_SIZEOF_NDIS_OFFLOAD_REVISION_7},
    {ndis_6_89, NDIS_OFFLOAD_REVISION_8, NDIS_SIZEOF_NDIS_OFFLOAD_REVISION_8},
};
constexpr Revision pm_capabilities[] = {
    {ndis_6_20, NDIS_PM_CAPABILITIES_REVISION_1, NDIS_SIZEOF_NDIS_PM_CAPABILITIES_REVISION_1},
    {ndis_6_30, NDIS_PM_CAPABILITIES_REVISION_2, NDIS_SIZEOF_NDIS_PM_CAPABILITIES_REVISION_2},
};
constexpr Revision pm_parameters[] = {
    {ndis_6_20, NDIS_PM_PARAMETERS_REVISION_1, NDIS_SIZEOF_NDIS_PM_PARAMETERS_REVISION_1},
    {ndis_6_30, NDIS_PM_PARAMETERS_REVISION_2, NDIS_SIZEOF_NDIS_PM_PARAMETERS_REVISION_2},
};
constexpr Revision wol_pattern[] = {
    {ndis_6_20, NDIS_PM_WOL_PATTERN_REVISION_1, NDIS_SIZEOF_NDIS_PM_WOL_PATTERN_REVISION_1},
    {ndis_6_30, NDIS_PM_WOL_PATTERN_REVISION_2, NDIS_SIZEOF_NDIS_PM_WOL_PATTERN_REVISION_2},
};
constexpr Revision protocol_offload[] = {
    {ndis_6_20, NDIS_PM_PROTOCOL_OFFLOAD_REVISION_1, NDIS_SIZEOF_NDIS_PM_PROTOCOL_OFFLOAD_REVISION_1},
};
constexpr Revision receive_scale_capabilities[] = {
    {ndis_6_0, NDIS_RECEIVE_SCALE_CAPABILITIES_REVISION_1, NDIS_SIZEOF_RECEIVE_SCALE_CAPABILITIES_REVISION_1},
    {ndis_6_30, NDIS_RECEIVE_SCALE_CAPABILITIES_REVISION_2, NDIS_SIZEOF_RECEIVE_SCALE_CAPABILITIES_REVISION_2},
    {ndis_6_60, NDIS_RECEIVE_SCALE_CAPABILITIES_REVISION_3, NDIS_SIZEOF_RECEIVE_SCALE_CAPABILITIES_REVISION_3},
};
constexpr Revision receive_scale_parameters[] = {
    {ndis_6_0, NDIS_RECEIVE_SCALE_PARAMETERS_REVISION_1, NDIS_SIZEOF_RECEIVE_SCALE_PARAMETERS_REVISION_1},
    {ndis_6_20, NDIS_RECEIVE_SCALE_PARAMETERS_REVISION_2, NDIS_SIZEOF_RECEIVE_SCALE_PARAMETERS_REVISION_2},
    {ndis_6_60, NDIS_RECEIVE_SCALE_PARAMETERS_REVISION_3, NDIS_SIZEOF_RECEIVE_SCALE_PARAMETERS_REVISION_3},
};
constexpr Revision receive_scale_parameters_v2[] = {
    {ndis_6_80, NDIS_RECEIVE_SCALE_PARAMETERS_V2_REVISION_1, NDIS_SIZEOF_RECEIVE_SCALE_PARAMETERS_V2_REVISION_1},
};
constexpr Revision rss_entries[] = {
    {ndis_6_80, NDIS_RSS_SET_INDIRECTION_ENTRIES_REVISION_1, NDIS_SIZEOF_RSS_SET_INDIRECTION_ENTRIES_REVISION_1},
};
constexpr Revision receive_hash[] = {
    {ndis_6_0, NDIS_RECEIVE_HASH_PARAMETERS_REVISION_1, NDIS_SIZEOF_RECEIVE_HASH_PARAMETERS_REVISION_1},
};
constexpr Revision receive_filter_capabilities[] = {
    {ndis_6_20, NDIS_RECEIVE_FILTER_CAPABILITIES_REVISION_1, NDIS_SIZEOF_RECEIVE_FILTER_CAPABILITIES_REVISION_1},
    {ndis_6_30, NDIS_RECEIVE_FILTER_CAPABILITIES_REVISION_2, NDIS_SIZEOF_RECEIVE_FILTER_CAPABILITIES_REVISION_2},
};
constexpr Revision nic_switch_capabilities[] = {
    {ndis_6_20, NDIS_NIC_SWITCH_CAPABILITIES_REVISION_1, NDIS_SIZEOF_NIC_SWITCH_CAPABILITIES_REVISION_1},
    {ndis_6_30, NDIS_NIC_SWITCH_CAPABILITIES_REVISION_2, NDIS_SIZEOF_NIC_SWITCH_CAPABILITIES_REVISION_2},
    {ndis_6_60, NDIS_NIC_SWITCH_CAPABILITIES_REVISION_3, NDIS_SIZEOF_NIC_SWITCH_CAPABILITIES_REVISION_3},
};
constexpr Revision receive_queue[] = {
    {ndis_6_20, NDIS_RECEIVE_QUEUE_PARAMETERS_REVISION_1, NDIS_SIZEOF_RECEIVE_QUEUE_PARAMETERS_REVISION_1},
    {ndis_6_30, NDIS_RECEIVE_QUEUE_PARAMETERS_REVISION_2, NDIS_SIZEOF_RECEIVE_QUEUE_PARAMETERS_REVISION_2},
    {ndis_6_50, NDIS_RECEIVE_QUEUE_PARAMETERS_REVISION_3, NDIS_SIZEOF_RECEIVE_QUEUE_PARAMETERS_REVISION_3},
};
constexpr Revision receive_queue_free[] = {
    {ndis_6_20, NDIS_RECEIVE_QUEUE_FREE_PARAMETERS_REVISION_1, NDIS_SIZEOF_RECEIVE_QUEUE_FREE_PARAMETERS_REVISION_1},
};
constexpr Revision receive_queue_info[] = {
    {ndis_6_20, NDIS_RECEIVE_QUEUE_INFO_REVISION_1, NDIS_SIZEOF_RECEIVE_QUEUE_INFO_REVISION_1},
    {ndis_6_30, NDIS_RECEIVE_QUEUE_INFO_REVISION_2, NDIS_SIZEOF_RECEIVE_QUEUE_INFO_REVISION_2},
};
constexpr Revision queue_allocation_complete[] = {
    {ndis_6_20, NDIS_RECEIVE_QUEUE_ALLOCATION_COMPLETE_ARRAY_REVISION_1,
     NDIS_SIZEOF_RECEIVE_QUEUE_ALLOCATION_COMPLETE_ARRAY_REVISION_1},
};
constexpr Revision receive_filter[] = {
    {ndis_6_20, NDIS_RECEIVE_FILTER_PARAMETERS_REVISION_1, NDIS_SIZEOF_RECEIVE_FILTER_PARAMETERS_REVISION_1},
    {ndis_6_30, NDIS_RECEIVE_FILTER_PARAMETERS_REVISION_2, NDIS_SIZEOF_RECEIVE_FILTER_PARAMETERS_REVISION_2},
};
constexpr Revision receive_filter_clear[] = {
    {ndis_6_20, NDIS_RECEIVE_FILTER_CLEAR_PARAMETERS_REVISION_1,
     NDIS_SIZEOF_RECEIVE_FILTER_CLEAR_PARAMETERS_REVISION_1},
};
constexpr Revision receive_filter_move[] = {
    {ndis_6_30, NDIS_RECEIVE_FILTER_MOVE_FILTER_PARAMETERS_REVISION_1,
     NDIS_SIZEOF_RECEIVE_FILTER_MOVE_FILTER_PARAMETERS_REVISION_1},
};
constexpr Revision receive_filter_info_array[] = {
    {ndis_6_20, NDIS_RECEIVE_FILTER_INFO_ARRAY_REVISION_1, NDIS_SIZEOF_RECEIVE_FILTER_INFO_ARRAY_REVISION_1},
    {ndis_6_30, NDIS_RECEIVE_FILTER_INFO_ARRAY_REVISION_2, NDIS_SIZEOF_RECEIVE_FILTER_INFO_ARRAY_REVISION_2},
};
constexpr Revision receive_filter_global[] = {
    {ndis_6_20, NDIS_RECEIVE_FILTER_GLOBAL_PARAMETERS_REVISION_1,
     NDIS_SIZEOF_RECEIVE_FILTER_GLOBAL_PARAMETERS_REVISION_1},
};
constexpr Revision offload_parameters[] = {
    {ndis_6_0, NDIS_OFFLOAD_PARAMETERS_REVISION_1, NDIS_SIZEOF_OFFLOAD_PARAMETERS_REVISION_1},
    {ndis_6_1, NDIS_OFFLOAD_PARAMETERS_REVISION_2, NDIS_SIZEOF_OFFLOAD_PARAMETERS_REVISION_2},
    {ndis_6_30, NDIS_OFFLOAD_PARAMETERS_REVISION_3, NDIS_SIZEOF_OFFLOAD_PARAMETERS_REVISION_3},
    {ndis_6_50, NDIS_OFFLOAD_PARAMETERS_REVISION_4, NDIS_SIZEOF_OFFLOAD_PARAMETERS_REVISION_4},
    {ndis_6_83, NDIS_OFFLOAD_PARAMETERS_REVISION_5, NDIS_SIZEOF_OFFLOAD_PARAMETERS_REVISION_5},
    {ndis_6_89, NDIS_OFFLOAD_PARAMETERS_REVISION_6, NDIS_SIZEOF_OFFLOAD_PARAMETERS_REVISION_6},
};
constexpr Revision encapsulation[] = {
    {ndis_6_0, NDIS_OFFLOAD_ENCAPSULATION_REVISION_1, NDIS_SIZEOF_OFFLOAD_ENCAPSULATION_REVISION_1},
};
constexpr Revision qos_parameters[] = {
    {ndis_6_30, NDIS_QOS_PARAMETERS_REVISION_1, NDIS_SIZEOF_QOS_PARAMETERS_REVISION_1},
};
constexpr Revision qos_capabilities[] = {
    {ndis_6_30, NDIS_QOS_CAPABILITIES_REVISION_1, NDIS_SIZEOF_QOS_CAPABILITIES_REVISION_1},
};
constexpr Revision interrupt_moderation[] = {
    {ndis_6_0, NDIS_INTERRUPT_MODERATION_PARAMETERS_REVISION_1,
     NDIS_SIZEOF_INTERRUPT_MODERATION_PARAMETERS_REVISION_1},
};
constexpr Revision link_parameters[] = {
    {ndis_6_0, NDIS_LINK_PARAMETERS_REVISION_1, NDIS_SIZEOF_LINK_PARAMETERS_REVISION_1},
};
constexpr Revision port_authentication[] = {
    {ndis_6_0, NDIS_PORT_AUTHENTICATION_PARAMETERS_REVISION_1, NDIS_SIZEOF_PORT_AUTHENTICATION_PARAMETERS_REVISION_1},
};
constexpr Revision statistics[] = {
    {ndis_6_0, NDIS_STATISTICS_INFO_REVISION_1, NDIS_SIZEOF_STATISTICS_INFO_REVISION_1},
};
constexpr Revision hd_split[] = {
    {ndis_6_1, NDIS_HD_SPLIT_PARAMETERS_REVISION_1, NDIS_SIZEOF_HD_SPLIT_PARAMETERS_REVISION_1},
};

// The smallest Size that a structure of `revision` has; of the newest known one when it is newer still.
const Revision& revision_of(const StructureKind& kind, UCHAR revision) {
    const Revision* found = &kind.revisions.front();
    for (const Revision& r : kind.revisions)
        if (r.revision <= revision)
            found = &r;
    return *found;
}

}  // namespace

constexpr UCHAR plain = NDIS_OBJECT_TYPE_DEFAULT;
const StructureKind offload_structure{NDIS_OBJECT_TYPE_OFFLOAD, offload};
const StructureKind pm_capabilities_structure{plain, pm_capabilities};
const StructureKind pm_parameters_structure{plain, pm_parameters};
const StructureKind wol_pattern_structure{plain, wol_pattern};
const StructureKind protocol_offload_structure{plain, protocol_offload};
const StructureKind receive_scale_capabilities_structure{NDIS_OBJECT_TYPE_RSS_CAPABILITIES,
                                                         receive_scale_capabilities};
const StructureKind receive_scale_parameters_structure{NDIS_OBJECT_TYPE_RSS_PARAMETERS, receive_scale_parameters};
const StructureKind receive_scale_parameters_v2_structure{NDIS_OBJECT_TYPE_RSS_PARAMETERS_V2,
                                                          receive_scale_parameters_v2};
const StructureKind rss_entries_structure{NDIS_OBJECT_TYPE_RSS_SET_INDIRECTION_ENTRIES, rss_entries};
const StructureKind receive_hash_structure{plain, receive_hash};
const StructureKind receive_filter_capabilities_structure{plain, receive_filter_capabilities};
const StructureKind nic_switch_capabilities_structure{plain, nic_switch_capabilities};
const StructureKind receive_queue_structure{plain, receive_queue};
const StructureKind receive_queue_free_structure{plain, receive_queue_free};
const StructureKind receive_queue_info_structure{plain, receive_queue_info};
const StructureKind queue_allocation_complete_structure{plain, queue_allocation_complete};
const StructureKind receive_filter_structure{plain, receive_filter};
const StructureKind receive_filter_clear_structure{plain, receive_filter_clear};
const StructureKind receive_filter_move_structure{plain, receive_filter_move};
const StructureKind receive_filter_info_array_structure{plain, receive_filter_info_array};
const StructureKind receive_filter_global_structure{plain, receive_filter_global};
const StructureKind offload_parameters_structure{plain, offload_parameters};
const StructureKind encapsulation_structure{NDIS_OBJECT_TYPE_OFFLOAD_ENCAPSULATION, encapsulation};
const StructureKind qos_parameters_structure{NDIS_OBJECT_TYPE_QOS_PARAMETERS, qos_parameters};
const StructureKind qos_capabilities_structure{NDIS_OBJECT_TYPE_QOS_CAPABILITIES, qos_capabilities};
const StructureKind interrupt_moderation_structure{plain, interrupt_moderation};
const StructureKind link_parameters_structure{plain, link_parameters};
const StructureKind port_authentication_structure{plain, port_authentication};
const StructureKind statistics_structure{plain, statistics};
const StructureKind hd_split_structure{plain, hd_split};

const Revision& StructureKind::newest(Version version) const {
    const Revision* found = &revisions.front();
    for (const Revision& r : revisions)
        if (r.since <= version)
            found = &r;
    return *found;
}

NDIS_OBJECT_HEADER StructureKind::header(Version version) const {
    const Revision& r = newest(version);
    NDIS_OBJECT_HEADER header{};
    header.Type = type;
    header.Revision = r.revision;
    header.Size = r.size;
    return header;
}

void limit(HeaderedCopy& copy, Version version, const StructureKind& kind) {
    auto* header = copy.get<NDIS_OBJECT_HEADER>();
    if (header == nullptr)
        return;
    const Revision& most = kind.newest(version);
    if (most.revision >= header->Revision)
        return;
    header->Revision = most.revision;
    header->Size = most.size;
}

Fitting fit(const StructureKind& kind, const void* buffer, uint32_t length) {
    if (length < sizeof(NDIS_OBJECT_HEADER) || buffer == nullptr)
        return {Fit::too_short, kind.revisions.front().size};
    NDIS_OBJECT_HEADER header;
    std::memcpy(&header, buffer, sizeof(header));
    if (header.Type != kind.type || header.Revision < kind.revisions.front().revision)
        return {Fit::wrong, 0};
    const Revision& known = revision_of(kind, header.Revision);
    if (header.Size < known.size)
        return {Fit::wrong, 0};
    if (length < header.Size)
        return {Fit::too_short, header.Size};
    return {Fit::good, 0};
}

}  // namespace ndiskit::ndis
