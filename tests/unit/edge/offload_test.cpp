// The way of a frame's offload work through the machine: as the kernel describes it, as NDIS describes it,
// and back.
#include "edge/offload.h"

#include <gtest/gtest.h>

#include "edge/frame_slab.h"
#include "edge/gather.h"
#include "support/nt_machine.h"
#include "unit/wire/frames.h"
#include "wire/checksum.h"

namespace ndiskit::edge {
namespace {

using wire::test::Bytes;

constexpr uint32_t slab_buffer = 70000;

// A frame in an NBL of a slab.
class Frame {
  public:
    explicit Frame(const Bytes& bytes) {
        EXPECT_TRUE(slab_.create(nullptr, 1, slab_buffer));
        nbl = slab_.take();
        std::ranges::copy(bytes, slab_.buffer_of(nbl));
        FrameSlab::set_data(nbl, 0, static_cast<uint32_t>(bytes.size()));
    }
    ~Frame() { slab_.give_back(nbl); }
    NET_BUFFER* nb() const { return NET_BUFFER_LIST_FIRST_NB(nbl); }
    std::span<uint8_t> bytes() const { return {slab_.buffer_of(nbl), NET_BUFFER_DATA_LENGTH(nb())}; }

    NET_BUFFER_LIST* nbl;

  private:
    FrameSlab slab_{Side::protocol};
};

Bytes joined(const Outbound& out) {
    Bytes all;
    for (const iovec& piece : out.pieces()) {
        const auto* bytes = static_cast<const uint8_t*>(piece.iov_base);
        all.insert(all.end(), bytes, bytes + piece.iov_len);
    }
    return all;
}

void expect_ready_for_gso(const Bytes& frame, const Bytes& original, const wire::Offload& offload) {
    const wire::Headers headers = wire::parse_headers(frame);
    EXPECT_EQ(wire::load_be16(&frame[headers.network + 2]), frame.size() - headers.network);
    EXPECT_EQ(wire::test::naive_sum(&frame[headers.network], 20), 0xffff);
    EXPECT_EQ(Bytes(frame.begin() + headers.payload, frame.end()),
              Bytes(original.begin() + headers.payload, original.end()));
    EXPECT_EQ(offload.gso, wire::Gso::tcp4);
    EXPECT_EQ(offload.checksum_start, headers.transport);
    EXPECT_EQ(offload.header_size, headers.payload);
    // Completing what is owed gives a frame whose checksum is right.
    Bytes done = frame;
    wire::Offload owed = offload;
    wire::complete_checksum(done, owed);
    EXPECT_TRUE(wire::transport_checksum_is_right(done, headers));
}

TEST(Offload, ALargeSendHasTheFormThatNdisAsksForAndLeavesAsGso) {
    test::on_sim([] {
        const Bytes original = wire::test::tcp4(20000);
        Frame frame(original);
        const wire::Headers headers = wire::parse_headers(original);
        ASSERT_TRUE(describe_send(frame.nbl, frame.bytes(),
                                  {.needs_checksum = true,
                                   .checksum_start = headers.transport,
                                   .checksum_offset = 16,
                                   .gso = wire::Gso::tcp4,
                                   .segment_size = 1448,
                                   .header_size = headers.payload}));
        NDIS_TCP_LARGE_SEND_OFFLOAD_NET_BUFFER_LIST_INFO large;
        large.Value = NET_BUFFER_LIST_INFO(frame.nbl, TcpLargeSendNetBufferListInfo);
        EXPECT_EQ(large.LsoV2Transmit.MSS, 1448u);
        EXPECT_EQ(large.LsoV2Transmit.TcpHeaderOffset, headers.transport);
        EXPECT_EQ(large.LsoV2Transmit.Type, static_cast<ULONG>(NDIS_TCP_LARGE_SEND_OFFLOAD_V2_TYPE));
        EXPECT_EQ(large.LsoV2Transmit.IPVersion, static_cast<ULONG>(NDIS_TCP_LARGE_SEND_OFFLOAD_IPv4));
        EXPECT_EQ(wire::load_be16(&frame.bytes()[headers.network + 2]), 0);
        EXPECT_EQ(wire::load_be16(&frame.bytes()[headers.transport + 16]),
                  wire::pseudo_header_sum(original, headers, 0));

        Outbound out;
        ASSERT_TRUE(outbound_of_send(frame.nbl, frame.nb(), out));
        EXPECT_EQ(out.offload.segment_size, 1448);
        expect_ready_for_gso(joined(out), original, out.offload);

        complete_large_send(frame.nbl);
        large.Value = NET_BUFFER_LIST_INFO(frame.nbl, TcpLargeSendNetBufferListInfo);
        EXPECT_EQ(large.LsoV2TransmitComplete.Reserved, 0u);
        EXPECT_EQ(large.LsoV2TransmitComplete.Type, static_cast<ULONG>(NDIS_TCP_LARGE_SEND_OFFLOAD_V2_TYPE));
    });
}

TEST(Offload, AChecksumThatIsLeftToTheAdapterStaysOwed) {
    test::on_sim([] {
        const Bytes original = wire::test::udp6(100);
        Frame frame(original);
        const wire::Headers headers = wire::parse_headers(original);
        ASSERT_TRUE(describe_send(
            frame.nbl, frame.bytes(),
            {.needs_checksum = true, .checksum_start = headers.transport, .checksum_offset = 6}));
        NDIS_TCP_IP_CHECKSUM_NET_BUFFER_LIST_INFO checksum;
        checksum.Value = NET_BUFFER_LIST_INFO(frame.nbl, TcpIpChecksumNetBufferListInfo);
        EXPECT_TRUE(checksum.Transmit.IsIPv6 && checksum.Transmit.UdpChecksum);
        EXPECT_FALSE(checksum.Transmit.IsIPv4 || checksum.Transmit.TcpChecksum);
        Outbound out;
        ASSERT_TRUE(outbound_of_send(frame.nbl, frame.nb(), out));
        EXPECT_TRUE(out.offload.needs_checksum);
        EXPECT_EQ(out.offload.checksum_start, headers.transport);
        EXPECT_EQ(out.offload.checksum_offset, 6);
        EXPECT_EQ(joined(out), original);
    });
}

TEST(Offload, AReceivedGsoFrameIsACoalescedSegmentAndLeavesAsGso) {
    test::on_sim([] {
        const Bytes original = wire::test::tcp4(14480);
        Frame frame(original);
        describe_received(frame.nbl, frame.bytes(), {.gso = wire::Gso::tcp4, .segment_size = 1448});
        NDIS_RSC_NBL_INFO coalesced;
        coalesced.Value = NET_BUFFER_LIST_INFO(frame.nbl, TcpRecvSegCoalesceInfo);
        EXPECT_EQ(coalesced.Info.CoalescedSegCount, 10);
        NDIS_TCP_IP_CHECKSUM_NET_BUFFER_LIST_INFO checksum;
        checksum.Value = NET_BUFFER_LIST_INFO(frame.nbl, TcpIpChecksumNetBufferListInfo);
        EXPECT_TRUE(checksum.Receive.TcpChecksumSucceeded && checksum.Receive.IpChecksumSucceeded);
        EXPECT_TRUE(checksum.Receive.TcpChecksumValueInvalid);
        Outbound out;
        ASSERT_TRUE(outbound_of_receive(frame.nbl, frame.nb(), out));
        EXPECT_EQ(out.offload.segment_size, 1448);
        expect_ready_for_gso(joined(out), original, out.offload);
        // The received data itself is not the transport's to change.
        EXPECT_TRUE(std::ranges::equal(frame.bytes(), original));
    });
}

TEST(Offload, APlainFramePassesInItsOwnPieces) {
    test::on_sim([] {
        const Bytes original = wire::test::tcp4(10);
        Frame frame(original);
        describe_received(frame.nbl, frame.bytes(), {.checksum_valid = true});
        Outbound out;
        ASSERT_TRUE(outbound_of_receive(frame.nbl, frame.nb(), out));
        EXPECT_EQ(out.count, 1u);
        EXPECT_EQ(out.parts[0].iov_base, frame.bytes().data());
        EXPECT_TRUE(out.offload.checksum_valid);
    });
}

TEST(Offload, RefusesASendWhoseHeadersAreNotWhatTheOffloadClaims) {
    test::on_sim([] {
        Frame frame(Bytes(60));
        EXPECT_FALSE(describe_send(frame.nbl, frame.bytes(), {.needs_checksum = true, .checksum_start = 34}));
        Frame tcp(wire::test::tcp4(100));
        EXPECT_FALSE(describe_send(tcp.nbl, tcp.bytes(), {.needs_checksum = true, .checksum_start = 20}));
    });
}

}  // namespace
}  // namespace ndiskit::edge
