#include "nt/hal/dma.h"

#include <cstddef>
#include <memory>
#include <new>
#include <optional>

#include "nt/bugcheck.h"
#include "nt/hal/low_memory.h"
#include "nt/hal/map_registers.h"
#include "nt/hal/old_names.h"
#include "nt/hal/scatter_gather.h"
#include "nt/image/call_gate.h"
#include "nt/ke/irql.h"
#include "nt/pool/pool.h"

using namespace ndiskit::nt;

namespace ndiskit::nt::hal {
namespace {

constexpr ULONG adapter_tag = 0x41616D44;  // 'DmaA' in memory order
constexpr ULONG buffer_tag = 0x42616D44;   // 'DmaB'
constexpr ULONG list_tag = 0x4C616D44;     // 'DmaL'
constexpr ULONG no_limit = ~ULONG{0};
constexpr uint32_t irql_not_less_or_equal = 0xA;

DmaAdapter& adapter_of(PDMA_ADAPTER header) { return *reinterpret_cast<DmaAdapter*>(header); }

void must_be_at_dispatch(const char* what) {
    if (current_irql() != DISPATCH_LEVEL)
        bug_check_because(std::string(what) + " is called at DISPATCH_LEVEL and nowhere else",
                          irql_not_less_or_equal, 0, current_irql(), 0,
                          reinterpret_cast<uint64_t>(__builtin_return_address(0)));
}

void NTAPI put_dma_adapter(PDMA_ADAPTER header) {
    DmaAdapter& adapter = adapter_of(header);
    adapter.~DmaAdapter();
    pool_free(&adapter, adapter_tag);
}

// A whole number of pages, so that a buffer is page-aligned as Windows' are.
PVOID NTAPI allocate_common_buffer(PDMA_ADAPTER header, ULONG length, PPHYSICAL_ADDRESS logical, BOOLEAN) {
    void* memory = adapter_of(header).wide ? pool_allocate_zeroed(PoolKind::nonpaged, ROUND_TO_PAGES(length),
                                                                  buffer_tag, __builtin_return_address(0))
                                           : allocate_low(length);
    logical->QuadPart = reinterpret_cast<LONGLONG>(memory);
    return memory;
}

void NTAPI free_common_buffer(PDMA_ADAPTER header, ULONG length, PHYSICAL_ADDRESS, PVOID memory, BOOLEAN) {
    if (adapter_of(header).wide)
        pool_free(memory, buffer_tag);
    else
        free_low(memory, length);
}

// Who has the channel runs; the next follows when it lets go.
void run_channel(DmaAdapter& adapter, ChannelRequest request) {
    for (;;) {
        PVOID base = request.map_registers > 0 ? new MapRegisters() : nullptr;
        const IO_ALLOCATION_ACTION action =
            call_driver(request.routine, request.device, request.device->CurrentIrp, base, request.context);
        if (action == KeepObject) return;
        if (action == DeallocateObject) delete static_cast<MapRegisters*>(base);
        const auto next =
            adapter.channel.with([](DmaAdapter::Channel& channel) -> std::optional<ChannelRequest> {
                if (channel.waiting.empty()) {
                    channel.busy = false;
                    return std::nullopt;
                }
                const ChannelRequest first = channel.waiting.front();
                channel.waiting.pop_front();
                return first;
            });
        if (!next) return;
        request = *next;
    }
}

NTSTATUS NTAPI allocate_adapter_channel(PDMA_ADAPTER header, PDEVICE_OBJECT device, ULONG map_registers,
                                        PDRIVER_CONTROL routine, PVOID context) {
    must_be_at_dispatch("AllocateAdapterChannel");
    DmaAdapter& adapter = adapter_of(header);
    if (map_registers > adapter.map_registers) return STATUS_INSUFFICIENT_RESOURCES;
    const ChannelRequest request{device, map_registers, routine, context};
    const bool mine = adapter.channel.with([&](DmaAdapter::Channel& channel) {
        if (!channel.busy) return channel.busy = true;
        channel.waiting.push_back(request);
        return false;
    });
    if (mine) run_channel(adapter, request);
    return STATUS_SUCCESS;
}

void NTAPI free_adapter_channel(PDMA_ADAPTER header) {
    DmaAdapter& adapter = adapter_of(header);
    const auto next = adapter.channel.with([](DmaAdapter::Channel& channel) -> std::optional<ChannelRequest> {
        if (channel.waiting.empty()) {
            channel.busy = false;
            return std::nullopt;
        }
        const ChannelRequest first = channel.waiting.front();
        channel.waiting.pop_front();
        return first;
    });
    if (next) run_channel(adapter, *next);
}

void NTAPI free_map_registers(PDMA_ADAPTER, PVOID base, ULONG) { delete static_cast<MapRegisters*>(base); }

PHYSICAL_ADDRESS NTAPI map_transfer(PDMA_ADAPTER header, PMDL mdl, PVOID base, PVOID va, PULONG length,
                                    BOOLEAN write_to_device) {
    const DmaAdapter& adapter = adapter_of(header);
    ULONG bytes = *length;
    char* piece = piece_at(mdl, va, bytes);
    // Without scatter-gather the device takes one address for the whole length.
    if (!adapter.scatter_gather) bytes = *length;
    void* seen = piece;
    if (!adapter.wide && base && piece) {
        auto& registers = *static_cast<MapRegisters*>(base);
        seen = adapter.scatter_gather ? registers.map(piece, bytes, write_to_device)
                                      : registers.map_contiguous(piece, bytes, write_to_device);
    }
    *length = seen ? bytes : 0;
    return {.QuadPart = reinterpret_cast<LONGLONG>(seen)};
}

BOOLEAN NTAPI flush_adapter_buffers(PDMA_ADAPTER, PMDL mdl, PVOID base, PVOID va, ULONG length,
                                    BOOLEAN write_to_device) {
    if (!base || write_to_device) return TRUE;
    ULONG bytes = 0;
    for (auto* at = static_cast<char*>(va); length > 0; at += bytes, length -= bytes) {
        bytes = length;
        const char* piece = piece_at(mdl, at, bytes);
        if (!piece) return FALSE;
        static_cast<MapRegisters*>(base)->flush(piece, bytes);
    }
    return TRUE;
}

// Any address will do.
ULONG NTAPI get_dma_alignment(PDMA_ADAPTER) { return 1; }

// There is no system DMA controller, so no transfer of one is under way.
ULONG NTAPI read_dma_counter(PDMA_ADAPTER) { return 0; }

NTSTATUS NTAPI calculate_list(PDMA_ADAPTER header, PMDL mdl, PVOID va, ULONG length, PULONG size,
                              PULONG map_registers) {
    const DmaAdapter& adapter = adapter_of(header);
    const auto pages = static_cast<ULONG>(ADDRESS_AND_SIZE_TO_SPAN_PAGES(va, length));
    ULONG elements = pages;
    if (mdl) {
        elements = count_elements(mdl, va, length);
        if (elements == 0) return STATUS_BUFFER_TOO_SMALL;
    }
    if (elements > adapter.map_registers) return STATUS_INSUFFICIENT_RESOURCES;
    *size = static_cast<ULONG>(sizeof(SCATTER_GATHER_LIST) + elements * sizeof(SCATTER_GATHER_ELEMENT));
    if (map_registers) *map_registers = elements;
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI build_list(PDMA_ADAPTER header, PDEVICE_OBJECT device, PMDL mdl, PVOID va, ULONG length,
                          PDRIVER_LIST_CONTROL routine, PVOID context, BOOLEAN write_to_device, PVOID buffer,
                          ULONG buffer_size) {
    must_be_at_dispatch("BuildScatterGatherList");
    ULONG needed = 0;
    if (const NTSTATUS status = calculate_list(header, mdl, va, length, &needed, nullptr);
        !NT_SUCCESS(status))
        return status;
    if (needed > buffer_size) return STATUS_BUFFER_TOO_SMALL;
    auto& list = *static_cast<SCATTER_GATHER_LIST*>(buffer);
    if (!fill_list(adapter_of(header), {mdl, va, length, write_to_device != FALSE}, list, false))
        return STATUS_INSUFFICIENT_RESOURCES;
    call_driver(routine, device, device->CurrentIrp, &list, context);
    return STATUS_SUCCESS;
}

NTSTATUS NTAPI get_list(PDMA_ADAPTER header, PDEVICE_OBJECT device, PMDL mdl, PVOID va, ULONG length,
                        PDRIVER_LIST_CONTROL routine, PVOID context, BOOLEAN write_to_device) {
    must_be_at_dispatch("GetScatterGatherList");
    ULONG needed = 0;
    if (const NTSTATUS status = calculate_list(header, mdl, va, length, &needed, nullptr);
        !NT_SUCCESS(status))
        return status;
    auto* list = static_cast<SCATTER_GATHER_LIST*>(
        pool_allocate(PoolKind::nonpaged, needed, list_tag, __builtin_return_address(0)));
    if (!list) return STATUS_INSUFFICIENT_RESOURCES;
    if (!fill_list(adapter_of(header), {mdl, va, length, write_to_device != FALSE}, *list, true)) {
        pool_free(list, list_tag);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    call_driver(routine, device, device->CurrentIrp, list, context);
    return STATUS_SUCCESS;
}

void NTAPI put_scatter_gather_list(PDMA_ADAPTER, PSCATTER_GATHER_LIST list, BOOLEAN) { put_list(*list); }

// The memory that the device sees is the buffer's own, or a copy that nobody but the device may look at.
NTSTATUS NTAPI build_mdl(PDMA_ADAPTER, PSCATTER_GATHER_LIST, PMDL original, PMDL* target) {
    if (!original) return STATUS_INVALID_PARAMETER;
    *target = original;
    return STATUS_SUCCESS;
}

DMA_OPERATIONS operations_of_size(ULONG size) {
    return {size,
            put_dma_adapter,
            allocate_common_buffer,
            free_common_buffer,
            allocate_adapter_channel,
            flush_adapter_buffers,
            free_adapter_channel,
            free_map_registers,
            map_transfer,
            get_dma_alignment,
            read_dma_counter,
            get_list,
            put_scatter_gather_list,
            calculate_list,
            build_list,
            build_mdl};
}
// Version 1 ends before CalculateScatterGatherList; the functions behind are there all the same.
DMA_OPERATIONS version_1 = operations_of_size(offsetof(DMA_OPERATIONS, CalculateScatterGatherList));
DMA_OPERATIONS version_2 = operations_of_size(sizeof(DMA_OPERATIONS));

}  // namespace
}  // namespace ndiskit::nt::hal

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetdmaadapter
// Version 3 of the table does not exist here, which the page allows: null.
PDMA_ADAPTER NTAPI IoGetDmaAdapter(PDEVICE_OBJECT, PDEVICE_DESCRIPTION description, PULONG map_registers) {
    using namespace hal;
    if (description->Version > DEVICE_DESCRIPTION_VERSION2) return nullptr;
    void* memory =
        pool_allocate(PoolKind::nonpaged, sizeof(DmaAdapter), adapter_tag, __builtin_return_address(0));
    if (!memory) return nullptr;
    auto* adapter = new (memory) DmaAdapter();
    adapter->header.Version = 1;
    adapter->header.Size = sizeof(DMA_ADAPTER);
    adapter->header.DmaOperations =
        description->Version == DEVICE_DESCRIPTION_VERSION2 ? &version_2 : &version_1;
    adapter->wide = description->Dma64BitAddresses;
    adapter->scatter_gather = description->ScatterGather;
    adapter->map_registers =
        description->MaximumLength == no_limit ? no_limit : BYTES_TO_PAGES(description->MaximumLength) + 1;
    *map_registers = adapter->map_registers;
    return &adapter->header;
}

// The functions of the table under the names that drivers built for older systems import.

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-halallocatecommonbuffer
PVOID NTAPI HalAllocateCommonBuffer(PDMA_ADAPTER adapter, ULONG length, PPHYSICAL_ADDRESS logical,
                                    BOOLEAN cached) {
    return hal::allocate_common_buffer(adapter, length, logical, cached);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-halfreecommonbuffer
void NTAPI HalFreeCommonBuffer(PDMA_ADAPTER adapter, ULONG length, PHYSICAL_ADDRESS logical, PVOID memory,
                               BOOLEAN cached) {
    hal::free_common_buffer(adapter, length, logical, memory, cached);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-halreaddmacounter
ULONG NTAPI HalReadDmaCounter(PDMA_ADAPTER adapter) { return hal::read_dma_counter(adapter); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iomaptransfer
PHYSICAL_ADDRESS NTAPI IoMapTransfer(PDMA_ADAPTER adapter, PMDL mdl, PVOID base, PVOID va, PULONG length,
                                     BOOLEAN write_to_device) {
    return hal::map_transfer(adapter, mdl, base, va, length, write_to_device);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-ioflushadapterbuffers
BOOLEAN NTAPI IoFlushAdapterBuffers(PDMA_ADAPTER adapter, PMDL mdl, PVOID base, PVOID va, ULONG length,
                                    BOOLEAN write_to_device) {
    return hal::flush_adapter_buffers(adapter, mdl, base, va, length, write_to_device);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-ioallocateadapterchannel
NTSTATUS NTAPI IoAllocateAdapterChannel(PDMA_ADAPTER adapter, PDEVICE_OBJECT device, ULONG map_registers,
                                        PDRIVER_CONTROL routine, PVOID context) {
    return hal::allocate_adapter_channel(adapter, device, map_registers, routine, context);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iofreeadapterchannel
void NTAPI IoFreeAdapterChannel(PDMA_ADAPTER adapter) { hal::free_adapter_channel(adapter); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iofreemapregisters
void NTAPI IoFreeMapRegisters(PDMA_ADAPTER adapter, PVOID base, ULONG count) {
    hal::free_map_registers(adapter, base, count);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nc-wdm-pget_scatter_gather_list
NTSTATUS NTAPI HalGetScatterGatherList(PADAPTER_OBJECT adapter, PDEVICE_OBJECT device, PMDL mdl, PVOID va, ULONG length,
                                       PDRIVER_LIST_CONTROL routine, PVOID context, BOOLEAN write_to_device) {
    return hal::get_list(reinterpret_cast<PDMA_ADAPTER>(adapter), device, mdl, va, length, routine, context,
                         write_to_device);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nc-wdm-pput_scatter_gather_list
void NTAPI HalPutScatterGatherList(PADAPTER_OBJECT adapter, PSCATTER_GATHER_LIST list, BOOLEAN write_to_device) {
    hal::put_scatter_gather_list(reinterpret_cast<PDMA_ADAPTER>(adapter), list, write_to_device);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nc-wdm-pput_dma_adapter
void NTAPI HalPutDmaAdapter(PADAPTER_OBJECT adapter) { hal::put_dma_adapter(reinterpret_cast<PDMA_ADAPTER>(adapter)); }

// For the driver that writes a crash dump, which needs registers when nobody can be waited for: they stay the adapter's
// until it goes. Null when the adapter has not so many.
PVOID NTAPI HalAllocateCrashDumpRegisters(PADAPTER_OBJECT adapter, PULONG count) {
    hal::DmaAdapter& object = hal::adapter_of(reinterpret_cast<PDMA_ADAPTER>(adapter));
    if (*count > object.map_registers) return nullptr;
    if (!object.crash_dump_registers) object.crash_dump_registers = std::make_unique<hal::MapRegisters>();
    return object.crash_dump_registers.get();
}

// An error that the hardware cannot go on from. The machine ends with the error's source and its record.
// https://learn.microsoft.com/windows-hardware/drivers/debugger/bug-check-0x124---whea-uncorrectable-error
void NTAPI HalBugCheckSystem(PWHEA_ERROR_SOURCE_DESCRIPTOR source, PWHEA_ERROR_RECORD record) {
    constexpr uint32_t whea_uncorrectable_error = 0x124;
    struct Head {  // of a WHEA_ERROR_SOURCE_DESCRIPTOR
        ULONG length, version, type;
    };
    bug_check(whea_uncorrectable_error, reinterpret_cast<const Head*>(source)->type, reinterpret_cast<uint64_t>(record));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetiommuinterface
NTSTATUS NTAPI IoGetIommuInterface(ULONG, PDMA_IOMMU_INTERFACE) { return STATUS_NOT_SUPPORTED; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-halgetadapter
PADAPTER_OBJECT NTAPI HalGetAdapter(PDEVICE_DESCRIPTION description, PULONG map_registers) {
    return reinterpret_cast<PADAPTER_OBJECT>(IoGetDmaAdapter(nullptr, description, map_registers));
}

}  // extern "C"
