// OID requests: one at a time, cancelled, combined, answered by NDIS.
#include <gtest/gtest.h>

#include <array>
#include <cstring>

#include "engine/engine.h"
#include "fixture.h"
#include "nt/ke/thread.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

// A set that nobody waits for; the completion deletes it.
void start_set(Open& open, NDIS_OID oid, uint32_t& value, PVOID id) {
    auto* request = new NDIS_OID_REQUEST{};
    request->Header.Type = NDIS_OBJECT_TYPE_OID_REQUEST;
    request->Header.Revision = NDIS_OID_REQUEST_REVISION_1;
    request->Header.Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1;
    request->RequestType = NdisRequestSetInformation;
    request->RequestId = id;
    request->SourceReserved[0] = 1;
    request->DATA.SET_INFORMATION.Oid = oid;
    request->DATA.SET_INFORMATION.InformationBuffer = &value;
    request->DATA.SET_INFORMATION.InformationBufferLength = sizeof(value);
    EXPECT_EQ(NdisOidRequest(open.handle, request), NDIS_STATUS_PENDING);
}

void until(const std::function<bool()>& done) {
    while (!done())
        engine::the().switch_point(engine::SwitchPoint::yield);
}

void with_two_protocols(const std::function<void()>& body) {
    with_machine([&] {
        write_service(u"fixproto2", u"fixproto");
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        write_bind(u"fixproto", {guid_a});
        write_bind(u"fixproto2", {guid_a});
        start_protocol("fixproto");
        start_protocol("fixproto2");
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        body();
    });
}

TEST(Oid, MiniportGetsOneAtATime) {
    for (uint64_t seed = 1; seed <= 20; seed++) {
        with_stack(
            [] {
                behaviour().pend_oids = true;
                uint32_t value = NDIS_PACKET_TYPE_DIRECTED;
                for (int i = 0; i < 4; i++)
                    start_set(open_of(), OID_GEN_CURRENT_PACKET_FILTER, value, nullptr);
                for (int i = 0; i < 4; i++) {
                    until([] { return !nic().oids.empty(); });
                    EXPECT_EQ(nic().oids.size(), 1u);
                    nic().complete_oid();
                }
                until([] { return open_of().oid_results.size() == 4; });
                EXPECT_EQ(nic().most_oids_inside, 1);
                behaviour().pend_oids = false;
            },
            seed);
    }
}

TEST(Oid, CancelAbortsWhatWaitsAndAsksTheDriverForWhatItHas) {
    with_stack([] {
        behaviour().pend_oids = true;
        uint32_t value = NDIS_PACKET_TYPE_DIRECTED;
        int a = 0, b = 0;
        start_set(open_of(), OID_GEN_CURRENT_PACKET_FILTER, value, &a);
        start_set(open_of(), OID_GEN_CURRENT_PACKET_FILTER, value, &b);
        NdisCancelOidRequest(open_of().handle, &b);
        EXPECT_EQ(open_of().oid_results, (std::vector<NDIS_STATUS>{NDIS_STATUS_REQUEST_ABORTED}));
        EXPECT_EQ(count(nic().calls, "cancel oid"), 0);
        NdisCancelOidRequest(open_of().handle, &a);
        EXPECT_EQ(count(nic().calls, "cancel oid"), 1);
        EXPECT_EQ(open_of().oid_results.size(), 2u);
        EXPECT_EQ(open_of().oid_results.back(), NDIS_STATUS_REQUEST_ABORTED);
        behaviour().pend_oids = false;
    });
}

TEST(Oid, PacketFiltersOfSeveralBindingsAreCombined) {
    with_two_protocols([] {
        Open& one = open_of("fixproto");
        Open& two = open_of("fixproto2");
        EXPECT_EQ(one.set_filter(NDIS_PACKET_TYPE_DIRECTED), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(two.set_filter(NDIS_PACKET_TYPE_BROADCAST), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(nic().packet_filter, NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_BROADCAST);

        // Each gets what it asked for, no more; what nobody wants goes back.
        nic().indicate(3, broadcast);
        nic().indicate(2, mac_a);
        nic().indicate(1, {0x02, 0, 0, 0, 0, 0x77});
        EXPECT_EQ(one.received, 2);
        EXPECT_EQ(two.received, 3);
        EXPECT_EQ(view().receives.drops[static_cast<size_t>(DropReason::filtered_out)], 1u);
        EXPECT_EQ(nic().receives_out, 0);

        // Both take it: the first to be asked sees it with RESOURCES, the last keeps it.
        EXPECT_EQ(one.set_filter(NDIS_PACKET_TYPE_PROMISCUOUS), NDIS_STATUS_SUCCESS);
        one.keep_receives = two.keep_receives = true;
        nic().indicate(2, broadcast);
        EXPECT_EQ(one.received, 4);
        EXPECT_EQ(two.received, 5);
        EXPECT_EQ(nic().receives_out, 2);
        one.give_back();
        two.give_back();
        EXPECT_EQ(nic().receives_out, 0);

        EXPECT_EQ(one.set_filter(0), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(nic().packet_filter, NDIS_PACKET_TYPE_BROADCAST);

        one.send(1);
        EXPECT_EQ(two.received, 5);  // nobody wants local frames
    });
}

// A miniport that answers later does so by a status with the request's own handle and identifier.
TEST(Oid, TheAnswerByStatusGoesToWhoAsked) {
    with_two_protocols([] {
        NDIS_STATUS_INDICATION answer{};
        behaviour().on_oid = [&](NDIS_OID_REQUEST& request) -> std::optional<NDIS_STATUS> {
            if (request.DATA.SET_INFORMATION.Oid != 0xFF000001)
                return std::nullopt;
            answer.DestinationHandle = request.RequestHandle;
            answer.RequestId = request.RequestId;
            return NDIS_STATUS_INDICATION_REQUIRED;
        };
        Open& one = open_of("fixproto");
        Open& two = open_of("fixproto2");
        uint32_t value = 0;
        EXPECT_EQ(two.oid(NdisRequestSetInformation, 0xFF000001, &value, 4), NDIS_STATUS_INDICATION_REQUIRED);
        EXPECT_EQ(answer.DestinationHandle, two.handle);
        answer.Header.Type = NDIS_OBJECT_TYPE_STATUS_INDICATION;
        answer.Header.Revision = NDIS_STATUS_INDICATION_REVISION_1;
        answer.Header.Size = NDIS_SIZEOF_STATUS_INDICATION_REVISION_1;
        answer.SourceHandle = nic().handle;
        answer.StatusCode = NDIS_STATUS_MEDIA_SPECIFIC_INDICATION;
        NdisMIndicateStatusEx(nic().handle, &answer);
        EXPECT_EQ(count(one.calls, "status 40010012"), 0);
        EXPECT_EQ(count(two.calls, "status 40010012"), 1);
    });
}

TEST(Oid, QueriesTellWhatAllBindingsWantTogether) {
    with_two_protocols([] {
        Open& one = open_of("fixproto");
        Open& two = open_of("fixproto2");
        behaviour().on_oid = [](NDIS_OID_REQUEST& request) -> std::optional<NDIS_STATUS> {
            if (request.DATA.SET_INFORMATION.Oid == OID_GEN_CURRENT_LOOKAHEAD)
                return NDIS_STATUS_SUCCESS;
            return std::nullopt;
        };
        ULONG lookahead = 0;
        EXPECT_EQ(one.oid(NdisRequestQueryInformation, OID_GEN_CURRENT_LOOKAHEAD, &lookahead, 4), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(lookahead, 1500u);  // the adapter's own, as nobody has asked for any
        ULONG little = 64, more = 128;
        EXPECT_EQ(one.oid(NdisRequestSetInformation, OID_GEN_CURRENT_LOOKAHEAD, &more, 4), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(two.oid(NdisRequestSetInformation, OID_GEN_CURRENT_LOOKAHEAD, &little, 4), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(two.oid(NdisRequestQueryInformation, OID_GEN_CURRENT_LOOKAHEAD, &lookahead, 4), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(lookahead, 128u);

        EXPECT_EQ(one.set_filter(NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_ALL_LOCAL), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(two.set_filter(NDIS_PACKET_TYPE_MULTICAST), NDIS_STATUS_SUCCESS);
        ULONG filter = 0;
        EXPECT_EQ(two.oid(NdisRequestQueryInformation, OID_GEN_CURRENT_PACKET_FILTER, &filter, 4), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(filter, ULONG{NDIS_PACKET_TYPE_DIRECTED | NDIS_PACKET_TYPE_ALL_LOCAL | NDIS_PACKET_TYPE_MULTICAST});

        std::array<uint8_t, 6> a = {1, 0, 0x5e, 0, 0, 1}, b = {1, 0, 0x5e, 0, 0, 2};
        EXPECT_EQ(one.oid(NdisRequestSetInformation, OID_802_3_MULTICAST_LIST, a.data(), 6), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(two.oid(NdisRequestSetInformation, OID_802_3_MULTICAST_LIST, b.data(), 6), NDIS_STATUS_SUCCESS);
        std::array<uint8_t, 12> both{};
        EXPECT_EQ(one.oid(NdisRequestQueryInformation, OID_802_3_MULTICAST_LIST, both.data(), 12), NDIS_STATUS_SUCCESS);
        EXPECT_TRUE(std::equal(a.begin(), a.end(), both.begin()) && std::equal(b.begin(), b.end(), both.begin() + 6));
    });
}

// Protocols make no queries of statistics; the older OID of the physical medium has no Ethernet.
TEST(Oid, NdisTellsProtocolsWhatIsForThem) {
    with_stack([] {
        std::array<NDIS_OID, 3> list{};
        EXPECT_EQ(open_of().oid(NdisRequestQueryInformation, OID_GEN_SUPPORTED_LIST, list.data(), sizeof(list)),
                  NDIS_STATUS_SUCCESS);
        EXPECT_EQ(list, (std::array<NDIS_OID, 3>{OID_GEN_CURRENT_PACKET_FILTER, OID_802_3_MULTICAST_LIST, 0}));
        ULONG medium = 99;
        EXPECT_EQ(open_of().oid(NdisRequestQueryInformation, OID_GEN_PHYSICAL_MEDIUM, &medium, 4), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(medium, ULONG{NdisPhysicalMediumUnspecified});
        EXPECT_EQ(open_of().oid(NdisRequestQueryInformation, OID_GEN_PHYSICAL_MEDIUM_EX, &medium, 4),
                  NDIS_STATUS_SUCCESS);
        EXPECT_EQ(medium, ULONG{NdisPhysicalMedium802_3});
    });
}

TEST(Oid, AnAddressIsDeletedAsOftenAsItWasAdded) {
    with_stack([] {
        std::array<uint8_t, 6> address = {1, 0, 0x5e, 0, 0, 1};
        const auto ask = [&](NDIS_OID oid, uint32_t length = 6) {
            return open_of().oid(NdisRequestSetInformation, oid, address.data(), length);
        };
        EXPECT_EQ(ask(OID_802_3_ADD_MULTICAST_ADDRESS), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(ask(OID_802_3_ADD_MULTICAST_ADDRESS), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(nic().multicast_bytes, 6u);
        EXPECT_EQ(ask(OID_802_3_DELETE_MULTICAST_ADDRESS), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(nic().multicast_bytes, 6u);
        EXPECT_EQ(ask(OID_802_3_DELETE_MULTICAST_ADDRESS), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(nic().multicast_bytes, 0u);
        // One at a time, and nothing but group addresses.
        EXPECT_EQ(ask(OID_802_3_ADD_MULTICAST_ADDRESS, 0), NDIS_STATUS_INVALID_LENGTH);
        std::array<uint8_t, 12> two = {1, 0, 0x5e, 0, 0, 1, 1, 0, 0x5e, 0, 0, 2};
        EXPECT_EQ(open_of().oid(NdisRequestSetInformation, OID_802_3_ADD_MULTICAST_ADDRESS, two.data(), 12),
                  NDIS_STATUS_INVALID_LENGTH);
        address[0] = 2;
        EXPECT_EQ(ask(OID_802_3_ADD_MULTICAST_ADDRESS), NDIS_STATUS_MULTICAST_FULL);
        EXPECT_EQ(ask(OID_802_3_MULTICAST_LIST), NDIS_STATUS_MULTICAST_FULL);
    });
}

TEST(Oid, FilterThatTheAdapterCannotDoIsRefused) {
    with_stack([] { EXPECT_EQ(open_of().set_filter(NDIS_PACKET_TYPE_SMT), NDIS_STATUS_NOT_SUPPORTED); });
}

TEST(Oid, MulticastListsAreCheckedAndPassedOn) {
    with_stack([] {
        std::array<uint8_t, 12> two = {1, 0, 0x5e, 0, 0, 1, 1, 0, 0x5e, 0, 0, 2};
        EXPECT_EQ(open_of().oid(NdisRequestSetInformation, OID_802_3_MULTICAST_LIST, two.data(), 12),
                  NDIS_STATUS_SUCCESS);
        EXPECT_EQ(nic().multicast_bytes, 12u);
        EXPECT_EQ(open_of().oid(NdisRequestSetInformation, OID_802_3_MULTICAST_LIST, two.data(), 7),
                  NDIS_STATUS_INVALID_LENGTH);
        std::array<uint8_t, 6> third = {1, 0, 0x5e, 0, 0, 3};
        EXPECT_EQ(open_of().oid(NdisRequestSetInformation, OID_802_3_ADD_MULTICAST_ADDRESS, third.data(), 6),
                  NDIS_STATUS_SUCCESS);
        EXPECT_EQ(nic().multicast_bytes, 18u);
        std::array<uint8_t, 32> read{};
        EXPECT_EQ(open_of().oid(NdisRequestQueryInformation, OID_802_3_MULTICAST_LIST, read.data(), 32),
                  NDIS_STATUS_SUCCESS);
        EXPECT_EQ(std::memcmp(read.data(), two.data(), 12), 0);
        EXPECT_EQ(std::memcmp(read.data() + 12, third.data(), 6), 0);
    });
}

TEST(Oid, NdisAnswersFromAttributes) {
    with_stack([] {
        ULONG frame = 0;
        EXPECT_EQ(open_of().oid(NdisRequestQueryInformation, OID_GEN_MAXIMUM_FRAME_SIZE, &frame, 4),
                  NDIS_STATUS_SUCCESS);
        EXPECT_EQ(frame, 1500u);
        std::array<uint8_t, 6> mac{};
        EXPECT_EQ(open_of().oid(NdisRequestQueryInformation, OID_802_3_CURRENT_ADDRESS, mac.data(), 6),
                  NDIS_STATUS_SUCCESS);
        EXPECT_TRUE(std::equal(mac.begin(), mac.end(), mac_a.begin()));
        EXPECT_EQ(open_of().oid(NdisRequestQueryInformation, OID_802_3_CURRENT_ADDRESS, mac.data(), 5),
                  NDIS_STATUS_BUFFER_TOO_SHORT);
        EXPECT_EQ(nic().most_oids_inside, 0);
    });
}

TEST(Oid, ClonesCarryTheRequestAndNothingReserved) {
    with_stack([] {
        uint32_t value = 7;
        NDIS_OID_REQUEST request{};
        request.Header.Type = NDIS_OBJECT_TYPE_OID_REQUEST;
        request.Header.Revision = NDIS_OID_REQUEST_REVISION_1;
        request.Header.Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1;
        request.RequestId = &value;
        request.DATA.SET_INFORMATION.InformationBuffer = &value;
        request.SourceReserved[0] = 5;
        PNDIS_OID_REQUEST clone = nullptr;
        EXPECT_EQ(NdisAllocateCloneOidRequest(nullptr, &request, 'enlC', &clone), NDIS_STATUS_INVALID_PARAMETER);
        EXPECT_EQ(NdisAllocateCloneOidRequest(open_of().handle, &request, 'enlC', &clone), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(clone->RequestId, &value);
        EXPECT_EQ(clone->DATA.SET_INFORMATION.InformationBuffer, &value);
        EXPECT_EQ(clone->SourceReserved[0], 0);
        EXPECT_EQ(leak_report().back(), "1 cloned OID request(s) not freed (NdisFreeCloneOidRequest)");
        NdisFreeCloneOidRequest(open_of().handle, clone);
    });
}

TEST(Oid, CompletingTwiceStopsTheMachine) {
    EXPECT_EXIT(with_stack([] {
                    behaviour().pend_oids = true;
                    uint32_t value = NDIS_PACKET_TYPE_DIRECTED;
                    start_set(open_of(), OID_GEN_CURRENT_PACKET_FILTER, value, nullptr);
                    PNDIS_OID_REQUEST request = nic().oids.front();
                    nic().complete_oid();
                    NdisMOidRequestComplete(nic().handle, request, NDIS_STATUS_SUCCESS);
                }),
                testing::ExitedWithCode(3), "0x0*7[cC]");
}

}  // namespace
}  // namespace ndiskit::ndis
