#include "nt/exception/dispatch.h"

#include "nt/bugcheck.h"
#include "nt/exception/frames_x64.h"
#include "nt/exception/status.h"
#include "nt/exception/unhandled.h"
#include "nt/exception/unwind_x64.h"
#include "nt/image/privileged_x64.h"

namespace ndiskit::nt::exception {
namespace {

// A damaged stack could make a walk circle; no real one is as long.
constexpr unsigned max_frames = 4096;

// One walk over the frames of drivers.
struct Walk {
    explicit Walk(const Context& start) : context(start) {}

    Context context;           // of the frame that is looked at
    uint32_t scope_index = 0;  // where its handler is to go on; other than 0 after a collision
    uint64_t nested_frame = 0;

    // Steps over calls of handlers by earlier walks. False where driver code ends.
    bool settle() {
        while (context.rip == reinterpret_cast<uint64_t>(ndiskit_handler_return)) {
            const auto call = read_value<const HandlerCall*>(context.rsp + 32);
            if (!call) return false;
            const HandlerCall& earlier = **call;
            context = *earlier.context;
            if (earlier.unwinding)
                scope_index = earlier.dispatcher->scope_index;
            else
                nested_frame = std::max(nested_frame, earlier.dispatcher->establisher_frame);
        }
        return static_cast<bool>(find_function(context.rip));
    }
};

DispatcherContext dispatcher_for(const FunctionAt& at, const Unwound& frame, uint64_t control_pc,
                                 Context* context, uint32_t scope_index) {
    return {.control_pc = control_pc,
            .image_base = reinterpret_cast<uint64_t>(at.image->base),
            .function = at.function,
            .establisher_frame = frame.establisher_frame,
            .context = context,
            .handler = frame.handler,
            .handler_data = frame.handler_data,
            .scope_index = scope_index};
}

Disposition call_language_handler(ExceptionRecord& record, const Unwound& frame, Context& context,
                                  DispatcherContext& dispatcher, const HandlerCall& call) {
    const uint64_t answer = ndiskit_call_handler(reinterpret_cast<const void*>(frame.handler),
                                                 reinterpret_cast<uint64_t>(&record), frame.establisher_frame,
                                                 reinterpret_cast<uint64_t>(&context),
                                                 reinterpret_cast<uint64_t>(&dispatcher), &call);
    return static_cast<Disposition>(static_cast<uint32_t>(answer));
}

[[noreturn]] void continue_execution(ExceptionRecord& record, Context& context) {
    if (!(record.flags & exception_noncontinuable)) ndiskit_restore(&context);
    ExceptionRecord wrong = {.code = status_noncontinuable_exception,
                             .flags = exception_noncontinuable,
                             .record = &record,
                             .address = context.rip};
    raise(wrong, context);
}

}  // namespace

void dispatch(ExceptionRecord& record, Context& context) {
    Walk walk(context);
    for (unsigned n = 0; n < max_frames && walk.settle(); ++n) {
        const FunctionAt at = find_function(walk.context.rip);
        const uint64_t control_pc = walk.context.rip;
        const Unwound frame = virtual_unwind(at, walk.context, unwind_exception_handler);
        if (!frame.good) return;
        if (!frame.handler) continue;
        DispatcherContext dispatcher =
            dispatcher_for(at, frame, control_pc, &walk.context, std::exchange(walk.scope_index, 0));
        const HandlerCall call = {&context, &dispatcher, false};
        record.flags &= ~exception_nested_call;
        if (walk.nested_frame != 0) record.flags |= exception_nested_call;
        const Disposition answer = call_language_handler(record, frame, context, dispatcher, call);
        if (walk.nested_frame == frame.establisher_frame) walk.nested_frame = 0;
        if (answer == Disposition::continue_execution) continue_execution(record, context);
        if (answer != Disposition::continue_search) return;
    }
}

void raise(ExceptionRecord& record, Context& context) {
    dispatch(record, context);
    bug_check_unhandled(record, context);
}

void unwind_to(const Context& start, uint64_t target_frame, uint64_t target_ip, ExceptionRecord* record,
               uint64_t result) {
    ExceptionRecord own = {.code = status_unwind, .address = start.rip};
    if (!record) record = &own;
    record->flags |= exception_unwinding | (target_frame == 0 ? exception_exit_unwind : 0);
    Walk walk(start);
    for (unsigned n = 0; n < max_frames && walk.settle(); ++n) {
        const FunctionAt at = find_function(walk.context.rip);
        Context caller = walk.context;
        const Unwound frame = virtual_unwind(at, caller, unwind_termination_handler);
        if (!frame.good) break;
        const bool is_target = frame.establisher_frame == target_frame && target_frame != 0;
        if (is_target) record->flags |= exception_target_unwind;
        if (frame.handler) {
            DispatcherContext dispatcher = dispatcher_for(at, frame, walk.context.rip, &walk.context,
                                                          std::exchange(walk.scope_index, 0));
            dispatcher.target_ip = target_ip;
            const HandlerCall call = {&walk.context, &dispatcher, true};
            call_language_handler(*record, frame, walk.context, dispatcher, call);
        }
        if (is_target) {
            walk.context.rip = target_ip;
            walk.context.rax = result;
            ndiskit_restore(&walk.context);
        }
        walk.context = caller;
    }
    bug_check_because("an unwind did not find its target frame on the stack",
                      stop_kmode_exception_not_handled, sign_extended(status_bad_stack), start.rip,
                      target_frame, target_ip);
}

}  // namespace ndiskit::nt::exception
