// How long the machine's tasks have worked. What processors have not worked they were idle.
#pragma once

#include "engine/engine.h"

namespace ndiskit::engine {

// Since the machine started, all tasks together; never goes back. On live the processor time that the process has
// used, on sim the virtual time during which some task did not sleep. Any task may ask, at any moment.
Time busy_time();

}  // namespace ndiskit::engine
