// Sleep and resume.
#include <gtest/gtest.h>

#include "fixture.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

TEST(Power, AwareAdapterIsPausedThenSetAndComesBack) {
    with_stack([] {
        ASSERT_TRUE(sleep_system().has_value());
        EXPECT_EQ(open_of().calls,
                  (std::vector<std::string>{"bind", "restart", "query power", "set power", "pause"}));
        EXPECT_EQ(nic().calls, (std::vector<std::string>{"initialize", "restart", "pause", "power"}));
        EXPECT_EQ(view().power_state, 3u);
        ULONG frame = 0;
        EXPECT_EQ(open_of().oid(NdisRequestQueryInformation, OID_GEN_MAXIMUM_FRAME_SIZE, &frame, 4),
                  NDIS_STATUS_LOW_POWER_STATE);
        open_of().send(1);
        EXPECT_EQ(open_of().send_results.size(), 1u);
        EXPECT_FALSE(open_of().send_results.contains(NDIS_STATUS_SUCCESS));
        wake_system();
        EXPECT_EQ(view().state, AdapterState::running);
        EXPECT_EQ(open_of().calls.back(), "set power");
        open_of().send(1);
        EXPECT_EQ(open_of().send_results[NDIS_STATUS_SUCCESS], 1);
    });
}

TEST(Power, UnawareAdapterIsHaltedAndTheBindingStays) {
    with_machine([] {
        behaviour().power_aware = false;
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        write_bind(u"fixproto", {guid_a});
        start_protocol();
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        ASSERT_TRUE(sleep_system().has_value());
        EXPECT_FALSE(has_nic());
        EXPECT_TRUE(is_bound());
        EXPECT_EQ(count(open_of().calls, "unbind"), 0);
        wake_system();
        EXPECT_TRUE(has_nic());
        open_of().send(1);
        EXPECT_EQ(open_of().send_results[NDIS_STATUS_SUCCESS], 1);
    });
}

TEST(Power, AnAdapterThatWasHaltedToSleepCanBeRemoved) {
    with_machine([] {
        behaviour().power_aware = false;
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        write_bind(u"fixproto", {guid_a});
        start_protocol();
        for (const auto remove : {remove_adapter, surprise_remove_adapter}) {
            ASSERT_TRUE(start_adapter(guid_a).has_value());
            ASSERT_TRUE(sleep_system().has_value());
            ASSERT_TRUE(is_bound());
            ASSERT_TRUE(remove(guid_a).has_value());
            EXPECT_FALSE(is_bound());
            EXPECT_FALSE(has_nic());
        }
    });
}

using Profiles = std::vector<std::pair<ULONG, std::string>>;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nc-ndis-miniport_device_pnp_event_notify
TEST(Power, ThePowerProfileIsToldAfterInitializationD0AndAChange) {
    with_stack([] {
        EXPECT_EQ(nic().profiles, (Profiles{{NdisPowerProfileAcOnLine, "initialize"}}));
        nic().profiles.clear();
        change_power_source(nt::io::PowerSource::battery);
        EXPECT_EQ(nic().profiles, (Profiles{{NdisPowerProfileBattery, "restart"}}));
        nic().profiles.clear();
        ASSERT_TRUE(set_adapter_power(guid_a, 3).has_value());
        change_power_source(nt::io::PowerSource::mains);
        EXPECT_TRUE(nic().profiles.empty());  // it sleeps
        ASSERT_TRUE(set_adapter_power(guid_a, 0).has_value());
        EXPECT_EQ(nic().profiles, (Profiles{{NdisPowerProfileAcOnLine, "power"}}));
    });
}

TEST(Power, NoPauseOnSuspendRefusesSendsOnly) {
    with_machine([] {
        behaviour().attribute_flags = NDIS_MINIPORT_ATTRIBUTES_NO_PAUSE_ON_SUSPEND;
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        write_bind(u"fixproto", {guid_a});
        start_protocol();
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        ASSERT_TRUE(set_adapter_power(guid_a, 3).has_value());
        EXPECT_EQ(count(nic().calls, "pause"), 0);
        open_of().send(1);
        EXPECT_EQ(open_of().send_results[NDIS_STATUS_LOW_POWER_STATE], 1);
        ASSERT_TRUE(set_adapter_power(guid_a, 0).has_value());
        open_of().send(1);
        EXPECT_EQ(open_of().send_results[NDIS_STATUS_SUCCESS], 1);
    });
}

}  // namespace
}  // namespace ndiskit::ndis
