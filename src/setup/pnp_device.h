// \\.\NdiskitPnp, by which programs do to a machine what Device Manager and the lid do to Windows: a control request
// brings an action in words (pnp_action.h), or nothing to ask how the machine stands. A driver of the kit's, under
// \Driver\ndkpnp; administrators and the system may open its device.
#pragma once

#include "base/result.h"
#include "setup/description.h"

namespace ndiskit::setup {

inline constexpr const char* pnp_device_name = "\\\\.\\NdiskitPnp";
// CTL_CODE(FILE_DEVICE_UNKNOWN, 0x800, METHOD_BUFFERED, FILE_WRITE_ACCESS). In: UTF-8. Out: "+" and what the stack
// looks like now, or "-" and why it could not be done; cut off where the buffer ends.
inline constexpr uint32_t pnp_control_code = 0x22a000;

// Once a process.
void register_pnp_driver();
// The machine whose drivers have been loaded; `description` stays until stop.
Result<> start_pnp_device(const Description& description);
Result<> stop_pnp_device();

}  // namespace ndiskit::setup
