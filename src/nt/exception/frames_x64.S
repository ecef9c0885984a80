# The machine code of exceptions: capturing and restoring register contexts, calling handlers of drivers, and
# walking from a context into host frames. Offsets are those of Context and ThunkFrame (static_asserts hold them).

    .text

.set context_size, 0x4D0

# Stores the registers into the context at \base. rax must have been saved at \rax_from before it was spoilt.
.macro store_context base
    movl $0x10000B, 0x30(\base)
    stmxcsr 0x34(\base)
    movw %cs, 0x38(\base)
    movw %ds, 0x3A(\base)
    movw %es, 0x3C(\base)
    movw %fs, 0x3E(\base)
    movw %gs, 0x40(\base)
    movw %ss, 0x42(\base)
    movq %rax, 0x78(\base)
    movq %rcx, 0x80(\base)
    movq %rdx, 0x88(\base)
    movq %rbx, 0x90(\base)
    movq %rbp, 0xA0(\base)
    movq %rsi, 0xA8(\base)
    movq %rdi, 0xB0(\base)
    movq %r8, 0xB8(\base)
    movq %r9, 0xC0(\base)
    movq %r10, 0xC8(\base)
    movq %r11, 0xD0(\base)
    movq %r12, 0xD8(\base)
    movq %r13, 0xE0(\base)
    movq %r14, 0xE8(\base)
    movq %r15, 0xF0(\base)
    fxsave64 0x100(\base)
.endm

# An exported function whose model takes the caller's context: void model(Context*), which does not return here
# unless the function is one that returns (then rax is its result and the caller's registers are untouched).
.macro capturing name, model
    .globl \name
    .type \name, @function
    .p2align 4
\name:
    .cfi_startproc
    pushfq
    .cfi_adjust_cfa_offset 8
    subq $context_size, %rsp
    .cfi_adjust_cfa_offset context_size
    store_context %rsp
    movq context_size(%rsp), %rax
    movl %eax, 0x44(%rsp)
    movq context_size+8(%rsp), %rax
    movq %rax, 0xF8(%rsp)
    leaq context_size+16(%rsp), %rax
    movq %rax, 0x98(%rsp)
    movq %rsp, %rdi
    call \model
    # What the model, of the host's convention, may have spoilt and the driver counts on.
    movq 0xA8(%rsp), %rsi
    movq 0xB0(%rsp), %rdi
    movups 0x200(%rsp), %xmm6
    movups 0x210(%rsp), %xmm7
    movups 0x220(%rsp), %xmm8
    movups 0x230(%rsp), %xmm9
    movups 0x240(%rsp), %xmm10
    movups 0x250(%rsp), %xmm11
    movups 0x260(%rsp), %xmm12
    movups 0x270(%rsp), %xmm13
    movups 0x280(%rsp), %xmm14
    movups 0x290(%rsp), %xmm15
    addq $context_size+8, %rsp
    .cfi_adjust_cfa_offset -(context_size+8)
    ret
    .cfi_endproc
    .size \name, . - \name
.endm

    capturing ExRaiseStatus, ndiskit_model_ExRaiseStatus
    capturing RtlRaiseStatus, ndiskit_model_ExRaiseStatus
    capturing ExRaiseAccessViolation, ndiskit_model_ExRaiseAccessViolation
    capturing ExRaiseDatatypeMisalignment, ndiskit_model_ExRaiseDatatypeMisalignment
    capturing RtlRaiseException, ndiskit_model_RtlRaiseException
    capturing RtlUnwind, ndiskit_model_RtlUnwind
    capturing RtlUnwindEx, ndiskit_model_RtlUnwindEx
    capturing _local_unwind, ndiskit_model_local_unwind
    capturing RtlCaptureContext, ndiskit_model_RtlCaptureContext
    capturing RtlCaptureStackBackTrace, ndiskit_model_RtlCaptureStackBackTrace
    capturing RtlWalkFrameChain, ndiskit_model_RtlWalkFrameChain
    capturing KeBugCheckEx, ndiskit_model_KeBugCheckEx
    capturing KeBugCheck, ndiskit_model_KeBugCheck

# void ndiskit_capture(Context* rdi): the context of the (host) caller, as it is after the return.
    .globl ndiskit_capture
    .type ndiskit_capture, @function
    .p2align 4
ndiskit_capture:
    .cfi_startproc
    store_context %rdi
    pushfq
    .cfi_adjust_cfa_offset 8
    popq %rax
    .cfi_adjust_cfa_offset -8
    movl %eax, 0x44(%rdi)
    movq (%rsp), %rax
    movq %rax, 0xF8(%rdi)
    leaq 8(%rsp), %rax
    movq %rax, 0x98(%rdi)
    ret
    .cfi_endproc
    .size ndiskit_capture, . - ndiskit_capture

# [[noreturn]] void ndiskit_restore(const Context* rdi): goes on where the context says, with all its registers.
    .globl ndiskit_restore
    .type ndiskit_restore, @function
    .p2align 4
ndiskit_restore:
    .cfi_startproc
    movq %rdi, %rcx
    fxrstor64 0x100(%rcx)
    andq $-16, %rsp
    movl %ss, %eax
    pushq %rax
    pushq 0x98(%rcx)
    movl 0x44(%rcx), %eax
    pushq %rax
    movl %cs, %eax
    pushq %rax
    pushq 0xF8(%rcx)
    movq 0x78(%rcx), %rax
    movq 0x88(%rcx), %rdx
    movq 0x90(%rcx), %rbx
    movq 0xA0(%rcx), %rbp
    movq 0xA8(%rcx), %rsi
    movq 0xB0(%rcx), %rdi
    movq 0xB8(%rcx), %r8
    movq 0xC0(%rcx), %r9
    movq 0xC8(%rcx), %r10
    movq 0xD0(%rcx), %r11
    movq 0xD8(%rcx), %r12
    movq 0xE0(%rcx), %r13
    movq 0xE8(%rcx), %r14
    movq 0xF0(%rcx), %r15
    movq 0x80(%rcx), %rcx
    iretq
    .cfi_endproc
    .size ndiskit_restore, . - ndiskit_restore

# uint64_t ndiskit_call_handler(function rdi, a rsi, b rdx, c rcx, d r8, HandlerCall* r9): calls a function of the
# driver's convention. Unwinding that comes out of it finds ndiskit_handler_return as return address and, at rsp+32,
# the HandlerCall that says where the interrupted walk goes on.
    .globl ndiskit_call_handler
    .type ndiskit_call_handler, @function
    .p2align 4
ndiskit_call_handler:
    .cfi_startproc
    pushq %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbp, 0
    movq %rsp, %rbp
    .cfi_def_cfa_register %rbp
    subq $48, %rsp
    movq %r9, 32(%rsp)
    movq %rdi, %rax
    movq %rcx, %r10
    movq %r8, %r9
    movq %r10, %r8
    movq %rsi, %rcx
    call *%rax
    .globl ndiskit_handler_return
ndiskit_handler_return:
    leave
    .cfi_def_cfa %rsp, 8
    ret
    .cfi_endproc
    .size ndiskit_call_handler, . - ndiskit_call_handler

# Rules that make the caller's registers those of the context that rbx points at, so that host unwinders (gdb, libgcc)
# walk from here into the place the context describes.
.macro caller_is_context
    .cfi_signal_frame
    .cfi_def_cfa %rbx, 0
    .cfi_offset %rax, 0x78
    .cfi_offset %rcx, 0x80
    .cfi_offset %rdx, 0x88
    .cfi_offset %rbx, 0x90
    .cfi_offset %rsp, 0x98
    .cfi_offset %rbp, 0xA0
    .cfi_offset %rsi, 0xA8
    .cfi_offset %rdi, 0xB0
    .cfi_offset %r8, 0xB8
    .cfi_offset %r9, 0xC0
    .cfi_offset %r10, 0xC8
    .cfi_offset %r11, 0xD0
    .cfi_offset %r12, 0xD8
    .cfi_offset %r13, 0xE0
    .cfi_offset %r14, 0xE8
    .cfi_offset %r15, 0xF0
    .cfi_offset %rip, 0xF8
.endm

# Where a signal handler sends a faulting thread: rbx is the Fault (its context first) on the thread's own stack,
# below what was in use; rsp is aligned below it.
    .globl ndiskit_fault_entry
    .type ndiskit_fault_entry, @function
    .p2align 4
    .cfi_startproc
    caller_is_context
    nop
ndiskit_fault_entry:
    movq %rbx, %rdi
    call ndiskit_dispatch_fault
    hlt
    .cfi_endproc
    .size ndiskit_fault_entry, . - ndiskit_fault_entry

# void ndiskit_walk_from(const Context* rdi, void (*walk)(void*) rsi, void* argument rdx): calls walk(argument) in a
# frame whose caller is, for unwinders, the place of the context.
    .globl ndiskit_walk_from
    .type ndiskit_walk_from, @function
    .p2align 4
ndiskit_walk_from:
    .cfi_startproc
    pushq %rbx
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbx, 0
    movq %rdi, %rbx
    movq %rdx, %rdi
    .cfi_remember_state
    caller_is_context
    call *%rsi
    nop
    .cfi_restore_state
    popq %rbx
    .cfi_adjust_cfa_offset -8
    ret
    .cfi_endproc
    .size ndiskit_walk_from, . - ndiskit_walk_from

# void ndiskit_on_stack(void* top rdi, void (*function)(void*) rsi, void* argument rdx)
    .globl ndiskit_on_stack
    .type ndiskit_on_stack, @function
    .p2align 4
ndiskit_on_stack:
    .cfi_startproc
    pushq %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_rel_offset %rbp, 0
    movq %rsp, %rbp
    .cfi_def_cfa_register %rbp
    movq %rdi, %rsp
    movq %rdx, %rdi
    call *%rsi
    leave
    .cfi_def_cfa %rsp, 8
    ret
    .cfi_endproc
    .size ndiskit_on_stack, . - ndiskit_on_stack

    .section .note.GNU-stack, "", @progbits
