// Walking a stack on which frames of drivers (.pdata) and of the host (DWARF, by libgcc's unwinder)
// alternate.
#pragma once

#include <cstdint>
#include <vector>

#include "nt/exception/context_abi.h"
#include "nt/image/import_thunks_x64.h"

namespace ndiskit::nt::exception {

struct StackFrame {
    uint64_t address = 0;
    uint64_t stack = 0;
    bool exact = false;  // where execution stopped; false: a return address
};

// From `start` outwards, at most `limit` frames. Never fails; a damaged stack gives fewer.
std::vector<StackFrame> walk_stack(const Context& start, size_t limit);

// The state of the driver at the call of the kit function inside which `start` is; false when its
// registers cannot be known: neither does a hook thunk lie between, nor leaf code alone (leaf_code.h).
bool find_driver_call(const Context& start, Context& driver);

// True when code of a driver is what `start` runs, or is on the stack above it.
bool called_by_driver(const Context& start);
// If rip cannot be executed (a call through a bad pointer): goes back to the caller. False when rip is good.
bool leave_bad_address(Context& context);

// Fills in what a thunk's frame kept; the other registers stay.
void apply_thunk_frame(const image::ThunkFrame& frame, Context& context);
// If rip is in generated code of an image: makes the context that of the driver's own code. False if it is
// not, or cannot be.
bool leave_thunk(Context& context);

}  // namespace ndiskit::nt::exception
