// The stubs of callback_stubs.h: each loads its number and goes through one frame, which tells the observers, calls
// the driver's function with the caller's arguments, and tells them again. No callback of Windows takes or gives
// floating point.

    .text

.set stub_count, 4096
.set stub_size, 16
.set stack_arguments, 8  # more than any callback takes on the stack

# Below rbp: the function, the IRQL at the call, the result.
.set function_at, -8
.set irql_at, -16
.set result_at, -24
.set frame_size, 32 + 32 + stack_arguments * 8

    .type observed_call, @function
    .p2align 4
observed_call:
    .cfi_startproc
    pushq %rbp
    .cfi_adjust_cfa_offset 8
    .cfi_offset rbp, -16
    movq %rsp, %rbp
    .cfi_def_cfa_register rbp
    subq $frame_size, %rsp
    # The caller's home for register arguments.
    movq %rcx, 16(%rbp)
    movq %rdx, 24(%rbp)
    movq %r8, 32(%rbp)
    movq %r9, 40(%rbp)
    movl %eax, %ecx
    leaq irql_at(%rbp), %rdx
    call ndiskit_before_callback
    movq %rax, function_at(%rbp)
.set n, 0
.rept stack_arguments
    movq 48 + n * 8(%rbp), %r10
    movq %r10, 32 + n * 8(%rsp)
.set n, n + 1
.endr
    movq 16(%rbp), %rcx
    movq 24(%rbp), %rdx
    movq 32(%rbp), %r8
    movq 40(%rbp), %r9
    call *%rax
    movq %rax, result_at(%rbp)
    movq function_at(%rbp), %rcx
    movzbl irql_at(%rbp), %edx
    call ndiskit_after_callback
    movq result_at(%rbp), %rax
    leave
    .cfi_def_cfa rsp, 8
    ret
    .cfi_endproc
    .size observed_call, . - observed_call

    .globl ndiskit_callback_stubs
    .type ndiskit_callback_stubs, @function
    .p2align 4
ndiskit_callback_stubs:
    .cfi_startproc
.set n, 0
.rept stub_count
    .p2align 4
    movl $n, %eax
    jmp observed_call
.set n, n + 1
.endr
    .p2align 4
    .cfi_endproc
    .size ndiskit_callback_stubs, . - ndiskit_callback_stubs

    .section .note.GNU-stack, "", @progbits
