// The structures of x64 exception handling, as drivers and compilers know them.
// https://learn.microsoft.com/cpp/build/exception-handling-x64
#pragma once

#include <cstddef>
#include <cstdint>

namespace ndiskit::nt::exception {

// CONTEXT of x64. `flt_save` is what fxsave writes; xmm registers stand there.
struct alignas(16) Context {
    uint64_t home[6];
    uint32_t context_flags, mx_csr;
    uint16_t seg_cs, seg_ds, seg_es, seg_fs, seg_gs, seg_ss;
    uint32_t eflags;
    uint64_t dr[6];
    uint64_t rax, rcx, rdx, rbx, rsp, rbp, rsi, rdi, r8, r9, r10, r11, r12, r13, r14, r15;
    uint64_t rip;
    struct alignas(16) {
        uint16_t control_word, status_word;
        uint8_t tag_word, reserved1;
        uint16_t error_opcode;
        uint32_t error_offset;
        uint16_t error_selector, reserved2;
        uint32_t data_offset;
        uint16_t data_selector, reserved3;
        uint32_t mx_csr, mx_csr_mask;
        uint64_t float_registers[8][2];
        uint64_t xmm[16][2];
        uint8_t reserved4[96];
    } flt_save;
    uint64_t vector_register[26][2];
    uint64_t vector_control, debug_control, last_branch[4];

    // By the processor's encoding: 0 is rax, 1 rcx ...
    uint64_t& general(unsigned number) { return (&rax)[number]; }
    const uint64_t& general(unsigned number) const { return (&rax)[number]; }
};
static_assert(sizeof(Context) == 0x4D0 && offsetof(Context, rax) == 0x78 && offsetof(Context, rip) == 0xF8);
static_assert(offsetof(Context, flt_save) == 0x100 && offsetof(Context, eflags) == 0x44);
static_assert(offsetof(Context, flt_save.xmm) == 0x1A0);

// CONTEXT_AMD64 with control, integer and floating point: all that is ever filled here.
constexpr uint32_t context_full = 0x10000B;

struct ExceptionRecord {
    uint32_t code;
    uint32_t flags;
    ExceptionRecord* record;
    uint64_t address;
    uint32_t parameter_count;
    uint32_t fill;
    uint64_t information[15];
};
static_assert(sizeof(ExceptionRecord) == 152 && offsetof(ExceptionRecord, information) == 32);

constexpr uint32_t exception_noncontinuable = 0x01;
constexpr uint32_t exception_unwinding = 0x02;
constexpr uint32_t exception_exit_unwind = 0x04;
constexpr uint32_t exception_nested_call = 0x10;
constexpr uint32_t exception_target_unwind = 0x20;
constexpr uint32_t exception_collided_unwind = 0x40;

struct ExceptionPointers {
    ExceptionRecord* record;
    Context* context;
};

// What a language handler returns.
enum class Disposition : uint32_t { continue_execution, continue_search, nested_exception, collided_unwind };

struct DispatcherContext;
using LanguageHandler = Disposition(__attribute__((ms_abi)) *)(ExceptionRecord*, void* establisher_frame,
                                                               Context*, DispatcherContext*);

// RUNTIME_FUNCTION; image::FunctionEntry has the same layout.
struct RuntimeFunction {
    uint32_t begin, end, unwind;
};

struct DispatcherContext {
    uint64_t control_pc;
    uint64_t image_base;
    const RuntimeFunction* function;
    uint64_t establisher_frame;
    uint64_t target_ip;
    Context* context;
    LanguageHandler handler;
    const void* handler_data;
    void* history;
    uint32_t scope_index;
    uint32_t fill;
};
static_assert(offsetof(DispatcherContext, scope_index) == 72);

}  // namespace ndiskit::nt::exception
