// Touches memory that is not there at DISPATCH_LEVEL, inside a __try: Windows does not ask handlers at that IRQL.
#include <ntddk.h>

static __attribute__((noinline)) void touch(volatile ULONG* address) { *address = 1; }

extern "C" DRIVER_INITIALIZE DriverEntry;
NTSTATUS DriverEntry(PDRIVER_OBJECT, PUNICODE_STRING) {
    KIRQL old;
    KeRaiseIrql(DISPATCH_LEVEL, &old);
    __try {
        touch(reinterpret_cast<volatile ULONG*>(0x10));
    } __except (EXCEPTION_EXECUTE_HANDLER) {
        KeLowerIrql(old);
        return STATUS_SUCCESS;
    }
    KeLowerIrql(old);
    return STATUS_SUCCESS;
}

// Waits without a timeout at DISPATCH_LEVEL.
extern "C" __declspec(dllexport) void WaitAtDispatch() {
    KEVENT event;
    KeInitializeEvent(&event, NotificationEvent, FALSE);
    KIRQL old;
    KeRaiseIrql(DISPATCH_LEVEL, &old);
    KeWaitForSingleObject(&event, Executive, KernelMode, FALSE, nullptr);
    KeLowerIrql(old);
}

// Returns at another IRQL than it was called at.
extern "C" __declspec(dllexport) void LeaveRaised() {
    KIRQL old;
    KeRaiseIrql(DISPATCH_LEVEL, &old);
}
