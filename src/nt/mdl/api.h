// Prototypes of exports over memory that nt/abi.h lacks: newer ones than its, and those that headers have
// inline.
#pragma once

#include "nt/abi.h"

extern "C" {

union _FILE_SEGMENT_ELEMENT {
    PVOID Buffer;  // the address of a page
    ULONGLONG Alignment;
};

typedef enum _MM_MDL_PAGE_CONTENTS_STATE : int {
    MmMdlPageContentsDynamic,
    MmMdlPageContentsInvariant,
    MmMdlPageContentsQuery,
} MM_MDL_PAGE_CONTENTS_STATE;
typedef void NTAPI MM_MDL_ROUTINE(PVOID DriverContext, PVOID MappedVa);
typedef MM_MDL_ROUTINE* PMM_MDL_ROUTINE;

NTSTATUS NTAPI MmAllocateContiguousMemoryEx(PSIZE_T NumberOfBytes, PHYSICAL_ADDRESS Low,
                                            PHYSICAL_ADDRESS High, PHYSICAL_ADDRESS Boundary,
                                            NODE_REQUIREMENT PreferredNode, ULONG Protect,
                                            PVOID PartitionObject, ULONG Tag, ULONG Flags,
                                            PVOID* BaseAddress);
PVOID NTAPI MmAllocateContiguousNodeMemory(SIZE_T NumberOfBytes, PHYSICAL_ADDRESS Low, PHYSICAL_ADDRESS High,
                                           PHYSICAL_ADDRESS Boundary, ULONG Protect,
                                           NODE_REQUIREMENT PreferredNode);
PVOID NTAPI MmAllocateMappingAddressEx(SIZE_T NumberOfBytes, ULONG PoolTag, ULONG Flags);
NTSTATUS NTAPI MmAllocateMdlForIoSpace(PMM_PHYSICAL_ADDRESS_LIST PhysicalAddressList, SIZE_T NumberOfEntries,
                                       PMDL* NewMdl);
PMDL NTAPI MmAllocateNodePagesForMdlEx(PHYSICAL_ADDRESS Low, PHYSICAL_ADDRESS High, PHYSICAL_ADDRESS Skip,
                                       SIZE_T TotalBytes, MEMORY_CACHING_TYPE CacheType, ULONG IdealNode,
                                       ULONG Flags);
PMDL NTAPI MmAllocatePartitionNodePagesForMdlEx(PHYSICAL_ADDRESS Low, PHYSICAL_ADDRESS High,
                                                PHYSICAL_ADDRESS Skip, SIZE_T TotalBytes,
                                                MEMORY_CACHING_TYPE CacheType, ULONG IdealNode, ULONG Flags,
                                                PVOID PartitionObject);
ULONG NTAPI MmAreMdlPagesCached(PMDL MemoryDescriptorList);
NTSTATUS NTAPI MmCopyMemory(PVOID TargetAddress, MM_COPY_ADDRESS SourceAddress, SIZE_T NumberOfBytes,
                            ULONG Flags, PSIZE_T NumberOfBytesTransferred);
void NTAPI MmFreePagesFromMdlEx(PMDL MemoryDescriptorList, ULONG Flags);
NTSTATUS NTAPI MmGetCacheAttribute(PHYSICAL_ADDRESS PhysicalAddress, MEMORY_CACHING_TYPE* CacheType);
PPHYSICAL_MEMORY_RANGE NTAPI MmGetPhysicalMemoryRangesEx(PVOID PartitionObject);
PPHYSICAL_MEMORY_RANGE NTAPI MmGetPhysicalMemoryRangesEx2(PVOID PartitionObject, ULONG Flags);
LOGICAL NTAPI MmIsDriverSuspectForVerifier(struct _DRIVER_OBJECT* DriverObject);
PVOID NTAPI MmMapIoSpaceEx(PHYSICAL_ADDRESS PhysicalAddress, SIZE_T NumberOfBytes, ULONG Protect);
NTSTATUS NTAPI MmMapMdl(PMDL MemoryDescriptorList, ULONG Protection, PMM_MDL_ROUTINE DriverRoutine,
                        PVOID DriverContext);
MM_MDL_PAGE_CONTENTS_STATE NTAPI MmMdlPageContentsState(PMDL MemoryDescriptorList,
                                                        MM_MDL_PAGE_CONTENTS_STATE State);
NTSTATUS NTAPI MmProtectDriverSection(PVOID AddressWithinSection, SIZE_T Size, ULONG Flags);

}  // extern "C"
