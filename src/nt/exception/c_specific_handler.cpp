// The language handler of __try in C and C++ (/EHs- code of the kernel): it reads the scope table that the
// compiler put behind the handler's address in the unwind information, runs filters in a search and __finally
// blocks in an unwind. https://learn.microsoft.com/windows/win32/devnotes/--c-specific-handler2
#include <cstring>
#include <span>

#include "nt/exception/dispatch.h"
#include "nt/exception/frames_x64.h"

namespace ndiskit::nt::exception {
namespace {

constexpr uint32_t filter_is_execute_handler = 1;

struct Scope {
    uint32_t begin, end;
    uint32_t handler;  // filter or termination block; 1: always takes the exception
    uint32_t target;   // the __except block; 0 for a __finally

    bool contains(uint64_t rva) const { return rva >= begin && rva < end; }
};

struct Frame {
    uint64_t base;
    uint64_t pc;  // relative to base
    uint64_t establisher;
    DispatcherContext& dispatcher;
    std::span<const Scope> scopes;

    const void* address(uint32_t rva) const { return reinterpret_cast<const void*>(base + rva); }
};

Disposition search(const Frame& frame, ExceptionRecord* record, Context* context) {
    ExceptionPointers pointers = {record, context};
    const HandlerCall call = {context, &frame.dispatcher, false};
    for (uint32_t n = frame.dispatcher.scope_index; n < frame.scopes.size(); ++n) {
        const Scope& scope = frame.scopes[n];
        if (scope.target == 0 || !scope.contains(frame.pc)) continue;
        int32_t answer = 1;
        if (scope.handler != filter_is_execute_handler)
            answer = static_cast<int32_t>(ndiskit_call_handler(frame.address(scope.handler),
                                                               reinterpret_cast<uint64_t>(&pointers),
                                                               frame.establisher, 0, 0, &call));
        if (answer < 0) return Disposition::continue_execution;
        if (answer > 0)
            unwind_to(*context, frame.establisher, frame.base + scope.target, record, record->code);
    }
    return Disposition::continue_search;
}

// True when the unwind's target lies in the same __try as the scope: control does not leave it, so its
// __finally does not run.
bool target_is_inside(const Frame& frame, const Scope& scope, uint64_t target) {
    for (const Scope& other : frame.scopes)
        if (other.contains(target) && other.handler == scope.handler && other.target == scope.target)
            return true;
    return false;
}

void run_terminations(const Frame& frame, const ExceptionRecord* record, Context* context) {
    const bool is_target = record->flags & exception_target_unwind;
    const uint64_t target = frame.dispatcher.target_ip - frame.base;
    const HandlerCall call = {context, &frame.dispatcher, true};
    for (uint32_t n = frame.dispatcher.scope_index; n < frame.scopes.size(); ++n) {
        const Scope& scope = frame.scopes[n];
        if (!scope.contains(frame.pc)) continue;
        if (is_target && target_is_inside(frame, scope, target)) return;
        if (scope.target != 0) {
            if (is_target && scope.target == target) return;
            continue;
        }
        // A collision with another exception goes on behind this one.
        frame.dispatcher.scope_index = n + 1;
        ndiskit_call_handler(frame.address(scope.handler), 1, frame.establisher, 0, 0, &call);
    }
}

}  // namespace
}  // namespace ndiskit::nt::exception

using namespace ndiskit::nt::exception;

Disposition __attribute__((ms_abi)) __C_specific_handler(ExceptionRecord* record, void* establisher_frame,
                                                         Context* context, DispatcherContext* dispatcher) {
    uint32_t count;
    std::memcpy(&count, dispatcher->handler_data, sizeof(count));
    const auto* scopes =
        reinterpret_cast<const Scope*>(static_cast<const char*>(dispatcher->handler_data) + 4);
    const Frame frame = {dispatcher->image_base,
                         dispatcher->control_pc - dispatcher->image_base,
                         reinterpret_cast<uint64_t>(establisher_frame),
                         *dispatcher,
                         {scopes, count}};
    if (record->flags & (exception_unwinding | exception_exit_unwind)) {
        run_terminations(frame, record, context);
        return Disposition::continue_search;
    }
    return search(frame, record, context);
}
