// What a machine file lets happen to a machine while it carries traffic.
#include "setup/events.h"

#include <gtest/gtest.h>

#include <stdexcept>

#include "engine/engine.h"
#include "ndis/library.h"
#include "setup/machine_file.h"
#include "setup/pnp_action.h"
#include "setup/seeds.h"
#include "setup/traffic.h"

namespace ndiskit::setup {
namespace {

Description memory_machine(uint32_t frames) {
    auto machine = read_machine_file(NDISKIT_SOURCE_DIR "/examples/memory.toml");
    if (!machine) throw std::runtime_error(machine.error().text());
    for (Traffic& traffic : machine->traffic) {
        traffic.frames = frames;
        traffic.loss = true;
        traffic.seconds = 0.03;
    }
    machine->nics[0].buffers = 128;
    return *machine;
}

void pass(engine::Time time) {
    const engine::Time until = engine::the().now() + time;
    while (engine::the().now() < until) engine::the().park(until);
}

TEST(Events, TrafficGoesOnUnderThem) {
    Description description = memory_machine(3000);
    description.events = {
        {.at = 0.0002, .every = 0.004, .times = 4, .gap = 0.0005, .spread = 0.002, .actions = {"sleep", "wake"}},
        {.at = 0.001, .every = 0.005, .times = 3, .actions = {"unbind mux lower", "bind mux lower"}},
        {.at = 0.0015, .every = 0.006, .times = 2, .gap = 0.001, .actions = {"surprise-remove lower", "enable lower"}},
        {.at = 0.002, .every = 0.003, .times = 3, .actions = {"pause left", "restart left", "battery", "mains"}},
        {.at = 0.0025, .gap = 0.0001, .actions = {"disable left", "enable left", "d3 right", "d0 right"}},
        {.at = 0.003, .actions = {"forbid-wake lower", "allow-wake lower", "reconfigure mux lower"}},
    };
    ASSERT_TRUE(check(description));
    const auto results = run_seeds(description, {.first = 1, .count = 20}, [&](Machine& machine) -> Result<> {
        uint64_t lost = 0;
        for (const FlowResult& flow : TRY(run_traffic(description))) {
            lost += flow.lost();
            if (!flow.intact())
                return fail(std::to_string(flow.received) + " of " + std::to_string(flow.sent) + " frames, " +
                            std::to_string(flow.damaged) + " damaged, " + std::to_string(flow.unordered) +
                            " out of order");
        }
        if (lost == 0) return fail("nothing was lost: nothing happened under traffic");
        pass(40 * engine::millisecond);
        machine.stop();
        uint64_t done = 0;
        for (const EventReport& event : machine.events()) {
            if (!event.good()) return fail(event.actions + ": " + event.error);
            done += event.done;
        }
        if (done != 4 * 2 + 3 * 2 + 2 * 2 + 3 * 4 + 4 + 3) return fail(std::to_string(done) + " actions were done");
        return {};
    });
    ASSERT_TRUE(results) << results.error().text();
    for (const SeedResult& result : *results) EXPECT_TRUE(result.good()) << result.seed << ": " << result.failure;
}

TEST(Events, WhatFailsIsToldAndTheRestGoesOn) {
    Description description = memory_machine(1);
    description.events = {{.actions = {"enable lower", "pause lower", "restart lower"}}};
    run_machine(description, {.sim = true}, [&](Machine& machine) {
        ASSERT_TRUE(machine.start());
        pass(engine::millisecond);
        EXPECT_EQ(machine.stop(), std::vector<std::string>{});
        ASSERT_EQ(machine.events().size(), 1u);
        const EventReport& event = machine.events()[0];
        EXPECT_EQ(event.actions, "enable lower, pause lower, restart lower");
        EXPECT_EQ(event.done, 2u);
        EXPECT_EQ(event.failed, 1u);
        EXPECT_NE(event.error.find("already started"), std::string::npos) << event.error;
    });
}

TEST(Events, OneThatComesAgainAndAgainEndsWithTheMachine) {
    Description description = memory_machine(1);
    description.events = {
        {.at = 0, .every = 0.001, .times = UINT64_MAX, .gap = 5, .actions = {"sleep", "wake"}}};
    run_machine(description, {.sim = true}, [&](Machine& machine) {
        ASSERT_TRUE(machine.start());
        pass(12 * engine::second);
        const auto views = ndis::adapters();
        EXPECT_EQ(views[0].power_state, 3u);  // the third sleep, 10 ms and two naps of 5 s later
        EXPECT_EQ(machine.stop(), std::vector<std::string>{});  // asleep
        EXPECT_EQ(machine.events()[0].done, 5u);
    });
}

TEST(PnpAction, WhatIsNotUnderstoodIsExplained) {
    const Description description = memory_machine(1);
    const auto refused = [&](const char* text) {
        const auto action = PnpAction::parse(description, text);
        return action ? std::string("understood") : action.error().text();
    };
    EXPECT_EQ(refused("  sleep "), "understood");
    EXPECT_EQ(refused("unbind\tmux  lower"), "understood");
    EXPECT_NE(refused("slep").find("did you mean 'sleep'"), std::string::npos) << refused("slep");
    EXPECT_NE(refused("pause").find("write 'pause ADAPTER'"), std::string::npos) << refused("pause");
    EXPECT_NE(refused("pause lover").find("did you mean 'lower'"), std::string::npos) << refused("pause lover");
    EXPECT_NE(refused("unbind max lower").find("did you mean 'mux'"), std::string::npos);
    EXPECT_NE(refused("sleep now").find("write 'sleep'"), std::string::npos);
    EXPECT_NE(refused("").find("there is no action"), std::string::npos);
}

}  // namespace
}  // namespace ndiskit::setup
