// What NDIS gives drivers besides networking: memory, locks, events, timers, work items, strings, processors,
// files, the event log. One file a family, each with the rows of its exports.
#pragma once

#include <span>

#include "ndis/nbl/abi.h"
#include "nt/export_table.h"

namespace ndiskit::ndis {

// Adds all of the families' rows to ndis.sys.
void add_service_exports();

std::span<const nt::Export> memory_exports();
std::span<const nt::Export> spin_lock_exports();
std::span<const nt::Export> rw_lock_exports();
std::span<const nt::Export> event_exports();
std::span<const nt::Export> timer_exports();
std::span<const nt::Export> work_item_exports();
std::span<const nt::Export> string_exports();
std::span<const nt::Export> processor_exports();
std::span<const nt::Export> file_exports();
std::span<const nt::Export> event_log_exports();

// A function of the driver's calling convention as a row has it.
template <class Function>
const void* address_of(Function* function) {
    return reinterpret_cast<const void*>(function);
}

}  // namespace ndiskit::ndis
