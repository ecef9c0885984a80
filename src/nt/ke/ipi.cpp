// KeIpiGenericCall: the function runs on every processor at the same time, at IPI_LEVEL. Here each processor
// gets a thread for it beside whatever runs on that processor, as an interrupt comes beside it; what runs
// there is not held up meanwhile, which an interrupt would do.
#include <atomic>
#include <vector>

#include "nt/ke/api.h"
#include "nt/ke/irql.h"
#include "nt/ke/processor.h"
#include "nt/ke/thread.h"

using namespace ndiskit::nt;

namespace {

// The calls are of one machine at a time, as Windows serializes them.
std::atomic_flag busy;

// An interrupt does not own the processor that it interrupts, so only the byte changes.
ULONG_PTR call_at_ipi_level(PKIPI_BROADCAST_WORKER function, ULONG_PTR context) {
    const KIRQL old = current_irql();
    ke::gs_write<KIRQL, ke::pcr_irql>(IPI_LEVEL);
    const ULONG_PTR result = function(context);
    ke::gs_write<KIRQL, ke::pcr_irql>(old);
    return result;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keipigenericcall
ULONG_PTR NTAPI KeIpiGenericCall(PKIPI_BROADCAST_WORKER BroadcastFunction, ULONG_PTR Context) {
    ndiskit::engine::Engine& engine = ndiskit::engine::the();
    for (uint32_t round = 0; busy.test_and_set(std::memory_order_acquire); ++round) engine.spin(round);
    const KIRQL old = current_irql();
    if (old < DISPATCH_LEVEL) raise_irql_to_dispatch();
    std::atomic<uint32_t> running = ke::processor_count() - 1;
    std::vector<Thread> others;
    for (uint32_t number = 0; number < ke::processor_count(); ++number) {
        if (number == ke::current_processor().number()) continue;
        others.push_back(Thread::start("ipi",
                                       [&, BroadcastFunction, Context] {
                                           call_at_ipi_level(BroadcastFunction, Context);
                                           running.fetch_sub(1, std::memory_order_release);
                                       },
                                       {.affinity = KAFFINITY{1} << number}));
    }
    const ULONG_PTR result = call_at_ipi_level(BroadcastFunction, Context);
    for (uint32_t round = 0; running.load(std::memory_order_acquire) != 0; ++round) engine.spin(round);
    busy.clear(std::memory_order_release);
    if (old < DISPATCH_LEVEL) lower_irql(old);
    return result;
}

}  // extern "C"
