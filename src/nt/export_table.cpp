#include "nt/export_table.h"

#include <algorithm>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/assert.h"

namespace ndiskit::nt {
namespace {

struct Table {
    std::string module;
    std::span<const Export> rows;
};

// Filled while the machine is set up by one task, read-only afterwards.
std::vector<Table> tables;
std::unordered_map<std::string, const Export*> by_name;

std::string lower(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char c) { return std::tolower(c); });
    return result;
}

std::string key_of(std::string_view module, std::string_view name) {
    return lower(module) + '!' + std::string(name);
}

}  // namespace

void add_exports(std::string_view module, std::span<const Export> rows) {
    tables.push_back({lower(module), rows});
    for (const Export& row : rows) {
        const bool added = by_name.emplace(key_of(module, row.name), &row).second;
        ASSERT_THAT(added, "{} exports {} twice", module, row.name);
    }
}

const Export* find_export(std::string_view module, std::string_view name) {
    const auto found = by_name.find(key_of(module, name));
    return found == by_name.end() ? nullptr : found->second;
}

void for_each_export(void (*visit)(std::string_view module, const Export& row, void* context), void* context) {
    for (const Table& table : tables)
        for (const Export& row : table.rows) visit(table.module, row, context);
}

}  // namespace ndiskit::nt
