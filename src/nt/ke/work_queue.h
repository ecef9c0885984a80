// System worker threads. Each queue (critical, delayed, hypercritical) is served in order by a pool that
// grows when an item comes and nobody is idle, so that items that wait for each other cannot stop the system.
#pragma once

#include <functional>

#include "nt/abi.h"

namespace ndiskit::nt::ke {

void queue_work_item(WORK_QUEUE_ITEM& item, WORK_QUEUE_TYPE queue);

// Work of the kit's own, in the order in which it was queued if no item waits. Up to DISPATCH_LEVEL.
void run_later(std::function<void()> work);

void start_workers();
// Runs what is queued, then ends the workers.
void stop_workers();

}  // namespace ndiskit::nt::ke
