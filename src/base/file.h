// Whole files in and out. Errors name the path.
#pragma once

#include <cstddef>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "base/result.h"

namespace ndiskit {

Result<std::vector<std::byte>> read_file(const std::filesystem::path& path);
Result<std::string> read_text_file(const std::filesystem::path& path);
// The running program's own file, wherever it was started from.
std::filesystem::path program_file();
// Writes a temporary file beside `path` and renames it, so that readers see the old or the new content.
Result<> write_file(const std::filesystem::path& path, std::span<const std::byte> content);
Result<> write_text_file(const std::filesystem::path& path, std::string_view content);

}  // namespace ndiskit
