// The few status and stop codes of exceptions. (nt/abi/status.h has those that drivers compile against.)
#pragma once

#include <cstdint>

namespace ndiskit::nt::exception {

constexpr uint32_t status_unwind = 0xC0000027;
constexpr uint32_t status_bad_stack = 0xC0000028;
constexpr uint32_t status_noncontinuable_exception = 0xC0000025;
constexpr uint32_t status_access_violation = 0xC0000005;
constexpr uint32_t status_datatype_misalignment = 0x80000002;
constexpr uint32_t status_breakpoint = 0x80000003;
constexpr uint32_t status_single_step = 0x80000004;
constexpr uint32_t status_illegal_instruction = 0xC000001D;
constexpr uint32_t status_float_invalid_operation = 0xC0000090;
constexpr uint32_t status_float_divide_by_zero = 0xC000008E;
constexpr uint32_t status_float_overflow = 0xC0000091;
constexpr uint32_t status_float_underflow = 0xC0000093;
constexpr uint32_t status_float_inexact_result = 0xC000008F;
constexpr uint32_t status_integer_divide_by_zero = 0xC0000094;
constexpr uint32_t status_integer_overflow = 0xC0000095;
constexpr uint32_t status_privileged_instruction = 0xC0000096;
constexpr uint32_t status_assertion_failure = 0xC0000420;

constexpr uint32_t stop_irql_not_less_or_equal = 0x0A;
constexpr uint32_t stop_kmode_exception_not_handled = 0x1E;
constexpr uint32_t stop_page_fault_in_nonpaged_area = 0x50;
constexpr uint32_t stop_system_thread_exception_not_handled = 0x7E;
constexpr uint32_t stop_unexpected_kernel_mode_trap = 0x7F;
constexpr uint32_t stop_attempted_write_to_readonly_memory = 0xBE;
constexpr uint32_t stop_driver_unloaded = 0xCE;
constexpr uint32_t stop_driver_irql_not_less_or_equal = 0xD1;
constexpr uint32_t stop_attempted_execute_of_noexecute_memory = 0xFC;
constexpr uint32_t stop_kernel_security_check_failure = 0x139;

// As a bug check parameter: NTSTATUS is signed.
constexpr uint64_t sign_extended(uint32_t status) {
    return static_cast<uint64_t>(static_cast<int64_t>(static_cast<int32_t>(status)));
}

}  // namespace ndiskit::nt::exception
