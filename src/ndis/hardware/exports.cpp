#include "ndis/hardware/exports.h"

#include "ndis/abi.h"
#include "nt/export_table.h"

namespace ndiskit::ndis {
namespace {

using enum nt::MaxIrql;
constexpr auto full = nt::Support::full;

// One row: the function under its own name and the highest IRQL of its page.
#define ROW(function, irql) \
    { #function, reinterpret_cast < const void*>(&function), irql }
// The same for functions that are called at DISPATCH_LEVEL and nowhere below.
#define ROW_AT_DISPATCH(function) \
    { #function, reinterpret_cast < const void*>(&function), dispatch, full, {}, false, DISPATCH_LEVEL }

#define REFUSES(function, irql, why) \
    { #function, reinterpret_cast < const void*>(&function), irql, nt::Support::refuses, why }
constexpr std::string_view no_virtual_functions = "devices have no virtual functions";
constexpr std::string_view no_drain_waiter = "checks the queue; no PacketDirect client of this machine waits for drains";

const nt::Export rows[] = {
    ROW(NdisAllocateSharedMemory, passive),     ROW_AT_DISPATCH(NdisBuildScatterGatherList),
    ROW_AT_DISPATCH(NdisFreeScatterGatherList), ROW(NdisFreeSharedMemory, passive),
    ROW(NdisGetSharedDataAlignment, dispatch),  ROW_AT_DISPATCH(NdisMAllocateNetBufferSGList),
    ROW(NdisMAllocateSharedMemory, passive),    ROW(NdisMAllocateSharedMemoryAsyncEx, dispatch),
    ROW(NdisMDeregisterDmaChannel, passive),    ROW(NdisMDeregisterScatterGatherDma, passive),
    ROW_AT_DISPATCH(NdisMFreeNetBufferSGList),  ROW(NdisMFreeSharedMemory, dispatch),
    ROW(NdisMCloseLog, passive),
    ROW(NdisMConfigMSIXTableEntry, any),
    ROW(NdisMCreateLog, passive),
    ROW(NdisMDeregisterInterruptEx, passive),
    ROW(NdisMDeregisterIoPortRange, passive),
    ROW(NdisMFlushLog, dispatch),
    ROW(NdisMGetBusData, any),
    ROW(NdisMMapIoSpace, passive),
    ROW(NdisMQueryProbedBars, passive),
    ROW(NdisMQueueDpc, any),
    ROW(NdisMQueueDpcEx, any),
    ROW(NdisMRegisterInterruptEx, passive),
    ROW(NdisMRegisterIoPortRange, passive),
    ROW(NdisMSetBusData, any),
    ROW(NdisMSynchronizeWithInterruptEx, any),
    ROW(NdisMUnmapIoSpace, passive),
    ROW(NdisMWriteLogData, dispatch),
    REFUSES(NdisMTriggerPDDrainNotification, dispatch, no_drain_waiter),
    REFUSES(NdisMEnableVirtualization, passive, no_virtual_functions),
    REFUSES(NdisMGetVirtualDeviceLocation, passive, no_virtual_functions),
    REFUSES(NdisMGetVirtualFunctionBusData, dispatch, no_virtual_functions),
    REFUSES(NdisMGetVirtualFunctionLocation, passive, no_virtual_functions),
    REFUSES(NdisMInvalidateConfigBlock, dispatch, no_virtual_functions),
    REFUSES(NdisMReadConfigBlock, apc, no_virtual_functions),
    REFUSES(NdisMSetVirtualFunctionBusData, dispatch, no_virtual_functions),
    REFUSES(NdisMWriteConfigBlock, apc, no_virtual_functions),
    ROW(NdisMGetDmaAlignment, passive),         ROW(NdisMReadDmaCounter, dispatch),
    ROW(NdisMRegisterDmaChannel, passive),      ROW(NdisMRegisterScatterGatherDma, passive),
};

#undef ROW
#undef ROW_AT_DISPATCH
#undef REFUSES

}  // namespace

void add_hardware_exports() { nt::add_exports("ndis.sys", rows); }

}  // namespace ndiskit::ndis
