#include "nt/rtl/compression.h"

#include <algorithm>

namespace ndiskit::nt::compression {

namespace {

constexpr size_t chunk = 4096;
constexpr uint16_t raw_chunk = 0x3000, compressed_chunk = 0xB000;

uint16_t word_at(View data, size_t at) { return static_cast<uint16_t>(data[at] | data[at + 1] << 8); }
void put_word(Bytes& out, uint32_t value) {
    out.push_back(static_cast<uint8_t>(value));
    out.push_back(static_cast<uint8_t>(value >> 8));
}

// How many bits of a code word are the distance's, by the place in the chunk.
unsigned distance_bits(size_t place) {
    unsigned bits = 4;
    while (bits < 12 && size_t{1} << bits < place) ++bits;
    return bits;
}

Bytes compress_chunk(View data, size_t start, size_t size, Matcher& matcher) {
    Bytes out;
    size_t flags = 0;
    unsigned items = 8;
    for (size_t at = start; at < start + size; ++items) {
        if (items == 8) {
            flags = out.size();
            out.push_back(0);
            items = 0;
        }
        const unsigned bits = distance_bits(at - start);
        const size_t longest = std::min((size_t{1} << (16 - bits)) + 2, start + size - at);
        const auto match = matcher.find(at, longest, start);
        const size_t length = match.length ? match.length : 1;
        if (match.length) {
            out[flags] |= static_cast<uint8_t>(1 << items);
            put_word(out, static_cast<uint32_t>((match.distance - 1) << (16 - bits) | (match.length - 3)));
        } else {
            out.push_back(data[at]);
        }
        for (size_t i = 0; i < length; ++i) matcher.add(at++);
    }
    return out;
}

bool decompress_chunk(View data, Bytes& out, size_t most) {
    const size_t start = out.size();
    for (size_t at = 0; at < data.size();) {
        const unsigned flags = data[at++];
        for (unsigned item = 0; item < 8 && at < data.size(); ++item) {
            if (!(flags >> item & 1)) {
                if (out.size() == most || out.size() - start == chunk) return false;
                out.push_back(data[at++]);
                continue;
            }
            if (at + 2 > data.size()) return false;
            const unsigned word = word_at(data, at), bits = distance_bits(out.size() - start);
            at += 2;
            const size_t distance = (word >> (16 - bits)) + 1,
                         length = (word & ((1u << (16 - bits)) - 1)) + 3;
            if (distance > out.size() - start || out.size() - start + length > chunk) return false;
            if (length > most - out.size()) return false;
            for (size_t i = 0; i < length; ++i) out.push_back(out[out.size() - distance]);
        }
    }
    return true;
}

}  // namespace

Matcher::Match Matcher::find(size_t at, size_t longest, size_t first) const {
    Match best;
    if (at + 3 > data_.size() || longest < 3) return best;
    uint32_t from = last_[hash(at)];
    for (int tries = 0; from != none && from >= first && tries < most_tries; ++tries, from = before_[from]) {
        if (at - from > window_) break;
        size_t length = 0;
        while (length < longest && data_[from + length] == data_[at + length]) ++length;
        if (length >= 3 && length > best.length) best = {length, at - from};
    }
    return best;
}

void Matcher::add(size_t at) {
    if (at + 3 > data_.size()) return;
    uint32_t& last = last_[hash(at)];
    before_[at] = last;
    last = static_cast<uint32_t>(at);
}

Bytes compress_lznt1(View data) {
    Bytes out;
    Matcher matcher(data, chunk);
    for (size_t start = 0; start < data.size(); start += chunk) {
        const size_t size = std::min(chunk, data.size() - start);
        const Bytes packed = compress_chunk(data, start, size, matcher);
        const bool smaller = packed.size() < size;
        const View body = smaller ? View(packed) : data.subspan(start, size);
        put_word(out, static_cast<uint32_t>((smaller ? compressed_chunk : raw_chunk) | (body.size() - 1)));
        out.insert(out.end(), body.begin(), body.end());
    }
    return out;
}

std::optional<Bytes> decompress_lznt1(View data, size_t most) {
    Bytes out;
    for (size_t at = 0; at + 2 <= data.size();) {
        const uint16_t header = word_at(data, at);
        if (!header) break;
        at += 2;
        const size_t size = (header & 0xFFF) + 1;
        if (size > data.size() - at) return std::nullopt;
        const View body = data.subspan(at, size);
        at += size;
        if (header & 0x8000) {
            if (!decompress_chunk(body, out, most)) return std::nullopt;
        } else {
            if (size > most - out.size()) return std::nullopt;
            out.insert(out.end(), body.begin(), body.end());
        }
    }
    return out;
}

}  // namespace ndiskit::nt::compression
