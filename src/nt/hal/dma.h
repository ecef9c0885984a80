// DMA adapters. Logical addresses of devices are addresses of the process, so a device with 64 address lines
// reads and writes drivers' memory as it is; scatter-gather lists name its pages. A device with fewer lines
// gets copies in low memory, as through map registers: filled when a transfer to the device is mapped, copied
// back when a transfer from it is flushed (FlushAdapterBuffers, PutScatterGatherList) - a driver that looks
// before sees old data, as on Windows.
//
// Two pages that follow each other in a buffer are two elements of its list; on sim the seed decides, since
// either can be with real memory.
//
// https://learn.microsoft.com/windows-hardware/drivers/kernel/using-scatter-gather-dma
#pragma once

#include <deque>
#include <memory>

#include "base/guarded.h"
#include "nt/abi.h"
#include "nt/abi/dma.h"
#include "nt/hal/map_registers.h"

namespace ndiskit::nt::hal {

// Somebody who waits for the adapter's channel, or has it.
struct ChannelRequest {
    DEVICE_OBJECT* device;
    ULONG map_registers;
    PDRIVER_CONTROL routine;
    PVOID context;
};

struct DmaAdapter {
    DMA_ADAPTER header;           // first: PDMA_ADAPTER points here
    bool wide = false;            // 64 address lines
    bool scatter_gather = false;  // MapTransfer may map less than it was asked to
    ULONG map_registers = 0;      // the most for one transfer

    struct Channel {
        bool busy = false;
        std::deque<ChannelRequest> waiting;
    };
    Guarded<Channel, LockRank::nt_irp> channel;
    std::unique_ptr<MapRegisters> crash_dump_registers;
};

// The size of a list for `length` bytes that begin `offset` bytes into a page, in the worst case.
ULONG scatter_gather_list_size(ULONG offset, ULONG length);

}  // namespace ndiskit::nt::hal
