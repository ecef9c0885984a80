#include "client/protocol.h"

#include <gtest/gtest.h>

#include "client/device.h"

namespace ndiskit::client {
namespace {

using Bytes = std::vector<uint8_t>;

Message control(uint32_t room, uint32_t first, std::span<const uint8_t> bytes) {
    Message message;
    message.kind = Kind::control;
    message.lane = 3;
    message.id = 0x1122334455667788;
    message.handle = 9;
    message.code = 0x12C800;
    message.room = room;
    message.first = first;
    message.bytes = bytes;
    return message;
}

TEST(Protocol, AFrameComesBackAsItWent) {
    const Bytes data{1, 2, 3, 4, 5};
    const Bytes frame = encode(control(3, 2, data));
    ASSERT_EQ(frame.size(), head_size + 5);
    EXPECT_EQ(frame[0], head_size + 5 - 4);
    const auto back = decode(frame);
    ASSERT_TRUE(back);
    EXPECT_EQ(back->id, 0x1122334455667788u);
    EXPECT_EQ(back->lane, 3);
    EXPECT_EQ(back->handle, 9u);
    EXPECT_EQ(back->room, 3u);
    EXPECT_EQ(Bytes(back->bytes.begin(), back->bytes.end()), data);
}

TEST(Protocol, SizesThatContradictEachOtherAreRefused) {
    const Bytes data(5);
    EXPECT_TRUE(decode(encode(control(3, 2, data))));
    EXPECT_TRUE(decode(encode(control(100, 5, data))));  // output that the driver need not see
    EXPECT_FALSE(decode(encode(control(3, 6, data))));   // more input than there is
    EXPECT_FALSE(decode(encode(control(4, 2, data))));   // neither no output nor all of it
    EXPECT_FALSE(decode(encode(control(most_bytes + 1, 5, data))));
    Message message = control(0, 0, {});
    message.lane = most_lanes;
    EXPECT_FALSE(decode(encode(message)));
    message.lane = 0;
    message.kind = static_cast<Kind>(17);
    EXPECT_FALSE(decode(encode(message)));
    Bytes frame = encode(control(3, 2, data));
    frame.pop_back();
    EXPECT_FALSE(decode(frame));
    EXPECT_FALSE(decode(Bytes{1, 0, 0, 0, 1}));
}

TEST(Protocol, AStreamIsCutIntoFramesWhereverItBreaks) {
    const Bytes data(5, 7);
    Bytes stream;
    for (int i = 0; i < 3; ++i) {
        const Bytes frame = encode(control(3, 2, data));
        stream.insert(stream.end(), frame.begin(), frame.end());
    }
    for (size_t piece = 1; piece < stream.size(); ++piece) {
        Splitter splitter;
        size_t frames = 0;
        for (size_t at = 0; at < stream.size(); at += piece) {
            splitter.add(std::span(stream).subspan(at, std::min(piece, stream.size() - at)));
            for (auto frame = splitter.next(); !frame.empty(); frame = splitter.next()) {
                EXPECT_TRUE(decode(frame));
                ++frames;
            }
        }
        EXPECT_EQ(frames, 3u);
        EXPECT_FALSE(splitter.broken());
    }
}

TEST(Protocol, ALengthThatNoFrameHasBreaksTheStream) {
    for (const Bytes& start : {Bytes{0, 0, 0, 0}, Bytes{0xFF, 0xFF, 0xFF, 0xFF}, Bytes{35, 0, 0, 0}}) {
        Splitter splitter;
        splitter.add(start);
        EXPECT_TRUE(splitter.next().empty());
        EXPECT_TRUE(splitter.broken());
    }
}

TEST(Status, KnownOnesHaveNames) {
    EXPECT_EQ(status_text(static_cast<int32_t>(0xC0000022)), "STATUS_ACCESS_DENIED (0xC0000022)");
    EXPECT_EQ(status_text(static_cast<int32_t>(0xC0FFEE00)), "0xC0FFEE00");
}

TEST(ControlCode, IsMadeAsCtlCodeMakesIt) {
    EXPECT_EQ(control_code(0x12, 0x800, 0, 3), 0x12E000u);
    EXPECT_EQ(control_code(0x12, 0x801, 2, 0), 0x122006u);
}

}  // namespace
}  // namespace ndiskit::client
