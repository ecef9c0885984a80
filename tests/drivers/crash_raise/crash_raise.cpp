// Raises a status that nobody handles.
#include <ntddk.h>

extern "C" DRIVER_INITIALIZE DriverEntry;
NTSTATUS DriverEntry(PDRIVER_OBJECT, PUNICODE_STRING) {
    ExRaiseStatus(STATUS_INSUFFICIENT_RESOURCES);
}
