// Devices of drivers that take part in PnP (NDIS_MINIPORT_PNP_CHARACTERISTICS); disabling, enabling and rebinding.
#include <gtest/gtest.h>

#include "fixture.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;
using Calls = std::vector<std::string>;

void with_pnp_driver(const std::function<void()>& body) {
    with_machine([&] {
        behaviour().has_pnp = true;
        write_adapter({.instance = u"0001", .guid = guid_a, .service = u"fixnic"});
        body();
    });
}

TEST(DeviceStart, DeviceIsAddedFilteredAndStartedBeforeItsAdapterIsInitialised) {
    with_pnp_driver([] {
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        ASSERT_TRUE(remove_adapter(guid_a).has_value());
        EXPECT_EQ(history(), (Calls{"nic add device", "nic filter requirements", "nic start device", "nic initialize",
                                    "nic restart", "nic pause", "nic halt", "nic remove device"}));
    });
}

TEST(DeviceStart, DeviceThatIsNotAddedIsNotInitialisedNorRemoved) {
    with_pnp_driver([] {
        behaviour().add_device = NDIS_STATUS_RESOURCES;
        EXPECT_FALSE(start_adapter(guid_a).has_value());
        EXPECT_EQ(history(), Calls{"nic add device"});
    });
}

TEST(DeviceStart, DeviceThatDoesNotStartIsRemoved) {
    with_pnp_driver([] {
        behaviour().start_device = NDIS_STATUS_FAILURE;
        EXPECT_FALSE(start_adapter(guid_a).has_value());
        EXPECT_EQ(history(), (Calls{"nic add device", "nic filter requirements", "nic start device", "nic remove device"}));
    });
}

// Asleep and awake again the adapter is halted and initialised anew; the device stays added.
TEST(DeviceStart, HaltForSleepDoesNotRemoveTheDevice) {
    with_pnp_driver([] {
        behaviour().power_aware = false;
        ASSERT_TRUE(start_adapter(guid_a).has_value());
        ASSERT_TRUE(sleep_system().has_value());
        wake_system();
        EXPECT_EQ(count(history(), "nic initialize"), 2);
        EXPECT_EQ(count(history(), "nic add device"), 1);
        EXPECT_EQ(count(history(), "nic remove device"), 0);
    });
}

TEST(DeviceStart, DisabledAndEnabledAgainItIsBoundAgain) {
    with_stack([] {
        for (int i = 0; i < 3; i++) {
            ASSERT_TRUE(remove_adapter(guid_a).has_value());
            EXPECT_FALSE(is_bound());
            ASSERT_TRUE(start_adapter(guid_a).has_value());
            ASSERT_TRUE(is_bound());
            open_of().send(1);
            EXPECT_EQ(open_of().send_results[NDIS_STATUS_SUCCESS], 1);
        }
    });
}

}  // namespace
}  // namespace ndiskit::ndis
