// Selective suspend: a miniport may register handlers for it, and NDIS, which never finds an adapter idle here, does
// not call them.
// https://learn.microsoft.com/windows-hardware/drivers/network/ndis-selective-suspend
#pragma once

#include "ndis/abi.h"

namespace ndiskit::ndis {

// NDIS_STATUS_BAD_CHARACTERISTICS unless both handlers are there.
NDIS_STATUS take_suspend_handlers(const NDIS_MINIPORT_SS_CHARACTERISTICS& given);

}  // namespace ndiskit::ndis
