// The exported functions that raise or unwind, as models over the caller's context (frames_x64.S captures
// it), and raise_status for the kit's own functions.
#include "nt/exception/raise.h"

#include <algorithm>
#include <cstring>

#include "nt/bugcheck.h"
#include "nt/exception/crash_report.h"
#include "nt/exception/dispatch.h"
#include "nt/exception/exported.h"
#include "nt/exception/frames_x64.h"
#include "nt/exception/stack_walk_x64.h"
#include "nt/exception/status.h"

namespace ndiskit::nt::exception {
namespace {

[[noreturn]] void raise_at(Context& context, uint32_t status, std::span<const uint64_t> parameters) {
    ExceptionRecord record = {.code = status, .flags = exception_noncontinuable, .address = context.rip};
    record.parameter_count = static_cast<uint32_t>(std::min<size_t>(parameters.size(), 15));
    std::copy_n(parameters.begin(), record.parameter_count, record.information);
    raise(record, context);
}

}  // namespace

void raise_status(uint32_t status) { raise_status(status, {}); }

void raise_status(uint32_t status, std::span<const uint64_t> parameters) {
    Context here;
    ndiskit_capture(&here);
    Context driver;
    raise_at(find_driver_call(here, driver) ? driver : here, status, parameters);
}

bool reads_its_caller(const void* function) {
    const void* const all[] = {
        reinterpret_cast<const void*>(&ExRaiseStatus),
        reinterpret_cast<const void*>(&RtlRaiseStatus),
        reinterpret_cast<const void*>(&ExRaiseAccessViolation),
        reinterpret_cast<const void*>(&ExRaiseDatatypeMisalignment),
        reinterpret_cast<const void*>(&RtlRaiseException),
        reinterpret_cast<const void*>(&RtlUnwind),
        reinterpret_cast<const void*>(&RtlUnwindEx),
        reinterpret_cast<const void*>(&_local_unwind),
        reinterpret_cast<const void*>(&RtlCaptureContext),
        reinterpret_cast<const void*>(&RtlCaptureStackBackTrace),
        reinterpret_cast<const void*>(&RtlWalkFrameChain),
        reinterpret_cast<const void*>(&KeBugCheckEx),
        reinterpret_cast<const void*>(&KeBugCheck),
    };
    return std::ranges::find(all, function) != std::end(all);
}

}  // namespace ndiskit::nt::exception

using namespace ndiskit::nt;
using namespace ndiskit::nt::exception;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exraisestatus
[[noreturn]] void ndiskit_model_ExRaiseStatus(Context* caller) {
    leave_thunk(*caller);  // which stands there when a kit function came here in place of returning
    raise_at(*caller, static_cast<uint32_t>(caller->rcx), {});
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-exraiseaccessviolation
[[noreturn]] void ndiskit_model_ExRaiseAccessViolation(Context* caller) {
    raise_at(*caller, status_access_violation, {});
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-exraisedatatypemisalignment
[[noreturn]] void ndiskit_model_ExRaiseDatatypeMisalignment(Context* caller) {
    raise_at(*caller, status_datatype_misalignment, {});
}

// https://learn.microsoft.com/windows/win32/api/rtlsupportapi/nf-rtlsupportapi-rtlraiseexception
[[noreturn]] void ndiskit_model_RtlRaiseException(Context* caller) {
    auto& record = *reinterpret_cast<ExceptionRecord*>(caller->rcx);
    record.address = caller->rip;
    raise(record, *caller);
}

// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtlunwindex
[[noreturn]] void ndiskit_model_RtlUnwindEx(Context* caller) {
    unwind_to(*caller, caller->rcx, caller->rdx, reinterpret_cast<ExceptionRecord*>(caller->r8), caller->r9);
}

// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtlunwind
[[noreturn]] void ndiskit_model_RtlUnwind(Context* caller) { ndiskit_model_RtlUnwindEx(caller); }

// Leaves __try blocks of the frame rcx for the label rdx in it; compilers call it for a goto out of a __try.
[[noreturn]] void ndiskit_model_local_unwind(Context* caller) {
    unwind_to(*caller, caller->rcx, caller->rdx, nullptr, 0);
}

// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtlcapturecontext
void ndiskit_model_RtlCaptureContext(const Context* caller) {
    // What lies beyond the floating point state is not part of what context_flags says was captured.
    std::memcpy(reinterpret_cast<void*>(caller->rcx), caller, offsetof(Context, vector_register));
}

// https://learn.microsoft.com/windows/win32/devnotes/rtlcapturestackbacktrace
uint64_t ndiskit_model_RtlCaptureStackBackTrace(const Context* caller) {
    const auto skip = static_cast<uint32_t>(caller->rcx);
    const auto wanted = static_cast<uint32_t>(caller->rdx);
    auto** trace = reinterpret_cast<void**>(caller->r8);
    auto* hash = reinterpret_cast<uint32_t*>(caller->r9);
    const auto frames = walk_stack(*caller, std::min<size_t>(size_t{skip} + wanted, 128));
    uint32_t sum = 0;
    uint32_t count = 0;
    for (size_t n = skip; n < frames.size() && count < wanted; ++n, ++count) {
        trace[count] = reinterpret_cast<void*>(frames[n].address);
        sum += static_cast<uint32_t>(frames[n].address);
    }
    if (hash) *hash = sum;
    return count;
}

// The addresses of the frames from the caller's outwards. Bit 0 of the flags asks for the frames of the
// program, of which there are none; the second byte tells how many to skip.
uint64_t ndiskit_model_RtlWalkFrameChain(const Context* caller) {
    const auto count = static_cast<uint32_t>(caller->rdx), flags = static_cast<uint32_t>(caller->r8);
    if (flags & 1) return 0;
    auto** callers = reinterpret_cast<void**>(caller->rcx);
    const size_t skip = flags >> 8 & 0xFF;
    const auto frames = walk_stack(*caller, std::min<size_t>(skip + count, 512));
    uint64_t written = 0;
    for (size_t n = skip; n < frames.size() && written < count; ++n, ++written)
        callers[written] = reinterpret_cast<void*>(frames[n].address);
    return written;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kebugcheckex
[[noreturn]] void ndiskit_model_KeBugCheckEx(const Context* caller) {
    set_crash_context(*caller);
    const auto* stack = reinterpret_cast<const uint64_t*>(caller->rsp);
    bug_check(static_cast<uint32_t>(caller->rcx), caller->rdx, caller->r8, caller->r9, stack[4]);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-kebugcheck
[[noreturn]] void ndiskit_model_KeBugCheck(const Context* caller) {
    set_crash_context(*caller);
    bug_check(static_cast<uint32_t>(caller->rcx));
}

}  // extern "C"
