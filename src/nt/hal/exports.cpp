// DMA: what ntoskrnl.exe and hal.dll export of it.
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

}  // extern "C"

namespace ndiskit::nt {
namespace {

using enum MaxIrql;

#define ROW(function, irql) \
    { #function, reinterpret_cast < const void*>(&function), irql }

const Export kernel_rows[] = {
    ROW(IoGetDmaAdapter, passive),
};

const Export hal_rows[] = {
    ROW(HalAllocateCommonBuffer, passive), ROW(HalFreeCommonBuffer, passive),
    ROW(HalGetAdapter, passive),           ROW(HalReadDmaCounter, dispatch),
    ROW(IoFlushAdapterBuffers, dispatch),  ROW(IoFreeAdapterChannel, dispatch),
    ROW(IoFreeMapRegisters, dispatch),     ROW(IoMapTransfer, dispatch),
};

#undef ROW

}  // namespace

std::span<const Export> hardware_exports() { return kernel_rows; }
std::span<const Export> hal_hardware_exports() { return hal_rows; }

}  // namespace ndiskit::nt
