// Writing a hive: cells one behind the other in bins, each key with what belongs to it, the descriptors once each
// in a ring. The offset of a cell is known as soon as it is made and never changes, so that what names it is
// filled in later; the file grows as it goes, so that no pointer into it is kept.
#include <algorithm>
#include <cstring>
#include <map>

#include "nt/registry/hive.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::registry {

using namespace hive;

namespace {

constexpr size_t most_in_a_leaf = 500;

bool fits_bytes(std::u16string_view text) {
    return std::ranges::all_of(text, [](char16_t c) { return c < 256; });
}

class Writer {
  public:
    Writer(HiveFormat format, int64_t time)
        : latest_(format == HiveFormat::latest), time_(time), file_(page) {}

    std::vector<std::byte> whole(const HiveKey& root) {
        const uint32_t top = put_key(root, no_cell);
        close_bin();
        link_descriptors();
        put_header(top);
        return std::move(file_);
    }

  private:
    template <class T>
    void put(uint32_t cell, uint32_t at, T value) {
        std::memcpy(place(cell) + at, &value, sizeof value);
    }
    void put(uint32_t cell, uint32_t at, const void* data, size_t size) {
        if (size) std::memcpy(place(cell) + at, data, size);
    }
    std::byte* place(uint32_t cell) { return file_.data() + page + cell + 4; }

    void open_bin(uint32_t size) {
        const auto at = static_cast<uint32_t>(file_.size() - page);
        file_.resize(file_.size() + size);
        std::byte* const bin = file_.data() + page + at;
        std::memcpy(bin, "hbin", 4);
        std::memcpy(bin + 4, &at, 4);
        std::memcpy(bin + 8, &size, 4);
        std::memcpy(bin + 20, &time_, 8);
        free_ = at + bin_header;
        end_ = at + size;
    }
    // What is left of it becomes a free cell.
    void close_bin() {
        const auto left = static_cast<int32_t>(end_ - free_);
        if (left) std::memcpy(place(free_) - 4, &left, 4);
    }

    // A cell never crosses the end of its bin.
    uint32_t cell(size_t data) {
        const auto size = static_cast<uint32_t>((data + 4 + 7) & ~size_t{7});
        if (end_ - free_ < size) {
            close_bin();
            open_bin((size + bin_header + page - 1) / page * page);
        }
        const uint32_t made = free_;
        free_ += size;
        const auto used = -static_cast<int32_t>(size);
        std::memcpy(place(made) - 4, &used, 4);
        return made;
    }

    void put_name(uint32_t at_cell, uint32_t at, std::u16string_view name, bool bytes) {
        if (!bytes) return put(at_cell, at, name.data(), name.size() * 2);
        for (const char16_t c : name) put<uint8_t>(at_cell, at++, static_cast<uint8_t>(c));
    }

    uint32_t put_bytes(const void* data, size_t size) {
        const uint32_t made = cell(size);
        put(made, 0, data, size);
        return made;
    }

    uint32_t put_data(const std::vector<uint8_t>& data) {
        if (!latest_ || data.size() <= segment) return put_bytes(data.data(), data.size());
        std::vector<uint32_t> pieces;
        for (size_t at = 0; at < data.size(); at += segment)
            pieces.push_back(put_bytes(data.data() + at, std::min<size_t>(segment, data.size() - at)));
        const uint32_t list = put_bytes(pieces.data(), pieces.size() * 4);
        const uint32_t big = cell(12);
        put(big, 0, "db", 2);
        put<uint16_t>(big, 2, static_cast<uint16_t>(pieces.size()));
        put(big, 4, list);
        return big;
    }

    uint32_t put_value(const Value& value) {
        const bool bytes = fits_bytes(value.name);
        const size_t name = value.name.size() * (bytes ? 1 : 2);
        const auto size = static_cast<uint32_t>(value.data.size());
        const uint32_t made = cell(value_fixed + name);
        put(made, 0, "vk", 2);
        put<uint16_t>(made, 2, static_cast<uint16_t>(name));
        if (size <= 4) {
            put<uint32_t>(made, 4, size | inline_data);
            put(made, 8, value.data.data(), size);
        } else {
            const uint32_t data = put_data(value.data);
            put<uint32_t>(made, 4, size);
            put<uint32_t>(made, 8, data);
        }
        put<uint32_t>(made, 12, value.type);
        put<uint16_t>(made, 16, bytes && name ? value_name_is_bytes : 0);
        put_name(made, value_fixed, value.name, bytes);
        return made;
    }

    uint32_t put_descriptor(const std::vector<uint8_t>& descriptor) {
        auto [known, fresh] = descriptors_.try_emplace(descriptor);
        if (fresh) {
            const uint32_t made = cell(security_fixed + descriptor.size());
            put(made, 0, "sk", 2);
            put<uint32_t>(made, 16, static_cast<uint32_t>(descriptor.size()));
            put(made, security_fixed, descriptor.data(), descriptor.size());
            known->second = {made, 0};
        }
        put<uint32_t>(known->second.cell, 12, ++known->second.keys);
        return known->second.cell;
    }

    // All in one ring.
    void link_descriptors() {
        std::vector<uint32_t> cells;
        for (const auto& [descriptor, kept] : descriptors_) cells.push_back(kept.cell);
        for (size_t i = 0; i < cells.size(); ++i) {
            put(cells[i], 4, cells[(i + 1) % cells.size()]);
            put(cells[i], 8, cells[(i + cells.size() - 1) % cells.size()]);
        }
    }

    uint32_t put_leaf(const std::vector<std::pair<uint32_t, uint32_t>>& entries, size_t first, size_t count) {
        const uint32_t made = cell(4 + count * 8);
        put(made, 0, latest_ ? "lh" : "lf", 2);
        put<uint16_t>(made, 2, static_cast<uint16_t>(count));
        put(made, 4, entries.data() + first, count * 8);
        return made;
    }

    uint32_t put_subkeys(const std::vector<HiveKey>& subkeys, uint32_t parent) {
        std::vector<std::pair<uint32_t, uint32_t>> entries;  // cell, and hash or first letters
        for (const HiveKey& subkey : subkeys)
            entries.emplace_back(put_key(subkey, parent), hint(subkey.name));
        if (entries.size() <= most_in_a_leaf) return put_leaf(entries, 0, entries.size());
        std::vector<uint32_t> leaves;
        for (size_t at = 0; at < entries.size(); at += most_in_a_leaf)
            leaves.push_back(put_leaf(entries, at, std::min(most_in_a_leaf, entries.size() - at)));
        const uint32_t made = cell(4 + leaves.size() * 4);
        put(made, 0, "ri", 2);
        put<uint16_t>(made, 2, static_cast<uint16_t>(leaves.size()));
        put(made, 4, leaves.data(), leaves.size() * 4);
        return made;
    }

    uint32_t hint(std::u16string_view name) const {
        if (latest_) return name_hash(name);
        uint32_t letters = 0;
        if (fits_bytes(name.substr(0, 4)))
            for (size_t i = std::min<size_t>(name.size(), 4); i-- > 0;) letters = letters << 8 | name[i];
        return letters;
    }

    uint32_t put_key(const HiveKey& key, uint32_t parent) {
        const bool bytes = fits_bytes(key.name);
        const size_t name = key.name.size() * (bytes ? 1 : 2);
        const uint32_t made = cell(key_fixed + name);
        put(made, 0, "nk", 2);
        put<uint16_t>(made, 2,
                      static_cast<uint16_t>((bytes ? name_is_bytes : 0) | (key.is_link ? key_is_link : 0) |
                                            (parent == no_cell ? key_is_root | key_not_deleted : 0)));
        put<int64_t>(made, 4, key.last_write);
        put<uint32_t>(made, 16, parent == no_cell ? made : parent);
        for (const uint32_t list : {0x1C, 0x20, 0x28, 0x2C, 0x30}) put(made, list, no_cell);
        put<uint16_t>(made, 0x48, static_cast<uint16_t>(name));
        put_name(made, key_fixed, key.name, bytes);
        if (!key.class_name.empty()) {
            const size_t size = key.class_name.size() * 2;
            const uint32_t class_cell = put_bytes(key.class_name.data(), size);
            put<uint32_t>(made, 0x30, class_cell);
            put<uint16_t>(made, 0x4A, static_cast<uint16_t>(size));
        }
        if (!key.security.empty()) put<uint32_t>(made, 0x2C, put_descriptor(key.security));
        put_contents(made, key);
        return made;
    }

    void put_contents(uint32_t made, const HiveKey& key) {
        uint32_t longest_name = 0, longest_class = 0, longest_value = 0, longest_data = 0;
        for (const HiveKey& subkey : key.subkeys) {
            longest_name = std::max(longest_name, static_cast<uint32_t>(subkey.name.size() * 2));
            longest_class = std::max(longest_class, static_cast<uint32_t>(subkey.class_name.size() * 2));
        }
        std::vector<uint32_t> values;
        for (const Value& value : key.values) {
            values.push_back(put_value(value));
            longest_value = std::max(longest_value, static_cast<uint32_t>(value.name.size() * 2));
            longest_data = std::max(longest_data, static_cast<uint32_t>(value.data.size()));
        }
        put<uint32_t>(made, 0x24, static_cast<uint32_t>(values.size()));
        if (!values.empty()) put<uint32_t>(made, 0x28, put_bytes(values.data(), values.size() * 4));
        put<uint32_t>(made, 0x14, static_cast<uint32_t>(key.subkeys.size()));
        if (!key.subkeys.empty()) put<uint32_t>(made, 0x1C, put_subkeys(key.subkeys, made));
        put<uint32_t>(made, 0x34, longest_name);
        put<uint32_t>(made, 0x38, longest_class);
        put<uint32_t>(made, 0x3C, longest_value);
        put<uint32_t>(made, 0x40, longest_data);
    }

    void put_header(uint32_t top) {
        std::byte* const header = file_.data();
        const auto word = [&](size_t at, uint32_t value) { std::memcpy(header + at, &value, 4); };
        std::memcpy(header, "regf", 4);
        word(4, 1);  // sequence numbers: the same when the file is whole
        word(8, 1);
        std::memcpy(header + 0x0C, &time_, 8);
        word(0x14, 1);
        word(0x18, latest_ ? 5 : 3);
        word(0x20, 1);  // format: memory load
        word(0x24, top);
        word(0x28, static_cast<uint32_t>(file_.size() - page));
        word(0x2C, 1);
        word(0x1FC, checksum(header));
    }

    struct Kept {
        uint32_t cell = 0, keys = 0;
    };

    const bool latest_;
    const int64_t time_;
    std::vector<std::byte> file_;
    uint32_t free_ = 0, end_ = 0;  // of the last bin
    std::map<std::vector<uint8_t>, Kept> descriptors_;
};

}  // namespace

uint32_t name_hash(std::u16string_view name) {
    uint32_t hash = 0;
    for (const char16_t c : name) hash = hash * 37 + upcase(c);
    return hash;
}

uint32_t hive::checksum(const std::byte* header) {
    uint32_t sum = 0;
    for (size_t at = 0; at < 0x1FC; at += 4) {
        uint32_t word;
        std::memcpy(&word, header + at, 4);
        sum ^= word;
    }
    if (sum == 0) return 1;
    return sum == 0xFFFFFFFF ? 0xFFFFFFFE : sum;
}

std::vector<std::byte> write_hive(const HiveKey& root, HiveFormat format, int64_t time) {
    return Writer(format, time).whole(root);
}

}  // namespace ndiskit::nt::registry
