// Drivers that want to know of handles to processes and threads: before one is made, when they may take
// access away from handles that are not the kernel's, and after. They are asked in the order of their
// altitudes, highest first.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-obregistercallbacks
#pragma once

#include "nt/object/object.h"

namespace ndiskit::nt::object {

// As open_handle, with everybody asked and told; `from` is the handle that is duplicated, or null.
HANDLE open_filtered(void* body, ACCESS_MASK access, bool kernel_handle, bool duplicate = false);

}  // namespace ndiskit::nt::object
