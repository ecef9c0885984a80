// What those above an adapter have set, as NDIS keeps it from the adapter's initialisation to its halt.
#pragma once

#include "ndis/task_offload.h"
#include "ndis/receive_filters.h"
#include "ndis/receive_scale.h"
#include "ndis/wake.h"

namespace ndiskit::ndis {

struct AdapterSettings {
    ReceiveFilters receive_filters;
    ReceiveScale receive_scale;
    WakeSettings wake;
    OffloadSettings offload;

    void clear() {
        receive_filters.clear();
        receive_scale.clear();
        wake.clear();
        offload.clear();
    }
};

}  // namespace ndiskit::ndis
