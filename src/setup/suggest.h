// "did you mean ...": the nearest of some names to one that is not among them.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace ndiskit::setup {

// "did you mean 'image'?" when one is near, else "there are: a, b", else "" when there are none.
std::string suggest(std::string_view wrong, const std::vector<std::string>& known);

}  // namespace ndiskit::setup
