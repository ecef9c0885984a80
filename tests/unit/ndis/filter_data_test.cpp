// What passes filter modules, what bypasses them, and what a module may not do where it is paused.
#include <gtest/gtest.h>

#include <cstring>

#include "engine/engine.h"
#include "fixture_filter.h"
#include "nt/ke/thread.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

// One round each way: three sends, two receives that are kept for a while, one that must be back at once.
void traffic() {
    Open& open = open_of();
    const int sent = open.send_results[NDIS_STATUS_SUCCESS], received = open.received;
    ASSERT_EQ(open.set_filter(NDIS_PACKET_TYPE_BROADCAST), NDIS_STATUS_SUCCESS);
    open.send(3);
    EXPECT_EQ(open.send_results[NDIS_STATUS_SUCCESS] - sent, 3);
    open.keep_receives = true;
    nic().indicate(2, broadcast);
    open.give_back();
    nic().indicate(1, broadcast, NDIS_RECEIVE_FLAGS_RESOURCES);
    EXPECT_EQ(open.received - received, 3);
    EXPECT_EQ(nic().receives_out, 0);
    EXPECT_EQ(view().bindings.at(0).receives_out, 0u);
    EXPECT_EQ(view().bindings.at(0).sends_out, 0u);
}

// Each handler bypassed alone, and all of them: traffic flows, and exactly the others are called.
TEST(FilterData, EveryHandlerCanBeBypassed) {
    for (int bypassed = 0; bypassed < 32; bypassed++) {
        SCOPED_TRACE("bypassed " + std::to_string(bypassed));
        with_filters({"filter3", "filter2", "filter1"}, [&] {
            FilterHandlers& h = filter_behaviour("filter2").data;
            h.send = !(bypassed & 1);
            h.send_complete = !(bypassed & 2);
            h.cancel = !(bypassed & 4);
            h.receive = !(bypassed & 8);
            h.give_back = !(bypassed & 16);
            start_stack({"filter1", "filter2", "filter3"});
            traffic();
            NdisCancelSendNetBufferLists(open_of().handle, &bypassed);
            const Filter& filter = filter_of("filter2");
            EXPECT_EQ(filter.sent, h.send ? 3u : 0u);
            EXPECT_EQ(filter.completed, h.send_complete ? 3u : 0u);
            EXPECT_EQ(filter.received, h.receive ? 3u : 0u);
            EXPECT_EQ(filter.given_back, (h.give_back ? 2u : 0u) + (h.receive ? 1u : 0u));
            EXPECT_EQ(count(filter.calls, "cancel send"), h.cancel ? 1 : 0);
            EXPECT_EQ(count(nic().calls, "cancel send"), 1);
            for (const char* whole : {"filter1", "filter3"}) {
                EXPECT_EQ(filter_of(whole).sent, 3u);
                EXPECT_EQ(filter_of(whole).given_back, 3u);
            }
            // What a filter without its counterpart counted must not fail its pause.
            filter_of("filter2").completed = filter_of("filter2").sent;
            filter_of("filter2").given_back = filter_of("filter2").received;
        });
    }
}

TEST(FilterData, ModuleChoosesItsHandlersAtEveryRestart) {
    with_filter_stack({"filter1"}, [] {
        Filter& filter = filter_of("filter1");
        traffic();
        EXPECT_EQ(filter.sent, 3u);
        filter_behaviour("filter1").module_data = FilterHandlers{false, false, false, false, false};
        traffic();
        EXPECT_EQ(filter.sent, 6u);  // not before it restarts
        EXPECT_EQ(NdisFRestartFilter(filter.handle), NDIS_STATUS_SUCCESS);
        settle_pnp();
        traffic();
        EXPECT_EQ(filter.sent, 6u);
        EXPECT_EQ(filter.received, 6u);
        // Other places than FilterSetModuleOptions are refused.
        EXPECT_EQ(filter.outside_options, NDIS_STATUS_FAILURE);
        filter_behaviour("filter1").module_data = FilterHandlers{};
        EXPECT_EQ(NdisFRestartFilter(filter.handle), NDIS_STATUS_SUCCESS);
        settle_pnp();
        traffic();
        EXPECT_EQ(filter.sent, 9u);
    });
}

TEST(FilterData, ModifyingFilterChangesWhatIsSeenAndNothingElse) {
    with_filters({"filter1"}, [] {
        filter_behaviour("filter1").flips = 0xa5;
        start_stack({"filter1"});
        traffic();
        EXPECT_EQ(filter_of("filter1").sent, 3u);
    });
}

TEST(FilterData, PausedModuleGetsItsOwnSendsAndReceivesBack) {
    with_filter_stack({"filter1"}, [] {
        ASSERT_TRUE(pause_adapter(guid_a).has_value());
        Filter& filter = filter_of("filter1");
        NET_BUFFER_LIST_POOL_PARAMETERS parameters{};
        parameters.Header.Type = NDIS_OBJECT_TYPE_DEFAULT;
        parameters.Header.Revision = NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
        parameters.Header.Size = NDIS_SIZEOF_NET_BUFFER_LIST_POOL_PARAMETERS_REVISION_1;
        parameters.fAllocateNetBuffer = true;
        parameters.PoolTag = 'tliF';
        const NDIS_HANDLE pool = NdisAllocateNetBufferListPool(filter.handle, &parameters);
        PNET_BUFFER_LIST nbl = NdisAllocateNetBufferAndNetBufferList(pool, 0, 0, nullptr, 0, 0);
        nbl->SourceHandle = filter.handle;
        // Its completion handler passes on what it did not originate; here nobody is above.
        filter_behaviour("filter1").flips = 0;
        const uint64_t nic_sent = nic().sent;
        NdisFIndicateReceiveNetBufferLists(filter.handle, nbl, 0, 1, NDIS_RECEIVE_FLAGS_RESOURCES);
        EXPECT_EQ(open_of().received, 0);
        EXPECT_EQ(nic().sent, nic_sent);
        EXPECT_EQ(view().filters.at(0).receives.drops[static_cast<size_t>(DropReason::adapter_paused)], 1u);
        NdisFreeNetBufferList(nbl);
        NdisFreeNetBufferListPool(pool);
        ASSERT_TRUE(restart_adapter(guid_a).has_value());
    });
}

// A filter comes and goes while traffic flows both ways, over many seeds.
TEST(FilterData, AttachAndDetachUnderTraffic) {
    for (uint64_t seed = 1; seed <= 60 && !testing::Test::HasFailure(); seed++) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        with_filters(
            {"filter2", "filter1"},
            [] {
                filter_behaviour("filter1").pend = filter_behaviour("filter2").pend = engine::the().draw(2) == 0;
                start_stack({"filter1"});
                open_of().set_filter(NDIS_PACKET_TYPE_BROADCAST);
                std::atomic<bool> stop = false;
                Open& open = open_of();
                Nic& adapter = nic();
                nt::Thread sender = nt::Thread::start("sender", [&] {
                    while (!stop) {
                        if (open.running)
                            open.send(1 + static_cast<int>(engine::the().draw(4)));
                        engine::the().switch_point(engine::SwitchPoint::yield);
                    }
                });
                nt::Thread receiver = nt::Thread::start("receiver", [&] {
                    while (!stop) {
                        adapter.indicate(1 + static_cast<int>(engine::the().draw(4)), broadcast);
                        engine::the().switch_point(engine::SwitchPoint::yield);
                    }
                });
                nt::Thread asker = nt::Thread::start("asker", [&] {
                    while (!stop) {
                        uint32_t filter = NDIS_PACKET_TYPE_BROADCAST;
                        EXPECT_EQ(open.oid(NdisRequestSetInformation, OID_GEN_CURRENT_PACKET_FILTER, &filter, 4),
                                  NDIS_STATUS_SUCCESS);
                        adapter.indicate_link(true);
                        engine::the().switch_point(engine::SwitchPoint::yield);
                    }
                });
                for (int i = 0; i < 3; i++) {
                    start_filter("filter2");
                    for (uint64_t n = engine::the().draw(20); n != 0; n--)
                        engine::the().switch_point(engine::SwitchPoint::yield);
                    stop_filter("filter2");
                }
                stop = true;
                sender.join();
                receiver.join();
                asker.join();
                EXPECT_EQ(open.sends_out, 0);
                EXPECT_EQ(adapter.receives_out, 0);
            },
            seed);
    }
}

// Tables are read while stacks change: nothing that a view reads belongs to the control plane alone.
TEST(FilterLive, ViewsAreReadWhileFiltersComeAndGo) {
    with_live_stack([] {
        write_filter("filter1");
        filter_behaviour("filter1") = {};
        filter_behaviour("filter1").mtu_less = 4;
        write_filter_list(u"0001", guid_a, {"filter1"});
        std::atomic<bool> done = false;
        nt::Thread reader = nt::Thread::start("reader", [&] {
            while (!done) {
                const AdapterView adapter = view();
                EXPECT_LE(adapter.filters.size(), 1u);
                EXPECT_TRUE(adapter.mtu == 1500 || adapter.mtu == 1496);
            }
        });
        for (int i = 0; i < 30; i++) {
            start_filter("filter1");
            EXPECT_EQ(view().filters.size(), 1u);
            open_of().send(1);
            stop_filter("filter1");
        }
        done = true;
        reader.join();
        EXPECT_EQ(open_of().sends_out, 0);
    });
}

}  // namespace
}  // namespace ndiskit::ndis
