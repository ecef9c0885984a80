// Built with the sanitizer that the host has, if any: its memory accesses are seen by the host's runtime.
#include <ntddk.h>

extern "C" DRIVER_INITIALIZE DriverEntry;
NTSTATUS DriverEntry(PDRIVER_OBJECT, PUNICODE_STRING) { return STATUS_SUCCESS; }

// Writes `count` bytes from `start` on.
extern "C" __declspec(dllexport) void Fill(volatile UCHAR* start, ULONG64 count) {
    for (ULONG64 i = 0; i < count; ++i) start[i] = static_cast<UCHAR>(i);
}
