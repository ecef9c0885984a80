// Activity IDs, by which Windows' tracing follows a request through drivers. The I/O tracing provider is
// never enabled on this machine, so requests have none, as on a Windows machine that nobody traces; a thread
// has the one that a driver gives it.
#include <unordered_map>
#include <utility>

#include "base/guarded.h"
#include "nt/abi.h"
#include "nt/ke/thread.h"

using namespace ndiskit;
using namespace ndiskit::nt;

namespace {

using Threads = std::unordered_map<const void*, LPCGUID>;
Guarded<Threads, LockRank::nt_leaf>& threads() {
    static auto* const it = new Guarded<Threads, LockRank::nt_leaf>();
    return *it;
}

LPCGUID exchange(LPCGUID id) {
    return threads().with([&](Threads& all) {
        const void* const self = ke::current_thread();
        const auto found = all.find(self);
        const LPCGUID before = found == all.end() ? nullptr : found->second;
        if (id)
            all[self] = id;
        else
            all.erase(self);
        return before;
    });
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iosetactivityidirp
NTSTATUS NTAPI IoSetActivityIdIrp(PIRP, LPCGUID id) {
    return id ? STATUS_UNSUCCESSFUL : STATUS_NOT_SUPPORTED;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iogetactivityidirp
NTSTATUS NTAPI IoGetActivityIdIrp(PIRP, LPGUID) { return STATUS_NOT_FOUND; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iopropagateactivityidtothread
NTSTATUS NTAPI IoPropagateActivityIdToThread(PIRP, LPGUID, LPCGUID*) { return STATUS_NOT_FOUND; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iotransferactivityid
void NTAPI IoTransferActivityId(LPCGUID, LPCGUID) {}

// The driver's GUID stays where it is: the thread has its address.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iosetactivityidthread
LPCGUID NTAPI IoSetActivityIdThread(LPCGUID id) { return exchange(id); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-ioclearactivityidthread
void NTAPI IoClearActivityIdThread(LPCGUID original) { exchange(original); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-iogetactivityidthread
LPCGUID NTAPI IoGetActivityIdThread() {
    return threads().with([](Threads& all) {
        const auto found = all.find(ke::current_thread());
        return found == all.end() ? nullptr : found->second;
    });
}

}  // extern "C"
