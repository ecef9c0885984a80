// Registration of selective suspend, and the calls that belong to an idle notification.
#include "ndis/selective_suspend.h"

#include "ndis/adapter.h"
#include "ndis/misuse.h"

namespace ndiskit::ndis {

NDIS_STATUS take_suspend_handlers(const NDIS_MINIPORT_SS_CHARACTERISTICS& given) {
    const bool whole = given.Header.Revision >= NDIS_MINIPORT_SS_CHARACTERISTICS_REVISION_1 &&
                       given.Header.Size >= NDIS_SIZEOF_MINIPORT_SS_CHARACTERISTICS_REVISION_1;
    if (!whole || given.IdleNotificationHandler == nullptr || given.CancelIdleNotificationHandler == nullptr)
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    return NDIS_STATUS_SUCCESS;
}

namespace {

// A driver may confirm or complete only what NDIS has notified it of.
[[noreturn]] void no_notification(NDIS_HANDLE adapter, const char* caller) {
    misuse(Misuse::illegal_state_transition, std::string(caller) + " without an idle notification that is pending",
           reinterpret_cast<uint64_t>(&resolve<Adapter>(adapter, caller)));
}

}  // namespace
}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismidlenotificationconfirm
extern "C" void NTAPI NdisMIdleNotificationConfirm(NDIS_HANDLE MiniportAdapterHandle, NDIS_DEVICE_POWER_STATE) {
    no_notification(MiniportAdapterHandle, "NdisMIdleNotificationConfirm");
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismidlenotificationcomplete
extern "C" void NTAPI NdisMIdleNotificationComplete(NDIS_HANDLE MiniportAdapterHandle) {
    no_notification(MiniportAdapterHandle, "NdisMIdleNotificationComplete");
}
