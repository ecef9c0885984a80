#include "ndis/services/exports.h"

namespace ndiskit::ndis {

void add_service_exports() {
    for (const auto rows :
         {memory_exports(), spin_lock_exports(), rw_lock_exports(), event_exports(), timer_exports(),
          work_item_exports(), string_exports(), processor_exports(), file_exports(), event_log_exports()})
        nt::add_exports("ndis.sys", rows);
}

}  // namespace ndiskit::ndis
