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

NTSTATUS NTAPI ZwLockFile(HANDLE, HANDLE, PIO_APC_ROUTINE, PVOID, PIO_STATUS_BLOCK, PLARGE_INTEGER,
                          PLARGE_INTEGER, ULONG, BOOLEAN, BOOLEAN);
NTSTATUS NTAPI ZwUnlockFile(HANDLE, PIO_STATUS_BLOCK, PLARGE_INTEGER, PLARGE_INTEGER, ULONG);
NTSTATUS NTAPI ZwFsControlFile(HANDLE, HANDLE, PIO_APC_ROUTINE, PVOID, PIO_STATUS_BLOCK, ULONG, PVOID, ULONG,
                               PVOID, ULONG);
NTSTATUS NTAPI ZwFlushBuffersFileEx(HANDLE, ULONG, PVOID, ULONG, PIO_STATUS_BLOCK);
NTSTATUS NTAPI ZwQueryDirectoryFileEx(HANDLE, HANDLE, PIO_APC_ROUTINE, PVOID, PIO_STATUS_BLOCK, PVOID, ULONG,
                                      FILE_INFORMATION_CLASS, ULONG, PUNICODE_STRING);
NTSTATUS NTAPI ZwQueryEaFile(HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG, BOOLEAN, PVOID, ULONG, PULONG, BOOLEAN);
NTSTATUS NTAPI ZwSetEaFile(HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG);
NTSTATUS NTAPI ZwQueryQuotaInformationFile(HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG, BOOLEAN, PVOID, ULONG,
                                           PSID, BOOLEAN);
NTSTATUS NTAPI ZwSetQuotaInformationFile(HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG);
NTSTATUS NTAPI ZwSetVolumeInformationFile(HANDLE, PIO_STATUS_BLOCK, PVOID, ULONG, FS_INFORMATION_CLASS);
NTSTATUS NTAPI ZwQueryInformationByName(POBJECT_ATTRIBUTES, PIO_STATUS_BLOCK, PVOID, ULONG,
                                        FILE_INFORMATION_CLASS);

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
    {"ZwLockFile", reinterpret_cast<const void*>(ZwLockFile), MaxIrql::passive},
    {"NtLockFile", reinterpret_cast<const void*>(ZwLockFile), MaxIrql::passive},
    {"ZwUnlockFile", reinterpret_cast<const void*>(ZwUnlockFile), MaxIrql::passive},
    {"NtUnlockFile", reinterpret_cast<const void*>(ZwUnlockFile), MaxIrql::passive},
    {"ZwFsControlFile", reinterpret_cast<const void*>(ZwFsControlFile), MaxIrql::passive},
    {"NtFsControlFile", reinterpret_cast<const void*>(ZwFsControlFile), MaxIrql::passive},
    {"ZwFlushBuffersFileEx", reinterpret_cast<const void*>(ZwFlushBuffersFileEx), MaxIrql::passive},
    {"NtFlushBuffersFileEx", reinterpret_cast<const void*>(ZwFlushBuffersFileEx), MaxIrql::passive},
    {"ZwQueryDirectoryFileEx", reinterpret_cast<const void*>(ZwQueryDirectoryFileEx), MaxIrql::passive},
    {"NtQueryDirectoryFileEx", reinterpret_cast<const void*>(ZwQueryDirectoryFileEx), MaxIrql::passive},
    {"ZwQueryEaFile", reinterpret_cast<const void*>(ZwQueryEaFile), MaxIrql::passive},
    {"ZwSetEaFile", reinterpret_cast<const void*>(ZwSetEaFile), MaxIrql::passive},
    {"ZwQueryQuotaInformationFile", reinterpret_cast<const void*>(ZwQueryQuotaInformationFile), MaxIrql::passive},
    {"NtQueryQuotaInformationFile", reinterpret_cast<const void*>(ZwQueryQuotaInformationFile), MaxIrql::passive},
    {"ZwSetQuotaInformationFile", reinterpret_cast<const void*>(ZwSetQuotaInformationFile), MaxIrql::passive},
    {"NtSetQuotaInformationFile", reinterpret_cast<const void*>(ZwSetQuotaInformationFile), MaxIrql::passive},
    {"ZwSetVolumeInformationFile", reinterpret_cast<const void*>(ZwSetVolumeInformationFile), MaxIrql::passive},
    {"ZwQueryInformationByName", reinterpret_cast<const void*>(ZwQueryInformationByName), MaxIrql::passive},
    {"NtQueryInformationByName", reinterpret_cast<const void*>(ZwQueryInformationByName), MaxIrql::passive},
    // clang-format on
};

std::span<const Export> file_exports() { return rows; }

}  // namespace ndiskit::nt
