// The machine's C: drive: a folder of the host, served as a volume by a file system driver of the kit's own,
// which gets IRPs as any driver does. \Device\HarddiskVolume1 is the device; \??\C: and \SystemRoot lead to
// it. A machine without a folder has none of the three, and opening files there fails with
// STATUS_OBJECT_PATH_NOT_FOUND or STATUS_OBJECT_NAME_NOT_FOUND, as on a Windows without that drive.
#pragma once

#include <filesystem>

#include "base/result.h"
#include "nt/abi/forward.h"

namespace ndiskit::nt::files {

class OpenFile;

// On an NT thread, once the machine runs. The error names the folder.
Result<> mount(const std::filesystem::path& folder);
// Fails while files are open.
Result<> unmount();

// What is open on the drive as that file object; null when it is another driver's.
OpenFile* open_file_of(const _FILE_OBJECT& file);

}  // namespace ndiskit::nt::files
