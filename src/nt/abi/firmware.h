// Exports that give the tables of the machine's firmware.
#pragma once

#include "nt/abi/types.h"

extern "C" {

NTSTATUS NTAPI ExEnumerateSystemFirmwareTables(ULONG Provider, PVOID Buffer, ULONG Length,
                                               PULONG ReturnLength);
NTSTATUS NTAPI ExGetSystemFirmwareTable(ULONG Provider, ULONG Table, PVOID Buffer, ULONG Length,
                                        PULONG ReturnLength);
}
