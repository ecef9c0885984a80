// Ports.
#include "ndis/adapter_ports.h"

#include <algorithm>
#include <cstring>

#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/misuse.h"
#include "ndis/oid_buffer.h"
#include "ndis/pnp_work.h"

namespace ndiskit::ndis {

namespace {

NDIS_PORT_CHARACTERISTICS default_port(const Adapter& adapter) {
    NDIS_PORT_CHARACTERISTICS c{};
    c.Header.Type = NDIS_OBJECT_TYPE_PORT_CHARACTERISTICS;
    c.Header.Revision = NDIS_PORT_CHARACTERISTICS_REVISION_1;
    c.Header.Size = NDIS_SIZEOF_PORT_CHARACTERISTICS_REVISION_1;
    c.PortNumber = NDIS_DEFAULT_PORT_NUMBER;
    c.Type = NdisPortTypeUndefined;
    const NDIS_LINK_STATE link = adapter.attributes.indicated.link();
    c.MediaConnectState = link.MediaConnectState;
    c.XmitLinkSpeed = link.XmitLinkSpeed;
    c.RcvLinkSpeed = link.RcvLinkSpeed;
    c.Direction = adapter.attributes.general.DirectionType;
    c.SendControlState = NdisPortControlStateUncontrolled;
    c.RcvControlState = NdisPortControlStateUncontrolled;
    c.SendAuthorizationState = NdisPortAuthorized;
    c.RcvAuthorizationState = NdisPortAuthorized;
    return c;
}

bool controls_default_port(const Adapter& adapter) {
    return adapter.attributes.registration.AttributeFlags & NDIS_MINIPORT_ATTRIBUTES_CONTROLS_DEFAULT_PORT;
}

std::vector<NDIS_PORT_CHARACTERISTICS> active(const Adapter& adapter) {
    std::vector<NDIS_PORT_CHARACTERISTICS> list;
    adapter.ports.with([&](const auto& ports) {
        const auto it = std::ranges::find(ports, NDIS_DEFAULT_PORT_NUMBER,
                                          [](const Port& p) { return p.characteristics.PortNumber; });
        if (it != ports.end() ? it->active : !controls_default_port(adapter))
            list.push_back(default_port(adapter));
        for (const Port& port : ports)
            if (port.active && port.characteristics.PortNumber != NDIS_DEFAULT_PORT_NUMBER)
                list.push_back(port.characteristics);
    });
    return list;
}

NDIS_STATUS allocate_port(Adapter& adapter, NDIS_PORT_CHARACTERISTICS& given) {
    if (given.Header.Size < NDIS_SIZEOF_PORT_CHARACTERISTICS_REVISION_1)
        return NDIS_STATUS_INVALID_DATA;
    return adapter.ports.with([&](auto& ports) {
        NDIS_PORT_NUMBER number = 1;
        while (std::ranges::any_of(ports, [&](const Port& p) { return p.characteristics.PortNumber == number; }))
            number++;
        if (number >= NDIS_MAXIMUM_PORTS)
            return NDIS_STATUS_RESOURCES;
        given.PortNumber = number;
        ports.push_back({.characteristics = given, .active = false});
        return NDIS_STATUS_SUCCESS;
    });
}

template <class Ports>
auto* find(Ports& ports, NDIS_PORT_NUMBER number) {
    const auto it = std::ranges::find(ports, number, [](const Port& p) { return p.characteristics.PortNumber; });
    return it == ports.end() ? nullptr : &*it;
}

NDIS_STATUS free_port(Adapter& adapter, NDIS_PORT_NUMBER number) {
    // The default port is nobody's to free, whoever activates it.
    if (number == NDIS_DEFAULT_PORT_NUMBER || number >= NDIS_MAXIMUM_PORTS)
        return NDIS_STATUS_INVALID_DATA;
    return adapter.ports.with([&](auto& ports) {
        const Port* port = find(ports, number);
        if (port == nullptr)
            return NDIS_STATUS_INVALID_PORT;
        if (port->active)
            return NDIS_STATUS_INVALID_PORT_STATE;
        ports.erase(ports.begin() + (port - ports.data()));
        return NDIS_STATUS_SUCCESS;
    });
}

// The numbers of an activation (a linked list of NDIS_PORT) or a deactivation (an array of port numbers).
std::vector<NDIS_PORT_NUMBER> ports_of(const NET_PNP_EVENT& event, bool activate) {
    std::vector<NDIS_PORT_NUMBER> numbers;
    if (activate) {
        for (auto* port = static_cast<const NDIS_PORT*>(event.Buffer); port != nullptr; port = port->Next)
            numbers.push_back(port->PortCharacteristics.PortNumber);
    } else if (event.Buffer != nullptr) {
        const auto* first = static_cast<const NDIS_PORT_NUMBER*>(event.Buffer);
        numbers.assign(first, first + event.BufferLength / sizeof(NDIS_PORT_NUMBER));
    }
    return numbers;
}

}  // namespace

NDIS_PORT_AUTHENTICATION_PARAMETERS default_port_authentication() {
    NDIS_PORT_AUTHENTICATION_PARAMETERS p{};
    p.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    p.Header.Revision = NDIS_PORT_AUTHENTICATION_PARAMETERS_REVISION_1;
    p.Header.Size = NDIS_SIZEOF_PORT_AUTHENTICATION_PARAMETERS_REVISION_1;
    p.SendControlState = NdisPortControlStateUncontrolled;
    p.RcvControlState = NdisPortControlStateUncontrolled;
    p.SendAuthorizationState = NdisPortAuthorized;
    p.RcvAuthorizationState = NdisPortAuthorized;
    return p;
}

// All or none of them change.
NDIS_STATUS check_port_event(const Adapter& adapter, const NET_PNP_EVENT_NOTIFICATION& event, bool activate) {
    const NET_PNP_EVENT& e = event.NetPnPEvent;
    if (e.Buffer == nullptr || e.BufferLength == 0)
        return NDIS_STATUS_INVALID_PARAMETER;
    const std::vector<NDIS_PORT_NUMBER> numbers = ports_of(e, activate);
    // The default port comes alone.
    if (numbers.empty() || (numbers.size() > 1 && std::ranges::count(numbers, NDIS_DEFAULT_PORT_NUMBER) != 0))
        return NDIS_STATUS_INVALID_PORT;
    const bool default_active = is_port_active(adapter, NDIS_DEFAULT_PORT_NUMBER);
    return adapter.ports.with([&](const auto& ports) {
        for (const NDIS_PORT_NUMBER number : numbers) {
            const Port* port = find(ports, number);
            if (port == nullptr && number != NDIS_DEFAULT_PORT_NUMBER)
                return NDIS_STATUS_INVALID_PORT;
            if ((port != nullptr ? port->active : default_active) == activate)
                return NDIS_STATUS_INVALID_PORT_STATE;
        }
        return NDIS_STATUS_SUCCESS;
    });
}

void set_ports_active(Adapter& adapter, const NET_PNP_EVENT_NOTIFICATION& event, bool activate) {
    const std::vector<NDIS_PORT_NUMBER> numbers = ports_of(event.NetPnPEvent, activate);
    adapter.ports.with([&](auto& ports) {
        for (const NDIS_PORT_NUMBER number : numbers) {
            // The default port is there without being allocated.
            if (Port* port = find(ports, number))
                port->active = activate;
            else
                ports.push_back({.characteristics = {}, .active = activate});
        }
    });
    adapter.publish_route();
    if (numbers.front() == NDIS_DEFAULT_PORT_NUMBER)
        queue_pnp_work([adapter = &adapter] {
            PnpHold hold(adapter->pnp);
            if (adapter->mark == Handle::live && adapter->initialized())
                reconcile_adapter(*adapter);
        });
}

bool is_port_active(const Adapter& adapter, NDIS_PORT_NUMBER number) {
    return adapter.ports.with([&](const auto& ports) {
        for (const Port& port : ports)
            if (port.characteristics.PortNumber == number)
                return port.active;
        return number == NDIS_DEFAULT_PORT_NUMBER && !controls_default_port(adapter);
    });
}

std::vector<NDIS_PORT_NUMBER> active_port_numbers(const Adapter& adapter) {
    std::vector<NDIS_PORT_NUMBER> numbers;
    for (const auto& characteristics : active(adapter))
        numbers.push_back(characteristics.PortNumber);
    return numbers;
}

std::vector<NDIS_PORT> active_ports(const Adapter& adapter) {
    std::vector<NDIS_PORT> list;
    for (const auto& characteristics : active(adapter)) {
        NDIS_PORT port{};
        port.PortCharacteristics = characteristics;
        list.push_back(port);
    }
    for (size_t i = 0; i + 1 < list.size(); i++)
        list[i].Next = &list[i + 1];
    return list;
}

namespace {

template <class Change>
void change_port(Adapter& adapter, NDIS_PORT_NUMBER number, Change change) {
    adapter.ports.with([&](auto& ports) {
        for (Port& port : ports)
            if (port.characteristics.PortNumber == number)
                change(port.characteristics);
    });
}

class SetAuthentication : public OidStep {
  public:
    NDIS_STATUS begin(Binding& binding, NDIS_OID_REQUEST& request) override {
        const auto list = active(binding.adapter);
        const bool there = std::ranges::any_of(
            list, [&](const NDIS_PORT_CHARACTERISTICS& c) { return c.PortNumber == request.PortNumber; });
        return there ? NDIS_STATUS_SUCCESS : NDIS_STATUS_INVALID_PORT;
    }
    NDIS_STATUS end(Binding& binding, NDIS_OID_REQUEST& request, NDIS_STATUS status) override {
        if (status != NDIS_STATUS_SUCCESS)
            return status;
        const auto given = read_input<NDIS_PORT_AUTHENTICATION_PARAMETERS>(request);
        change_port(binding.adapter, request.PortNumber, [&](NDIS_PORT_CHARACTERISTICS& c) {
            c.SendControlState = given.SendControlState;
            c.RcvControlState = given.RcvControlState;
            c.SendAuthorizationState = given.SendAuthorizationState;
            c.RcvAuthorizationState = given.RcvAuthorizationState;
        });
        return status;
    }
};

}  // namespace

std::unique_ptr<OidStep> make_port_authentication_step(Binding&, const NDIS_OID_REQUEST&) {
    return std::make_unique<SetAuthentication>();
}

void remember_port_state(Adapter& adapter, const NDIS_STATUS_INDICATION& status) {
    NDIS_PORT_STATE state{};
    std::memcpy(&state, status.StatusBuffer, NDIS_SIZEOF_PORT_STATE_REVISION_1);
    change_port(adapter, status.PortNumber, [&](NDIS_PORT_CHARACTERISTICS& c) {
        c.MediaConnectState = state.MediaConnectState;
        c.XmitLinkSpeed = state.XmitLinkSpeed;
        c.RcvLinkSpeed = state.RcvLinkSpeed;
        c.Direction = state.Direction;
        c.SendControlState = state.SendControlState;
        c.RcvControlState = state.RcvControlState;
        c.SendAuthorizationState = state.SendAuthorizationState;
        c.RcvAuthorizationState = state.RcvAuthorizationState;
    });
}

NDIS_STATUS put_port_state(const Adapter& adapter, NDIS_OID_REQUEST& request) {
    auto& q = request.DATA.QUERY_INFORMATION;
    const auto list = active(adapter);
    const auto it = std::ranges::find(list, request.PortNumber, &NDIS_PORT_CHARACTERISTICS::PortNumber);
    if (it == list.end())
        return NDIS_STATUS_INVALID_PORT;
    q.BytesNeeded = sizeof(NDIS_PORT_STATE);
    if (q.InformationBufferLength < sizeof(NDIS_PORT_STATE))
        return NDIS_STATUS_BUFFER_TOO_SHORT;
    NDIS_PORT_STATE state{};
    state.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    state.Header.Revision = NDIS_PORT_STATE_REVISION_1;
    state.Header.Size = NDIS_SIZEOF_PORT_STATE_REVISION_1;
    state.MediaConnectState = it->MediaConnectState;
    state.XmitLinkSpeed = it->XmitLinkSpeed;
    state.RcvLinkSpeed = it->RcvLinkSpeed;
    state.Direction = it->Direction;
    state.SendControlState = it->SendControlState;
    state.RcvControlState = it->RcvControlState;
    state.SendAuthorizationState = it->SendAuthorizationState;
    state.RcvAuthorizationState = it->RcvAuthorizationState;
    std::memcpy(q.InformationBuffer, &state, sizeof(state));
    q.BytesWritten = sizeof(state);
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS put_ports(const Adapter& adapter, NDIS_OID_REQUEST& request) {
    auto& q = request.DATA.QUERY_INFORMATION;
    const auto list = active(adapter);
    const size_t first = FIELD_OFFSET(NDIS_PORT_ARRAY, Ports);
    const size_t size = first + list.size() * sizeof(NDIS_PORT_CHARACTERISTICS);
    q.BytesNeeded = static_cast<ULONG>(size);
    if (q.InformationBufferLength < size)
        return NDIS_STATUS_BUFFER_TOO_SHORT;
    auto* array = static_cast<NDIS_PORT_ARRAY*>(q.InformationBuffer);
    std::memset(array, 0, first);
    array->Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    array->Header.Revision = NDIS_PORT_ARRAY_REVISION_1;
    array->Header.Size = NDIS_SIZEOF_PORT_ARRAY_REVISION_1;
    array->NumberOfPorts = static_cast<ULONG>(list.size());
    array->OffsetFirstPort = static_cast<ULONG>(first);
    array->ElementSize = sizeof(NDIS_PORT_CHARACTERISTICS);
    std::memcpy(reinterpret_cast<std::byte*>(array) + first, list.data(), size - first);
    q.BytesWritten = static_cast<ULONG>(size);
    return NDIS_STATUS_SUCCESS;
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismallocateport
extern "C" NDIS_STATUS NTAPI NdisMAllocatePort(NDIS_HANDLE NdisMiniportHandle,
                                               PNDIS_PORT_CHARACTERISTICS PortCharacteristics) {
    return allocate_port(resolve<Adapter>(NdisMiniportHandle, "NdisMAllocatePort"), *PortCharacteristics);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismfreeport
extern "C" NDIS_STATUS NTAPI NdisMFreePort(NDIS_HANDLE NdisMiniportHandle, NDIS_PORT_NUMBER PortNumber) {
    return free_port(resolve<Adapter>(NdisMiniportHandle, "NdisMFreePort"), PortNumber);
}
