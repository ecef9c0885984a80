#include "setup/toml_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

#include "setup/suggest.h"
#include "wire/interface.h"

namespace ndiskit::setup {
namespace {

constexpr double longest_run = 1e9;

std::string_view type_name(const toml::node& node) {
    switch (node.type()) {
        case toml::node_type::table:
            return "a table";
        case toml::node_type::array:
            return "an array";
        case toml::node_type::string:
            return "a string";
        case toml::node_type::integer:
            return "an integer";
        case toml::node_type::floating_point:
            return "a fraction";
        case toml::node_type::boolean:
            return "true or false";
        default:
            return "a date or time";
    }
}

bool is_name(std::string_view text) {
    return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
               c == '_' || c == '.';
    });
}

std::optional<std::vector<std::string>> strings_of(const toml::array& array) {
    std::vector<std::string> texts;
    for (const toml::node& item : array) {
        const auto* text = item.as_string();
        if (!text) return std::nullopt;
        texts.push_back(text->get());
    }
    return texts;
}

}  // namespace

std::string Section::where(std::string_view key) const {
    const toml::node* node = key.empty() ? nullptr : table_.get(key);
    const toml::source_region& source = node ? node->source() : table_.source();
    std::string place = reading_.file;
    if (source.begin.line != 0) place += fmt::format(":{}", source.begin.line);
    if (!name_.empty() || !key.empty()) place += ' ';
    place += name_;
    if (!name_.empty() && !key.empty()) place += '.';
    place += key;
    return place;
}

const toml::node* Section::take(std::string_view key) {
    known_.emplace_back(key);
    return table_.get(key);
}

void Section::mistyped(std::string_view key, std::string_view what, const toml::node& node) {
    complain(fmt::format("must be {}, not {}", what, type_name(node)), key);
}

std::string Section::text(std::string_view key, std::string otherwise) {
    const toml::node* node = take(key);
    if (!node) return otherwise;
    const auto* text = node->as_string();
    if (!text) return mistyped(key, "a string", *node), otherwise;
    if (text->get().find('\0') != std::string::npos) complain("must not hold a zero character", key);
    return text->get();
}

std::string Section::required(std::string_view key) {
    std::string value = text(key);
    if (!has(key))
        reading_.complain(fmt::format("has no '{}'", key), where(),
                          fmt::format("add a line {} = \"...\"", key));
    else if (value.empty())
        complain("must not be empty", key);
    return value;
}

std::string Section::name(std::string_view key, std::string otherwise) {
    const bool needed = otherwise.empty();
    std::string value = needed ? required(key) : text(key, std::move(otherwise));
    if (has(key) && !is_name(value))
        complain(fmt::format("'{}' is not a name", value), key,
                 "use up to 64 letters, digits, '-', '_' and '.'");
    return value;
}

std::string Section::choice(std::string_view key, const std::vector<std::string>& choices,
                            std::string otherwise) {
    std::string value = text(key, std::move(otherwise));
    if (has(key) && std::ranges::find(choices, value) == choices.end())
        complain(fmt::format("'{}' is none of its values", value), key, suggest(value, choices));
    return value;
}

uint64_t Section::number(std::string_view key, uint64_t otherwise, uint64_t least, uint64_t most) {
    const toml::node* node = take(key);
    if (!node) return otherwise;
    const auto* number = node->as_integer();
    if (!number) return mistyped(key, "an integer", *node), otherwise;
    const int64_t value = number->get();
    if (value < 0 || static_cast<uint64_t>(value) < least || static_cast<uint64_t>(value) > most) {
        complain(fmt::format("{} is out of range", value), key,
                 fmt::format("it may be {} to {}", least, most));
        return otherwise;
    }
    return static_cast<uint64_t>(value);
}

bool Section::flag(std::string_view key, bool otherwise) {
    const toml::node* node = take(key);
    if (!node) return otherwise;
    const auto* flag = node->as_boolean();
    if (!flag) return mistyped(key, "true or false", *node), otherwise;
    return flag->get();
}

std::optional<double> Section::seconds(std::string_view key) {
    const toml::node* node = take(key);
    if (!node) return std::nullopt;
    const auto value = node->value<double>();
    if (!value || !node->is_number()) return mistyped(key, "a number of seconds", *node), std::nullopt;
    if (!std::isfinite(*value) || *value < 0 || *value > longest_run)
        return complain("is no length of time", key, "write seconds, as 10 or 0.5"), std::nullopt;
    return *value;
}

std::vector<std::string> Section::texts(std::string_view key) {
    const toml::node* node = take(key);
    if (!node) return {};
    if (const auto* text = node->as_string()) return {text->get()};
    if (const auto* array = node->as_array())
        if (auto texts = strings_of(*array)) return *texts;
    mistyped(key, "a string or an array of strings", *node);
    return {};
}

std::string Section::mac(std::string_view key) {
    const std::string value = text(key);
    if (!has(key) || value.empty()) return {};
    const auto mac = wire::parse_mac(value);
    if (!mac) {
        complain(fmt::format("'{}' is not a MAC address", value), key, "write it as 02:00:00:00:00:01");
        return {};
    }
    if ((*mac)[0] & 1)
        complain(fmt::format("'{}' is a group address", value), key, "its first byte must be even");
    std::string dashed = wire::to_string(*mac);
    std::ranges::replace(dashed, ':', '-');
    return dashed;
}

Parameters Section::parameters(std::string_view key) {
    Parameters parameters;
    const toml::table* table = this->table(key);
    if (!table) return parameters;
    Section section(*table, name_ + "." + std::string(key), reading_);
    for (auto&& [name, node] : *table) {
        Parameter parameter{std::string(name.str()), uint32_t{0}};
        if (const auto* number = node.as_integer()) {
            if (number->get() < 0 || number->get() > UINT32_MAX)
                section.complain("does not fit a REG_DWORD", name.str(), "it may be 0 to 4294967295");
            parameter.value = static_cast<uint32_t>(number->get());
        } else if (const auto* flag = node.as_boolean()) {
            parameter.value = uint32_t{flag->get()};
        } else if (const auto* text = node.as_string()) {
            parameter.value = text->get();
        } else if (node.is_array() && strings_of(*node.as_array())) {
            parameter.value = *strings_of(*node.as_array());
        } else {
            section.mistyped(name.str(), "a number, a string or an array of strings", node);
        }
        parameters.push_back(std::move(parameter));
    }
    return parameters;
}

const toml::table* Section::table(std::string_view key) {
    const toml::node* node = take(key);
    if (node && !node->is_table()) mistyped(key, "a table", *node);
    return node ? node->as_table() : nullptr;
}

std::vector<const toml::table*> Section::tables(std::string_view key) {
    const toml::node* node = take(key);
    if (!node) return {};
    const auto* array = node->as_array();
    if (!array || !std::ranges::all_of(*array, [](const toml::node& item) { return item.is_table(); })) {
        complain(fmt::format("must be written as [[{}]]", key), key);
        return {};
    }
    std::vector<const toml::table*> tables;
    for (const toml::node& item : *array) tables.push_back(item.as_table());
    return tables;
}

void Section::finish() {
    for (auto&& [key, node] : table_) {
        if (std::ranges::find(known_, key.str()) != known_.end()) continue;
        const std::string place = fmt::format("{}:{} {}{}{}", reading_.file, key.source().begin.line, name_,
                                              name_.empty() ? "" : ".", key.str());
        return reading_.complain("unknown key", place, suggest(key.str(), known_));
    }
}

}  // namespace ndiskit::setup
