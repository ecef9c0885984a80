#include "wire/checksum.h"

#include <gtest/gtest.h>

#include "base/random.h"
#include "unit/wire/frames.h"

namespace ndiskit::wire {
namespace {

TEST(Checksum, AgreesWithTheBookAtEveryLengthAndAlignment) {
    Random random(1);
    test::Bytes bytes(300);
    for (auto& byte : bytes) byte = static_cast<uint8_t>(random.next());
    for (size_t start = 0; start < 9; ++start)
        for (size_t size = 0; start + size <= 100; ++size)
            EXPECT_EQ(checksum_add({&bytes[start], size}), test::naive_sum(&bytes[start], size));
}

TEST(Checksum, CompletesWhatTheKernelLeftPartial) {
    test::Bytes frame = test::udp6(333);
    const Headers headers = parse_headers(frame);
    store_be16(&frame[headers.transport + 6], pseudo_header_sum(frame, headers, 8 + 333));
    Offload offload{.needs_checksum = true, .checksum_start = headers.transport, .checksum_offset = 6};
    EXPECT_FALSE(transport_checksum_is_right(frame, headers));
    complete_checksum(frame, offload);
    EXPECT_FALSE(offload.needs_checksum);
    EXPECT_TRUE(transport_checksum_is_right(frame, headers));
    frame[100] ^= 1;
    EXPECT_FALSE(transport_checksum_is_right(frame, headers));
}

TEST(Checksum, LooksNoFurtherThanIpSays) {
    test::Bytes frame = test::tcp4(1);
    const Headers headers = parse_headers(frame);
    store_be16(&frame[headers.transport + 16], pseudo_header_sum(frame, headers, 21));
    Offload offload{.needs_checksum = true, .checksum_start = headers.transport, .checksum_offset = 16};
    complete_checksum(frame, offload);
    frame.resize(60, 0xaa);  // padding to the Ethernet minimum
    EXPECT_TRUE(transport_checksum_is_right(frame, headers));
}

}  // namespace
}  // namespace ndiskit::wire
