// Wake patterns, protocol offloads and power management parameters.
#include <gtest/gtest.h>

#include "fixture_filter.h"
#include "ndis/oid_queue.h"
#include "oid_requests.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

void with_wake(const std::function<void()>& body) {
    static NDIS_PM_CAPABILITIES capabilities;
    with_prepared_stack(
        [] {
            behaviour().on_general = [](NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES& general) {
                capabilities = with_header<NDIS_PM_CAPABILITIES>(pm_capabilities_structure, ndis_6_30);
                capabilities.SupportedWoLPacketPatterns =
                    NDIS_PM_WOL_BITMAP_PATTERN_SUPPORTED | NDIS_PM_WOL_MAGIC_PACKET_SUPPORTED;
                capabilities.NumTotalWoLPatterns = 2;
                capabilities.SupportedProtocolOffloads = NDIS_PM_PROTOCOL_OFFLOAD_ARP_SUPPORTED;
                capabilities.NumArpOffloadIPv4Addresses = 1;
                general.PowerManagementCapabilitiesEx = &capabilities;
            };
            take_all();
        },
        [&] {
            body();
            behaviour().on_oid = nullptr;
        });
}

NDIS_PM_WOL_PATTERN pattern_of(NDIS_PM_WOL_PACKET type) {
    auto pattern = with_header<NDIS_PM_WOL_PATTERN>(wol_pattern_structure);
    pattern.WoLPacketType = type;
    return pattern;
}

NDIS_STATUS add(NDIS_PM_WOL_PATTERN& pattern) {
    return set(OID_PM_ADD_WOL_PATTERN, &pattern, sizeof(pattern));
}

TEST(Wake, PatternsGetIdentifiersAndAreListed) {
    with_wake([] {
        auto first = pattern_of(NdisPMWoLPacketMagicPacket);
        auto second = pattern_of(NdisPMWoLPacketMagicPacket);
        EXPECT_EQ(add(first), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(add(second), NDIS_STATUS_SUCCESS);
        EXPECT_NE(first.PatternId, second.PatternId);
        auto third = pattern_of(NdisPMWoLPacketMagicPacket);
        EXPECT_EQ(add(third), NDIS_STATUS_PM_WOL_PATTERN_LIST_FULL);

        std::vector<uint8_t> bytes(1024);
        EXPECT_EQ(query(OID_PM_WOL_PATTERN_LIST, bytes.data(), 1024), NDIS_STATUS_SUCCESS);
        NDIS_PM_WOL_PATTERN listed;
        std::memcpy(&listed, bytes.data(), sizeof(listed));
        EXPECT_EQ(listed.PatternId, first.PatternId);
        ASSERT_NE(listed.NextWoLPatternOffset, 0u);
        std::memcpy(&listed, bytes.data() + listed.NextWoLPatternOffset, sizeof(listed));
        EXPECT_EQ(listed.PatternId, second.PatternId);
        EXPECT_EQ(listed.NextWoLPatternOffset, 0u);
        EXPECT_EQ(query(OID_PM_WOL_PATTERN_LIST, bytes.data(), 10), NDIS_STATUS_BUFFER_TOO_SHORT);

        ULONG id = first.PatternId;
        EXPECT_EQ(set(OID_PM_REMOVE_WOL_PATTERN, &id, sizeof(id)), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(set(OID_PM_REMOVE_WOL_PATTERN, &id, sizeof(id)), NDIS_STATUS_FILE_NOT_FOUND);
        EXPECT_EQ(set(OID_PM_REMOVE_WOL_PATTERN, &id, 3), NDIS_STATUS_INVALID_LENGTH);

        // The miniport gives one up.
        id = second.PatternId;
        nic().indicate_status(NDIS_STATUS_PM_WOL_PATTERN_REJECTED, &id, sizeof(id));
        NDIS_OID_REQUEST request = request_of(NdisRequestQueryInformation, OID_PM_WOL_PATTERN_LIST, bytes.data(), 1024);
        EXPECT_EQ(open_of().oid(request), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(request.DATA.QUERY_INFORMATION.BytesWritten, 0u);
    });
}

TEST(Wake, WhatTheAdapterCannotDoIsRefused) {
    with_wake([] {
        auto syn = pattern_of(NdisPMWoLPacketIPv4TcpSyn);
        EXPECT_EQ(add(syn), NDIS_STATUS_NOT_SUPPORTED);
        auto unknown = pattern_of(NdisPMWoLPacketMaximum);
        EXPECT_EQ(add(unknown), NDIS_STATUS_INVALID_PARAMETER);
        auto bitmap = pattern_of(NdisPMWoLPacketBitmapPattern);
        bitmap.WoLPattern.WoLBitMapPattern.PatternOffset = 4000;
        bitmap.WoLPattern.WoLBitMapPattern.PatternSize = 16;
        EXPECT_EQ(add(bitmap), NDIS_STATUS_INVALID_PARAMETER);
        EXPECT_EQ(set(OID_PM_ADD_WOL_PATTERN, &bitmap, 20), NDIS_STATUS_BUFFER_TOO_SHORT);
        auto parameters = with_header<NDIS_PM_PARAMETERS>(pm_parameters_structure, ndis_6_30);
        parameters.EnabledWoLPacketPatterns = NDIS_PM_WOL_IPV4_TCP_SYN_SUPPORTED;
        EXPECT_EQ(set(OID_PM_PARAMETERS, &parameters, sizeof(parameters)), NDIS_STATUS_INVALID_PARAMETER);
    });
}

TEST(Wake, ProtocolOffloadsAreKeptByIdentifier) {
    with_wake([] {
        auto offload = with_header<NDIS_PM_PROTOCOL_OFFLOAD>(protocol_offload_structure);
        offload.ProtocolOffloadType = NdisPMProtocolOffloadIdIPv4ARP;
        EXPECT_EQ(set(OID_PM_ADD_PROTOCOL_OFFLOAD, &offload, sizeof(offload)), NDIS_STATUS_SUCCESS);
        auto more = offload;
        EXPECT_EQ(set(OID_PM_ADD_PROTOCOL_OFFLOAD, &more, sizeof(more)), NDIS_STATUS_PM_PROTOCOL_OFFLOAD_LIST_FULL);
        more.ProtocolOffloadType = NdisPMProtocolOffloadIdIPv6NS;
        EXPECT_EQ(set(OID_PM_ADD_PROTOCOL_OFFLOAD, &more, sizeof(more)), NDIS_STATUS_NOT_SUPPORTED);
        NDIS_PM_PROTOCOL_OFFLOAD listed{};
        EXPECT_EQ(query(OID_PM_PROTOCOL_OFFLOAD_LIST, &listed, sizeof(listed)), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(listed.ProtocolOffloadId, offload.ProtocolOffloadId);
        ULONG id = offload.ProtocolOffloadId + 1;
        EXPECT_EQ(method(OID_PM_GET_PROTOCOL_OFFLOAD, &id, sizeof(id)), NDIS_STATUS_INVALID_PARAMETER);
        EXPECT_EQ(set(OID_PM_REMOVE_PROTOCOL_OFFLOAD, &id, sizeof(id)), NDIS_STATUS_FILE_NOT_FOUND);
        id = offload.ProtocolOffloadId;
        EXPECT_EQ(set(OID_PM_REMOVE_PROTOCOL_OFFLOAD, &id, sizeof(id)), NDIS_STATUS_SUCCESS);
    });
}

TEST(Wake, ParametersAreCombinedAndSentBeforeTheAdapterSleeps) {
    with_wake([] {
        auto parameters = with_header<NDIS_PM_PARAMETERS>(pm_parameters_structure, ndis_6_30);
        parameters.EnabledWoLPacketPatterns = NDIS_PM_WOL_MAGIC_PACKET_SUPPORTED;
        ULONG sent = 0;
        std::vector<NDIS_OID> order;
        behaviour().on_oid = [&](NDIS_OID_REQUEST& request) -> std::optional<NDIS_STATUS> {
            order.push_back(request.DATA.SET_INFORMATION.Oid);
            if (request.DATA.SET_INFORMATION.Oid == OID_PM_PARAMETERS)
                sent = static_cast<NDIS_PM_PARAMETERS*>(request.DATA.SET_INFORMATION.InformationBuffer)
                           ->EnabledWoLPacketPatterns;
            return NDIS_STATUS_SUCCESS;
        };
        EXPECT_EQ(set(OID_PM_PARAMETERS, &parameters, sizeof(parameters)), NDIS_STATUS_SUCCESS);
        EXPECT_TRUE(order.empty());
        NDIS_PM_PARAMETERS read{};
        EXPECT_EQ(query(OID_PM_PARAMETERS, &read, sizeof(read)), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(read.EnabledWoLPacketPatterns, static_cast<ULONG>(NDIS_PM_WOL_MAGIC_PACKET_SUPPORTED));
        ASSERT_TRUE(set_adapter_power(guid_a, 3).has_value());
        EXPECT_EQ(order, (std::vector<NDIS_OID>{OID_PM_PARAMETERS, OID_PNP_SET_POWER}));
        EXPECT_EQ(sent, static_cast<ULONG>(NDIS_PM_WOL_MAGIC_PACKET_SUPPORTED));
        ASSERT_TRUE(set_adapter_power(guid_a, 0).has_value());
    });
}

// As a person says it with the INF's standard keyword.
void let_magic_packets_wake(bool yes) {
    set_text(std::u16string(layout::class_key) + u"\\0001", u"*WakeOnMagicPacket", yes ? u"1" : u"0");
    ASSERT_TRUE(refresh_wake_settings(guid_a).has_value());
}

TEST(Wake, MagicPacketsWakeUnlessAPersonSaysNo) {
    with_wake([] {
        std::vector<ULONG> sent;
        behaviour().on_oid = [&](NDIS_OID_REQUEST& request) -> std::optional<NDIS_STATUS> {
            const auto& set = request.DATA.SET_INFORMATION;
            if (set.Oid == OID_PM_PARAMETERS) {
                const auto& parameters = *static_cast<NDIS_PM_PARAMETERS*>(set.InformationBuffer);
                EXPECT_EQ(parameters.WakeUpFlags, 0u);
                sent.push_back(parameters.EnabledWoLPacketPatterns);
            }
            return NDIS_STATUS_SUCCESS;
        };
        ASSERT_TRUE(set_adapter_power(guid_a, 3).has_value());
        ASSERT_TRUE(set_adapter_power(guid_a, 0).has_value());
        let_magic_packets_wake(false);
        ASSERT_TRUE(set_adapter_power(guid_a, 3).has_value());
        ASSERT_TRUE(set_adapter_power(guid_a, 0).has_value());
        // A protocol that wants to wake by the link alone does not get it here.
        auto parameters = with_header<NDIS_PM_PARAMETERS>(pm_parameters_structure, ndis_6_30);
        parameters.WakeUpFlags = NDIS_PM_WAKE_ON_LINK_CHANGE_ENABLED;
        EXPECT_EQ(set(OID_PM_PARAMETERS, &parameters, sizeof(parameters)), NDIS_STATUS_SUCCESS);
        ASSERT_TRUE(set_adapter_power(guid_a, 3).has_value());
        EXPECT_EQ(sent, (std::vector<ULONG>{NDIS_PM_WOL_MAGIC_PACKET_SUPPORTED, 0}));
        ASSERT_TRUE(set_adapter_power(guid_a, 0).has_value());
        let_magic_packets_wake(true);
    });
}

TEST(Wake, OldPatternsAreListedByNdis) {
    with_wake([] {
        struct {
            NDIS_PM_PACKET_PATTERN pattern;
            uint8_t mask[2];
            uint8_t bytes[2];
        } given{};
        given.pattern.MaskSize = 2;
        given.pattern.PatternOffset = sizeof(given.pattern) + 2;
        given.pattern.PatternSize = 2;
        EXPECT_EQ(set(OID_PNP_ADD_WAKE_UP_PATTERN, &given, sizeof(given)), NDIS_STATUS_SUCCESS);
        auto listed = given;
        listed.pattern.MaskSize = 0;
        EXPECT_EQ(query(OID_PNP_WAKE_UP_PATTERN_LIST, &listed, sizeof(listed)), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(listed.pattern.MaskSize, 2u);
        EXPECT_EQ(set(OID_PNP_REMOVE_WAKE_UP_PATTERN, &given, sizeof(given)), NDIS_STATUS_SUCCESS);
        given.pattern.PatternSize = 200;
        EXPECT_EQ(set(OID_PNP_ADD_WAKE_UP_PATTERN, &given, sizeof(given)), NDIS_STATUS_INVALID_LENGTH);
    });
}

TEST(Wake, FilterModulesHaveAWordInTheParameters) {
    static NDIS_PM_CAPABILITIES capabilities;
    with_filters({"filter2", "filter1"}, [] {
        behaviour().on_general = [](NDIS_MINIPORT_ADAPTER_GENERAL_ATTRIBUTES& general) {
            capabilities = with_header<NDIS_PM_CAPABILITIES>(pm_capabilities_structure, ndis_6_30);
            capabilities.SupportedWoLPacketPatterns =
                NDIS_PM_WOL_BITMAP_PATTERN_SUPPORTED | NDIS_PM_WOL_MAGIC_PACKET_SUPPORTED;
            general.PowerManagementCapabilitiesEx = &capabilities;
        };
        ULONG sent = 0;
        int sets = 0;
        behaviour().on_oid = [&](NDIS_OID_REQUEST& request) -> std::optional<NDIS_STATUS> {
            if (request.DATA.SET_INFORMATION.Oid == OID_PM_PARAMETERS) {
                sent = static_cast<NDIS_PM_PARAMETERS*>(request.DATA.SET_INFORMATION.InformationBuffer)
                           ->EnabledWoLPacketPatterns;
                sets++;
            }
            return NDIS_STATUS_SUCCESS;
        };
        start_stack({"filter1", "filter2"});
        auto of_protocol = with_header<NDIS_PM_PARAMETERS>(pm_parameters_structure, ndis_6_30);
        of_protocol.EnabledWoLPacketPatterns = NDIS_PM_WOL_MAGIC_PACKET_SUPPORTED;
        auto of_filter = of_protocol;
        of_filter.EnabledWoLPacketPatterns = NDIS_PM_WOL_BITMAP_PATTERN_SUPPORTED;
        EXPECT_EQ(set(OID_PM_PARAMETERS, &of_protocol, sizeof(of_protocol)), NDIS_STATUS_SUCCESS);
        Filter& filter = filter_of("filter2");
        EXPECT_EQ(filter.oid(NdisRequestSetInformation, OID_PM_PARAMETERS, &of_filter, sizeof(of_filter)),
                  NDIS_STATUS_SUCCESS);
        EXPECT_EQ(sets, 0);  // NDIS keeps them
        NDIS_PM_PARAMETERS read{};
        EXPECT_EQ(filter.oid(NdisRequestQueryInformation, OID_PM_PARAMETERS, &read, sizeof(read)), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(read.EnabledWoLPacketPatterns, static_cast<ULONG>(NDIS_PM_WOL_BITMAP_PATTERN_SUPPORTED));
        of_filter.EnabledWoLPacketPatterns = NDIS_PM_WOL_IPV4_TCP_SYN_SUPPORTED;
        EXPECT_EQ(filter.oid(NdisRequestSetInformation, OID_PM_PARAMETERS, &of_filter, sizeof(of_filter)),
                  NDIS_STATUS_INVALID_PARAMETER);
        ASSERT_TRUE(set_adapter_power(guid_a, 3).has_value());
        EXPECT_EQ(sets, 1);
        EXPECT_EQ(sent, static_cast<ULONG>(NDIS_PM_WOL_MAGIC_PACKET_SUPPORTED | NDIS_PM_WOL_BITMAP_PATTERN_SUPPORTED));
        ASSERT_TRUE(set_adapter_power(guid_a, 0).has_value());
        behaviour().on_oid = nullptr;
    });
}

}  // namespace
}  // namespace ndiskit::ndis
