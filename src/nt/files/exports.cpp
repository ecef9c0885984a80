// Files: what is asked and ordered through handles.
#include "nt/exports.h"
#include "nt/abi.h"
#include "nt/abi/files.h"

extern "C" {

// What the headers of drivers have inline or not at all.
NTSTATUS NTAPI ZwSetInformationFile(HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG, FILE_INFORMATION_CLASS);
NTSTATUS NTAPI ZwQueryVolumeInformationFile(HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG, FS_INFORMATION_CLASS);
NTSTATUS NTAPI ZwQueryDirectoryFile(HANDLE, HANDLE, PIO_APC_ROUTINE, PVOID, PIO_STATUS_BLOCK, PVOID, ULONG,
                                    FILE_INFORMATION_CLASS, BOOLEAN, PUNICODE_STRING, BOOLEAN);
NTSTATUS NTAPI ZwFlushBuffersFile(HANDLE, PIO_STATUS_BLOCK);
NTSTATUS NTAPI ZwDeleteFile(POBJECT_ATTRIBUTES);
NTSTATUS NTAPI ZwQueryFullAttributesFile(POBJECT_ATTRIBUTES, PFILE_NETWORK_OPEN_INFORMATION);

}  // extern "C"

namespace ndiskit::nt {

static const Export rows[] = {
    // clang-format off
    {"ZwQueryInformationFile", reinterpret_cast<const void*>(ZwQueryInformationFile), MaxIrql::passive},
    {"NtQueryInformationFile", reinterpret_cast<const void*>(ZwQueryInformationFile), MaxIrql::passive},
    {"ZwSetInformationFile", reinterpret_cast<const void*>(ZwSetInformationFile), MaxIrql::passive},
    {"NtSetInformationFile", reinterpret_cast<const void*>(ZwSetInformationFile), MaxIrql::passive},
    {"ZwQueryVolumeInformationFile", reinterpret_cast<const void*>(ZwQueryVolumeInformationFile), MaxIrql::passive},
    {"NtQueryVolumeInformationFile", reinterpret_cast<const void*>(ZwQueryVolumeInformationFile), MaxIrql::passive},
    {"ZwQueryDirectoryFile", reinterpret_cast<const void*>(ZwQueryDirectoryFile), MaxIrql::passive},
    {"NtQueryDirectoryFile", reinterpret_cast<const void*>(ZwQueryDirectoryFile), MaxIrql::passive},
    {"ZwFlushBuffersFile", reinterpret_cast<const void*>(ZwFlushBuffersFile), MaxIrql::passive},
    {"ZwDeleteFile", reinterpret_cast<const void*>(ZwDeleteFile), MaxIrql::passive},
    {"NtDeleteFile", reinterpret_cast<const void*>(ZwDeleteFile), MaxIrql::passive},
    {"ZwQueryFullAttributesFile", reinterpret_cast<const void*>(ZwQueryFullAttributesFile), MaxIrql::passive},
    // clang-format on
};

std::span<const Export> file_exports() { return rows; }

}  // namespace ndiskit::nt
