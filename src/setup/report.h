// What a running machine is and has carried, copied out: the stack as a tree, and a row an edge. Plain data,
// which outlives the machine and crosses processes.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/table.h"
#include "setup/description.h"

namespace ndiskit::setup {

struct EdgeFlow {
    uint64_t nbls = 0;
    uint64_t packets = 0;
    uint64_t bytes = 0;
};

struct DropCount {
    std::string reason;
    uint64_t count = 0;
};

struct EdgeReport {
    std::string name;
    std::string kind;  // "nic", "binding", "adapter", "transport"
    EdgeFlow up;       // towards protocols
    EdgeFlow down;     // towards the wire
    std::vector<DropCount> drops;
    // Mean time from a frame's entry into the machine to its exit at this edge, where it is measured.
    std::optional<double> latency_us;

    uint64_t packets() const { return up.packets + down.packets; }
    uint64_t dropped() const;
};

// Edges from the lowest up. May be called while traffic flows.
std::vector<EdgeReport> report_edges(const Description& description);
// The stack from the lower adapters up, as trees: adapters, the protocol edges of intermediate drivers, virtual
// miniports, transports.
std::string stack_text(const Description& description);

// The rows as a table; a line a drop reason below it when anything was dropped.
std::string edge_table(const std::vector<EdgeReport>& edges, size_t indent = 0);

}  // namespace ndiskit::setup
