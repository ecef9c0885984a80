// What NDIS knows of each OID: who answers it, from which version of the miniport on it may be sent down, what its
// buffer must begin with, and what NDIS does on the way. OIDs that are not here go down as they are.
//
// A request that breaks its rule is refused with the status of the OID's page before any driver below sees it.
// https://learn.microsoft.com/windows-hardware/drivers/network/ndis-oids
#pragma once

#include "ndis/abi.h"
#include "ndis/oid_step.h"
#include "ndis/structures.h"

namespace ndiskit::ndis {

class Adapter;

enum class Answerer : uint8_t {
    nobody,    // there is no such request: NDIS_STATUS_NOT_SUPPORTED
    miniport,  // goes down the stack
    ndis       // NDIS answers; the miniport never sees it
};

// What the buffer of a set or a method request must hold.
struct Shape {
    const StructureKind* structure = nullptr;  // or
    uint32_t length = 0;                       // at least so many bytes
    NDIS_STATUS too_short = NDIS_STATUS_INVALID_LENGTH;
    NDIS_STATUS wrong = NDIS_STATUS_INVALID_PARAMETER;
    // What follows the structure; called when the structure is good.
    NDIS_STATUS (*rest)(const NDIS_OID_REQUEST& request) = nullptr;
};

// How the request is to come.
enum class OidWay : uint8_t { regular, synchronous };

struct OidRule {
    NDIS_OID oid;
    Answerer query = Answerer::miniport;
    Answerer set = Answerer::nobody;
    Answerer method = Answerer::nobody;
    Shape shape{};
    Version since = ndis_6_0;  // of the miniport, for what goes down
    StepMaker step = nullptr;
    OidWay way = OidWay::regular;

    Answerer answerer(NDIS_REQUEST_TYPE type) const;
};

// Null for an OID that NDIS knows nothing of.
const OidRule* rule_of(NDIS_OID oid);
std::span<const OidRule> oid_rules();

// NDIS_STATUS_SUCCESS when the request may go its way; otherwise what it is refused with.
NDIS_STATUS check_oid(const Adapter& adapter, NDIS_OID_REQUEST& request, OidWay way);

}  // namespace ndiskit::ndis
