// What drivers may finish later: restart, binding, unbinding and NET_PNP_EVENTs. NDIS waits, and goes on in order.
#include <gtest/gtest.h>

#include "fixture.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;
using Calls = std::vector<std::string>;

TEST(Pending, AStackComesUpAndGoesDownThroughPendingCalls) {
    with_prepared_stack(
        [] {
            behaviour().pend_bind = behaviour().pend_unbind = behaviour().pend_events = true;
            behaviour().pend_restart = behaviour().pend_pause = true;  // NdisMRestartComplete, NdisMPauseComplete
        },
        [] {
            // NdisCompleteBindAdapterEx has come, and NdisCompleteNetPnPEvent for the restart.
            EXPECT_EQ(open_of().calls, (Calls{"bind", "restart"}));
            EXPECT_EQ(view().state, AdapterState::running);
            EXPECT_EQ(view().bindings[0].state, BindingState::running);
            open_of().send(1);
            EXPECT_EQ(nic().sent, 1u);
            ASSERT_TRUE(unbind(u"fixproto", guid_a).has_value());  // NdisCompleteUnbindAdapterEx
            EXPECT_FALSE(is_bound());
            EXPECT_TRUE(view().bindings.empty());
            ASSERT_TRUE(ndis::bind(u"fixproto", guid_a).has_value());
            EXPECT_TRUE(is_bound());
        });
}

TEST(Pending, CompletingARestartThatIsNoneStopsTheMachine) {
    EXPECT_EXIT(with_stack([] { NdisMRestartComplete(nic().handle, NDIS_STATUS_SUCCESS); }),
                testing::ExitedWithCode(3), "NdisMRestartComplete without a restart that is pending");
}

TEST(Pending, CompletingWithTheWrongHandleStopsTheMachine) {
    EXPECT_EXIT(with_stack([] { NdisCompleteBindAdapterEx(open_of().handle, NDIS_STATUS_SUCCESS); }),
                testing::ExitedWithCode(3), "NdisCompleteBindAdapterEx");
    EXPECT_EXIT(with_stack([] { NdisCompleteUnbindAdapterEx(open_of().handle); }), testing::ExitedWithCode(3),
                "NdisCompleteUnbindAdapterEx");
    EXPECT_EXIT(with_stack([] {
                    NET_PNP_EVENT_NOTIFICATION n{};
                    NdisCompleteNetPnPEvent(open_of().handle, &n, NDIS_STATUS_SUCCESS);
                }),
                testing::ExitedWithCode(3), "NdisCompleteNetPnPEvent for an event that was not pending");
}

TEST(Pending, AProtocolUnbindsItselfAndIsBoundAgain) {
    with_stack([] {
        const KIRQL old = KfRaiseIrql(DISPATCH_LEVEL);
        EXPECT_EQ(NdisUnbindAdapter(open_of().handle), NDIS_STATUS_SUCCESS);
        KeLowerIrql(old);
        settle_pnp();
        EXPECT_FALSE(is_bound());
        EXPECT_EQ(count(history(), "fixproto unbind"), 1);
        NdisReEnumerateProtocolBindings(protocol_handle());
        settle_pnp();
        EXPECT_TRUE(is_bound());
        EXPECT_EQ(view().state, AdapterState::running);
    });
}

// What it has opened it closes in ProtocolUnbindAdapterEx.
TEST(Pending, AProtocolThatGivesUpWhileItBindsIsUnbound) {
    for (uint64_t seed = 1; seed <= 10; seed++)
        with_machine(
            [] {
                behaviour().pend_bind = behaviour().bind_gives_up = true;
                write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
                write_bind(u"fixproto", {guid_a});
                start_protocol();
                ASSERT_TRUE(start_adapter(guid_a).has_value());
                EXPECT_FALSE(is_bound());
                EXPECT_TRUE(view().bindings.empty());
                EXPECT_EQ(count(history(), "fixproto bind"), 1);
                EXPECT_EQ(count(history(), "fixproto unbind"), 1);
                EXPECT_EQ(view().state, AdapterState::running);
            },
            seed);
}

TEST(Pending, AMiniportThatGivesUpIsHalted) {
    with_stack([] {
        EXPECT_EQ(NdisMRemoveMiniport(nic().handle), NDIS_STATUS_SUCCESS);
        settle_pnp();
        EXPECT_FALSE(has_nic());
        EXPECT_FALSE(is_bound());
        EXPECT_EQ(history().back(), "nic halt");
    });
}

}  // namespace
}  // namespace ndiskit::ndis
