// The table of statuses that NDIS reads.
#include "ndis/status_rules.h"

#include <algorithm>
#include <cstring>

#include "ndis/adapter.h"
#include "ndis/adapter_ports.h"
#include "ndis/receive_filters.h"
#include "ndis/settings.h"
#include "ndis/task_offload.h"
#include "ndis/wake.h"

namespace ndiskit::ndis {

namespace {

using enum StatusFate;

constexpr size_t headed = sizeof(NDIS_OBJECT_HEADER);

// A structure that is kept as it comes.
constexpr StatusRule kept(NDIS_STATUS code, HeaderedCopy Indicated::*place, size_t whole = headed) {
    return {.code = code, .least = headed, .place = place, .whole = whole};
}
constexpr StatusRule refused(NDIS_STATUS code) { return {.code = code, .least = 0, .fate = refuse}; }
constexpr StatusRule translated(NDIS_STATUS code) { return {.code = code, .least = 0, .fate = translate}; }

// Of the default port only; another port's state is in NDIS_STATUS_PORT_STATE.
void remember_link(Adapter& adapter, const NDIS_STATUS_INDICATION& status) {
    if (status.PortNumber != NDIS_DEFAULT_PORT_NUMBER)
        return;
    NDIS_LINK_STATE link{};
    std::memcpy(&link, status.StatusBuffer, NDIS_SIZEOF_LINK_STATE_REVISION_1);
    adapter.attributes.indicated.set_link(link);
}

const StatusRule rules[] = {
    {.code = NDIS_STATUS_LINK_STATE, .least = NDIS_SIZEOF_LINK_STATE_REVISION_1, .remember = remember_link},
    {.code = NDIS_STATUS_PORT_STATE, .least = NDIS_SIZEOF_PORT_STATE_REVISION_1, .remember = remember_port_state},
    kept(NDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG, &Indicated::default_offload, sizeof(NDIS_OFFLOAD)),
    kept(NDIS_STATUS_TASK_OFFLOAD_HARDWARE_CAPABILITIES, &Indicated::hardware_offload, sizeof(NDIS_OFFLOAD)),
    kept(NDIS_STATUS_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES, &Indicated::hardware_connection_offload),
    {.code = NDIS_STATUS_OFFLOAD_ENCASPULATION_CHANGE,
     .least = sizeof(NDIS_OFFLOAD_ENCAPSULATION),
     .remember = remember_encapsulation},
    kept(NDIS_STATUS_PM_HARDWARE_CAPABILITIES, &Indicated::pm_capabilities, sizeof(NDIS_PM_CAPABILITIES)),
    kept(NDIS_STATUS_PM_CAPABILITIES_CHANGE, &Indicated::pm_capabilities, sizeof(NDIS_PM_CAPABILITIES)),
    kept(NDIS_STATUS_HD_SPLIT_CURRENT_CONFIG, &Indicated::hd_split_current),
    kept(NDIS_STATUS_RECEIVE_FILTER_CURRENT_CAPABILITIES, &Indicated::current_receive_filter,
         sizeof(NDIS_RECEIVE_FILTER_CAPABILITIES)),
    kept(NDIS_STATUS_RECEIVE_FILTER_HARDWARE_CAPABILITIES, &Indicated::hardware_receive_filter,
         sizeof(NDIS_RECEIVE_FILTER_CAPABILITIES)),
    kept(NDIS_STATUS_NIC_SWITCH_CURRENT_CAPABILITIES, &Indicated::current_nic_switch,
         sizeof(NDIS_NIC_SWITCH_CAPABILITIES)),
    kept(NDIS_STATUS_NIC_SWITCH_HARDWARE_CAPABILITIES, &Indicated::hardware_nic_switch,
         sizeof(NDIS_NIC_SWITCH_CAPABILITIES)),
    kept(NDIS_STATUS_QOS_OPERATIONAL_PARAMETERS_CHANGE, &Indicated::qos_operational),
    kept(NDIS_STATUS_QOS_REMOTE_PARAMETERS_CHANGE, &Indicated::qos_remote),
    kept(NDIS_STATUS_TIMESTAMP_CAPABILITY, &Indicated::timestamp_capability),
    kept(NDIS_STATUS_TIMESTAMP_CURRENT_CONFIG, &Indicated::timestamp_current),
    {.code = NDIS_STATUS_RECEIVE_QUEUE_STATE,
     .least = NDIS_SIZEOF_NDIS_RECEIVE_QUEUE_STATE_REVISION_1,
     .remember = remember_queue_status},
    {.code = NDIS_STATUS_RECEIVE_FILTER_QUEUE_PARAMETERS,
     .least = NDIS_SIZEOF_RECEIVE_QUEUE_PARAMETERS_REVISION_1,
     .remember = remember_queue_status},
    {.code = NDIS_STATUS_PM_WOL_PATTERN_REJECTED, .least = sizeof(ULONG), .remember = remember_rejection},
    {.code = NDIS_STATUS_PM_OFFLOAD_REJECTED, .least = sizeof(ULONG), .remember = remember_rejection},
    translated(NDIS_STATUS_MEDIA_CONNECT),
    translated(NDIS_STATUS_MEDIA_DISCONNECT),
    refused(NDIS_STATUS_RESET_START),
    refused(NDIS_STATUS_RESET_END),
    refused(NDIS_STATUS_OPER_STATUS),
};

}  // namespace

const StatusRule* status_rule_of(NDIS_STATUS code) {
    const auto rule = std::ranges::find(rules, code, &StatusRule::code);
    return rule == std::end(rules) ? nullptr : rule;
}

}  // namespace ndiskit::ndis
