# ___chkstk_ms: the compiler calls it before a function takes more than a page of stack, with the size in RAX.
# Touches every page on the way down, so that a guard page is met in order. Changes no register.
# Windows' name for the same is __chkstk (x64: it does not move RSP either).
    .text
    .globl ___chkstk_ms
    .globl __chkstk
    .def ___chkstk_ms
    .scl 2
    .type 32
    .endef
    .p2align 4
__chkstk:
___chkstk_ms:
    .seh_proc ___chkstk_ms
    pushq %rcx
    .seh_pushreg %rcx
    pushq %rax
    .seh_pushreg %rax
    .seh_endprologue
    leaq 24(%rsp), %rcx        # the caller's stack pointer
    cmpq $0x1000, %rax
    jb 2f
1:  subq $0x1000, %rcx
    orq $0, (%rcx)
    subq $0x1000, %rax
    cmpq $0x1000, %rax
    ja 1b
2:  subq %rax, %rcx
    orq $0, (%rcx)
    popq %rax
    popq %rcx
    retq
    .seh_endproc
