#include "engine/busy_time.h"

#include <ctime>

#include "engine/sim/sim_engine.h"

namespace ndiskit::engine {

Time busy_time() {
    if (the().deterministic()) return static_cast<SimEngine&>(the()).busy_time();
    timespec used{};
    ::clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return used.tv_sec * second + used.tv_nsec;
}

}  // namespace ndiskit::engine
