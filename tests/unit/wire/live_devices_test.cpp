// The devices of the host that src/wire drives, on real interfaces in a network namespace of the test's own.
#include <arpa/inet.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <sys/socket.h>

#include "support/network_namespace.h"
#include "unit/wire/frames.h"
#include "wire/checksum.h"
#include "wire/packet_socket.h"
#include "wire/tap_device.h"

namespace ndiskit::wire {
namespace {

using test::Bytes;

class LiveDevices : public testing::Test {
  protected:
    void SetUp() override {
        if (!ndiskit::test::enter_network_namespace())
            GTEST_SKIP() << "network namespaces are not allowed here";
        if (!ndiskit::test::has_packet_sockets()) GTEST_SKIP() << "packet sockets are not allowed here";
    }

    static void make_veth() {
        ASSERT_TRUE(ndiskit::test::shell(
            "ip link add va type veth peer name vb && ip link set va addrgenmode none up && "
            "ip link set vb addrgenmode none up && ip addr add 10.9.0.1/24 dev vb && "
            "ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:09 dev vb"));
    }

    // The first frame that arrives within two seconds and is `wanted`.
    static PacketSocket::Received receive(PacketSocket& socket, auto&& wanted) {
        PacketSocket::Received frame{};
        for (int tries = 0; tries < 20; ++tries) {
            pollfd event{socket.descriptor(), POLLIN, 0};
            ::poll(&event, 1, 100);
            while (socket.receive({&frame, 1}) == 1) {
                if (wanted(frame)) return frame;
                socket.give_back(frame.slot);
            }
        }
        ADD_FAILURE() << "no frame came";
        return {};
    }

    static void send(PacketSocket& socket, const Bytes& frame, const Offload& offload = {}) {
        const iovec buffer{const_cast<uint8_t*>(frame.data()), frame.size()};
        const PacketSocket::Outgoing outgoing{&buffer, 1, offload};
        int error = 0;
        ASSERT_EQ(socket.send({&outgoing, 1}, error), 1u) << strerror(error);
    }
};

bool is_tcp(const PacketSocket::Received& frame) {
    return parse_headers({frame.data, frame.size}).protocol == protocol_tcp;
}
bool is_udp(const PacketSocket::Received& frame) {
    return parse_headers({frame.data, frame.size}).protocol == protocol_udp;
}

TEST_F(LiveDevices, VlanTagsThatTheKernelStrippedArePutBack) {
    make_veth();
    auto a = PacketSocket::open("va", {.slots = 15}).value();
    auto b = PacketSocket::open("vb", {.slots = 15}).value();
    const Bytes sent = test::tcp4(100, 0x10, 0x6123);
    send(b, sent);
    const auto frame = receive(a, is_tcp);
    EXPECT_EQ(Bytes(frame.data, frame.data + frame.size), sent);
    a.give_back(frame.slot);
}

TEST_F(LiveDevices, PartialChecksumsAreOwedAndCanBeCompleted) {
    make_veth();
    auto a = PacketSocket::open("va", {.slots = 15}).value();
    const Descriptor udp(::socket(AF_INET, SOCK_DGRAM, 0));
    sockaddr_in to{
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {inet_addr("10.9.0.2")}, .sin_zero = {}};
    ASSERT_EQ(::sendto(udp.get(), "partial", 7, 0, reinterpret_cast<sockaddr*>(&to), sizeof to), 7);
    auto frame = receive(a, is_udp);
    const std::span<uint8_t> bytes(frame.data, frame.size);
    ASSERT_TRUE(frame.offload.needs_checksum);
    complete_checksum(bytes, frame.offload);
    EXPECT_TRUE(transport_checksum_is_right(bytes, parse_headers(bytes)));
    a.give_back(frame.slot);
}

TEST_F(LiveDevices, GsoFramesCrossWhole) {
    make_veth();
    auto a = PacketSocket::open("va", {.slots = 15}).value();
    auto b = PacketSocket::open("vb", {.slots = 15}).value();
    Bytes sent = test::tcp4(30000);
    const Headers headers = parse_headers(sent);
    complete_ipv4_checksum(sent, headers);
    store_be16(&sent[headers.transport + 16],
               pseudo_header_sum(sent, headers, static_cast<uint32_t>(sent.size() - headers.transport)));
    send(b, sent,
         {.needs_checksum = true,
          .checksum_start = headers.transport,
          .checksum_offset = 16,
          .gso = Gso::tcp4,
          .segment_size = 1448,
          .header_size = headers.payload});
    const auto frame = receive(a, is_tcp);
    EXPECT_EQ(frame.size, sent.size());
    EXPECT_EQ(frame.offload.gso, Gso::tcp4);
    EXPECT_EQ(frame.offload.segment_size, 1448);
    a.give_back(frame.slot);
}

TEST_F(LiveDevices, TheRingIsUsedRoundAndCountsWhatDidNotFit) {
    make_veth();
    auto a = PacketSocket::open("va", {.slots = 15}).value();
    auto b = PacketSocket::open("vb", {.slots = 15}).value();
    for (int i = 0; i < 40; ++i) {
        const Bytes sent = test::tcp4(static_cast<size_t>(100 + i));
        send(b, sent);
        const auto frame = receive(a, is_tcp);
        EXPECT_EQ(frame.size, sent.size());
        a.give_back(frame.slot);
    }
    EXPECT_EQ(a.counters().dropped_by_kernel, 0u);
    for (int i = 0; i < 40; ++i) send(b, test::tcp4(100));
    EXPECT_GT(a.counters().dropped_by_kernel, 0u);
}

TEST_F(LiveDevices, TapCarriesFramesBothWays) {
    if (!ndiskit::test::has_tun()) GTEST_SKIP() << "there is no tun device here";
    auto tap = TapDevice::create("tap0", {}).value();
    ASSERT_TRUE(ndiskit::test::shell(
        "ip link set tap0 addrgenmode none && ip addr add 10.9.0.1/24 dev tap0 && "
        "ip link set tap0 up && ip neigh add 10.9.0.2 lladdr 02:00:00:00:00:09 dev tap0"));
    const Descriptor udp(::socket(AF_INET, SOCK_DGRAM, 0));
    sockaddr_in here{
        .sin_family = AF_INET, .sin_port = htons(2000), .sin_addr = {INADDR_ANY}, .sin_zero = {}};
    ASSERT_EQ(::bind(udp.get(), reinterpret_cast<sockaddr*>(&here), sizeof here), 0);
    sockaddr_in to{
        .sin_family = AF_INET, .sin_port = htons(9), .sin_addr = {inet_addr("10.9.0.2")}, .sin_zero = {}};
    ASSERT_EQ(::sendto(udp.get(), "to the tap", 10, 0, reinterpret_cast<sockaddr*>(&to), sizeof to), 10);
    Bytes frame(2000);
    Offload offload;
    ssize_t size = 0;
    do {
        pollfd event{tap.descriptor(), POLLIN, 0};
        ASSERT_EQ(::poll(&event, 1, 2000), 1);
        const iovec buffer{frame.data(), frame.size()};
        size = tap.read({&buffer, 1}, offload);
        ASSERT_GT(size, 0);
    } while (parse_headers({frame.data(), static_cast<size_t>(size)}).protocol != protocol_udp);
    frame.resize(static_cast<size_t>(size));
    EXPECT_TRUE(offload.needs_checksum);
    // Send it back with ends exchanged, in two buffers.
    std::swap_ranges(&frame[0], &frame[6], &frame[6]);
    std::swap_ranges(&frame[26], &frame[30], &frame[30]);
    std::swap_ranges(&frame[34], &frame[36], &frame[36]);
    store_be16(&frame[36], 2000);
    const iovec buffers[] = {{frame.data(), 20}, {&frame[20], frame.size() - 20}};
    ASSERT_EQ(tap.write(buffers, offload), 0);
    char text[20];
    pollfd event{udp.get(), POLLIN, 0};
    ASSERT_EQ(::poll(&event, 1, 2000), 1);
    EXPECT_EQ(::recv(udp.get(), text, sizeof text, 0), 10);
}

TEST_F(LiveDevices, ErrorsNameTheInterface) {
    EXPECT_NE(PacketSocket::open("nosuch", {}).error().text().find("interface 'nosuch'"), std::string::npos);
    EXPECT_NE(TapDevice::create("a-name-that-is-too-long", {}).error().text().find("1 to 15"),
              std::string::npos);
}

}  // namespace
}  // namespace ndiskit::wire
