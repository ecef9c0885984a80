// Reads a machine file (TOML) into a Description. Strict: an unknown key, a wrong type, a missing file, a
// name given twice or a reference to nothing is an error that names file, line and key. docs/machine-toml.md
// is what a person reads about the format.
#pragma once

#include <filesystem>
#include <string_view>

#include "setup/description.h"

namespace ndiskit::setup {

// Paths in the file are relative to its folder. Driver images must be there; what is in them is not looked
// at.
Result<Description> read_machine_file(const std::filesystem::path& file);

// The same for a text; `file` is for complaints and for relative paths. Images need not be there when `files`
// is false.
Result<Description> parse_machine(std::string_view text, const std::filesystem::path& file,
                                  bool files = true);

}  // namespace ndiskit::setup
