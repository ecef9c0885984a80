// A driver out of a folder: every C, C++ and assembly source directly in it, every .rc file; the folder
// itself is on the include path. Subfolders are not part of the driver (tests, notify objects, INFs live
// there).
#pragma once

#include "base/result.h"
#include "build/project.h"

namespace ndiskit::build {

Result<Project> project_from_folder(const fs::path& folder, const std::string& configuration);

}  // namespace ndiskit::build
