// What is set of threads and memory: prototypes that nt/abi.h lacks.
#pragma once

#include "nt/abi.h"

extern "C" {

typedef struct _POWER_THROTTLING_THREAD_STATE {
    ULONG Version;
    ULONG ControlMask;
    ULONG StateMask;
} POWER_THROTTLING_THREAD_STATE, *PPOWER_THROTTLING_THREAD_STATE;

typedef struct _MEMORY_RANGE_ENTRY {
    PVOID VirtualAddress;
    SIZE_T NumberOfBytes;
} MEMORY_RANGE_ENTRY, *PMEMORY_RANGE_ENTRY;

typedef struct _POWER_PLATFORM_INFORMATION {
    BOOLEAN AoAc;
} POWER_PLATFORM_INFORMATION, *PPOWER_PLATFORM_INFORMATION;

NTSTATUS NTAPI ZwSetInformationThread(HANDLE ThreadHandle, ULONG ThreadInformationClass,
                                      PVOID ThreadInformation, ULONG ThreadInformationLength);
NTSTATUS NTAPI ZwSetInformationVirtualMemory(HANDLE ProcessHandle, ULONG VmInformationClass,
                                             ULONG_PTR NumberOfEntries, PMEMORY_RANGE_ENTRY VirtualAddresses,
                                             PVOID VmInformation, ULONG VmInformationLength);
NTSTATUS NTAPI ZwPowerInformation(ULONG InformationLevel, PVOID InputBuffer, ULONG InputBufferLength,
                                  PVOID OutputBuffer, ULONG OutputBufferLength);
NTSTATUS NTAPI ZwClearEvent(HANDLE EventHandle);
NTSTATUS NTAPI ZwDisplayString(PUNICODE_STRING String);
NTSTATUS NTAPI NtCopyFileChunk(HANDLE SourceHandle, HANDLE DestHandle, HANDLE Event,
                               PIO_STATUS_BLOCK IoStatusBlock, ULONG Length, PLARGE_INTEGER SourceOffset,
                               PLARGE_INTEGER DestOffset, PULONG SourceKey, PULONG DestKey, ULONG Flags);

}  // extern "C"
