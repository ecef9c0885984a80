// Many runs of one machine on sim, each under its own seed, in a fork of a process that has prepared the
// machine once: kernel up, registry written, no driver loaded. The whole life of the drivers is a function of
// the seed.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "setup/machine.h"

namespace ndiskit::setup {

struct SeedRange {
    uint64_t first = 1;
    uint64_t count = 1;
    unsigned jobs = 1;         // forks at a time
    std::string trace_folder;  // when not empty, seed-N.trace is written there
};

struct SeedResult {
    uint64_t seed = 0;
    uint64_t hash = 0;    // of the trace
    std::string failure;  // empty: good. Else the workload's error, the leaks, or the bug check's report
    bool bug_checked = false;

    bool good() const { return failure.empty(); }
};

// What is done on the running machine, between start and stop. An error is a failure of that seed.
using SeedWorkload = std::function<Result<>(Machine&)>;

// In the order of seeds. An error when the system does not let it fork.
Result<std::vector<SeedResult>> run_seeds(const Description& description, const SeedRange& range,
                                          const SeedWorkload& workload);

}  // namespace ndiskit::setup
