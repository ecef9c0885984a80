// Ports: what is not active carries nothing, and the default port's activity decides who is bound.
#include <gtest/gtest.h>

#include "fixture.h"
#include "fixture_filter.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

uint64_t inactive(const EdgeTotals& totals) { return totals.drops[static_cast<size_t>(DropReason::port_inactive)]; }

TEST(Ports, AnInactivePortSendsNothing) {
    with_stack([] {
        const NDIS_PORT_NUMBER port = allocate_port();
        open_of().send(2, broadcast, 0, port);
        EXPECT_EQ(open_of().send_results[NDIS_STATUS_INVALID_PORT], 2);
        EXPECT_EQ(inactive(view().bindings[0].sends), 2u);
        EXPECT_EQ(nic().sent, 0u);
        EXPECT_EQ(activate(port), NDIS_STATUS_SUCCESS);
        open_of().send(1, broadcast, 0, port);
        open_of().send(1);
        EXPECT_EQ(nic().sent, 2u);
        open_of().send(1, broadcast, 0, port + 1);  // was never allocated
        EXPECT_EQ(open_of().send_results[NDIS_STATUS_INVALID_PORT], 3);
        EXPECT_EQ(deactivate(port), NDIS_STATUS_SUCCESS);
        open_of().send(1, broadcast, 0, port);
        EXPECT_EQ(open_of().send_results[NDIS_STATUS_INVALID_PORT], 4);
        open_of().send(1);
        EXPECT_EQ(open_of().send_results[NDIS_STATUS_SUCCESS], 3);
    });
}

TEST(Ports, AnInactivePortReceivesNothing) {
    with_stack([] {
        EXPECT_EQ(open_of().set_filter(NDIS_PACKET_TYPE_BROADCAST), NDIS_STATUS_SUCCESS);
        const NDIS_PORT_NUMBER port = allocate_port();
        nic().indicate(2, broadcast, 0, port);
        nic().indicate(1, broadcast, NDIS_RECEIVE_FLAGS_RESOURCES, port);
        EXPECT_EQ(open_of().received, 0);
        EXPECT_EQ(nic().receives_out, 0);
        EXPECT_EQ(inactive(view().receives), 3u);
        EXPECT_EQ(activate(port), NDIS_STATUS_SUCCESS);
        nic().indicate(2, broadcast, 0, port);
        nic().indicate(1, broadcast);
        EXPECT_EQ(open_of().received, 3);
        EXPECT_EQ(deactivate(port), NDIS_STATUS_SUCCESS);
        nic().indicate(1, broadcast, 0, port);
        EXPECT_EQ(open_of().received, 3);
        EXPECT_EQ(inactive(view().receives), 4u);
    });
}

TEST(Ports, FiltersPassNothingThroughAnInactivePort) {
    with_filter_stack({"filter1"}, [] {
        EXPECT_EQ(open_of().set_filter(NDIS_PACKET_TYPE_BROADCAST), NDIS_STATUS_SUCCESS);
        const NDIS_PORT_NUMBER port = allocate_port();
        open_of().send(1, broadcast, 0, port);
        nic().indicate(1, broadcast, 0, port);
        EXPECT_EQ(filter_of("filter1").sent + filter_of("filter1").received, 0u);
        EXPECT_EQ(activate(port), NDIS_STATUS_SUCCESS);
        open_of().send(1, broadcast, 0, port);
        nic().indicate(1, broadcast, 0, port);
        EXPECT_EQ(filter_of("filter1").sent, 1u);
        EXPECT_EQ(filter_of("filter1").received, 1u);
        EXPECT_EQ(nic().sent, 1u);
    });
}

TEST(Ports, ProtocolsAreBoundWhileTheDefaultPortIsActive) {
    with_machine([] {
        behaviour().attribute_flags = NDIS_MINIPORT_ATTRIBUTES_CONTROLS_DEFAULT_PORT;
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        write_bind(u"fixproto", {guid_a});
        start_protocol();
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        EXPECT_FALSE(is_bound());
        EXPECT_EQ(activate(NDIS_DEFAULT_PORT_NUMBER), NDIS_STATUS_SUCCESS);
        settle_pnp();
        ASSERT_TRUE(is_bound());
        open_of().send(1);
        EXPECT_EQ(nic().sent, 1u);
        EXPECT_EQ(activate(NDIS_DEFAULT_PORT_NUMBER), NDIS_STATUS_INVALID_PORT_STATE);
        EXPECT_EQ(deactivate(NDIS_DEFAULT_PORT_NUMBER), NDIS_STATUS_SUCCESS);
        settle_pnp();
        EXPECT_FALSE(is_bound());
        EXPECT_EQ(deactivate(NDIS_DEFAULT_PORT_NUMBER), NDIS_STATUS_INVALID_PORT_STATE);
        EXPECT_FALSE(ndis::bind(u"fixproto", guid_a).has_value());
    });
}

TEST(Ports, TheDefaultPortIsNotFreed) {
    with_stack([] {
        const NDIS_PORT_NUMBER port = allocate_port();
        EXPECT_EQ(NdisMFreePort(nic().handle, NDIS_DEFAULT_PORT_NUMBER), NDIS_STATUS_INVALID_DATA);
        EXPECT_EQ(deactivate(NDIS_DEFAULT_PORT_NUMBER), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(NdisMFreePort(nic().handle, NDIS_DEFAULT_PORT_NUMBER), NDIS_STATUS_INVALID_DATA);
        EXPECT_EQ(NdisMFreePort(nic().handle, NDIS_MAXIMUM_PORTS), NDIS_STATUS_INVALID_DATA);
        EXPECT_EQ(NdisMFreePort(nic().handle, port + 1), NDIS_STATUS_INVALID_PORT);
        EXPECT_EQ(NdisMFreePort(nic().handle, port), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(activate(NDIS_DEFAULT_PORT_NUMBER), NDIS_STATUS_SUCCESS);
        settle_pnp();
    });
}

// A protocol may refuse that a port becomes active, not that it ceases to be.
TEST(Ports, OneIsDeactivatedWhateverProtocolsSay) {
    with_stack([] {
        const NDIS_PORT_NUMBER port = allocate_port();
        behaviour().event_answer = NDIS_STATUS_FAILURE;
        EXPECT_EQ(activate(port), NDIS_STATUS_FAILURE);
        EXPECT_EQ(deactivate(port), NDIS_STATUS_SUCCESS);
        behaviour().event_answer = NDIS_STATUS_SUCCESS;
    });
}

TEST(Ports, EventsThatMayNotBeAreRefused) {
    with_stack([] {
        const NDIS_PORT_NUMBER port = allocate_port();
        EXPECT_EQ(port_event(NetEventPortDeactivation, nullptr, 0), NDIS_STATUS_INVALID_PARAMETER);
        NDIS_PORT_NUMBER with_default[] = {port, NDIS_DEFAULT_PORT_NUMBER};
        EXPECT_EQ(activate(port), NDIS_STATUS_SUCCESS);
        EXPECT_EQ(port_event(NetEventPortDeactivation, with_default, sizeof(with_default)), NDIS_STATUS_INVALID_PORT);
        open_of().send(1, broadcast, 0, port);  // none of them has changed
        EXPECT_EQ(nic().sent, 1u);
        NDIS_PORT_NUMBER with_unknown[] = {port, port + 9};
        EXPECT_EQ(port_event(NetEventPortDeactivation, with_unknown, sizeof(with_unknown)), NDIS_STATUS_INVALID_PORT);
        EXPECT_EQ(deactivate(port), NDIS_STATUS_SUCCESS);
    });
}

}  // namespace
}  // namespace ndiskit::ndis
