// The registry: one tree of keys in memory, from \Registry on. Keys compare without regard to case; subkeys
// are kept sorted, values in the order in which they were set. A symbolic link (CurrentControlSet) is a key
// whose value SymbolicLinkValue names another.
//
// This is the model, for host code: paths are UTF-8, "\\Registry\\Machine\\System\\..." or
// "HKLM\\System\\...". Drivers come through registry_calls.cpp (ZwOpenKey ...) and registry_values.cpp
// (RtlQueryRegistryValues ...). hive.h keeps it in files. One lock (nt_registry) guards the tree; no key is
// touched without it.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/guarded.h"
#include "base/result.h"
#include "nt/abi/types.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::registry {

enum Type : uint32_t {
    none = 0,
    string = 1,
    expand_string = 2,
    binary = 3,
    dword = 4,
    dword_big_endian = 5,
    link = 6,
    multi_string = 7,
    qword = 11,
};

struct Value {
    std::u16string name;  // empty: the key's default value
    uint32_t type = none;
    std::vector<uint8_t> data;
};

class Key;
using KeyRef = std::shared_ptr<Key>;

class Key {
  public:
    Key();

    const uint64_t id;  // no two keys have the same
    std::u16string name;
    std::u16string class_name;
    Key* parent = nullptr;  // null for the root and for a deleted key
    std::map<std::u16string, KeyRef, LessIgnoringCase> subkeys;
    std::vector<Value> values;
    int64_t last_write = 0;
    bool is_volatile = false;  // not kept in files
    bool is_link = false;
    bool deleted = false;
    // Self-relative; null as long as it is what the keys above give it.
    std::shared_ptr<const std::vector<uint8_t>> security;
    uint64_t changes = 0;  // grows with each change of the key, its values or its subkeys' names

    const Value* find_value(std::u16string_view value_name) const;
    std::u16string path() const;
};

struct Tree {
    KeyRef root;
};
// The tree with its fixed keys: Machine\System\ControlSet001 with its link, Hardware, Software, User.
Guarded<Tree, LockRank::nt_registry>& tree();

// What each change of the tree is told to, outside the lock: for ZwNotifyChangeKey.
enum class Change : uint8_t { names, values, attributes, security };
using ChangeListener = void (*)(const KeyRef& key, Change what);
void set_change_listener(ChangeListener listener);
void notify(const KeyRef& key, Change what);

// Inside tree().with only:
struct Lookup {
    NTSTATUS status = 0;
    KeyRef key;
    bool created = false;
};
struct CreateOptions {
    bool create = false;  // the last name of the path
    bool create_parents = false;
    bool is_volatile = false;
    bool is_link = false;
    bool open_link = false;  // the link itself, not what it names
    std::u16string_view class_name = {};
};
// `path` is relative to `from`, or absolute when `from` is null.
Lookup find(Tree& tree, const KeyRef& from, std::u16string_view path, const CreateOptions& options = {});
NTSTATUS set(Key& key, std::u16string_view name, uint32_t type, const void* data, size_t size);
NTSTATUS remove_value(Key& key, std::u16string_view name);
NTSTATUS remove(Key& key);

// ---- For host code.
bool key_exists(std::string_view path);
std::vector<std::string> subkeys(std::string_view path);
std::vector<std::string> value_names(std::string_view path);
std::optional<Value> get(std::string_view path, std::string_view name);
// Of REG_SZ and REG_EXPAND_SZ, without the terminator.
std::optional<std::string> get_string(std::string_view path, std::string_view name);
std::optional<uint32_t> get_dword(std::string_view path, std::string_view name);
std::vector<std::string> get_multi_string(std::string_view path, std::string_view name);

// These create the key with its parents.
void create_key(std::string_view path);
void set(std::string_view path, std::string_view name, uint32_t type, std::vector<uint8_t> data);
void set_string(std::string_view path, std::string_view name, std::string_view text);
void set_dword(std::string_view path, std::string_view name, uint32_t value);
void set_multi_string(std::string_view path, std::string_view name, const std::vector<std::string>& texts);

// With everything below; false when there is no such key or value.
bool delete_key(std::string_view path);
bool delete_value(std::string_view path, std::string_view name);

// The text of a string value's data, without the terminator.
std::u16string text_of(const Value& value);
std::vector<uint8_t> data_of(std::u16string_view text);

}  // namespace ndiskit::nt::registry
