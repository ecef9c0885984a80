// Strict reading of one TOML table. A Section knows where it stands in the file, hands out its keys by type,
// and at the end complains about those that nobody asked for. The first complaint of a file is kept; later
// ones, which often follow from it, are not.
//
// toml++ is used without exceptions and is seen by the .cpp files of this reader alone.
#pragma once

#define TOML_EXCEPTIONS 0
#include <toml++/toml.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "setup/description.h"

namespace ndiskit::setup {

struct FileReading {
    std::string file;
    std::optional<Error> error;

    void complain(std::string what, std::string where, std::string hint = {}) {
        if (!error) error = Error{std::move(what), std::move(where), std::move(hint)};
    }
};

class Section {
  public:
    // `name` as in a complaint: "driver".
    Section(const toml::table& table, std::string name, FileReading& reading)
        : table_(table), name_(std::move(name)), reading_(reading) {}

    bool has(std::string_view key) const { return table_.contains(key); }
    // "machine.toml:12 driver.image"; the table's own line when it has no such key.
    std::string where(std::string_view key = {}) const;
    void complain(std::string what, std::string_view key, std::string hint = {}) const {
        reading_.complain(std::move(what), where(key), std::move(hint));
    }

    // Each gives its default (or something empty) when the key is not there, and complains when it is of
    // another type or out of range.
    std::string text(std::string_view key, std::string otherwise = {});
    // Complains when it is not there or empty.
    std::string required(std::string_view key);
    // A name that may stand in a registry path: letters, digits, '-', '_' and '.'.
    std::string name(std::string_view key, std::string otherwise = {});
    std::string choice(std::string_view key, const std::vector<std::string>& choices, std::string otherwise);
    uint64_t number(std::string_view key, uint64_t otherwise, uint64_t least, uint64_t most);
    bool flag(std::string_view key, bool otherwise);
    std::optional<double> seconds(std::string_view key);
    // A string, or an array of strings.
    std::vector<std::string> texts(std::string_view key);
    std::string mac(std::string_view key);
    Parameters parameters(std::string_view key);
    // The table of that key, or null.
    const toml::table* table(std::string_view key);
    // The tables of [[key]].
    std::vector<const toml::table*> tables(std::string_view key);

    // Complains about the first key that was not asked for.
    void finish();

  private:
    const toml::node* take(std::string_view key);
    // Complains that it is not `what`.
    void mistyped(std::string_view key, std::string_view what, const toml::node& node);

    const toml::table& table_;
    std::string name_;
    FileReading& reading_;
    std::vector<std::string> known_;
};

}  // namespace ndiskit::setup
