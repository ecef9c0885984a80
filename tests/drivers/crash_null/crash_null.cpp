// Reads through a null pointer in DriverEntry.
#include <ntddk.h>

struct Device {
    ULONG flags[4];
};

static __attribute__((noinline)) ULONG read_flags(volatile Device* device) {
    return device->flags[2];  // the faulting line
}

extern "C" DRIVER_INITIALIZE DriverEntry;
NTSTATUS DriverEntry(PDRIVER_OBJECT, PUNICODE_STRING) {
    return read_flags(nullptr) != 0 ? STATUS_SUCCESS : STATUS_UNSUCCESSFUL;
}
