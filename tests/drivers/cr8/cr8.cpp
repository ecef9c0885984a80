// CR8 as the inline functions of wdm.h use it, in functions that the loader can rewrite and in some that it cannot.
#include <ntddk.h>

#define CASE extern "C" __declspec(dllexport) ULONG64
#define NOINLINE __attribute__((noinline))

extern "C" DRIVER_INITIALIZE DriverEntry;
NTSTATUS DriverEntry(PDRIVER_OBJECT, PUNICODE_STRING) { return STATUS_SUCCESS; }

static inline __attribute__((always_inline)) ULONG64 read_cr8() {
    ULONG64 value;
    asm volatile("movq %%cr8, %0" : "=r"(value));
    return value;
}
static inline __attribute__((always_inline)) void write_cr8(ULONG64 value) { asm volatile("movq %0, %%cr8" ::"r"(value)); }

static NOINLINE void keep(volatile ULONG64*) {}

// The IRQLs seen before, while and after raising, a byte each.
CASE RaiseAndLower() {
    volatile ULONG64 seen[3];
    keep(seen);
    seen[0] = read_cr8();
    write_cr8(2);
    seen[1] = read_cr8();
    write_cr8(seen[0]);
    seen[2] = read_cr8();
    return seen[0] << 16 | seen[1] << 8 | seen[2];
}

// All registers but the result survive a read, and so do the flags.
CASE RegistersKept(ULONG64 a, ULONG64 b, ULONG64 c, ULONG64 d) {
    volatile ULONG64 place;
    keep(&place);
    ULONG64 result, carry;
    asm volatile(
        "mov $7, %%r10\n mov $9, %%r11\n mov $11, %%rbx\n"
        "stc\n"
        "movq %%cr8, %%rax\n"
        "mov %%r10, %%r10\n"
        "setc %%al\n movzbl %%al, %%eax\n mov %%rax, %1\n"
        "lea (%%r10, %%r11), %0\n add %%rbx, %0"
        : "=&r"(result), "=&r"(carry)
        :
        : "rax", "rbx", "r10", "r11");
    return result * 100000 + carry * 10000 + a * 1000 + b * 100 + c * 10 + d;
}

// Without a frame and without .pdata: the access traps.
asm(".globl leaf_irql\n"
    ".p2align 4\n"
    "leaf_irql: movq %cr8, %rax\n"
    "ret\n");
extern "C" ULONG64 leaf_irql();
CASE LeafRead() {
    volatile ULONG64 place;
    keep(&place);
    return leaf_irql();
}

// A branch comes in right behind the access, so that it cannot be replaced.
CASE BranchBehind(ULONG64 count) {
    volatile ULONG64 place;
    keep(&place);
    ULONG64 sum = 0;
    asm volatile(
        "movq %%cr8, %%rax\n"
        "1: add %%rax, %0\n"
        "inc %0\n"
        "dec %1\n"
        "jnz 1b\n"
        : "+r"(sum), "+r"(count)::"rax");
    return sum;
}
