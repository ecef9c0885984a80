// DMA, interrupts and the bus: what ntoskrnl.exe and hal.dll export of them.
#include "nt/exports.h"
#include "nt/abi.h"
#include "nt/abi/dma.h"

extern "C" {

PVOID NTAPI HalAllocateCommonBuffer(PDMA_ADAPTER, ULONG, PPHYSICAL_ADDRESS, BOOLEAN);
void NTAPI HalFreeCommonBuffer(PDMA_ADAPTER, ULONG, PHYSICAL_ADDRESS, PVOID, BOOLEAN);
ULONG NTAPI HalReadDmaCounter(PDMA_ADAPTER);
PHYSICAL_ADDRESS NTAPI IoMapTransfer(PDMA_ADAPTER, PMDL, PVOID, PVOID, PULONG, BOOLEAN);
BOOLEAN NTAPI IoFlushAdapterBuffers(PDMA_ADAPTER, PMDL, PVOID, PVOID, ULONG, BOOLEAN);
void NTAPI IoFreeAdapterChannel(PDMA_ADAPTER);
void NTAPI IoFreeMapRegisters(PDMA_ADAPTER, PVOID, ULONG);
void NTAPI IoReportInterruptActive(PIO_DISCONNECT_INTERRUPT_PARAMETERS);
void NTAPI IoReportInterruptInactive(PIO_DISCONNECT_INTERRUPT_PARAMETERS);
ULONG NTAPI HalGetBusData(BUS_DATA_TYPE, ULONG, ULONG, PVOID, ULONG);
ULONG NTAPI HalSetBusData(BUS_DATA_TYPE, ULONG, ULONG, PVOID, ULONG);
void NTAPI KeFlushIoBuffers(PMDL, BOOLEAN, BOOLEAN);

}  // extern "C"

namespace ndiskit::nt {
namespace {

using enum MaxIrql;

#define ROW(function, irql) \
    { #function, reinterpret_cast < const void*>(&function), irql }

const Export kernel_rows[] = {
    ROW(IoGetDmaAdapter, passive),          ROW(IoConnectInterrupt, passive),
    ROW(IoConnectInterruptEx, passive),     ROW(IoDisconnectInterrupt, passive),
    ROW(IoDisconnectInterruptEx, passive),  ROW(IoGetAffinityInterrupt, dispatch),
    ROW(IoReportInterruptActive, dispatch), ROW(IoReportInterruptInactive, dispatch),
    ROW(KeAcquireInterruptSpinLock, any),   ROW(KeFlushIoBuffers, dispatch),
    ROW(KeReleaseInterruptSpinLock, any),   ROW(KeSynchronizeExecution, any),
};

const Export hal_rows[] = {
    ROW(HalAllocateCommonBuffer, passive),
    ROW(HalFreeCommonBuffer, passive),
    ROW(HalGetAdapter, passive),
    ROW(HalReadDmaCounter, dispatch),
    ROW(IoFlushAdapterBuffers, dispatch),
    ROW(IoFreeAdapterChannel, dispatch),
    ROW(IoFreeMapRegisters, dispatch),
    ROW(IoMapTransfer, dispatch),
    ROW(HalGetBusData, any),
    ROW(HalGetBusDataByOffset, any),
    ROW(HalSetBusData, any),
    ROW(HalSetBusDataByOffset, any),
    ROW(HalTranslateBusAddress, any),
};

#undef ROW

}  // namespace

std::span<const Export> hardware_exports() { return kernel_rows; }
std::span<const Export> hal_hardware_exports() { return hal_rows; }

}  // namespace ndiskit::nt
