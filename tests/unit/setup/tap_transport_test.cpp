// The TAP transport as the host sees it: an interface that lives as long as the machine, and whose cable is the
// stack below.
#include <gtest/gtest.h>

#include "ndis/library.h"
#include "ndis/registry_layout.h"
#include "setup/machine.h"
#include "setup/machine_file.h"
#include "setup/network_configuration.h"
#include "support/network_namespace.h"
#include "wire/interface.h"

namespace ndiskit::setup {
namespace {

constexpr const char* text = R"(
[machine]
name = "tap"
[[nic]]
name = "lower"
type = "memory"
[[transport]]
name = "host"
over = "lower"
interface = "lan"
addresses = "10.9.8.7/24"
)";

bool lan_is(const char* what) { return test::shell("ip addr show dev lan | grep -q '" + std::string(what) + "'"); }

TEST(TapTransport, InterfaceStaysWithItsAddressesWhileTheStackIsRebuiltOnLive) {
    if (!test::enter_network_namespace()) GTEST_SKIP() << "network namespaces are not allowed here";
    if (!test::has_tun()) GTEST_SKIP() << "there is no tun device here";
    const auto machine = parse_machine(text, "tap.toml", false);
    ASSERT_TRUE(machine) << machine.error().text();
    run_machine(*machine, {}, [&](Machine& started) {
        const Result<> up = started.start();
        ASSERT_TRUE(up) << up.error().text();
        EXPECT_TRUE(lan_is("LOWER_UP")) << "a TAP with a carrier";
        ASSERT_TRUE(test::shell("ip addr add 10.1.1.1/24 dev lan"));

        const std::u16string adapter = ndis::widen(adapter_guid(*machine, "lower"));
        ASSERT_TRUE(ndis::unbind(u"ndktransport", adapter));
        EXPECT_TRUE(lan_is("NO-CARRIER"));
        EXPECT_TRUE(lan_is("10.1.1.1/24"));

        ASSERT_TRUE(ndis::bind(u"ndktransport", adapter));
        EXPECT_TRUE(lan_is("LOWER_UP"));
        EXPECT_TRUE(lan_is("10.1.1.1/24"));
        EXPECT_EQ(started.stop(), std::vector<std::string>{});
        EXPECT_FALSE(wire::query_interface("lan")) << "the interface goes with the machine";
    });
}

}  // namespace
}  // namespace ndiskit::setup
