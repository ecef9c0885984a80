#include "wire/pcapng.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <array>

#include "unit/wire/frames.h"

namespace ndiskit::wire {
namespace {

std::string output_of(const std::string& command) {
    std::string text;
    std::FILE* pipe = ::popen(command.c_str(), "r");
    std::array<char, 4096> chunk;
    while (size_t got = std::fread(chunk.data(), 1, chunk.size(), pipe)) text.append(chunk.data(), got);
    ::pclose(pipe);
    return text;
}

TEST(Pcapng, TsharkReadsInterfacesTimesDirectionsAndBytes) {
    const std::string path = testing::TempDir() + "pcapng_test_" + std::to_string(::getpid()) + ".pcapng";
    {
        auto writer = PcapngWriter::create(path).value();
        EXPECT_EQ(writer.add_interface("lan0", "adapter"), 0u);
        EXPECT_EQ(writer.add_interface("vmp0", "virtual miniport"), 1u);
        const test::Bytes frame = test::tcp4(101);  // a length that needs padding
        const iovec whole{const_cast<uint8_t*>(frame.data()), frame.size()};
        writer.packet(0, 1'000'000'001, Direction::inbound, {&whole, 1});
        const iovec halves[] = {{whole.iov_base, 54}, {const_cast<uint8_t*>(&frame[54]), frame.size() - 54}};
        writer.packet(1, 2'000'000'002, Direction::outbound, halves);
        ASSERT_TRUE(writer.flush().has_value());
    }
    EXPECT_EQ(
        output_of("tshark -r " + path +
                  " -T fields -e frame.interface_name -e frame.time_epoch -e frame.packet_flags_direction -e "
                  "frame.len -e tcp.len 2>/dev/null"),
        "lan0\t1.000000001\t0x00000001\t155\t101\nvmp0\t2.000000002\t0x00000002\t155\t101\n");
    ::unlink(path.c_str());
}

TEST(Pcapng, SaysWhichFileCannotBeCreated) {
    EXPECT_NE(PcapngWriter::create("/nonexistent/x.pcapng").error().text().find("/nonexistent/x.pcapng"),
              std::string::npos);
}

}  // namespace
}  // namespace ndiskit::wire
