// Control codes as people write them: a number, or the four parts of CTL_CODE.
#pragma once

#include <cstdint>
#include <string_view>

#include "base/result.h"

namespace ndiskit::cli {

// "0x12C800", or "network,0x800,buffered,read+write": device type, function, method, access. Each part is a
// number or a word, with or without the prefix that its macro has (FILE_DEVICE_NETWORK, METHOD_BUFFERED,
// FILE_ANY_ACCESS).
Result<uint32_t> parse_control_code(std::string_view text);

}  // namespace ndiskit::cli
