// The whole life of mux.sys on sim, under a thousand seeds: load, bind, two virtual miniports, traffic both
// ways with disasters in it (pause and restart of either edge, sleep and wake, unbind and bind again under
// traffic), and unload with nothing left. When the disasters stop, everything must have completed and traffic
// must flow again.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "mux_traffic.h"
#include "setup/seeds.h"

namespace ndiskit::setup {
namespace {

Result<> live_through(Machine&) {
    nic::Probe probe(nic::segment("hub"));
    MemoryEndpoint* left = transport::find_memory_endpoint("left");
    MemoryEndpoint* right = transport::find_memory_endpoint("right");
    if (!left || !right) return fail("a transport is not bound");
    Tally tally;
    const std::vector<wire::MacAddress> stations = {left->mac(), right->mac()};
    auto wire_side = nt::Thread::start("wire", [&] { send_from_wire(probe, stations, tally); });
    auto left_side = nt::Thread::start("left", [&] { send_from(*left, tally); });
    auto right_side = nt::Thread::start("right", [&] { send_from(*right, tally); });
    Result<> result;
    for (uint64_t i = engine::the().draw(4); i > 0 && result; --i) {
        nap();
        result = one_disaster();
    }
    left_side.join();
    right_side.join();
    if (result) result = check_frames("left", left->take());
    if (result) result = check_frames("right", right->take());
    if (result && left->completed() + right->completed() != tally.submitted)
        result = fail(fmt::format("{} sends of {} completed", left->completed() + right->completed(),
                                  tally.submitted.load()));
    if (result && engine::the().draw(2) == 0) {
        const std::u16string lower = guid_of(false);
        result = ndis::unbind(u"ndkmux", lower);
        nap();
        if (result) result = ndis::bind(u"ndkmux", lower);
    }
    tally.stop = true;
    wire_side.join();
    if (result) result = check_frames("wire", probe.take());
    return result ? check_flow(probe) : result;
}

void expect_good(const std::vector<SeedResult>& results) {
    for (const SeedResult& result : results) {
        EXPECT_TRUE(result.good()) << "seed " << result.seed << ": " << result.failure;
        EXPECT_NE(result.hash, 0u);
    }
}

TEST(MuxLife, AThousandSeeds) {
    const auto results = run_seeds(two_ports(), {.first = 1, .count = 1000, .jobs = 2}, live_through);
    ASSERT_TRUE(results.has_value()) << results.error().text();
    ASSERT_EQ(results->size(), 1000u);
    expect_good(*results);
}

std::string content_of(const std::string& path) {
    std::ifstream file(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
}

// Runs the seeds in a process of its own, as a second call of the command would; their traces land in
// `folder`.
bool trace_seeds(uint64_t first, uint64_t count, const std::string& folder) {
    std::filesystem::create_directory(folder);
    const pid_t child = ::fork();
    if (child == 0) {
        const auto results =
            run_seeds(two_ports(), {.first = first, .count = count, .trace_folder = folder}, live_through);
        ::_exit(results && std::ranges::all_of(*results, &SeedResult::good) ? 0 : 1);
    }
    int status = -1;
    return ::waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0;
}

TEST(MuxLife, TheSameSeedGivesTheSameTraceByteForByte) {
    const std::string base = testing::TempDir() + "mux_life_" + std::to_string(::getpid());
    ASSERT_TRUE(trace_seeds(7, 3, base + "_once"));
    ASSERT_TRUE(trace_seeds(7, 3, base + "_again"));
    std::vector<std::string> traces;
    for (int seed = 7; seed < 10; ++seed) {
        const std::string name = fmt::format("/seed-{}.trace", seed);
        traces.push_back(content_of(base + "_once" + name));
        EXPECT_GT(traces.back().size(), 1000u);
        EXPECT_TRUE(traces.back() == content_of(base + "_again" + name)) << "seed " << seed;
    }
    EXPECT_NE(traces[0], traces[1]);
    std::filesystem::remove_all(base + "_once");
    std::filesystem::remove_all(base + "_again");
}

}  // namespace
}  // namespace ndiskit::setup
