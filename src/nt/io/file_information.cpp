// Questions and orders about open files: what the I/O manager knows itself it answers, the rest goes to the
// driver of the device as an IRP. Calls wait for the answer.
#include <cstring>

#include "nt/abi.h"
#include "nt/abi/files.h"
#include "nt/io/device.h"
#include "nt/io/file.h"
#include "nt/io/file_request.h"
#include "nt/io/irp.h"
#include "nt/ke/thread.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"
#include "nt/rtl/unicode.h"

using namespace ndiskit::nt;

namespace {

template <class T>
NTSTATUS give(const T& value, PVOID buffer, ULONG size, PIO_STATUS_BLOCK block) {
    if (size < sizeof value) return block->Status = STATUS_INFO_LENGTH_MISMATCH;
    std::memcpy(buffer, &value, sizeof value);
    *block = {{STATUS_SUCCESS}, sizeof value};
    return STATUS_SUCCESS;
}

// FILE_WRITE_THROUGH, FILE_SYNCHRONOUS_IO_NONALERT ... as far as the file object remembers.
ULONG mode_of(const FILE_OBJECT& file) {
    return file.Flags & FO_SYNCHRONOUS_IO ? static_cast<ULONG>(FILE_SYNCHRONOUS_IO_NONALERT) : 0u;
}

NTSTATUS set_position(FILE_OBJECT& file, const void* buffer, ULONG size, PIO_STATUS_BLOCK block) {
    if (size < sizeof(FILE_POSITION_INFORMATION)) return block->Status = STATUS_INFO_LENGTH_MISMATCH;
    const auto position = static_cast<const FILE_POSITION_INFORMATION*>(buffer)->CurrentByteOffset;
    if (position.QuadPart < 0) return block->Status = STATUS_INVALID_PARAMETER;
    file.CurrentByteOffset = position;
    *block = {{STATUS_SUCCESS}, 0};
    return STATUS_SUCCESS;
}

NTSTATUS query(io::FileRequest& request, PIO_STATUS_BLOCK block, PVOID buffer, ULONG size,
               FILE_INFORMATION_CLASS information) {
    if (!NT_SUCCESS(request.status)) return request.status;
    const FILE_OBJECT& file = *request.file;
    switch (information) {
        case FilePositionInformation:
            return give(file.CurrentByteOffset, buffer, size, block);
        case FileAccessInformation:
            return give(request.access, buffer, size, block);
        case FileModeInformation:
            return give(mode_of(file), buffer, size, block);
        case FileAlignmentInformation:
            return give(file.DeviceObject->AlignmentRequirement, buffer, size, block);
        default:
            break;
    }
    if (!request.buffered(buffer, size, true)) return STATUS_INSUFFICIENT_RESOURCES;
    if (information == FileAllInformation && size >= sizeof(FILE_ALL_INFORMATION)) {
        auto& all = *static_cast<PFILE_ALL_INFORMATION>(request.irp->AssociatedIrp.SystemBuffer);
        all.AccessFlags = request.access;
        all.CurrentByteOffset = file.CurrentByteOffset;
        all.Mode = mode_of(file);
        all.AlignmentRequirement = file.DeviceObject->AlignmentRequirement;
    }
    request.stack().Parameters.QueryFile = {size, information};
    return request.send(block);
}

NTSTATUS set(io::FileRequest& request, PIO_STATUS_BLOCK block, PVOID buffer, ULONG size,
             FILE_INFORMATION_CLASS information) {
    if (!NT_SUCCESS(request.status)) return request.status;
    if (information == FilePositionInformation) return set_position(*request.file, buffer, size, block);
    if (!request.buffered(buffer, size, false)) return STATUS_INSUFFICIENT_RESOURCES;
    request.stack().Parameters.SetFile.Length = size;
    request.stack().Parameters.SetFile.FileInformationClass = information;
    return request.send(block);
}

NTSTATUS query_volume(io::FileRequest& request, PIO_STATUS_BLOCK block, PVOID buffer, ULONG size,
                      FS_INFORMATION_CLASS information) {
    if (!NT_SUCCESS(request.status)) return request.status;
    const DEVICE_OBJECT& device = *request.file->DeviceObject;
    if (information == FileFsDeviceInformation)
        return give(FILE_FS_DEVICE_INFORMATION{device.DeviceType, device.Characteristics}, buffer, size,
                    block);
    if (!request.buffered(buffer, size, true)) return STATUS_INSUFFICIENT_RESOURCES;
    request.stack().Parameters.QueryVolume = {size, information};
    return request.send(block);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwqueryinformationfile
NTSTATUS NTAPI ZwQueryInformationFile(HANDLE handle, PIO_STATUS_BLOCK block, PVOID buffer, ULONG size,
                                      FILE_INFORMATION_CLASS information) {
    io::FileRequest request(handle, IRP_MJ_QUERY_INFORMATION);
    return query(request, block, buffer, size, information);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwsetinformationfile
NTSTATUS NTAPI ZwSetInformationFile(HANDLE handle, PIO_STATUS_BLOCK block, PVOID buffer, ULONG size,
                                    FILE_INFORMATION_CLASS information) {
    io::FileRequest request(handle, IRP_MJ_SET_INFORMATION);
    return set(request, block, buffer, size, information);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwqueryvolumeinformationfile
NTSTATUS NTAPI ZwQueryVolumeInformationFile(HANDLE handle, PIO_STATUS_BLOCK block, PVOID buffer, ULONG size,
                                            FS_INFORMATION_CLASS information) {
    io::FileRequest request(handle, IRP_MJ_QUERY_VOLUME_INFORMATION);
    return query_volume(request, block, buffer, size, information);
}

// The answer has come when this returns; the event and the routine tell of it all the same.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwquerydirectoryfile
NTSTATUS NTAPI ZwQueryDirectoryFile(HANDLE handle, HANDLE event, PIO_APC_ROUTINE routine, PVOID context,
                                    PIO_STATUS_BLOCK block, PVOID buffer, ULONG size,
                                    FILE_INFORMATION_CLASS information, BOOLEAN single,
                                    PUNICODE_STRING pattern, BOOLEAN restart) {
    io::FileRequest request(handle, IRP_MJ_DIRECTORY_CONTROL);
    if (!NT_SUCCESS(request.status)) return request.status;
    if (!io::attach_buffers(*request.irp, *request.top, IRP_MJ_READ, buffer, size))
        return STATUS_INSUFFICIENT_RESOURCES;
    IO_STACK_LOCATION& stack = request.stack();
    stack.MinorFunction = IRP_MN_QUERY_DIRECTORY;
    stack.Flags = static_cast<UCHAR>((single ? SL_RETURN_SINGLE_ENTRY : 0) | (restart ? SL_RESTART_SCAN : 0));
    stack.Parameters.QueryDirectory = {size, pattern, information, 0};
    const NTSTATUS status = request.send(block);
    if (NT_ERROR(status)) return status;
    if (event) ZwSetEvent(event, nullptr);
    io::call_routine(routine, context, block);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwflushbuffersfile
NTSTATUS NTAPI ZwFlushBuffersFile(HANDLE handle, PIO_STATUS_BLOCK block) {
    io::FileRequest request(handle, IRP_MJ_FLUSH_BUFFERS);
    return NT_SUCCESS(request.status) ? request.send(block) : request.status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwdeletefile
NTSTATUS NTAPI ZwDeleteFile(POBJECT_ATTRIBUTES attributes) {
    HANDLE handle = nullptr;
    IO_STATUS_BLOCK block = {};
    const NTSTATUS status =
        ZwOpenFile(&handle, DELETE, attributes, &block,
                   FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, FILE_DELETE_ON_CLOSE);
    return NT_SUCCESS(status) ? ZwClose(handle) : status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-zwqueryfullattributesfile
NTSTATUS NTAPI ZwQueryFullAttributesFile(POBJECT_ATTRIBUTES attributes,
                                         PFILE_NETWORK_OPEN_INFORMATION result) {
    HANDLE handle = nullptr;
    IO_STATUS_BLOCK block = {};
    NTSTATUS status =
        ZwOpenFile(&handle, FILE_READ_ATTRIBUTES, attributes, &block,
                   FILE_SHARE_READ | FILE_SHARE_WRITE | FILE_SHARE_DELETE, FILE_SYNCHRONOUS_IO_NONALERT);
    if (!NT_SUCCESS(status)) return status;
    status = ZwQueryInformationFile(handle, &block, result, sizeof *result, FileNetworkOpenInformation);
    ZwClose(handle);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ioqueryfileinformation
NTSTATUS NTAPI IoQueryFileInformation(PFILE_OBJECT file, FILE_INFORMATION_CLASS information, ULONG size,
                                      PVOID buffer, PULONG returned) {
    io::FileRequest request(*file, IRP_MJ_QUERY_INFORMATION);
    IO_STATUS_BLOCK block = {};
    const NTSTATUS status = query(request, &block, buffer, size, information);
    *returned = static_cast<ULONG>(block.Information);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ioqueryvolumeinformation
NTSTATUS NTAPI IoQueryVolumeInformation(PFILE_OBJECT file, FS_INFORMATION_CLASS information, ULONG size,
                                        PVOID buffer, PULONG returned) {
    io::FileRequest request(*file, IRP_MJ_QUERY_VOLUME_INFORMATION);
    IO_STATUS_BLOCK block = {};
    const NTSTATUS status = query_volume(request, &block, buffer, size, information);
    *returned = static_cast<ULONG>(block.Information);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-iosetinformation
NTSTATUS NTAPI IoSetInformation(PFILE_OBJECT file, FILE_INFORMATION_CLASS information, ULONG size,
                                PVOID buffer) {
    io::FileRequest request(*file, IRP_MJ_SET_INFORMATION);
    IO_STATUS_BLOCK block = {};
    return set(request, &block, buffer, size, information);
}

}  // extern "C"
