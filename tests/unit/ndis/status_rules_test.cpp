// What NDIS makes of a miniport's status indications.
#include <gtest/gtest.h>

#include "ndis/oid_queue.h"
#include "ndis/status_rules.h"
#include "oid_requests.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

std::vector<NDIS_STATUS> heard() {
    std::vector<NDIS_STATUS> codes;
    for (const auto& [code, buffer] : open_of().statuses)
        codes.push_back(code);
    return codes;
}

TEST(StatusRules, OldMediaStatusesBecomeTheLinkState) {
    with_stack([] {
        nic().indicate_status(NDIS_STATUS_MEDIA_DISCONNECT, nullptr, 0);
        EXPECT_EQ(heard(), (std::vector<NDIS_STATUS>{NDIS_STATUS_LINK_STATE, NDIS_STATUS_OPER_STATUS}));
        EXPECT_FALSE(view().link_up);
        NDIS_LINK_STATE link{};
        std::memcpy(&link, open_of().statuses[0].second.data(), sizeof(link));
        EXPECT_EQ(link.MediaConnectState, MediaConnectStateDisconnected);
        EXPECT_EQ(link.XmitLinkSpeed, 1'000'000'000u);
        nic().indicate_status(NDIS_STATUS_MEDIA_CONNECT, nullptr, 0);
        EXPECT_TRUE(view().link_up);
    });
}

TEST(StatusRules, WhatIsNdisOwnIsNotPassedOn) {
    with_stack([] {
        nic().indicate_status(NDIS_STATUS_RESET_START, nullptr, 0);
        nic().indicate_status(NDIS_STATUS_RESET_END, nullptr, 0);
        nic().indicate_status(NDIS_STATUS_OPER_STATUS, nullptr, 0);
        EXPECT_TRUE(heard().empty());
    });
}

TEST(StatusRules, WhatNdisDoesNotKnowIsPassedOn) {
    with_stack([] {
        nic().indicate_status(NDIS_STATUS_MEDIA_SPECIFIC_INDICATION, nullptr, 0);
        nic().indicate_status(NDIS_STATUS_NETWORK_CHANGE, nullptr, 0);
        EXPECT_EQ(heard(),
                  (std::vector<NDIS_STATUS>{NDIS_STATUS_MEDIA_SPECIFIC_INDICATION, NDIS_STATUS_NETWORK_CHANGE}));
    });
}

// The operational status is indicated when it becomes another one, and not else.
TEST(StatusRules, TheOperationalStatusFollowsTheLink) {
    with_stack([] {
        nic().indicate_link(true);
        EXPECT_EQ(heard(), (std::vector<NDIS_STATUS>{NDIS_STATUS_LINK_STATE}));
        nic().indicate_link(false);
        nic().indicate_link(false);
        EXPECT_EQ(heard(), (std::vector<NDIS_STATUS>{NDIS_STATUS_LINK_STATE, NDIS_STATUS_LINK_STATE,
                                                     NDIS_STATUS_OPER_STATUS, NDIS_STATUS_LINK_STATE}));
        NDIS_OPER_STATE state{};
        std::memcpy(&state, open_of().statuses[2].second.data(), sizeof(state));
        EXPECT_EQ(state.OperationalStatus, NET_IF_OPER_STATUS_DOWN);
    });
}

TEST(StatusRules, ThePacketFilterIsToldWhenItChanges) {
    with_stack([] {
        EXPECT_EQ(open_of().set_filter(NDIS_PACKET_TYPE_DIRECTED), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(open_of().set_filter(NDIS_PACKET_TYPE_DIRECTED), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(heard(), (std::vector<NDIS_STATUS>{NDIS_STATUS_PACKET_FILTER}));
    });
}

TEST(StatusRules, NewPowerCapabilitiesAreAnsweredAndTold) {
    with_stack([] {
        auto pm = with_header<NDIS_PM_CAPABILITIES>(pm_capabilities_structure, ndis_6_30);
        pm.MinMagicPacketWakeUp = NdisDeviceStateD2;
        nic().indicate_status(NDIS_STATUS_PM_HARDWARE_CAPABILITIES, &pm, sizeof(pm));
        EXPECT_EQ(heard(), (std::vector<NDIS_STATUS>{NDIS_STATUS_PM_HARDWARE_CAPABILITIES,
                                                     NDIS_STATUS_PM_CAPABILITIES_CHANGE}));
        NDIS_PM_CAPABILITIES seen{};
        EXPECT_EQ(query(OID_PM_CURRENT_CAPABILITIES, &seen, sizeof(seen)), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(seen.MinMagicPacketWakeUp, NdisDeviceStateD2);
    });
}

// Statuses whose structures answer queries, one row each.
template <class T>
void check_kept(NDIS_STATUS code, NDIS_OID oid, const StructureKind& kind) {
    SCOPED_TRACE(oid);
    std::vector<uint8_t> seen(sizeof(T));
    EXPECT_EQ(query(oid, seen.data(), sizeof(T)), NDIS_STATUS_NOT_SUPPORTED);
    T given = with_header<T>(kind, ndis_6_30);
    nic().indicate_status(code, &given, given.Header.Size);
    EXPECT_EQ(query(oid, seen.data(), sizeof(T)), NDIS_STATUS_SUCCESS);
    EXPECT_EQ(std::memcmp(seen.data(), &given, given.Header.Size), 0);
}

TEST(StatusRules, OffloadsThatTheMiniportChangesAreKept) {
    with_stack([] {
        check_kept<NDIS_OFFLOAD_ENCAPSULATION>(NDIS_STATUS_OFFLOAD_ENCASPULATION_CHANGE, OID_OFFLOAD_ENCAPSULATION,
                                               encapsulation_structure);
        NDIS_TCP_CONNECTION_OFFLOAD connections{};
        connections.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
        connections.Header.Revision = NDIS_TCP_CONNECTION_OFFLOAD_REVISION_1;
        connections.Header.Size = NDIS_SIZEOF_TCP_CONNECTION_OFFLOAD_REVISION_1;
        connections.TcpConnectionOffloadCapacity = 77;
        nic().indicate_status(NDIS_STATUS_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES, &connections,
                              connections.Header.Size);
        NDIS_TCP_CONNECTION_OFFLOAD seen{};
        EXPECT_EQ(query(OID_TCP_CONNECTION_OFFLOAD_HARDWARE_CAPABILITIES, &seen, sizeof(seen)), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(seen.TcpConnectionOffloadCapacity, 77u);
    });
}

TEST(StatusRules, StructuresAreKeptForQueries) {
    with_stack([] {
        check_kept<NDIS_OFFLOAD>(NDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG, OID_TCP_OFFLOAD_CURRENT_CONFIG,
                                 offload_structure);
        check_kept<NDIS_OFFLOAD>(NDIS_STATUS_TASK_OFFLOAD_HARDWARE_CAPABILITIES,
                                 OID_TCP_OFFLOAD_HARDWARE_CAPABILITIES, offload_structure);
        check_kept<NDIS_RECEIVE_FILTER_CAPABILITIES>(NDIS_STATUS_RECEIVE_FILTER_CURRENT_CAPABILITIES,
                                                     OID_RECEIVE_FILTER_CURRENT_CAPABILITIES,
                                                     receive_filter_capabilities_structure);
        check_kept<NDIS_RECEIVE_FILTER_CAPABILITIES>(NDIS_STATUS_RECEIVE_FILTER_HARDWARE_CAPABILITIES,
                                                     OID_RECEIVE_FILTER_HARDWARE_CAPABILITIES,
                                                     receive_filter_capabilities_structure);
        check_kept<NDIS_NIC_SWITCH_CAPABILITIES>(NDIS_STATUS_NIC_SWITCH_CURRENT_CAPABILITIES,
                                                 OID_NIC_SWITCH_CURRENT_CAPABILITIES,
                                                 nic_switch_capabilities_structure);
        check_kept<NDIS_NIC_SWITCH_CAPABILITIES>(NDIS_STATUS_NIC_SWITCH_HARDWARE_CAPABILITIES,
                                                 OID_NIC_SWITCH_HARDWARE_CAPABILITIES,
                                                 nic_switch_capabilities_structure);
        check_kept<NDIS_QOS_PARAMETERS>(NDIS_STATUS_QOS_OPERATIONAL_PARAMETERS_CHANGE, OID_QOS_OPERATIONAL_PARAMETERS,
                                        qos_parameters_structure);
        check_kept<NDIS_QOS_PARAMETERS>(NDIS_STATUS_QOS_REMOTE_PARAMETERS_CHANGE, OID_QOS_REMOTE_PARAMETERS,
                                        qos_parameters_structure);
    });
}

// From inside MiniportInitializeEx nobody hears it, but it is kept.
TEST(StatusRules, TimestampsAreReportedDuringInitialization) {
    NDIS_TIMESTAMP_CAPABILITIES given{};
    given.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
    given.Header.Revision = NDIS_TIMESTAMP_CAPABILITIES_REVISION_1;
    given.Header.Size = NDIS_SIZEOF_TIMESTAMP_CAPABILITIES_REVISION_1;
    given.HardwareClockFrequencyHz = 150'000;
    with_prepared_stack(
        [&] {
            behaviour().on_initialize = [&](Nic& n, const NDIS_MINIPORT_INIT_PARAMETERS&) {
                n.indicate_status(NDIS_STATUS_TIMESTAMP_CAPABILITY, &given, sizeof(given));
                return NDIS_STATUS_SUCCESS;
            };
        },
        [&] {
            NDIS_TIMESTAMP_CAPABILITIES seen{};
            EXPECT_EQ(query(OID_TIMESTAMP_CAPABILITY, &seen, sizeof(seen)), NDIS_STATUS_SUCCESS);
            EXPECT_EQ(seen.HardwareClockFrequencyHz, 150'000u);
            EXPECT_EQ(query(OID_TIMESTAMP_CURRENT_CONFIG, &seen, sizeof(seen)), NDIS_STATUS_NOT_SUPPORTED);
        });
}

TEST(StatusRules, AStructureLargerThanItsBufferStopsTheMachine) {
    EXPECT_EXIT(with_stack([] {
                    auto offload = with_header<NDIS_OFFLOAD>(offload_structure, ndis_6_30);
                    nic().indicate_status(NDIS_STATUS_TASK_OFFLOAD_CURRENT_CONFIG, &offload, 40);
                }),
                testing::ExitedWithCode(3), "0x0*7[cC]");
}

}  // namespace
}  // namespace ndiskit::ndis
