// OIDs, status and events on their way through filter modules.
#include <gtest/gtest.h>

#include <cstring>

#include "engine/engine.h"
#include "fixture_filter.h"
#include "oid_requests.h"
#include "nt/ke/thread.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;
using Calls = std::vector<std::string>;

void until(const std::function<bool()>& done) {
    while (!done())
        engine::the().switch_point(engine::SwitchPoint::yield);
}

constexpr NDIS_OID private_oid = 0xFF000001;  // of a vendor: NDIS does not look into it

TEST(FilterOid, RequestGoesThroughEachModuleAsAClone) {
    for (const bool pend : {false, true}) {
        with_filter_stack({"filter2", "filter1"}, [&] {
            history().clear();
            behaviour().pend_oids = pend;
            auto request = request_of(NdisRequestSetInformation, OID_GEN_CURRENT_PACKET_FILTER, nullptr, 0);
            uint32_t filter = NDIS_PACKET_TYPE_BROADCAST;
            request.DATA.SET_INFORMATION.InformationBuffer = &filter;
            request.DATA.SET_INFORMATION.InformationBufferLength = 4;
            const NDIS_STATUS status = NdisOidRequest(open_of().handle, &request);
            if (pend) {
                EXPECT_EQ(status, NDIS_STATUS_PENDING);
                behaviour().pend_oids = false;
                nic().complete_oid();
                EXPECT_EQ(open_of().oid_results, std::vector<NDIS_STATUS>{NDIS_STATUS_SUCCESS});
            } else {
                EXPECT_EQ(status, NDIS_STATUS_SUCCESS);
            }
            EXPECT_EQ(nic().packet_filter, NDIS_PACKET_TYPE_BROADCAST);
            // NDIS tells the modules of the new filter.
            EXPECT_EQ(history(), (Calls{"filter2 oid 0001010e", "filter1 oid 0001010e", "filter1 status 40010024",
                                        "filter2 status 40010024"}));
            KeClearEvent(&open_of().event);
        });
    }
}

TEST(FilterOid, ModuleWithoutAHandlerIsBypassed) {
    with_filters({"filter2", "filter1"}, [] {
        filter_behaviour("filter2").oid = false;
        start_stack({"filter1", "filter2"});
        history().clear();
        EXPECT_EQ(open_of().set_filter(NDIS_PACKET_TYPE_DIRECTED), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(history(), (Calls{"filter1 oid 0001010e", "filter1 status 40010024", "filter2 status 40010024"}));
    });
}

TEST(FilterOid, ModuleMakesRequestsOfItsOwn) {
    with_filter_stack({"filter2", "filter1"}, [] {
        history().clear();
        uint8_t address[6] = {1, 0, 0x5e, 0, 0, 1};
        EXPECT_EQ(filter_of("filter2").oid(NdisRequestSetInformation, OID_802_3_MULTICAST_LIST, address, 6),
                  NDIS_STATUS_SUCCESS);
        EXPECT_EQ(nic().multicast_bytes, 6u);
        EXPECT_EQ(history(), Calls{"filter1 oid 01010103"});
    });
}

// Its own request names the module, which alone gets what answers it; a clone names who made the original.
TEST(FilterOid, ModulesAndBindingsAreNamedInTheirRequests) {
    with_filter_stack({"filter2", "filter1"}, [] {
        NDIS_HANDLE named = nullptr;
        behaviour().on_oid = [&](NDIS_OID_REQUEST& request) -> std::optional<NDIS_STATUS> {
            named = request.RequestHandle;
            return NDIS_STATUS_SUCCESS;
        };
        uint32_t value = 0;
        EXPECT_EQ(set(private_oid, &value, 4), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(named, open_of().handle);
        EXPECT_EQ(filter_of("filter2").oid(NdisRequestSetInformation, private_oid, &value, 4), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(named, filter_of("filter2").handle);
        history().clear();
        open_of().calls.clear();
        NDIS_STATUS_INDICATION answer{};
        answer.Header.Type = NDIS_OBJECT_TYPE_STATUS_INDICATION;
        answer.Header.Revision = NDIS_STATUS_INDICATION_REVISION_1;
        answer.Header.Size = NDIS_SIZEOF_STATUS_INDICATION_REVISION_1;
        answer.SourceHandle = nic().handle;
        answer.StatusCode = NDIS_STATUS_MEDIA_SPECIFIC_INDICATION;
        answer.DestinationHandle = named;
        NdisMIndicateStatusEx(nic().handle, &answer);
        EXPECT_EQ(history(), Calls{"filter2 status 40010012"});
        EXPECT_EQ(open_of().calls, Calls{});
        behaviour().on_oid = nullptr;
    });
}

TEST(FilterOid, CancelReachesTheModuleThatHasTheRequest) {
    with_filter_stack({"filter2", "filter1"}, [] {
        filter_behaviour("filter1").hold_oids = true;
        uint32_t filter = NDIS_PACKET_TYPE_BROADCAST;
        auto request = request_of(NdisRequestSetInformation, OID_GEN_CURRENT_PACKET_FILTER, &filter, 4);
        int id = 0;
        request.RequestId = &id;
        ASSERT_EQ(NdisOidRequest(open_of().handle, &request), NDIS_STATUS_PENDING);
        NdisCancelOidRequest(open_of().handle, &id);
        EXPECT_EQ(count(filter_of("filter2").calls, "cancel oid"), 1);
        EXPECT_EQ(count(filter_of("filter1").calls, "cancel oid"), 1);
        EXPECT_EQ(open_of().oid_results, std::vector<NDIS_STATUS>{NDIS_STATUS_REQUEST_ABORTED});
        KeClearEvent(&open_of().event);
        filter_behaviour("filter1").hold_oids = false;
    });
}

TEST(FilterOid, DetachWaitsForTheRequestThatTheModuleHas) {
    with_filter_stack({"filter1"}, [] {
        filter_behaviour("filter1").hold_oids = true;
        uint32_t filter = NDIS_PACKET_TYPE_BROADCAST;
        auto request = request_of(NdisRequestSetInformation, OID_GEN_CURRENT_PACKET_FILTER, &filter, 4);
        ASSERT_EQ(NdisOidRequest(open_of().handle, &request), NDIS_STATUS_PENDING);
        nt::Thread stopper = nt::Thread::start("stopper", [] { stop_filter("filter1"); });
        until([] { return view().filters.empty(); });
        EXPECT_EQ(count(history(), "filter1 detach"), 0);
        filter_behaviour("filter1").hold_oids = false;
        filter_of("filter1").let_go();
        stopper.join();
        EXPECT_EQ(count(history(), "filter1 detach"), 1);
        EXPECT_EQ(nic().packet_filter, NDIS_PACKET_TYPE_BROADCAST);
        KeClearEvent(&open_of().event);
    });
}

TEST(FilterOid, DirectRequestsPassModulesThatHandleThem) {
    with_filters({"filter2", "filter1"}, [] {
        filter_behaviour("filter2").direct_oid = true;
        start_stack({"filter1", "filter2"});
        behaviour().pend_direct = true;
        history().clear();
        auto request = request_of(NdisRequestSetInformation, 0xff010101, nullptr, 0);
        ASSERT_EQ(NdisDirectOidRequest(open_of().handle, &request), NDIS_STATUS_PENDING);
        int id = 0;
        NdisCancelDirectOidRequest(open_of().handle, &id);
        EXPECT_EQ(count(nic().calls, "cancel direct oid"), 1);
        nic().complete_direct(NDIS_STATUS_NOT_ACCEPTED);
        EXPECT_EQ(open_of().oid_results, std::vector<NDIS_STATUS>{NDIS_STATUS_NOT_ACCEPTED});
        EXPECT_EQ(history(), (Calls{"filter2 direct oid", "filter2 cancel direct oid", "filter2 direct oid complete"}));
    });
}

TEST(FilterOid, SynchronousRequestsAreSeenOnTheWayDownAndBack) {
    with_filters({"filter3", "filter2", "filter1"}, [] {
        filter_behaviour("filter3").synchronous_oid = filter_behaviour("filter3").synchronous_complete = true;
        filter_behaviour("filter2").synchronous_complete = true;
        filter_behaviour("filter1").synchronous_oid = true;
        behaviour().minor_version = behaviour().protocol_minor_version = 80;
        start_stack({"filter1", "filter2", "filter3"});
        history().clear();
        auto request = request_of(NdisRequestSetInformation, private_oid, nullptr, 0);
        EXPECT_EQ(NdisSynchronousOidRequest(open_of().handle, &request), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(history(), (Calls{"filter3 synchronous oid", "filter1 synchronous oid", "nic synchronous oid",
                                    "filter2 synchronous oid complete", "filter3 synchronous oid complete"}));
    });
}

TEST(FilterOid, AModulesOwnSynchronousRequestIsSeenBelowIt) {
    with_filters({"filter3", "filter2", "filter1"}, [] {
        for (const char* name : {"filter3", "filter1"})
            filter_behaviour(name).synchronous_oid = filter_behaviour(name).synchronous_complete = true;
        behaviour().minor_version = behaviour().protocol_minor_version = 80;
        start_stack({"filter1", "filter2", "filter3"});
        history().clear();
        auto request = request_of(NdisRequestSetInformation, private_oid, nullptr, 0);
        EXPECT_EQ(NdisFSynchronousOidRequest(filter_of("filter2").handle, &request), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(history(), (Calls{"filter1 synchronous oid", "nic synchronous oid",
                                    "filter1 synchronous oid complete"}));
    });
}

TEST(FilterOid, SynchronousRequestEndsAtTheModuleThatAnswersIt) {
    with_filters({"filter2", "filter1"}, [] {
        for (const char* name : {"filter1", "filter2"})
            filter_behaviour(name).synchronous_oid = filter_behaviour(name).synchronous_complete = true;
        behaviour().minor_version = behaviour().protocol_minor_version = 80;
        start_stack({"filter1", "filter2"});
        auto request = request_of(NdisRequestSetInformation, private_oid, nullptr, 0);
        history().clear();
        filter_behaviour("filter1").synchronous_answer = NDIS_STATUS_ALREADY_COMPLETE;
        EXPECT_EQ(NdisSynchronousOidRequest(open_of().handle, &request), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(history(), (Calls{"filter2 synchronous oid", "filter1 synchronous oid",
                                    "filter2 synchronous oid complete"}));
        filter_behaviour("filter1").synchronous_answer = NDIS_STATUS_INVALID_DATA;
        EXPECT_EQ(NdisSynchronousOidRequest(open_of().handle, &request), NDIS_STATUS_INVALID_DATA);
        filter_behaviour("filter2").synchronous_result = NDIS_STATUS_RESOURCES;
        EXPECT_EQ(NdisSynchronousOidRequest(open_of().handle, &request), NDIS_STATUS_RESOURCES);
    });
}

TEST(FilterStatus, IndicationsPassEachModuleAndThoseOfAModuleGoUpFromThere) {
    with_filter_stack({"filter2", "filter1"}, [] {
        history().clear();
        nic().indicate_link(false);
        // The link, and the operational status that NDIS makes of it.
        EXPECT_EQ(history(), (Calls{"filter1 status 40010017", "filter2 status 40010017", "filter1 status 40010023",
                                    "filter2 status 40010023"}));
        EXPECT_EQ(count(open_of().calls, "status 40010017"), 1);
        history().clear();
        filter_of("filter1").indicate_status(NDIS_STATUS_MEDIA_SPECIFIC_INDICATION);
        EXPECT_EQ(history(), (Calls{"filter2 status 40010012"}));
        EXPECT_EQ(count(open_of().calls, "status 40010012"), 1);
    });
}

TEST(FilterStatus, ModuleWithoutAHandlerIsBypassed) {
    with_filters({"filter1"}, [] {
        filter_behaviour("filter1").status = false;
        start_stack({"filter1"});
        nic().indicate_link(false);
        EXPECT_EQ(count(open_of().calls, "status 40010017"), 1);
    });
}

TEST(FilterEvents, ModuleAnswersForThoseAboveIt) {
    with_filter_stack({"filter2", "filter1"}, [] {
        filter_behaviour("filter2").event_answer = NDIS_STATUS_FAILURE;
        EXPECT_FALSE(sleep_system().has_value());
        EXPECT_EQ(count(open_of().calls, "query power"), 0);
        EXPECT_FALSE(remove_adapter(guid_a).has_value());
        EXPECT_EQ(count(open_of().calls, "query remove"), 0);
        filter_behaviour("filter2").event_answer.reset();
    });
}

TEST(FilterEvents, ModuleWithoutHandlersIsBypassed) {
    with_filters({"filter1"}, [] {
        filter_behaviour("filter1").events = filter_behaviour("filter1").device_events = false;
        start_stack({"filter1"});
        ASSERT_TRUE(sleep_system().has_value());
        EXPECT_EQ(count(open_of().calls, "query power"), 1);
        wake_system();
    });
}

TEST(FilterEvents, TheSourceOfPowerGoesDownThroughTheModules) {
    with_filter_stack({"filter2", "filter1"}, [] {
        history().clear();
        nic().profiles.clear();
        change_power_source(nt::io::PowerSource::battery);
        EXPECT_EQ(history(), (Calls{"filter2 device event 5", "filter1 device event 5"}));
        EXPECT_EQ(nic().profiles.size(), 1u);
    });
}

TEST(FilterEvents, SurpriseRemovalGoesDownThroughTheModules) {
    with_filter_stack({"filter2", "filter1"}, [] {
        history().clear();
        ASSERT_TRUE(surprise_remove_adapter(guid_a).has_value());
        ASSERT_GE(history().size(), 3u);
        EXPECT_EQ(Calls(history().begin(), history().begin() + 3),
                  (Calls{"filter2 device event 2", "filter1 device event 2", "nic device event"}));
    });
}

}  // namespace
}  // namespace ndiskit::ndis
