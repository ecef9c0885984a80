// The rows of the documentation's state tables that are no cells of a machine of one object: what holds in any state,
// the order of a driver stack's operations, low power, ports, and the power of an intermediate driver, which is
// mux.sys here. The test walks the file; a row that nothing below drives fails it.
#include <gtest/gtest.h>

#include <map>

#include "engine/engine.h"
#include "fixture_filter.h"
#include "nt/exception/raise.h"
#include "nt/exports.h"
#include "nt/image/image.h"
#include "nt/io/driver.h"
#include "nt/ke/thread.h"
#include "oid_requests.h"
#include "support/state_facts.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;
using facts::Row;
using Calls = std::vector<std::string>;

void until(const std::function<bool()>& done) {
    while (!done())
        engine::the().switch_point(engine::SwitchPoint::yield);
}

// What happened, reduced to one kind of call: "restart" -> who restarted, in order.
Calls who(const std::string& call) {
    Calls names;
    for (const std::string& line : history())
        if (line.ends_with(" " + call))
            names.push_back(line.substr(0, line.find(' ')));
    return names;
}

bool reset_leaves_every_state() {
    with_machine([] {
        behaviour().has_reset = true;
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        for (const AdapterState state : {AdapterState::running, AdapterState::paused}) {
            if (state == AdapterState::paused)
                ASSERT_TRUE(pause_adapter(guid_a).has_value());
            NdisMResetMiniport(nic().handle);
            settle_pnp();
            EXPECT_EQ(view().state, state);
        }
        EXPECT_EQ(count(nic().calls, "reset"), 2);
    });
    return true;
}

bool paused_adapter_still_works() {
    with_stack([] {
        ASSERT_TRUE(pause_adapter(guid_a).has_value());
        EXPECT_EQ(open_of().set_filter(NDIS_PACKET_TYPE_DIRECTED), NDIS_STATUS_SUCCESS);
        nic().indicate_link(false);
        EXPECT_EQ(count(open_of().calls, "status 40010017"), 1);
        EXPECT_EQ(view().state, AdapterState::paused);
    });
    return true;
}

bool stack_is_paused_from_the_top() {
    with_filter_stack({"filter2", "filter1"}, [] {
        ASSERT_TRUE(pause_adapter(guid_a).has_value());
        EXPECT_EQ(who("pause"), (Calls{"fixproto", "filter2", "filter1", "nic"}));
    });
    return false;
}
bool stack_is_restarted_from_the_bottom() {
    with_filter_stack({"filter2", "filter1"}, [] {
        ASSERT_TRUE(pause_adapter(guid_a).has_value());
        history().clear();
        ASSERT_TRUE(restart_adapter(guid_a).has_value());
        EXPECT_EQ(who("restart"), (Calls{"nic", "filter1", "filter2", "fixproto"}));
    });
    return false;
}
bool stack_is_started_in_order() {
    with_filter_stack({"filter2", "filter1"}, [] {
        EXPECT_EQ(history(), (Calls{"nic initialize", "filter1 attach", "filter2 attach", "fixproto bind",
                                    "filter1 options", "filter2 options", "nic restart", "filter1 restart",
                                    "filter2 restart", "fixproto restart"}));
    });
    return false;
}
bool stack_is_stopped_in_order() {
    with_filters({"filter2", "filter1"}, [] {
        for (const char* name : {"filter1", "filter2"})
            filter_behaviour(name).oid = filter_behaviour(name).events = false;
        start_stack({"filter1", "filter2"});
        history().clear();
        ASSERT_TRUE(remove_adapter(guid_a).has_value());
        EXPECT_EQ(history(), (Calls{"fixproto query remove", "fixproto pause", "filter2 pause", "filter1 pause",
                                    "nic pause", "fixproto unbind", "filter2 detach", "filter1 detach", "nic halt"}));
    });
    return false;
}

// While a pause lasts, a filter that asks for a restart, a protocol that is bound and a sleep must wait.
bool pnp_operations_exclude_each_other() {
    for (uint64_t seed = 1; seed <= 10; seed++) {
        with_filter_stack(
            {"filter1"},
            [] {
                behaviour().hold_sends = true;
                open_of().send(1);
                nt::Thread pauser = nt::Thread::start("pauser", [] { EXPECT_TRUE(pause_adapter(guid_a).has_value()); });
                until([] { return view().bindings.at(0).state == BindingState::pausing; });
                history().clear();
                EXPECT_EQ(NdisFRestartFilter(filter_of("filter1").handle), NDIS_STATUS_SUCCESS);
                nt::Thread sleeper = nt::Thread::start("sleeper", [] { EXPECT_TRUE(set_adapter_power(guid_a, 3)); });
                for (int i = 0; i < 50; i++)
                    engine::the().switch_point(engine::SwitchPoint::yield);
                EXPECT_EQ(history(), Calls{});
                behaviour().hold_sends = false;
                nic().complete_sends();
                pauser.join();
                sleeper.join();
                EXPECT_TRUE(set_adapter_power(guid_a, 0));
            },
            seed);
    }
    return false;
}

bool adapter_in_low_power_takes_sends(ULONG flags) {
    bool taken = false;
    with_machine([&] {
        behaviour().attribute_flags = flags;
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        write_bind(u"fixproto", {guid_a});
        start_protocol();
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        ASSERT_TRUE(set_adapter_power(guid_a, 3).has_value());
        open_of().send(1);
        taken = nic().sent != 0;
        EXPECT_EQ(open_of().completed, 1);
        EXPECT_EQ(open_of().send_results[NDIS_STATUS_SUCCESS], 0);
    });
    return taken;
}

// OID_PNP_SET_POWER in Running, without a pause and without a wait for receives.
bool set_power_comes_without_a_pause() {
    bool came = false;
    with_machine([&] {
        behaviour().attribute_flags = NDIS_MINIPORT_ATTRIBUTES_NO_PAUSE_ON_SUSPEND;
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        write_bind(u"fixproto", {guid_a});
        start_protocol();
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        ASSERT_EQ(open_of().set_filter(NDIS_PACKET_TYPE_BROADCAST), NDIS_STATUS_SUCCESS);
        open_of().keep_receives = true;
        nic().indicate(1, broadcast);
        ASSERT_TRUE(set_adapter_power(guid_a, 3).has_value());
        came = count(nic().calls, "power") == 1 && count(nic().calls, "pause") == 0 && nic().receives_out == 1;
        EXPECT_EQ(view().state, AdapterState::running);
        open_of().give_back();
        ASSERT_TRUE(set_adapter_power(guid_a, 0).has_value());
    });
    return came;
}

// Whether a port takes OID requests and makes status indications.
bool carries(NDIS_PORT_NUMBER number) {
    NDIS_STATUS_INDICATION status{};
    status.Header.Type = NDIS_OBJECT_TYPE_STATUS_INDICATION;
    status.Header.Revision = NDIS_STATUS_INDICATION_REVISION_1;
    status.Header.Size = NDIS_SIZEOF_STATUS_INDICATION_REVISION_1;
    status.SourceHandle = nic().handle;
    status.PortNumber = number;
    status.StatusCode = NDIS_STATUS_MEDIA_SPECIFIC_INDICATION;
    const int before = count(open_of().calls, "status 40010012");
    NdisMIndicateStatusEx(nic().handle, &status);
    const bool heard = count(open_of().calls, "status 40010012") != before;
    uint32_t filter = NDIS_PACKET_TYPE_DIRECTED;
    NDIS_OID_REQUEST request =
        request_of(NdisRequestSetInformation, OID_GEN_CURRENT_PACKET_FILTER, &filter, sizeof(filter));
    request.PortNumber = number;
    const NDIS_STATUS answer = NdisOidRequest(open_of().handle, &request);
    EXPECT_EQ(answer, heard ? NDIS_STATUS_SUCCESS : NDIS_STATUS_INVALID_PORT);
    return heard;
}

bool allocated_port_carries() {
    bool result = true;
    with_stack([&] {
        const NDIS_PORT_NUMBER port = allocate_port();
        result = carries(port);
        EXPECT_EQ(deactivate(port), NDIS_STATUS_INVALID_PORT_STATE);
        EXPECT_EQ(activate(port + 7), NDIS_STATUS_INVALID_PORT);
        EXPECT_EQ(NdisMFreePort(nic().handle, port), NDIS_STATUS_SUCCESS);
    });
    return result;
}
bool activated_port_carries() {
    bool result = false;
    with_stack([&] {
        const NDIS_PORT_NUMBER port = allocate_port();
        EXPECT_EQ(activate(port), NDIS_STATUS_SUCCESS);
        result = carries(port);
        EXPECT_EQ(activate(port), NDIS_STATUS_INVALID_PORT_STATE);
        EXPECT_EQ(NdisMFreePort(nic().handle, port), NDIS_STATUS_INVALID_PORT_STATE);
        EXPECT_EQ(deactivate(port), NDIS_STATUS_SUCCESS);
        EXPECT_FALSE(carries(port));
        EXPECT_EQ(NdisMFreePort(nic().handle, port), NDIS_STATUS_SUCCESS);
    });
    return result;
}
bool default_port_activates_itself() {
    with_stack([] { EXPECT_TRUE(carries(NDIS_DEFAULT_PORT_NUMBER)); });
    return false;
}

// What loading an image needs, once a process.
void register_images() {
    static bool registered = false;
    if (std::exchange(registered, true))
        return;
    nt::register_nt_exports();
    register_exports();
    nt::io::set_image_loader(
        {.load = [](const std::string& path) -> Result<nt::io::LoadedImage> {
             nt::image::Image* image = TRY(nt::image::load(path));
             return nt::io::LoadedImage{image, image->base, image->size,
                                        reinterpret_cast<PDRIVER_INITIALIZE>(reinterpret_cast<uintptr_t>(image->entry))};
         },
         .initialized = [](void* image) { nt::image::discard_init(*static_cast<nt::image::Image*>(image)); },
         .unload = [](void* image) { nt::image::unload(*static_cast<nt::image::Image*>(image)); }});
    nt::exception::install_fault_handlers();
}

// An intermediate driver between the fixture NIC and the fixture protocol: mux.sys of this build.
void with_mux(const std::function<void()>& body) {
    register_images();
    with_machine([&] {
        for (const char16_t* service : {u"ndkmux", u"ndkmuxmp"}) {
            write_service(service, u"");
            set_text(service_key(service), u"ImagePath", u"" NDISKIT_BUILD_DIR "/drivers/mux.sys");
        }
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        write_adapter({.instance = u"0002", .guid = guid_b, .service = u"ndkmuxmp", .is_virtual = true});
        write_bind(u"ndkmux", {guid_a});
        write_bind(u"fixproto", {guid_b});
        set_list(binding_key(u"ndkmux", guid_a), u"UpperBindings", {u"\\Device\\" + guid_b});
        start_protocol();
        ASSERT_TRUE(start_adapter(guid_b).has_value());
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        ASSERT_TRUE(is_bound("fixproto", guid_b));
        body();
    });
}
Open& above() { return open_of("fixproto", guid_b); }
bool send_arrives() {
    const uint64_t before = nic().sent;
    above().send(1);
    return nic().sent != before;
}

bool virtual_works_in_d0() {
    bool works = false;
    with_mux([&] {
        ASSERT_EQ(above().set_filter(NDIS_PACKET_TYPE_BROADCAST), NDIS_STATUS_SUCCESS);
        nic().indicate(1, broadcast);
        nic().indicate_link(false);
        works = send_arrives() && above().received == 1 && count(above().calls, "status 40010017") == 1;
    });
    return works;
}
bool sends_pass_without_d0() {
    bool passed = false;
    for (const auto& guid : {guid_a, guid_b}) {
        with_mux([&] {
            ASSERT_TRUE(set_adapter_power(guid, 3).has_value());
            passed |= send_arrives();
            EXPECT_EQ(above().sends_out, 0);
            ASSERT_TRUE(set_adapter_power(guid, 0).has_value());
            EXPECT_TRUE(send_arrives());
        });
    }
    return passed;
}
bool oid_passes_a_sleeping_virtual_miniport() {
    bool passed = false;
    with_mux([&] {
        ASSERT_TRUE(set_adapter_power(guid_b, 3).has_value());
        passed = above().set_filter(NDIS_PACKET_TYPE_BROADCAST) == NDIS_STATUS_SUCCESS;
        ASSERT_TRUE(set_adapter_power(guid_b, 0).has_value());
    });
    return passed;
}
// What must go down waits for the lower adapter and then runs.
bool oid_waits_for_the_lower_adapter() {
    bool ran = false;
    with_mux([&] {
        ASSERT_TRUE(set_adapter_power(guid_a, 3).has_value());
        NDIS_STATUS status = NDIS_STATUS_PENDING;
        nt::Thread asker = nt::Thread::start("asker", [&] { status = above().set_filter(NDIS_PACKET_TYPE_BROADCAST); });
        for (int i = 0; i < 50; i++)
            engine::the().switch_point(engine::SwitchPoint::yield);
        ASSERT_TRUE(set_adapter_power(guid_a, 0).has_value());
        asker.join();
        ran = status == NDIS_STATUS_SUCCESS;
    });
    return ran;
}
bool query_power_is_answered_above() {
    bool answered = false;
    with_mux([&] {
        NDIS_DEVICE_POWER_STATE state = NdisDeviceStateD3;
        answered = above().oid(NdisRequestQueryInformation, OID_PNP_QUERY_POWER, &state, sizeof(state)) ==
                   NDIS_STATUS_SUCCESS;
    });
    return answered;
}
// The newest link state is held back and told once both edges are awake.
bool status_passes_without_d0() {
    bool passed = false;
    with_mux([&] {
        ASSERT_TRUE(set_adapter_power(guid_b, 3).has_value());
        nic().indicate_link(false);
        passed = count(above().calls, "status 40010017") != 0;
        ASSERT_TRUE(set_adapter_power(guid_b, 0).has_value());
        EXPECT_FALSE(view(guid_b).link_up);
    });
    return passed;
}

// What drives a row, and says whether the thing is allowed ("-" where that is no question).
const std::map<std::string, std::function<bool()>>& drives() {
    static const std::map<std::string, std::function<bool()>> all = {
        {"miniport adapter|any|MiniportResetEx", reset_leaves_every_state},
        {"miniport adapter|Paused|status indications, OIDs, timers", paused_adapter_still_works},
        {"driver stack|order|pause", stack_is_paused_from_the_top},
        {"driver stack|order|restart", stack_is_restarted_from_the_bottom},
        {"driver stack|order|start", stack_is_started_in_order},
        {"driver stack|order|stop", stack_is_stopped_in_order},
        {"driver stack|rule|exclusive PnP", pnp_operations_exclude_each_other},
        {"miniport adapter|low power|send", [] { return adapter_in_low_power_takes_sends(0); }},
        {"miniport adapter|low power|NO_PAUSE_ON_SUSPEND (6.30)", set_power_comes_without_a_pause},
        {"IM power|virtual D0, lower D0|send / receive / status", virtual_works_in_d0},
        {"IM power|virtual not D0 or lower not D0|send", sends_pass_without_d0},
        {"IM power|virtual not D0 or standing by|OID", oid_passes_a_sleeping_virtual_miniport},
        {"IM power|virtual D0, lower not D0|OID", oid_waits_for_the_lower_adapter},
        {"IM power|any|OID_PNP_QUERY_POWER", query_power_is_answered_above},
        {"IM power|either not D0|NDIS_STATUS indication", status_passes_without_d0},
        {"NDIS port|allocated|data, status, OID", allocated_port_carries},
        {"NDIS port|activated|data, status, OID", activated_port_carries},
        {"NDIS port|default port (0)|activate", default_port_activates_itself},
    };
    return all;
}

// Rows of the three machines, which states_test.cpp walks.
bool is_cell(const Row& row) {
    return (row.object == "miniport adapter" || row.object == "protocol binding" || row.object == "filter module") &&
           !drives().contains(row.object + "|" + row.state + "|" + row.event);
}

TEST(StateRows, EveryRowThatIsNoCellIsDriven) {
    size_t driven = 0, cells = 0;
    for (const Row& row : facts::rows_of()) {
        const std::string name = row.object + "|" + row.state + "|" + row.event;
        SCOPED_TRACE(name);
        if (is_cell(row)) {
            cells++;
            continue;
        }
        const auto drive = drives().find(name);
        if (drive == drives().end()) {
            ADD_FAILURE() << "nothing drives this row";
            continue;
        }
        driven++;
        EXPECT_EQ(drive->second(), row.allowed());
    }
    EXPECT_EQ(driven, drives().size());
    EXPECT_EQ(cells, 91u + 91u + 66u);
}

TEST(StateRows, NoPauseOnSuspendDoesNotHoldBelowADriverOfNdis620) {
    with_filters({"filter1"}, [] {
        behaviour().attribute_flags = NDIS_MINIPORT_ATTRIBUTES_NO_PAUSE_ON_SUSPEND;
        filter_behaviour("filter1").minor_version = 20;
        start_stack({"filter1"});
        ASSERT_TRUE(set_adapter_power(guid_a, 3).has_value());
        EXPECT_EQ(count(nic().calls, "pause"), 1);
        ASSERT_TRUE(set_adapter_power(guid_a, 0).has_value());
    });
}

}  // namespace
}  // namespace ndiskit::ndis
