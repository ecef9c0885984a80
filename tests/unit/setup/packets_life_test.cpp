// The life of a protocol driver that programs send and receive through, on sim: its control device through
// the client library, while the stack below is paused, put to sleep and unbound.
#include <gtest/gtest.h>

#include "setup/seeds.h"
#include "support/packet_program.h"

namespace ndiskit::setup {
namespace {

constexpr uint32_t code(uint32_t function) { return client::control_code(0x12, function, 0, 3); }

// As tests/drivers/packets/packets.h has it.
const test::PacketDriver packets = {.image = NDISKIT_BUILD_DIR "/drivers/packets.sys",
                                    .service = "KITPACKETS",
                                    .device = "\\\\.\\KitPackets",
                                    .ether_type = 0x88b6,
                                    .open = code(0x900),
                                    .query_oid = code(0x901),
                                    .query_binding = code(0x902),
                                    .bind_wait = code(0x903)};

TEST(PacketsLife, TwoHundredSeeds) {
    const auto results =
        run_seeds(test::PacketLife::description(packets), {.first = 1, .count = 200, .jobs = 2},
                  [](Machine&) { return test::PacketLife(packets).live(); });
    ASSERT_TRUE(results.has_value()) << results.error().text();
    for (const SeedResult& result : *results)
        EXPECT_TRUE(result.good()) << "seed " << result.seed << ": " << result.failure;
}

// The program does not close its device, and its machine stops.
TEST(PacketsLife, AMachineThatStopsTakesTheDeviceFromItsProgram) {
    const auto results = run_seeds(test::PacketLife::description(packets), {.first = 1, .count = 20},
                                   [](Machine&) -> Result<> {
                                       auto machine = client::Machine::over(user_io::in_process_link());
                                       test::PacketProgram program(packets, std::move(*machine));
                                       if (!program.is_open() || !program.wait_for_bindings())
                                           return fail("the device does not open");
                                       if (!program.attach(program.bindings().at(0)).good())
                                           return fail("it does not attach");
                                       test::Frame buffer(1514);
                                       auto read = program.device().begin_read(buffer);
                                       return {};
                                   });
    ASSERT_TRUE(results.has_value()) << results.error().text();
    for (const SeedResult& result : *results)
        EXPECT_TRUE(result.good()) << "seed " << result.seed << ": " << result.failure;
}

}  // namespace
}  // namespace ndiskit::setup
