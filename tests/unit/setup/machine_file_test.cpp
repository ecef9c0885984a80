// What the reader of machine files takes and refuses. Each complaint names file, line and key.
#include "setup/machine_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>

#include "setup/suggest.h"

namespace ndiskit::setup {
namespace {

Result<Description> parse(std::string_view text) { return parse_machine(text, "m.toml", false); }

constexpr std::string_view whole = R"(
[machine]
name = "demo"
windows = "11-24h2"
engine = "sim"
seed = 7
processors = 4
files = "disk"

[[driver]]
name = "mux"
image = "mux.sys"
protocol_service = "ndkmux"
parameters = { Depth = 3, Name = "x", List = ["a", "b"], On = true }

[[nic]]
name = "uplink"
type = "af_packet"
interface = "veth0"
mtu = 9000

[[virtual]]
name = "left"
driver = "mux"
over = "uplink"
mac = "02:00:00:00:00:01"
parameters = { VlanID = "5" }

[[transport]]
name = "host-a"
over = "left"
addresses = "10.0.0.1/24"

[run]
seconds = 2.5
)";

TEST(MachineFile, ReadsAWholeMachine) {
    const auto machine = parse(whole);
    ASSERT_TRUE(machine) << machine.error().text();
    EXPECT_EQ(machine->name, "demo");
    EXPECT_EQ(machine->engine, "sim");
    EXPECT_EQ(machine->seed, 7u);
    EXPECT_EQ(machine->processors, 4u);
    EXPECT_EQ(machine->files.filename(), "disk");
    ASSERT_EQ(machine->drivers.size(), 1u);
    EXPECT_EQ(machine->drivers[0].protocol_service, "ndkmux");
    EXPECT_EQ(machine->drivers[0].miniport_service, "muxmp");
    EXPECT_EQ(machine->drivers[0].parameters.size(), 4u);
    ASSERT_EQ(machine->nics.size(), 1u);
    EXPECT_EQ(machine->nics[0].mtu, 9000u);
    EXPECT_TRUE(machine->nics[0].offload);
    ASSERT_EQ(machine->virtuals.size(), 1u);
    EXPECT_EQ(machine->virtuals[0].mac, "02-00-00-00-00-01");
    EXPECT_EQ(std::get<std::string>(machine->virtuals[0].parameters[0].value), "5");
    ASSERT_EQ(machine->transports.size(), 1u);
    EXPECT_EQ(machine->transports[0].type, "tap");
    EXPECT_EQ(machine->transports[0].interface, "host-a");
    EXPECT_EQ(machine->transports[0].addresses, std::vector<std::string>{"10.0.0.1/24"});
    EXPECT_EQ(machine->run.seconds, 2.5);
}

struct Refusal {
    std::string_view text;
    std::string_view complaint;
};

class Refused : public testing::TestWithParam<Refusal> {};

TEST_P(Refused, NamesFileLineAndKey) {
    const auto machine = parse(GetParam().text);
    ASSERT_FALSE(machine);
    EXPECT_EQ(machine.error().text(), GetParam().complaint);
}

constexpr Refusal refusals[] = {
    {"[machine]\nnmae = \"x\"\n[[nic]]\nname=\"n\"\ntype=\"memory\"",
     "m.toml:2 machine.nmae: unknown key (did you mean 'name'?)"},
    {"[machin]\n", "m.toml:1 machin: unknown key (did you mean 'machine'?)"},
    {"", "m.toml: the machine has no adapter (add a [[nic]])"},
    {"[machine]\nprocessors = \"two\"", "m.toml:2 machine.processors: must be an integer, not a string"},
    {"[machine]\nprocessors = 0", "m.toml:2 machine.processors: 0 is out of range (it may be 1 to 64)"},
    {"[machine]\nprocessors = -1", "m.toml:2 machine.processors: -1 is out of range (it may be 1 to 64)"},
    {"[machine]\nengine = \"simm\"",
     "m.toml:2 machine.engine: 'simm' is none of its values (did you mean 'sim'?)"},
    {"[machine]\nwindows = \"11-24h3\"",
     "m.toml:2 machine.windows: '11-24h3' is none of its values (did you mean '11-24h2'?)"},
    {"[machine]\nname = \"a\\\\b\"",
     "m.toml:2 machine.name: 'a\\b' is not a name (use up to 64 letters, digits, '-', '_' and '.')"},
    {"machine = 3", "m.toml:1 machine: must be a table, not an integer"},
    {"[nic]\nname = \"n\"", "m.toml:1 nic: must be written as [[nic]]"},
    {"[[nic]]\nname = \"n\"", "m.toml:1 nic: has no 'type' (write memory, tap or af_packet)"},
    {"[[nic]]\ntype = \"memory\"", "m.toml:1 nic: has no 'name' (add a line name = \"...\")"},
    {"[[nic]]\nname = \"n\"\ntype = \"tap\"", "m.toml:1 nic: has no 'interface' (name the host's interface)"},
    {"[[nic]]\nname = \"n\"\ntype = \"tap\"\ninterface = \"averylonginterface\"",
     "m.toml:4 nic.interface: 'averylonginterface' is too long for an interface of Linux (use up to 15 "
     "characters)"},
    {"[[nic]]\nname = \"n\"\ntype = \"memory\"\nmac = \"02:00\"",
     "m.toml:4 nic.mac: '02:00' is not a MAC address (write it as 02:00:00:00:00:01)"},
    {"[[nic]]\nname = \"n\"\ntype = \"memory\"\nmac = \"01:00:00:00:00:00\"",
     "m.toml:4 nic.mac: '01:00:00:00:00:00' is a group address (its first byte must be even)"},
    {"[[nic]]\nname = \"n\"\ntype = \"memory\"\noffload = 1",
     "m.toml:4 nic.offload: must be true or false, not an integer"},
    {"[[nic]]\nname = \"n\"\ntype = \"memory\"\n[[nic]]\nname = \"N\"\ntype = \"memory\"",
     "m.toml:4 nic: there are two adapters: 'N' (the first is at m.toml:1 nic)"},
    {"[[nic]]\nname = \"n\"\ntype = \"memory\"\n[[transport]]\nname = \"t\"\nover = \"m\"",
     "m.toml:4 transport.over: there is no adapter 'm' (did you mean 'n'?)"},
    {"[[nic]]\nname = \"n\"\ntype = \"memory\"\n[[virtual]]\nname = \"v\"\nover = \"n\"\ndriver = \"mux\"",
     "m.toml:4 virtual.driver: there is no driver 'mux'"},
    {"[[nic]]\nname = \"n\"\ntype = \"memory\"\nparameters = { A = 1.5 }",
     "m.toml:4 nic.parameters.A: must be a number, a string or an array of strings, not a fraction"},
    {"[[nic]]\nname='n'\ntype='memory'\n[[transport]]\nname='t'\nover='n'\n[[transport]]\nname='u'\nover='n'",
     "m.toml:7 transport: there are two transports over one adapter: 'n' (the first is at m.toml:4 "
     "transport)"},
    {"[[driver]]\nname='f'\nimage='f.sys'\nkind='filter'\nguid='{1}'",
     "m.toml:5 driver.guid: '{1}' is not a GUID (write NetCfgInstanceId of the filter's INF, with its "
     "braces)"},
    {"[[nic]]\nname='n'\ntype='memory'\n[[transport]]\nname='t'\nover='n'\nchain=0",
     "m.toml:7 transport.chain: 0 is out of range (it may be 1 to 256)"},
    {"[run]\nseconds = -1", "m.toml:2 run.seconds: is no length of time (write seconds, as 10 or 0.5)"},
    {"[[nic]]\nname='n'\ntype='memory'\n[[event]]\nat=1",
     "m.toml:4 event: has no 'do' (say what happens: \"sleep\", \"pause lan\" ...)"},
    {"[[nic]]\nname='n'\ntype='memory'\n[[event]]\ndo='pause m'",
     "m.toml:4 event.do: there is no adapter 'm' (did you mean 'n'?)"},
    {"[[nic]]\nname='n'\ntype='memory'\n[[event]]\ndo=['sleep','waken']",
     "m.toml:4 event.do: there is no action 'waken' (did you mean 'wake'?)"},
    {"[[nic]]\nname='n'\ntype='memory'\n[[event]]\ndo='sleep'\ntimes=3",
     "m.toml:6 event.times: needs 'every' (say how many seconds lie between two of them)"},
    {"[[nic]]\nname='n'\ntype='memory'\n[[event]]\ndo='sleep'\nevery=0",
     "m.toml:6 event.every: is no time between two events (write seconds, as 10 or 0.5)"},
    {"[run]\ncommand = [1]", "m.toml:2 run.command: must be a string or an array of strings, not an array"},
};
INSTANTIATE_TEST_SUITE_P(Table, Refused, testing::ValuesIn(refusals));

constexpr std::string_view two_drivers = R"(
[[driver]]
name = "one"
image = "one.sys"
[[driver]]
name = "two"
image = "two.sys"
[[nic]]
name = "n"
type = "memory"
)";

TEST(MachineFile, AReleaseOfWindowsIsNamedInLettersOfEitherCase) {
    EXPECT_TRUE(parse("[machine]\nwindows = \"10-21H2\"\n[[nic]]\nname = \"n\"\ntype = \"memory\""));
}

TEST(MachineFile, NothingStandsOnItself) {
    const auto machine = parse(std::string(two_drivers) +
                               "[[virtual]]\nname='a'\ndriver='one'\nover='b'\n"
                               "[[virtual]]\nname='b'\ndriver='two'\nover='a'\n");
    ASSERT_FALSE(machine);
    EXPECT_EQ(machine.error().text(), "m.toml:11 virtual.over: 'a' stands on itself");
}

TEST(MachineFile, ADriverIsNotBoundToItsOwnVirtualMiniports) {
    const auto machine = parse(std::string(two_drivers) +
                               "[[virtual]]\nname='a'\ndriver='one'\nover='n'\n"
                               "[[virtual]]\nname='b'\ndriver='one'\nover='a'\n");
    ASSERT_FALSE(machine);
    EXPECT_EQ(machine.error().what, "the driver 'one' cannot be bound to its own virtual miniport 'a'");
}

TEST(MachineFile, OrdersVirtualMiniportsFromTheBottomUp) {
    const auto machine = parse(std::string(two_drivers) +
                               "[[virtual]]\nname='top'\ndriver='one'\nover='mid'\n"
                               "[[virtual]]\nname='mid'\ndriver='two'\nover='n'\n");
    ASSERT_TRUE(machine) << machine.error().text();
    const auto order = bottom_up(*machine);
    ASSERT_EQ(order.size(), 2u);
    EXPECT_EQ(order[0]->name, "mid");
    EXPECT_EQ(order[1]->name, "top");
}

TEST(MachineFile, AMissingImageIsNamed) {
    const auto machine = parse_machine("[[driver]]\nname='mux'\nimage='no/mux.sys'\n", "/nowhere/m.toml");
    ASSERT_FALSE(machine);
    EXPECT_EQ(
        machine.error().text(),
        "/nowhere/m.toml:3 driver.image: there is no file '/nowhere/no/mux.sys' (build it with `ndiskit "
        "build`, or correct the path)");
}

class ImageFiles : public testing::Test {
  protected:
    ImageFiles() { std::filesystem::create_directory(folder_); }
    ~ImageFiles() override { std::filesystem::remove_all(folder_); }
    Result<Description> read(const std::string& image) {
        return parse_machine(
            "[[driver]]\nname='d'\nimage='" + image + "'\n[[nic]]\nname='n'\ntype='memory'\n",
            folder_ / "m.toml");
    }
    const std::filesystem::path folder_ =
        std::filesystem::temp_directory_path() / ("ndiskit-images-" + std::to_string(getpid()));
};

TEST_F(ImageFiles, ABareNameIsADriverOfTheKit) {
    const auto machine = read("mux.sys");
    ASSERT_TRUE(machine) << machine.error().text();
    EXPECT_EQ(machine->drivers[0].image, NDISKIT_BUILD_DIR "/drivers/mux.sys");
}

TEST_F(ImageFiles, WhatIsBesideTheFileComesFirst) {
    std::ofstream(folder_ / "mux.sys") << "x";
    const auto machine = read("mux.sys");
    ASSERT_TRUE(machine) << machine.error().text();
    EXPECT_EQ(machine->drivers[0].image, folder_ / "mux.sys");
}

TEST_F(ImageFiles, APathIsRelativeToTheFileAlone) {
    EXPECT_FALSE(read("./mux.sys"));
    EXPECT_FALSE(read("drivers/mux.sys"));
    std::filesystem::create_directory(folder_ / "drivers");
    std::ofstream(folder_ / "drivers/mux.sys") << "x";
    const auto machine = read("drivers/mux.sys");
    ASSERT_TRUE(machine) << machine.error().text();
    EXPECT_EQ(machine->drivers[0].image, folder_ / "drivers/mux.sys");
}

TEST_F(ImageFiles, ABareNameThatIsNowhereNamesBothPlaces) {
    const auto machine = read("no.sys");
    ASSERT_FALSE(machine);
    EXPECT_EQ(machine.error().what, "there is no file '" + (folder_ / "no.sys").string() + "', nor '" +
                                        NDISKIT_BUILD_DIR "/drivers/no.sys'");
}

TEST(MachineFile, SyntaxErrorsNameLineAndColumn) {
    const auto machine = parse("[machine\n");
    ASSERT_FALSE(machine);
    EXPECT_EQ(machine.error().where.substr(0, 9), "m.toml:1:");
}

TEST(MachineFile, WhatTheParserGivesUpOnHasALine) {
    const auto machine = parse("[machine]\n[?[x]]\n");
    ASSERT_FALSE(machine);
    EXPECT_EQ(machine.error().text(),
              "m.toml:2: is no TOML (the format is described in docs/machine-toml.md)");
}

TEST(MachineFile, LettersBeyondAsciiStandInStringsAndCommentsOnly) {
    EXPECT_TRUE(parse("# \u00e9 \u2502\n[[nic]]\nname='n'\ntype='memory'\nparameters={A='\u00e9'}\n"));
    const auto machine = parse("[[nic]]\nn\u00e9 = 1\n");
    ASSERT_FALSE(machine);
    EXPECT_EQ(machine.error().where.substr(0, 9), "m.toml:2:");
}

TEST(MachineFile, AMissingFileIsNamed) {
    const auto machine = read_machine_file("/nowhere/m.toml");
    ASSERT_FALSE(machine);
    EXPECT_NE(machine.error().text().find("/nowhere/m.toml"), std::string::npos);
}

TEST(MachineFile, TheExamplesAreGood) {
    for (const auto& entry : std::filesystem::directory_iterator(NDISKIT_SOURCE_DIR "/examples")) {
        if (entry.path().extension() != ".toml") continue;
        std::ifstream file(entry.path());
        const std::string text((std::istreambuf_iterator<char>(file)), {});
        const auto machine = parse_machine(text, entry.path(), false);
        EXPECT_TRUE(machine) << machine.error().text();
    }
}

TEST(Suggest, NearNamesOnly) {
    EXPECT_EQ(suggest("imgae", {"name", "image"}), "did you mean 'image'?");
    EXPECT_EQ(suggest("zzzzzz", {"name", "image"}), "there are: name, image");
    EXPECT_EQ(suggest("x", {}), "");
}

}  // namespace
}  // namespace ndiskit::setup
