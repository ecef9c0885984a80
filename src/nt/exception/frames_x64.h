// What frames_x64.S gives to C++.
#pragma once

#include <cstdint>

#include "nt/exception/context_abi.h"

namespace ndiskit::nt::exception {

// A call of a driver's handler, filter or termination block by the dispatcher. When a later exception (or
// unwind) walks out of it, the walk goes on where this says.
struct HandlerCall {
    // During a search: the context of the exception that the handler was asked about. During an unwind: the
    // context of the frame that was being unwound.
    const Context* context;
    const DispatcherContext* dispatcher;
    bool unwinding;
};

}  // namespace ndiskit::nt::exception

extern "C" {
void ndiskit_capture(ndiskit::nt::exception::Context* context);
[[noreturn]] void ndiskit_restore(const ndiskit::nt::exception::Context* context);
uint64_t ndiskit_call_handler(const void* function, uint64_t a, uint64_t b, uint64_t c, uint64_t d,
                              const ndiskit::nt::exception::HandlerCall* call);
extern const char ndiskit_handler_return[];
extern const char ndiskit_fault_entry[];
void ndiskit_walk_from(const ndiskit::nt::exception::Context* context, void (*walk)(void*), void* argument);
void ndiskit_on_stack(void* top, void (*function)(void*), void* argument);
}
