#include "nt/registry/hive_tree.h"

#include "nt/registry/key_security.h"

namespace ndiskit::nt::registry {

namespace {

void forget(Key& key) {
    for (const auto& [name, subkey] : key.subkeys) forget(*subkey);
    key.subkeys.clear();
    key.deleted = true;
    key.parent = nullptr;
}

}  // namespace

HiveKey copy_of(Key& key, const security::Token& system) {
    HiveKey copy{.name = key.name,
                 .class_name = key.class_name,
                 .last_write = key.last_write,
                 .is_link = key.is_link,
                 .security = *descriptor_of(key, system),
                 .values = key.values,
                 .subkeys = {}};
    for (const auto& [name, subkey] : key.subkeys)
        if (!subkey->is_volatile) copy.subkeys.push_back(copy_of(*subkey, system));
    return copy;
}

void replace(Key& key, const HiveKey& with) {
    key.class_name = with.class_name;
    key.last_write = with.last_write;
    key.is_link = with.is_link;
    key.security =
        with.security.empty() ? nullptr : std::make_shared<const std::vector<uint8_t>>(with.security);
    key.values = with.values;
    ++key.changes;
    std::erase_if(key.subkeys, [](const auto& entry) {
        if (entry.second->is_volatile) return false;
        forget(*entry.second);
        return true;
    });
    for (const HiveKey& subkey : with.subkeys) {
        auto [made, fresh] = key.subkeys.try_emplace(subkey.name, nullptr);
        if (!fresh) continue;
        made->second = std::make_shared<Key>();
        made->second->name = subkey.name;
        made->second->parent = &key;
        replace(*made->second, subkey);
    }
}

}  // namespace ndiskit::nt::registry
