// What src/nt/ke exports: the rows of ntoskrnl.exe (two tables) and of hal.dll.
#pragma once

#include <span>

#include "nt/export_table.h"

namespace ndiskit::nt::ke {

// Processors, IRQL, threads, DPCs, timers, time, work items.
std::span<const Export> kernel_exports();
// Waits, events, mutexes, spin locks, interlocked lists, resources, rundown.
std::span<const Export> lock_exports();
std::span<const Export> hal_exports();

}  // namespace ndiskit::nt::ke
