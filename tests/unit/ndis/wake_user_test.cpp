// What the user lets an adapter do while it sleeps.
#include <gtest/gtest.h>

#include "fixture.h"
#include "ndis/registry_key.h"
#include "oid_requests.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

const std::u16string instance_key = std::u16string(layout::class_key) + u"\\0001";
constexpr ULONG both = NDIS_PM_WOL_BITMAP_PATTERN_SUPPORTED | NDIS_PM_WOL_MAGIC_PACKET_SUPPORTED;

NDIS_PM_CAPABILITIES& hardware() {
    static NDIS_PM_CAPABILITIES capabilities;
    return capabilities;
}

// `flags` collects what NetEventPnPCapabilities said.
void with_waking_nic(std::vector<ULONG>& flags, const std::function<void()>& body) {
    with_prepared_stack(
        [&] {
            behaviour().on_general = [](NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES& general) {
                NDIS_PM_CAPABILITIES& c = hardware();
                c = with_header<NDIS_PM_CAPABILITIES>(pm_capabilities_structure, ndis_6_30);
                c.SupportedWoLPacketPatterns = both;
                c.NumTotalWoLPatterns = 2;
                c.MinMagicPacketWakeUp = c.MinPatternWakeUp = NdisDeviceStateD3;
                c.SupportedProtocolOffloads =
                    NDIS_PM_PROTOCOL_OFFLOAD_ARP_SUPPORTED | NDIS_PM_PROTOCOL_OFFLOAD_NS_SUPPORTED;
                general.PowerManagementCapabilitiesEx = &c;
            };
            behaviour().on_event = [&](const NET_PNP_EVENT_NOTIFICATION& n) {
                if (n.NetPnPEvent.NetEvent != NetEventPnPCapabilities)
                    return;
                EXPECT_EQ(n.NetPnPEvent.BufferLength, sizeof(ULONG));
                flags.push_back(*static_cast<ULONG*>(n.NetPnPEvent.Buffer));
            };
            take_all();
        },
        [&] {
            body();
            behaviour().on_oid = nullptr;
            behaviour().on_event = nullptr;
        });
}

NDIS_PM_CAPABILITIES ask(NDIS_OID oid) {
    NDIS_PM_CAPABILITIES capabilities{};
    EXPECT_EQ(query(oid, &capabilities, sizeof(capabilities)), NDIS_STATUS_SUCCESS);
    return capabilities;
}

TEST(WakeUser, ProtocolsAreToldPerBindingWhenTheUserForbidsWaking) {
    std::vector<ULONG> flags;
    with_waking_nic(flags, [&] {
        ASSERT_TRUE(allow_wake(guid_a, false).has_value());
        EXPECT_EQ(flags, (std::vector<ULONG>{0}));
        EXPECT_EQ(count(open_of().calls, "pnp capabilities"), 1);
        // NDIS hides what there is no longer, and says so.
        EXPECT_EQ(open_of().statuses.back().first, NDIS_STATUS_PM_CAPABILITIES_CHANGE);
        EXPECT_EQ(ask(OID_PM_CURRENT_CAPABILITIES).SupportedWoLPacketPatterns, 0u);
        EXPECT_EQ(ask(OID_PM_CURRENT_CAPABILITIES).MinMagicPacketWakeUp, NdisDeviceStateUnspecified);
        EXPECT_EQ(ask(OID_PM_HARDWARE_CAPABILITIES).SupportedWoLPacketPatterns, both);
        auto pattern = with_header<NDIS_PM_WOL_PATTERN>(wol_pattern_structure);
        pattern.WoLPacketType = NdisPMWoLPacketMagicPacket;
        EXPECT_EQ(set(OID_PM_ADD_WOL_PATTERN, &pattern, sizeof(pattern)), NDIS_STATUS_NOT_SUPPORTED);
        // The same again is nothing new.
        ASSERT_TRUE(allow_wake(guid_a, false).has_value());
        ASSERT_TRUE(allow_wake(guid_a, true).has_value());
        EXPECT_EQ(flags, (std::vector<ULONG>{0, NDIS_DEVICE_WAKE_UP_ENABLE}));
        EXPECT_EQ(ask(OID_PM_CURRENT_CAPABILITIES).SupportedWoLPacketPatterns, both);
    });
}

TEST(WakeUser, IsKeptInTheRegistryFromOneStartToTheNext) {
    std::vector<ULONG> flags;
    with_waking_nic(flags, [&] {
        ASSERT_TRUE(allow_wake(guid_a, false).has_value());
        EXPECT_EQ(RegistryKey::open(instance_key)->number(u"PnPCapabilities"), 0x10u);
        ASSERT_TRUE(remove_adapter(guid_a).has_value());
        const NDIS_PM_CAPABILITIES* bound = nullptr;
        ULONG patterns = 99;
        behaviour().on_bind = [&](const NDIS_BIND_PARAMETERS& p) {
            bound = p.PowerManagementCapabilitiesEx;
            patterns = bound != nullptr ? bound->SupportedWoLPacketPatterns : 99;
        };
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        EXPECT_EQ(patterns, 0u);
        EXPECT_EQ(flags.size(), 1u);
        behaviour().on_bind = nullptr;
    });
}

TEST(WakeUser, KeywordsForbidOneThingEach) {
    std::vector<ULONG> flags;
    with_waking_nic(flags, [&] {
        set_text(instance_key, u"*WakeOnPattern", u"0");
        set_text(instance_key, u"*PMNSOffload", u"0");
        ASSERT_TRUE(refresh_wake_settings(guid_a).has_value());
        EXPECT_TRUE(flags.empty());  // waking as a whole is allowed as before
        const NDIS_PM_CAPABILITIES now = ask(OID_PM_CURRENT_CAPABILITIES);
        EXPECT_EQ(now.SupportedWoLPacketPatterns, static_cast<ULONG>(NDIS_PM_WOL_MAGIC_PACKET_SUPPORTED));
        EXPECT_EQ(now.SupportedProtocolOffloads, static_cast<ULONG>(NDIS_PM_PROTOCOL_OFFLOAD_ARP_SUPPORTED));
        EXPECT_EQ(now.MinPatternWakeUp, NdisDeviceStateUnspecified);
        EXPECT_EQ(now.MinMagicPacketWakeUp, NdisDeviceStateD3);
    });
}

TEST(WakeUser, WhatWasAskedForBeforeIsNotSentToTheMiniport) {
    std::vector<ULONG> flags;
    with_waking_nic(flags, [&] {
        auto parameters = with_header<NDIS_PM_PARAMETERS>(pm_parameters_structure, ndis_6_30);
        parameters.EnabledWoLPacketPatterns = NDIS_PM_WOL_MAGIC_PACKET_SUPPORTED;
        parameters.WakeUpFlags = NDIS_PM_WAKE_ON_LINK_CHANGE_ENABLED;
        EXPECT_EQ(set(OID_PM_PARAMETERS, &parameters, sizeof(parameters)), NDIS_STATUS_SUCCESS);
        ASSERT_TRUE(allow_wake(guid_a, false).has_value());
        NDIS_PM_PARAMETERS sent{};
        sent.EnabledWoLPacketPatterns = 99;
        behaviour().on_oid = [&](NDIS_OID_REQUEST& request) -> std::optional<NDIS_STATUS> {
            if (request.DATA.SET_INFORMATION.Oid == OID_PM_PARAMETERS)
                sent = *static_cast<NDIS_PM_PARAMETERS*>(request.DATA.SET_INFORMATION.InformationBuffer);
            return NDIS_STATUS_SUCCESS;
        };
        ASSERT_TRUE(set_adapter_power(guid_a, 3).has_value());
        EXPECT_EQ(sent.EnabledWoLPacketPatterns, 0u);
        EXPECT_EQ(sent.WakeUpFlags, 0u);
        ASSERT_TRUE(set_adapter_power(guid_a, 0).has_value());
    });
}

}  // namespace
}  // namespace ndiskit::ndis
