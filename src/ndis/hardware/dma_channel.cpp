#include "ndis/hardware/dma_channel.h"

#include <algorithm>
#include <memory>

#include "engine/engine.h"
#include "ndis/adapter.h"
#include "ndis/binding.h"
#include "ndis/driver.h"
#include "ndis/hardware/hardware.h"
#include "ndis/library_state.h"
#include "ndis/misuse.h"

namespace ndiskit::ndis {
namespace {

constexpr ULONG unlimited = ~ULONG{0};

DmaChannel* make_channel(Adapter& adapter, const DEVICE_DESCRIPTION& description) {
    DEVICE_DESCRIPTION copy = description;
    ULONG map_registers = 0;
    const PDMA_ADAPTER hal = IoGetDmaAdapter(adapter.pdo, &copy, &map_registers);
    if (hal == nullptr) return nullptr;
    auto channel = std::make_unique<DmaChannel>(adapter, hal);
    DmaChannel* made = channel.get();
    adapter.hardware->claims.with(
        [&](Hardware::Claims& claims) { claims.channels.push_back(std::move(channel)); });
    return made;
}

DEVICE_DESCRIPTION bus_master(bool wide, ULONG length) {
    DEVICE_DESCRIPTION description{};
    description.Version = DEVICE_DESCRIPTION_VERSION2;
    description.Master = true;
    description.ScatterGather = true;
    description.Dma32BitAddresses = true;
    description.Dma64BitAddresses = wide;
    description.InterfaceType = PCIBus;
    description.MaximumLength = length;
    return description;
}

NDIS_STATUS register_scatter_gather(Adapter& adapter, NDIS_SG_DMA_DESCRIPTION& given, NDIS_HANDLE& handle) {
    handle = nullptr;
    if (given.Header.Type != NDIS_OBJECT_TYPE_SG_DMA_DESCRIPTION ||
        given.Header.Revision < NDIS_SG_DMA_DESCRIPTION_REVISION_1 ||
        given.Header.Size < NDIS_SIZEOF_SG_DMA_DESCRIPTION_REVISION_1)
        return NDIS_STATUS_BAD_VERSION;
    if (!(adapter.attributes.registration.AttributeFlags & NDIS_MINIPORT_ATTRIBUTES_BUS_MASTER))
        return NDIS_STATUS_NOT_SUPPORTED;
    DmaChannel* channel = make_channel(
        adapter, bus_master((given.Flags & NDIS_SG_DMA_64_BIT_ADDRESS) != 0, given.MaximumPhysicalMapping));
    if (channel == nullptr) return NDIS_STATUS_RESOURCES;
    channel->scatter_gather = true;
    channel->process_list = given.ProcessSGListHandler;
    channel->memory_complete = given.SharedMemAllocateCompleteHandler;
    // The worst place within a page to begin at.
    const auto last_byte = reinterpret_cast<PVOID>(static_cast<uintptr_t>(PAGE_SIZE - 1));
    channel->hal->DmaOperations->CalculateScatterGatherList(channel->hal, nullptr, last_byte,
                                                            given.MaximumPhysicalMapping,
                                                            &given.ScatterGatherListSize, nullptr);
    handle = channel;
    return NDIS_STATUS_SUCCESS;
}

NDIS_STATUS register_channel(Adapter& adapter, bool wide_bus, const NDIS_DMA_DESCRIPTION& given, ULONG length,
                             NDIS_HANDLE& handle) {
    handle = nullptr;
    // A bus master on PCI has channels of its own: NdisMRegisterScatterGatherDma.
    if (adapter.attributes.registration.AttributeFlags & NDIS_MINIPORT_ATTRIBUTES_BUS_MASTER)
        return NDIS_STATUS_FAILURE;
    DEVICE_DESCRIPTION description{};
    description.Version = DEVICE_DESCRIPTION_VERSION2;
    description.DemandMode = given.DemandMode;
    description.AutoInitialize = given.AutoInitialize;
    description.Dma32BitAddresses = wide_bus;
    description.DmaChannel = given.DmaChannel;
    description.DmaPort = given.DmaPort;
    description.DmaWidth = given.DmaWidth;
    description.DmaSpeed = given.DmaSpeed;
    description.InterfaceType = adapter.attributes.registration.InterfaceType;
    description.MaximumLength = length == 0 ? unlimited : length;
    DmaChannel* channel = make_channel(adapter, description);
    if (channel == nullptr) return NDIS_STATUS_RESOURCES;
    handle = channel;
    return NDIS_STATUS_SUCCESS;
}

// Waits for what is out asynchronously, then forgets the channel.
void deregister(DmaChannel& channel) {
    engine::Engine& engine = engine::the();
    for (uint32_t round = 0; channel.allocations_out.load(std::memory_order_acquire) != 0; ++round)
        engine.spin(round);
    if (const uint32_t out = channel.lists_out.load(std::memory_order_relaxed); out != 0)
        misuse(Misuse::refcount_imbalance,
               "a DMA channel is deregistered while scatter-gather lists of it are in use",
               reinterpret_cast<uint64_t>(&channel), out);
    auto taken = channel.adapter.hardware->claims.with([&](Hardware::Claims& claims) {
        const auto found =
            std::ranges::find_if(claims.channels, [&](const auto& c) { return c.get() == &channel; });
        std::unique_ptr<DmaChannel> own = std::move(*found);
        claims.channels.erase(found);
        return own;
    });
    library().bury(std::move(taken));
}

NDIS_STATUS allocate_list(DmaChannel& channel, NET_BUFFER& buffer, void* context, bool to_device,
                          void* memory, ULONG size) {
    const DMA_OPERATIONS& hal = *channel.hal->DmaOperations;
    const PMDL mdl = NET_BUFFER_CURRENT_MDL(&buffer);
    const PVOID start = MmGetMdlVirtualAddress(mdl);
    // The list begins where the MDL does, not where the data does.
    const ULONG length = NET_BUFFER_CURRENT_MDL_OFFSET(&buffer) + NET_BUFFER_DATA_LENGTH(&buffer);
    const PDEVICE_OBJECT device = channel.adapter.pdo;
    channel.lists_out.fetch_add(1, std::memory_order_relaxed);
    NTSTATUS status = STATUS_BUFFER_TOO_SMALL;
    if (memory != nullptr)
        status = hal.BuildScatterGatherList(channel.hal, device, mdl, start, length,
                                            reinterpret_cast<PDRIVER_LIST_CONTROL>(channel.process_list),
                                            context, to_device, memory, size);
    if (status == STATUS_BUFFER_TOO_SMALL)
        status = hal.GetScatterGatherList(channel.hal, device, mdl, start, length,
                                          reinterpret_cast<PDRIVER_LIST_CONTROL>(channel.process_list),
                                          context, to_device);
    if (NT_SUCCESS(status)) return NDIS_STATUS_SUCCESS;
    channel.lists_out.fetch_sub(1, std::memory_order_relaxed);
    return NDIS_STATUS_RESOURCES;
}

// The channel that a driver's handle stands for: its own adapter's, or that of the adapter it is bound to.
DmaChannel& channel_behind(NDIS_HANDLE handle, const char* caller) {
    Adapter& adapter = is_handle_of<Binding>(handle) ? resolve<Binding>(handle, caller).adapter
                                                     : resolve<Adapter>(handle, caller);
    DmaChannel* channel = find_dma_channel(adapter);
    if (channel == nullptr)
        misuse(Misuse::invalid_object_header,
               std::string(caller) + " is for adapters that called NdisMRegisterScatterGatherDma",
               reinterpret_cast<uint64_t>(handle));
    return *channel;
}

NDIS_STATUS build_list(DmaChannel& channel, NDIS_SCATTER_GATHER_LIST_PARAMETERS& p) {
    const DMA_OPERATIONS& hal = *channel.hal->DmaOperations;
    ULONG needed = 0;
    const NTSTATUS sized =
        hal.CalculateScatterGatherList(channel.hal, p.Mdl, p.CurrentVa, p.Length, &needed, nullptr);
    if (!NT_SUCCESS(sized)) return sized;
    p.ScatterGatherListBufferSizeNeeded = needed;
    if (p.ScatterGatherListBuffer == nullptr || p.ScatterGatherListBufferSize < needed)
        return NDIS_STATUS_BUFFER_TOO_SHORT;
    channel.lists_out.fetch_add(1, std::memory_order_relaxed);
    const NTSTATUS status =
        hal.BuildScatterGatherList(channel.hal, channel.adapter.pdo, p.Mdl, p.CurrentVa, p.Length,
                                   reinterpret_cast<PDRIVER_LIST_CONTROL>(p.ProcessSGListHandler), p.Context,
                                   (p.Flags & NDIS_SG_LIST_WRITE_TO_DEVICE) != 0, p.ScatterGatherListBuffer,
                                   p.ScatterGatherListBufferSize);
    if (!NT_SUCCESS(status)) channel.lists_out.fetch_sub(1, std::memory_order_relaxed);
    return status;
}

void put_list(DmaChannel& channel, SCATTER_GATHER_LIST& list, bool to_device) {
    channel.hal->DmaOperations->PutScatterGatherList(channel.hal, &list, to_device);
    channel.lists_out.fetch_sub(1, std::memory_order_relaxed);
}

}  // namespace

DmaChannel* find_dma_channel(Adapter& adapter) {
    if (!adapter.hardware) return nullptr;
    return adapter.hardware->claims.with([](const Hardware::Claims& claims) {
        return claims.channels.empty() ? nullptr : claims.channels.front().get();
    });
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismregisterscattergatherdma
NDIS_STATUS NTAPI NdisMRegisterScatterGatherDma(NDIS_HANDLE MiniportAdapterHandle,
                                                PNDIS_SG_DMA_DESCRIPTION DmaDescription,
                                                PNDIS_HANDLE NdisMiniportDmaHandle) {
    return register_scatter_gather(resolve<Adapter>(MiniportAdapterHandle, "NdisMRegisterScatterGatherDma"),
                                   *DmaDescription, *NdisMiniportDmaHandle);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismderegisterscattergatherdma
VOID NTAPI NdisMDeregisterScatterGatherDma(NDIS_HANDLE NdisMiniportDmaHandle) {
    deregister(resolve<DmaChannel>(NdisMiniportDmaHandle, "NdisMDeregisterScatterGatherDma"));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismallocatenetbuffersglist
NDIS_STATUS NTAPI NdisMAllocateNetBufferSGList(NDIS_HANDLE NdisMiniportDmaHandle, PNET_BUFFER NetBuffer,
                                               PVOID Context, ULONG Flags, PVOID ScatterGatherListBuffer,
                                               ULONG ScatterGatherListBufferSize) {
    return allocate_list(resolve<DmaChannel>(NdisMiniportDmaHandle, "NdisMAllocateNetBufferSGList"),
                         *NetBuffer, Context, (Flags & NDIS_SG_LIST_WRITE_TO_DEVICE) != 0,
                         ScatterGatherListBuffer, ScatterGatherListBufferSize);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismfreenetbuffersglist
VOID NTAPI NdisMFreeNetBufferSGList(NDIS_HANDLE NdisMiniportDmaHandle, PSCATTER_GATHER_LIST pSGL,
                                    PNET_BUFFER) {
    put_list(resolve<DmaChannel>(NdisMiniportDmaHandle, "NdisMFreeNetBufferSGList"), *pSGL, false);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisbuildscattergatherlist
NDIS_STATUS NTAPI NdisBuildScatterGatherList(NDIS_HANDLE NdisHandle,
                                             PNDIS_SCATTER_GATHER_LIST_PARAMETERS SGListParameters) {
    return build_list(channel_behind(NdisHandle, "NdisBuildScatterGatherList"), *SGListParameters);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfreescattergatherlist
VOID NTAPI NdisFreeScatterGatherList(NDIS_HANDLE NdisHandle, PSCATTER_GATHER_LIST ScatterGatherListBuffer,
                                     BOOLEAN WriteToDevice) {
    put_list(channel_behind(NdisHandle, "NdisFreeScatterGatherList"), *ScatterGatherListBuffer,
             WriteToDevice != FALSE);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismgetdmaalignment
// The size of a cache line, so that no line is shared between a buffer and what lies beside it.
ULONG NTAPI NdisMGetDmaAlignment(NDIS_HANDLE MiniportAdapterHandle) {
    resolve<Adapter>(MiniportAdapterHandle, "NdisMGetDmaAlignment");
    return KeGetRecommendedSharedDataAlignment();
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismregisterdmachannel
NDIS_STATUS NTAPI NdisMRegisterDmaChannel(PNDIS_HANDLE MiniportDmaHandle, NDIS_HANDLE MiniportAdapterHandle,
                                          UINT, BOOLEAN Dma32BitAddresses,
                                          PNDIS_DMA_DESCRIPTION DmaDescription, ULONG MaximumLength) {
    return register_channel(resolve<Adapter>(MiniportAdapterHandle, "NdisMRegisterDmaChannel"),
                            Dma32BitAddresses != FALSE, *DmaDescription, MaximumLength, *MiniportDmaHandle);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismderegisterdmachannel
VOID NTAPI NdisMDeregisterDmaChannel(NDIS_HANDLE MiniportDmaHandle) {
    deregister(resolve<DmaChannel>(MiniportDmaHandle, "NdisMDeregisterDmaChannel"));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismreaddmacounter
ULONG NTAPI NdisMReadDmaCounter(NDIS_HANDLE MiniportDmaHandle) {
    const auto& channel = resolve<DmaChannel>(MiniportDmaHandle, "NdisMReadDmaCounter");
    return channel.hal->DmaOperations->ReadDmaCounter(channel.hal);
}

}  // extern "C"
