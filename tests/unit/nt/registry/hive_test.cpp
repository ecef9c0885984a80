// Hives, against hivex, which reads and writes them on its own; what hivex does not know, by reading back;
// and damaged ones.
#include <gtest/gtest.h>
#include <hivex.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <memory>

#include "base/file.h"
#include "nt/registry/hive.h"
#include "nt/rtl/unicode.h"
#include "nt/security/descriptor.h"

namespace ndiskit::nt {
namespace {

using registry::HiveFormat;
using registry::HiveKey;
using registry::Value;

struct CloseHive {
    void operator()(hive_h* hive) const { hivex_close(hive); }
};
using Hive = std::unique_ptr<hive_h, CloseHive>;

struct File {
    std::filesystem::path path =
        std::filesystem::temp_directory_path() / ("ndiskit-hive-test-" + std::to_string(::getpid()));
    ~File() { std::filesystem::remove(path); }
};

constexpr int64_t some_time = 132'000'000'000'000'000;

HiveKey key_of(std::u16string name, std::vector<HiveKey> subkeys = {}) {
    HiveKey key;
    key.name = std::move(name);
    key.last_write = some_time;
    key.security = *security::parse_sddl(u"O:BAG:SYD:(A;CI;GA;;;SY)");
    key.subkeys = std::move(subkeys);
    return key;
}

// Of each kind that a hive writes in a way of its own.
HiveKey sample() {
    std::vector<HiveKey> many;
    for (int i = 0; i < 1200; ++i) many.push_back(key_of(to_utf16("k" + std::to_string(10'000 + i))));
    HiveKey named = key_of(u"Ünïcode \u03A9");
    named.class_name = u"The class";
    named.last_write = some_time + 5;
    named.security = *security::parse_sddl(u"O:SYG:SYD:P(A;;GR;;;WD)");
    named.values = {{u"", registry::string, {0x41, 0, 0, 0}},
                    {u"empty", registry::binary, {}},
                    {u"four", registry::dword, {1, 2, 3, 4}},
                    {u"five", registry::binary, {1, 2, 3, 4, 5}},
                    {u"\u0416", 0x1234, {9}},
                    {std::u16string(u"with\0null", 9), registry::binary, {7}},
                    {u"large", registry::binary, std::vector<uint8_t>(40'000, 0xA5)}};
    HiveKey link = key_of(u"Link");
    link.is_link = true;
    link.values = {{u"SymbolicLinkValue", registry::link, {'x', 0}}};
    return key_of(u"Root", {key_of(u"Many", std::move(many)), std::move(link), std::move(named)});
}

void expect_same(const HiveKey& a, const HiveKey& b) {
    EXPECT_EQ(a.name, b.name);
    EXPECT_EQ(a.class_name, b.class_name);
    EXPECT_EQ(a.last_write, b.last_write);
    EXPECT_EQ(a.is_link, b.is_link);
    EXPECT_EQ(a.security, b.security);
    ASSERT_EQ(a.values.size(), b.values.size());
    for (size_t i = 0; i < a.values.size(); ++i) {
        EXPECT_EQ(a.values[i].name, b.values[i].name);
        EXPECT_EQ(a.values[i].type, b.values[i].type);
        EXPECT_EQ(a.values[i].data, b.values[i].data) << to_utf8(a.values[i].name);
    }
    ASSERT_EQ(a.subkeys.size(), b.subkeys.size());
    for (size_t i = 0; i < a.subkeys.size(); ++i) expect_same(a.subkeys[i], b.subkeys[i]);
}

// What hivex finds in a hive, without what it has no function for.
HiveKey by_hivex(hive_h* hive, hive_node_h node) {
    HiveKey key;
    const std::unique_ptr<char, void (*)(void*)> name(hivex_node_name(hive, node), free);
    key.name = to_utf16(name.get());
    key.last_write = hivex_node_timestamp(hive, node);
    const std::unique_ptr<hive_value_h, void (*)(void*)> values(hivex_node_values(hive, node), free);
    for (const hive_value_h* value = values.get(); *value; ++value) {
        const std::unique_ptr<char, void (*)(void*)> value_name(hivex_value_key(hive, *value), free);
        uint32_t type = 0;  // any number
        size_t size = 0;
        const std::unique_ptr<char, void (*)(void*)> data(
            hivex_value_value(hive, *value, reinterpret_cast<hive_type*>(&type), &size), free);
        key.values.push_back({to_utf16(value_name.get()), type, {data.get(), data.get() + size}});
    }
    const std::unique_ptr<hive_node_h, void (*)(void*)> children(hivex_node_children(hive, node), free);
    for (const hive_node_h* child = children.get(); *child; ++child)
        key.subkeys.push_back(by_hivex(hive, *child));
    return key;
}

// As hivex gives it.
HiveKey plain(const HiveKey& key) {
    HiveKey copy = key;
    copy.class_name.clear();
    copy.security.clear();
    copy.is_link = false;
    for (Value& value : copy.values) value.name = value.name.substr(0, value.name.find(u'\0'));
    for (HiveKey& subkey : copy.subkeys) subkey = plain(subkey);
    return copy;
}

TEST(Hive, AnotherReaderFindsWhatWasWritten) {
    const File file;
    for (const HiveFormat format : {HiveFormat::standard, HiveFormat::latest}) {
        ASSERT_TRUE(write_file(file.path, write_hive(sample(), format, some_time)));
        const Hive hive(hivex_open(file.path.c_str(), 0));
        ASSERT_TRUE(hive);
        EXPECT_EQ(hivex_last_modified(hive.get()), some_time);
        expect_same(by_hivex(hive.get(), hivex_root(hive.get())), plain(sample()));
    }
}

TEST(Hive, WhatIsReadIsWhatWasWritten) {
    for (const HiveFormat format : {HiveFormat::standard, HiveFormat::latest}) {
        const auto read = registry::read_hive(write_hive(sample(), format, some_time));
        ASSERT_TRUE(read) << read.error().text();
        expect_same(*read, sample());
    }
}

TEST(Hive, WhatAnotherWriterChangedIsRead) {
    const File file;
    ASSERT_TRUE(write_file(file.path, write_hive(sample(), HiveFormat::standard, some_time)));
    {
        const Hive hive(hivex_open(file.path.c_str(), HIVEX_OPEN_WRITE));
        ASSERT_TRUE(hive);
        const hive_node_h root = hivex_root(hive.get());
        ASSERT_EQ(hivex_node_delete_child(hive.get(), hivex_node_get_child(hive.get(), root, "Many")), 0);
        const hive_node_h fresh = hivex_node_add_child(hive.get(), root, "Fresh");
        ASSERT_TRUE(fresh);
        std::string data(100, 'd'), key = "added";
        const hive_set_value value{key.data(), hive_t_REG_BINARY, data.size(), data.data()};
        ASSERT_EQ(hivex_node_set_value(hive.get(), fresh, &value, 0), 0);
        ASSERT_EQ(hivex_commit(hive.get(), nullptr, 0), 0);
    }
    const auto bytes = read_file(file.path);
    ASSERT_TRUE(bytes);
    const auto read = registry::read_hive(*bytes);
    ASSERT_TRUE(read) << read.error().text();
    ASSERT_EQ(read->subkeys.size(), 3u);
    EXPECT_EQ(read->subkeys[0].name, u"Fresh");
    EXPECT_EQ(read->subkeys[0].security, sample().security) << "its parent's";
    EXPECT_EQ(read->subkeys[0].values.at(0).data, std::vector<uint8_t>(100, 'd'));
    expect_same(read->subkeys[2], sample().subkeys[2]);
}

TEST(Hive, DamageIsFoundAndNothingElseIsRead) {
    HiveKey small = sample();
    small.subkeys[0].subkeys.resize(3);
    const std::vector<std::byte> good = write_hive(small, HiveFormat::latest, some_time);
    ASSERT_TRUE(registry::read_hive(good));
    EXPECT_FALSE(registry::is_hive(std::span(good).first(4096)));
    EXPECT_FALSE(registry::read_hive({}));
    uint32_t seed = 1;
    const auto next = [&] { return seed = seed * 1664525 + 1013904223; };
    size_t refused = 0;
    for (int round = 0; round < 3000; ++round) {
        std::vector<std::byte> bad = good;
        for (int i = 0; i < 3; ++i) bad[4096 + next() % 2048] = static_cast<std::byte>(next() >> 24);
        if (round % 7 == 0) bad.resize(4096 + next() % (bad.size() - 4096));
        refused += !registry::read_hive(bad);
    }
    EXPECT_GT(refused, 500u);
}

TEST(Hive, NamesAreHashedInCapitals) {
    EXPECT_EQ(registry::name_hash(u"a"), 65u);
    EXPECT_EQ(registry::name_hash(u"Ab"), 65u * 37 + 66);
}

}  // namespace
}  // namespace ndiskit::nt
