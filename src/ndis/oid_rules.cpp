// The table of OIDs, sorted by chapter of the documentation.
#include "ndis/oid_rules.h"

#include <algorithm>
#include <array>

#include "ndis/adapter.h"
#include "ndis/driver.h"
#include "ndis/oid_buffer.h"
#include "ndis/oid_combine.h"
#include "ndis/oid_statistics.h"
#include "ndis/task_offload.h"
#include "ndis/adapter_ports.h"
#include "ndis/quality_of_service.h"
#include "ndis/receive_filters.h"
#include "ndis/receive_scale.h"
#include "ndis/wake.h"

namespace ndiskit::ndis {

namespace {

using enum Answerer;

constexpr NDIS_STATUS too_short = NDIS_STATUS_BUFFER_TOO_SHORT;

// NDIS answers queries, from the adapter's attributes or from what it keeps.
constexpr OidRule answered(NDIS_OID oid) { return {.oid = oid, .query = ndis}; }
// The miniport answers queries.
constexpr OidRule asked(NDIS_OID oid) { return {.oid = oid}; }
// NDIS answers queries with a counter of OID_GEN_STATISTICS, which it asks the miniport for.
constexpr OidRule counted(NDIS_OID oid) { return {.oid = oid, .step = make_statistic_step}; }
// Neither NDIS 6 nor its drivers use it any more.
constexpr OidRule obsolete(NDIS_OID oid) { return {.oid = oid, .query = nobody}; }

constexpr Shape number{.length = sizeof(ULONG)};

const OidRule rules[] = {
    // General
    answered(OID_GEN_SUPPORTED_LIST),
    answered(OID_GEN_HARDWARE_STATUS),
    answered(OID_GEN_MEDIA_SUPPORTED),
    answered(OID_GEN_MEDIA_IN_USE),
    answered(OID_GEN_MEDIA_CAPABILITIES),
    answered(OID_GEN_PHYSICAL_MEDIUM),
    answered(OID_GEN_PHYSICAL_MEDIUM_EX),
    answered(OID_GEN_MAXIMUM_LOOKAHEAD),
    answered(OID_GEN_MAXIMUM_FRAME_SIZE),
    answered(OID_GEN_MAXIMUM_SEND_PACKETS),
    answered(OID_GEN_MAC_OPTIONS),
    answered(OID_GEN_LINK_SPEED),
    answered(OID_GEN_MAX_LINK_SPEED),
    answered(OID_GEN_LINK_STATE),
    answered(OID_GEN_MEDIA_CONNECT_STATUS),
    answered(OID_GEN_DRIVER_VERSION),
    answered(OID_GEN_FRIENDLY_NAME),
    answered(OID_GEN_PCI_DEVICE_CUSTOM_PROPERTIES),
    answered(OID_GEN_PORT_STATE),
    answered(OID_GEN_ENUMERATE_PORTS),
    obsolete(OID_GEN_DEVICE_PROFILE),
    {.oid = OID_GEN_CURRENT_PACKET_FILTER, .query = ndis, .set = miniport, .shape = number, .step = make_combine_step},
    {.oid = OID_GEN_CURRENT_LOOKAHEAD, .query = ndis, .set = miniport, .shape = number, .step = make_combine_step},
    {.oid = OID_GEN_INTERRUPT_MODERATION,
     .set = miniport,
     .shape = {.structure = &interrupt_moderation_structure}},
    {.oid = OID_GEN_LINK_PARAMETERS, .query = nobody, .set = miniport, .shape = {.structure = &link_parameters_structure}},
    {.oid = OID_GEN_PORT_AUTHENTICATION_PARAMETERS,
     .query = nobody,
     .set = miniport,
     .shape = {.structure = &port_authentication_structure},
     .step = make_port_authentication_step},
    {.oid = OID_GEN_PROTOCOL_OPTIONS, .query = nobody, .set = ndis, .shape = number},
    {.oid = OID_GEN_MACHINE_NAME, .query = nobody, .set = miniport},
    {.oid = OID_GEN_NETWORK_LAYER_ADDRESSES, .query = nobody, .set = miniport},
    {.oid = OID_GEN_TRANSPORT_HEADER_OFFSET, .query = nobody, .set = miniport},
    {.oid = OID_GEN_VLAN_ID, .set = miniport, .shape = number},
    {.oid = OID_GEN_ISOLATION_PARAMETERS, .query = nobody, .method = miniport, .since = ndis_6_40},
    asked(OID_GEN_MAXIMUM_TOTAL_SIZE),
    asked(OID_GEN_TRANSMIT_BLOCK_SIZE),
    asked(OID_GEN_RECEIVE_BLOCK_SIZE),
    asked(OID_GEN_TRANSMIT_BUFFER_SPACE),
    asked(OID_GEN_RECEIVE_BUFFER_SPACE),
    asked(OID_GEN_VENDOR_ID),
    asked(OID_GEN_VENDOR_DESCRIPTION),
    asked(OID_GEN_VENDOR_DRIVER_VERSION),
    asked(OID_GEN_SUPPORTED_GUIDS),
    asked(OID_GEN_INIT_TIME_MS),
    asked(OID_GEN_RESET_COUNTS),
    asked(OID_GEN_MEDIA_SENSE_COUNTS),
    asked(OID_GEN_TRANSMIT_QUEUE_LENGTH),

    // Statistics
    asked(OID_GEN_STATISTICS),
    counted(OID_GEN_XMIT_OK),
    counted(OID_GEN_RCV_OK),
    counted(OID_GEN_XMIT_ERROR),
    counted(OID_GEN_RCV_ERROR),
    counted(OID_GEN_RCV_NO_BUFFER),
    counted(OID_GEN_RCV_DISCARDS),
    counted(OID_GEN_XMIT_DISCARDS),
    counted(OID_GEN_BYTES_RCV),
    counted(OID_GEN_BYTES_XMIT),
    counted(OID_GEN_DIRECTED_BYTES_XMIT),
    counted(OID_GEN_DIRECTED_FRAMES_XMIT),
    counted(OID_GEN_MULTICAST_BYTES_XMIT),
    counted(OID_GEN_MULTICAST_FRAMES_XMIT),
    counted(OID_GEN_BROADCAST_BYTES_XMIT),
    counted(OID_GEN_BROADCAST_FRAMES_XMIT),
    counted(OID_GEN_DIRECTED_BYTES_RCV),
    counted(OID_GEN_DIRECTED_FRAMES_RCV),
    counted(OID_GEN_MULTICAST_BYTES_RCV),
    counted(OID_GEN_MULTICAST_FRAMES_RCV),
    counted(OID_GEN_BROADCAST_BYTES_RCV),
    counted(OID_GEN_BROADCAST_FRAMES_RCV),
    obsolete(OID_GEN_RCV_CRC_ERROR),

    // Network interfaces: NDIS is the provider of its adapters' interfaces
    answered(OID_GEN_ADMIN_STATUS),
    answered(OID_GEN_ALIAS),
    answered(OID_GEN_DISCONTINUITY_TIME),
    answered(OID_GEN_INTERFACE_INFO),
    answered(OID_GEN_LAST_CHANGE),
    answered(OID_GEN_LINK_SPEED_EX),
    answered(OID_GEN_MEDIA_CONNECT_STATUS_EX),
    answered(OID_GEN_MEDIA_DUPLEX_STATE),
    answered(OID_GEN_OPERATIONAL_STATUS),
    answered(OID_GEN_PROMISCUOUS_MODE),
    answered(OID_GEN_RCV_LINK_SPEED),
    answered(OID_GEN_XMIT_LINK_SPEED),
    answered(OID_GEN_UNKNOWN_PROTOS),

    // Ethernet
    answered(OID_802_3_PERMANENT_ADDRESS),
    answered(OID_802_3_CURRENT_ADDRESS),
    answered(OID_802_3_MAC_OPTIONS),
    {.oid = OID_802_3_MAXIMUM_LIST_SIZE, .query = ndis, .set = miniport, .shape = number},
    {.oid = OID_802_3_MULTICAST_LIST, .query = ndis, .set = miniport, .step = make_combine_step},
    {.oid = OID_802_3_ADD_MULTICAST_ADDRESS, .query = nobody, .set = miniport, .step = make_combine_step},
    {.oid = OID_802_3_DELETE_MULTICAST_ADDRESS, .query = nobody, .set = miniport, .step = make_combine_step},

    // Task offload
    answered(OID_TCP_OFFLOAD_CURRENT_CONFIG),
    answered(OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES),
    answered(OID_TCP_CONNECTION_OFFLOAD_CURRENT_CONFIG),
    answered(OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES),
    // The TCP chimney: there are no settings without connections offloaded.
    {.oid = OID_TCP_CONNECTION_OFFLOAD_PARAMETERS, .query = ndis, .set = miniport},
    obsolete(OID_TCP_TASK_OFFLOAD),
    {.oid = OID_TCP_OFFLOAD_PARAMETERS,
     .query = nobody,
     .set = miniport,
     .shape = {.structure = &offload_parameters_structure, .wrong = NDIS_STATUS_INVALID_DATA, .rest = check_offload_parameters},
     .step = make_offload_parameters_step},
    {.oid = OID_OFFLOAD_ENCAPSULATION,
     .query = ndis,
     .set = miniport,
     .shape = {.structure = &encapsulation_structure, .rest = check_encapsulation},
     .step = make_encapsulation_step},
    {.oid = OID_TCP_RSC_STATISTICS, .since = ndis_6_30},

    // Receive side scaling
    answered(OID_GEN_RECEIVE_SCALE_CAPABILITIES),
    {.oid = OID_GEN_RECEIVE_SCALE_PARAMETERS,
     .query = ndis,
     .set = miniport,
     .shape = {.structure = &receive_scale_parameters_structure, .rest = check_receive_scale},
     .step = make_receive_scale_step},
    {.oid = OID_GEN_RECEIVE_SCALE_PARAMETERS_V2,
     .query = ndis,
     .set = miniport,
     .shape = {.structure = &receive_scale_parameters_v2_structure, .rest = check_receive_scale_v2},
     .since = ndis_6_80,
     .step = make_receive_scale_step},
    {.oid = OID_GEN_RSS_SET_INDIRECTION_TABLE_ENTRIES,
     .query = nobody,
     .method = miniport,
     .shape = {.structure = &rss_entries_structure, .rest = check_rss_entries},
     .since = ndis_6_80,
     .way = OidWay::synchronous},
    {.oid = OID_GEN_RECEIVE_HASH,
     .query = ndis,
     .set = miniport,
     .shape = {.structure = &receive_hash_structure, .rest = check_receive_hash},
     .step = make_receive_scale_step},

    // Header-data split
    answered(OID_GEN_HD_SPLIT_CURRENT_CONFIG),
    {.oid = OID_GEN_HD_SPLIT_PARAMETERS,
     .query = nobody,
     .set = miniport,
     .shape = {.structure = &hd_split_structure},
     .since = ndis_6_1},

    // Receive filters, queues, packet coalescing
    answered(OID_RECEIVE_FILTER_HARDWARE_CAPABILITIES),
    answered(OID_RECEIVE_FILTER_CURRENT_CAPABILITIES),
    {.oid = OID_RECEIVE_FILTER_GLOBAL_PARAMETERS,
     .query = ndis,
     .set = miniport,
     .shape = {.structure = &receive_filter_global_structure},
     .since = ndis_6_20},
    answered(OID_RECEIVE_FILTER_ENUM_QUEUES),
    {.oid = OID_RECEIVE_FILTER_ENUM_FILTERS,
     .query = nobody,
     .method = ndis,
     .shape = {.structure = &receive_filter_info_array_structure}},
    {.oid = OID_RECEIVE_FILTER_PARAMETERS,
     .query = nobody,
     .method = ndis,
     .shape = {.structure = &receive_filter_structure}},
    {.oid = OID_RECEIVE_FILTER_QUEUE_PARAMETERS,
     .query = nobody,
     .set = miniport,
     .method = ndis,
     .shape = {.structure = &receive_queue_structure},
     .since = ndis_6_20,
     .step = make_queue_parameters_step},
    {.oid = OID_RECEIVE_FILTER_ALLOCATE_QUEUE,
     .query = nobody,
     .method = miniport,
     .shape = {.structure = &receive_queue_structure},
     .since = ndis_6_20,
     .step = make_allocate_queue_step},
    {.oid = OID_RECEIVE_FILTER_QUEUE_ALLOCATION_COMPLETE,
     .query = nobody,
     .method = miniport,
     .shape = {.structure = &queue_allocation_complete_structure, .rest = check_allocation_complete},
     .since = ndis_6_20,
     .step = make_allocation_complete_step},
    {.oid = OID_RECEIVE_FILTER_FREE_QUEUE,
     .query = nobody,
     .set = miniport,
     .shape = {.structure = &receive_queue_free_structure},
     .since = ndis_6_20,
     .step = make_free_queue_step},
    {.oid = OID_RECEIVE_FILTER_SET_FILTER,
     .query = nobody,
     .method = miniport,
     .shape = {.structure = &receive_filter_structure, .rest = check_receive_filter},
     .since = ndis_6_20,
     .step = make_set_filter_step},
    {.oid = OID_RECEIVE_FILTER_CLEAR_FILTER,
     .query = nobody,
     .set = miniport,
     .shape = {.structure = &receive_filter_clear_structure},
     .since = ndis_6_20,
     .step = make_clear_filter_step},
    {.oid = OID_RECEIVE_FILTER_MOVE_FILTER,
     .query = nobody,
     .set = miniport,
     .shape = {.structure = &receive_filter_move_structure},
     .since = ndis_6_30,
     .step = make_move_filter_step},
    {.oid = OID_PACKET_COALESCING_FILTER_MATCH_COUNT, .since = ndis_6_30},
    answered(OID_NIC_SWITCH_HARDWARE_CAPABILITIES),
    answered(OID_NIC_SWITCH_CURRENT_CAPABILITIES),
    answered(OID_SRIOV_HARDWARE_CAPABILITIES),
    answered(OID_SRIOV_CURRENT_CAPABILITIES),

    // Power management
    answered(OID_PM_HARDWARE_CAPABILITIES),
    answered(OID_PM_CURRENT_CAPABILITIES),
    answered(OID_PM_WOL_PATTERN_LIST),
    answered(OID_PM_PROTOCOL_OFFLOAD_LIST),
    {.oid = OID_PM_PARAMETERS,
     .query = ndis,
     .set = ndis,
     .shape = {.structure = &pm_parameters_structure, .too_short = too_short}},
    {.oid = OID_PM_ADD_WOL_PATTERN,
     .query = nobody,
     .set = miniport,
     .shape = {.structure = &wol_pattern_structure, .too_short = too_short, .rest = check_wol_pattern},
     .since = ndis_6_20,
     .step = make_add_pattern_step},
    {.oid = OID_PM_REMOVE_WOL_PATTERN,
     .query = nobody,
     .set = miniport,
     .shape = number,
     .since = ndis_6_20,
     .step = make_remove_pattern_step},
    {.oid = OID_PM_ADD_PROTOCOL_OFFLOAD,
     .query = nobody,
     .set = miniport,
     .shape = {.structure = &protocol_offload_structure, .too_short = too_short},
     .since = ndis_6_20,
     .step = make_add_protocol_offload_step},
    {.oid = OID_PM_GET_PROTOCOL_OFFLOAD,
     .query = nobody,
     .method = miniport,
     .shape = {.length = sizeof(ULONG), .too_short = too_short},
     .since = ndis_6_20,
     .step = make_get_protocol_offload_step},
    {.oid = OID_PM_REMOVE_PROTOCOL_OFFLOAD,
     .query = nobody,
     .set = miniport,
     .shape = number,
     .since = ndis_6_20,
     .step = make_remove_protocol_offload_step},
    answered(OID_PNP_WAKE_UP_PATTERN_LIST),
    {.oid = OID_PNP_ADD_WAKE_UP_PATTERN,
     .query = nobody,
     .set = miniport,
     .shape = {.length = sizeof(NDIS_PM_PACKET_PATTERN), .rest = check_wake_up_pattern},
     .step = make_add_wake_up_pattern_step},
    {.oid = OID_PNP_REMOVE_WAKE_UP_PATTERN,
     .query = nobody,
     .set = miniport,
     .shape = {.length = sizeof(NDIS_PM_PACKET_PATTERN), .rest = check_wake_up_pattern},
     .step = make_remove_wake_up_pattern_step},
    {.oid = OID_PNP_ENABLE_WAKE_UP, .set = miniport, .shape = number},

    // Quality of service
    answered(OID_QOS_HARDWARE_CAPABILITIES),
    answered(OID_QOS_CURRENT_CAPABILITIES),
    answered(OID_QOS_OPERATIONAL_PARAMETERS),
    answered(OID_QOS_REMOTE_PARAMETERS),
    {.oid = OID_QOS_PARAMETERS,
     .query = nobody,
     .method = miniport,
     .shape = {.structure = &qos_parameters_structure, .rest = check_qos_parameters},
     .since = ndis_6_30,
     .step = make_qos_step},

    // Time stamps
    answered(OID_TIMESTAMP_CAPABILITY),
    answered(OID_TIMESTAMP_CURRENT_CONFIG),
    {.oid = OID_TIMESTAMP_GET_CROSSTIMESTAMP, .since = ndis_6_82},
};

// Sorted once by number; the table above is for people.
const std::array<const OidRule*, std::size(rules)>& sorted_rules() {
    static const auto sorted = [] {
        std::array<const OidRule*, std::size(rules)> all{};
        for (size_t i = 0; i < all.size(); i++)
            all[i] = &rules[i];
        std::ranges::sort(all, {}, &OidRule::oid);
        return all;
    }();
    return sorted;
}

void set_needed(NDIS_OID_REQUEST& request, uint32_t bytes) {
    if (request.RequestType == NdisRequestMethod)
        request.DATA.METHOD_INFORMATION.BytesNeeded = bytes;
    else
        request.DATA.SET_INFORMATION.BytesNeeded = bytes;
}

NDIS_STATUS check_shape(const Shape& shape, NDIS_OID_REQUEST& request) {
    const auto input = input_of(request);
    if (shape.length > input.size()) {
        set_needed(request, shape.length);
        return shape.too_short;
    }
    if (shape.structure != nullptr) {
        const Fitting fitting = fit(*shape.structure, input.data(), static_cast<uint32_t>(input.size()));
        if (fitting.fit == Fit::wrong)
            return shape.wrong;
        if (fitting.fit == Fit::too_short) {
            set_needed(request, fitting.needed);
            return shape.too_short;
        }
    }
    return shape.rest == nullptr ? NDIS_STATUS_SUCCESS : shape.rest(request);
}

}  // namespace

Answerer OidRule::answerer(NDIS_REQUEST_TYPE type) const {
    switch (type) {
    case NdisRequestQueryInformation:
    case NdisRequestQueryStatistics: return query;
    case NdisRequestSetInformation: return set;
    case NdisRequestMethod: return method;
    default: return nobody;
    }
}

const OidRule* rule_of(NDIS_OID oid) {
    const auto& sorted = sorted_rules();
    const auto it = std::ranges::lower_bound(sorted, oid, {}, &OidRule::oid);
    return it != sorted.end() && (*it)->oid == oid ? *it : nullptr;
}

std::span<const OidRule> oid_rules() { return rules; }

NDIS_STATUS check_oid(const Adapter& adapter, NDIS_OID_REQUEST& request, OidWay way) {
    const OidRule* rule = rule_of(oid_of(request));
    if (rule == nullptr)
        return NDIS_STATUS_SUCCESS;
    const Answerer answerer = rule->answerer(request.RequestType);
    if (answerer == nobody || rule->way != way)
        return NDIS_STATUS_NOT_SUPPORTED;
    if (answerer == miniport && adapter.driver.version < rule->since)
        return NDIS_STATUS_NOT_SUPPORTED;
    const bool brings_data = request.RequestType == NdisRequestSetInformation || request.RequestType == NdisRequestMethod;
    return brings_data ? check_shape(rule->shape, request) : NDIS_STATUS_SUCCESS;
}

}  // namespace ndiskit::ndis
