// The clock behind MiniportCheckForHangEx: from initialisation to halt, every CheckForHangTimeInSeconds (a multiple of
// two seconds, two by default), the adapter is looked at on a worker. An OID request that the driver still has at the
// second look after it got it is a hang, too.
// https://learn.microsoft.com/windows-hardware/drivers/network/miniport-adapter-check-for-hang-and-reset-operations
#pragma once

#include <atomic>
#include <cstdint>

#include "ndis/abi.h"

namespace ndiskit::ndis {

class Adapter;

class HangWatch {
  public:
    explicit HangWatch(Adapter& adapter);

    // PASSIVE_LEVEL. No effect when the driver has no such handler.
    void start();
    // On return no look begins any more; one that has begun is the PnP lock's business.
    void stop();

    // Whether the request that runs now (0: none) ran at the last two looks already.
    bool is_stuck(uint64_t running_request);

  private:
    static void NTAPI tick(PKDPC dpc, PVOID watch, PVOID, PVOID);

    Adapter& adapter_;
    KTIMER timer_;
    KDPC dpc_;
    bool running_ = false;
    std::atomic<bool> looking_ = false;
    uint64_t seen_request_ = 0;
    uint32_t seen_times_ = 0;
};

}  // namespace ndiskit::ndis
