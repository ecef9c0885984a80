#include "wire/segment.h"

#include <gtest/gtest.h>

#include "unit/wire/frames.h"
#include "wire/checksum.h"

namespace ndiskit::wire {
namespace {

using test::Bytes;

std::vector<Bytes> cut(const Bytes& frame, const Offload& offload) {
    std::vector<Bytes> segments;
    Segmenter segmenter;
    const size_t count = segmenter.segment(
        frame, offload,
        [](void* context, std::span<uint8_t> segment) {
            static_cast<std::vector<Bytes>*>(context)->emplace_back(segment.begin(), segment.end());
        },
        &segments);
    EXPECT_EQ(count, segments.size());
    return segments;
}

void expect_right_checksums(const Bytes& segment, bool ipv6) {
    const Headers headers = parse_headers(segment);
    EXPECT_TRUE(transport_checksum_is_right(segment, headers));
    if (!ipv6) {
        EXPECT_EQ(test::naive_sum(&segment[headers.network], 20), 0xffff);
    }
}

TEST(Segment, TcpOverIpv4) {
    const Bytes frame = test::tcp4(2500, 0x99);  // CWR ACK PSH FIN
    const auto segments = cut(frame, {.gso = Gso::tcp4, .segment_size = 1000});
    ASSERT_EQ(segments.size(), 3u);
    Bytes payload;
    for (size_t i = 0; i < segments.size(); ++i) {
        const Bytes& segment = segments[i];
        expect_right_checksums(segment, false);
        EXPECT_EQ(load_be16(&segment[16]), segment.size() - 14);
        EXPECT_EQ(load_be16(&segment[18]), 0x1234 + i);
        EXPECT_EQ(load_be32(&segment[38]), static_cast<uint32_t>(0xfffffff0u + 1000 * i));
        EXPECT_EQ(segment[47], i == 0 ? 0x90 : i == 2 ? 0x19 : 0x10);
        payload.insert(payload.end(), segment.begin() + 54, segment.end());
    }
    EXPECT_EQ(segments[2].size(), 554u);
    EXPECT_EQ(payload, Bytes(frame.begin() + 54, frame.end()));
}

TEST(Segment, KeepsVlanTag) {
    const auto segments = cut(test::tcp4(1200, 0x10, 42), {.gso = Gso::tcp4, .segment_size = 1000});
    ASSERT_EQ(segments.size(), 2u);
    for (const Bytes& segment : segments) {
        EXPECT_EQ(load_be16(&segment[14]), 42);
        expect_right_checksums(segment, false);
    }
}

TEST(Segment, UdpOverIpv6) {
    const auto segments = cut(test::udp6(700), {.gso = Gso::udp, .segment_size = 300});
    ASSERT_EQ(segments.size(), 3u);
    for (const Bytes& segment : segments) {
        expect_right_checksums(segment, true);
        EXPECT_EQ(load_be16(&segment[18]), segment.size() - 54);
        EXPECT_EQ(load_be16(&segment[58]), segment.size() - 54);
    }
}

TEST(Segment, RefusesHeadersThatAreNotWhatTheOffloadClaims) {
    EXPECT_TRUE(cut(test::tcp4(2000), {.gso = Gso::tcp6, .segment_size = 1000}).empty());
    EXPECT_TRUE(cut(test::tcp4(2000), {.gso = Gso::udp, .segment_size = 1000}).empty());
    EXPECT_TRUE(cut(test::tcp4(2000), {.gso = Gso::tcp4, .segment_size = 0}).empty());
    EXPECT_TRUE(cut(Bytes(20), {.gso = Gso::tcp4, .segment_size = 1000}).empty());
}

}  // namespace
}  // namespace ndiskit::wire
