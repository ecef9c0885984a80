// What a capture holds: each edge once, by name, and every frame that crossed it from the first on.
#include "setup/capture.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>

#include "base/file.h"
#include "mux_traffic.h"

namespace ndiskit::setup {
namespace {

struct Recorded {
    std::vector<std::string> edges;
    std::map<std::string, uint64_t> packets;
};

uint32_t u32(const std::vector<std::byte>& data, size_t at) {
    uint32_t value;
    std::memcpy(&value, &data.at(at + 3) - 3, sizeof value);
    return value;
}

// Blocks of draft-ietf-opsawg-pcapng: 1 describes an interface (its option 2 is the name), 6 is a packet.
Recorded read_capture(const std::string& file) {
    Recorded result;
    const auto data = read_file(file);
    if (!data) return result;
    constexpr uint32_t interface_block = 1, packet_block = 6;
    for (size_t at = 0; at + 12 <= data->size(); at += u32(*data, at + 4)) {
        if (u32(*data, at) == interface_block) {
            constexpr uint32_t name_option = 2;
            const uint32_t option = u32(*data, at + 16);
            EXPECT_EQ(option & 0xFFFF, name_option);
            result.edges.emplace_back(reinterpret_cast<const char*>(&(*data)[at + 20]), option >> 16);
        } else if (u32(*data, at) == packet_block) {
            ++result.packets[result.edges.at(u32(*data, at + 8))];
        }
    }
    return result;
}

TEST(Capture, BeginsWithTheFirstFrame) {
    const std::string file = testing::TempDir() + "first.pcapng";
    uint64_t received_at_start = 0, received = 0;
    run_machine(two_ports(), {.sim = true, .seed = 1}, [&](Machine& machine) {
        auto capture = Capture::start(file);
        ASSERT_TRUE(capture) << capture.error().text();
        nic::Probe probe(nic::segment("hub"));
        Tally tally;
        auto wire_side = nt::Thread::start("wire", [&] {
            for (uint32_t number = 0; !tally.stop; ++number) {
                probe.send(make_frame(broadcast, peer, number));
                engine::the().spin(number);
            }
        });
        const auto received_below = [] {
            uint64_t packets = 0;
            for (const auto& adapter : ndis::adapters())
                if (!adapter.is_virtual) packets += adapter.receives.packets;
            return packets;
        };
        const Result<> started = machine.start();
        EXPECT_TRUE(started) << started.error().text();
        received_at_start = received_below();
        tally.stop = true;
        wire_side.join();
        for (int i = 0; i < 4; ++i) nap();
        received = received_below();
        const Result<> finished = (*capture)->finish();
        EXPECT_TRUE(finished) << finished.error().text();
        machine.stop();
    });
    EXPECT_GT(received_at_start, 0u);
    Recorded recorded = read_capture(file);
    std::ranges::sort(recorded.edges);
    EXPECT_EQ(recorded.edges,
              (std::vector<std::string>{"lan", "left", "ndkmux over lan", "ndktransport over left",
                                        "ndktransport over right", "right"}));
    EXPECT_EQ(recorded.packets.at("lan"), received);
}

}  // namespace
}  // namespace ndiskit::setup
