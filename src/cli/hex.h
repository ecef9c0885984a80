// Bytes on the command line: given as hexadecimal digits, told as digits or as a dump.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace ndiskit::cli {

// Spaces, colons and commas may stand between digits; the error names --hex.
Result<std::vector<uint8_t>> bytes_of_hex(std::string_view text);
std::string hex_of(std::span<const uint8_t> bytes);
// To standard output, 16 bytes a line with their letters.
void dump(std::span<const uint8_t> bytes);

}  // namespace ndiskit::cli
