// docs/ddi.md out of the support list.
#pragma once

#include <string>
#include <vector>

#include "cli/ddi/catalogue.h"
#include "cli/ddi/coverage.h"

namespace ndiskit::cli::ddi {

std::string markdown(const std::vector<Entry>& entries, const Coverage& coverage);

}  // namespace ndiskit::cli::ddi
