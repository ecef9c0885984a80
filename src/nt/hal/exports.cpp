// DMA, interrupts and the bus: what ntoskrnl.exe and hal.dll export of them.
#include "nt/exports.h"
#include "nt/abi.h"
#include "nt/abi/dma.h"
#include "nt/abi/hal_functions.h"
#include "nt/hal/old_names.h"

extern "C" {

void NTAPI IoReportInterruptActive(PIO_DISCONNECT_INTERRUPT_PARAMETERS);
void NTAPI IoReportInterruptInactive(PIO_DISCONNECT_INTERRUPT_PARAMETERS);

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
    {"IoGetIommuInterface", reinterpret_cast<const void*>(&IoGetIommuInterface), passive, Support::refuses,
     "STATUS_NOT_SUPPORTED: the machine has no IOMMU"},
};

const Export hal_rows[] = {
    ROW(HalAllocateCommonBuffer, passive),
    ROW(HalAllocateCrashDumpRegisters, dispatch),
    ROW(HalAllocateHardwareCounters, passive),
    ROW(HalBugCheckSystem, any),
    ROW(HalFreeCommonBuffer, passive),
    ROW(HalFreeHardwareCounters, passive),
    ROW(HalGetAdapter, passive),
    ROW(HalGetScatterGatherList, dispatch),
    ROW(HalPutDmaAdapter, passive),
    ROW(HalPutScatterGatherList, dispatch),
    ROW(HalReadDmaCounter, dispatch),
    ROW(IoAllocateAdapterChannel, dispatch),
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
