// What NDIS does with a status that a miniport indicates, beside passing it up: how large its buffer must be, where
// its structure is kept for queries and later bindings, and which are NDIS' own.
// https://learn.microsoft.com/windows-hardware/drivers/network/ndis-status-indications2
#pragma once

#include "ndis/abi.h"
#include "ndis/attributes.h"

namespace ndiskit::ndis {

class Adapter;

enum class StatusFate : uint8_t {
    pass,       // goes up, after NDIS has taken what it keeps
    translate,  // an NDIS 5 status: goes up as NDIS_STATUS_LINK_STATE
    refuse      // NDIS alone indicates it
};

struct StatusRule {
    NDIS_STATUS code;
    size_t least;                                // bytes of the buffer
    HeaderedCopy Indicated::*place = nullptr;    // where the structure is kept
    size_t whole = sizeof(NDIS_OBJECT_HEADER);   // kept with so many bytes at least
    void (*remember)(Adapter& adapter, const NDIS_STATUS_INDICATION& status) = nullptr;
    StatusFate fate = StatusFate::pass;
};

// Null for a status that NDIS only passes on.
const StatusRule* status_rule_of(NDIS_STATUS code);

}  // namespace ndiskit::ndis
