// The single counters (OID_GEN_BYTES_RCV ...), which NDIS 6 miniports are not asked for: NDIS asks for
// OID_GEN_STATISTICS and gives out the member.
// https://learn.microsoft.com/windows-hardware/drivers/network/oid-gen-statistics
#pragma once

#include "ndis/oid_step.h"

namespace ndiskit::ndis {

// Null for a counter that the miniport lists among its OIDs and is asked for itself, as it may with OID_GEN_XMIT_OK
// and OID_GEN_RCV_OK.
std::unique_ptr<OidStep> make_statistic_step(Binding& binding, const NDIS_OID_REQUEST& request);

}  // namespace ndiskit::ndis
