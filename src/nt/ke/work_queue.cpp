#include "nt/ke/work_queue.h"

#include <fmt/core.h>

#include <array>
#include <memory>
#include <vector>

#include "base/guarded.h"
#include "nt/bugcheck.h"
#include "nt/image/call_gate.h"
#include "nt/ke/dispatcher.h"
#include "nt/ke/irql.h"
#include "nt/ke/thread.h"

namespace ndiskit::nt::ke {
namespace {

constexpr uint32_t worker_thread_returned_at_bad_irql = 0xE1;
constexpr uint32_t workers_at_start = 2;
// Beyond it items wait for a worker to come back; Windows has a limit too.
constexpr uint32_t workers_at_most = 64;

struct Queue {
    LIST_ENTRY items;
    std::vector<ThreadObject*> idle;
    std::vector<Thread> workers;
    uint32_t alive = 0;
    bool ending = false;
};

struct Queues {
    std::array<Queue, 3> all;
};
Guarded<Queues, LockRank::nt_work> queues;

constexpr std::array<const char*, 3> queue_names = {"critical", "delayed", "hypercritical"};
constexpr std::array<KPRIORITY, 3> queue_priorities = {13, 12, 15};

size_t index_of(WORK_QUEUE_TYPE queue) {
    switch (queue) {
        case CriticalWorkQueue:
            return 0;
        case HyperCriticalWorkQueue:
            return 2;
        default:
            return 1;
    }
}

// The next item; null: the worker sleeps when `*ended` is false, ends otherwise.
WORK_QUEUE_ITEM* next_item(size_t index, bool* ended) {
    return queues.with([&](Queues& q) -> WORK_QUEUE_ITEM* {
        Queue& queue = q.all[index];
        std::erase(queue.idle, current_thread());
        *ended = false;
        if (!IsListEmpty(&queue.items)) {
            LIST_ENTRY* const entry = RemoveHeadList(&queue.items);
            // A null link tells that the item is free to be queued again.
            entry->Flink = nullptr;
            return CONTAINING_RECORD(entry, WORK_QUEUE_ITEM, List);
        }
        *ended = queue.ending;
        if (*ended)
            --queue.alive;
        else
            queue.idle.push_back(current_thread());
        return nullptr;
    });
}

void run_item(WORK_QUEUE_ITEM& item) {
    const PWORKER_THREAD_ROUTINE routine = item.WorkerRoutine;
    const PVOID parameter = item.Parameter;
    call_queued(routine, parameter);
    const KIRQL irql = current_irql();
    if (irql == PASSIVE_LEVEL) [[likely]]
        return;
    bug_check_because(fmt::format("a work item returned at IRQL {}", irql),
                      worker_thread_returned_at_bad_irql, reinterpret_cast<uint64_t>(routine), irql,
                      reinterpret_cast<uint64_t>(parameter), reinterpret_cast<uint64_t>(&item));
}

void run_worker(size_t index) {
    for (bool ended = false; !ended;) {
        if (WORK_QUEUE_ITEM* const item = next_item(index, &ended))
            run_item(*item);
        else if (!ended)
            engine::the().park(engine::never);
    }
}

void add_worker(size_t index) {
    Thread worker = Thread::start(fmt::format("{} worker", queue_names[index]),
                                  [index] { run_worker(index); }, {.priority = queue_priorities[index]});
    queues.with([&](Queues& q) { q.all[index].workers.push_back(std::move(worker)); });
}

}  // namespace

void queue_work_item(WORK_QUEUE_ITEM& item, WORK_QUEUE_TYPE queue_type) {
    const size_t index = index_of(queue_type);
    ThreadObject* idle = nullptr;
    const bool grow = queues.with([&](Queues& q) {
        Queue& queue = q.all[index];
        InsertTailList(&queue.items, &item.List);
        if (!queue.idle.empty()) {
            idle = queue.idle.back();
            queue.idle.pop_back();
            return false;
        }
        if (queue.alive == workers_at_most) return false;
        ++queue.alive;
        return true;
    });
    if (idle) engine::the().unpark(*idle->task);
    if (grow) add_worker(index);
}

void run_later(std::function<void()> work) {
    struct Later {
        WORK_QUEUE_ITEM item;
        std::function<void()> work;

        static void NTAPI run(PVOID parameter) {
            const std::unique_ptr<Later> later(static_cast<Later*>(parameter));
            later->work();
        }
    };
    auto* const later = new Later{{}, std::move(work)};
    later->item = {{}, Later::run, later};
    queue_work_item(later->item, DelayedWorkQueue);
}

void start_workers() {
    for (size_t index = 0; index < queue_names.size(); ++index) {
        queues.with([&](Queues& q) {
            InitializeListHead(&q.all[index].items);
            q.all[index].ending = false;
            q.all[index].alive = workers_at_start;
        });
        for (uint32_t i = 0; i < workers_at_start; ++i) add_worker(index);
    }
}

void stop_workers() {
    for (size_t index = 0; index < queue_names.size(); ++index) {
        std::vector<Thread> workers;
        queues.with([&](Queues& q) {
            q.all[index].ending = true;
            for (ThreadObject* idle : q.all[index].idle) engine::the().unpark(*idle->task);
            workers = std::move(q.all[index].workers);
            q.all[index].workers.clear();
        });
        for (Thread& worker : workers) worker.join();
        queues.with([&](Queues& q) { q.all[index].idle.clear(); });
    }
}

}  // namespace ndiskit::nt::ke

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exqueueworkitem
void NTAPI ExQueueWorkItem(PWORK_QUEUE_ITEM WorkItem, WORK_QUEUE_TYPE QueueType) {
    ke::queue_work_item(*WorkItem, QueueType);
}

}  // extern "C"
