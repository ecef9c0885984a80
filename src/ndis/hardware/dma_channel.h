// What NdisMRegisterScatterGatherDma and NdisMRegisterDmaChannel return: the DMA adapter of the device as the
// HAL gives it, with the driver's handlers.
#pragma once

#include <atomic>

#include "ndis/abi.h"
#include "ndis/handle.h"
#include "nt/abi/dma.h"

namespace ndiskit::ndis {

class Adapter;

class DmaChannel : public Handle {
  public:
    static constexpr HandleKind handle_kind = HandleKind::dma;
    DmaChannel(Adapter& adapter, PDMA_ADAPTER hal) : Handle(handle_kind), adapter(adapter), hal(hal) {}
    ~DmaChannel() { hal->DmaOperations->PutDmaAdapter(hal); }

    Adapter& adapter;
    const PDMA_ADAPTER hal;
    bool scatter_gather = false;
    MINIPORT_PROCESS_SG_LIST_HANDLER process_list = nullptr;
    MINIPORT_ALLOCATE_SHARED_MEM_COMPLETE_HANDLER memory_complete = nullptr;
    // Lists and asynchronous allocations that are out; the channel goes when none is.
    std::atomic<uint32_t> lists_out = 0;
    std::atomic<uint32_t> allocations_out = 0;
};

// The channel of an adapter for lists and shared memory; null when it has registered none.
DmaChannel* find_dma_channel(Adapter& adapter);

}  // namespace ndiskit::ndis
