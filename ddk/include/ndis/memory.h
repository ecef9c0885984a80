// Memory, MDLs, files, work items, generic objects.
#pragma once

#include "ndis/objects.h"
#include "ndis/types.h"

NDIS_BEGIN_DECLS

struct _NDIS_WORK_ITEM;

#define NDIS_MEMORY_CONTIGUOUS 1
#define NDIS_MEMORY_NONCACHED  2

typedef VOID(NTAPI NDIS_IO_WORKITEM_FUNCTION)(PVOID WorkItemContext, NDIS_HANDLE NdisIoWorkItemHandle);
typedef NDIS_IO_WORKITEM_FUNCTION* NDIS_IO_WORKITEM_ROUTINE;
typedef VOID(NTAPI* NDIS_PROC)(struct _NDIS_WORK_ITEM* WorkItem, PVOID Context);

typedef struct _NDIS_WORK_ITEM {
    PVOID Context;
    NDIS_PROC Routine;
    UCHAR WrapperReserved[64];
} NDIS_WORK_ITEM, *PNDIS_WORK_ITEM;

NDISAPI PNDIS_GENERIC_OBJECT NTAPI NdisAllocateGenericObject(PDRIVER_OBJECT DriverObject, ULONG Tag,
                                                             USHORT Size);
NDISAPI NDIS_HANDLE NTAPI NdisAllocateIoWorkItem(NDIS_HANDLE NdisObjectHandle);
NDISAPI PMDL NTAPI NdisAllocateMdl(NDIS_HANDLE NdisHandle, PVOID VirtualAddress, UINT Length);
NDISAPI NDIS_STATUS NTAPI NdisAllocateMemoryWithTag(PVOID* VirtualAddress, UINT Length, ULONG Tag);
NDISAPI PVOID NTAPI NdisAllocateMemoryWithTagPriority(NDIS_HANDLE NdisHandle, UINT Length, ULONG Tag,
                                                      EX_POOL_PRIORITY Priority);
NDISAPI VOID NTAPI NdisCloseFile(NDIS_HANDLE FileHandle);
NDISAPI VOID NTAPI NdisFreeGenericObject(PNDIS_GENERIC_OBJECT NdisObject);
NDISAPI VOID NTAPI NdisFreeIoWorkItem(NDIS_HANDLE NdisIoWorkItemHandle);
NDISAPI VOID NTAPI NdisFreeMdl(PMDL Mdl);
NDISAPI VOID NTAPI NdisFreeMemory(PVOID VirtualAddress, UINT Length, UINT MemoryFlags);
#if NDIS_SUPPORT_NDIS620
NDISAPI VOID NTAPI NdisFreeMemoryWithTag(PVOID VirtualAddress, ULONG Tag);
NDISAPI VOID NTAPI NdisFreeMemoryWithTagPriority(NDIS_HANDLE NdisHandle, PVOID VirtualAddress, ULONG Tag);
#endif
NDISAPI VOID NTAPI NdisGetSystemUpTimeEx(PLARGE_INTEGER pSystemUpTime);
NDISAPI VOID NTAPI NdisInitializeString(PNDIS_STRING Destination, PUCHAR Source);
NDISAPI VOID NTAPI NdisMapFile(PNDIS_STATUS Status, PVOID* MappedBuffer, NDIS_HANDLE FileHandle);
NDISAPI VOID NTAPI NdisOpenFile(PNDIS_STATUS Status, PNDIS_HANDLE FileHandle, PUINT FileLength,
                                PNDIS_STRING FileName, NDIS_PHYSICAL_ADDRESS HighestAcceptableAddress);
NDISAPI VOID NTAPI NdisQueueIoWorkItem(NDIS_HANDLE NdisIoWorkItemHandle, NDIS_IO_WORKITEM_ROUTINE Routine,
                                       PVOID WorkItemContext);
NDISAPI VOID NTAPI NdisUnmapFile(NDIS_HANDLE FileHandle);

typedef NDIS_IO_WORKITEM_FUNCTION NDIS_IO_WORKITEM;

// ---- Plain memory
#define NdisMoveMemory(Destination, Source, Length) RtlCopyMemory((Destination), (Source), (Length))
#define NdisZeroMemory(Destination, Length)         RtlZeroMemory((Destination), (Length))
#define NdisFillMemory(Destination, Length, Fill)   RtlFillMemory((Destination), (Length), (Fill))
#define NdisEqualMemory(Source1, Source2, Length)   RtlEqualMemory((Source1), (Source2), (Length))
#define NdisRetrieveUlong(Destination, Source)      RtlRetrieveUlong((Destination), (Source))
#define NdisStoreUlong(Destination, Value)          RtlStoreUlong((Destination), (Value))

// ---- Memory of a device
#define NdisMoveMappedMemory(Destination, Source, Length) RtlCopyMemory((Destination), (Source), (Length))
#define NdisMoveToMappedMemory(Destination, Source, Length) \
    NdisMoveMappedMemory((Destination), (Source), (Length))
#define NdisMoveFromMappedMemory(Destination, Source, Length) \
    NdisMoveMappedMemory((Destination), (Source), (Length))
#define NdisZeroMappedMemory(Destination, Length) RtlZeroMemory((Destination), (Length))

// ---- MDLs. A driver's MDLs describe nonpaged memory, so that the mapping asks for no more than an address.
#define NDIS_MDL_LINKAGE(_Mdl) ((_Mdl)->Next)
#define NDIS_MDL_TO_SPAN_PAGES(_Mdl) \
    (MmGetMdlByteCount(_Mdl) == 0    \
         ? 1                         \
         : ADDRESS_AND_SIZE_TO_SPAN_PAGES(MmGetMdlVirtualAddress(_Mdl), MmGetMdlByteCount(_Mdl)))
#define NdisGetMdlPhysicalArraySize(_Mdl, _ArraySize) (*(_ArraySize) = NDIS_MDL_TO_SPAN_PAGES(_Mdl))
#define NdisGetNextMdl(_CurrentMdl, _NextMdl)         (*(_NextMdl) = (_CurrentMdl)->Next)
#define NdisAdjustMdlLength(_Mdl, _Length)            ((_Mdl)->ByteCount = (_Length))
#define NdisQueryMdl(_Mdl, _VirtualAddress, _Length, _Priority)                             \
    {                                                                                       \
        if ((_VirtualAddress) != NULL)                                                      \
            *(PVOID*)(_VirtualAddress) = MmGetSystemAddressForMdlSafe((_Mdl), (_Priority)); \
        *(_Length) = MmGetMdlByteCount(_Mdl);                                               \
    }
#define NdisQueryMdlOffset(_Mdl, _Offset, _Length) \
    {                                              \
        *(_Offset) = MmGetMdlByteOffset(_Mdl);     \
        *(_Length) = MmGetMdlByteCount(_Mdl);      \
    }

NDIS_END_DECLS
