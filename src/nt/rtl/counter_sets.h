// Performance counters: records and functions, for the export table.
#pragma once

#include "nt/abi.h"

typedef struct _PCW_REGISTRATION* PPCW_REGISTRATION;
typedef struct _PCW_INSTANCE* PPCW_INSTANCE;
typedef struct _PCW_BUFFER* PPCW_BUFFER;

typedef struct _PCW_DATA {
    const void* Data;
    ULONG Size;
} PCW_DATA, *PPCW_DATA;

typedef struct _PCW_COUNTER_DESCRIPTOR {
    USHORT Id;
    USHORT StructIndex;
    USHORT Offset;
    USHORT Size;
} PCW_COUNTER_DESCRIPTOR, *PPCW_COUNTER_DESCRIPTOR;

typedef struct _PCW_REGISTRATION_INFORMATION {
    ULONG Version;
    PCUNICODE_STRING Name;
    ULONG CounterCount;
    PPCW_COUNTER_DESCRIPTOR Counters;
    PVOID Callback;
    PVOID CallbackContext;
    ULONG Flags;  // of version 2
} PCW_REGISTRATION_INFORMATION, *PPCW_REGISTRATION_INFORMATION;

extern "C" {

NTSTATUS NTAPI PcwRegister(PPCW_REGISTRATION* Registration, PPCW_REGISTRATION_INFORMATION Info);
void NTAPI PcwUnregister(PPCW_REGISTRATION Registration);
NTSTATUS NTAPI PcwCreateInstance(PPCW_INSTANCE* Instance, PPCW_REGISTRATION Registration,
                                 PCUNICODE_STRING Name, ULONG Count, PPCW_DATA Data);
void NTAPI PcwCloseInstance(PPCW_INSTANCE Instance);
NTSTATUS NTAPI PcwAddInstance(PPCW_BUFFER Buffer, PCUNICODE_STRING Name, ULONG Id, ULONG Count,
                              PPCW_DATA Data);

}  // extern "C"
