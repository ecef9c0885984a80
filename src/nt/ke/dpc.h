// DPCs. A KDPC waits in the queue of one processor and runs at DISPATCH_LEVEL on it: on the thread that owns
// the processor when it lowers, or, when nobody does, on the processor's DPC task. Threaded DPCs run at
// PASSIVE_LEVEL on a task of their own.
//
// DpcData of a queued KDPC is the processor it waits for, null otherwise: that is what makes a second
// insertion fail. It is cleared before the routine is called, so that a routine may queue its own KDPC again,
// or free it.
#pragma once

#include "nt/abi.h"
#include "nt/ke/processor.h"

namespace ndiskit::nt::ke {

// KeInsertQueueDpc.
bool insert_dpc(KDPC& dpc, PVOID argument1, PVOID argument2);

// The two halves of an insertion, for who holds the dispatcher lock: queue the DPC (on `fallback` unless it
// has a target) and give its processor, null when it was queued already; then, outside the lock, let it run.
Processor* enqueue_dpc(KDPC& dpc, PVOID argument1, PVOID argument2, Processor& fallback);
void announce_dpc(bool threaded, Processor& target);
bool is_threaded(const KDPC& dpc);

bool remove_dpc(KDPC& dpc);
// Waits until every DPC that is queued now has run.
void flush_dpcs();

// The bodies of a processor's tasks; they return when the machine stops.
void run_dpc_task(Processor& processor);
void run_threaded_dpc_task(Processor& processor);

}  // namespace ndiskit::nt::ke
