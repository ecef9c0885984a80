// The demo: a machine with an intermediate driver between a peer host and two hosts of its own, real programs
// across it, and what they saw. Or, where there are no namespaces, the same driver between memory adapters.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "cli/demo/transfers.h"
#include "cli/machine_process.h"

namespace ndiskit::cli {

struct DemoOptions {
    std::filesystem::path machine;         // with the interfaces uplink, lan-a and lan-b
    std::filesystem::path memory_machine;  // for where there are no namespaces
    std::string windows;
    std::string pcap;
    double seconds = 2;  // of each measurement
    bool memory = false;
};

struct DemoResult {
    std::vector<Transfer> transfers;
    std::string stack;
    std::vector<setup::EdgeReport> edges;
    std::vector<std::string> leaks;
    double tcp_gbit = 0;       // host A → peer
    double tcp_gbit_down = 0;  // peer → host A
    double tcp_gbit_bare = 0;
    double first_packet_ms = 0;
    bool in_memory = false;

    bool intact() const;
};

// Tells each step on standard output as it goes. `bug_checked` is set when an error came from a bug check.
Result<DemoResult> run_demo(const DemoOptions& options, bool& bug_checked);

}  // namespace ndiskit::cli
