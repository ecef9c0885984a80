#include "client/protocol.h"

#include <cstring>

namespace ndiskit::client {

namespace {

constexpr size_t length_size = 4;

template <class T>
void put(std::vector<uint8_t>& frame, T value) {
    for (size_t i = 0; i < sizeof value; ++i) frame.push_back(static_cast<uint8_t>(value >> (8 * i)));
}

template <class T>
T take(std::span<const uint8_t>& bytes) {
    T value = 0;
    for (size_t i = 0; i < sizeof value; ++i)
        value = static_cast<T>(value | static_cast<T>(bytes[i]) << (8 * i));
    bytes = bytes.subspan(sizeof value);
    return value;
}

// What each kind may carry; everything else must be empty.
bool is_legal(const Message& m) {
    if (m.lane >= most_lanes) return false;
    const size_t size = m.bytes.size();
    if (m.kind != Kind::control && m.first != 0) return false;
    switch (m.kind) {
        case Kind::hello:
        case Kind::welcome:
        case Kind::close:
        case Kind::cancel:
        case Kind::pending:
        case Kind::crashed:
            return size == 0 && m.room == 0;
        case Kind::open:
            return size > 0 && size <= longest_name;
        case Kind::read:
            return size == 0 && m.room <= most_bytes;
        case Kind::write:
            return size <= most_bytes && m.room == 0;
        case Kind::control:
            if (m.first > size || m.first > most_bytes || m.room > most_bytes) return false;
            return size == m.first || size - m.first == m.room;
        case Kind::done:
            return size <= most_bytes && m.room == 0;
    }
    return false;
}

}  // namespace

std::vector<uint8_t> encode(const Message& message) {
    std::vector<uint8_t> frame;
    frame.reserve(head_size + message.bytes.size());
    put(frame, static_cast<uint32_t>(head_size - length_size + message.bytes.size()));
    put(frame, static_cast<uint16_t>(message.kind));
    put(frame, message.lane);
    put(frame, message.id);
    put(frame, message.handle);
    put(frame, message.code);
    put(frame, message.value);
    put(frame, message.room);
    put(frame, message.first);
    frame.insert(frame.end(), message.bytes.begin(), message.bytes.end());
    return frame;
}

std::optional<Message> decode(std::span<const uint8_t> frame) {
    if (frame.size() < head_size || frame.size() > largest_frame) return std::nullopt;
    if (take<uint32_t>(frame) != frame.size()) return std::nullopt;
    Message message;
    message.kind = static_cast<Kind>(take<uint16_t>(frame));
    message.lane = take<uint16_t>(frame);
    message.id = take<uint64_t>(frame);
    message.handle = take<uint32_t>(frame);
    message.code = take<uint32_t>(frame);
    message.value = take<uint64_t>(frame);
    message.room = take<uint32_t>(frame);
    message.first = take<uint32_t>(frame);
    message.bytes = frame;
    if (!is_legal(message)) return std::nullopt;
    return message;
}

void Splitter::add(std::span<const uint8_t> bytes) {
    buffer_.erase(buffer_.begin(), buffer_.begin() + static_cast<std::ptrdiff_t>(taken_));
    taken_ = 0;
    buffer_.insert(buffer_.end(), bytes.begin(), bytes.end());
}

std::span<const uint8_t> Splitter::next() {
    std::span<const uint8_t> rest = std::span(buffer_).subspan(taken_);
    if (broken_ || rest.size() < length_size) return {};
    std::span<const uint8_t> head = rest;
    const size_t size = size_t{take<uint32_t>(head)} + length_size;
    if (size < head_size || size > largest_frame) {
        broken_ = true;
        return {};
    }
    if (rest.size() < size) return {};
    taken_ += size;
    return rest.first(size);
}

}  // namespace ndiskit::client
