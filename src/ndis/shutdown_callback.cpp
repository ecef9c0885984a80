#include "ndis/shutdown_callback.h"

#include "ndis/adapter.h"
#include "ndis/driver.h"

namespace ndiskit::ndis {

namespace {
UCHAR component[] = "ndis";
}  // namespace

void ShutdownCallback::arm() {
    const bool asked = adapter_.attributes.registration.AttributeFlags &
                       NDIS_MINIPORT_ATTRIBUTES_REGISTER_BUGCHECK_CALLBACK;
    if (asked || adapter_.driver.version < ndis_6_30)
        KeRegisterBugCheckCallback(&record_, run, &adapter_, sizeof(adapter_), component);
}

void ShutdownCallback::disarm() { KeDeregisterBugCheckCallback(&record_); }

void NTAPI ShutdownCallback::run(PVOID context, ULONG) {
    auto& adapter = *static_cast<Adapter*>(context);
    adapter.driver.handlers.ShutdownHandlerEx(adapter.attributes.registration.MiniportAdapterContext,
                                              NdisShutdownBugCheck);
}

}  // namespace ndiskit::ndis
