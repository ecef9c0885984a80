// Status indications to those above an adapter (status.cpp).
#pragma once

#include "ndis/abi.h"

namespace ndiskit::ndis {

class Adapter;

// To the bindings, above all filter modules.
void status_to_bindings(Adapter& adapter, NDIS_STATUS_INDICATION& status);
// One of NDIS' own (reset start, reset end ...).
void indicate_own_status(Adapter& adapter, NDIS_STATUS code, void* buffer, uint32_t size);

}  // namespace ndiskit::ndis
