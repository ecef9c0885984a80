// The words of an NBL that are others' while they have it: what a driver below writes to MiniportReserved, or
// one above to ProtocolReserved, must not reach the slab.
#include "edge/frame_slab.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace ndiskit::edge {
namespace {

TEST(FrameSlab, ASenderKeepsNothingInTheMiniportsWords) {
    FrameSlab slab(Side::protocol);
    ASSERT_TRUE(slab.create(nullptr, 2, 64));
    NET_BUFFER_LIST* nbl = slab.at(1);
    uint8_t* buffer = slab.buffer_of(nbl);
    std::ranges::fill(nbl->MiniportReserved, nullptr);
    EXPECT_EQ(slab.buffer_of(nbl), buffer);
    EXPECT_EQ(slab.index_of(nbl), 1u);
}

TEST(FrameSlab, AnIndicatorKeepsNothingInTheProtocolsWords) {
    FrameSlab slab(Side::miniport);
    ASSERT_TRUE(slab.create(nullptr, 2, 64));
    NET_BUFFER_LIST* nbl = slab.at(1);
    uint8_t* buffer = slab.buffer_of(nbl);
    std::ranges::fill(nbl->ProtocolReserved, nullptr);
    EXPECT_EQ(slab.buffer_of(nbl), buffer);
    EXPECT_EQ(slab.index_of(nbl), 1u);
}

}  // namespace
}  // namespace ndiskit::edge
