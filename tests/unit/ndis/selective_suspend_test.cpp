// Selective suspend: handlers are taken, and nothing is confirmed that NDIS did not ask for.
#include <gtest/gtest.h>

#include "fixture.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

NDIS_STATUS NTAPI idle(NDIS_HANDLE, BOOLEAN) { return NDIS_STATUS_BUSY; }
void NTAPI cancel_idle(NDIS_HANDLE) {}

TEST(SelectiveSuspend, BothHandlersAreNeeded) {
    with_stack([] {
        NDIS_MINIPORT_SS_CHARACTERISTICS c{};
        c.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_SS_CHARACTERISTICS;
        c.Header.Revision = NDIS_MINIPORT_SS_CHARACTERISTICS_REVISION_1;
        c.Header.Size = NDIS_SIZEOF_MINIPORT_SS_CHARACTERISTICS_REVISION_1;
        c.IdleNotificationHandler = idle;
        auto* handlers = reinterpret_cast<PNDIS_DRIVER_OPTIONAL_HANDLERS>(&c);
        EXPECT_EQ(NdisSetOptionalHandlers(nic_driver(), handlers), NDIS_STATUS_BAD_CHARACTERISTICS);
        c.CancelIdleNotificationHandler = cancel_idle;
        EXPECT_EQ(NdisSetOptionalHandlers(nic_driver(), handlers), NDIS_STATUS_SUCCESS);
    });
}

TEST(SelectiveSuspend, ConfirmingNothingStopsTheMachine) {
    EXPECT_EXIT(with_stack([] { NdisMIdleNotificationConfirm(nic().handle, NdisDeviceStateD2); }),
                testing::ExitedWithCode(3), "without an idle notification");
    EXPECT_EXIT(with_stack([] { NdisMIdleNotificationComplete(nic().handle); }), testing::ExitedWithCode(3),
                "without an idle notification");
}

}  // namespace
}  // namespace ndiskit::ndis
