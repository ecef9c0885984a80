// Prototypes of virtual memory and sections, which nt/abi.h lacks.
#pragma once

#include "nt/abi.h"

extern "C" {

ULONGLONG NTAPI MmGetMaximumFileSectionSize();

typedef enum _SECTION_INHERIT : int { ViewShare = 1, ViewUnmap = 2 } SECTION_INHERIT;

typedef struct _MEMORY_BASIC_INFORMATION {
    PVOID BaseAddress;
    PVOID AllocationBase;
    ULONG AllocationProtect;
    USHORT PartitionId;
    SIZE_T RegionSize;
    ULONG State;
    ULONG Protect;
    ULONG Type;
} MEMORY_BASIC_INFORMATION, *PMEMORY_BASIC_INFORMATION;

typedef struct _MEM_EXTENDED_PARAMETER {
    ULONG64 Type;  // in the low 8 bits; the others are reserved
    union {
        ULONG64 ULong64;
        PVOID Pointer;
        SIZE_T Size;
        HANDLE Handle;
        ULONG ULong;
    };
} MEM_EXTENDED_PARAMETER, *PMEM_EXTENDED_PARAMETER;

NTSTATUS NTAPI ZwAllocateVirtualMemory(HANDLE ProcessHandle, PVOID* BaseAddress, ULONG_PTR ZeroBits,
                                       PSIZE_T RegionSize, ULONG AllocationType, ULONG Protect);
NTSTATUS NTAPI ZwFreeVirtualMemory(HANDLE ProcessHandle, PVOID* BaseAddress, PSIZE_T RegionSize,
                                   ULONG FreeType);
NTSTATUS NTAPI ZwQueryVirtualMemory(HANDLE ProcessHandle, PVOID BaseAddress, ULONG MemoryInformationClass,
                                    PVOID MemoryInformation, SIZE_T MemoryInformationLength,
                                    PSIZE_T ReturnLength);
NTSTATUS NTAPI ZwCreateSection(PHANDLE SectionHandle, ACCESS_MASK DesiredAccess,
                               POBJECT_ATTRIBUTES Attributes, PLARGE_INTEGER MaximumSize,
                               ULONG SectionPageProtection, ULONG AllocationAttributes, HANDLE FileHandle);
NTSTATUS NTAPI NtCreateSectionEx(PHANDLE SectionHandle, ACCESS_MASK DesiredAccess,
                                 POBJECT_ATTRIBUTES Attributes, PLARGE_INTEGER MaximumSize,
                                 ULONG SectionPageProtection, ULONG AllocationAttributes, HANDLE FileHandle,
                                 PMEM_EXTENDED_PARAMETER ExtendedParameters, ULONG ExtendedParameterCount);
NTSTATUS NTAPI ZwOpenSection(PHANDLE SectionHandle, ACCESS_MASK DesiredAccess, POBJECT_ATTRIBUTES Attributes);
NTSTATUS NTAPI ZwMapViewOfSection(HANDLE SectionHandle, HANDLE ProcessHandle, PVOID* BaseAddress,
                                  ULONG_PTR ZeroBits, SIZE_T CommitSize, PLARGE_INTEGER SectionOffset,
                                  PSIZE_T ViewSize, SECTION_INHERIT InheritDisposition, ULONG AllocationType,
                                  ULONG Win32Protect);
NTSTATUS NTAPI ZwUnmapViewOfSection(HANDLE ProcessHandle, PVOID BaseAddress);
HANDLE NTAPI MmSecureVirtualMemoryEx(PVOID Address, SIZE_T Size, ULONG ProbeMode, ULONG Flags);
NTSTATUS NTAPI ZwFlushVirtualMemory(HANDLE ProcessHandle, PVOID* BaseAddress, PSIZE_T RegionSize,
                                    PIO_STATUS_BLOCK IoStatus);
NTSTATUS NTAPI MmMapViewInSystemSpaceEx(PVOID Section, PVOID* MappedBase, PSIZE_T ViewSize,
                                        PLARGE_INTEGER SectionOffset, ULONG_PTR Flags);

}  // extern "C"
