// Counters of an edge by its name, over all of its lives: an adapter that is halted and initialized again, or a
// binding that is closed and opened, goes on counting where it was, so that a report loses no packet and no drop.
#pragma once

#include <string>

#include "edge/counters.h"

namespace ndiskit::edge {

// Made when they are first asked for, at PASSIVE_LEVEL; they live until they are forgotten.
Counters& lasting_counters(const std::string& edge);
// Those whose edge begins with `kind`, when the driver that had them is unloaded.
void forget_counters(const std::string& kind);

}  // namespace ndiskit::edge
