// Instructions that only ring 0 may execute, and other ways to end a machine by an instruction.
#include <ntddk.h>

#define CASE extern "C" __declspec(dllexport) void

extern "C" DRIVER_INITIALIZE DriverEntry;
NTSTATUS DriverEntry(PDRIVER_OBJECT, PUNICODE_STRING) { return STATUS_SUCCESS; }

CASE DisableInterrupts() { asm volatile("cli"); }
CASE ReadMsr() { asm volatile("rdmsr" ::"c"(0x10) : "eax", "edx"); }
CASE InPort() { asm volatile("inb %%dx, %%al" ::"d"(0x60) : "eax"); }
CASE FastFail() { asm volatile("int $0x29" ::"c"(3)); }
CASE BreakPoint() { __debugbreak(); }
CASE CallNull() {
    void (*volatile function)() = nullptr;
    function();
    asm volatile("");  // no tail call
}
static volatile UCHAR data[16] = {0xC3};
CASE ExecuteData() { reinterpret_cast<void (*)()>(const_cast<UCHAR*>(data))(); }
static const volatile ULONG constant = 5;
CASE WriteConstant() { const_cast<volatile ULONG&>(constant) = 6; }
CASE ReadSystemSpace() { (void)*reinterpret_cast<volatile ULONG*>(0xFFFF800012345678); }
CASE StopIt() { KeBugCheckEx(0xE2, 1, 2, 3, 4); }
__attribute__((noinline)) static ULONG overflow(ULONG depth) {
    volatile UCHAR block[1024];
    block[depth % 1024] = 1;
    return overflow(depth + 1) + block[depth % 1024];
}
CASE OverflowStack() { overflow(0); }

// What the inline functions of wdm.h read at KI_USER_SHARED_DATA.
extern "C" __declspec(dllexport) ULONG64 ReadInterruptTime() {
    return *reinterpret_cast<volatile ULONG64*>(0xFFFFF78000000008);
}
extern "C" __declspec(dllexport) ULONG64 AddTickCount(ULONG64 add) {
    return add + *reinterpret_cast<volatile ULONG64*>(0xFFFFF78000000320);
}
