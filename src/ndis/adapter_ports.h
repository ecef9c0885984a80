// Ports of a miniport adapter: the default port 0, and those that the miniport allocates and activates.
// https://learn.microsoft.com/windows-hardware/drivers/network/ndis-ports
#pragma once

#include <vector>

#include "ndis/abi.h"
#include "ndis/oid_step.h"

namespace ndiskit::ndis {

class Adapter;

// What MiniportInitializeEx is told: nothing is controlled, everything is authorised.
NDIS_PORT_AUTHENTICATION_PARAMETERS default_port_authentication();

// A NetEventPortActivation or -Deactivation (a list of NDIS_PORT, or of port numbers): whether it may be, then the change
// of the ports, on the data path too. When it is the default port, protocols are bound or unbound in the background.
NDIS_STATUS check_port_event(const Adapter& adapter, const NET_PNP_EVENT_NOTIFICATION& event, bool activate);
void set_ports_active(Adapter& adapter, const NET_PNP_EVENT_NOTIFICATION& event, bool activate);

// An inactive port carries no data, makes no status indication and takes no OID request.
bool is_port_active(const Adapter& adapter, NDIS_PORT_NUMBER number);

// The numbers of the active ports, for the data path.
std::vector<NDIS_PORT_NUMBER> active_port_numbers(const Adapter& adapter);

// The active ports, linked as a list in order; the default port first unless the miniport controls it.
std::vector<NDIS_PORT> active_ports(const Adapter& adapter);

// NDIS_STATUS_PORT_STATE of the miniport: the state of the port that it names.
void remember_port_state(Adapter& adapter, const NDIS_STATUS_INDICATION& status);

// OID_GEN_PORT_AUTHENTICATION_PARAMETERS: for an active port only; what is set is the port's state from then on.
std::unique_ptr<OidStep> make_port_authentication_step(Binding& binding, const NDIS_OID_REQUEST& request);

// Answers to OID_GEN_PORT_STATE and OID_GEN_ENUMERATE_PORTS.
NDIS_STATUS put_port_state(const Adapter& adapter, NDIS_OID_REQUEST& request);
NDIS_STATUS put_ports(const Adapter& adapter, NDIS_OID_REQUEST& request);

}  // namespace ndiskit::ndis
