// Plain LZ77: 32 flags in a word, the first the most significant, then what they announce: a byte, or a
// match, whose length may go on in half a byte (two matches share one), a byte, a word, and a double word.
#include <algorithm>
#include <cstring>
#include <utility>

#include "nt/rtl/compression.h"

namespace ndiskit::nt::compression {

namespace {

constexpr size_t window = 8192;

class Writer {
  public:
    void literal(uint8_t byte) {
        out_.push_back(byte);
        flag(false);
    }
    void match(size_t distance, size_t length) {
        length -= 3;
        const auto offset = static_cast<uint32_t>(distance - 1) << 3;
        put(offset | static_cast<uint32_t>(std::min<size_t>(length, 7)), 2);
        if (length >= 7) long_length(length - 7);
        flag(true);
    }
    Bytes finish() {
        const unsigned free = 32 - count_;
        const uint32_t word =
            count_ ? flags_ << free | static_cast<uint32_t>((uint64_t{1} << free) - 1) : 0xFFFFFFFF;
        std::memcpy(out_.data() + flags_at_, &word, 4);
        return std::move(out_);
    }

  private:
    void put(uint32_t value, unsigned size) {
        for (unsigned i = 0; i < size; ++i) out_.push_back(static_cast<uint8_t>(value >> (8 * i)));
    }
    void long_length(size_t length) {
        const auto half = static_cast<uint8_t>(std::min<size_t>(length, 15));
        if (half_at_) {
            out_[half_at_] |= static_cast<uint8_t>(half << 4);
            half_at_ = 0;
        } else {
            half_at_ = out_.size();
            out_.push_back(half);
        }
        if (length < 15) return;
        length -= 15;
        put(static_cast<uint32_t>(std::min<size_t>(length, 255)), 1);
        if (length < 255) return;
        length += 7 + 15;
        if (length < 0x10000) return put(static_cast<uint32_t>(length), 2);
        put(0, 2);
        put(static_cast<uint32_t>(length), 4);
    }
    void flag(bool match) {
        flags_ = flags_ << 1 | (match ? 1 : 0);
        if (++count_ < 32) return;
        std::memcpy(out_.data() + flags_at_, &flags_, 4);
        flags_at_ = out_.size();
        put(0, 4);
        flags_ = count_ = 0;
    }

    Bytes out_ = Bytes(4);
    size_t flags_at_ = 0, half_at_ = 0;
    uint32_t flags_ = 0;
    unsigned count_ = 0;
};

class Reader {
  public:
    explicit Reader(View data) : data_(data) {}

    bool at_end() const { return at_ == data_.size(); }
    bool failed() const { return failed_; }
    uint32_t take(size_t size) {
        if (data_.size() - at_ < size) {
            failed_ = true;
            return 0;
        }
        uint32_t value = 0;
        for (size_t i = 0; i < size; ++i) value |= uint32_t{data_[at_ + i]} << (8 * i);
        at_ += size;
        return value;
    }
    bool flag() {
        if (!count_) {
            flags_ = take(4);
            count_ = 32;
        }
        return flags_ >> --count_ & 1;
    }
    size_t match_length(uint32_t first) {
        if (first < 7) return first + 3;
        size_t length = half();
        if (length == 15) {
            length = take(1);
            if (length == 255) {
                length = take(2);
                if (!length) length = take(4);
                if (length < 15 + 7) failed_ = true;
                return length + 3;
            }
            length += 15;
        }
        return length + 7 + 3;
    }

  private:
    size_t half() {
        if (half_at_) return data_[std::exchange(half_at_, 0)] >> 4;
        half_at_ = at_;
        return take(1) & 15;
    }

    View data_;
    size_t at_ = 0, half_at_ = 0;
    uint32_t flags_ = 0;
    unsigned count_ = 0;
    bool failed_ = false;
};

}  // namespace

Bytes compress_xpress(View data) {
    Writer writer;
    Matcher matcher(data, window);
    for (size_t at = 0; at < data.size();) {
        const auto match = matcher.find(at, data.size() - at);
        if (match.length)
            writer.match(match.distance, match.length);
        else
            writer.literal(data[at]);
        for (size_t i = 0, length = std::max<size_t>(match.length, 1); i < length; ++i) matcher.add(at++);
    }
    return writer.finish();
}

std::optional<Bytes> decompress_xpress(View data, size_t most) {
    Bytes out;
    Reader reader(data);
    while (true) {
        const bool match = reader.flag();
        if (reader.failed()) return std::nullopt;
        if (reader.at_end()) return out;  // the flags behind the end are set
        if (!match) {
            if (out.size() == most) return std::nullopt;
            out.push_back(static_cast<uint8_t>(reader.take(1)));
            if (reader.at_end()) return out;
            continue;
        }
        const uint32_t word = reader.take(2);
        const size_t length = reader.match_length(word & 7), distance = (word >> 3) + 1;
        if (reader.failed() || distance > out.size() || length > most - out.size()) return std::nullopt;
        for (size_t i = 0; i < length; ++i) out.push_back(out[out.size() - distance]);
    }
}

}  // namespace ndiskit::nt::compression
