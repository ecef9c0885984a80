// Names for the contexts a driver hands to NDIS. Static analysis follows them; to the compiler each is a
// no-op declaration that may stand once for each type.
#pragma once

#include "ndis/types.h"

// A handle type of its own, so that handles of different kinds do not mix.
#define DECLARE_NDIS_HANDLE(handle) \
    struct handle##__ {             \
        int unused;                 \
    };                              \
    typedef struct handle##__* handle

#define NDIS_DECLARE_CONTEXT_INNER(datatype, purpose) typedef datatype* purpose##_##datatype

#define NDIS_DECLARE_MINIPORT_DRIVER_CONTEXT(type)    NDIS_DECLARE_CONTEXT_INNER(type, MiniportDriver)
#define NDIS_DECLARE_MINIPORT_ADAPTER_CONTEXT(type)   NDIS_DECLARE_CONTEXT_INNER(type, MiniportAdapter)
#define NDIS_DECLARE_MINIPORT_ADDDEVICE_CONTEXT(type) NDIS_DECLARE_CONTEXT_INNER(type, MiniportAddDevice)
#define NDIS_DECLARE_MINIPORT_INTERRUPT_CONTEXT(type) NDIS_DECLARE_CONTEXT_INNER(type, MiniportInterrupt)
#define NDIS_DECLARE_MINIPORT_SGLIST_CONTEXT(type)    NDIS_DECLARE_CONTEXT_INNER(type, MiniportSgList)
#define NDIS_DECLARE_MINIPORT_SHARED_DMA_ASYNC_CONTEXT(type) \
    NDIS_DECLARE_CONTEXT_INNER(type, MiniportSharedDma)
#define NDIS_DECLARE_PROTOCOL_DRIVER_CONTEXT(type) NDIS_DECLARE_CONTEXT_INNER(type, ProtocolDriver)
#define NDIS_DECLARE_PROTOCOL_OPEN_CONTEXT(type)   NDIS_DECLARE_CONTEXT_INNER(type, ProtocolOpen)
#define NDIS_DECLARE_FILTER_DRIVER_CONTEXT(type)   NDIS_DECLARE_CONTEXT_INNER(type, FilterDriver)
#define NDIS_DECLARE_FILTER_MODULE_CONTEXT(type)   NDIS_DECLARE_CONTEXT_INNER(type, FilterModule)
#define NDIS_DECLARE_SHARED_MEMORY_PROVIDER_CONTEXT(type) \
    NDIS_DECLARE_CONTEXT_INNER(type, SharedMemoryProvider)
#define NDIS_DECLARE_SHARED_MEMORY_ALLOCATION_CONTEXT(type) \
    NDIS_DECLARE_CONTEXT_INNER(type, SharedMemoryAllocation)
#define NDIS_DECLARE_CO_MINIPORT_VC_CONTEXT(type) NDIS_DECLARE_CONTEXT_INNER(type, CoMiniportVc)
#define NDIS_DECLARE_CO_CL_AF_CONTEXT(type)       NDIS_DECLARE_CONTEXT_INNER(type, CoClAf)
#define NDIS_DECLARE_CO_CL_VC_CONTEXT(type)       NDIS_DECLARE_CONTEXT_INNER(type, CoClVc)
#define NDIS_DECLARE_CO_CM_AF_CONTEXT(type)       NDIS_DECLARE_CONTEXT_INNER(type, CoCmAf)
#define NDIS_DECLARE_CO_CM_VC_CONTEXT(type)       NDIS_DECLARE_CONTEXT_INNER(type, CoCmVc)

// For `#pragma NDIS_INIT_FUNCTION(DriverEntry)`: code for initialization only, and code that may be paged
// out.
#define NDIS_INIT_FUNCTION(_F)     alloc_text(INIT, _F)
#define NDIS_PAGEABLE_FUNCTION(_F) alloc_text(PAGE, _F)
#define NDIS_PAGABLE_FUNCTION(_F)  alloc_text(PAGE, _F)
// True if the build may call functions that came with the given version.
#define NDIS_API_VERSION_AVAILABLE(major, minor) \
    ((major) < 6 || ((major) == 6 && (minor) <= NDIS_TARGET_MINOR))
