// Hardware resources that drivers of devices without Plug and Play claim: ports, memory, interrupts,
// channels. What one owner has, no other gets, unless both share it.
#pragma once

#include "nt/abi.h"
#include "nt/abi/hal.h"

namespace ndiskit::nt::io {

// Replaces what `owner` (a driver or device object) has. STATUS_CONFLICTING_ADDRESSES when another has part
// of it, and STATUS_UNSUCCESSFUL when the list does not lie inside its size; then the owner keeps what it
// had.
NTSTATUS claim_resources(const void* owner, const CM_RESOURCE_LIST& list, size_t size);

}  // namespace ndiskit::nt::io
