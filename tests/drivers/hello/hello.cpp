// The smallest driver: says hello when it is loaded and goodbye when it is unloaded.
#include <ntddk.h>

extern "C" DRIVER_INITIALIZE DriverEntry;
static DRIVER_UNLOAD unload;

#pragma alloc_text(INIT, DriverEntry)

static void unload(PDRIVER_OBJECT) { DbgPrint("hello: goodbye\n"); }

NTSTATUS DriverEntry(PDRIVER_OBJECT driver, PUNICODE_STRING registry_path) {
    driver->DriverUnload = unload;
    DbgPrint("hello: loaded from %wZ\n", registry_path);
    return STATUS_SUCCESS;
}
