// Finding who handles an exception, and getting there.
//
// A walk goes from the place of the exception outwards, frame by frame through driver code. Each frame with a
// language handler is asked. When one takes the exception, a second walk runs the termination blocks of the
// frames in between and enters the handler. Where the walk comes out of a handler that an earlier exception
// called (an exception in a filter or in a
// __finally), it goes on where that earlier walk stood. Where it comes out into any other host code it ends:
// no exception crosses the kit.
#pragma once

#include "nt/exception/context_abi.h"

namespace ndiskit::nt::exception {

// Looks for a handler from `context` outwards and runs it; comes back only when there is none.
// Handlers may change `context`.
void dispatch(ExceptionRecord& record, Context& context);
// dispatch, then the bug check of an unhandled exception.
[[noreturn]] void raise(ExceptionRecord& record, Context& context);

// Unwinds from `start` to the frame `target_frame` (0: to the end of the driver's frames) and goes on at
// `target_ip` with `result` in rax. `record` may be null.
[[noreturn]] void unwind_to(const Context& start, uint64_t target_frame, uint64_t target_ip,
                            ExceptionRecord* record, uint64_t result);

}  // namespace ndiskit::nt::exception

// The language handler of C's __try; drivers import it. `context` is that of the exception in a search.
extern "C" __attribute__((ms_abi)) ndiskit::nt::exception::Disposition __C_specific_handler(
    ndiskit::nt::exception::ExceptionRecord* record, void* establisher_frame,
    ndiskit::nt::exception::Context* context, ndiskit::nt::exception::DispatcherContext* dispatcher);
