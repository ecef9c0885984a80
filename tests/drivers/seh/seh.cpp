// Structured exception handling in every form that a driver uses. Each exported function is one case and returns a
// number that the test knows; DriverEntry does nothing.
#include <ntddk.h>

#define CASE extern "C" __declspec(dllexport) ULONG64
#define NOINLINE __attribute__((noinline))

extern "C" DRIVER_INITIALIZE DriverEntry;
NTSTATUS DriverEntry(PDRIVER_OBJECT, PUNICODE_STRING) { return STATUS_SUCCESS; }

static volatile ULONG steps[16];
static volatile ULONG step_count;

static NOINLINE void step(ULONG value) {
    if (step_count < 16) steps[step_count++] = value;
}
static NOINLINE ULONG64 steps_as_number() {
    ULONG64 number = 0;
    for (ULONG i = 0; i < step_count; ++i) number = number * 10 + steps[i];
    step_count = 0;
    return number;
}

static NOINLINE ULONG read_at(volatile ULONG* address) { return *address; }
static NOINLINE void write_at(volatile ULONG* address) { *address = 1; }
// By hand: a compiler may compute 1 / b without dividing.
static NOINLINE int divide(int a, int b) {
    int quotient, rest;
    asm volatile("cltd\n idivl %3" : "=a"(quotient), "=&d"(rest) : "a"(a), "r"(b));
    return quotient;
}

CASE ReadNull() {
    __try {
        read_at(nullptr);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return GetExceptionCode();
    }
    return 0;
}

// kind of access << 32 | address, out of the exception record
static ULONG64 details;
static NOINLINE int take_details(PEXCEPTION_POINTERS pointers) {
    details = pointers->ExceptionRecord->ExceptionInformation[0] << 32 |
              pointers->ExceptionRecord->ExceptionInformation[1];
    return EXCEPTION_EXECUTE_HANDLER;
}
CASE WriteDetails() {
    __try {
        write_at(reinterpret_cast<volatile ULONG*>(0x1234));
    } __except (take_details(static_cast<PEXCEPTION_POINTERS>(GetExceptionInformation()))) {
        return details;
    }
    return 0;
}

CASE DivideByZero(int zero) {
    __try {
        return static_cast<ULONG64>(divide(1, zero));
    } __except (GetExceptionCode() == STATUS_INTEGER_DIVIDE_BY_ZERO ? EXCEPTION_EXECUTE_HANDLER
                                                                     : EXCEPTION_CONTINUE_SEARCH) {
        return 0xD1;
    }
}

CASE RaiseStatus() {
    __try {
        ExRaiseStatus(STATUS_INSUFFICIENT_RESOURCES);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return static_cast<ULONG>(GetExceptionCode());
    }
}

// The finally blocks of the frames in between run, innermost first, before the handler.
static NOINLINE void raise_below_finally() {
    __try {
        __try {
            step(1);
            ExRaiseStatus(STATUS_UNSUCCESSFUL);
        } __finally {
            step(2);
        }
    } __finally {
        step(3);
    }
}
CASE FinallyOrder() {
    __try {
        raise_below_finally();
        step(9);
    } __except (step(5), EXCEPTION_EXECUTE_HANDLER) {
        step(4);
    }
    return steps_as_number();
}

// A finally block runs on the normal way out, too, and knows which way it is.
CASE FinallyNormal() {
    __try {
        step(1);
    } __finally {
        step(AbnormalTermination() ? 9 : 2);
    }
    return steps_as_number();
}

// The inner handler refuses, the outer one takes.
static NOINLINE int only(ULONG code, ULONG wanted) {
    return code == wanted ? EXCEPTION_EXECUTE_HANDLER : EXCEPTION_CONTINUE_SEARCH;
}
CASE NestedSearch() {
    __try {
        __try {
            read_at(nullptr);
        } __except (only(GetExceptionCode(), STATUS_INTEGER_DIVIDE_BY_ZERO)) {
            return 1;
        }
    } __except (only(GetExceptionCode(), STATUS_ACCESS_VIOLATION)) {
        return 2;
    }
    return 3;
}

// An exception in a handler goes to the enclosing __try.
CASE RaiseInHandler() {
    __try {
        __try {
            read_at(nullptr);
        } __except (EXCEPTION_EXECUTE_HANDLER) {
            ExRaiseStatus(STATUS_NO_MEMORY);
        }
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return static_cast<ULONG>(GetExceptionCode());
    }
}

// An exception in a filter, handled inside the filter.
static NOINLINE int filter_that_faults() {
    __try {
        read_at(nullptr);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        step(1);
    }
    step(2);
    return EXCEPTION_EXECUTE_HANDLER;
}
CASE HandledInFilter() {
    __try {
        ExRaiseStatus(STATUS_UNSUCCESSFUL);
    } __except (filter_that_faults()) {
        step(3);
    }
    return steps_as_number();
}

// An exception in a filter that the filter does not handle: an outer frame sees the second exception.
static NOINLINE int filter_that_raises(ULONG code) {
    if (code == static_cast<ULONG>(STATUS_UNSUCCESSFUL)) ExRaiseStatus(STATUS_NO_MEMORY);
    return EXCEPTION_CONTINUE_SEARCH;
}
static NOINLINE void raise_through_filter() {
    __try {
        ExRaiseStatus(STATUS_UNSUCCESSFUL);
    } __except (filter_that_raises(GetExceptionCode())) {
        step(9);
    }
}
CASE RaiseInFilter() {
    __try {
        raise_through_filter();
    } __except (only(GetExceptionCode(), STATUS_NO_MEMORY)) {
        return static_cast<ULONG>(GetExceptionCode());
    }
    return 0;
}

// A finally block, run by an unwind, raises: the second exception is handled further out, and the finally blocks that
// the first unwind had still before it run once.
static NOINLINE void raise_in_finally() {
    __try {
        __try {
            ExRaiseStatus(STATUS_UNSUCCESSFUL);
        } __finally {
            step(1);
            // Behind a condition, or the compiler would drop the outer block.
            if (step_count == 1) ExRaiseStatus(STATUS_NO_MEMORY);
        }
    } __finally {
        step(2);
    }
}
CASE CollidedUnwind() {
    __try {
        __try {
            raise_in_finally();
        } __except (only(GetExceptionCode(), STATUS_UNSUCCESSFUL)) {
            step(9);
        }
    } __except (only(GetExceptionCode(), STATUS_NO_MEMORY)) {
        step(3);
    }
    return steps_as_number();
}

// The filter repairs the context and execution goes on: the faulting read is repeated with another address.
static ULONG repaired = 42;
static NOINLINE int repair(PEXCEPTION_POINTERS pointers) {
    pointers->ContextRecord->Rcx = reinterpret_cast<ULONG64>(&repaired);
    return EXCEPTION_CONTINUE_EXECUTION;
}
// Its argument is in rcx when it reads.
extern "C" ULONG read_through_rcx(ULONG* address);
asm(".globl read_through_rcx\n"
    ".p2align 4\n"
    "read_through_rcx: movl (%rcx), %eax\n"
    "ret\n");
CASE ContinueExecution() {
    ULONG value = 0;
    __try {
        value = read_through_rcx(nullptr);
    } __except (repair(static_cast<PEXCEPTION_POINTERS>(GetExceptionInformation()))) {
        return 0;
    }
    return value;
}

// Nonvolatile registers, xmm6 to xmm15 among them, have their values after the handler was reached.
CASE RegistersSurvive(ULONG64 a, ULONG64 b) {
    double x = static_cast<double>(a) * 1.5;
    double y = static_cast<double>(b) * 2.5;
    ULONG64 kept = a * 3 + b;
    asm volatile("" : "+x"(x), "+x"(y), "+r"(kept));
    __try {
        read_at(nullptr);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        asm volatile("" : "+x"(x), "+x"(y), "+r"(kept));
    }
    return kept + static_cast<ULONG64>(x + y);
}

// A kit function that raises: the exception is the driver's, at the call.
CASE ProbeBad(ULONG64 address) {
    __try {
        ProbeForRead(reinterpret_cast<void*>(address), 8, 8);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return static_cast<ULONG>(GetExceptionCode());
    }
    return 0;
}

CASE ProbeWriteBad(ULONG64 address) {
    __try {
        ProbeForWrite(reinterpret_cast<void*>(address), 8, 8);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return static_cast<ULONG>(GetExceptionCode());
    }
    return 0;
}

// What a caller keeps in registers over the exception: whole numbers and floating point.
static NOINLINE ULONG64 copy_under_try(volatile char* to, volatile char* from, SIZE_T length) {
    __try {
        memmove(const_cast<char*>(to), const_cast<char*>(from), length);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return static_cast<ULONG>(GetExceptionCode());
    }
    return 0;
}
static volatile ULONG64 seed = 3;
CASE CopyBad(ULONG64 from, ULONG64 length) {
    static char room[4096];
    const ULONG64 a = seed * 5, b = seed * 7, c = seed * 11;
    const double x = static_cast<double>(seed) * 1.5, y = static_cast<double>(seed) * 2.5;
    const ULONG64 code = copy_under_try(room, reinterpret_cast<char*>(from), length);
    if (a + b + c != seed * 23 || x + y != static_cast<double>(seed) * 4) return 1;
    return code;
}

CASE FillBad(ULONG64 to) {
    __try {
        memset(reinterpret_cast<void*>(to), 1, static_cast<SIZE_T>(seed) * 20);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return static_cast<ULONG>(GetExceptionCode());
    }
    return 0;
}

CASE CompareBad(ULONG64 with) {
    static char room[64];
    __try {
        return RtlCompareMemory(room, reinterpret_cast<void*>(with), static_cast<SIZE_T>(seed) * 20);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return static_cast<ULONG>(GetExceptionCode());
    }
}

// More memory than there is, by each function that raises when it has none.
extern "C" __declspec(dllimport) PVOID NTAPI ExAllocatePool2(ULONG64, SIZE_T, ULONG);
static NOINLINE PVOID allocate_too_much(ULONG64 how) {
    constexpr SIZE_T too_much = SIZE_T{1} << 46;
    switch (how) {
        case 0:
            return ExAllocatePoolWithQuotaTag(NonPagedPool, too_much, 'tset');
        case 1:
            return ExAllocatePoolWithTag(static_cast<POOL_TYPE>(NonPagedPool | 16), too_much, 'tset');
        case 2:
            return ExAllocatePool2(0x60, too_much, 'tset');  // nonpaged, raise on failure
        case 3:
            return ExAllocatePool2(0x60, 16, 0);  // no tag
        default:
            return ExAllocatePoolWithTag(NonPagedPool, too_much, 'tset');
    }
}
CASE AllocateBad(ULONG64 how) {
    const ULONG64 a = seed * 5, b = seed * 7;
    const double x = static_cast<double>(seed) * 1.5;
    ULONG64 code = 0;
    __try {
        if (allocate_too_much(how)) code = 2;
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        code = static_cast<ULONG>(GetExceptionCode());
    }
    return a + b == seed * 12 && x == static_cast<double>(seed) * 1.5 ? code : 1;
}

// As a driver does with the buffer of a METHOD_NEITHER request.
CASE LockBad(ULONG64 address) {
    const PMDL mdl = IoAllocateMdl(reinterpret_cast<void*>(address), 8, FALSE, FALSE, nullptr);
    ULONG64 result = 0;
    __try {
        MmProbeAndLockPages(mdl, UserMode, IoWriteAccess);
        MmUnlockPages(mdl);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        result = static_cast<ULONG>(GetExceptionCode());
    }
    IoFreeMdl(mdl);
    return result;
}

extern "C" __declspec(dllimport) void RtlRaiseException(PEXCEPTION_RECORD);
static NOINLINE int continue_if_77(PEXCEPTION_POINTERS pointers) {
    return pointers->ExceptionRecord->ExceptionInformation[0] == 77 ? EXCEPTION_CONTINUE_EXECUTION
                                                                    : EXCEPTION_EXECUTE_HANDLER;
}
CASE RaiseException() {
    EXCEPTION_RECORD record = {};
    record.ExceptionCode = 0xE0001234;
    record.NumberParameters = 1;
    record.ExceptionInformation[0] = 77;
    ULONG64 seen = 0;
    __try {
        RtlRaiseException(&record);
        seen = 1;  // a continuable exception goes on here
    } __except (continue_if_77(static_cast<PEXCEPTION_POINTERS>(GetExceptionInformation()))) {
        return 2;
    }
    return seen;
}

static NOINLINE ULONG64 deep(ULONG depth) {
    if (depth == 0) return read_at(nullptr);
    volatile UCHAR block[300];
    block[depth] = static_cast<UCHAR>(depth);
    return deep(depth - 1) + block[depth];
}
CASE DeepUnwind() {
    __try {
        return deep(40);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return 40;
    }
}

static NOINLINE void break_here() { __debugbreak(); }
CASE Breakpoint() {
    __try {
        break_here();
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return static_cast<ULONG>(GetExceptionCode());
    }
    return 0;
}

// The driver calls itself through a kit function (a callback): exceptions stop at the kit.
typedef ULONG64 (*KitCall)(ULONG64 (*)());
static ULONG64 faults() { return read_at(nullptr); }
CASE ThroughKit(KitCall kit) {
    __try {
        return kit(faults);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        return 1;
    }
}

// The pages of a scattered read or write, each on its own; gives where the first is seen.
extern "C" __declspec(dllimport) VOID NTAPI MmProbeAndLockSelectedPages(PMDL, PFILE_SEGMENT_ELEMENT, KPROCESSOR_MODE,
                                                                      LOCK_OPERATION);
CASE LockSelected(ULONG64 first, ULONG64 second) {
    FILE_SEGMENT_ELEMENT segments[2];
    segments[0].Buffer = reinterpret_cast<PVOID>(first);
    segments[1].Buffer = reinterpret_cast<PVOID>(second);
    PMDL mdl = IoAllocateMdl(reinterpret_cast<PVOID>(first), 2 * PAGE_SIZE, FALSE, FALSE, nullptr);
    ULONG64 result = 0;
    __try {
        MmProbeAndLockSelectedPages(mdl, segments, UserMode, IoWriteAccess);
        result = reinterpret_cast<ULONG64>(MmGetSystemAddressForMdlSafe(mdl, NormalPagePriority));
        MmUnlockPages(mdl);
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        result = static_cast<ULONG>(GetExceptionCode());
    }
    IoFreeMdl(mdl);
    return result;
}
