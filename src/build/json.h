// Text as a JSON string, quotes included.
#pragma once

#include <string>
#include <string_view>

namespace ndiskit::build {

std::string json_string(std::string_view text);

}  // namespace ndiskit::build
