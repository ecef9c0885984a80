// From objects to the .sys: lld as Microsoft's linker, with the kit's start-up code and import libraries.
#pragma once

#include "build/process.h"
#include "build/project.h"
#include "build/toolchain.h"

namespace ndiskit::build {

// The command that links `objects` into `image`.
Result<Command> link_command(const Toolchain& tools, const Project& project,
                             const std::vector<fs::path>& objects, const fs::path& image);

}  // namespace ndiskit::build
