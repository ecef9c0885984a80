// Quality of service (data center bridging): NDIS checks the local parameters, and answers what the miniport last
// indicated as operational and remote ones.
// https://learn.microsoft.com/windows-hardware/drivers/network/overview-of-ndis-qos-parameters
#pragma once

#include "ndis/abi.h"
#include "ndis/oid_step.h"

namespace ndiskit::ndis {

class Adapter;

std::unique_ptr<OidStep> make_qos_step(Binding&, const NDIS_OID_REQUEST&);
NDIS_STATUS check_qos_parameters(const NDIS_OID_REQUEST& request);

// False when the request is none about QoS.
bool answer_qos(const Adapter& adapter, NDIS_OID_REQUEST& request, NDIS_STATUS& status);

}  // namespace ndiskit::ndis
