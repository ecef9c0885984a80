// A miniport and a protocol over the library: how they come up, pass packets, pause, and go.
#include <gtest/gtest.h>

#include "engine/engine.h"
#include "fixture.h"
#include "nt/ke/thread.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

TEST(Stack, ComesUpInTheDocumentedOrderAndRuns) {
    with_stack([] {
        EXPECT_EQ(nic().calls, (std::vector<std::string>{"initialize", "restart"}));
        EXPECT_EQ(open_of().calls, (std::vector<std::string>{"bind", "restart"}));
        EXPECT_EQ(view().state, AdapterState::running);
        EXPECT_EQ(view().bindings.at(0).state, BindingState::running);
        EXPECT_EQ(open_of().mtu, 1500u);
        EXPECT_EQ(open_of().bind_revision, NDIS_BIND_PARAMETERS_REVISION_4);
        EXPECT_EQ(count(protocol_calls(), "binds complete"), 1);
    });
}

TEST(Stack, ProtocolThatRegistersLaterIsBoundWithThePausedStackAround) {
    with_machine([] {
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        write_bind(u"fixproto", {guid_a});
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        EXPECT_EQ(view().state, AdapterState::running);
        start_protocol();
        EXPECT_EQ(nic().calls, (std::vector<std::string>{"initialize", "restart", "pause", "restart"}));
        EXPECT_EQ(view().bindings.at(0).state, BindingState::running);
    });
}

TEST(Stack, SendsGoDownAndComeBack) {
    with_stack([] {
        open_of().send(3);
        EXPECT_EQ(nic().sent, 3u);
        EXPECT_EQ(open_of().completed, 3);
        const BindingView binding = view().bindings.at(0);
        EXPECT_EQ(binding.sends.started, 3u);
        EXPECT_EQ(binding.sends.finished, 3u);
        EXPECT_EQ(binding.sends.packets, 3u);
        EXPECT_EQ(binding.sends.bytes, 180u);
        EXPECT_EQ(view().sends.packets, 3u);
    });
}

TEST(Stack, ReceivesGoUpOnceAFilterIsSetAndComeBack) {
    with_stack([] {
        nic().indicate(2, broadcast);
        EXPECT_EQ(open_of().received, 0);
        EXPECT_EQ(view().receives.drops[static_cast<size_t>(DropReason::no_packet_filter)], 2u);
        EXPECT_EQ(open_of().set_filter(NDIS_PACKET_TYPE_BROADCAST), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(nic().packet_filter, NDIS_PACKET_TYPE_BROADCAST);
        open_of().keep_receives = true;
        nic().indicate(4, broadcast);
        EXPECT_EQ(open_of().received, 4);
        EXPECT_EQ(nic().receives_out, 4);
        EXPECT_EQ(view().bindings.at(0).receives_out, 4u);
        open_of().give_back();
        EXPECT_EQ(nic().receives_out, 0);
        EXPECT_EQ(view().bindings.at(0).receives_out, 0u);
        nic().indicate(1, broadcast, NDIS_RECEIVE_FLAGS_RESOURCES);
        EXPECT_EQ(open_of().received, 5);
        EXPECT_EQ(view().bindings.at(0).receives_out, 0u);
    });
}

TEST(Stack, PauseWaitsForSendsThatAreOut) {
    for (uint64_t seed = 1; seed <= 20; seed++) {
        with_stack(
            [] {
                behaviour().hold_sends = true;
                behaviour().pend_pause = true;
                open_of().send(5);
                bool paused = false;
                nt::Thread pauser = nt::Thread::start("pauser", [&] {
                    EXPECT_TRUE(pause_adapter(guid_a).has_value());
                    paused = true;
                });
                while (view().bindings.at(0).state != BindingState::pausing)
                    engine::the().switch_point(engine::SwitchPoint::yield);
                EXPECT_FALSE(paused);
                EXPECT_EQ(open_of().sends_out, 5);
                nic().complete_sends();
                pauser.join();
                EXPECT_EQ(view().state, AdapterState::paused);
                EXPECT_EQ(open_of().sends_out, 0);
            },
            seed);
    }
}

TEST(Stack, SendsWhilePausedComeBackWithPaused) {
    with_stack([] {
        ASSERT_TRUE(pause_adapter(guid_a).has_value());
        open_of().send(2);
        EXPECT_EQ(open_of().send_results[NDIS_STATUS_PAUSED], 2);
        EXPECT_EQ(nic().sent, 0u);
        ASSERT_TRUE(restart_adapter(guid_a).has_value());
        open_of().send(2);
        EXPECT_EQ(open_of().send_results[NDIS_STATUS_SUCCESS], 2);
    });
}

TEST(Stack, AnUninstalledProtocolIsUnboundThenCleansUp) {
    with_stack([] {
        history().clear();
        uninstall_protocol(u"fixproto");
        EXPECT_FALSE(is_bound());
        ASSERT_GE(history().size(), 2u);
        EXPECT_EQ(history().back(), "uninstall");
        EXPECT_EQ(count(history(), "fixproto unbind"), 1);
        EXPECT_EQ(count(history(), "uninstall"), 1);
        EXPECT_EQ(view().state, AdapterState::running);
        NdisReEnumerateProtocolBindings(protocol_handle());
        settle_pnp();
        EXPECT_FALSE(is_bound());
    });
}

// It may change any of them; the pointer to what it scales is there even if it does not.
TEST(Stack, TheMiniportChangesItsAttributesWhenItRestarts) {
    static const NDIS_OID fewer[] = {OID_GEN_CURRENT_PACKET_FILTER};
    with_stack([] {
        behaviour().on_restart = [](NDIS_RESTART_GENERAL_ATTRIBUTES& g) {
            ASSERT_NE(g.RecvScaleCapabilities, nullptr);
            EXPECT_EQ(g.RecvScaleCapabilities->Header.Size, 0u);
            g.MtuSize = 900;
            g.AccessType = NET_IF_ACCESS_POINT_TO_POINT;
            g.SupportedOidList = const_cast<NDIS_OID*>(fewer);
            g.SupportedOidListLength = sizeof(fewer);
        };
        ASSERT_TRUE(pause_adapter(guid_a).has_value());
        ASSERT_TRUE(restart_adapter(guid_a).has_value());
        behaviour().on_restart = nullptr;
        NDIS_OID list[3] = {};
        NDIS_OID_REQUEST request{};
        request.Header.Type = NDIS_OBJECT_TYPE_OID_REQUEST;
        request.Header.Revision = NDIS_OID_REQUEST_REVISION_1;
        request.Header.Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1;
        request.DATA.QUERY_INFORMATION.Oid = OID_GEN_SUPPORTED_LIST;
        request.DATA.QUERY_INFORMATION.InformationBuffer = list;
        request.DATA.QUERY_INFORMATION.InformationBufferLength = sizeof(list);
        EXPECT_EQ(open_of().oid(request), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(request.DATA.QUERY_INFORMATION.BytesWritten, sizeof(fewer));
        EXPECT_EQ(list[0], fewer[0]);
        uint32_t mtu = 0;
        EXPECT_EQ(open_of().oid(NdisRequestQueryInformation, OID_GEN_MAXIMUM_FRAME_SIZE, &mtu, 4), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(mtu, 900u);
    });
}

// The one handler of a protocol, beside ProtocolUninstall, that may be missing.
TEST(Stack, AProtocolNeedNotHearStatuses) {
    with_prepared_stack([] { behaviour().hears_statuses = false; },
                        [] {
                            EXPECT_EQ(registration_status("fixproto"), NDIS_STATUS_SUCCESS);
                            nic().indicate_link(false);
                            open_of().send(1);
                            EXPECT_EQ(open_of().completed, 1);
                            EXPECT_TRUE(open_of().statuses.empty());
                        });
}

TEST(Stack, UnbindUnderTrafficOverManySeeds) {
    for (uint64_t seed = 1; seed <= 60 && !testing::Test::HasFailure(); seed++) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        with_stack(
            [] {
                open_of().set_filter(NDIS_PACKET_TYPE_BROADCAST | NDIS_PACKET_TYPE_DIRECTED);
                std::atomic<bool> stop = false;
                Open& open = open_of();
                Nic& adapter = nic();
                nt::Thread sender = nt::Thread::start("sender", [&] {
                    // As a protocol does: it sends while it runs, and looks under its own lock.
                    while (!stop && open.running) {
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
                for (uint64_t i = engine::the().draw(20); i != 0; i--)
                    engine::the().switch_point(engine::SwitchPoint::yield);
                EXPECT_TRUE(pause_adapter(guid_a).has_value());
                sender.join();
                EXPECT_TRUE(restart_adapter(guid_a).has_value());
                EXPECT_TRUE(unbind(u"fixproto", guid_a).has_value());
                EXPECT_FALSE(is_bound());
                stop = true;
                receiver.join();
                EXPECT_EQ(nic().receives_out, 0);
            },
            seed);
    }
}

TEST(Stack, LinkStateReachesTheProtocolAndLaterQueries) {
    with_stack([] {
        nic().indicate_link(false);
        EXPECT_EQ(count(open_of().calls, "status 40010017"), 1);
        EXPECT_FALSE(view().link_up);
        ULONG status = 99;
        EXPECT_EQ(open_of().oid(NdisRequestQueryInformation, OID_GEN_MEDIA_CONNECT_STATUS, &status, sizeof(status)),
                  NDIS_STATUS_SUCCESS);
        EXPECT_EQ(status, static_cast<ULONG>(NdisMediaStateDisconnected));
    });
}

TEST(Stack, AdapterThatFailsToInitializeIsAnErrorAndLeavesNothing) {
    with_machine([] {
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        behaviour().fail_initialize = true;
        EXPECT_FALSE(start_adapter(guid_a).has_value());
        EXPECT_TRUE(adapters().empty());
    });
}

}  // namespace
}  // namespace ndiskit::ndis
