// The words of an NBL that are others' while they have it: what a driver below writes to MiniportReserved, or one above
// to ProtocolReserved, must not reach the slab.
#include "edge/frame_slab.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "support/nt_machine.h"

namespace ndiskit::edge {
namespace {

void expect_found_after(Side side, void (*scribble)(NET_BUFFER_LIST& nbl)) {
    test::on_sim([&] {
        FrameSlab slab(side);
        ASSERT_TRUE(slab.create(nullptr, 2, 64));
        NET_BUFFER_LIST* nbl = slab.at(1);
        uint8_t* buffer = slab.buffer_of(nbl);
        scribble(*nbl);
        EXPECT_EQ(slab.buffer_of(nbl), buffer);
        EXPECT_EQ(slab.index_of(nbl), 1u);
    });
}

TEST(FrameSlab, ASenderKeepsNothingInTheMiniportsWords) {
    expect_found_after(Side::protocol, [](NET_BUFFER_LIST& nbl) { std::ranges::fill(nbl.MiniportReserved, nullptr); });
}

TEST(FrameSlab, AnIndicatorKeepsNothingInTheProtocolsWords) {
    expect_found_after(Side::miniport, [](NET_BUFFER_LIST& nbl) { std::ranges::fill(nbl.ProtocolReserved, nullptr); });
}

}  // namespace
}  // namespace ndiskit::edge
