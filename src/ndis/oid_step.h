// What NDIS does on a request's way: just before the highest layer of the stack gets it, and when the stack is done
// with it. Requests of bindings only; a filter module's own requests go down as they are.
//
// A step may put another buffer, or another OID, in the request while the stack has it, and must restore both.
#pragma once

#include <memory>

#include "ndis/abi.h"

namespace ndiskit::ndis {

class Binding;

class OidStep {
  public:
    virtual ~OidStep() = default;
    // Anything but NDIS_STATUS_SUCCESS is the answer, and the request does not go down.
    virtual NDIS_STATUS begin(Binding& binding, NDIS_OID_REQUEST& request) = 0;
    // `status` is what the stack says; the result is what the requester is told.
    virtual NDIS_STATUS end(Binding& binding, NDIS_OID_REQUEST& request, NDIS_STATUS status) = 0;
};

// Null when the request goes down as it is.
using StepMaker = std::unique_ptr<OidStep> (*)(Binding& binding, const NDIS_OID_REQUEST& request);

template <class Step>
std::unique_ptr<OidStep> make_step(Binding&, const NDIS_OID_REQUEST&) {
    return std::make_unique<Step>();
}

}  // namespace ndiskit::ndis
