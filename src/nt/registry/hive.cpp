#include "nt/registry/hive.h"

#include <hivex.h>

#include <cstring>
#include <memory>

#include "base/file.h"
#include "nt/registry/registry.h"

namespace ndiskit::nt::registry {

namespace {

struct CloseHive {
    void operator()(hive_h* hive) const { hivex_close(hive); }
};
using Hive = std::unique_ptr<hive_h, CloseHive>;

constexpr uint32_t page = 4096;

void put(std::vector<std::byte>& file, size_t at, const void* data, size_t size) {
    std::memcpy(file.data() + at, data, size);
}
template <class T>
void put(std::vector<std::byte>& file, size_t at, T value) {
    put(file, at, &value, sizeof value);
}

// hivex only changes hives, so that a new one starts from this: a header page and a bin with the root key,
// its security cell (which all keys share) and the rest free.
std::vector<std::byte> empty_hive() {
    std::vector<std::byte> file(2 * page);
    constexpr uint32_t root = 0x20, security = 0x90, free_cell = 0xC8, no_cell = 0xFFFFFFFF;
    put(file, 0, "regf", 4);
    put<uint32_t>(file, 4, 1);  // sequence numbers: the same when the file is whole
    put<uint32_t>(file, 8, 1);
    put<uint32_t>(file, 0x14, 1);  // version 1.3
    put<uint32_t>(file, 0x18, 3);
    put<uint32_t>(file, 0x20, 1);  // format: memory load
    put<uint32_t>(file, 0x24, root);
    put<uint32_t>(file, 0x28, page);
    put<uint32_t>(file, 0x2C, 1);
    const size_t bin = page;
    put(file, bin, "hbin", 4);
    put<uint32_t>(file, bin + 8, page);
    const size_t nk = bin + root;
    put<int32_t>(file, nk, -static_cast<int32_t>(security - root));
    put(file, nk + 4, "nk", 2);
    put<uint16_t>(file, nk + 6, 0x2C);  // root, not to be deleted, name in bytes
    put<uint32_t>(file, nk + 0x14, root);
    put<uint32_t>(file, nk + 0x20, no_cell);  // subkeys, volatile subkeys
    put<uint32_t>(file, nk + 0x24, no_cell);
    put<uint32_t>(file, nk + 0x2C, no_cell);  // values
    put<uint32_t>(file, nk + 0x30, security);
    put<uint32_t>(file, nk + 0x34, no_cell);  // class
    put<uint16_t>(file, nk + 0x4C, 4);
    put(file, nk + 0x50, "ROOT", 4);
    const size_t sk = bin + security;
    put<int32_t>(file, sk, -static_cast<int32_t>(free_cell - security));
    put(file, sk + 4, "sk", 2);
    put<uint32_t>(file, sk + 8, security);  // the list of security cells: this one alone
    put<uint32_t>(file, sk + 12, security);
    put<uint32_t>(file, sk + 16, 1);
    put<uint32_t>(file, sk + 20, 20);
    put<uint8_t>(file, sk + 24, 1);  // a self-relative descriptor that grants everything
    put<uint16_t>(file, sk + 26, 0x8000);
    put<int32_t>(file, bin + free_cell, static_cast<int32_t>(page - free_cell));
    uint32_t sum = 0;
    for (size_t at = 0; at < 0x1FC; at += 4) {
        uint32_t word;
        std::memcpy(&word, file.data() + at, 4);
        sum ^= word;
    }
    put<uint32_t>(file, 0x1FC, sum);
    return file;
}

struct Node {
    std::string name;
    std::vector<Value> values;
    std::vector<Node> subkeys;
};

Node copy_of(const Key& key) {
    Node node{to_utf8(key.name), key.values, {}};
    for (const auto& [name, subkey] : key.subkeys)
        if (!subkey->is_volatile) node.subkeys.push_back(copy_of(*subkey));
    return node;
}

Result<> write_node(hive_h* hive, hive_node_h at, const Node& node) {
    std::vector<hive_set_value> values;
    std::vector<std::string> names;
    names.reserve(node.values.size());
    for (const Value& value : node.values) {
        names.push_back(to_utf8(value.name));
        values.push_back({names.back().data(), static_cast<hive_type>(value.type), value.data.size(),
                          reinterpret_cast<char*>(const_cast<uint8_t*>(value.data.data()))});
    }
    if (hivex_node_set_values(hive, at, values.size(), values.data(), 0) != 0)
        return fail_errno("cannot write the values of the registry key " + node.name);
    for (const Node& subkey : node.subkeys) {
        const hive_node_h child = hivex_node_add_child(hive, at, subkey.name.c_str());
        if (!child) return fail_errno("cannot write the registry key " + subkey.name);
        TRY(write_node(hive, child, subkey));
    }
    return {};
}

Result<> read_node(hive_h* hive, hive_node_h at, Node& node) {
    const std::unique_ptr<hive_value_h, void (*)(void*)> values(hivex_node_values(hive, at), free);
    if (!values) return fail_errno("cannot read the values of the registry key " + node.name);
    for (const hive_value_h* value = values.get(); *value; ++value) {
        const std::unique_ptr<char, void (*)(void*)> name(hivex_value_key(hive, *value), free);
        hive_type type;
        size_t size = 0;
        const std::unique_ptr<char, void (*)(void*)> data(hivex_value_value(hive, *value, &type, &size),
                                                          free);
        if (!name || !data) return fail_errno("cannot read a value of the registry key " + node.name);
        const auto* bytes = reinterpret_cast<const uint8_t*>(data.get());
        node.values.push_back({to_utf16(name.get()), static_cast<uint32_t>(type), {bytes, bytes + size}});
    }
    const std::unique_ptr<hive_node_h, void (*)(void*)> children(hivex_node_children(hive, at), free);
    if (!children) return fail_errno("cannot read the subkeys of the registry key " + node.name);
    for (const hive_node_h* child = children.get(); *child; ++child) {
        const std::unique_ptr<char, void (*)(void*)> name(hivex_node_name(hive, *child), free);
        if (!name) return fail_errno("cannot read the name of a subkey of " + node.name);
        TRY(read_node(hive, *child, node.subkeys.emplace_back(Node{name.get(), {}, {}})));
    }
    return {};
}

void merge(Tree& tree, const KeyRef& key, const Node& node) {
    for (const Value& value : node.values)
        set(*key, value.name, value.type, value.data.data(), value.data.size());
    for (const Node& subkey : node.subkeys)
        if (const Lookup child = find(tree, key, to_utf16(subkey.name), {.create = true}); child.key)
            merge(tree, child.key, subkey);
}

Error named(Error error, const std::filesystem::path& file) {
    error.where = file.string();
    return error;
}

}  // namespace

bool is_hive(const std::filesystem::path& file) {
    const Hive hive(hivex_open(file.c_str(), 0));
    return hive != nullptr;
}

Result<> load_hive(const std::filesystem::path& file, std::string_view path) {
    const Hive hive(hivex_open(file.c_str(), 0));
    if (!hive) return fail_errno("cannot open the registry hive", file.string());
    Node root;
    if (auto read = read_node(hive.get(), hivex_root(hive.get()), root); !read)
        return std::unexpected(named(read.error(), file));
    create_key(path);
    tree().with([&](Tree& t) {
        const std::u16string text =
            path.starts_with("HKLM\\") ? u"\\Registry\\Machine\\" + to_utf16(path.substr(5)) : to_utf16(path);
        merge(t, find(t, nullptr, text).key, root);
    });
    return {};
}

Result<> save_hive(const std::filesystem::path& file, std::string_view path) {
    const Node root = tree().with([&](Tree& t) {
        const std::u16string text =
            path.starts_with("HKLM\\") ? u"\\Registry\\Machine\\" + to_utf16(path.substr(5)) : to_utf16(path);
        const KeyRef key = find(t, nullptr, text).key;
        return key ? copy_of(*key) : Node{};
    });
    TRY(write_file(file, empty_hive()));
    const Hive hive(hivex_open(file.c_str(), HIVEX_OPEN_WRITE));
    if (!hive) return fail_errno("cannot open the registry hive for writing", file.string());
    if (auto written = write_node(hive.get(), hivex_root(hive.get()), root); !written)
        return std::unexpected(named(written.error(), file));
    const std::filesystem::path fresh = file.string() + ".new";
    if (hivex_commit(hive.get(), fresh.c_str(), 0) != 0)
        return fail_errno("cannot write the registry hive", fresh.string());
    std::error_code error;
    std::filesystem::rename(fresh, file, error);
    if (error) return fail("cannot put the registry hive in place: " + error.message(), file.string());
    return {};
}

}  // namespace ndiskit::nt::registry
