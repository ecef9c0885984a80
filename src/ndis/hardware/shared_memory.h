// Memory that driver and device share: common buffers of the adapter's DMA channel, memory of NDIS' own where
// an adapter has none (a virtual device copies by itself), or memory of a provider that the adapter's driver
// registered with NdisSetOptionalHandlers.
#pragma once

#include "ndis/abi.h"
#include "ndis/handle.h"

namespace ndiskit::ndis {

class Adapter;
class DmaChannel;
struct MiniportDriver;

struct SharedMemory : Handle {
    static constexpr HandleKind handle_kind = HandleKind::shared_memory;
    SharedMemory() : Handle(handle_kind) {}

    void* address = nullptr;
    uint32_t length = 0;
    PHYSICAL_ADDRESS logical{};
    DmaChannel* channel = nullptr;  // whose common buffer it is; null: NDIS' own memory
    // Set when a provider allocated it.
    const NDIS_SHARED_MEMORY_PROVIDER_CHARACTERISTICS* provider = nullptr;
    NDIS_HANDLE provider_context = nullptr;
};

// NdisSetOptionalHandlers: from now on allocations of the driver's adapters come from it.
NDIS_STATUS set_shared_memory_provider(MiniportDriver& driver,
                                       const NDIS_SHARED_MEMORY_PROVIDER_CHARACTERISTICS& given);

}  // namespace ndiskit::ndis
