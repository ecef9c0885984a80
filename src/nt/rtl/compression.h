// The three compressed formats of Windows, as MS-XCA describes them: LZNT1, whose chunks of 4096 bytes stand
// alone; plain LZ77 ("Xpress"); and LZ77 with Huffman codes in blocks of 64 KB ("Xpress Huffman").
// https://learn.microsoft.com/openspecs/windows_protocols/ms-xca/
//
// What is read may be anybody's: nothing is read or written outside the spans.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace ndiskit::nt::compression {

using Bytes = std::vector<uint8_t>;
using View = std::span<const uint8_t>;

Bytes compress_lznt1(View data);
Bytes compress_xpress(View data);
Bytes compress_huffman(View data);

// Nothing when the data is damaged or gives more than `most` bytes.
std::optional<Bytes> decompress_lznt1(View data, size_t most);
std::optional<Bytes> decompress_xpress(View data, size_t most);
std::optional<Bytes> decompress_huffman(View data, size_t most);

// Finds earlier occurrences: what is at a place, as far back as `window`.
class Matcher {
  public:
    Matcher(View data, size_t window) : data_(data), window_(window), last_(1 << 15, none) {
        before_.resize(data.size(), none);
    }
    struct Match {
        size_t length = 0, distance = 0;
    };
    // The longest match of three bytes or more, not longer than `longest`, not from before `first`.
    Match find(size_t at, size_t longest, size_t first = 0) const;
    // Makes the place known; each place once, in order.
    void add(size_t at);

  private:
    static constexpr uint32_t none = ~0u;
    static constexpr int most_tries = 64;
    uint32_t hash(size_t at) const {
        return (data_[at] * 0x9E5Fu ^ data_[at + 1] * 0x3B1u ^ data_[at + 2] * 0x1Fu) & 0x7FFF;
    }

    View data_;
    size_t window_;
    std::vector<uint32_t> last_, before_;
};

}  // namespace ndiskit::nt::compression
