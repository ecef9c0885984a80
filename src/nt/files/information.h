// What is asked about files, directories and volumes, in the structures of the questions.
#pragma once

#include "nt/files/open_file.h"

namespace ndiskit::nt::files {

// An answer into a buffer of `size` bytes. `done` receives how many were written; STATUS_BUFFER_OVERFLOW when
// a name was cut, STATUS_INFO_LENGTH_MISMATCH when the fixed part does not fit.
NTSTATUS query_file(const OpenFile& file, FILE_INFORMATION_CLASS information, void* buffer, ULONG size,
                    ULONG_PTR& done);
NTSTATUS query_volume(const OpenFile& file, const Folder& folder, FS_INFORMATION_CLASS information,
                      void* buffer, ULONG size, ULONG_PTR& done);
NTSTATUS query_directory(OpenFile& file, FILE_INFORMATION_CLASS information, bool single, void* buffer,
                         ULONG size, ULONG_PTR& done);
NTSTATUS set_file(OpenFile& file, const Folder& folder, FILE_INFORMATION_CLASS information,
                  const void* buffer, ULONG size);

}  // namespace ndiskit::nt::files
