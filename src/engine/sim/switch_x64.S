// The context switch of fibers. A fiber that does not run is a stack pointer: on its stack lie what the SysV ABI
// makes a callee keep (rbx, rbp, r12-r15, the control bits of MXCSR and the x87 control word) and a return
// address. Code of drivers (ms_abi) may be further up the stack; it has kept xmm6-xmm15, rsi and rdi itself at
// its call into the host.

    .text

// void ndiskit_fiber_switch(void** save_here, void* go_on_there)
    .globl ndiskit_fiber_switch
    .type ndiskit_fiber_switch, @function
    .p2align 4
ndiskit_fiber_switch:
    .cfi_startproc
    pushq %rbp
    .cfi_def_cfa_offset 16
    .cfi_offset %rbp, -16
    pushq %rbx
    .cfi_def_cfa_offset 24
    .cfi_offset %rbx, -24
    pushq %r12
    .cfi_def_cfa_offset 32
    .cfi_offset %r12, -32
    pushq %r13
    .cfi_def_cfa_offset 40
    .cfi_offset %r13, -40
    pushq %r14
    .cfi_def_cfa_offset 48
    .cfi_offset %r14, -48
    pushq %r15
    .cfi_def_cfa_offset 56
    .cfi_offset %r15, -56
    subq $8, %rsp
    .cfi_def_cfa_offset 64
    stmxcsr (%rsp)
    fnstcw 4(%rsp)
    movq %rsp, (%rdi)

    movq %rsi, %rsp
    ldmxcsr (%rsp)
    fldcw 4(%rsp)
    addq $8, %rsp
    .cfi_def_cfa_offset 56
    popq %r15
    .cfi_def_cfa_offset 48
    popq %r14
    .cfi_def_cfa_offset 40
    popq %r13
    .cfi_def_cfa_offset 32
    popq %r12
    .cfi_def_cfa_offset 24
    popq %rbx
    .cfi_def_cfa_offset 16
    popq %rbp
    .cfi_def_cfa_offset 8
    retq
    .cfi_endproc
    .size ndiskit_fiber_switch, . - ndiskit_fiber_switch

// Where a new fiber begins: r12 is its argument, r13 its entry, which does not return. The frame is marked as the
// outermost, so that backtraces end here.
    .globl ndiskit_fiber_begin
    .type ndiskit_fiber_begin, @function
    .p2align 4
ndiskit_fiber_begin:
    .cfi_startproc
    .cfi_undefined %rip
    xorl %ebp, %ebp
    movq %r12, %rdi
    callq *%r13
    ud2
    .cfi_endproc
    .size ndiskit_fiber_begin, . - ndiskit_fiber_begin

    .section .note.GNU-stack, "", @progbits
