// The types of ndis.h in the host: NT's base types in explicit widths (nt/abi.h), then the kit's own ndis.h at its
// newest level with both the miniport's and the protocol's side visible.
#pragma once

#include "nt/abi.h"

#include <ndis.h>
