// Configuration handles that are open, for the leak report.
#pragma once

#include <string>
#include <vector>

namespace ndiskit::ndis {

std::vector<std::string> configuration_leaks();

}  // namespace ndiskit::ndis
