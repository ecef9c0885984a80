// The system process, the only one: kernel threads and, through requests, programs of the host act in it.
#pragma once

#include <cstdint>

#include "nt/abi.h"

namespace ndiskit::nt::ke {

constexpr uint64_t system_process_id = 4;

// A dispatcher object, never signalled; what PEPROCESS of the system process points to.
PEPROCESS system_process();

}  // namespace ndiskit::nt::ke
