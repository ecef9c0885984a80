// What a program and the machine say to each other: frames of one fixed head and some bytes, little endian,
// the same head for all kinds so that there is one decoder. Both sides use this file; a frame that decode()
// refuses ends the connection.
//
//     length  u32   bytes that follow this field
//     kind    u16   Kind
//     lane    u16   which thread of the program asks; the machine has a thread for each
//     id      u64   of the request; never used twice on a connection
//     handle  u32   of an open file; from the machine
//     code    u32   open: desired access; control: the control code; done: the status; hello: the account;
//                   crashed: the stop code
//     value   u64   open: share | disposition << 32; read, write: offset; done: Information; cancel: which id
//     room    u32   read, control: size of the output buffer; open: create options
//     first   u32   control: how many of the bytes are input; the rest is what the output buffer holds
//     bytes         open: the name in UTF-8; write, control: data; done: what goes into the output buffer
//
// A request is answered by `done`, before which `pending` may come: the driver has it and will complete it
// later. `crashed` is the last that a machine says.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ndiskit::client {

enum class Kind : uint16_t {
    // from the program
    hello = 1,  // the first; `value` is the version
    open,
    close,
    read,
    write,
    control,
    cancel,  // all requests of the handle when `value` is 0; has no answer of its own
    // from the machine
    welcome = 64,  // `code` is the account that the program has
    pending,
    done,
    crashed,  // the machine bug checked
};

inline constexpr uint64_t protocol_version = 1;
inline constexpr uint32_t most_bytes = 8u << 20;  // of one buffer
inline constexpr size_t head_size = 40;           // with the length
inline constexpr size_t code_place = 20;          // of `code` in the head
inline constexpr size_t largest_frame = head_size + 2 * size_t{most_bytes};
inline constexpr size_t longest_name = 1024;
inline constexpr uint16_t most_lanes = 64;

struct Message {
    Kind kind{};
    uint16_t lane = 0;
    uint64_t id = 0;
    uint32_t handle = 0;
    uint32_t code = 0;
    uint64_t value = 0;
    uint32_t room = 0;
    uint32_t first = 0;
    std::span<const uint8_t> bytes = {};  // of the frame it was decoded from
};

// A whole frame. What encode makes of a legal message, decode accepts.
std::vector<uint8_t> encode(const Message& message);
// `frame` is one whole frame with its length. Nothing when it breaks a rule.
std::optional<Message> decode(std::span<const uint8_t> frame);

// Cuts a stream of bytes into frames.
class Splitter {
  public:
    void add(std::span<const uint8_t> bytes);
    // The next whole frame; empty when more bytes are needed. Valid until the next call of add or next.
    std::span<const uint8_t> next();
    // A length that no frame has came: there will be no frame any more.
    bool broken() const { return broken_; }

  private:
    std::vector<uint8_t> buffer_;
    size_t taken_ = 0;
    bool broken_ = false;
};

}  // namespace ndiskit::client
