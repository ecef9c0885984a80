// What setup writes is what NDIS and drivers read: the layout of Windows' network configuration.
#include "setup/network_configuration.h"

#include <gtest/gtest.h>

#include "nt/registry/registry.h"
#include "setup/filter_order.h"
#include "setup/guid.h"
#include "setup/machine_file.h"

namespace ndiskit::setup {
namespace {

namespace registry = nt::registry;

constexpr std::string_view services = "HKLM\\System\\CurrentControlSet\\Services\\";
constexpr std::string_view classes =
    "HKLM\\System\\CurrentControlSet\\Control\\Class\\{4D36E972-E325-11CE-BFC1-08002BE10318}\\";

std::string service(std::string_view rest) { return std::string(services).append(rest); }
std::string instance(std::string_view rest) { return std::string(classes).append(rest); }

Description demo() {
    const auto description = parse_machine(
        "[machine]\nname='demo'\n"
        "[[driver]]\nname='mux'\nimage='/x/mux.sys'\nprotocol_service='ndkmux'\n"
        "miniport_service='ndkmuxmp'\nparameters={Depth=3}\n"
        "[[driver]]\nname='lwf'\nimage='/x/lwf.sys'\nkind='filter'\nover='wire'\n"
        "guid='{5CBF81BD-5055-47CD-9055-A76B2B4E3697}'\n"
        "[[nic]]\nname='wire'\ntype='af_packet'\ninterface='eth7'\nmtu=9000\n"
        "[[virtual]]\nname='b'\ndriver='mux'\nover='wire'\nparameters={VlanID='5'}\n"
        "[[virtual]]\nname='a'\ndriver='mux'\nover='wire'\nmac='02:00:00:00:00:01'\n"
        "[[transport]]\nname='host'\nover='b'\ninterface='tap9'\nchain=4\n",
        "m.toml", false);
    EXPECT_TRUE(description) << description.error().text();
    return *description;
}

TEST(NetworkConfiguration, AdaptersHaveInstanceDeviceAndService) {
    const Description machine = demo();
    write_network_configuration(machine);
    const std::string guid = adapter_guid(machine, "wire");
    EXPECT_TRUE(is_guid(guid)) << guid;
    EXPECT_EQ(registry::get_string(instance("0000"), "NetCfgInstanceId"), guid);
    EXPECT_EQ(registry::get_dword(instance("0000"), "Characteristics"), 4u);
    EXPECT_EQ(registry::get_string(instance("0000"), "MatchingDeviceId"),
              registry::get_string(instance("0000"), "ComponentId"));
    EXPECT_EQ(registry::get_string("HKLM\\System\\CurrentControlSet\\Control\\Network\\"
                                   "{4D36E972-E325-11CE-BFC1-08002BE10318}\\" +
                                       guid + "\\Connection",
                                   "Name"),
              "wire");
    EXPECT_EQ(registry::get_dword(instance("0000"), "*IfType"), 6u);
    EXPECT_EQ(registry::get_dword(instance("0000"), "*PhysicalMediaType"), 14u);
    EXPECT_EQ(registry::get_string(instance("0000"), "NicType"), "af_packet");
    EXPECT_EQ(registry::get_string(instance("0000"), "HostInterface"), "eth7");
    EXPECT_EQ(registry::get_string(instance("0000"), "*JumboPacket"), "9014");
    const std::string device = "HKLM\\System\\CurrentControlSet\\Enum\\ROOT\\NET\\0001";
    EXPECT_EQ(registry::get_string(instance("0001"), "DeviceInstanceID"), "ROOT\\NET\\0001");
    EXPECT_EQ(registry::get_string(device, "Service"), "ndkmuxmp");
    EXPECT_EQ(registry::get_multi_string(device, "HardwareID"),
              (std::vector<std::string>{registry::get_string(instance("0001"), "ComponentId").value_or("")}));
    EXPECT_EQ(registry::get_string(device, "Driver"), "{4D36E972-E325-11CE-BFC1-08002BE10318}\\0001");
    EXPECT_EQ(registry::get_dword(instance("0001"), "Characteristics"), 1u);
    EXPECT_EQ(registry::get_string(instance("0001"), "VlanID"), "5");
    EXPECT_EQ(registry::get_string(instance("0002"), "NetworkAddress"), "02-00-00-00-00-01");
}

TEST(NetworkConfiguration, AnIntermediateDriverIsTwoServicesOfOneImage) {
    write_network_configuration(demo());
    EXPECT_EQ(registry::get_string(service("ndkmux"), "ImagePath"), "/x/mux.sys");
    EXPECT_EQ(registry::get_string(service("ndkmuxmp"), "ImagePath"), "/x/mux.sys");
    EXPECT_EQ(registry::get_dword(service("ndkmux\\Parameters"), "Depth"), 3u);
    EXPECT_EQ(registry::get_dword(service("ndkmuxmp\\Parameters"), "Depth"), 3u);
}

TEST(NetworkConfiguration, UpperBindingsListVirtualMiniportsInTheOrderOfTheFile) {
    const Description machine = demo();
    write_network_configuration(machine);
    const std::string wire = adapter_guid(machine, "wire");
    const std::string a = adapter_guid(machine, "a"), b = adapter_guid(machine, "b");
    EXPECT_EQ(registry::get_multi_string(service("ndkmux\\Parameters\\Adapters\\" + wire), "UpperBindings"),
              (std::vector<std::string>{"\\Device\\" + b, "\\Device\\" + a}));
}

TEST(NetworkConfiguration, ABindingHasBothItsEnds) {
    const Description machine = demo();
    write_network_configuration(machine);
    const std::string wire = adapter_guid(machine, "wire"), b = adapter_guid(machine, "b");
    const std::vector<std::string> lower{"\\Device\\" + wire}, upper{"\\Device\\" + b};
    EXPECT_EQ(registry::get_multi_string(service("ndkmux\\Linkage"), "Bind"), lower);
    EXPECT_EQ(registry::get_multi_string(instance("0000\\Linkage"), "UpperBind"),
              std::vector<std::string>{"ndkmux"});
    EXPECT_EQ(registry::get_multi_string(service("ndktransport\\Linkage"), "Bind"), upper);
    EXPECT_EQ(registry::get_string(service("ndktransport\\Parameters\\Adapters\\" + b), "HostInterface"),
              "tap9");
    EXPECT_EQ(registry::get_dword(service("ndktransport\\Parameters\\Adapters\\" + b), "SendChain"), 4u);
}

TEST(NetworkConfiguration, AFilterStandsInTheAdaptersList) {
    const Description machine = demo();
    write_network_configuration(machine);
    EXPECT_EQ(registry::get_multi_string(instance("0000\\Linkage"), "FilterList"),
              std::vector<std::string>{adapter_guid(machine, "wire") +
                                       "-{5CBF81BD-5055-47CD-9055-A76B2B4E3697}-0000"});
}

// What stands on an adapter, top first: "name instance".
std::vector<std::string> places(const Description& description, std::string_view adapter) {
    std::vector<std::string> all;
    for (const FilterPlace& place : filter_places(description, adapter))
        all.push_back(place.driver->name + " " + std::to_string(place.instance));
    return all;
}

Driver filter(std::string name, std::string filter_class, bool monitoring = false) {
    Driver driver{.name = name, .image = "/x/" + name + ".sys", .kind = DriverKind::filter};
    driver.filter_service = name;
    driver.guid = guid_of("m", "filter", name);
    driver.filter_class = std::move(filter_class);
    driver.monitoring = monitoring;
    driver.over = {"wire"};
    return driver;
}

TEST(FilterOrder, ModifyingFiltersFollowTheOrderOfTheirClasses) {
    Description machine;
    for (const char* name : {"custom", "vpn", "scheduler", "provider_address", "compression", "failover",
                             "diagnostic", "loadbalance", "encryption"})
        machine.drivers.push_back(filter(name, name));
    machine.drivers.push_back(filter("vpn2", "vpn"));
    EXPECT_EQ(places(machine, "wire"),
              (std::vector<std::string>{"scheduler 0", "encryption 0", "compression 0", "vpn2 0", "vpn 0",
                                        "loadbalance 0", "failover 0", "diagnostic 0", "custom 0",
                                        "provider_address 0"}));
    EXPECT_TRUE(places(machine, "other").empty());
}

TEST(FilterOrder, MonitoringFiltersStandOverTheAdapterAndOverEachModifyingOne) {
    Description machine;
    machine.drivers = {filter("watch", "", true), filter("vpn", "vpn"), filter("late", "", true),
                       filter("encryption", "encryption")};
    EXPECT_EQ(places(machine, "wire"),
              (std::vector<std::string>{"late 2", "watch 2", "encryption 0", "late 1", "watch 1", "vpn 0",
                                        "late 0", "watch 0"}));
}

TEST(NetworkConfiguration, AFilterIsDescribedAsItsInfWould) {
    Description machine = demo();
    machine.drivers[1].mandatory = true;
    write_network_configuration(machine);
    const std::string ndi =
        "HKLM\\System\\CurrentControlSet\\Control\\Network\\"
        "{4D36E974-E325-11CE-BFC1-08002BE10318}\\{5CBF81BD-5055-47CD-9055-A76B2B4E3697}\\Ndi";
    EXPECT_EQ(registry::get_string(ndi, "Service"), "lwf");
    EXPECT_EQ(registry::get_dword(ndi, "FilterType"), 2u);
    EXPECT_EQ(registry::get_dword(ndi, "FilterRunType"), 1u);
    EXPECT_EQ(registry::get_string(ndi, "FilterClass"), "custom");
}

TEST(Guid, FollowsFromTheName) {
    EXPECT_EQ(guid_of("m", "adapter", "a"), guid_of("m", "adapter", "A"));
    EXPECT_NE(guid_of("m", "adapter", "a"), guid_of("m", "adapter", "b"));
    EXPECT_NE(guid_of("m", "adapter", "a"), guid_of("n", "adapter", "a"));
    EXPECT_FALSE(is_guid("{5CBF81BD-5055-47CD-9055-A76B2B4E369}"));
}

}  // namespace
}  // namespace ndiskit::setup
