// What a miniport driver claimed for its adapter's hardware: DMA channels, shared memory, interrupts, mapped
// registers, port ranges, the log. All of it is claimed in MiniportInitializeEx and given back by
// MiniportHaltEx, or by an initialization that fails; what is left then is a leak of the driver, and a
// registered interrupt is bug check 0x7C on the spot, since its handler would run in a driver that has
// halted.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "base/guarded.h"
#include "ndis/abi.h"
#include "ndis/hardware/dma_channel.h"
#include "ndis/hardware/interrupt.h"
#include "ndis/hardware/log.h"
#include "ndis/hardware/shared_memory.h"

namespace ndiskit::ndis {

class Adapter;

// Registers that are mapped, or ports that are registered.
struct ClaimedRange {
    uint64_t start;
    uint64_t length;

    friend bool operator==(const ClaimedRange&, const ClaimedRange&) = default;
};

struct Hardware {
    Hardware();
    ~Hardware();

    struct Claims {
        std::vector<std::unique_ptr<DmaChannel>> channels;
        std::vector<std::unique_ptr<SharedMemory>> memory;
        std::vector<std::unique_ptr<Interrupt>> interrupts;
        std::vector<ClaimedRange> mapped;
        std::vector<ClaimedRange> ports;
        std::unique_ptr<MiniportLog> log;
    };
    Guarded<Claims, LockRank::ndis_leaf> claims;
};

// Before MiniportInitializeEx.
void prepare_hardware(Adapter& adapter);
// After MiniportHaltEx or a failed MiniportInitializeEx: notes what was not given back.
void check_hardware_released(Adapter& adapter, bool initialized);

// For MINIPORT_INIT_PARAMETERS: the translated resources of the adapter's device; null when it has none.
PNDIS_RESOURCE_LIST resources_of(const Adapter& adapter);

// One line for each thing that an adapter's driver has not given back, since the machine started.
std::vector<std::string> hardware_leaks();
void forget_hardware_leaks();

}  // namespace ndiskit::ndis
