// Status indications to those above an adapter (status.cpp).
#pragma once

#include "ndis/abi.h"

namespace ndiskit::ndis {

class Adapter;

// To the bindings, above all filter modules.
void status_to_bindings(Adapter& adapter, NDIS_STATUS_INDICATION& status);
// One of NDIS' own (reset start, reset end ...).
void indicate_own_status(Adapter& adapter, NDIS_STATUS code, void* buffer, uint32_t size);
// NDIS_STATUS_OPER_STATUS, when the operational status is another one than was indicated last.
void indicate_oper_status(Adapter& adapter);
// Takes the state of a new adapter down without a word.
void note_oper_status(Adapter& adapter);

}  // namespace ndiskit::ndis
