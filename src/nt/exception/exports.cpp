// What ntoskrnl.exe exports of exceptions and bug checks.
#include "nt/exception/exports.h"

#include <cstring>

#include "nt/exception/dispatch.h"
#include "nt/exception/exported.h"
#include "nt/exception/frames_x64.h"
#include "nt/exception/unwind_x64.h"
#include "nt/image/call_gate.h"

namespace ndiskit::nt::exception {
namespace {

template <class Function>
const void* address_of(Function* function) {
    return reinterpret_cast<const void*>(function);
}

constexpr uint32_t status_long_jump = 0x80000026, status_unwind_consolidate = 0x80000029;

// What setjmp fills on x64.
struct JumpBuffer {
    uint64_t frame, rbx, rsp, rbp, rsi, rdi, r12, r13, r14, r15, rip;
    uint32_t mx_csr;
    uint16_t fp_csr, spare;
    uint64_t xmm6to15[10][2];
};
static_assert(offsetof(JumpBuffer, rip) == 0x50 && offsetof(JumpBuffer, xmm6to15) == 0x60);

void take_jump_buffer(const JumpBuffer& from, Context& to) {
    to.rbx = from.rbx;
    to.rsp = from.rsp;
    to.rbp = from.rbp;
    to.rsi = from.rsi;
    to.rdi = from.rdi;
    to.r12 = from.r12;
    to.r13 = from.r13;
    to.r14 = from.r14;
    to.r15 = from.r15;
    to.rip = from.rip;
    to.mx_csr = to.flt_save.mx_csr = from.mx_csr;
    to.flt_save.control_word = from.fp_csr;
    std::memcpy(to.flt_save.xmm[6], from.xmm6to15, sizeof from.xmm6to15);
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
                                              SavedRegisters* saved) {
    const FunctionAt at = {find_function(pc).image, function};
    if (!at) return nullptr;
    context->rip = pc;
    const Unwound frame = virtual_unwind(at, *context, static_cast<uint8_t>(handler_type), saved);
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

// A record of a long jump has the registers that setjmp put into a buffer; one of a consolidated unwind has a
// function of the driver that tells where to go on.
// https://learn.microsoft.com/windows/win32/api/winnt/nf-winnt-rtlrestorecontext
[[noreturn]] static void NTAPI RtlRestoreContext(const Context* context, ExceptionRecord* record) {
    Context target = *context;
    if (record && record->code == status_long_jump && record->parameter_count >= 1)
        take_jump_buffer(*reinterpret_cast<const JumpBuffer*>(record->information[0]), target);
    if (record && record->code == status_unwind_consolidate && record->parameter_count >= 1)
        target.rip =
            call_driver(reinterpret_cast<uint64_t(NTAPI*)(ExceptionRecord*)>(record->information[0]), record);
    ndiskit_restore(&target);
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
        {"RtlRestoreContext", address_of(RtlRestoreContext)},
        {"RtlUnwind", address_of(RtlUnwind)},
        {"RtlUnwindEx", address_of(RtlUnwindEx)},
        {"RtlVirtualUnwind", address_of(RtlVirtualUnwind)},
        {"RtlWalkFrameChain", address_of(RtlWalkFrameChain)},
    };
    return rows;
}

}  // namespace ndiskit::nt::exception
