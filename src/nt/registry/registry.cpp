#include "nt/registry/registry.h"

#include <algorithm>
#include <atomic>
#include <cstring>

#include "nt/abi/status.h"

namespace ndiskit::nt::registry {

namespace {

constexpr size_t longest_name = 255;
constexpr int deepest_link = 8;
constexpr std::u16string_view link_value = u"SymbolicLinkValue";

std::atomic<ChangeListener> listener = nullptr;

// The next name of a path, which loses it; empty at the end.
std::u16string_view next_name(std::u16string_view& path) {
    while (!path.empty() && path[0] == '\\') path.remove_prefix(1);
    const auto name = path.substr(0, path.find(u'\\'));
    path.remove_prefix(name.size());
    return name;
}

KeyRef add_subkey(Key& parent, std::u16string_view name) {
    auto key = std::make_shared<Key>();
    key->name = name;
    key->parent = &parent;
    parent.subkeys.emplace(key->name, key);
    ++parent.changes;
    return key;
}

KeyRef make_path(const KeyRef& from, std::u16string_view path) {
    KeyRef key = from;
    for (auto name = next_name(path); !name.empty(); name = next_name(path)) {
        auto found = key->subkeys.find(name);
        key = found == key->subkeys.end() ? add_subkey(*key, name) : found->second;
    }
    return key;
}

KeyRef make_tree() {
    auto root = std::make_shared<Key>();
    for (std::u16string_view path :
         {u"Registry\\Machine\\Hardware\\DeviceMap",
          u"Registry\\Machine\\Software\\Microsoft\\Windows NT\\CurrentVersion",
          u"Registry\\Machine\\System\\ControlSet001\\Control\\Class",
          u"Registry\\Machine\\System\\ControlSet001\\Enum",
          u"Registry\\Machine\\System\\ControlSet001\\Services", u"Registry\\User\\.Default"})
        make_path(root, path);
    make_path(root, u"Registry\\Machine\\Hardware")->is_volatile = true;
    const KeyRef current = make_path(root, u"Registry\\Machine\\System\\CurrentControlSet");
    const std::u16string_view target = u"\\Registry\\Machine\\System\\ControlSet001";
    set(*current, link_value, link, target.data(), target.size() * sizeof(char16_t));
    current->is_link = true;
    // Volatile: each load of a hive makes it anew.
    current->is_volatile = true;
    const uint32_t one = 1;
    set(*make_path(root, u"Registry\\Machine\\System\\Select"), u"Current", dword, &one, sizeof one);
    return root;
}

std::u16string full_path(std::string_view path) {
    if (path.starts_with("HKLM\\")) return u"\\Registry\\Machine\\" + to_utf16(path.substr(5));
    return to_utf16(path);
}

KeyRef find_host(Tree& tree, std::string_view path, bool create) {
    return find(tree, nullptr, full_path(path), {.create = create, .create_parents = create}).key;
}

// Follows `key` as long as it is a link.
Lookup follow(Tree& tree, KeyRef key, int depth) {
    if (!key->is_link) return {STATUS_SUCCESS, key};
    const Value* value = key->find_value(link_value);
    if (depth == deepest_link || !value) return {STATUS_OBJECT_NAME_NOT_FOUND, nullptr};
    const std::u16string target = text_of(*value);
    KeyRef at = tree.root;
    std::u16string_view rest = target;
    for (auto name = next_name(rest); !name.empty(); name = next_name(rest)) {
        auto found = at->subkeys.find(name);
        if (found == at->subkeys.end()) return {STATUS_OBJECT_NAME_NOT_FOUND, nullptr};
        const Lookup next = follow(tree, found->second, depth + 1);
        if (!next.key) return next;
        at = next.key;
    }
    return {STATUS_SUCCESS, at};
}

}  // namespace

Key::Key()
    : id([] {
          static std::atomic<uint64_t> last = 0;
          return last.fetch_add(1, std::memory_order_relaxed) + 1;
      }()) {}

const Value* Key::find_value(std::u16string_view value_name) const {
    for (const Value& value : values)
        if (same_text(value.name, value_name)) return &value;
    return nullptr;
}

std::u16string Key::path() const {
    std::u16string text;
    for (const Key* key = this; key && key->parent; key = key->parent) text = u"\\" + key->name + text;
    return text;
}

Guarded<Tree, LockRank::nt_registry>& tree() {
    static Guarded<Tree, LockRank::nt_registry> it(Tree{make_tree()});
    return it;
}

void set_change_listener(ChangeListener to) { listener = to; }

void notify(const KeyRef& key, Change what) {
    if (auto* tell = listener.load()) tell(key, what);
}

Lookup find(Tree& tree, const KeyRef& from, std::u16string_view path, const CreateOptions& options) {
    if (from && from->deleted) return {STATUS_KEY_DELETED, nullptr};
    const bool absolute = !path.empty() && path[0] == '\\';
    if (absolute != !from) return {STATUS_OBJECT_PATH_SYNTAX_BAD, nullptr};
    KeyRef key = from ? from : tree.root;
    bool created = false;
    for (auto name = next_name(path); !name.empty(); name = next_name(path)) {
        const bool last = path.find_first_not_of(u'\\') == path.npos;
        if (name.size() > longest_name) return {STATUS_OBJECT_NAME_INVALID, nullptr};
        auto found = key->subkeys.find(name);
        if (found != key->subkeys.end()) {
            key = found->second;
            if (last && options.open_link) break;
            const Lookup target = follow(tree, key, 0);
            if (!target.key) return target;
            key = target.key;
            continue;
        }
        if (!options.create || (!last && !options.create_parents))
            return {STATUS_OBJECT_NAME_NOT_FOUND, nullptr};
        if (key->is_volatile && !options.is_volatile && from) return {STATUS_CHILD_MUST_BE_VOLATILE, nullptr};
        const bool inherits = key->is_volatile;
        key = add_subkey(*key, name);
        key->is_volatile = options.is_volatile || inherits;
        created = true;
        if (last) {
            key->is_link = options.is_link;
            key->class_name = options.class_name;
        }
    }
    return {STATUS_SUCCESS, key, created};
}

NTSTATUS set(Key& key, std::u16string_view name, uint32_t type, const void* data, size_t size) {
    if (key.deleted) return STATUS_KEY_DELETED;
    auto value = std::find_if(key.values.begin(), key.values.end(),
                              [&](const Value& v) { return same_text(v.name, name); });
    if (value == key.values.end()) value = key.values.insert(value, Value{std::u16string(name), type, {}});
    value->type = type;
    const auto* bytes = static_cast<const uint8_t*>(data);
    value->data.assign(bytes, bytes + size);
    ++key.changes;
    return STATUS_SUCCESS;
}

NTSTATUS remove_value(Key& key, std::u16string_view name) {
    if (key.deleted) return STATUS_KEY_DELETED;
    auto value = std::find_if(key.values.begin(), key.values.end(),
                              [&](const Value& v) { return same_text(v.name, name); });
    if (value == key.values.end()) return STATUS_OBJECT_NAME_NOT_FOUND;
    key.values.erase(value);
    ++key.changes;
    return STATUS_SUCCESS;
}

NTSTATUS remove(Key& key) {
    if (key.deleted) return STATUS_KEY_DELETED;
    if (!key.subkeys.empty() || !key.parent) return STATUS_CANNOT_DELETE;
    Key& parent = *key.parent;
    auto self = parent.subkeys.find(key.name);
    const KeyRef keep = self->second;
    key.deleted = true;
    key.parent = nullptr;
    parent.subkeys.erase(self);
    ++parent.changes;
    return STATUS_SUCCESS;
}

bool key_exists(std::string_view path) {
    return tree().with([&](Tree& t) { return find_host(t, path, false) != nullptr; });
}

std::vector<std::string> subkeys(std::string_view path) {
    return tree().with([&](Tree& t) {
        std::vector<std::string> names;
        if (const KeyRef key = find_host(t, path, false))
            for (const auto& [name, subkey] : key->subkeys) names.push_back(to_utf8(name));
        return names;
    });
}

std::vector<std::string> value_names(std::string_view path) {
    return tree().with([&](Tree& t) {
        std::vector<std::string> names;
        if (const KeyRef key = find_host(t, path, false))
            for (const Value& value : key->values) names.push_back(to_utf8(value.name));
        return names;
    });
}

std::optional<Value> get(std::string_view path, std::string_view name) {
    return tree().with([&](Tree& t) -> std::optional<Value> {
        const KeyRef key = find_host(t, path, false);
        const Value* value = key ? key->find_value(to_utf16(name)) : nullptr;
        return value ? std::optional(*value) : std::nullopt;
    });
}

std::optional<std::string> get_string(std::string_view path, std::string_view name) {
    const auto value = get(path, name);
    if (!value || (value->type != string && value->type != expand_string)) return std::nullopt;
    return to_utf8(text_of(*value));
}

std::optional<uint32_t> get_dword(std::string_view path, std::string_view name) {
    const auto value = get(path, name);
    if (!value || value->type != dword || value->data.size() != sizeof(uint32_t)) return std::nullopt;
    uint32_t number;
    std::memcpy(&number, value->data.data(), sizeof number);
    return number;
}

std::vector<std::string> get_multi_string(std::string_view path, std::string_view name) {
    std::vector<std::string> texts;
    const auto value = get(path, name);
    if (!value || value->type != multi_string) return texts;
    std::u16string all(value->data.size() / sizeof(char16_t), 0);
    std::memcpy(all.data(), value->data.data(), all.size() * sizeof(char16_t));
    for (size_t at = 0; at < all.size() && all[at];) {
        const std::u16string one = all.substr(at, all.find(u'\0', at) - at);
        texts.push_back(to_utf8(one));
        at += one.size() + 1;
    }
    return texts;
}

void create_key(std::string_view path) {
    tree().with([&](Tree& t) { find_host(t, path, true); });
}

void set(std::string_view path, std::string_view name, uint32_t type, std::vector<uint8_t> data) {
    const KeyRef key = tree().with([&](Tree& t) {
        KeyRef target = find_host(t, path, true);
        ASSERT_THAT(target, "{} is no path of a registry key", path);
        set(*target, to_utf16(name), type, data.data(), data.size());
        return target;
    });
    notify(key, Change::values);
}

void set_string(std::string_view path, std::string_view name, std::string_view text) {
    set(path, name, string, data_of(to_utf16(text)));
}

void set_dword(std::string_view path, std::string_view name, uint32_t value) {
    const auto* bytes = reinterpret_cast<const uint8_t*>(&value);
    set(path, name, dword, {bytes, bytes + sizeof value});
}

void set_multi_string(std::string_view path, std::string_view name, const std::vector<std::string>& texts) {
    std::u16string all;
    for (const std::string& text : texts)
        if (!text.empty()) all += to_utf16(text) + u'\0';
    set(path, name, multi_string, data_of(all));
}

bool delete_key(std::string_view path) {
    return tree().with([&](Tree& t) {
        const KeyRef key = find(t, nullptr, full_path(path), {.open_link = true}).key;
        if (!key || !key->parent) return false;
        const std::function<void(Key&)> forget = [&](Key& at) {
            for (auto& [name, subkey] : at.subkeys) forget(*subkey);
            at.subkeys.clear();
            at.deleted = true;
        };
        Key& parent = *key->parent;
        forget(*key);
        key->parent = nullptr;
        parent.subkeys.erase(key->name);
        ++parent.changes;
        return true;
    });
}

bool delete_value(std::string_view path, std::string_view name) {
    return tree().with([&](Tree& t) {
        const KeyRef key = find_host(t, path, false);
        return key && remove_value(*key, to_utf16(name)) == STATUS_SUCCESS;
    });
}

std::u16string text_of(const Value& value) {
    std::u16string text(value.data.size() / sizeof(char16_t), 0);
    std::memcpy(text.data(), value.data.data(), text.size() * sizeof(char16_t));
    return text.substr(0, text.find(u'\0'));
}

std::vector<uint8_t> data_of(std::u16string_view text) {
    std::vector<uint8_t> data((text.size() + 1) * sizeof(char16_t));
    std::memcpy(data.data(), text.data(), text.size() * sizeof(char16_t));
    return data;
}

}  // namespace ndiskit::nt::registry
