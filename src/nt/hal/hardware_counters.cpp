// Who owns the processors' performance monitoring units. Drivers that program one agree here on who may; what they then
// do with its registers is between them and the processor, and a virtual one has none, which Windows does not tell
// either. A unit is owned whole: parts of one (a resource list) cannot be had.
#include <list>

#include "base/guarded.h"
#include "nt/abi.h"
#include "nt/abi/hal_functions.h"
#include "nt/ke/processor.h"

using namespace ndiskit::nt;

namespace {

struct CounterSet {
    KAFFINITY processors;
};
ndiskit::Guarded<std::list<CounterSet>, ndiskit::LockRank::nt_irp>& sets() {
    static ndiskit::Guarded<std::list<CounterSet>, ndiskit::LockRank::nt_irp> all;
    return all;
}

// The processors of one or more GROUP_AFFINITY; 0 when some are not there.
KAFFINITY processors_of(const GROUP_AFFINITY* groups, ULONG count) {
    if (groups == nullptr) return count == 0 ? ke::all_processors() : 0;
    KAFFINITY processors = 0;
    for (ULONG i = 0; i < count; ++i) {
        if (groups[i].Group != 0 || (groups[i].Mask & ~ke::all_processors()) != 0) return 0;
        processors |= groups[i].Mask;
    }
    return processors;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-halallocatehardwarecounters
NTSTATUS NTAPI HalAllocateHardwareCounters(PGROUP_AFFINITY GroupAffinty, ULONG GroupCount,
                                           PPHYSICAL_COUNTER_RESOURCE_LIST ResourceList, PHANDLE CounterSetHandle) {
    *CounterSetHandle = nullptr;
    const KAFFINITY wanted = processors_of(GroupAffinty, GroupCount);
    if (wanted == 0) return STATUS_INVALID_PARAMETER;
    if (ResourceList != nullptr) return STATUS_NOT_SUPPORTED;
    std::list<CounterSet> mine{{wanted}};
    const bool free = sets().with([&](auto& all) {
        for (const CounterSet& other : all)
            if (other.processors & wanted) return false;
        *CounterSetHandle = &mine.front();
        all.splice(all.end(), mine);
        return true;
    });
    return free ? STATUS_SUCCESS : STATUS_INSUFFICIENT_RESOURCES;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-halfreehardwarecounters
NTSTATUS NTAPI HalFreeHardwareCounters(HANDLE CounterSetHandle) {
    std::list<CounterSet> taken;
    sets().with([&](auto& all) {
        for (auto it = all.begin(); it != all.end(); ++it) {
            if (&*it != CounterSetHandle) continue;
            taken.splice(taken.end(), all, it);
            return;
        }
    });
    return taken.empty() ? STATUS_INVALID_PARAMETER : STATUS_SUCCESS;
}

}  // extern "C"
