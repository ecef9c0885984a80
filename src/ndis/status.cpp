// Status indications: from a miniport to the filter modules and bindings above it. What NDIS answers queries with
// (link state, offload, power) is taken from indications on the way.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismindicatestatusex
#include <cstring>

#include "base/log.h"
#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/filter.h"
#include "ndis/misuse.h"
#include "ndis/status.h"

namespace ndiskit::ndis {

namespace {

// The least size of the buffer that a status carries, for those whose buffer NDIS reads.
size_t least_buffer(NDIS_STATUS code) {
    switch (code) {
    case NDIS_STATUS_LINK_STATE: return NDIS_SIZEOF_LINK_STATE_REVISION_1;
    case NDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG:
    case NDIS_STATUS_TASK_OFFLOAD_HARDWARE_CAPABILITIES:
    case NDIS_STATUS_PM_HARDWARE_CAPABILITIES:
    case NDIS_STATUS_HD_SPLIT_CURRENT_CONFIG:
    case NDIS_STATUS_RECEIVE_FILTER_CURRENT_CAPABILITIES:
    case NDIS_STATUS_RECEIVE_FILTER_HARDWARE_CAPABILITIES:
    case NDIS_STATUS_NIC_SWITCH_CURRENT_CAPABILITIES:
    case NDIS_STATUS_NIC_SWITCH_HARDWARE_CAPABILITIES: return sizeof(NDIS_OBJECT_HEADER);
    default: return 0;
    }
}

void check_status(const Adapter& adapter, const NDIS_STATUS_INDICATION& status) {
    const bool wrong_header = status.Header.Type != NDIS_OBJECT_TYPE_STATUS_INDICATION &&
                              status.Header.Type != NDIS_OBJECT_TYPE_DEFAULT;
    const size_t least = least_buffer(status.StatusCode);
    const bool wrong_buffer = status.StatusBufferSize < least || (least != 0 && status.StatusBuffer == nullptr) ||
                              (least != 0 && static_cast<NDIS_OBJECT_HEADER*>(status.StatusBuffer)->Size >
                                                 status.StatusBufferSize);
    if (wrong_header || wrong_buffer)
        misuse(Misuse::status_invalid_buffer, "NdisMIndicateStatusEx with a malformed indication",
               static_cast<uint32_t>(status.StatusCode), reinterpret_cast<uint64_t>(&adapter),
               reinterpret_cast<uint64_t>(status.StatusBuffer));
}

// Where the structure of an indication is kept; null for those that nobody asks for later.
HeaderedCopy Indicated::*place_of(NDIS_STATUS code) {
    switch (code) {
    case NDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG: return &Indicated::default_offload;
    case NDIS_STATUS_TASK_OFFLOAD_HARDWARE_CAPABILITIES: return &Indicated::hardware_offload;
    case NDIS_STATUS_PM_HARDWARE_CAPABILITIES: return &Indicated::pm_capabilities;
    case NDIS_STATUS_HD_SPLIT_CURRENT_CONFIG: return &Indicated::hd_split_current;
    case NDIS_STATUS_RECEIVE_FILTER_CURRENT_CAPABILITIES: return &Indicated::current_receive_filter;
    case NDIS_STATUS_RECEIVE_FILTER_HARDWARE_CAPABILITIES: return &Indicated::hardware_receive_filter;
    case NDIS_STATUS_NIC_SWITCH_CURRENT_CAPABILITIES: return &Indicated::current_nic_switch;
    case NDIS_STATUS_NIC_SWITCH_HARDWARE_CAPABILITIES: return &Indicated::hardware_nic_switch;
    default: return nullptr;
    }
}

// Those that are read in the newest form, whatever revision the miniport has.
size_t whole_size(NDIS_STATUS code) {
    switch (code) {
    case NDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG:
    case NDIS_STATUS_TASK_OFFLOAD_HARDWARE_CAPABILITIES: return sizeof(NDIS_OFFLOAD);
    case NDIS_STATUS_PM_HARDWARE_CAPABILITIES: return sizeof(NDIS_PM_CAPABILITIES);
    default: return sizeof(NDIS_OBJECT_HEADER);
    }
}

// Keeps what queries and later bindings are told.
void remember(Adapter& adapter, const NDIS_STATUS_INDICATION& status) {
    IndicatedCell& indicated = adapter.attributes.indicated;
    if (status.StatusCode == NDIS_STATUS_LINK_STATE) {
        if (status.PortNumber != NDIS_DEFAULT_PORT_NUMBER)
            return;
        NDIS_LINK_STATE link{};
        std::memcpy(&link, status.StatusBuffer, NDIS_SIZEOF_LINK_STATE_REVISION_1);
        indicated.set_link(link);
    } else if (const auto place = place_of(status.StatusCode); place != nullptr) {
        HeaderedCopy copy;
        copy.assign_at_least(status.StatusBuffer, whole_size(status.StatusCode));
        indicated.set(place, std::move(copy));
    }
}

// For a protocol of `binding` alone when the indication answers one of its OID requests.
bool is_for(const Binding& binding, const NDIS_STATUS_INDICATION& status) {
    return status.DestinationHandle == nullptr || status.DestinationHandle == &binding;
}

}  // namespace

void status_to_bindings(Adapter& adapter, NDIS_STATUS_INDICATION& status) {
    for (Binding* binding : adapter.bindings())
        if (binding->opened && is_for(*binding, status))
            binding->protocol.handlers.StatusHandlerEx(binding->context, &status);
}

void indicate_status(Adapter& adapter, NDIS_STATUS_INDICATION& status) {
    check_status(adapter, status);
    if (!adapter.initialized()) {
        log_debug("ndis", "{} indicates status 0x{:08x} before its adapter is initialised; dropped",
                  adapter.driver.name, static_cast<uint32_t>(status.StatusCode));
        return;
    }
    PassiveSection section(adapter.sections);
    remember(adapter, status);
    if (!status_to_filters(adapter, nullptr, status))
        status_to_bindings(adapter, status);
}

void indicate_own_status(Adapter& adapter, NDIS_STATUS code, void* buffer, uint32_t size) {
    NDIS_STATUS_INDICATION status{};
    status.Header.Type = NDIS_OBJECT_TYPE_STATUS_INDICATION;
    status.Header.Revision = NDIS_STATUS_INDICATION_REVISION_1;
    status.Header.Size = NDIS_SIZEOF_STATUS_INDICATION_REVISION_1;
    status.SourceHandle = &adapter;
    status.StatusCode = code;
    status.StatusBuffer = buffer;
    status.StatusBufferSize = size;
    if (!status_to_filters(adapter, nullptr, status))
        status_to_bindings(adapter, status);
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

extern "C" void NTAPI NdisMIndicateStatusEx(NDIS_HANDLE MiniportAdapterHandle, PNDIS_STATUS_INDICATION StatusIndication) {
    indicate_status(resolve<Adapter>(MiniportAdapterHandle, "NdisMIndicateStatusEx"), *StatusIndication);
}
