// Which exception a processor fault is.
#include <cstring>

#include "nt/bugcheck.h"
#include "nt/exception/crash_report.h"
#include "nt/exception/fault.h"
#include "nt/exception/register_access.h"
#include "nt/exception/stack_walk_x64.h"
#include "nt/exception/status.h"
#include "nt/exception/unhandled.h"
#include "nt/exception/unwind_x64.h"

namespace ndiskit::nt::exception {
namespace {

constexpr uint32_t error_present = 1;
constexpr uint32_t error_write = 2;
constexpr uint32_t error_execute = 16;
constexpr uint64_t address_of_no_fault = ~uint64_t{0};  // what Windows reports for non-canonical addresses

uint32_t simd_status(uint32_t mx_csr) {
    const uint32_t unmasked = mx_csr & ~(mx_csr >> 7) & 0x3F;
    if (unmasked & 0x01) return status_float_invalid_operation;
    if (unmasked & 0x04) return status_float_divide_by_zero;
    if (unmasked & 0x08) return status_float_overflow;
    if (unmasked & 0x10) return status_float_underflow;
    return status_float_inexact_result;
}

void access_violation(const Fault& fault, ExceptionRecord& record, uint64_t address) {
    const bool page_fault = fault.trap == trap_page_fault;
    record.code = status_access_violation;
    record.parameter_count = 2;
    record.information[0] = !page_fault                   ? 0
                            : fault.error & error_execute ? 8
                            : fault.error & error_write   ? 1
                                                          : 0;
    record.information[1] = address;
}

// `int n` in user mode is a general protection fault that leaves rip on the instruction.
void software_interrupt(Fault& fault) {
    uint8_t code[2];
    if (!read_memory(fault.context.rip, code, 2) || code[0] != 0xCD) return;
    constexpr uint8_t fast_fail = 0x29, debug_assertion = 0x2C;
    if (code[1] == fast_fail) {
        set_crash_context(fault.context);
        bug_check(stop_kernel_security_check_failure, fault.context.rcx & 0xFFFFFFFF, 0, 0, 0);
    }
    if (code[1] == debug_assertion) {
        ExceptionRecord record = {.code = status_assertion_failure, .address = fault.context.rip};
        fault.context.rip += 2;
        raise_in_driver(fault, record);
    }
}

ExceptionRecord record_of(Fault& fault) {
    ExceptionRecord record = {.address = fault.context.rip};
    switch (fault.trap) {
        case trap_divide:
            record.code = status_integer_divide_by_zero;
            break;
        case trap_debug:
            record.code = status_single_step;
            break;
        case trap_breakpoint:
            // Windows reports the instruction itself.
            fault.context.rip -= 1;
            record.code = status_breakpoint;
            record.address = fault.context.rip;
            record.parameter_count = 1;
            break;
        case trap_overflow:
            record.code = status_integer_overflow;
            break;
        case trap_invalid_opcode:
            record.code = status_illegal_instruction;
            break;
        case trap_alignment:
            record.code = status_datatype_misalignment;
            break;
        case trap_x87:
            record.code = status_float_invalid_operation;
            break;
        case trap_simd:
            record.code = simd_status(fault.context.mx_csr);
            break;
        case trap_page_fault:
            access_violation(fault, record, fault.address);
            break;
        default:
            access_violation(fault, record, address_of_no_fault);
            break;
    }
    return record;
}

}  // namespace
}  // namespace ndiskit::nt::exception

using namespace ndiskit::nt::exception;

extern "C" void ndiskit_dispatch_fault(Fault* fault) {
    const bool by_driver = in_driver(fault->context.rip);
    if (by_driver) leave_thunk(fault->context);
    if (fault->trap == trap_general_protection) emulate_port_access(*fault);
    if (by_driver) emulate_privileged(*fault);
    if (by_driver && fault->trap == trap_general_protection) software_interrupt(*fault);
    if (fault->trap == trap_page_fault) {
        // Also when the kit copies for a driver, or the registers' test plays one.
        emulate_register_access(*fault);
        const PageFault page = {fault->address, (fault->error & error_write) != 0,
                                (fault->error & error_execute) != 0, (fault->error & error_present) != 0};
        if (called_by_driver(fault->context)) bug_check_page_fault(page, fault->context);
    }
    ExceptionRecord record = record_of(*fault);
    raise_in_driver(*fault, record);
}
