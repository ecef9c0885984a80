// What NDIS answers itself (oid_answers.cpp), by chapter.
#pragma once

#include "ndis/abi.h"
#include "ndis/versions.h"

namespace ndiskit::ndis {

class Adapter;
class Binding;

// Who asks: a binding, or null for a filter module or a program; and the NDIS version that the answer is for.
struct Asker {
    Binding* binding;
    Version version;
};

// Whether NDIS answers this request; if so `status` is the answer.
bool answer_oid(const Adapter& adapter, const Asker& asker, NDIS_OID_REQUEST& request, NDIS_STATUS& status);

// What the network interface of an adapter is asked (interface_answers.cpp). False when the OID is none of them.
bool answer_interface(const Adapter& adapter, NDIS_OID_REQUEST& request, NDIS_STATUS& status);

// The operational state of an adapter's interface.
NDIS_OPER_STATE oper_state_of(const Adapter& adapter);

}  // namespace ndiskit::ndis
