// The mux driver's whole life on a described machine, on both engines: load, bind, two virtual miniports,
// traffic both ways, pause, restart, unbind, unload.
#include "setup/machine.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "ndis/library.h"
#include "ndis/registry_layout.h"
#include "setup/machine_file.h"
#include "setup/network_configuration.h"
#include "setup/report.h"
#include "setup/seeds.h"
#include "setup/traffic.h"

namespace ndiskit::setup {
namespace {

Description memory_machine(uint32_t frames) {
    auto machine = read_machine_file(NDISKIT_SOURCE_DIR "/examples/memory.toml");
    if (!machine) throw std::runtime_error(machine.error().text());
    for (Traffic& traffic : machine->traffic) traffic.frames = frames;
    // Small, so that a fork has little memory to make its own.
    machine->nics[0].buffers = 128;
    machine->nics[0].offload = false;
    return *machine;
}

Result<> exchange(const Description& description) {
    for (const FlowResult& flow : TRY(run_traffic(description)))
        if (!flow.intact())
            return fail(std::to_string(flow.received) + " of " + std::to_string(flow.sent) +
                            " frames came, " + std::to_string(flow.damaged) + " damaged, " +
                            std::to_string(flow.unordered) + " out of order",
                        flow.from + " to " + flow.to);
    return {};
}

std::u16string guid(const Description& description, std::string_view adapter) {
    return ndis::widen(adapter_guid(description, adapter));
}

// Traffic, then each thing that can happen to a stack, with traffic after it.
Result<> whole_life(Machine& machine) {
    const Description& description = machine.description();
    TRY(exchange(description));
    for (const char* adapter : {"lower", "left"}) {
        TRY(ndis::pause_adapter(guid(description, adapter)));
        TRY(ndis::restart_adapter(guid(description, adapter)));
    }
    TRY(exchange(description));
    TRY(ndis::unbind(u"ndktransport", guid(description, "left")));
    TRY(ndis::bind(u"ndktransport", guid(description, "left")));
    TRY(exchange(description));
    TRY(ndis::unbind(u"ndkmux", guid(description, "lower")));
    TRY(ndis::bind(u"ndkmux", guid(description, "lower")));
    return exchange(description);
}

void live_through(const Description& description, const EngineOptions& options) {
    run_machine(description, options, [&](Machine& machine) {
        const Result<> started = machine.start();
        EXPECT_TRUE(started) << started.error().text();
        if (started) {
            const Result<> lived = whole_life(machine);
            EXPECT_TRUE(lived) << lived.error().text();
            const auto edges = report_edges(description);
            ASSERT_FALSE(edges.empty());
            EXPECT_EQ(edges[0].name, "lower");
            for (const EdgeReport& edge : edges) EXPECT_EQ(edge.dropped(), 0u) << edge_table(edges);
        }
        EXPECT_EQ(machine.stop(), std::vector<std::string>{});
    });
}

TEST(Machine, EdgesGoOnCountingWhenTheyAreRebuilt) {
    const Description description = memory_machine(10);
    run_machine(description, {.sim = true, .seed = 1}, [&](Machine& machine) {
        ASSERT_TRUE(machine.start());
        ASSERT_TRUE(exchange(description));
        const auto count = [&] {
            uint64_t frames = 0;
            for (const EdgeReport& edge : report_edges(description))
                if (edge.kind == "nic" || edge.kind == "transport") frames += edge.packets();
            return frames;
        };
        const uint64_t before = count();
        EXPECT_GT(before, 0u);
        ASSERT_TRUE(ndis::unbind(u"ndkmux", guid(description, "lower")));
        ASSERT_TRUE(ndis::bind(u"ndkmux", guid(description, "lower")));
        EXPECT_EQ(count(), before);
        EXPECT_EQ(machine.stop(), std::vector<std::string>{});
    });
}

TEST(Machine, AServiceWithoutItsProtocolIsExplained) {
    Description description = memory_machine(1);
    description.drivers[0].protocol_service = "another";
    run_machine(description, {.sim = true, .seed = 1}, [&](Machine& machine) {
        const Result<> started = machine.start();
        ASSERT_FALSE(started);
        EXPECT_EQ(started.error().hint,
                  "no driver registered the protocol 'another', there is 'ndkmux': set protocol_service of the "
                  "driver 'mux'");
        EXPECT_EQ(machine.stop(), std::vector<std::string>{});
    });
}

TEST(Machine, MuxLivesAndLeavesNothingOnSim) { live_through(memory_machine(100), {.sim = true, .seed = 3}); }
TEST(Machine, MuxLivesAndLeavesNothingOnLive) { live_through(memory_machine(2000), {}); }

TEST(Machine, AStartThatFailsNamesThePlaceAndLeavesNothing) {
    Description description = memory_machine(1);
    description.nics[0].type = "af_packet";
    description.nics[0].interface = "no-such-if";
    run_machine(description, {}, [&](Machine& machine) {
        const Result<> started = machine.start();
        EXPECT_FALSE(started);
        EXPECT_EQ(machine.stop(), std::vector<std::string>{});
    });
}

TEST(Machine, AnImageThatIsNoDriverIsNamed) {
    Description description = memory_machine(1);
    description.drivers[0].image = NDISKIT_SOURCE_DIR "/LICENSE";
    run_machine(description, {.sim = true}, [&](Machine& machine) {
        const Result<> started = machine.start();
        ASSERT_FALSE(started);
        EXPECT_NE(started.error().text().find("LICENSE"), std::string::npos) << started.error().text();
        machine.stop();
    });
}

std::string failures(const std::vector<SeedResult>& results) {
    std::string text;
    for (const SeedResult& result : results)
        if (!result.good()) text += "seed " + std::to_string(result.seed) + ": " + result.failure;
    return text;
}

TEST(Seeds, EachSeedIsAForkOfOneMachine) {
    const auto results = run_seeds(memory_machine(8), {.first = 1, .count = 40, .jobs = 2}, whole_life);
    ASSERT_TRUE(results) << results.error().text();
    ASSERT_EQ(results->size(), 40u);
    EXPECT_EQ(failures(*results), "");
}

TEST(Seeds, AFailureNamesItsSeedAndReason) {
    const auto results = run_seeds(memory_machine(1), {.first = 5, .count = 2},
                                   [](Machine&) -> Result<> { return fail("as it was told"); });
    ASSERT_TRUE(results);
    EXPECT_EQ((*results)[1].seed, 6u);
    EXPECT_EQ((*results)[1].failure, "as it was told\n");
    EXPECT_FALSE((*results)[1].bug_checked);
}

}  // namespace
}  // namespace ndiskit::setup
