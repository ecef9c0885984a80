// The compressed formats: the examples of their specification, and whatever is compressed comes back.
#include <gtest/gtest.h>

#if NDISKIT_HAS_WIMLIB
#include <wimlib.h>
#endif
#if NDISKIT_HAS_LIBFWNT
#include <libfwnt.h>
#endif

#include <cstring>
#include <fstream>
#include <sstream>
#include <string>

#include "nt/abi.h"
#include "nt/rtl/compression.h"

extern "C" {
NTSTATUS NTAPI RtlDecompressBufferEx(USHORT, PUCHAR, ULONG, PUCHAR, ULONG, PULONG, PVOID);
NTSTATUS NTAPI RtlDecompressBufferEx2(USHORT, PUCHAR, ULONG, PUCHAR, ULONG, ULONG, PULONG, PVOID);
NTSTATUS NTAPI RtlDecompressFragmentEx(USHORT, PUCHAR, ULONG, PUCHAR, ULONG, ULONG, ULONG, PULONG, PVOID);
}

namespace ndiskit::nt::compression {
namespace {

constexpr USHORT lznt1 = 2, xpress = 3, huffman = 4;

Bytes from_hex(std::string_view hex) {
    Bytes bytes;
    for (size_t i = 0; i + 1 < hex.size(); i += 2)
        bytes.push_back(static_cast<uint8_t>(std::stoul(std::string(hex.substr(i, 2)), nullptr, 16)));
    return bytes;
}
Bytes from_text(std::string_view text) { return {text.begin(), text.end()}; }

std::string hundred_abc() {
    std::string text;
    for (int i = 0; i < 100; ++i) text += "abc";
    return text;
}

TEST(Compression, PlainXpressIsAsItsSpecificationShows) {
    const Bytes letters = from_text("abcdefghijklmnopqrstuvwxyz");
    const Bytes packed = from_hex("3f0000006162636465666768696a6b6c6d6e6f707172737475767778797a");
    EXPECT_EQ(compress_xpress(letters), packed);
    EXPECT_EQ(decompress_xpress(packed, 26), letters);
    const Bytes repeated = from_hex("ffffff1f61626317000fff2601");
    EXPECT_EQ(compress_xpress(from_text(hundred_abc())), repeated);
    EXPECT_EQ(decompress_xpress(repeated, 300), from_text(hundred_abc()));
}

TEST(Compression, Lznt1IsReadAsItsSpecificationShows) {
    const Bytes packed = from_hex(
        "38b08846232000204720410010a24701a045204400084501507900c045200524138805b4024a44ef0358028c0916014845"
        "00be009e000401189000");
    std::string tune = "F# F# G A A G F# E D D E F# F# E E F# F# G A A G F# E D D E F# E D D ";
    tune += "E E F# D E F# G F# D E F# G F# E D E A F# F# G A A G F# E D D E F# E D D";
    EXPECT_EQ(decompress_lznt1(packed, 1000), [&] {
        Bytes bytes = from_text(tune);
        bytes.push_back(0);
        return bytes;
    }());
}

// Text, noise, zeros, and things that repeat far away, of sizes around the borders of chunks and blocks.
Bytes sample(int kind, size_t size) {
    Bytes data(size);
    uint32_t random = 1;
    for (size_t i = 0; i < size; ++i) {
        random = random * 1664525 + 1013904223;
        const auto noise = static_cast<uint8_t>(random >> 24);
        data[i] = kind == 0   ? 0
                  : kind == 1 ? noise
                  : kind == 2 ? static_cast<uint8_t>("the quick brown fox "[(i + (noise < 8)) % 20])
                  : kind == 3 ? static_cast<uint8_t>(i >= 5000 ? data[i - 5000] : noise)
                              : static_cast<uint8_t>(noise & 1 ? 'a' : i >> 8);
    }
    return data;
}

TEST(Compression, WhatAnotherImplementationCompressedIsRead) {
    std::ifstream file(NDISKIT_SOURCE_DIR "/tests/facts/compression.tsv");
    int read = 0;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#')) continue;
        std::istringstream fields(line);
        std::string format, hex;
        int kind = 0;
        size_t size = 0;
        fields >> format >> kind >> size >> hex;
        const Bytes packed = from_hex(hex), data = sample(kind, size);
        ASSERT_EQ(format, "xpress-huffman");
        EXPECT_TRUE(decompress_huffman(packed, size) == data) << line.substr(0, 40);
        EXPECT_FALSE(decompress_huffman(packed, size - 1)) << "no room";
        ++read;
    }
    EXPECT_GT(read, 5);
}

template <class Compress, class Decompress>
void expect_round_trips(Compress compress, Decompress decompress) {
    for (int kind = 0; kind < 5; ++kind) {
        for (const size_t size :
             {1u, 2u, 3u, 40u, 4095u, 4096u, 4097u, 9000u, 65535u, 65536u, 65537u, 200000u}) {
            const Bytes data = sample(kind, size), packed = compress(data);
            const auto back = decompress(packed, size);
            ASSERT_TRUE(back) << kind << " " << size;
            ASSERT_TRUE(*back == data) << kind << " " << size;
            if (size > 1000 && kind == 2) EXPECT_LT(packed.size(), size / 2 + 300);
            ASSERT_FALSE(size > 40 && decompress(packed, size - 1)) << kind << " " << size;  // no room
        }
    }
}

#if NDISKIT_HAS_WIMLIB
void expect_wimlib_agrees(const Bytes& data) {
    constexpr auto format = WIMLIB_COMPRESSION_TYPE_XPRESS;
    constexpr size_t block = 65536;
    wimlib_compressor* compressor = nullptr;
    wimlib_decompressor* decompressor = nullptr;
    ASSERT_EQ(wimlib_create_compressor(format, block, 50, &compressor), 0);
    ASSERT_EQ(wimlib_create_decompressor(format, block, &decompressor), 0);
    Bytes packed(data.size());
    packed.resize(
        wimlib_compress(data.data(), data.size(), packed.data(), data.size() - 1, compressor));  // 0: no gain
    if (!packed.empty()) EXPECT_TRUE(decompress_huffman(packed, data.size()) == data);
    packed = compress_huffman(data);
    Bytes back(data.size());
    EXPECT_EQ(wimlib_decompress(packed.data(), packed.size(), back.data(), back.size(), decompressor), 0);
    EXPECT_TRUE(back == data);
    wimlib_free_compressor(compressor);
    wimlib_free_decompressor(decompressor);
}
#endif

#if NDISKIT_HAS_LIBFWNT
template <class Decompress>
void expect_read(Decompress decompress, const Bytes& packed, const Bytes& data) {
    Bytes back(data.size());
    size_t size = back.size();
    EXPECT_EQ(decompress(packed.data(), packed.size(), back.data(), &size, nullptr), 1);
    EXPECT_TRUE(size == data.size() && back == data);
}
#endif

TEST(Compression, WhatIsCompressedComesBack) {
    expect_round_trips(compress_lznt1, decompress_lznt1);
    expect_round_trips(compress_xpress, decompress_xpress);
    expect_round_trips(compress_huffman, decompress_huffman);
}

// Other implementations, where the machine has them, read what is compressed here, and the other way round.
TEST(Compression, OtherImplementationsAgree) {
#if !NDISKIT_HAS_WIMLIB && !NDISKIT_HAS_LIBFWNT
    GTEST_SKIP() << "neither wimlib nor libfwnt is here";
#endif
    for (int kind = 0; kind < 5; ++kind) {
        for (const size_t size : {3u, 40u, 300u, 4096u, 4097u, 9000u, 32768u, 65536u}) {
            const Bytes data = sample(kind, size);
            SCOPED_TRACE(std::to_string(kind) + " " + std::to_string(size));
#if NDISKIT_HAS_WIMLIB
            expect_wimlib_agrees(data);
#endif
#if NDISKIT_HAS_LIBFWNT
            expect_read(libfwnt_lznt1_decompress, compress_lznt1(data), data);
            expect_read(libfwnt_lzxpress_huffman_decompress, compress_huffman(data), data);
            // It takes a match of more than 32 KB for damage.
            if (size <= 32768) expect_read(libfwnt_lzxpress_decompress, compress_xpress(data), data);
#endif
        }
    }
}

TEST(Compression, DamagedDataIsRefusedOrGivesNoMoreThanThereIsRoomFor) {
    uint32_t random = 5;
    for (int i = 0; i < 600; ++i) {
        Bytes data = sample(2, 700);
        Bytes packed = i % 3 == 0   ? compress_lznt1(data)
                       : i % 3 == 1 ? compress_xpress(data)
                                    : compress_huffman(data);
        for (int change = 0; change < 3; ++change) {
            random = random * 1664525 + 1013904223;
            packed[(random >> 8) % packed.size()] = static_cast<uint8_t>(random >> 24);
        }
        packed.resize(packed.size() - (random >> 5) % 3);
        const auto back = i % 3 == 0   ? decompress_lznt1(packed, 1000)
                          : i % 3 == 1 ? decompress_xpress(packed, 1000)
                                       : decompress_huffman(packed, 1000);
        if (back) EXPECT_LE(back->size(), 1000u);
    }
}

TEST(CompressionCalls, CheckFormatEngineAndRoom) {
    ULONG for_buffer = 0, for_fragment = 0, size = 0;
    EXPECT_EQ(RtlGetCompressionWorkSpaceSize(lznt1, &for_buffer, &for_fragment), STATUS_SUCCESS);
    EXPECT_EQ(RtlGetCompressionWorkSpaceSize(0, &for_buffer, &for_fragment), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(RtlGetCompressionWorkSpaceSize(9, &for_buffer, &for_fragment), STATUS_UNSUPPORTED_COMPRESSION);
    EXPECT_EQ(RtlGetCompressionWorkSpaceSize(lznt1 | 0x200, &for_buffer, &for_fragment),
              STATUS_NOT_SUPPORTED);
    Bytes work(for_buffer), data = sample(2, 5000), packed(6000), back(5000);
    for (const USHORT format : {lznt1, xpress, huffman}) {
        EXPECT_EQ(RtlCompressBuffer(format, data.data(), 5000, packed.data(), 6000, 4096, &size, work.data()),
                  STATUS_SUCCESS);
        const ULONG packed_size = size;
        EXPECT_EQ(
            RtlCompressBuffer(format | 0x100, data.data(), 5000, packed.data(), 10, 4096, &size, work.data()),
            STATUS_BUFFER_TOO_SMALL);
        EXPECT_EQ(
            RtlDecompressBufferEx(format, back.data(), 5000, packed.data(), packed_size, &size, work.data()),
            STATUS_SUCCESS);
        EXPECT_EQ(size, 5000u);
        EXPECT_EQ(back, data);
        back.assign(5000, 0);
        EXPECT_EQ(RtlDecompressBufferEx2(format, back.data(), 5000, packed.data(), packed_size, 4096, &size,
                                         nullptr),
                  STATUS_SUCCESS);
        EXPECT_EQ(back, data);
        EXPECT_EQ(
            RtlDecompressBufferEx(format, back.data(), 100, packed.data(), packed_size, &size, work.data()),
            STATUS_BAD_COMPRESSION_BUFFER);
    }
    EXPECT_EQ(RtlDecompressBuffer(huffman, back.data(), 5000, packed.data(), 300, &size),
              STATUS_UNSUPPORTED_COMPRESSION);  // it needs a work space
    EXPECT_EQ(RtlDecompressBuffer(1, back.data(), 5000, packed.data(), 300, &size), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(RtlCompressBuffer(lznt1 | 0x200, data.data(), 1, packed.data(), 10, 4096, &size, work.data()),
              STATUS_NOT_SUPPORTED);
    const Bytes zeros(5000);
    EXPECT_EQ(RtlCompressBuffer(lznt1, const_cast<PUCHAR>(zeros.data()), 5000, packed.data(), 6000, 4096,
                                &size, work.data()),
              STATUS_BUFFER_ALL_ZEROS);
    EXPECT_EQ(RtlDecompressBuffer(lznt1, back.data(), 5000, packed.data(), size, &size), STATUS_SUCCESS);
    EXPECT_EQ(back, zeros);
}

TEST(CompressionCalls, FragmentsBeginAnywhere) {
    ULONG size = 0;
    Bytes data = sample(4, 9000), packed(12000), part(100);
    ASSERT_EQ(RtlCompressBuffer(lznt1, data.data(), 9000, packed.data(), 12000, 4096, &size, nullptr),
              STATUS_SUCCESS);
    const ULONG packed_size = size;
    EXPECT_EQ(
        RtlDecompressFragment(lznt1, part.data(), 100, packed.data(), packed_size, 4090, &size, nullptr),
        STATUS_SUCCESS);
    EXPECT_EQ(size, 100u);
    EXPECT_EQ(std::memcmp(part.data(), data.data() + 4090, 100), 0);
    EXPECT_EQ(RtlDecompressFragmentEx(lznt1, part.data(), 100, packed.data(), packed_size, 8950, 4096, &size,
                                      nullptr),
              STATUS_SUCCESS);
    EXPECT_EQ(size, 50u);  // to the end
    EXPECT_EQ(std::memcmp(part.data(), data.data() + 8950, 50), 0);
    EXPECT_EQ(RtlDecompressFragment(xpress, part.data(), 100, packed.data(), packed_size, 0, &size, nullptr),
              STATUS_UNSUPPORTED_COMPRESSION);
}

}  // namespace
}  // namespace ndiskit::nt::compression
