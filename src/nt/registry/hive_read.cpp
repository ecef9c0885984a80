// Reading a hive. Nothing in it is believed: a cell is looked at within its bounds alone, and belongs to one key
// (descriptors excepted), so that neither a ring of cells nor a cell named often makes this endless.
#include <fmt/format.h>

#include <cstring>
#include <set>

#include "nt/registry/hive.h"
#include "nt/security/descriptor.h"

namespace ndiskit::nt::registry {

using namespace hive;

namespace {

constexpr int deepest_key = 512;

using Cell = std::span<const std::byte>;

template <class T>
T at(Cell cell, size_t offset) {
    T value;
    std::memcpy(&value, cell.data() + offset, sizeof value);
    return value;
}
bool is(Cell cell, const char* signature) {
    return cell.size() >= 2 && std::memcmp(cell.data(), signature, 2) == 0;
}

std::u16string text_of(Cell bytes, bool one_byte_each) {
    std::u16string text;
    for (size_t i = 0; i + (one_byte_each ? 0 : 1) < bytes.size(); i += one_byte_each ? 1 : 2)
        text += one_byte_each ? static_cast<char16_t>(at<uint8_t>(bytes, i)) : at<char16_t>(bytes, i);
    return text;
}

std::vector<uint8_t> data_of(Cell cell) {
    const auto* const first = reinterpret_cast<const uint8_t*>(cell.data());
    return {first, first + cell.size()};
}

class Reader {
  public:
    explicit Reader(Cell bytes) : bins_(bytes.subspan(page)), minor_(at<uint32_t>(bytes, 0x18)) {}

    Result<HiveKey> key(uint32_t offset, int depth) {
        const Cell cell = TRY(own_cell(offset, "nk", key_fixed));
        if (depth > deepest_key) return bad(offset, "keys are nested too deeply");
        const auto flags = at<uint16_t>(cell, 2);
        const size_t name = at<uint16_t>(cell, 0x48);
        if (name > cell.size() - key_fixed) return bad(offset, "the name of a key is longer than its cell");
        HiveKey key{.name = text_of(cell.subspan(key_fixed, name), flags & name_is_bytes),
                    .class_name = {},
                    .last_write = at<int64_t>(cell, 4),
                    .is_link = (flags & key_is_link) != 0,
                    .security = {},
                    .values = {},
                    .subkeys = {}};
        if (const size_t size = at<uint16_t>(cell, 0x4A)) {
            const Cell text = TRY(own_cell(at<uint32_t>(cell, 0x30), nullptr, size));
            key.class_name = text_of(text.first(size), false);
        }
        key.security = TRY(descriptor(at<uint32_t>(cell, 0x2C)));
        key.values = TRY(values(at<uint32_t>(cell, 0x28), at<uint32_t>(cell, 0x24)));
        std::vector<uint32_t> below;
        if (at<uint32_t>(cell, 0x14)) TRY(subkeys(at<uint32_t>(cell, 0x1C), below, false));
        for (const uint32_t subkey : below) key.subkeys.push_back(TRY(this->key(subkey, depth + 1)));
        return key;
    }

  private:
    std::unexpected<Error> bad(uint32_t offset, std::string_view what) const {
        return fail(fmt::format("the registry hive is damaged: {}, at {:#x}", what, offset + page));
    }

    Result<Cell> cell(uint32_t offset, const char* signature, size_t least) const {
        if (offset % 8 || bins_.size() < 4 || offset > bins_.size() - 4)
            return bad(offset, "a cell is outside of it");
        const int64_t size = -static_cast<int64_t>(at<int32_t>(bins_, offset));
        if (size < 4 || static_cast<uint64_t>(size) > bins_.size() - offset)
            return bad(offset, "a cell is free or reaches outside");
        const Cell data = bins_.subspan(offset + 4, static_cast<size_t>(size) - 4);
        if (data.size() < least) return bad(offset, "a cell is too small");
        if (signature && !is(data, signature))
            return bad(offset, "a cell is not of the kind that it has to be");
        return data;
    }
    // One that belongs to one key alone, so that no file grows in memory without end.
    Result<Cell> own_cell(uint32_t offset, const char* signature, size_t least) {
        if (!seen_.insert(offset).second) return bad(offset, "a cell belongs to two keys");
        return cell(offset, signature, least);
    }

    Result<std::vector<uint8_t>> descriptor(uint32_t offset) const {
        if (offset == no_cell) return std::vector<uint8_t>();
        const Cell found = TRY(cell(offset, "sk", security_fixed));
        const size_t size = at<uint32_t>(found, 16);
        if (size > found.size() - security_fixed) return bad(offset, "a descriptor is longer than its cell");
        std::vector<uint8_t> bytes = data_of(found.subspan(security_fixed, size));
        if (!security::valid_relative(bytes.data(), bytes.size())) bytes.clear();
        return bytes;
    }

    Result<std::vector<Value>> values(uint32_t offset, uint32_t count) {
        std::vector<Value> values;
        if (!count) return values;
        const Cell list = TRY(own_cell(offset, nullptr, size_t{count} * 4));
        for (size_t i = 0; i < count; ++i) values.push_back(TRY(value(at<uint32_t>(list, i * 4))));
        return values;
    }

    Result<Value> value(uint32_t offset) {
        const Cell found = TRY(own_cell(offset, "vk", value_fixed));
        const size_t name = at<uint16_t>(found, 2);
        if (name > found.size() - value_fixed)
            return bad(offset, "the name of a value is longer than its cell");
        Value value{text_of(found.subspan(value_fixed, name), at<uint16_t>(found, 16) & value_name_is_bytes),
                    at<uint32_t>(found, 12),
                    {}};
        const auto size = at<uint32_t>(found, 4);
        if (size & inline_data) {
            const uint32_t inside = size & ~inline_data;
            if (inside > 4) return bad(offset, "a value has too much data inside");
            value.data = data_of(found.subspan(8, inside));
        } else if (size) {
            value.data = TRY(data(at<uint32_t>(found, 8), size));
        }
        return value;
    }

    Result<std::vector<uint8_t>> data(uint32_t offset, uint32_t size) {
        const bool in_pieces = minor_ >= 4 && size > segment;
        const Cell first = TRY(own_cell(offset, in_pieces ? "db" : nullptr, in_pieces ? 8 : size));
        if (!in_pieces) return data_of(first.first(size));
        const size_t count = at<uint16_t>(first, 2);
        const Cell list = TRY(own_cell(at<uint32_t>(first, 4), nullptr, count * 4));
        std::vector<uint8_t> bytes;
        for (size_t i = 0; i < count && bytes.size() < size; ++i) {
            const size_t part = std::min<size_t>(segment, size - bytes.size());
            const auto piece = data_of(TRY(own_cell(at<uint32_t>(list, i * 4), nullptr, part)).first(part));
            bytes.insert(bytes.end(), piece.begin(), piece.end());
        }
        if (bytes.size() < size) return bad(offset, "a value lacks data");
        return bytes;
    }

    Result<> subkeys(uint32_t offset, std::vector<uint32_t>& below, bool inside) {
        const Cell list = TRY(own_cell(offset, nullptr, 4));
        const bool of_pairs = is(list, "lf") || is(list, "lh"), of_lists = is(list, "ri") && !inside;
        if (!of_pairs && !of_lists && !is(list, "li")) return bad(offset, "a list of keys is none");
        const size_t count = at<uint16_t>(list, 2), step = of_pairs ? 8 : 4;
        if (count * step > list.size() - 4) return bad(offset, "a list of keys is longer than its cell");
        for (size_t i = 0; i < count; ++i) {
            const auto entry = at<uint32_t>(list, 4 + i * step);
            if (of_lists)
                TRY(subkeys(entry, below, true));
            else
                below.push_back(entry);
        }
        return {};
    }

    const Cell bins_;
    const uint32_t minor_;
    std::set<uint32_t> seen_;
};

}  // namespace

bool is_hive(std::span<const std::byte> bytes) {
    return bytes.size() > page && std::memcmp(bytes.data(), "regf", 4) == 0 &&
           at<uint32_t>(bytes, 0x14) == 1 && at<uint32_t>(bytes, 0x1FC) == checksum(bytes.data());
}

Result<HiveKey> read_hive(std::span<const std::byte> bytes) {
    if (!is_hive(bytes)) return fail("this is no registry hive");
    return Reader(bytes).key(at<uint32_t>(bytes, 0x24), 0);
}

}  // namespace ndiskit::nt::registry
