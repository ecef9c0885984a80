// Destructors of C++ globals and of function-local statics. The compiler registers them by atexit; they run in
// reverse order when the driver goes: after its DriverUnload, or at once when DriverEntry fails. Linked only
// into drivers that have such objects.
//
// A destructor that cannot be registered would silently never run, so a full table is a bug check.
#include <ntddk.h>

enum { most_destructors = 256, bugcheck_kernel_security_check_failure = 0x139, fast_fail_fatal_exit = 7 };

typedef void (*destructor_t)(void);
static destructor_t destructors[most_destructors];
static volatile LONG destructor_count;
static PDRIVER_UNLOAD driver_unload;

int atexit(destructor_t destructor) {
    const LONG position = InterlockedIncrement(&destructor_count) - 1;
    if (position >= most_destructors)
        KeBugCheckEx(bugcheck_kernel_security_check_failure, fast_fail_fatal_exit, (ULONG_PTR)destructor, 0, 0);
    destructors[position] = destructor;
    return 0;
}

static void run_destructors(void) {
    while (destructor_count > 0)
        destructors[--destructor_count]();
}

static void NTAPI unload(PDRIVER_OBJECT driver) {
    driver_unload(driver);
    run_destructors();
}

static void after_entry(PDRIVER_OBJECT driver, NTSTATUS status) {
    if (!NT_SUCCESS(status)) {
        run_destructors();
        return;
    }
    // A driver without DriverUnload stays until the machine ends.
    if (driver->DriverUnload) {
        driver_unload = driver->DriverUnload;
        driver->DriverUnload = unload;
    }
}

static void (*const hook)(PDRIVER_OBJECT, NTSTATUS)
    __attribute__((section(".rdata$ndiskit_hook_m"), used)) = after_entry;
