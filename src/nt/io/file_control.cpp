// Orders to the driver of an open file that are seldom given: locks on ranges of bytes, control codes of the
// file system, extended attributes, quotas. What a file system does not have it refuses itself.
#include "nt/abi.h"
#include "nt/abi/files.h"
#include "nt/io/file_request.h"

using namespace ndiskit::nt;

namespace {

// The answer has come when these calls return.
NTSTATUS finish(io::FileRequest& request, HANDLE event, PIO_APC_ROUTINE routine, PVOID context,
                PIO_STATUS_BLOCK block) {
    const NTSTATUS status = request.send(block);
    if (NT_ERROR(status)) return status;
    if (event) ZwSetEvent(event, nullptr);
    io::call_routine(routine, context, block);
    return status;
}

NTSTATUS buffered_order(HANDLE handle, UCHAR major, PVOID buffer, ULONG size, bool answers,
                        PIO_STATUS_BLOCK block, const IO_STACK_LOCATION& what) {
    io::FileRequest request(handle, major);
    if (!NT_SUCCESS(request.status)) return request.status;
    if (!request.buffered(buffer, size, answers)) return STATUS_INSUFFICIENT_RESOURCES;
    request.stack().Flags = what.Flags;
    request.stack().Parameters = what.Parameters;
    return request.send(block);
}

UCHAR scan_flags(BOOLEAN single, BOOLEAN restart) {
    return static_cast<UCHAR>((single ? SL_RETURN_SINGLE_ENTRY : 0) | (restart ? SL_RESTART_SCAN : 0));
}

constexpr ULONG share_all = FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE;

}  // namespace

extern "C" {

NTSTATUS NTAPI ZwQueryDirectoryFile(HANDLE, HANDLE, PIO_APC_ROUTINE, PVOID, PIO_STATUS_BLOCK, PVOID, ULONG,
                                    FILE_INFORMATION_CLASS, BOOLEAN, PUNICODE_STRING, BOOLEAN);

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwlockfile
NTSTATUS NTAPI ZwLockFile(HANDLE handle, HANDLE event, PIO_APC_ROUTINE routine, PVOID context,
                          PIO_STATUS_BLOCK block, PLARGE_INTEGER offset, PLARGE_INTEGER length, ULONG key,
                          BOOLEAN fail_immediately, BOOLEAN exclusive) {
    io::FileRequest request(handle, IRP_MJ_LOCK_CONTROL);
    if (!NT_SUCCESS(request.status)) return request.status;
    LARGE_INTEGER size = *length;
    IO_STACK_LOCATION& stack = request.stack();
    stack.MinorFunction = IRP_MN_LOCK;
    stack.Flags = static_cast<UCHAR>((fail_immediately ? SL_FAIL_IMMEDIATELY : 0) |
                                     (exclusive ? SL_EXCLUSIVE_LOCK : 0));
    stack.Parameters.LockControl.Length = &size;
    stack.Parameters.LockControl.Key = key;
    stack.Parameters.LockControl.ByteOffset = *offset;
    return finish(request, event, routine, context, block);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwunlockfile
NTSTATUS NTAPI ZwUnlockFile(HANDLE handle, PIO_STATUS_BLOCK block, PLARGE_INTEGER offset,
                            PLARGE_INTEGER length, ULONG key) {
    io::FileRequest request(handle, IRP_MJ_LOCK_CONTROL);
    if (!NT_SUCCESS(request.status)) return request.status;
    LARGE_INTEGER size = *length;
    IO_STACK_LOCATION& stack = request.stack();
    stack.MinorFunction = IRP_MN_UNLOCK_SINGLE;
    stack.Parameters.LockControl.Length = &size;
    stack.Parameters.LockControl.Key = key;
    stack.Parameters.LockControl.ByteOffset = *offset;
    return request.send(block);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwfscontrolfile
NTSTATUS NTAPI ZwFsControlFile(HANDLE handle, HANDLE event, PIO_APC_ROUTINE routine, PVOID context,
                               PIO_STATUS_BLOCK block, ULONG code, PVOID input, ULONG input_size,
                               PVOID output, ULONG output_size) {
    io::FileRequest request(handle, IRP_MJ_FILE_SYSTEM_CONTROL);
    if (!NT_SUCCESS(request.status)) return request.status;
    if (!io::attach_control_buffers(*request.irp, code, input, input_size, output, output_size))
        return STATUS_INSUFFICIENT_RESOURCES;
    IO_STACK_LOCATION& stack = request.stack();
    stack.MajorFunction = IRP_MJ_FILE_SYSTEM_CONTROL;
    stack.MinorFunction = IRP_MN_USER_FS_REQUEST;
    stack.FileObject = request.file;
    return finish(request, event, routine, context, block);
}

// The data goes to the host's disk in any case; the flags ask for less.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwflushbuffersfileex
NTSTATUS NTAPI ZwFlushBuffersFileEx(HANDLE handle, ULONG, PVOID, ULONG, PIO_STATUS_BLOCK block) {
    io::FileRequest request(handle, IRP_MJ_FLUSH_BUFFERS);
    if (!NT_SUCCESS(request.status)) return request.status;
    if (!(request.access & (FILE_WRITE_DATA | FILE_APPEND_DATA))) return STATUS_ACCESS_DENIED;
    return request.send(block);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwquerydirectoryfileex
NTSTATUS NTAPI ZwQueryDirectoryFileEx(HANDLE handle, HANDLE event, PIO_APC_ROUTINE routine, PVOID context,
                                      PIO_STATUS_BLOCK block, PVOID buffer, ULONG size,
                                      FILE_INFORMATION_CLASS information, ULONG flags,
                                      PUNICODE_STRING pattern) {
    constexpr ULONG known = SL_RESTART_SCAN | SL_RETURN_SINGLE_ENTRY | SL_INDEX_SPECIFIED | 0x18;
    if (flags & ~known) return STATUS_INVALID_PARAMETER;
    return ZwQueryDirectoryFile(handle, event, routine, context, block, buffer, size, information,
                                (flags & SL_RETURN_SINGLE_ENTRY) != 0, pattern,
                                (flags & SL_RESTART_SCAN) != 0);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwqueryeafile
NTSTATUS NTAPI ZwQueryEaFile(HANDLE handle, PIO_STATUS_BLOCK block, PVOID buffer, ULONG size, BOOLEAN single,
                             PVOID list, ULONG list_size, PULONG index, BOOLEAN restart) {
    IO_STACK_LOCATION what = {};
    what.Flags = static_cast<UCHAR>(scan_flags(single, restart) | (index ? SL_INDEX_SPECIFIED : 0));
    what.Parameters.QueryEa = {size, list, list_size, index ? *index : 0};
    return buffered_order(handle, IRP_MJ_QUERY_EA, buffer, size, true, block, what);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwseteafile
NTSTATUS NTAPI ZwSetEaFile(HANDLE handle, PIO_STATUS_BLOCK block, PVOID buffer, ULONG size) {
    IO_STACK_LOCATION what = {};
    what.Parameters.SetEa = {size};
    return buffered_order(handle, IRP_MJ_SET_EA, buffer, size, false, block, what);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwqueryquotainformationfile
NTSTATUS NTAPI ZwQueryQuotaInformationFile(HANDLE handle, PIO_STATUS_BLOCK block, PVOID buffer, ULONG size,
                                           BOOLEAN single, PVOID list, ULONG list_size, PSID start,
                                           BOOLEAN restart) {
    IO_STACK_LOCATION what = {};
    what.Flags = scan_flags(single, restart);
    what.Parameters.QueryQuota = {size, start, static_cast<PFILE_GET_QUOTA_INFORMATION>(list), list_size};
    return buffered_order(handle, IRP_MJ_QUERY_QUOTA, buffer, size, true, block, what);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwsetquotainformationfile
NTSTATUS NTAPI ZwSetQuotaInformationFile(HANDLE handle, PIO_STATUS_BLOCK block, PVOID buffer, ULONG size) {
    IO_STACK_LOCATION what = {};
    what.Parameters.SetQuota = {size};
    return buffered_order(handle, IRP_MJ_SET_QUOTA, buffer, size, false, block, what);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwsetvolumeinformationfile
NTSTATUS NTAPI ZwSetVolumeInformationFile(HANDLE handle, PIO_STATUS_BLOCK block, PVOID buffer, ULONG size,
                                          FS_INFORMATION_CLASS information) {
    IO_STACK_LOCATION what = {};
    what.Parameters.SetVolume = {size, information};
    return buffered_order(handle, IRP_MJ_SET_VOLUME_INFORMATION, buffer, size, false, block, what);
}

// Only the classes that need no open file are answered.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwqueryinformationbyname
NTSTATUS NTAPI ZwQueryInformationByName(POBJECT_ATTRIBUTES attributes, PIO_STATUS_BLOCK block, PVOID buffer,
                                        ULONG size, FILE_INFORMATION_CLASS information) {
    constexpr int stat = 68, stat_lx = 70, case_sensitive = 71, stat_basic = 77;
    const int wanted = information;
    if (wanted != stat && wanted != stat_lx && wanted != case_sensitive && wanted != stat_basic)
        return STATUS_INVALID_INFO_CLASS;
    HANDLE handle = nullptr;
    NTSTATUS status = ZwOpenFile(&handle, FILE_READ_ATTRIBUTES, attributes, block, share_all, 0);
    if (!NT_SUCCESS(status)) return status;
    status = ZwQueryInformationFile(handle, block, buffer, size, information);
    ZwClose(handle);
    return status;
}

}  // extern "C"
