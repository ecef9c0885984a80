// A fault of the processor, on its way from the signal handler to the NT exception that it becomes.
#pragma once

#include <cstdint>

#include "nt/exception/context_abi.h"

namespace ndiskit::nt::exception {

constexpr uint32_t trap_divide = 0;
constexpr uint32_t trap_debug = 1;
constexpr uint32_t trap_breakpoint = 3;
constexpr uint32_t trap_overflow = 4;
constexpr uint32_t trap_invalid_opcode = 6;
constexpr uint32_t trap_stack_segment = 12;
constexpr uint32_t trap_general_protection = 13;
constexpr uint32_t trap_page_fault = 14;
constexpr uint32_t trap_x87 = 16;
constexpr uint32_t trap_alignment = 17;
constexpr uint32_t trap_simd = 19;

struct alignas(64) Fault {
    Context context;  // first: frames_x64.S and its unwind rules count on it
    int signal;
    int signal_code;
    uint32_t trap;
    uint32_t error;
    uint64_t address;
};

bool in_driver(uint64_t address);
// Dispatches in the driver that faulted, or that called the kit function that did.
[[noreturn]] void raise_in_driver(Fault& fault, ExceptionRecord& record);

// Emulates what only ring 0 may do (CR8, reads of the shared user data page) and goes on behind it; bug
// checks other privileged instructions with their name. Comes back when the instruction is none of these.
void emulate_privileged(Fault& fault);

}  // namespace ndiskit::nt::exception

extern "C" [[noreturn]] void ndiskit_dispatch_fault(ndiskit::nt::exception::Fault* fault);
