// The machine's side of machine_process.h: runs it and answers over the socket.
#pragma once

#include "cli/machine_process.h"

namespace ndiskit::cli {

// In the process that is to be the machine. Returns the exit status of the process.
int serve_machine(const MachineRun& run, int socket);

}  // namespace ndiskit::cli
