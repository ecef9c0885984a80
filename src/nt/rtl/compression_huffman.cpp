// LZ77 with Huffman codes: a block of 64 KB begins with the code lengths of its 512 symbols, half a byte
// each. Symbols are bytes, and matches: 256 + 16 * (bits of the distance) + the length, which goes on in
// bytes of their own. The bits of the codes stand in words; a reader has always two of them, so that bytes
// come behind the word that it read last.
#include <algorithm>
#include <array>
#include <bit>
#include <queue>

#include "nt/rtl/compression.h"

namespace ndiskit::nt::compression {

namespace {

constexpr size_t symbols = 512, table_size = 256, block = 65536, window = 65535;
constexpr unsigned longest_code = 15, end_symbol = 256;

using Lengths = std::array<uint8_t, symbols>;
using Codes = std::array<uint16_t, symbols>;

struct Item {
    uint16_t symbol;
    uint16_t distance;
    uint32_t length;  // less 3
};

Item item_of(Matcher::Match match) {
    const auto length = static_cast<uint32_t>(match.length - 3);
    const auto bits = static_cast<unsigned>(std::bit_width(match.distance)) - 1;
    return {static_cast<uint16_t>(256 + bits * 16 + std::min<uint32_t>(length, 15)),
            static_cast<uint16_t>(match.distance), length};
}

// One round of Huffman's: the depth of each symbol's leaf.
unsigned depths_of(const std::array<uint64_t, symbols>& weights, Lengths& lengths) {
    struct Node {
        uint64_t weight;
        int left, right;
    };
    std::vector<Node> nodes;
    std::vector<int> symbol_of;
    using Entry = std::pair<uint64_t, int>;
    std::priority_queue<Entry, std::vector<Entry>, std::greater<>> open;
    for (size_t s = 0; s < symbols; ++s) {
        if (!weights[s]) continue;
        open.push({weights[s], static_cast<int>(nodes.size())});
        nodes.push_back({weights[s], -1, static_cast<int>(s)});
    }
    while (open.size() > 1) {
        const auto [a, left] = open.top();
        open.pop();
        const auto [b, right] = open.top();
        open.pop();
        open.push({a + b, static_cast<int>(nodes.size())});
        nodes.push_back({a + b, left, right});
    }
    lengths = {};
    unsigned deepest = 0;
    std::vector<std::pair<int, unsigned>> below = {{static_cast<int>(nodes.size()) - 1, 0}};
    while (!below.empty()) {
        const auto [at, depth] = below.back();
        below.pop_back();
        const Node& node = nodes[static_cast<size_t>(at)];
        if (node.left < 0) {
            lengths[static_cast<size_t>(node.right)] = static_cast<uint8_t>(depth);
            deepest = std::max(deepest, depth);
            continue;
        }
        below.push_back({node.left, depth + 1});
        below.push_back({node.right, depth + 1});
    }
    return deepest;
}

// Flatter weights until no code is too long.
Lengths lengths_of(std::array<uint64_t, symbols> weights) {
    if (std::ranges::count_if(weights, [](uint64_t w) { return w != 0; }) == 1) ++weights[weights[0] ? 1 : 0];
    Lengths lengths;
    while (depths_of(weights, lengths) > longest_code)
        for (uint64_t& weight : weights) weight = weight ? weight / 2 + 1 : 0;
    return lengths;
}

// Canonical: shorter codes first, equal ones by symbol. False when the lengths make no whole code.
bool codes_of(const Lengths& lengths, Codes& codes) {
    uint32_t code = 0;
    for (unsigned length = 1; length <= longest_code; ++length) {
        code <<= 1;
        for (size_t s = 0; s < symbols; ++s)
            if (lengths[s] == length) codes[s] = static_cast<uint16_t>(code++);
        if (code > 1u << length) return false;
    }
    return code == 1u << longest_code;
}

class BitWriter {
  public:
    explicit BitWriter(Bytes& out) : out_(out) {
        first_ = out.size();
        second_ = first_ + 2;
        out_.resize(first_ + 4);
    }
    void bits(unsigned count, uint32_t value) {
        if (free_ >= count) {
            free_ -= count;
            word_ = word_ << count | value;
            return;
        }
        const unsigned rest = count - free_;
        put(first_, word_ << free_ | value >> rest);
        first_ = second_;
        second_ = out_.size();
        out_.resize(second_ + 2);
        free_ = 16 - rest;
        word_ = value & ((1u << rest) - 1);
    }
    void bytes(uint32_t value, unsigned size) {
        for (unsigned i = 0; i < size; ++i) out_.push_back(static_cast<uint8_t>(value >> (8 * i)));
    }
    void finish() {
        put(first_, word_ << free_);
        put(second_, 0);
    }

  private:
    void put(size_t at, uint32_t word) {
        out_[at] = static_cast<uint8_t>(word);
        out_[at + 1] = static_cast<uint8_t>(word >> 8);
    }
    Bytes& out_;
    size_t first_, second_;
    uint32_t word_ = 0;
    unsigned free_ = 16;
};

void write_block(Bytes& out, const std::vector<Item>& items) {
    std::array<uint64_t, symbols> weights = {};
    for (const Item& item : items) ++weights[item.symbol];
    const Lengths lengths = lengths_of(weights);
    Codes codes = {};
    codes_of(lengths, codes);
    for (size_t s = 0; s < symbols; s += 2)
        out.push_back(static_cast<uint8_t>(lengths[s] | lengths[s + 1] << 4));
    BitWriter writer(out);
    for (const Item& item : items) {
        writer.bits(lengths[item.symbol], codes[item.symbol]);
        if (!item.distance) continue;
        if (item.length >= 15) {
            const uint32_t more = item.length - 15;
            writer.bytes(std::min<uint32_t>(more, 255), 1);
            if (more >= 255 && item.length < 0x10000) writer.bytes(item.length, 2);
            if (more >= 255 && item.length >= 0x10000) writer.bytes(0, 2), writer.bytes(item.length, 4);
        }
        const unsigned bits = (item.symbol - 256u) / 16;
        if (bits) writer.bits(bits, item.distance & ((1u << bits) - 1));
    }
    writer.finish();
}

class BlockReader {
  public:
    BlockReader(View data, size_t& at) : data_(data), at_(at) {}

    bool begin() {
        if (data_.size() - at_ < table_size + 4) return false;
        Lengths lengths;
        for (size_t s = 0; s < symbols; ++s) lengths[s] = data_[at_ + s / 2] >> (s % 2 * 4) & 15;
        Codes codes = {};
        if (!codes_of(lengths, codes)) return false;
        decoder_.assign(size_t{1} << longest_code, 0);
        for (size_t s = 0; s < symbols; ++s) {
            if (!lengths[s]) continue;
            const unsigned free = longest_code - lengths[s];
            for (size_t i = 0; i < size_t{1} << free; ++i)
                decoder_[(size_t{codes[s]} << free) + i] = static_cast<uint16_t>(s | size_t{lengths[s]} << 9);
        }
        at_ += table_size;
        next_ = word() << 16;
        next_ |= word();
        return true;
    }
    unsigned symbol() {
        const uint16_t entry = decoder_[next_ >> (32 - longest_code)];
        drop(entry >> 9);
        return entry & 0x1FF;
    }
    bool at_end() const { return at_ >= data_.size(); }
    bool failed() const { return failed_; }

    Matcher::Match match(unsigned symbol) {
        size_t length = symbol % 16;
        const unsigned bits = (symbol - 256) / 16;
        if (length == 15) {
            length = byte() + size_t{15};
            if (length == 255 + 15) {
                length = byte();
                length |= size_t{byte()} << 8;
                if (!length)
                    for (unsigned i = 0; i < 4; ++i) length |= size_t{byte()} << (8 * i);
                if (length < 15) failed_ = true;
            }
        }
        size_t distance = size_t{1} << bits;
        if (bits) distance |= next_ >> (32 - bits);
        drop(bits);
        return {length + 3, distance};
    }

  private:
    uint8_t byte() {
        if (at_ < data_.size()) return data_[at_++];
        failed_ = true;
        return 0;
    }
    // Behind the end there are zeros: the last two words are read ahead.
    uint32_t word() {
        if (data_.size() - at_ < 2) {
            failed_ = failed_ || ++beyond_ > 2;
            return 0;
        }
        const uint32_t value = data_[at_] | uint32_t{data_[at_ + 1]} << 8;
        at_ += 2;
        return value;
    }
    void drop(unsigned count) {
        next_ = count ? next_ << count : next_;
        extra_ -= static_cast<int>(count);
        if (extra_ >= 0) return;
        next_ |= word() << -extra_;
        extra_ += 16;
    }

    View data_;
    size_t& at_;
    std::vector<uint16_t> decoder_;
    uint32_t next_ = 0;
    int extra_ = 16;
    int beyond_ = 0;
    bool failed_ = false;
};

}  // namespace

Bytes compress_huffman(View data) {
    Bytes out;
    Matcher matcher(data, window);
    size_t at = 0;
    do {
        std::vector<Item> items;
        const size_t end = std::min(data.size(), at + block);
        while (at < end) {
            const auto match = matcher.find(at, end - at);
            items.push_back(match.length ? item_of(match) : Item{data[at], 0, 0});
            for (size_t i = 0, length = std::max<size_t>(match.length, 1); i < length; ++i) matcher.add(at++);
        }
        if (at == data.size()) items.push_back({end_symbol, 0, 0});
        write_block(out, items);
    } while (at < data.size());
    return out;
}

std::optional<Bytes> decompress_huffman(View data, size_t most) {
    Bytes out;
    for (size_t at = 0;;) {
        BlockReader reader(data, at);
        if (!reader.begin()) return std::nullopt;
        const size_t end = out.size() + block;
        while (out.size() < end) {
            const unsigned symbol = reader.symbol();
            if (reader.failed()) return std::nullopt;
            if (symbol == end_symbol && reader.at_end()) return out;
            if (symbol < 256) {
                if (out.size() == most) return std::nullopt;
                out.push_back(static_cast<uint8_t>(symbol));
                continue;
            }
            const auto [length, distance] = reader.match(symbol);
            if (reader.failed() || distance > out.size() || length > most - out.size()) return std::nullopt;
            for (size_t i = 0; i < length; ++i) out.push_back(out[out.size() - distance]);
        }
        if (data.size() - at < table_size + 4) return out;  // at most the end's own symbol is left
    }
}

}  // namespace ndiskit::nt::compression
