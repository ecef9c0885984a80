// DMA: scatter-gather lists, common buffers, channels.
#pragma once

#include "ndis/nbl.h"
#include "ndis/objects.h"
#include "ndis/sharedmemory.h"
#include "ndis/types.h"

NDIS_BEGIN_DECLS

typedef MDL NDIS_BUFFER, *PNDIS_BUFFER;

#define NDIS_SG_DMA_64_BIT_ADDRESS   1
#define NDIS_SG_DMA_V3_HAL_API       2
#define NDIS_DMA_24BITS              0
#define NDIS_DMA_32BITS              1
#define NDIS_DMA_64BITS              2
#define NDIS_SG_LIST_WRITE_TO_DEVICE 1

typedef struct _NDIS_DMA_BLOCK {
    PVOID MapRegisterBase;
    KEVENT AllocationEvent;
    PVOID SystemAdapterObject;
    PVOID Miniport;
    BOOLEAN InProgress;
} NDIS_DMA_BLOCK, *PNDIS_DMA_BLOCK;

typedef struct _NDIS_DMA_DESCRIPTION {
    BOOLEAN DemandMode;
    BOOLEAN AutoInitialize;
    BOOLEAN DmaChannelSpecified;
    DMA_WIDTH DmaWidth;
    DMA_SPEED DmaSpeed;
    ULONG DmaPort;
    ULONG DmaChannel;
} NDIS_DMA_DESCRIPTION, *PNDIS_DMA_DESCRIPTION;

typedef struct _NDIS_PHYSICAL_ADDRESS_UNIT {
    LARGE_INTEGER PhysicalAddress;
    UINT Length;
} NDIS_PHYSICAL_ADDRESS_UNIT, *PNDIS_PHYSICAL_ADDRESS_UNIT;

typedef VOID(NTAPI NDIS_PROCESS_SG_LIST)(PDEVICE_OBJECT pDO, PVOID Reserved, PSCATTER_GATHER_LIST pSGL,
                                         PVOID Context);
typedef NDIS_PROCESS_SG_LIST* NDIS_PROCESS_SG_LIST_HANDLER;
typedef VOID(NTAPI MINIPORT_PROCESS_SG_LIST)(PDEVICE_OBJECT pDO, PVOID Reserved, PSCATTER_GATHER_LIST pSGL,
                                             PVOID Context);
typedef MINIPORT_PROCESS_SG_LIST* MINIPORT_PROCESS_SG_LIST_HANDLER;
typedef VOID(NTAPI MINIPORT_ALLOCATE_SHARED_MEM_COMPLETE)(NDIS_HANDLE MiniportAdapterContext,
                                                          PVOID VirtualAddress,
                                                          PNDIS_PHYSICAL_ADDRESS PhysicalAddress,
                                                          ULONG Length, PVOID Context);
typedef MINIPORT_ALLOCATE_SHARED_MEM_COMPLETE* MINIPORT_ALLOCATE_SHARED_MEM_COMPLETE_HANDLER;

#define NDIS_SCATTER_GATHER_LIST_PARAMETERS_REVISION_1 1
typedef struct _NDIS_SCATTER_GATHER_LIST_PARAMETERS {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    NDIS_RECEIVE_QUEUE_ID QueueId;
    NDIS_SHARED_MEMORY_USAGE SharedMemoryUsage;
    PMDL Mdl;
    PVOID CurrentVa;
    ULONG Length;
    NDIS_PROCESS_SG_LIST_HANDLER ProcessSGListHandler;
    PVOID Context;
    PSCATTER_GATHER_LIST ScatterGatherListBuffer;
    ULONG ScatterGatherListBufferSize;
    ULONG ScatterGatherListBufferSizeNeeded;
} NDIS_SCATTER_GATHER_LIST_PARAMETERS, *PNDIS_SCATTER_GATHER_LIST_PARAMETERS;
#define NDIS_SIZEOF_SCATTER_GATHER_LIST_PARAMETERS_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_SCATTER_GATHER_LIST_PARAMETERS, ScatterGatherListBufferSizeNeeded)

#define NDIS_SG_DMA_DESCRIPTION_REVISION_1 1
typedef struct _NDIS_SG_DMA_DESCRIPTION {
    NDIS_OBJECT_HEADER Header;
    ULONG Flags;
    ULONG MaximumPhysicalMapping;
    MINIPORT_PROCESS_SG_LIST_HANDLER ProcessSGListHandler;
    MINIPORT_ALLOCATE_SHARED_MEM_COMPLETE_HANDLER SharedMemAllocateCompleteHandler;
    ULONG ScatterGatherListSize;
} NDIS_SG_DMA_DESCRIPTION, *PNDIS_SG_DMA_DESCRIPTION;
#define NDIS_SIZEOF_SG_DMA_DESCRIPTION_REVISION_1 \
    RTL_SIZEOF_THROUGH_FIELD(NDIS_SG_DMA_DESCRIPTION, ScatterGatherListSize)

#if NDIS_SUPPORT_NDIS620
NDISAPI NDIS_STATUS NTAPI NdisBuildScatterGatherList(NDIS_HANDLE NdisHandle,
                                                     PNDIS_SCATTER_GATHER_LIST_PARAMETERS SGListParameters);
#endif
NDISAPI VOID NTAPI NdisCompleteDmaTransfer(PNDIS_STATUS Status, NDIS_HANDLE NdisDmaHandle,
                                           PNDIS_BUFFER Buffer, ULONG Offset, ULONG Length,
                                           BOOLEAN WriteToDevice);
#if NDIS_SUPPORT_NDIS620
NDISAPI VOID NTAPI NdisFreeScatterGatherList(NDIS_HANDLE NdisHandle,
                                             PSCATTER_GATHER_LIST ScatterGatherListBuffer,
                                             BOOLEAN WriteToDevice);
#endif
NDISAPI ULONG NTAPI NdisGetSharedDataAlignment(VOID);
NDISAPI NDIS_STATUS NTAPI NdisMAllocateNetBufferSGList(NDIS_HANDLE NdisMiniportDmaHandle,
                                                       PNET_BUFFER NetBuffer, PVOID Context, ULONG Flags,
                                                       PVOID ScatterGatherListBuffer,
                                                       ULONG ScatterGatherListBufferSize);
NDISAPI VOID NTAPI NdisMAllocateSharedMemory(NDIS_HANDLE MiniportAdapterHandle, ULONG Length, BOOLEAN Cached,
                                             PVOID* VirtualAddress, PNDIS_PHYSICAL_ADDRESS PhysicalAddress);
NDISAPI NDIS_STATUS NTAPI NdisMAllocateSharedMemoryAsync(NDIS_HANDLE MiniportAdapterHandle, ULONG Length,
                                                         BOOLEAN Cached, PVOID Context);
NDISAPI NDIS_STATUS NTAPI NdisMAllocateSharedMemoryAsyncEx(NDIS_HANDLE MiniportDmaHandle, ULONG Length,
                                                           BOOLEAN Cached, PVOID Context);
NDISAPI VOID NTAPI NdisMDeregisterDmaChannel(NDIS_HANDLE MiniportDmaHandle);
NDISAPI VOID NTAPI NdisMDeregisterScatterGatherDma(NDIS_HANDLE NdisMiniportDmaHandle);
NDISAPI VOID NTAPI NdisMFreeNetBufferSGList(NDIS_HANDLE NdisMiniportDmaHandle, PSCATTER_GATHER_LIST pSGL,
                                            PNET_BUFFER NetBuffer);
NDISAPI VOID NTAPI NdisMFreeSharedMemory(NDIS_HANDLE MiniportAdapterHandle, ULONG Length, BOOLEAN Cached,
                                         PVOID VirtualAddress, NDIS_PHYSICAL_ADDRESS PhysicalAddress);
NDISAPI ULONG NTAPI NdisMGetDmaAlignment(NDIS_HANDLE MiniportAdapterHandle);
NDISAPI ULONG NTAPI NdisMReadDmaCounter(NDIS_HANDLE MiniportDmaHandle);
NDISAPI NDIS_STATUS NTAPI NdisMRegisterDmaChannel(PNDIS_HANDLE MiniportDmaHandle,
                                                  NDIS_HANDLE MiniportAdapterHandle, UINT DmaChannel,
                                                  BOOLEAN Dma32BitAddresses,
                                                  PNDIS_DMA_DESCRIPTION DmaDescription, ULONG MaximumLength);
NDISAPI NDIS_STATUS NTAPI NdisMRegisterScatterGatherDma(NDIS_HANDLE MiniportAdapterHandle,
                                                        PNDIS_SG_DMA_DESCRIPTION DmaDescription,
                                                        PNDIS_HANDLE NdisMiniportDmaHandle);
NDISAPI VOID NTAPI NdisSetupDmaTransfer(PNDIS_STATUS Status, NDIS_HANDLE NdisDmaHandle, PNDIS_BUFFER Buffer,
                                        ULONG Offset, ULONG Length, BOOLEAN WriteToDevice);
NDISAPI VOID NTAPI NdisUpdateSharedMemory(NDIS_HANDLE NdisAdapterHandle, ULONG Length, PVOID VirtualAddress,
                                          NDIS_PHYSICAL_ADDRESS PhysicalAddress);

#define NdisMSetupDmaTransfer(_S, _H, _B, _O, _L, _M_)    NdisSetupDmaTransfer(_S, _H, _B, _O, _L, _M_)
#define NdisMCompleteDmaTransfer(_S, _H, _B, _O, _L, _M_) NdisCompleteDmaTransfer(_S, _H, _B, _O, _L, _M_)

#define NdisGetPhysicalAddressHigh(_PhysicalAddress)         ((_PhysicalAddress).HighPart)
#define NdisSetPhysicalAddressHigh(_PhysicalAddress, _Value) ((_PhysicalAddress).HighPart = (_Value))
#define NdisGetPhysicalAddressLow(_PhysicalAddress)          ((_PhysicalAddress).LowPart)
#define NdisSetPhysicalAddressLow(_PhysicalAddress, _Value)  ((_PhysicalAddress).LowPart = (_Value))
#define NDIS_PHYSICAL_ADDRESS_CONST(_Low, _High) \
    {                                            \
        { (ULONG)(_Low), (LONG)(_High) }         \
    }

NDIS_END_DECLS
