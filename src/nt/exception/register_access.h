// Accesses of drivers to registers of simulated devices: mapped ones fault as pages that nobody may touch,
// ports as instructions of ring 0.
#pragma once

#include "nt/exception/fault.h"

namespace ndiskit::nt::exception {

// Carries out an access to mapped registers and goes on behind it. Comes back when the address is no
// register's. An instruction that it does not know is bug checked with its name.
void emulate_register_access(Fault& fault);
// The same for `in`, `out` and their string forms. Comes back when no device has the port.
void emulate_port_access(Fault& fault);

}  // namespace ndiskit::nt::exception
