// Dumps: drivers do not write them here. Lists of memory for triage dumps. The list is the driver's, which
// alone writes to it.
#include "nt/abi.h"
#include "nt/abi/triage.h"

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keaddtriagedumpdatablock
NTSTATUS NTAPI KeAddTriageDumpDataBlock(PKTRIAGE_DUMP_DATA_ARRAY list, PVOID address, SIZE_T size) {
    if (!address || size == 0) return STATUS_INVALID_PARAMETER;
    const bool has_room = list->NumBlocksUsed < list->NumBlocksTotal;
    if (!has_room || size > list->MaxDataSize || list->DataSize > list->MaxDataSize - size)
        return STATUS_INSUFFICIENT_RESOURCES;
    list->Blocks[list->NumBlocksUsed++] = {.Address = address, .Size = size};
    list->DataSize += static_cast<ULONG>(size);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-keinitializecrashdumpheader
NTSTATUS NTAPI KeInitializeCrashDumpHeader(ULONG type, ULONG flags, PVOID, ULONG, PULONG needed) {
    constexpr ULONG full = 1;
    if (type != full || flags != 0) return STATUS_INVALID_PARAMETER;
    if (needed) *needed = 0;
    return STATUS_NOT_SUPPORTED;
}

}  // extern "C"
