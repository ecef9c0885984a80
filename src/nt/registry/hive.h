// Registry hives: files in Windows' own format. A hive holds one key with everything below, except what is
// volatile: names, classes, times, values and, shared between the keys that have the same, security
// descriptors. Here it is bytes and a copy of the keys; ZwSaveKey and ZwRestoreKey bring them to files and to
// the tree.
#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "base/result.h"
#include "nt/registry/registry.h"

namespace ndiskit::nt::registry {

struct HiveKey {
    std::u16string name;
    std::u16string class_name;
    int64_t last_write = 0;
    bool is_link = false;
    std::vector<uint8_t> security;  // self-relative; empty: none that is valid
    std::vector<Value> values;
    std::vector<HiveKey> subkeys;  // sorted
};

// 1.3, which every Windows reads, or 1.5, which keeps large values in pieces.
enum class HiveFormat : uint8_t { standard, latest };
// `time` is when it was written.
std::vector<std::byte> write_hive(const HiveKey& root, HiveFormat format, int64_t time);

// Whatever the bytes are, no other bytes are read. An error says where the hive is bad.
Result<HiveKey> read_hive(std::span<const std::byte> bytes);
// Whether it begins as a hive does.
bool is_hive(std::span<const std::byte> bytes);

// Of a hash list (lh): of the name in capitals.
uint32_t name_hash(std::u16string_view name);

namespace hive {

// Offsets count from the first bin, which follows the header page; those of fields from behind a cell's size.
constexpr uint32_t page = 4096, bin_header = 32, no_cell = 0xFFFFFFFF;
constexpr uint32_t segment = 16344;  // the most data in one cell, from 1.4 on
constexpr uint32_t inline_data = 0x80000000;
constexpr uint16_t key_is_root = 0x04, key_not_deleted = 0x08, key_is_link = 0x10, name_is_bytes = 0x20;
constexpr uint16_t value_name_is_bytes = 1;
constexpr uint32_t key_fixed = 0x4C, value_fixed = 0x14, security_fixed = 0x14;

// The checksum of a header page.
uint32_t checksum(const std::byte* header);

}  // namespace hive

}  // namespace ndiskit::nt::registry
