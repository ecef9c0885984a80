// Sleeping until a word changes, for the locks that are not dispatcher objects (push locks, resources,
// rundown references). A sleeper gives the address it sleeps on and a condition; whoever changes the word
// wakes the sleepers of its address, and each tries its condition again. One lock guards the list of sleepers
// and all conditions.
#pragma once

#include "base/guarded.h"
#include "engine/engine.h"
#include "nt/abi.h"
#include "nt/ke/apc.h"
#include "nt/ke/dispatcher.h"

namespace ndiskit::nt::ke {

class WaitLot {
  public:
    struct Sleeper {
        LIST_ENTRY link = {};
        const void* address = nullptr;
        engine::Task* task = nullptr;
        bool queued = false;
    };

    void add(Sleeper& sleeper);
    void remove(Sleeper& sleeper);
    void wake(const void* address);

  private:
    LIST_ENTRY sleepers_ = {&sleepers_, &sleepers_};
};

extern Guarded<WaitLot, LockRank::nt_leaf> wait_lot;

// Sleeps until `try_take()` gives true; it is called under the lot's lock. Below DISPATCH_LEVEL.
template <class TryTake>
void wait_on_address(const char* what, const void* address, TryTake try_take) {
    check_may_wait(what, address);
    WaitLot::Sleeper sleeper{.address = address, .task = &engine::the().current()};
    for (;;) {
        const bool taken = wait_lot.with([&](WaitLot& lot) {
            if (try_take()) {
                lot.remove(sleeper);
                return true;
            }
            lot.add(sleeper);
            return false;
        });
        if (taken) break;
        {
            const OffProcessor waits(*current_thread());
            engine::the().park(engine::never);
        }
        deliver_pending_apcs();
    }
    rescheduled();
}

// Wakes the sleepers of an address after its word was changed outside of the lot's lock.
void wake_sleepers(const void* address);

}  // namespace ndiskit::nt::ke
