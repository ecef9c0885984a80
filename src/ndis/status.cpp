// Status indications: from a miniport to the filter modules and bindings above it. What NDIS answers queries with
// (link state, offload, power) is taken from indications on the way.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismindicatestatusex
#include "base/log.h"
#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/filter.h"
#include "ndis/misuse.h"
#include "ndis/adapter_ports.h"
#include "ndis/oid_answers.h"
#include "ndis/status.h"
#include "ndis/status_rules.h"
#include "ndis/wake_user.h"
#include "ndis/wmi.h"

namespace ndiskit::ndis {

namespace {

void check_status(const Adapter& adapter, const NDIS_STATUS_INDICATION& status, const StatusRule* rule) {
    const bool wrong_header = status.Header.Type != NDIS_OBJECT_TYPE_STATUS_INDICATION &&
                              status.Header.Type != NDIS_OBJECT_TYPE_DEFAULT;
    const size_t least = rule != nullptr ? rule->least : 0;
    const bool headed = least >= sizeof(NDIS_OBJECT_HEADER) && status.StatusBuffer != nullptr;
    const bool wrong_buffer = status.StatusBufferSize < least || (least != 0 && status.StatusBuffer == nullptr) ||
                              (headed && static_cast<NDIS_OBJECT_HEADER*>(status.StatusBuffer)->Size >
                                             status.StatusBufferSize && rule->place != nullptr);
    if (wrong_header || wrong_buffer)
        misuse(Misuse::status_invalid_buffer, "NdisMIndicateStatusEx with a malformed indication",
               static_cast<uint32_t>(status.StatusCode), reinterpret_cast<uint64_t>(&adapter),
               reinterpret_cast<uint64_t>(status.StatusBuffer));
}

// Keeps what queries and later bindings are told.
void remember(Adapter& adapter, const NDIS_STATUS_INDICATION& status, const StatusRule& rule) {
    if (rule.remember != nullptr)
        rule.remember(adapter, status);
    if (rule.place == nullptr)
        return;
    HeaderedCopy copy;
    copy.assign_at_least(status.StatusBuffer, rule.whole);
    adapter.attributes.indicated.set(rule.place, std::move(copy));
}

// For the protocol of `binding` alone when the indication answers one of its OID requests.
bool is_for(const Binding& binding, const NDIS_STATUS_INDICATION& status) {
    return status.DestinationHandle == nullptr || status.DestinationHandle == &binding;
}

}  // namespace

void status_to_bindings(Adapter& adapter, NDIS_STATUS_INDICATION& status) {
    for (Binding* binding : adapter.bindings()) {
        const auto handler = binding->protocol.handlers.StatusHandlerEx;  // a protocol need not have one
        if (handler != nullptr && binding->opened && is_for(*binding, status))
            handler(binding->context, &status);
    }
}

namespace {

void pass_up(Adapter& adapter, NDIS_STATUS_INDICATION& status) {
    if (!status_to_filters(adapter, nullptr, status))
        status_to_bindings(adapter, status);
}

// An NDIS 5 miniport's word for the link, in NDIS 6's.
void indicate_translated(Adapter& adapter, bool connected) {
    NDIS_LINK_STATE link = adapter.attributes.indicated.link();
    link.MediaConnectState = connected ? MediaConnectStateConnected : MediaConnectStateDisconnected;
    adapter.attributes.indicated.set_link(link);
    indicate_own_status(adapter, NDIS_STATUS_LINK_STATE, &link, sizeof(link));
}

// What NDIS says itself because of what the miniport said.
void indicate_consequences(Adapter& adapter, NDIS_STATUS code) {
    if (code == NDIS_STATUS_LINK_STATE || code == NDIS_STATUS_MEDIA_CONNECT || code == NDIS_STATUS_MEDIA_DISCONNECT)
        indicate_oper_status(adapter);
    if (code != NDIS_STATUS_PM_HARDWARE_CAPABILITIES)
        return;
    const HeaderedCopy capabilities = current_pm_capabilities(adapter);
    auto* structure = capabilities.get<NDIS_PM_CAPABILITIES>();
    indicate_own_status(adapter, NDIS_STATUS_PM_CAPABILITIES_CHANGE, structure, structure->Header.Size);
}

}  // namespace

void indicate_status(Adapter& adapter, NDIS_STATUS_INDICATION& status) {
    const StatusRule* rule = status_rule_of(status.StatusCode);
    check_status(adapter, status, rule);
    if (rule != nullptr && rule->fate == StatusFate::refuse) {
        log_error("ndis", "{} indicates status 0x{:08x}, which NDIS alone indicates; dropped", adapter.driver.name,
                  static_cast<uint32_t>(status.StatusCode));
        return;
    }
    if (status.PortNumber != NDIS_DEFAULT_PORT_NUMBER && !is_port_active(adapter, status.PortNumber)) {
        log_debug("ndis", "{} indicates status 0x{:08x} for port {}, which is not active; dropped",
                  adapter.driver.name, static_cast<uint32_t>(status.StatusCode), status.PortNumber);
        return;
    }
    PassiveSection section(adapter.sections);
    if (status.StatusCode == NDIS_STATUS_LINK_STATE)
        adapter.suspend.signal_wake();
    if (rule != nullptr)
        remember(adapter, status, *rule);
    if (!adapter.initialized()) {
        log_debug("ndis", "{} indicates status 0x{:08x} before its adapter is initialised; not passed up",
                  adapter.driver.name, static_cast<uint32_t>(status.StatusCode));
        return;
    }
    if (rule != nullptr && rule->fate == StatusFate::translate)
        indicate_translated(adapter, status.StatusCode == NDIS_STATUS_MEDIA_CONNECT);
    else
        pass_up(adapter, status);
    status_to_wmi(adapter, status);
    indicate_consequences(adapter, status.StatusCode);
}

namespace {

// Makes a state the one of the moment; false when it is that already.
bool enter(Adapter& adapter, NET_IF_OPER_STATUS status) {
    if (adapter.oper_status.exchange(status) == status)
        return false;
    LARGE_INTEGER now{};
    NdisGetSystemUpTimeEx(&now);
    adapter.oper_status_since = static_cast<uint64_t>(now.QuadPart);
    return true;
}

}  // namespace

void note_oper_status(Adapter& adapter) { enter(adapter, oper_state_of(adapter).OperationalStatus); }

void indicate_oper_status(Adapter& adapter) {
    NDIS_OPER_STATE state = oper_state_of(adapter);
    if (enter(adapter, state.OperationalStatus))
        indicate_own_status(adapter, NDIS_STATUS_OPER_STATUS, &state, sizeof(state));
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
    status_to_wmi(adapter, status);
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

extern "C" void NTAPI NdisMIndicateStatusEx(NDIS_HANDLE MiniportAdapterHandle, PNDIS_STATUS_INDICATION StatusIndication) {
    indicate_status(resolve<Adapter>(MiniportAdapterHandle, "NdisMIndicateStatusEx"), *StatusIndication);
}
