// The whole life of mux.sys on sim, under a thousand seeds: load, bind, two virtual miniports, traffic both
// ways with disasters in it (pause and restart of either edge, sleep and wake, unbind and bind again under
// traffic), and unload with nothing left. When the disasters stop, everything must have completed and traffic
// must flow again.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <filesystem>
#include <fstream>
#include <iterator>

#include "engine/engine.h"
#include "ndis/library.h"
#include "nic/segment.h"
#include "nt/abi.h"
#include "nt/ke/thread.h"
#include "setup/seeds.h"
#include "transport/memory_endpoint.h"

namespace ndiskit::setup {
namespace {

using transport::MemoryEndpoint;
using Frame = std::vector<uint8_t>;

constexpr wire::MacAddress peer = {2, 9, 9, 9, 9, 9};
constexpr wire::MacAddress broadcast = {0xff, 0xff, 0xff, 0xff, 0xff, 0xff};

Description two_ports() {
    Description description;
    description.nics.push_back({.name = "lan", .type = "memory", .interface = "hub", .offload = false});
    description.drivers.push_back({.name = "mux",
                                   .image = NDISKIT_BUILD_DIR "/drivers/mux.sys",
                                   .kind = DriverKind::intermediate,
                                   .protocol_service = "ndkmux",
                                   .miniport_service = "ndkmuxmp"});
    for (const char* name : {"left", "right"}) {
        description.virtuals.push_back({.name = name, .driver = "mux", .over = {"lan"}});
        description.transports.push_back(
            {.name = std::string("host-") + name, .type = "memory", .over = name, .interface = name});
    }
    return description;
}

// A frame whose payload is a function of its length and its number, so that the receiver can check it.
Frame make_frame(const wire::MacAddress& to, const wire::MacAddress& from, uint32_t number) {
    Frame frame(to.begin(), to.end());
    frame.insert(frame.end(), from.begin(), from.end());
    frame.insert(frame.end(), {0x88, 0xb5});
    for (int shift = 24; shift >= 0; shift -= 8) frame.push_back(static_cast<uint8_t>(number >> shift));
    const size_t size = 60 + engine::the().draw(1440);
    while (frame.size() < size) frame.push_back(static_cast<uint8_t>(frame.size() * 7 + number));
    return frame;
}

bool is_whole(const Frame& frame) {
    if (frame.size() < 18 || frame[12] != 0x88 || frame[13] != 0xb5) return false;
    const uint32_t number = wire::load_be32(&frame[14]);
    for (size_t i = 18; i < frame.size(); ++i)
        if (frame[i] != static_cast<uint8_t>(i * 7 + number)) return false;
    return true;
}

void nap() {
    LARGE_INTEGER time;
    time.QuadPart = -static_cast<int64_t>(1 + engine::the().draw(20000));  // up to 2 ms
    KeDelayExecutionThread(KernelMode, FALSE, &time);
}

struct Tally {
    std::atomic<uint64_t> submitted = 0;
    std::atomic<bool> stop = false;
};

void send_from(MemoryEndpoint& endpoint, Tally& tally) {
    for (int round = 0; round < 12; ++round) {
        std::vector<Frame> frames(1 + engine::the().draw(8));
        for (Frame& frame : frames)
            frame = make_frame(engine::the().draw(4) == 0 ? broadcast : peer, endpoint.mac(), round);
        tally.submitted += endpoint.send(frames);
        nap();
    }
}

void send_from_wire(nic::Probe& probe, const std::vector<wire::MacAddress>& stations, const Tally& tally) {
    for (uint32_t number = 0; !tally.stop; ++number) {
        const uint64_t which = engine::the().draw(stations.size() + 1);
        probe.send(make_frame(which == stations.size() ? broadcast : stations[which], peer, number));
        nap();
    }
}

std::u16string guid_of(bool is_virtual) {
    for (const auto& adapter : ndis::adapters())
        if (adapter.is_virtual == is_virtual) return {adapter.guid.begin(), adapter.guid.end()};
    return {};
}

Result<> one_disaster() {
    switch (engine::the().draw(3)) {
        case 0:
        case 1: {
            const std::u16string adapter = guid_of(engine::the().draw(2) == 0);
            TRY(ndis::pause_adapter(adapter));
            nap();
            TRY(ndis::restart_adapter(adapter));
            return {};
        }
        default:
            TRY(ndis::sleep_system());
            nap();
            ndis::wake_system();
            return {};
    }
}

Result<> check_frames(const char* who, const std::vector<Frame>& frames) {
    for (const Frame& frame : frames)
        if (!is_whole(frame)) return fail("a frame was damaged on its way", who);
    return {};
}

// One frame each way, now that all is quiet.
Result<> check_flow(nic::Probe& probe) {
    for (const char* name : {"left", "right"}) {
        MemoryEndpoint* endpoint = transport::find_memory_endpoint(name);
        if (!endpoint) return fail("the transport is not bound", name);
        endpoint->take();
        probe.take();
        const std::vector<Frame> out = {make_frame(peer, endpoint->mac(), 1)};
        if (endpoint->send(out) != 1) return fail("a quiet binding refuses to send", name);
        for (int i = 0; i < 4; ++i) nap();
        if (probe.take() != out) return fail("the frame did not reach the wire", name);
        const Frame in = make_frame(endpoint->mac(), peer, 2);
        probe.send(in);
        for (int i = 0; i < 4; ++i) nap();
        const std::vector<Frame> heard = endpoint->take();
        if (heard != std::vector<Frame>{in})
            return fail(fmt::format("{} frames came up where one was sent", heard.size()), name);
    }
    return {};
}

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
