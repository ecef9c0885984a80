// What a protocol hears of its list of adapters.
#include <gtest/gtest.h>

#include <cstring>

#include "fixture.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

std::vector<std::u16string>& lists() {
    static std::vector<std::u16string> all;
    return all;
}

// Two adapters, both on fixproto's list.
void with_two(const std::function<void()>& body) {
    with_stack([&] {
        lists().clear();
        behaviour().on_event = [](const NET_PNP_EVENT_NOTIFICATION& n) {
            const NET_PNP_EVENT& event = n.NetPnPEvent;
            if (event.NetEvent == NetEventBindList)
                lists().emplace_back(static_cast<const char16_t*>(event.Buffer), event.BufferLength / 2);
        };
        write_adapter({.instance = u"0002", .guid = guid_b, .service = u"fixnic"});
        write_bind(u"fixproto", {guid_a, guid_b});
        ASSERT_TRUE(start_adapter(guid_b).has_value());
        reconcile_bindings();
        ASSERT_TRUE(is_bound("fixproto", guid_b));
        // What comes behind the others changes no order.
        EXPECT_EQ(count(protocol_calls(), "bind list"), 0);
        body();
        behaviour().on_event = nullptr;
    });
}

TEST(BindListTest, ProtocolIsToldTheNewOrderWithoutABinding) {
    with_two([] {
        write_bind(u"fixproto", {guid_b, guid_a});
        reconcile_bindings();
        EXPECT_EQ(count(protocol_calls(), "bind list"), 1);
        using namespace std::string_literals;
        ASSERT_EQ(lists().size(), 1u);
        EXPECT_EQ(lists().front(), u"\\Device\\" + guid_b + u"\0\\Device\\"s + guid_a + u"\0\0"s);
        // Bindings are as they were.
        EXPECT_EQ(count(open_of().calls, "bind list"), 0);
        EXPECT_EQ(count(open_of().calls, "pause"), 0);
        // The same order again is nothing new.
        reconcile_bindings();
        EXPECT_EQ(count(protocol_calls(), "bind list"), 1);
    });
}

TEST(BindListTest, ABindingLessIsNoNewOrder) {
    with_two([] {
        write_bind(u"fixproto", {guid_b});
        reconcile_bindings();
        EXPECT_FALSE(is_bound());
        EXPECT_EQ(count(protocol_calls(), "bind list"), 0);
        // Before the other one.
        write_bind(u"fixproto", {guid_a, guid_b});
        reconcile_bindings();
        EXPECT_TRUE(is_bound());
        EXPECT_EQ(count(protocol_calls(), "bind list"), 1);
    });
}

TEST(BindFailedTest, ProtocolIsToldWhichMiniportItIsNotBoundTo) {
    with_machine([] {
        behaviour().refuse_bind = true;
        NDIS_BIND_FAILED_NOTIFICATION told{};
        behaviour().on_event = [&](const NET_PNP_EVENT_NOTIFICATION& n) {
            if (n.NetPnPEvent.NetEvent != NetEventBindFailed)
                return;
            ASSERT_EQ(n.NetPnPEvent.BufferLength, sizeof(told));
            std::memcpy(&told, n.NetPnPEvent.Buffer, sizeof(told));
        };
        NET_LUID luid{};
        behaviour().on_initialize = [&](Nic&, const NDIS_MINIPORT_INIT_PARAMETERS& parameters) {
            luid = parameters.NetLuid;
            return NDIS_STATUS_SUCCESS;
        };
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        write_bind(u"fixproto", {guid_a});
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        start_protocol();
        EXPECT_FALSE(is_bound());
        EXPECT_EQ(protocol_calls(), (std::vector<std::string>{"bind failed", "binds complete"}));
        EXPECT_EQ(told.Header.Revision, NDIS_BIND_FAILED_NOTIFICATION_REVISION_1);
        EXPECT_EQ(told.MiniportNetLuid.Value, luid.Value);
        behaviour() = {};
    });
}

TEST(BindFailedTest, AnOldProtocolDoesNotKnowTheEvent) {
    with_machine([] {
        behaviour().refuse_bind = true;
        behaviour().protocol_minor_version = 20;
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        write_bind(u"fixproto", {guid_a});
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        start_protocol();
        EXPECT_EQ(protocol_calls(), (std::vector<std::string>{"binds complete"}));
    });
}

}  // namespace
}  // namespace ndiskit::ndis
