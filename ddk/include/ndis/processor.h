// Processors: numbers, groups, affinity, load, the hypervisor, the running version of NDIS.
#pragma once

#include "ndis/objects.h"
#include "ndis/rss.h"
#include "ndis/types.h"

NDIS_BEGIN_DECLS

#define NDIS_MAX_PROCESSOR_COUNT 64

typedef struct _NDIS_PROCESSOR_INFO {
    ULONG CpuNumber;
    ULONG PhysicalPackageId;
    ULONG CoreId;
    ULONG HyperThreadID;
} NDIS_PROCESSOR_INFO, *PNDIS_PROCESSOR_INFO;

#define NDIS_SYSTEM_PROCESSOR_INFO_REVISION_1 1
typedef struct _NDIS_SYSTEM_PROCESSOR_INFO {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_PROCESSOR_VENDOR ProcessorVendor;
    ULONG NumPhysicalPackages;
    ULONG NumCores;
    ULONG NumCoresPerPhysicalPackage;
    ULONG MaxHyperThreadingCpusPerCore;
    ULONG RssBaseCpu;
    ULONG RssCpuCount;
    PUCHAR RssProcessors;
    NDIS_PROCESSOR_INFO CpuInfo[64];
} NDIS_SYSTEM_PROCESSOR_INFO, *PNDIS_SYSTEM_PROCESSOR_INFO;
#define NDIS_SIZEOF_SYSTEM_PROCESSOR_INFO_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_SYSTEM_PROCESSOR_INFO, CpuInfo)

#if NDIS_SUPPORT_NDIS620
NDISAPI USHORT NTAPI NdisActiveGroupCount(VOID);
NDISAPI PROCESSOR_NUMBER NTAPI NdisCurrentGroupAndProcessor(VOID);
#endif
NDISAPI VOID NTAPI NdisGetCurrentProcessorCounts(PULONG pIdleCount, PULONG pKernelAndUser, PULONG pIndex);
NDISAPI VOID NTAPI NdisGetCurrentProcessorCpuUsage(PULONG pCpuUsage);
NDISAPI NDIS_STATUS NTAPI NdisGetHypervisorInfo(PNDIS_HYPERVISOR_INFO HypervisorInfo);
NDISAPI NDIS_STATUS NTAPI NdisGetProcessorInformation(PNDIS_SYSTEM_PROCESSOR_INFO SystemProcessorInfo);
#if NDIS_SUPPORT_NDIS620
NDISAPI NDIS_STATUS NTAPI NdisGetProcessorInformationEx(NDIS_HANDLE NdisHandle,
                                                        PNDIS_SYSTEM_PROCESSOR_INFO_EX SystemProcessorInfo,
                                                        PSIZE_T Size);
#endif
NDISAPI PVOID NTAPI NdisGetRoutineAddress(PNDIS_STRING NdisRoutineName);
#if NDIS_SUPPORT_NDIS620
NDISAPI NDIS_STATUS NTAPI NdisGetRssProcessorInformation(NDIS_HANDLE NdisHandle,
                                                         PNDIS_RSS_PROCESSOR_INFO RssProcessorInfo,
                                                         PSIZE_T Size);
#endif
NDISAPI UINT NTAPI NdisGetVersion(VOID);
#if NDIS_SUPPORT_NDIS620
NDISAPI ULONG NTAPI NdisGroupActiveProcessorCount(USHORT Group);
NDISAPI KAFFINITY NTAPI NdisGroupActiveProcessorMask(USHORT Group);
NDISAPI ULONG NTAPI NdisGroupMaxProcessorCount(USHORT Group);
NDISAPI USHORT NTAPI NdisMaxGroupCount(VOID);
#endif
NDISAPI NTSTATUS NTAPI NdisProcessorIndexToNumber(ULONG ProcIndex, PPROCESSOR_NUMBER ProcNumber);
NDISAPI ULONG NTAPI NdisProcessorNumberToIndex(PROCESSOR_NUMBER ProcNumber);
#if NDIS_SUPPORT_NDIS61
NDISAPI ULONG NTAPI NdisSystemActiveProcessorCount(PKAFFINITY ActiveProcessors);
#endif
NDISAPI CCHAR NTAPI NdisSystemProcessorCount(VOID);

#ifdef _WIN32
#if NDIS_SUPPORT_NDIS620
#define NdisCurrentProcessorIndex() KeGetCurrentProcessorNumberEx(NULL)
#endif
#else
NDISAPI ULONG NTAPI NdisCurrentProcessorIndex(VOID);
#endif
// The number a processor has within its group.
#define AFFINITY_MASK(n) ((KAFFINITY)1 << (n))

#define KeGetCurrentProcessorIndex() KeGetCurrentProcessorNumberEx(NULL)
#ifndef _WIN32
#define PtrToUlong(p) ((ULONG)(ULONG_PTR)(p))
#endif

NDIS_END_DECLS
