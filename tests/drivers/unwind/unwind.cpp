// The functions under structured exception handling, called by a driver itself: contexts, function tables,
// unwinding by hand and to a target. Each exported function is one case and returns a number that the test
// knows.
#include <ntddk.h>

#define CASE extern "C" __declspec(dllexport) ULONG64
#define NOINLINE __attribute__((noinline))

extern "C" {
DRIVER_INITIALIZE DriverEntry;
struct FunctionRow {
    ULONG begin, end, unwind;
};
struct SavedPlaces {
    M128A* floating[16];
    ULONG64* integer[16];
};
__declspec(dllimport) void RtlCaptureContext(PCONTEXT);
__declspec(dllimport) FunctionRow* RtlLookupFunctionEntry(ULONG64 pc, ULONG64* base, PVOID history);
__declspec(dllimport) PVOID RtlVirtualUnwind(ULONG kind, ULONG64 base, ULONG64 pc, FunctionRow*, PCONTEXT,
                                             PVOID* data, ULONG64* frame, SavedPlaces*);
__declspec(dllimport) PVOID RtlPcToFileHeader(PVOID pc, PVOID* base);
__declspec(dllimport) void RtlRestoreContext(PCONTEXT, PEXCEPTION_RECORD);
__declspec(dllimport) void RtlUnwind(PVOID frame, PVOID target, PEXCEPTION_RECORD, PVOID value);
__declspec(dllimport) void RtlUnwindEx(PVOID frame, PVOID target, PEXCEPTION_RECORD, PVOID value, PCONTEXT,
                                       PVOID history);
__declspec(dllimport) void _local_unwind(PVOID frame, PVOID target);
__declspec(dllimport) USHORT RtlCaptureStackBackTrace(ULONG skip, ULONG count, PVOID*, PULONG);
__declspec(dllimport) ULONG RtlWalkFrameChain(PVOID*, ULONG count, ULONG flags);
}
extern "C" char __ImageBase;

NTSTATUS DriverEntry(PDRIVER_OBJECT, PUNICODE_STRING) { return STATUS_SUCCESS; }

static volatile ULONG64 steps;
static NOINLINE void step(ULONG value) { steps = steps * 10 + value; }

// A frame that is unwound to: calls the function in rcx with its own frame's address and a label of its own.
// Gives what is in rax at the label, or 1 when the call returned.
extern "C" ULONG64 call_with_target(void (*function)(PVOID frame, PVOID target));
asm(".globl call_with_target\n"
    ".def call_with_target; .scl 2; .type 32; .endef\n"
    ".seh_proc call_with_target\n"
    "call_with_target:\n"
    "    pushq %rbx\n"
    "    .seh_pushreg %rbx\n"
    "    subq $48, %rsp\n"
    "    .seh_stackalloc 48\n"
    "    .seh_endprologue\n"
    "    movq %rcx, %rax\n"
    "    movl $55, %ebx\n"
    "    movq %rsp, %rcx\n"
    "    leaq 1f(%rip), %rdx\n"
    "    callq *%rax\n"
    "    movl $1, %eax\n"
    "1:  cmpl $55, %ebx\n"
    "    je 2f\n"
    "    movl $2, %eax\n"
    "2:  addq $48, %rsp\n"
    "    popq %rbx\n"
    "    retq\n"
    "    .seh_endproc\n");

static NOINLINE void unwind_below(PVOID frame, PVOID target) {
    __try {
        __try {
            step(1);
            RtlUnwind(frame, target, nullptr, reinterpret_cast<PVOID>(77));
            step(9);
        } __finally {
            step(AbnormalTermination() ? 2 : 8);
        }
    } __finally {
        step(3);
    }
}
CASE UnwindToAFrame() {
    steps = 0;
    const ULONG64 value = call_with_target(unwind_below);
    return value * 1000 + steps;
}

static NOINLINE void unwind_ex_below(PVOID frame, PVOID target) {
    CONTEXT context;
    EXCEPTION_RECORD record = {};
    record.ExceptionCode = 0xE0001234;
    __try {
        RtlUnwindEx(frame, target, &record, reinterpret_cast<PVOID>(78), &context, nullptr);
    } __finally {
        step(4);
    }
}
CASE UnwindExToAFrame() {
    steps = 0;
    const ULONG64 value = call_with_target(unwind_ex_below);
    return value * 1000 + steps;
}

static NOINLINE void local_unwind_below(PVOID frame, PVOID target) {
    __try {
        step(5);
        _local_unwind(frame, target);
    } __finally {
        step(6);
    }
}
CASE LocalUnwind() {
    steps = 0;
    call_with_target(local_unwind_below);
    return steps;
}

static NOINLINE FunctionRow* row_of(ULONG64 pc) {
    ULONG64 base = 1;
    FunctionRow* const row = RtlLookupFunctionEntry(pc, &base, nullptr);
    const bool inside = base == reinterpret_cast<ULONG64>(&__ImageBase);
    return row && inside && pc - base >= row->begin && pc - base < row->end ? row : nullptr;
}

// From the registers here to those in the caller: its program counter and its stack.
static NOINLINE ULONG64 unwind_once(ULONG64 caller_pc_low, ULONG64 caller_pc_high) {
    CONTEXT context;
    RtlCaptureContext(&context);
    if (!(context.ContextFlags & CONTEXT_INTEGER)) return 1;
    SavedPlaces places = {};
    PVOID data = nullptr;
    ULONG64 frame = 0, base = reinterpret_cast<ULONG64>(&__ImageBase);
    FunctionRow* const row = row_of(context.Rip);
    if (!row) return 2;
    const ULONG64 own_stack = context.Rsp;
    if (RtlVirtualUnwind(0, base, context.Rip, row, &context, &data, &frame, &places))
        return 3;  // no handler
    if (context.Rip < caller_pc_low || context.Rip >= caller_pc_high) return 4;
    if (context.Rsp <= own_stack || frame < own_stack || frame >= context.Rsp) return 5;
    // What the function pushed of its caller's stands where the pointers say.
    for (ULONG i = 0; i < 16; ++i)
        if (places.integer[i] && *places.integer[i] != (&context.Rax)[i]) return 6;
    return 0;
}
CASE VirtualUnwind() {
    FunctionRow* const own = row_of(reinterpret_cast<ULONG64>(&VirtualUnwind));
    const ULONG64 base = reinterpret_cast<ULONG64>(&__ImageBase);
    if (!own) return 9;
    volatile ULONG64 result = unwind_once(base + own->begin, base + own->end);
    return result;
}

// A function that pushes a register of its caller's; its argument is called.
extern "C" ULONG64 push_and_call(ULONG64 (*function)());
asm(".globl push_and_call\n"
    ".def push_and_call; .scl 2; .type 32; .endef\n"
    ".seh_proc push_and_call\n"
    "push_and_call:\n"
    "    pushq %rsi\n"
    "    .seh_pushreg %rsi\n"
    "    subq $48, %rsp\n"
    "    .seh_stackalloc 48\n"
    "    movaps %xmm6, 32(%rsp)\n"
    "    .seh_savexmm %xmm6, 32\n"
    "    .seh_endprologue\n"
    "    callq *%rcx\n"
    "    nop\n"
    "    addq $48, %rsp\n"
    "    popq %rsi\n"
    "    retq\n"
    "    .seh_endproc\n");
static NOINLINE ULONG64 find_saved() {
    CONTEXT context;
    RtlCaptureContext(&context);
    SavedPlaces places = {};
    PVOID data = nullptr;
    ULONG64 frame = 0, base = 0;
    for (ULONG i = 0; i < 2; ++i) {  // out of this function, then out of push_and_call
        FunctionRow* const row = RtlLookupFunctionEntry(context.Rip, &base, nullptr);
        if (!row) return 1;
        places = {};
        RtlVirtualUnwind(0, base, context.Rip, row, &context, &data, &frame, &places);
    }
    const ULONG64 rsi = reinterpret_cast<ULONG64>(places.integer[6]),
                  xmm6 = reinterpret_cast<ULONG64>(places.floating[6]);
    if (rsi != frame + 48) return 2;
    if (xmm6 != frame + 32) return 3;
    if (places.integer[7]) return 4;  // rdi was not touched
    return 0;
}
CASE SavedRegisters() {
    volatile ULONG64 result = push_and_call(find_saved);
    return result;
}

static NOINLINE ULONG guarded(ULONG* address) {
    __try {
        return *static_cast<volatile ULONG*>(address);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return 0;
    }
}
// The handler of a function with __try is found in its body, not in its prologue.
CASE HandlerOfAFunction() {
    ULONG value = 5;
    if (guarded(&value) != 5) return 1;
    CONTEXT context;
    RtlCaptureContext(&context);
    const ULONG64 base = reinterpret_cast<ULONG64>(&__ImageBase);
    FunctionRow* const row = row_of(reinterpret_cast<ULONG64>(&guarded));
    if (!row) return 2;
    static ULONG64 stack[64];
    context.Rsp = context.Rbp = reinterpret_cast<ULONG64>(stack);
    PVOID data = nullptr;
    ULONG64 frame = 0;
    if (RtlVirtualUnwind(1, base, base + row->begin, row, &context, &data, &frame, nullptr)) return 3;
    context.Rsp = context.Rbp = reinterpret_cast<ULONG64>(stack);
    const UCHAR prologue = reinterpret_cast<UCHAR*>(base + row->unwind)[1];
    const auto* handler = static_cast<const UCHAR*>(
        RtlVirtualUnwind(1, base, base + row->begin + prologue, row, &context, &data, &frame, nullptr));
    if (!handler) return 4;
    // It is the image's jump to the import.
    if (handler[0] != 0xFF || handler[1] != 0x25) return 6;
    const auto* import =
        reinterpret_cast<PVOID const*>(handler + 6 + *reinterpret_cast<const LONG*>(handler + 2));
    if (*import != reinterpret_cast<PVOID>(&__C_specific_handler)) return 7;
    return *static_cast<ULONG*>(data) == 1 ? 0 : 5;  // one scope
}

CASE ImageOfAnAddress() {
    PVOID base = nullptr;
    ULONG64 wrong = 0;
    wrong |= RtlPcToFileHeader(reinterpret_cast<PVOID>(&ImageOfAnAddress), &base) != &__ImageBase;
    wrong |= (base != &__ImageBase) << 1;
    wrong |= (RtlPcToFileHeader(&wrong, &base) != nullptr) << 2;  // a stack is no image
    wrong |= (base != nullptr) << 3;
    ULONG64 image = 1;
    wrong |= (RtlLookupFunctionEntry(reinterpret_cast<ULONG64>(&wrong), &image, nullptr) != nullptr) << 4;
    return wrong;
}

// The second way out of RtlCaptureContext is by way of RtlRestoreContext.
CASE RestoredContext() {
    volatile ULONG times = 0;
    CONTEXT context;
    RtlCaptureContext(&context);
    times = times + 1;
    if (times < 3) RtlRestoreContext(&context, nullptr);
    return times;
}

// A long jump: the record has the buffer that setjmp filled.
struct alignas(16) JumpBuffer {
    ULONG64 frame, rbx, rsp, rbp, rsi, rdi, r12, r13, r14, r15, rip;
    ULONG mx_csr;
    USHORT fp_csr, spare;
    M128A xmm[10];
};
CASE LongJump() {
    volatile ULONG times = 0;
    CONTEXT context;
    RtlCaptureContext(&context);
    times = times + 1;
    if (times == 2) return times;
    JumpBuffer buffer = {0,           context.Rbx,   context.Rsp, context.Rbp, context.Rsi,
                         context.Rdi, context.R12,   context.R13, context.R14, context.R15,
                         context.Rip, context.MxCsr, 0x27F,       0,           {}};
    for (ULONG i = 0; i < 10; ++i) buffer.xmm[i] = (&context.Xmm6)[i];
    static EXCEPTION_RECORD record;
    record.ExceptionCode = 0x80000026;  // STATUS_LONGJUMP
    record.NumberParameters = 1;
    record.ExceptionInformation[0] = reinterpret_cast<ULONG_PTR>(&buffer);
    static CONTEXT other;
    RtlRestoreContext(&other, &record);
    return 0;
}

// A consolidated unwind: a function of the driver tells where execution goes on.
static ULONG64 resume_at;
static PVOID consolidate(PEXCEPTION_RECORD record) {
    step(static_cast<ULONG>(record->ExceptionInformation[1]));
    return reinterpret_cast<PVOID>(resume_at);
}
CASE Consolidate() {
    steps = 0;
    volatile ULONG times = 0;
    CONTEXT context;
    RtlCaptureContext(&context);
    times = times + 1;
    if (times == 2) return steps * 10 + times;
    resume_at = context.Rip;
    context.Rip = 0;
    static EXCEPTION_RECORD record;
    record.ExceptionCode = 0x80000029;  // STATUS_UNWIND_CONSOLIDATE
    record.NumberParameters = 2;
    record.ExceptionInformation[0] = reinterpret_cast<ULONG_PTR>(&consolidate);
    record.ExceptionInformation[1] = 7;
    RtlRestoreContext(&context, &record);
    return 0;
}

static NOINLINE ULONG64 trace(ULONG skip, PVOID* frames, ULONG count, ULONG* hash) {
    volatile ULONG64 result = RtlCaptureStackBackTrace(skip, count, frames, hash);
    return result;
}
CASE BackTrace() {
    PVOID all[8] = {}, rest[8] = {}, walked[8] = {};
    ULONG hash = 0, second = 0;
    if (trace(0, all, 2, &hash) != 2) return 1;
    if (trace(1, rest, 1, &second) != 1) return 2;
    const ULONG64 base = reinterpret_cast<ULONG64>(&__ImageBase);
    FunctionRow* const below = row_of(reinterpret_cast<ULONG64>(all[0]));
    FunctionRow* const own = row_of(reinterpret_cast<ULONG64>(all[1]));
    if (!below || below != row_of(reinterpret_cast<ULONG64>(&trace))) return 3;
    if (!own || own != row_of(reinterpret_cast<ULONG64>(&BackTrace))) return 4;
    if (row_of(reinterpret_cast<ULONG64>(rest[0])) != own) return 5;  // the first was skipped
    if (hash != static_cast<ULONG>(reinterpret_cast<ULONG64>(all[0])) +
                    static_cast<ULONG>(reinterpret_cast<ULONG64>(all[1])))
        return 6;
    const ULONG count = RtlWalkFrameChain(walked, 1, 0);
    if (count != 1 || row_of(reinterpret_cast<ULONG64>(walked[0])) != own) return 7;
    if (RtlWalkFrameChain(walked, 8, 1) != 0) return 8;  // no frames of programs
    return base ? 0 : 9;
}
