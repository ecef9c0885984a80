// Loopback: who is shown what is sent on this machine.
#include <gtest/gtest.h>

#include "fixture.h"
#include "fixture_filter.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

constexpr ULONG check = NDIS_SEND_FLAGS_CHECK_FOR_LOOPBACK;
constexpr uint32_t promiscuous = NDIS_PACKET_TYPE_PROMISCUOUS;

void with_two(const std::function<void(Open& one, Open& two)>& body) {
    with_machine([&] {
        write_service(u"fixproto2", u"fixproto");
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        write_bind(u"fixproto", {guid_a});
        write_bind(u"fixproto2", {guid_a});
        start_protocol();
        start_protocol("fixproto2");
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        body(open_of(), open_of("fixproto2"));
    });
}

TEST(Loopback, NobodyIsShownFramesUnlessOneWantsLocalOnes) {
    with_two([](Open& one, Open& two) {
        one.set_filter(NDIS_PACKET_TYPE_BROADCAST);
        two.set_filter(NDIS_PACKET_TYPE_BROADCAST);
        one.send(1);
        EXPECT_EQ(one.received + two.received, 0);
        // A promiscuous binding makes NDIS loop, and then whoever takes the frame sees it; the sender does not.
        two.set_filter(promiscuous);
        one.send(1);
        EXPECT_EQ(one.received, 0);
        EXPECT_EQ(two.received, 1);
        two.send(1);
        EXPECT_EQ(one.received, 1);
        EXPECT_EQ(two.received, 1);
        EXPECT_EQ(one.completed, 2);
    });
}

TEST(Loopback, TheSenderIsShownItsFramesWhenItAsks) {
    with_stack([] {
        open_of().set_filter(NDIS_PACKET_TYPE_BROADCAST);
        open_of().send(1);
        EXPECT_EQ(open_of().received, 0);
        open_of().send(1, broadcast, check);
        EXPECT_EQ(open_of().received, 1);
        open_of().send(1, {0x02, 0, 0, 0, 0, 0x77}, check);  // its packet filter does not take it
        EXPECT_EQ(open_of().received, 1);
        EXPECT_EQ(nic().sent, 3u);
    });
}

TEST(Loopback, AskingHasNoEffectOnOthers) {
    with_two([](Open& one, Open& two) {
        one.set_filter(NDIS_PACKET_TYPE_BROADCAST);
        two.set_filter(NDIS_PACKET_TYPE_BROADCAST);
        one.send(1, broadcast, check);
        EXPECT_EQ(one.received, 1);
        EXPECT_EQ(two.received, 0);
    });
}

TEST(Loopback, FramesComeUpThroughFilterModules) {
    with_filter_stack({"filter2", "filter1"}, [] {
        open_of().set_filter(NDIS_PACKET_TYPE_BROADCAST);
        open_of().send(1, broadcast, check);
        for (const char* name : {"filter1", "filter2"}) {
            EXPECT_EQ(filter_of(name).sent, 1u);
            EXPECT_EQ(filter_of(name).received, 1u);
        }
        EXPECT_EQ(open_of().received, 1);
        EXPECT_EQ(nic().sent, 1u);
        open_of().send(1);
        EXPECT_EQ(filter_of("filter1").received, 1u);
    });
}

TEST(Loopback, FilterModulesSeeWhatAPromiscuousBindingSendsAndItDoesNot) {
    with_filter_stack({"filter1"}, [] {
        open_of().set_filter(promiscuous);
        open_of().send(2);
        EXPECT_EQ(filter_of("filter1").received, 2u);
        EXPECT_EQ(open_of().received, 0);
        nic().indicate(2, broadcast);
        EXPECT_EQ(open_of().received, 2);
    });
}

TEST(Loopback, WithoutAReceiveHandlerInAFilterThereIsNobodyToLoopTo) {
    with_filters({"filter1"}, [] {
        filter_behaviour("filter1").data.receive = filter_behaviour("filter1").data.give_back = false;
        start_stack({"filter1"});
        open_of().set_filter(promiscuous);
        open_of().send(1);
        EXPECT_EQ(open_of().received, 0);
        open_of().send(1, broadcast, check);
        EXPECT_EQ(open_of().received, 1);
    });
}

}  // namespace
}  // namespace ndiskit::ndis
