// What ntoskrnl.exe exports of exceptions and bug checks.
#include "nt/exception/exports.h"

#include "nt/exception/dispatch.h"
#include "nt/exception/exported.h"
#include "nt/exception/frames_x64.h"
#include "nt/exception/unwind_x64.h"

namespace ndiskit::nt::exception {
namespace {

template <class Function>
const void* address_of(Function* function) {
    return reinterpret_cast<const void*>(function);
}

}  // namespace
}  // namespace ndiskit::nt::exception

using namespace ndiskit::nt;
using namespace ndiskit::nt::exception;

extern "C" {

// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtllookupfunctionentry
static const RuntimeFunction* NTAPI RtlLookupFunctionEntry(ULONG64 pc, PULONG64 image_base, PVOID history) {
    const FunctionAt at = find_function(pc);
    *image_base = at ? reinterpret_cast<uint64_t>(at.image->base) : 0;
    return at.function;
}

// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtlvirtualunwind
static LanguageHandler NTAPI RtlVirtualUnwind(ULONG handler_type, ULONG64 image_base, ULONG64 pc,
                                              const RuntimeFunction* function, Context* context,
                                              PVOID* handler_data, PULONG64 establisher_frame,
                                              PVOID context_pointers) {
    const FunctionAt at = {find_function(pc).image, function};
    if (!at) return nullptr;
    context->rip = pc;
    const Unwound frame = virtual_unwind(at, *context, static_cast<uint8_t>(handler_type));
    *establisher_frame = frame.establisher_frame;
    if (frame.handler) *handler_data = const_cast<void*>(frame.handler_data);
    return frame.handler;
}

// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtlpctofileheader
static PVOID NTAPI RtlPcToFileHeader(PVOID pc, PVOID* base_of_image) {
    const Place place = image_of(pc);
    *base_of_image = place && !place.image->unloaded ? place.image->base : nullptr;
    return *base_of_image;
}

// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtlrestorecontext
[[noreturn]] static void NTAPI RtlRestoreContext(const Context* context, ExceptionRecord* record) {
    ndiskit_restore(context);
}

}  // extern "C"

namespace ndiskit::nt::exception {

std::span<const Export> exports() {
    static const Export rows[] = {
        {"__C_specific_handler", address_of(__C_specific_handler)},
        {"_local_unwind", address_of(_local_unwind)},
        {"ExRaiseAccessViolation", address_of(ExRaiseAccessViolation), MaxIrql::passive},
        {"ExRaiseDatatypeMisalignment", address_of(ExRaiseDatatypeMisalignment), MaxIrql::passive},
        {"ExRaiseStatus", address_of(ExRaiseStatus), MaxIrql::apc},
        {"KeBugCheck", address_of(KeBugCheck)},
        {"KeBugCheckEx", address_of(KeBugCheckEx)},
        {"RtlCaptureContext", address_of(RtlCaptureContext)},
        {"RtlCaptureStackBackTrace", address_of(RtlCaptureStackBackTrace)},
        {"RtlLookupFunctionEntry", address_of(RtlLookupFunctionEntry)},
        {"RtlPcToFileHeader", address_of(RtlPcToFileHeader)},
        {"RtlRaiseException", address_of(RtlRaiseException)},
        {"RtlRaiseStatus", address_of(RtlRaiseStatus)},
        {"RtlRestoreContext", address_of(RtlRestoreContext), MaxIrql::any, Support::partial,
         "the long jump and consolidation forms of the exception record are not looked at"},
        {"RtlUnwind", address_of(RtlUnwind)},
        {"RtlUnwindEx", address_of(RtlUnwindEx)},
        {"RtlVirtualUnwind", address_of(RtlVirtualUnwind), MaxIrql::any, Support::partial,
         "the context pointers are not filled in"},
    };
    return rows;
}

}  // namespace ndiskit::nt::exception
