// Memory: MDLs, contiguous memory, probing.
#pragma once

#include "nt/abi/callbacks.h"
#include "nt/abi/ke.h"

#define MDL_ALLOCATED_FIXED_SIZE 0x0008
#define MDL_ALLOCATED_MUST_SUCCEED 0x4000
#define MDL_DESCRIBES_AWE 0x0400
#define MDL_FREE_EXTRA_PTES 0x0200
#define MDL_INTERNAL 0x8000
#define MDL_IO_PAGE_READ 0x0040
#define MDL_IO_SPACE 0x0800
#define MDL_MAPPED_TO_SYSTEM_VA 0x0001
#define MDL_MAPPING_CAN_FAIL 0x2000
#define MDL_MAPPING_FLAGS                                                       \
    (MDL_MAPPED_TO_SYSTEM_VA | MDL_PAGES_LOCKED | MDL_SOURCE_IS_NONPAGED_POOL | \
     MDL_PARTIAL_HAS_BEEN_MAPPED | MDL_PARENT_MAPPED_SYSTEM_VA | MDL_SYSTEM_VA | MDL_IO_SPACE)
#define MDL_NETWORK_HEADER 0x1000
#define MDL_PAGES_LOCKED 0x0002
#define MDL_PARENT_MAPPED_SYSTEM_VA 0x0100
#define MDL_PARTIAL 0x0010
#define MDL_PARTIAL_HAS_BEEN_MAPPED 0x0020
#define MDL_SOURCE_IS_NONPAGED_POOL 0x0004
#define MDL_WRITE_OPERATION 0x0080
#define MM_ALLOCATE_FROM_LOCAL_NODE_ONLY 0x00000002
#define MM_ALLOCATE_FULLY_REQUIRED 0x00000004
#define MM_ALLOCATE_NO_WAIT 0x00000008
#define MM_ALLOCATE_PREFER_CONTIGUOUS 0x00000010
#define MM_ALLOCATE_REQUIRE_CONTIGUOUS_CHUNKS 0x00000020
#define PAGE_EXECUTE 0x10
#define PAGE_EXECUTE_READ 0x20
#define PAGE_EXECUTE_READWRITE 0x40
#define PAGE_EXECUTE_WRITECOPY 0x80
#define PAGE_GUARD 0x100
#define PAGE_NOACCESS 0x01
#define PAGE_NOCACHE 0x200
#define PAGE_READONLY 0x02
#define PAGE_READWRITE 0x04
#define PAGE_WRITECOMBINE 0x400
#define PAGE_WRITECOPY 0x08

typedef struct _MDL {
    MDL* Next;
    CSHORT Size;
    CSHORT MdlFlags;
    EPROCESS* Process;
    PVOID MappedSystemVa;
    PVOID StartVa;
    ULONG ByteCount;
    ULONG ByteOffset;
} MDL, *PMDL;

typedef struct _PHYSICAL_MEMORY_RANGE {
    LARGE_INTEGER BaseAddress;
    LARGE_INTEGER NumberOfBytes;
} PHYSICAL_MEMORY_RANGE, *PPHYSICAL_MEMORY_RANGE;

typedef struct _MM_PHYSICAL_ADDRESS_LIST {
    LARGE_INTEGER PhysicalAddress;
    SIZE_T NumberOfBytes;
} MM_PHYSICAL_ADDRESS_LIST, *PMM_PHYSICAL_ADDRESS_LIST;

typedef struct _MM_COPY_ADDRESS {
    union {
        PVOID VirtualAddress;
        LARGE_INTEGER PhysicalAddress;
    };
} MM_COPY_ADDRESS, *PMM_COPY_ADDRESS;

inline ULONG MmGetMdlByteCount(const MDL* mdl) { return mdl->ByteCount; }
inline ULONG MmGetMdlByteOffset(const MDL* mdl) { return mdl->ByteOffset; }
inline PVOID MmGetMdlBaseVa(const MDL* mdl) { return mdl->StartVa; }
inline PVOID MmGetMdlVirtualAddress(const MDL* mdl) { return (char*)mdl->StartVa + mdl->ByteOffset; }
inline PPFN_NUMBER MmGetMdlPfnArray(MDL* mdl) { return (PPFN_NUMBER)(mdl + 1); }

inline void MmInitializeMdl(PMDL mdl, PVOID base, SIZE_T length) {
    mdl->Next = nullptr;
    mdl->Size = (CSHORT)(sizeof(MDL) + sizeof(PFN_NUMBER) * ADDRESS_AND_SIZE_TO_SPAN_PAGES(base, length));
    mdl->MdlFlags = 0;
    mdl->StartVa = PAGE_ALIGN(base);
    mdl->ByteOffset = BYTE_OFFSET(base);
    mdl->ByteCount = (ULONG)length;
}

extern "C" PVOID NTAPI MmMapLockedPagesSpecifyCache(PMDL, KPROCESSOR_MODE, MEMORY_CACHING_TYPE, PVOID, ULONG,
                                                    ULONG);

inline PVOID MmGetSystemAddressForMdlSafe(PMDL mdl, ULONG priority) {
    if (mdl->MdlFlags & (MDL_MAPPED_TO_SYSTEM_VA | MDL_SOURCE_IS_NONPAGED_POOL)) return mdl->MappedSystemVa;
    return MmMapLockedPagesSpecifyCache(mdl, 0 /* KernelMode */, MmCached, nullptr, FALSE, priority);
}
