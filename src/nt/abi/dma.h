// DMA adapters as drivers see them: the object that IoGetDmaAdapter returns and its table of operations, as
// far as version 2 of it goes.
#pragma once

#include "nt/abi/device.h"
#include "nt/abi/hal.h"

typedef struct _DMA_OPERATIONS DMA_OPERATIONS, *PDMA_OPERATIONS;

struct _DMA_ADAPTER {
    USHORT Version;
    USHORT Size;
    PDMA_OPERATIONS DmaOperations;
};

typedef void NTAPI DRIVER_LIST_CONTROL(PDEVICE_OBJECT, struct _IRP*, PSCATTER_GATHER_LIST, PVOID);
typedef DRIVER_LIST_CONTROL* PDRIVER_LIST_CONTROL;

struct _DMA_OPERATIONS {
    ULONG Size;
    void(NTAPI* PutDmaAdapter)(PDMA_ADAPTER);
    PVOID(NTAPI* AllocateCommonBuffer)(PDMA_ADAPTER, ULONG, PPHYSICAL_ADDRESS, BOOLEAN);
    void(NTAPI* FreeCommonBuffer)(PDMA_ADAPTER, ULONG, PHYSICAL_ADDRESS, PVOID, BOOLEAN);
    NTSTATUS(NTAPI* AllocateAdapterChannel)(PDMA_ADAPTER, PDEVICE_OBJECT, ULONG, PDRIVER_CONTROL, PVOID);
    BOOLEAN(NTAPI* FlushAdapterBuffers)(PDMA_ADAPTER, PMDL, PVOID, PVOID, ULONG, BOOLEAN);
    void(NTAPI* FreeAdapterChannel)(PDMA_ADAPTER);
    void(NTAPI* FreeMapRegisters)(PDMA_ADAPTER, PVOID, ULONG);
    PHYSICAL_ADDRESS(NTAPI* MapTransfer)(PDMA_ADAPTER, PMDL, PVOID, PVOID, PULONG, BOOLEAN);
    ULONG(NTAPI* GetDmaAlignment)(PDMA_ADAPTER);
    ULONG(NTAPI* ReadDmaCounter)(PDMA_ADAPTER);
    NTSTATUS(NTAPI* GetScatterGatherList)
    (PDMA_ADAPTER, PDEVICE_OBJECT, PMDL, PVOID, ULONG, PDRIVER_LIST_CONTROL, PVOID, BOOLEAN);
    void(NTAPI* PutScatterGatherList)(PDMA_ADAPTER, PSCATTER_GATHER_LIST, BOOLEAN);
    NTSTATUS(NTAPI* CalculateScatterGatherList)(PDMA_ADAPTER, PMDL, PVOID, ULONG, PULONG, PULONG);
    NTSTATUS(NTAPI* BuildScatterGatherList)
    (PDMA_ADAPTER, PDEVICE_OBJECT, PMDL, PVOID, ULONG, PDRIVER_LIST_CONTROL, PVOID, BOOLEAN, PVOID, ULONG);
    NTSTATUS(NTAPI* BuildMdlFromScatterGatherList)(PDMA_ADAPTER, PSCATTER_GATHER_LIST, PMDL, PMDL*);
};

struct DMA_IOMMU_INTERFACE;  // of machines with an IOMMU
using PDMA_IOMMU_INTERFACE = DMA_IOMMU_INTERFACE*;
extern "C" NTSTATUS NTAPI IoGetIommuInterface(ULONG Version, PDMA_IOMMU_INTERFACE InterfaceOut);
extern "C" PDMA_ADAPTER NTAPI IoGetDmaAdapter(PDEVICE_OBJECT PhysicalDeviceObject,
                                              PDEVICE_DESCRIPTION DeviceDescription,
                                              PULONG NumberOfMapRegisters);
