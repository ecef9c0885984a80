// A machine around a single image, for `ndiskit run X.sys` and `ndiskit debug X.sys`: the driver is loaded as
// a kernel service that no device asks for, with nothing beside it, as `sc start` would. What it registers (a
// miniport, a protocol, a filter, a device object) is registered; no adapter is there.
#pragma once

#include <filesystem>

#include "setup/description.h"

namespace ndiskit::setup {

Result<Description> describe_image(const std::filesystem::path& image);

// What a person names on the command line: an image when it ends in .sys, else a machine file.
Result<Description> read_machine(const std::filesystem::path& file);

}  // namespace ndiskit::setup
