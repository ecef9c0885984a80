// Checksums: CRC-32 as Ethernet has it, and the CRC-64 that the kernel has beside it.
#include <array>

#include "nt/abi.h"

namespace {

template <class T>
constexpr std::array<T, 256> table_of(T polynomial) {
    std::array<T, 256> table = {};
    for (unsigned i = 0; i < 256; ++i) {
        T value = i;
        for (int bit = 0; bit < 8; ++bit) value = value & 1 ? value >> 1 ^ polynomial : value >> 1;
        table[i] = value;
    }
    return table;
}

template <class T>
T crc(const std::array<T, 256>& table, const void* data, SIZE_T length, T start) {
    T value = ~start;
    const auto* const bytes = static_cast<const unsigned char*>(data);
    for (SIZE_T i = 0; i < length; ++i) value = value >> 8 ^ table[(value ^ bytes[i]) & 0xFF];
    return ~value;
}

constexpr auto ethernet = table_of<uint32_t>(0xEDB88320);
constexpr auto crc64 = table_of<uint64_t>(0x9A6C9329AC4BC9B5);

}  // namespace

extern "C" {

// `start` is what an earlier part gave, 0 for the first.
ULONG NTAPI RtlComputeCrc32(ULONG start, const void* data, ULONG length) {
    return crc(ethernet, data, length, start);
}
ULONG NTAPI RtlCrc32(const void* data, SIZE_T length, ULONG start) {
    return crc(ethernet, data, length, start);
}
ULONGLONG NTAPI RtlCrc64(const void* data, SIZE_T length, ULONGLONG start) {
    return crc<uint64_t>(crc64, data, length, start);
}

}  // extern "C"
