// The workload that the kit makes itself ([[traffic]] of a machine file): numbered frames between memory
// edges, each compared on arrival. A flow is intact when every frame came once, in order and unchanged; one that
// may lose frames, when all were sent, some came, and those in order and unchanged.
#pragma once

#include <string>
#include <vector>

#include "setup/description.h"

namespace ndiskit::setup {

struct FlowResult {
    std::string from;
    std::string to;
    uint64_t sent = 0;
    uint64_t received = 0;
    uint64_t damaged = 0;    // wrong length or content
    uint64_t unordered = 0;  // not the next number of its flow
    uint64_t bytes = 0;
    double seconds = 0;
    bool finished = false;  // all frames were sent
    bool may_lose = false;

    uint64_t lost() const { return sent - received; }
    bool intact() const {
        return finished && damaged == 0 && unordered == 0 && (may_lose ? received != 0 : lost() == 0);
    }
};

// Runs all flows at once to their ends; gives up on a flow that does not move for five seconds (of the
// engine). In a task of a running machine, at PASSIVE_LEVEL.
Result<std::vector<FlowResult>> run_traffic(const Description& description);

}  // namespace ndiskit::setup
