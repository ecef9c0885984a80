// Memory that a driver wants in a triage dump: the list, and how it begins. Included by wdm_more.h.
#pragma once

#ifdef __cplusplus
extern "C" {
#endif

typedef struct _KADDRESS_RANGE {
    PVOID Address;
    ULONG_PTR Size;
} KADDRESS_RANGE, *PKADDRESS_RANGE;

typedef struct _KTRIAGE_DUMP_DATA_ARRAY {
    LIST_ENTRY List;
    ULONG NumBlocksUsed;
    ULONG NumBlocksTotal;
    ULONG DataSize;
    ULONG MaxDataSize;
    ULONG ComponentNameBufferLength;
    PUCHAR ComponentName;
    KADDRESS_RANGE Blocks[ANYSIZE_ARRAY];
} KTRIAGE_DUMP_DATA_ARRAY, *PKTRIAGE_DUMP_DATA_ARRAY;

// `Size` bytes of memory become an empty list of as many blocks as they hold.
FORCEINLINE NTSTATUS KeInitializeTriageDumpDataArray(PKTRIAGE_DUMP_DATA_ARRAY KtriageDumpDataArray,
                                                     ULONG Size) {
    if (Size < sizeof(KTRIAGE_DUMP_DATA_ARRAY)) return STATUS_INVALID_PARAMETER;
    RtlZeroMemory(KtriageDumpDataArray, sizeof *KtriageDumpDataArray);
    InitializeListHead(&KtriageDumpDataArray->List);
    KtriageDumpDataArray->NumBlocksTotal =
        (ULONG)((Size - FIELD_OFFSET(KTRIAGE_DUMP_DATA_ARRAY, Blocks)) / sizeof(KADDRESS_RANGE));
    KtriageDumpDataArray->MaxDataSize = 0xFFFFFFFF;
    return STATUS_SUCCESS;
}

NTKERNELAPI NTSTATUS NTAPI KeAddTriageDumpDataBlock(PKTRIAGE_DUMP_DATA_ARRAY KtriageDumpDataArray,
                                                    PVOID Address, SIZE_T Size);

#ifdef __cplusplus
}
#endif
