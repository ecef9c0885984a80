// Registry hives: files in Windows' own format, read and written by hivex. A hive holds one key with
// everything below, except what is volatile.
#pragma once

#include <filesystem>
#include <string_view>

#include "base/result.h"

namespace ndiskit::nt::registry {

// Puts the keys and values of the hive under `path`, over what is there. An error names the file.
// Whether the file has a hive's form at all.
bool is_hive(const std::filesystem::path& file);
Result<> load_hive(const std::filesystem::path& file, std::string_view path);
// Writes the key and what is below to a new hive.
Result<> save_hive(const std::filesystem::path& file, std::string_view path);

}  // namespace ndiskit::nt::registry
