// What NDIS gives drivers besides networking: memory, locks, events, timers, work items, strings, processors,
// files, the event log.
#pragma once

namespace ndiskit::ndis {

// Adds the rows of this folder to ndis.sys.
void add_service_exports();

}  // namespace ndiskit::ndis
