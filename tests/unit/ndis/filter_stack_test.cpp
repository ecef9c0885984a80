// Filter modules in a stack: when they come and go, in which order, and what becomes of the stack when one does not.
#include <gtest/gtest.h>

#include "fixture_filter.h"
#include "nt/io/driver.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;
using Calls = std::vector<std::string>;

// The history from here on.
struct Since {
    size_t start = history().size();
    Calls operator()() const { return {history().begin() + static_cast<long>(start), history().end()}; }
};

Calls attached() {
    Calls names;
    for (const FilterView& filter : view().filters)
        names.push_back(filter.driver);
    return names;
}

TEST(FilterStack, ComesUpFromTheBottomAndGoesDownFromTheTop) {
    with_filter_stack({"filter2", "filter1"}, [] {
        EXPECT_EQ(Since{0}(), (Calls{"nic initialize", "filter1 attach", "filter2 attach", "fixproto bind",
                                      "filter1 options", "filter2 options", "nic restart", "filter1 restart",
                                      "filter2 restart", "fixproto restart"}));
        EXPECT_EQ(attached(), (Calls{"filter2", "filter1"}));
        const Since since;
        ASSERT_TRUE(remove_adapter(guid_a).has_value());
        EXPECT_EQ(since(), (Calls{"filter1 event 2", "filter2 event 2", "fixproto query remove",
                                  "filter2 pre detach", "filter1 pre detach", "fixproto pause", "filter2 pause",
                                  "filter1 pause", "nic pause", "fixproto unbind",
                                  // what the protocol clears on its way out
                                  "filter2 oid 0001010e", "filter1 oid 0001010e",
                                  "filter2 detach", "filter1 detach", "nic halt"}));
    });
}

TEST(FilterStack, PauseAndRestartMayEndLater) {
    for (uint64_t seed = 1; seed <= 10; seed++) {
        with_filters(
            {"filter1"},
            [] {
                filter_behaviour("filter1").pend = true;
                start_stack({"filter1"});
                EXPECT_EQ(view().filters.at(0).state, FilterState::running);
                ASSERT_TRUE(pause_adapter(guid_a).has_value());
                EXPECT_EQ(view().filters.at(0).state, FilterState::paused);
                ASSERT_TRUE(restart_adapter(guid_a).has_value());
                EXPECT_EQ(view().filters.at(0).state, FilterState::running);
            },
            seed);
    }
}

TEST(FilterStack, OptionalFilterIsPutInAndTakenOutWithoutUnbinding) {
    with_filters({"filter2", "filter1"}, [] {
        start_stack({"filter2"});
        const Since since;
        start_filter("filter1");
        EXPECT_EQ(since(), (Calls{"fixproto pause", "filter2 pause", "nic pause", "filter1 attach", "filter1 options",
                                  "filter2 options", "nic restart", "filter1 restart", "filter2 restart",
                                  "fixproto restart"}));
        EXPECT_EQ(attached(), (Calls{"filter2", "filter1"}));
        EXPECT_EQ(filter_of("filter2").restart_below, filter_of("filter1").interface_index);
        const Since then;
        stop_filter("filter1");
        EXPECT_EQ(then(), (Calls{"filter1 pre detach", "fixproto pause", "filter2 pause", "filter1 pause", "nic pause",
                                 "filter1 detach", "filter2 options", "nic restart", "filter2 restart", "fixproto restart"}));
        open_of().send(3);
        EXPECT_EQ(open_of().send_results[NDIS_STATUS_SUCCESS], 3);
    });
}

TEST(FilterStack, MandatoryFilterIsPutInAndTakenOutWithTheProtocolsUnbound) {
    with_filters({"filter1"}, [] {
        write_filter("filter1", 2, 1);
        write_filter_list(u"0001", guid_a, {});
        start_stack({"filter1"});
        EXPECT_TRUE(is_bound());
        write_filter_list(u"0001", guid_a, {"filter1"});
        const Since since;
        reconcile_filters();
        EXPECT_EQ(since(), (Calls{"fixproto pause", "nic pause", "fixproto unbind", "filter1 attach", "fixproto bind",
                                  "filter1 options", "nic restart", "filter1 restart", "fixproto restart"}));
        write_filter_list(u"0001", guid_a, {});
        const Since then;
        reconcile_filters();
        EXPECT_EQ(then(), (Calls{"filter1 pre detach", "fixproto pause", "filter1 pause", "nic pause", "fixproto unbind",
                                 "filter1 oid 0001010e", "filter1 detach", "fixproto bind", "nic restart",
                                 "fixproto restart"}));
    });
}

TEST(FilterStack, NoProtocolIsBoundWhileAMandatoryFilterIsMissing) {
    with_filters({"filter1"}, [] {
        write_filter("filter1", 2, 1);
        start_stack({});
        EXPECT_FALSE(is_bound());
        EXPECT_FALSE(ndis::bind(u"fixproto", guid_a).has_value());
        start_filter("filter1");
        EXPECT_TRUE(is_bound());
        stop_filter("filter1");
        EXPECT_FALSE(is_bound());
    });
}

TEST(FilterStack, OptionalFilterThatDoesNotAttachIsLeftOut) {
    with_filters({"filter2", "filter1"}, [] {
        filter_behaviour("filter1").attach = NDIS_STATUS_RESOURCES;
        start_stack({"filter1", "filter2"});
        EXPECT_EQ(attached(), Calls{"filter2"});
        EXPECT_EQ(view().state, AdapterState::running);
        EXPECT_TRUE(is_bound());
    });
}

TEST(FilterStack, AttachWithoutSettingAttributesIsAFailure) {
    with_filters({"filter1"}, [] {
        filter_behaviour("filter1").sets_attributes = false;
        start_stack({"filter1"});
        EXPECT_EQ(attached(), Calls{});
    });
}

TEST(FilterStack, MandatoryFilterThatDoesNotAttachTearsTheStackDown) {
    with_filters({"filter2", "filter1"}, [] {
        write_filter("filter2", 2, 1);
        filter_behaviour("filter2").attach = NDIS_STATUS_FAILURE;
        for (const char* name : {"filter1", "filter2"})
            start_filter(name);
        start_protocol();
        EXPECT_FALSE(start_adapter(guid_a).has_value());
        EXPECT_EQ(Since{0}(), (Calls{"nic initialize", "filter1 attach", "filter2 attach", "filter1 pre detach", "filter1 detach",
                                     "nic halt"}));
        EXPECT_FALSE(is_bound());
    });
}

TEST(FilterStack, MonitoringFilterIsNotAttachedOverAModifyingOneThatFailed) {
    with_filters({"filter2", "filter1"}, [] {
        write_filter("filter2", 1, 2);
        filter_behaviour("filter1").attach = NDIS_STATUS_FAILURE;
        start_stack({"filter1", "filter2"});
        EXPECT_EQ(count(history(), "filter2 attach"), 0);
        EXPECT_TRUE(is_bound());
    });
}

TEST(FilterStack, OptionalFilterThatDoesNotRestartIsDetached) {
    for (const bool pend : {false, true}) {
        with_filters({"filter2", "filter1"}, [&] {
            start_stack({"filter1", "filter2"});
            filter_behaviour("filter1").restart = NDIS_STATUS_FAILURE;
            filter_behaviour("filter1").pend = pend;
            ASSERT_TRUE(pause_adapter(guid_a).has_value());
            ASSERT_TRUE(restart_adapter(guid_a).has_value());
            EXPECT_EQ(attached(), Calls{"filter2"});
            open_of().send(1);
            EXPECT_EQ(open_of().send_results[NDIS_STATUS_SUCCESS], 1);
        });
    }
}

TEST(FilterStack, MandatoryFilterThatDoesNotRestartEndsTheStack) {
    with_filters({"filter1"}, [] {
        write_filter("filter1", 2, 1);
        start_stack({"filter1"});
        filter_behaviour("filter1").restart = NDIS_STATUS_FAILURE;
        ASSERT_TRUE(pause_adapter(guid_a).has_value());
        EXPECT_FALSE(restart_adapter(guid_a).has_value());
        EXPECT_EQ(view().state, AdapterState::halted);
        EXPECT_FALSE(is_bound());
        EXPECT_FALSE(is_attached("filter1"));
    });
}

TEST(FilterStack, ModulesStandOnEachOtherInTheInterfaceTable) {
    with_filter_stack({"filter2", "filter1"}, [] {
        const Filter& low = filter_of("filter1");
        const Filter& high = filter_of("filter2");
        EXPECT_NE(low.interface_index, high.interface_index);
        EXPECT_EQ(high.attach_below, low.interface_index);
        EXPECT_EQ(high.restart_below, low.interface_index);
        EXPECT_EQ(low.restart_below, low.attach_below);
        NET_IFINDEX bound = 0, lowest = 0;
        NET_LUID bound_luid{}, lowest_luid{};
        EXPECT_EQ(NdisIfQueryBindingIfIndex(open_of().handle, &bound, &bound_luid, &lowest, &lowest_luid),
                  NDIS_STATUS_SUCCESS);
        EXPECT_EQ(bound, high.interface_index);
        EXPECT_EQ(lowest, low.attach_below);
    });
}

TEST(FilterStack, RestartAttributesOfFiltersReachTheProtocolAndDoNotAddUp) {
    with_filters({"filter2", "filter1"}, [] {
        filter_behaviour("filter1").mtu_less = 4;
        filter_behaviour("filter1").adds_attribute = true;
        filter_behaviour("filter2").mtu_less = 8;
        start_stack({"filter1", "filter2"});
        for (int i = 0; i < 3; i++) {
            ULONG frame = 0;
            EXPECT_EQ(open_of().oid(NdisRequestQueryInformation, OID_GEN_MAXIMUM_FRAME_SIZE, &frame, 4),
                      NDIS_STATUS_SUCCESS);
            EXPECT_EQ(frame, 1488u);
            EXPECT_EQ(view().mtu, 1488u);
            ASSERT_TRUE(pause_adapter(guid_a).has_value());
            ASSERT_TRUE(restart_adapter(guid_a).has_value());
        }
    });
}

// The entries of the stack that `handle` is in; the texts point into `buffer`.
std::vector<NDIS_FILTER_INTERFACE> enumerate(NDIS_HANDLE handle, std::vector<uint64_t>& buffer) {
    ULONG needed = 0, written = 99;
    EXPECT_EQ(NdisEnumerateFilterModules(handle, nullptr, 0, &needed, &written), NDIS_STATUS_BUFFER_TOO_SHORT);
    EXPECT_EQ(written, 0u);
    buffer.assign(needed / 8 + 1, 0);
    const ULONG expected = needed;
    EXPECT_EQ(NdisEnumerateFilterModules(handle, buffer.data(), expected - 1, &needed, &written),
              NDIS_STATUS_BUFFER_TOO_SHORT);
    EXPECT_EQ(NdisEnumerateFilterModules(handle, buffer.data(), expected, &needed, &written), NDIS_STATUS_SUCCESS);
    EXPECT_EQ(written, expected);
    const auto& head = *reinterpret_cast<NDIS_ENUM_FILTERS*>(buffer.data());
    const auto* first = reinterpret_cast<NDIS_FILTER_INTERFACE*>(reinterpret_cast<uint8_t*>(buffer.data()) +
                                                                 head.OffsetFirstFilter);
    return {first, first + head.NumberOfFilters};
}

std::u16string text_of(const UNICODE_STRING& string) { return {string.Buffer, string.Length / sizeof(WCHAR)}; }

TEST(FilterStack, ModulesAreEnumeratedFromTheTopForEveryKindOfHandle) {
    with_filters({"filter2", "filter1"}, [] {
        write_filter("filter2", 1, 1);
        set_text(std::u16string(layout::filters_key) + u"\\" + filter_guid("filter1") + u"\\Ndi", u"FilterClass", u"vpn");
        filter_behaviour("filter2").data = {false, false, false, true, true};
        start_stack({"filter1", "filter2"});
        std::vector<uint64_t> buffer;
        for (NDIS_HANDLE handle : {nic().handle, open_of().handle, filter_of("filter1").handle}) {
            const auto all = enumerate(handle, buffer);
            ASSERT_EQ(all.size(), 2u);
            EXPECT_EQ(all[0].Header.Revision, NDIS_FILTER_INTERFACE_REVISION_2);
            EXPECT_EQ(all[0].Flags, static_cast<ULONG>(NDIS_FILTER_INTERFACE_LW_FILTER | NDIS_FILTER_INTERFACE_SEND_BYPASS));
            EXPECT_EQ(all[0].FilterType, 1u);
            EXPECT_EQ(all[0].FilterRunType, 1u);
            EXPECT_EQ(all[0].IfIndex, filter_of("filter2").interface_index);
            EXPECT_EQ(text_of(all[0].FilterInstanceName), guid_a + u"-" + filter_guid("filter2") + u"-0000");
            EXPECT_EQ(all[1].Flags, static_cast<ULONG>(NDIS_FILTER_INTERFACE_LW_FILTER));
            EXPECT_EQ(all[1].FilterType, 2u);
            EXPECT_EQ(text_of(all[1].FilterClass), u"vpn");
        }
        ULONG needed = 0, written = 0;
        EXPECT_EQ(NdisEnumerateFilterModules(nullptr, buffer.data(), 4096, &needed, &written),
                  NDIS_STATUS_INVALID_PARAMETER);
        // Whether a module stands in an extensible switch, an extension learns by asking.
        NDIS_SWITCH_CONTEXT context{};
        NDIS_SWITCH_OPTIONAL_HANDLERS handlers{};
        EXPECT_EQ(NdisFGetOptionalSwitchHandlers(filter_of("filter1").handle, &context, &handlers),
                  NDIS_STATUS_NOT_SUPPORTED);
    });
}

TEST(FilterStack, OneDriverWithoutTheFourRequiredHandlersOrWithANameThatIsNoGuidIsRefused) {
    with_machine([] {
        NDIS_FILTER_DRIVER_CHARACTERISTICS c{};
        NDIS_HANDLE handle = nullptr;
        DRIVER_OBJECT object{};
        EXPECT_EQ(NdisFRegisterFilterDriver(&object, nullptr, &c, &handle), NDIS_STATUS_BAD_CHARACTERISTICS);
        EXPECT_EQ(handle, nullptr);
    });
}

TEST(FilterStack, SleepsAndWakesWithItsFilters) {
    with_filter_stack({"filter1"}, [] {
        const Since since;
        ASSERT_TRUE(sleep_system().has_value());
        EXPECT_EQ(since(), (Calls{"filter1 event 1", "fixproto query power", "filter1 event 0", "fixproto set power",
                                  "fixproto pause", "filter1 pause", "nic pause", "filter1 oid fd010101"}));
        const Since then;
        wake_system();
        EXPECT_EQ(then(), (Calls{"filter1 oid fd010101", "filter1 device event 5", "filter1 options", "nic restart",
                                 "filter1 restart", "fixproto restart", "filter1 event 0", "fixproto set power"}));
        open_of().send(1);
        EXPECT_EQ(open_of().send_results[NDIS_STATUS_SUCCESS], 1);
    });
}

}  // namespace
}  // namespace ndiskit::ndis
