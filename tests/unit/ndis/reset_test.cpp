// Check-for-hang by the clock, and resets.
#include <gtest/gtest.h>

#include <array>

#include "engine/engine.h"
#include "oid_requests.h"
#include "nt/ke/thread.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

void sleep_seconds(int64_t seconds) {
    LARGE_INTEGER time;
    time.QuadPart = -seconds * 10'000'000;
    KeDelayExecutionThread(KernelMode, false, &time);
    settle_pnp();
}

void until(const std::function<bool()>& done) {
    while (!done())
        engine::the().switch_point(engine::SwitchPoint::yield);
}

void with_reset_stack(const std::function<void()>& set, const std::function<void()>& body) {
    with_machine([&] {
        behaviour().has_reset = true;
        set();
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        write_bind(u"fixproto", {guid_a});
        start_protocol();
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        body();
    });
}

TEST(CheckForHang, ComesEveryTwoSecondsByDefaultAndEndsWithTheAdapter) {
    with_reset_stack([] {}, [] {
        sleep_seconds(21);
        EXPECT_EQ(count(nic().calls, "check"), 10);
        EXPECT_EQ(count(nic().calls, "reset"), 0);
        ASSERT_TRUE(remove_adapter(guid_a).has_value());
        sleep_seconds(10);
    });
}

// An interval is a multiple of two seconds: five are four.
TEST(CheckForHang, IntervalOfTheDriverIsCutToTwoSeconds) {
    with_reset_stack([] { behaviour().hang_seconds = 5; }, [] {
        sleep_seconds(21);
        EXPECT_EQ(count(nic().calls, "check"), 5);
    });
}

TEST(CheckForHang, RestsWhileTheAdapterSleeps) {
    with_reset_stack([] {}, [] {
        ASSERT_TRUE(set_adapter_power(guid_a, 3).has_value());
        sleep_seconds(9);
        EXPECT_EQ(count(nic().calls, "check"), 0);
        ASSERT_TRUE(set_adapter_power(guid_a, 0).has_value());
        sleep_seconds(9);
        EXPECT_GE(count(nic().calls, "check"), 4);
    });
}

TEST(CheckForHang, HangIsResetAndProtocolsAreTold) {
    with_reset_stack([] { behaviour().addressing_reset = true; }, [] {
        ASSERT_EQ(open_of().set_filter(NDIS_PACKET_TYPE_BROADCAST), NDIS_STATUS_SUCCESS);
        nic().packet_filter = 0;
        behaviour().hangs = true;
        sleep_seconds(3);
        EXPECT_EQ(count(nic().calls, "reset"), 1);
        EXPECT_EQ(count(open_of().calls, "status 40010004"), 1);  // NDIS_STATUS_RESET_START
        EXPECT_EQ(count(open_of().calls, "status 40010005"), 1);  // NDIS_STATUS_RESET_END
        EXPECT_EQ(nic().packet_filter, NDIS_PACKET_TYPE_BROADCAST);
        sleep_seconds(4);
        EXPECT_EQ(count(nic().calls, "reset"), 1);
    });
}

// Those that the page lists; patterns with identifiers are the driver's own to restore.
TEST(Reset, SettingsAreRestoredWithTheAddressing) {
    std::vector<NDIS_OID> seen;
    with_reset_stack(
        [&] {
            behaviour().addressing_reset = true;
            behaviour().on_oid = [&](NDIS_OID_REQUEST& request) -> std::optional<NDIS_STATUS> {
                seen.push_back(request.DATA.SET_INFORMATION.Oid);
                return NDIS_STATUS_SUCCESS;
            };
            behaviour().on_initialize = [](Nic& n, const NDIS_MINIPORT_INIT_PARAMETERS&) {
                NDIS_OFFLOAD offload = with_header<NDIS_OFFLOAD>(offload_structure, ndis_6_30);
                NDIS_MINIPORT_ADAPTER_ATTRIBUTES attributes{};
                attributes.OffloadAttributes.Header.Type = NDIS_OBJECT_TYPE_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES;
                attributes.OffloadAttributes.Header.Revision = NDIS_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES_REVISION_1;
                attributes.OffloadAttributes.Header.Size = NDIS_SIZEOF_MINIPORT_ADAPTER_OFFLOAD_ATTRIBUTES_REVISION_1;
                attributes.OffloadAttributes.DefaultOffloadConfiguration = &offload;
                return NdisMSetMiniportAttributes(n.handle, &attributes);
            };
        },
        [&] {
            auto encapsulation = with_header<NDIS_OFFLOAD_ENCAPSULATION>(encapsulation_structure, ndis_6_30);
            encapsulation.IPv4.EncapsulationType = NDIS_ENCAPSULATION_IEEE_802_3;
            ASSERT_EQ(set(OID_OFFLOAD_ENCAPSULATION, &encapsulation, sizeof(encapsulation)), NDIS_STATUS_SUCCESS);
            std::array<uint8_t, sizeof(NDIS_PM_PACKET_PATTERN) + 2> pattern{};
            reinterpret_cast<NDIS_PM_PACKET_PATTERN*>(pattern.data())->MaskSize = 1;
            reinterpret_cast<NDIS_PM_PACKET_PATTERN*>(pattern.data())->PatternOffset = sizeof(NDIS_PM_PACKET_PATTERN) + 1;
            reinterpret_cast<NDIS_PM_PACKET_PATTERN*>(pattern.data())->PatternSize = 1;
            ASSERT_EQ(set(OID_PNP_ADD_WAKE_UP_PATTERN, pattern.data(), pattern.size()), NDIS_STATUS_SUCCESS);
            const std::vector<NDIS_OID> restored = {OID_GEN_CURRENT_PACKET_FILTER, OID_802_3_MULTICAST_LIST,
                                                    OID_OFFLOAD_ENCAPSULATION, OID_PNP_ADD_WAKE_UP_PATTERN};
            seen.clear();
            NdisMResetMiniport(nic().handle);
            settle_pnp();
            EXPECT_EQ(seen, restored);
            // Soft errors do not undo the reset.
            seen.clear();
            behaviour().pend_reset = true;
            NdisMResetMiniport(nic().handle);
            until([] { return count(nic().calls, "reset") == 2; });
            NdisMResetComplete(nic().handle, NDIS_STATUS_SOFT_ERRORS, true);
            settle_pnp();
            EXPECT_EQ(seen, restored);
        });
}

TEST(CheckForHang, OidThatDoesNotEndIsAHang) {
    with_reset_stack([] {}, [] {
        behaviour().pend_oids = true;
        nt::Thread asker = nt::Thread::start("asker", [] { open_of().set_filter(NDIS_PACKET_TYPE_DIRECTED); });
        until([] { return !nic().oids.empty(); });
        sleep_seconds(5);
        EXPECT_EQ(count(nic().calls, "reset"), 0);
        sleep_seconds(4);
        EXPECT_GE(count(nic().calls, "reset"), 1);
        behaviour().pend_oids = false;
        nic().complete_oid();
        asker.join();
    });
}

TEST(Reset, PauseMayComeAndEndWhileOneIsPending) {
    with_reset_stack([] { behaviour().pend_reset = true; }, [] {
        NdisMResetMiniport(nic().handle);
        until([] { return count(nic().calls, "reset") == 1; });
        ASSERT_TRUE(pause_adapter(guid_a).has_value());
        EXPECT_EQ(view().state, AdapterState::paused);
        EXPECT_EQ(count(open_of().calls, "status 40010005"), 0);
        nic().complete_reset();
        settle_pnp();
        EXPECT_EQ(count(open_of().calls, "status 40010005"), 1);
        EXPECT_EQ(view().state, AdapterState::paused);
        ASSERT_TRUE(restart_adapter(guid_a).has_value());
    });
}

TEST(Reset, HaltWaitsForOneThatIsPending) {
    with_reset_stack([] { behaviour().pend_reset = true; }, [] {
        NdisMResetMiniport(nic().handle);
        until([] { return count(nic().calls, "reset") == 1; });
        nt::Thread remover = nt::Thread::start("remover", [] { EXPECT_TRUE(surprise_remove_adapter(guid_a).has_value()); });
        until([] { return !is_bound(); });
        EXPECT_TRUE(has_nic());
        nic().complete_reset();
        remover.join();
        EXPECT_FALSE(has_nic());
    });
}

}  // namespace
}  // namespace ndiskit::ndis
