// Functions of the DMA table and of buses under the names that drivers built for older systems import; the headers of
// today have macros and inline functions in their place.
#pragma once

#include "nt/abi.h"
#include "nt/abi/dma.h"

extern "C" {

PVOID NTAPI HalAllocateCommonBuffer(PDMA_ADAPTER, ULONG, PPHYSICAL_ADDRESS, BOOLEAN);
void NTAPI HalFreeCommonBuffer(PDMA_ADAPTER, ULONG, PHYSICAL_ADDRESS, PVOID, BOOLEAN);
ULONG NTAPI HalReadDmaCounter(PDMA_ADAPTER);
NTSTATUS NTAPI HalGetScatterGatherList(PADAPTER_OBJECT, PDEVICE_OBJECT, PMDL, PVOID, ULONG, PDRIVER_LIST_CONTROL, PVOID,
                                       BOOLEAN);
void NTAPI HalPutScatterGatherList(PADAPTER_OBJECT, PSCATTER_GATHER_LIST, BOOLEAN);
void NTAPI HalPutDmaAdapter(PADAPTER_OBJECT);
PHYSICAL_ADDRESS NTAPI IoMapTransfer(PDMA_ADAPTER, PMDL, PVOID, PVOID, PULONG, BOOLEAN);
BOOLEAN NTAPI IoFlushAdapterBuffers(PDMA_ADAPTER, PMDL, PVOID, PVOID, ULONG, BOOLEAN);
NTSTATUS NTAPI IoAllocateAdapterChannel(PDMA_ADAPTER, PDEVICE_OBJECT, ULONG, PDRIVER_CONTROL, PVOID);
void NTAPI IoFreeAdapterChannel(PDMA_ADAPTER);
void NTAPI IoFreeMapRegisters(PDMA_ADAPTER, PVOID, ULONG);
ULONG NTAPI HalGetBusData(BUS_DATA_TYPE, ULONG, ULONG, PVOID, ULONG);
ULONG NTAPI HalSetBusData(BUS_DATA_TYPE, ULONG, ULONG, PVOID, ULONG);
void NTAPI KeFlushIoBuffers(PMDL, BOOLEAN, BOOLEAN);

}  // extern "C"
