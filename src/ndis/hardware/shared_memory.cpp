#include "ndis/hardware/shared_memory.h"

#include <algorithm>
#include <cstddef>
#include <memory>

#include "ndis/adapter.h"
#include "ndis/driver.h"
#include "ndis/hardware/hardware.h"
#include "ndis/library_state.h"
#include "ndis/misuse.h"
#include "nt/image/call_gate.h"
#include "nt/ke/irql.h"
#include "nt/ke/work_queue.h"
#include "nt/pool/pool.h"

namespace ndiskit::ndis {
namespace {

constexpr ULONG memory_tag = 0x4D53444E;  // 'NDSM' in memory order

// Of which adapter a handle is; null for a driver's.
Adapter* adapter_behind(NDIS_HANDLE handle, const char* caller) {
    if (is_handle_of<Adapter>(handle)) return &resolve<Adapter>(handle, caller);
    if (is_handle_of<Binding>(handle)) return &resolve<Binding>(handle, caller).adapter;
    if (is_handle_of<MiniportDriver>(handle) || is_handle_of<ProtocolDriver>(handle)) return nullptr;
    bad_handle(handle, HandleKind::adapter, caller);
}

// Memory that was allocated for a driver's handle, not for an adapter.
Guarded<std::vector<std::unique_ptr<SharedMemory>>, LockRank::ndis_leaf>& of_drivers() {
    static Guarded<std::vector<std::unique_ptr<SharedMemory>>, LockRank::ndis_leaf> list;
    return list;
}

using Owned = std::vector<std::unique_ptr<SharedMemory>>;

template <class Action>
auto with_memory(Adapter* adapter, Action action) {
    if (adapter == nullptr || !adapter->hardware) return of_drivers().with(action);
    return adapter->hardware->claims.with([&](Hardware::Claims& claims) { return action(claims.memory); });
}

bool allocate(SharedMemory& memory, DmaChannel* channel, uint32_t length) {
    memory.length = length;
    memory.channel = channel;
    if (channel != nullptr) {
        memory.address =
            channel->hal->DmaOperations->AllocateCommonBuffer(channel->hal, length, &memory.logical, true);
        return memory.address != nullptr;
    }
    // Pages of its own, as a common buffer has.
    memory.address = nt::pool_allocate_zeroed(nt::PoolKind::nonpaged, ROUND_TO_PAGES(length), memory_tag,
                                              reinterpret_cast<const void*>(&allocate));
    memory.logical = MmGetPhysicalAddress(memory.address);
    return memory.address != nullptr;
}

void release(SharedMemory& memory) {
    if (memory.provider != nullptr)
        nt::call_driver(memory.provider->FreeSharedMemoryHandler, memory.provider->ProviderContext, memory.provider_context);
    else if (memory.channel != nullptr)
        memory.channel->hal->DmaOperations->FreeCommonBuffer(memory.channel->hal, memory.length,
                                                             memory.logical, memory.address, true);
    else
        nt::pool_free(memory.address, memory_tag);
}

bool is_sound(const NDIS_SHARED_MEMORY_PARAMETERS& p) {
    if (p.Header.Type != NDIS_OBJECT_TYPE_DEFAULT ||
        p.Header.Revision < NDIS_SHARED_MEMORY_PARAMETERS_REVISION_1 ||
        p.Header.Size < NDIS_SIZEOF_SHARED_MEMORY_PARAMETERS_REVISION_1)
        return false;
    if (p.Length == 0 || p.Usage <= NdisSharedMemoryUsageUndefined || p.Usage >= NdisSharedMemoryUsageMax)
        return false;
    constexpr size_t one = offsetof(SCATTER_GATHER_LIST, Elements) + sizeof(SCATTER_GATHER_ELEMENT);
    return p.SGListBuffer != nullptr && p.SGListBufferLength >= one;
}

// The memory is contiguous; a list by pages is given where there is room for it and the driver did not ask
// for one range.
void describe(const SharedMemory& memory, NDIS_SHARED_MEMORY_PARAMETERS& p) {
    p.VirtualAddress = memory.address;
    p.SharedMemoryHandle = const_cast<SharedMemory*>(&memory);
    const auto pages = static_cast<ULONG>(BYTES_TO_PAGES(memory.length));
    const size_t room =
        (p.SGListBufferLength - offsetof(SCATTER_GATHER_LIST, Elements)) / sizeof(SCATTER_GATHER_ELEMENT);
    const bool one = (p.Flags & NDIS_SHARED_MEM_PARAMETERS_CONTIGUOUS) != 0 || room < pages;
    SCATTER_GATHER_LIST& list = *p.SGListBuffer;
    list.NumberOfElements = one ? 1 : pages;
    list.Reserved = 0;
    ULONG left = memory.length;
    for (ULONG i = 0; i < list.NumberOfElements; ++i) {
        const ULONG bytes = one ? left : std::min<ULONG>(left, PAGE_SIZE);
        list.Elements[i].Address.QuadPart = memory.logical.QuadPart + static_cast<LONGLONG>(i) * PAGE_SIZE;
        list.Elements[i].Length = bytes;
        list.Elements[i].Reserved = 0;
        left -= bytes;
    }
}

NDIS_STATUS allocate_from(const NDIS_SHARED_MEMORY_PROVIDER_CHARACTERISTICS& provider, SharedMemory& memory,
                          NDIS_SHARED_MEMORY_PARAMETERS& p) {
    const NDIS_STATUS status =
        nt::call_driver(provider.AllocateSharedMemoryHandler, provider.ProviderContext, &p, &memory.provider_context);
    if (status != NDIS_STATUS_SUCCESS) return status;
    memory.provider = &provider;
    memory.address = p.VirtualAddress;
    memory.length = p.Length;
    return status;
}

NDIS_STATUS allocate_shared_memory(NDIS_HANDLE handle, NDIS_SHARED_MEMORY_PARAMETERS& p,
                                   NDIS_HANDLE& allocation) {
    allocation = nullptr;
    Adapter* adapter = adapter_behind(handle, "NdisAllocateSharedMemory");
    if (!is_sound(p)) return NDIS_STATUS_INVALID_PARAMETER;
    auto memory = std::make_unique<SharedMemory>();
    if (adapter != nullptr && adapter->driver.shared_memory_provider) {
        const NDIS_STATUS status = allocate_from(*adapter->driver.shared_memory_provider, *memory, p);
        if (status != NDIS_STATUS_SUCCESS) return status;
    } else {
        if (!allocate(*memory, adapter != nullptr ? find_dma_channel(*adapter) : nullptr, p.Length))
            return NDIS_STATUS_RESOURCES;
        describe(*memory, p);
    }
    allocation = memory.get();
    with_memory(adapter, [&](Owned& list) { list.push_back(std::move(memory)); });
    return NDIS_STATUS_SUCCESS;
}

template <class Is>
std::unique_ptr<SharedMemory> take(Adapter* adapter, Is is) {
    return with_memory(adapter, [&](Owned& list) -> std::unique_ptr<SharedMemory> {
        const auto found = std::ranges::find_if(list, [&](const auto& memory) { return is(*memory); });
        if (found == list.end()) return nullptr;
        std::unique_ptr<SharedMemory> taken = std::move(*found);
        list.erase(found);
        return taken;
    });
}

void free_shared_memory(NDIS_HANDLE handle, NDIS_HANDLE allocation) {
    Adapter* adapter = adapter_behind(handle, "NdisFreeSharedMemory");
    auto memory = take(adapter, [&](const SharedMemory& m) { return &m == allocation; });
    if (!memory)
        misuse(Misuse::free_invalid_shared_memory,
               "NdisFreeSharedMemory was given memory that is not allocated (any more)",
               reinterpret_cast<uint64_t>(handle), reinterpret_cast<uint64_t>(allocation));
    release(*memory);
    library().bury(std::move(memory));
}

// An allocation under way: the driver is told on a system thread.
struct AsyncAllocation {
    WORK_QUEUE_ITEM item{};
    DmaChannel* channel;
    uint32_t length;
    void* context;
};

void keep(Adapter& adapter, std::unique_ptr<SharedMemory> memory) {
    adapter.hardware->claims.with(
        [&](Hardware::Claims& claims) { claims.memory.push_back(std::move(memory)); });
}

void NTAPI finish_allocation(PVOID parameter) {
    const std::unique_ptr<AsyncAllocation> request(static_cast<AsyncAllocation*>(parameter));
    DmaChannel& channel = *request->channel;
    auto memory = std::make_unique<SharedMemory>();
    const bool good = allocate(*memory, &channel, request->length);
    void* const address = memory->address;
    PHYSICAL_ADDRESS logical = memory->logical;
    if (good) keep(channel.adapter, std::move(memory));
    nt::call_driver(channel.memory_complete, channel.adapter.attributes.registration.MiniportAdapterContext,
                            good ? address : nullptr, good ? &logical : nullptr, request->length,
                            request->context);
    channel.allocations_out.fetch_sub(1, std::memory_order_release);
}

}  // namespace

NDIS_STATUS set_shared_memory_provider(MiniportDriver& driver,
                                       const NDIS_SHARED_MEMORY_PROVIDER_CHARACTERISTICS& given) {
    if (given.Header.Revision < NDIS_SHARED_MEMORY_PROVIDER_CHARACTERISTICS_REVISION_1 ||
        given.Header.Size < NDIS_SIZEOF_SHARED_MEMORY_PROVIDER_CHARACTERISTICS_REVISION_1 ||
        given.AllocateSharedMemoryHandler == nullptr || given.FreeSharedMemoryHandler == nullptr)
        return NDIS_STATUS_INVALID_PARAMETER;
    driver.shared_memory_provider = std::make_unique<NDIS_SHARED_MEMORY_PROVIDER_CHARACTERISTICS>(given);
    return NDIS_STATUS_SUCCESS;
}

}  // namespace ndiskit::ndis

using namespace ndiskit;
using namespace ndiskit::ndis;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisallocatesharedmemory
NDIS_STATUS NTAPI NdisAllocateSharedMemory(NDIS_HANDLE NdisHandle,
                                           PNDIS_SHARED_MEMORY_PARAMETERS SharedMemoryParameters,
                                           PNDIS_HANDLE pAllocationHandle) {
    return allocate_shared_memory(NdisHandle, *SharedMemoryParameters, *pAllocationHandle);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfreesharedmemory
VOID NTAPI NdisFreeSharedMemory(NDIS_HANDLE NdisHandle, NDIS_HANDLE AllocationHandle) {
    free_shared_memory(NdisHandle, AllocationHandle);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismallocatesharedmemory
// Without a DMA channel there is nothing to share the memory with; the page then gives no memory.
VOID NTAPI NdisMAllocateSharedMemory(NDIS_HANDLE MiniportAdapterHandle, ULONG Length, BOOLEAN,
                                     PVOID* VirtualAddress, PNDIS_PHYSICAL_ADDRESS PhysicalAddress) {
    Adapter& adapter = resolve<Adapter>(MiniportAdapterHandle, "NdisMAllocateSharedMemory");
    if (nt::current_irql() > PASSIVE_LEVEL)
        misuse(Misuse::allocate_shared_memory_high_irql,
               "NdisMAllocateSharedMemory is called at PASSIVE_LEVEL",
               reinterpret_cast<uint64_t>(MiniportAdapterHandle), Length, nt::current_irql());
    *VirtualAddress = nullptr;
    PhysicalAddress->QuadPart = 0;
    DmaChannel* channel = find_dma_channel(adapter);
    auto memory = std::make_unique<SharedMemory>();
    if (channel == nullptr || Length == 0 || !allocate(*memory, channel, Length)) return;
    *VirtualAddress = memory->address;
    *PhysicalAddress = memory->logical;
    keep(adapter, std::move(memory));
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismallocatesharedmemoryasyncex
NDIS_STATUS NTAPI NdisMAllocateSharedMemoryAsyncEx(NDIS_HANDLE MiniportDmaHandle, ULONG Length, BOOLEAN,
                                                   PVOID Context) {
    auto& channel = resolve<DmaChannel>(MiniportDmaHandle, "NdisMAllocateSharedMemoryAsyncEx");
    if (!channel.scatter_gather || channel.memory_complete == nullptr || Length == 0)
        return NDIS_STATUS_FAILURE;
    channel.allocations_out.fetch_add(1, std::memory_order_relaxed);
    auto* request = new AsyncAllocation{{}, &channel, Length, Context};
    request->item.WorkerRoutine = finish_allocation;
    request->item.Parameter = request;
    nt::ke::queue_work_item(request->item, DelayedWorkQueue);
    return NDIS_STATUS_PENDING;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismfreesharedmemory
VOID NTAPI NdisMFreeSharedMemory(NDIS_HANDLE MiniportAdapterHandle, ULONG Length, BOOLEAN,
                                 PVOID VirtualAddress, NDIS_PHYSICAL_ADDRESS PhysicalAddress) {
    Adapter& adapter = resolve<Adapter>(MiniportAdapterHandle, "NdisMFreeSharedMemory");
    auto memory = take(&adapter, [&](const SharedMemory& m) {
        return m.address == VirtualAddress && m.length == Length &&
               m.logical.QuadPart == PhysicalAddress.QuadPart;
    });
    if (!memory)
        misuse(Misuse::free_invalid_shared_memory,
               "NdisMFreeSharedMemory was given an address and length that NdisMAllocateSharedMemory did not "
               "return",
               reinterpret_cast<uint64_t>(MiniportAdapterHandle), Length,
               reinterpret_cast<uint64_t>(VirtualAddress));
    release(*memory);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisgetshareddataalignment
ULONG NTAPI NdisGetSharedDataAlignment(VOID) { return KeGetRecommendedSharedDataAlignment(); }

}  // extern "C"
