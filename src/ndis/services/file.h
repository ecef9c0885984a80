// Where NdisOpenFile finds files: a folder of the host that stands for %SystemRoot%\System32\drivers.
#pragma once

#include <filesystem>

namespace ndiskit::ndis {

// An empty path (the default): no file is found. Set before drivers run.
void set_driver_files_folder(std::filesystem::path folder);

}  // namespace ndiskit::ndis
