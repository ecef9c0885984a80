// Where filter modules stand on an adapter, as Windows' network setup decides it: modifying filters by the class of
// their INF, those of one class as they were installed, the first lowest; monitoring filters over the adapter itself
// and over every modifying one, the first lowest again.
// https://learn.microsoft.com/windows-hardware/drivers/network/configuring-an-inf-file-for-a-modifying-filter-driver
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "setup/description.h"

namespace ndiskit::setup {

// The classes that FilterClass may name, the one that stands highest first.
const std::vector<std::string>& filter_classes();

// A module: its driver, and which of the driver's modules on this adapter it is (0000 is the lowest).
struct FilterPlace {
    const Driver* driver;
    uint32_t instance;
};

// The modules on an adapter, top first.
std::vector<FilterPlace> filter_places(const Description& description, std::string_view adapter);

}  // namespace ndiskit::setup
