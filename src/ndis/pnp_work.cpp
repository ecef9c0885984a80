// Deferred PnP operations over the system's worker threads.
#include "ndis/pnp_work.h"

#include <memory>

#include "base/guarded.h"
#include "ndis/abi.h"

namespace ndiskit::ndis {

namespace {

// The event is signalled exactly while nothing is pending; both change under the lock.
struct Pending {
    Pending() { KeInitializeEvent(&none, NotificationEvent, true); }
    Guarded<uint32_t, LockRank::ndis_leaf> count{0u};
    KEVENT none;
};
Pending& pending() {
    static Pending instance;
    return instance;
}

struct Item {
    WORK_QUEUE_ITEM item{};
    std::function<void()> work;
};

void NTAPI run(PVOID parameter) {
    std::unique_ptr<Item> item(static_cast<Item*>(parameter));
    item->work();
    item.reset();
    pending().count.with([](uint32_t& count) {
        if (--count == 0)
            KeSetEvent(&pending().none, 0, false);
    });
}

}  // namespace

void queue_pnp_work(std::function<void()> work) {
    pending().count.with([](uint32_t& count) {
        if (count++ == 0)
            KeClearEvent(&pending().none);
    });
    auto item = std::make_unique<Item>();
    item->work = std::move(work);
    item->item.WorkerRoutine = run;
    item->item.Parameter = item.get();
    ExQueueWorkItem(&item.release()->item, DelayedWorkQueue);
}

void settle() { KeWaitForSingleObject(&pending().none, Executive, KernelMode, false, nullptr); }

}  // namespace ndiskit::ndis
