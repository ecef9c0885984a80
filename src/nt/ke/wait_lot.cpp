#include "nt/ke/wait_lot.h"

namespace ndiskit::nt::ke {

Guarded<WaitLot, LockRank::nt_leaf> wait_lot;

void WaitLot::add(Sleeper& sleeper) {
    if (sleeper.queued) return;
    sleeper.queued = true;
    InsertTailList(&sleepers_, &sleeper.link);
}

void WaitLot::remove(Sleeper& sleeper) {
    if (!sleeper.queued) return;
    sleeper.queued = false;
    RemoveEntryList(&sleeper.link);
}

void WaitLot::wake(const void* address) {
    for (LIST_ENTRY* entry = sleepers_.Flink; entry != &sleepers_;) {
        Sleeper& sleeper = *CONTAINING_RECORD(entry, Sleeper, link);
        entry = entry->Flink;
        if (sleeper.address != address) continue;
        remove(sleeper);
        engine::the().unpark(*sleeper.task);
    }
}

void wake_sleepers(const void* address) {
    wait_lot.with([&](WaitLot& lot) { lot.wake(address); });
}

}  // namespace ndiskit::nt::ke
