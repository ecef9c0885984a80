// Network events that a miniport makes: for those above it, and for NDIS.
#include <gtest/gtest.h>

#include <algorithm>

#include "fixture_filter.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

void with_new_stack(const std::function<void()>& body) {
    with_prepared_stack([] { behaviour().minor_version = 50; }, body);
}

TEST(MiniportEvents, AnyMiniportTellsOfNdkAndOfItsSwitch) {
    with_stack([] {
        EXPECT_EQ(net_pnp_event(NetEventNDKEnable), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(net_pnp_event(NetEventSwitchActivate), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(count(open_of().calls, "ndk enable"), 1);
        EXPECT_EQ(count(open_of().calls, "switch activate"), 1);
        // Other events are for intermediate drivers.
        EXPECT_EQ(net_pnp_event(NetEventReconfigure), NDIS_STATUS_NOT_SUPPORTED);
    });
}

TEST(MiniportEvents, NobodyStandsOnAMiniportThatInhibitsBinds) {
    with_new_stack([] {
        EXPECT_EQ(net_pnp_event(NetEventInhibitBindsAbove), NDIS_STATUS_SUCCESS);
        EXPECT_FALSE(is_bound());  // before the call returns
        EXPECT_TRUE(has_nic());
        reconcile_bindings();
        EXPECT_FALSE(is_bound());
        EXPECT_FALSE(ndis::bind(u"fixproto", guid_a).has_value());
        EXPECT_EQ(net_pnp_event(NetEventAllowBindsAbove), NDIS_STATUS_SUCCESS);
        settle_pnp();
        EXPECT_TRUE(is_bound());
        EXPECT_EQ(view().state, AdapterState::running);
    });
}

TEST(MiniportEvents, FiltersGoAndComeBackToo) {
    with_filters({"filter1"}, [] {
        behaviour().minor_version = 50;
        start_stack({"filter1"});
        EXPECT_EQ(net_pnp_event(NetEventInhibitBindsAbove), NDIS_STATUS_SUCCESS);
        EXPECT_FALSE(is_attached("filter1"));
        EXPECT_FALSE(is_bound());
        EXPECT_EQ(net_pnp_event(NetEventAllowBindsAbove), NDIS_STATUS_SUCCESS);
        settle_pnp();
        EXPECT_TRUE(is_attached("filter1"));
        EXPECT_TRUE(is_bound());
    });
}

TEST(MiniportEvents, TheStackStaysPausedWhileTheMiniportRequiresIt) {
    with_new_stack([] {
        EXPECT_EQ(net_pnp_event(NetEventRequirePause), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(view().state, AdapterState::paused);
        EXPECT_EQ(view().bindings.at(0).state, BindingState::paused);
        EXPECT_EQ(net_pnp_event(NetEventRequirePause), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(count(nic().calls, "pause"), 1);  // no extra loop
        EXPECT_FALSE(restart_adapter(guid_a).has_value());
        EXPECT_EQ(view().state, AdapterState::paused);
        EXPECT_EQ(net_pnp_event(NetEventAllowStart), NDIS_STATUS_SUCCESS);
        settle_pnp();
        EXPECT_EQ(view().state, AdapterState::running);
        open_of().send(1);
        EXPECT_EQ(open_of().send_results[NDIS_STATUS_SUCCESS], 1);
    });
}

TEST(MiniportEvents, FromWithinInitializeOnNobodyIsBoundUntilItIsAllowed) {
    with_machine([] {
        behaviour().minor_version = 50;
        behaviour().on_initialize = [](Nic& nic, const NDIS_MINIPORT_INIT_PARAMETERS&) {
            NET_PNP_EVENT_NOTIFICATION n{};
            n.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
            n.Header.Revision = NET_PNP_EVENT_NOTIFICATION_REVISION_2;
            n.Header.Size = NDIS_SIZEOF_NET_PNP_EVENT_NOTIFICATION_REVISION_2;
            n.NetPnPEvent.NetEvent = NetEventInhibitBindsAbove;
            return NdisMNetPnPEvent(nic.handle, &n);
        };
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        write_bind(u"fixproto", {guid_a});
        start_protocol();
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        EXPECT_FALSE(is_bound());
        EXPECT_EQ(net_pnp_event(NetEventAllowBindsAbove), NDIS_STATUS_SUCCESS);
        settle_pnp();
        EXPECT_TRUE(is_bound());
        behaviour().on_initialize = nullptr;
    });
}

TEST(MiniportEvents, OnlyOfNdis650InD0AndInTheNewRevision) {
    with_stack([] { EXPECT_EQ(net_pnp_event(NetEventRequirePause), NDIS_STATUS_INVALID_PARAMETER); });
    with_new_stack([] {
        EXPECT_EQ(net_pnp_event(NetEventRequirePause, NET_PNP_EVENT_NOTIFICATION_REVISION_1),
                  NDIS_STATUS_INVALID_PARAMETER);
        ASSERT_TRUE(set_adapter_power(guid_a, 3).has_value());
        EXPECT_EQ(net_pnp_event(NetEventInhibitBindsAbove), NDIS_STATUS_INVALID_PARAMETER);
        EXPECT_EQ(net_pnp_event(NetEventAllowBindsAbove), NDIS_STATUS_INVALID_PARAMETER);
        ASSERT_TRUE(set_adapter_power(guid_a, 0).has_value());
        EXPECT_TRUE(is_bound());
    });
}

TEST(FilterPreDetach, IsToldToTheModuleThatGoesAloneWhileItStillRuns) {
    with_filter_stack({"filter2", "filter1"}, [] {
        const std::string event = "pre detach";
        history().clear();
        write_filter_list(u"0001", guid_a, {"filter2"});
        reconcile_filters();
        const auto at = [](const std::string& what) { return std::ranges::find(history(), what) - history().begin(); };
        EXPECT_LT(at("filter1 " + event), at("fixproto pause"));
        EXPECT_LT(at("fixproto pause"), at("filter1 detach"));
        EXPECT_EQ(count(history(), "filter1 " + event), 1);
        EXPECT_EQ(count(filter_of("filter2").calls, event), 0);
        EXPECT_EQ(count(history(), "fixproto event"), 0);
        // An adapter that goes takes its modules with it.
        ASSERT_TRUE(remove_adapter(guid_a).has_value());
        EXPECT_EQ(count(history(), "filter2 " + event), 1);
    });
}

}  // namespace
}  // namespace ndiskit::ndis
