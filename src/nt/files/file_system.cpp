#include "nt/files/file_system.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "nt/abi.h"
#include "nt/files/byte_locks.h"
#include "nt/files/information.h"
#include "nt/io/driver.h"
#include "nt/object/object.h"
#include "nt/registry/registry.h"
#include "nt/rtl/unicode.h"
#include "nt/security/access.h"

namespace ndiskit::nt::files {

namespace {

constexpr std::string_view service = "ndiskitfs";
constexpr std::string_view service_key = "HKLM\\System\\CurrentControlSet\\Services\\ndiskitfs";
constexpr std::u16string_view device_name = u"\\Device\\HarddiskVolume1";
constexpr ULONG file_system_driver = 2, on_demand = 3;

// The volume of the machine that runs; set before the driver starts, until it has stopped.
std::unique_ptr<Folder> mounted;
PDEVICE_OBJECT volume_device = nullptr;

OpenFile& file_of(const IO_STACK_LOCATION& stack) {
    return *static_cast<OpenFile*>(stack.FileObject->FsContext);
}

NTSTATUS complete(PIRP irp, NTSTATUS status, ULONG_PTR information = 0) {
    irp->IoStatus = {{status}, information};
    IofCompleteRequest(irp, IO_NO_INCREMENT);
    return status;
}

void* transfer_buffer(const IRP& irp) {
    return irp.MdlAddress ? MmGetSystemAddressForMdlSafe(irp.MdlAddress, NormalPagePriority) : irp.UserBuffer;
}

// A path relative to a file that is open comes with that file.
std::u16string path_of(const FILE_OBJECT& file) {
    std::u16string path(view_of(file.FileName));
    if (!file.RelatedFileObject || !file.RelatedFileObject->FsContext) return path;
    const std::u16string above = static_cast<const OpenFile*>(file.RelatedFileObject->FsContext)->path();
    return path.empty() ? above : above + u"\\" + path;  // without a name it is that file again
}

NTSTATUS NTAPI create(PDEVICE_OBJECT, PIRP irp) {
    const IO_STACK_LOCATION& stack = *IoGetCurrentIrpStackLocation(irp);
    const auto& parameters = stack.Parameters.Create;
    const std::u16string path = path_of(*stack.FileObject);
    CreateRequest request{
        .path = path,
        .access = security::map_generic(parameters.SecurityContext->DesiredAccess, security::file_mapping),
        .share = parameters.ShareAccess,
        .disposition = parameters.Options >> 24,
        .options = parameters.Options & 0xFFFFFF,
        .attributes = parameters.FileAttributes};
    // A directory's "read data" and "write data" are to list and to add.
    if (request.access & MAXIMUM_ALLOWED)
        request.access = (request.access & ~MAXIMUM_ALLOWED) | security::file_mapping.GenericAll;
    std::unique_ptr<OpenFile> file;
    ULONG information = 0;
    const NTSTATUS status = OpenFile::create(*mounted, request, file, information);
    if (NT_SUCCESS(status)) stack.FileObject->FsContext = file.release();
    return complete(irp, status, information);
}

// Locks that wait for others to go, in the order in which they came.
Guarded<std::vector<PIRP>, LockRank::nt_leaf> waiting_locks;

LockOwner owner_of(const IO_STACK_LOCATION& stack, ULONG key) { return {stack.FileObject, key}; }
ByteRange range_of(const IO_STACK_LOCATION& stack) {
    const auto& request = stack.Parameters.LockControl;
    return {static_cast<uint64_t>(request.ByteOffset.QuadPart),
            static_cast<uint64_t>(request.Length->QuadPart)};
}
bool grant(PIRP irp) {
    const IO_STACK_LOCATION& stack = *IoGetCurrentIrpStackLocation(irp);
    return lock_range(file_of(stack).id(), owner_of(stack, stack.Parameters.LockControl.Key), range_of(stack),
                      stack.Flags & SL_EXCLUSIVE_LOCK);
}

// Takes a waiting lock out of the list; false when somebody else did.
bool take_waiting(PIRP irp) {
    return waiting_locks.with([&](auto& all) { return std::erase(all, irp) != 0; });
}
void NTAPI cancel_lock(PDEVICE_OBJECT, PIRP irp) {
    IoReleaseCancelSpinLock(irp->CancelIrql);
    if (take_waiting(irp)) complete(irp, STATUS_CANCELLED);
}
// Locks went: tries those that wait.
void grant_waiting() {
    for (const PIRP irp : waiting_locks.with([](auto& all) { return all; })) {
        if (!grant(irp)) continue;
        IoSetCancelRoutine(irp, nullptr);
        if (take_waiting(irp)) {
            complete(irp, STATUS_SUCCESS);
        } else {
            const IO_STACK_LOCATION& stack = *IoGetCurrentIrpStackLocation(irp);
            unlock_range(file_of(stack).id(), owner_of(stack, stack.Parameters.LockControl.Key),
                         range_of(stack));
        }
    }
}

NTSTATUS wait_for_lock(PIRP irp) {
    IoMarkIrpPending(irp);
    waiting_locks.with([&](auto& all) { all.push_back(irp); });
    IoSetCancelRoutine(irp, cancel_lock);
    if (irp->Cancel && take_waiting(irp)) {
        IoSetCancelRoutine(irp, nullptr);
        complete(irp, STATUS_CANCELLED);
    }
    grant_waiting();  // what was in the way may have gone meanwhile
    return STATUS_PENDING;
}

NTSTATUS NTAPI lock_control(PDEVICE_OBJECT, PIRP irp) {
    const IO_STACK_LOCATION& stack = *IoGetCurrentIrpStackLocation(irp);
    const OpenFile& file = file_of(stack);
    const ULONG key = stack.Parameters.LockControl.Key;
    if (file.is_directory()) return complete(irp, STATUS_INVALID_PARAMETER);
    NTSTATUS status = STATUS_SUCCESS;
    switch (stack.MinorFunction) {
        case IRP_MN_LOCK:
            if (grant(irp)) return complete(irp, STATUS_SUCCESS);
            if (!(stack.Flags & SL_FAIL_IMMEDIATELY)) return wait_for_lock(irp);
            return complete(irp, STATUS_LOCK_NOT_GRANTED);
        case IRP_MN_UNLOCK_SINGLE:
            if (!unlock_range(file.id(), owner_of(stack, key), range_of(stack)))
                status = STATUS_RANGE_NOT_LOCKED;
            break;
        case IRP_MN_UNLOCK_ALL:
            unlock_all(file.id(), stack.FileObject);
            break;
        case IRP_MN_UNLOCK_ALL_BY_KEY:
            unlock_all(file.id(), stack.FileObject, &key);
            break;
        default:
            status = STATUS_INVALID_DEVICE_REQUEST;
    }
    grant_waiting();
    return complete(irp, status);
}

// The volume keeps no extended attributes.
NTSTATUS NTAPI no_extended_attributes(PDEVICE_OBJECT, PIRP irp) {
    return complete(irp, STATUS_EAS_NOT_SUPPORTED);
}

NTSTATUS NTAPI cleanup(PDEVICE_OBJECT, PIRP irp) {
    const IO_STACK_LOCATION& stack = *IoGetCurrentIrpStackLocation(irp);
    unlock_all(file_of(stack).id(), stack.FileObject);
    grant_waiting();
    file_of(stack).close();
    return complete(irp, STATUS_SUCCESS);
}

NTSTATUS NTAPI close(PDEVICE_OBJECT, PIRP irp) {
    const IO_STACK_LOCATION& stack = *IoGetCurrentIrpStackLocation(irp);
    const std::unique_ptr<OpenFile> file(
        static_cast<OpenFile*>(std::exchange(stack.FileObject->FsContext, nullptr)));
    if (file) file->close();
    return complete(irp, STATUS_SUCCESS);
}

// Where a transfer begins: the given offset, the file's own position, or its end.
NTSTATUS offset_of(const OpenFile& file, const FILE_OBJECT& object, LARGE_INTEGER given, bool writes,
                   int64_t& offset) {
    const bool special = given.HighPart == -1;
    const bool append_only = writes && !(file.access() & FILE_WRITE_DATA);
    offset = special && given.LowPart == FILE_USE_FILE_POINTER_POSITION ? object.CurrentByteOffset.QuadPart
                                                                        : given.QuadPart;
    if (!append_only && !(special && writes && given.LowPart == FILE_WRITE_TO_END_OF_FILE))
        return STATUS_SUCCESS;
    struct stat info;
    const NTSTATUS status = file.info(info);
    offset = info.st_size;
    return status;
}

NTSTATUS NTAPI transfer(PDEVICE_OBJECT, PIRP irp) {
    const IO_STACK_LOCATION& stack = *IoGetCurrentIrpStackLocation(irp);
    const bool writes = stack.MajorFunction == IRP_MJ_WRITE;
    const OpenFile& file = file_of(stack);
    const auto& request = stack.Parameters.Read;  // of the same form as Write
    const ACCESS_MASK needed = writes ? FILE_WRITE_DATA | FILE_APPEND_DATA : FILE_READ_DATA | FILE_EXECUTE;
    if (!(file.access() & needed)) return complete(irp, STATUS_ACCESS_DENIED);
    int64_t offset = 0;
    size_t done = 0;
    NTSTATUS status = offset_of(file, *stack.FileObject, request.ByteOffset, writes, offset);
    void* const buffer = transfer_buffer(*irp);
    const ByteRange range = {static_cast<uint64_t>(offset), request.Length};
    if (NT_SUCCESS(status) && !may_transfer(file.id(), owner_of(stack, request.Key), range, writes))
        status = STATUS_FILE_LOCK_CONFLICT;
    if (NT_SUCCESS(status))
        status = writes ? file.write(offset, buffer, request.Length, done)
                        : file.read(offset, buffer, request.Length, done);
    if (NT_SUCCESS(status) && stack.FileObject->Flags & FO_SYNCHRONOUS_IO)
        stack.FileObject->CurrentByteOffset.QuadPart = offset + static_cast<int64_t>(done);
    return complete(irp, status, done);
}

NTSTATUS NTAPI flush(PDEVICE_OBJECT, PIRP irp) {
    return complete(irp, file_of(*IoGetCurrentIrpStackLocation(irp)).flush());
}

NTSTATUS NTAPI query_information(PDEVICE_OBJECT, PIRP irp) {
    const IO_STACK_LOCATION& stack = *IoGetCurrentIrpStackLocation(irp);
    const auto& request = stack.Parameters.QueryFile;
    ULONG_PTR done = 0;
    const NTSTATUS status = query_file(file_of(stack), request.FileInformationClass,
                                       irp->AssociatedIrp.SystemBuffer, request.Length, done);
    return complete(irp, status, done);
}

NTSTATUS NTAPI set_information(PDEVICE_OBJECT, PIRP irp) {
    const IO_STACK_LOCATION& stack = *IoGetCurrentIrpStackLocation(irp);
    const auto& request = stack.Parameters.SetFile;
    return complete(irp, set_file(file_of(stack), *mounted, request.FileInformationClass,
                                  irp->AssociatedIrp.SystemBuffer, request.Length));
}

NTSTATUS NTAPI query_volume_information(PDEVICE_OBJECT, PIRP irp) {
    const IO_STACK_LOCATION& stack = *IoGetCurrentIrpStackLocation(irp);
    const auto& request = stack.Parameters.QueryVolume;
    ULONG_PTR done = 0;
    const NTSTATUS status = query_volume(file_of(stack), *mounted, request.FsInformationClass,
                                         irp->AssociatedIrp.SystemBuffer, request.Length, done);
    return complete(irp, status, done);
}

NTSTATUS NTAPI directory_control(PDEVICE_OBJECT, PIRP irp) {
    const IO_STACK_LOCATION& stack = *IoGetCurrentIrpStackLocation(irp);
    if (stack.MinorFunction != IRP_MN_QUERY_DIRECTORY) return complete(irp, STATUS_INVALID_DEVICE_REQUEST);
    OpenFile& file = file_of(stack);
    if (!file.is_directory()) return complete(irp, STATUS_INVALID_PARAMETER);
    const auto& request = stack.Parameters.QueryDirectory;
    file.begin_listing(view_of(request.FileName), stack.Flags & SL_RESTART_SCAN);
    ULONG_PTR done = 0;
    const NTSTATUS status =
        query_directory(file, request.FileInformationClass, stack.Flags & SL_RETURN_SINGLE_ENTRY,
                        transfer_buffer(*irp), request.Length, done);
    return complete(irp, status, done);
}

void NTAPI unload(PDRIVER_OBJECT) {
    object::delete_link(u"\\??\\C:");
    object::delete_link(u"\\SystemRoot");
    IoDeleteDevice(std::exchange(volume_device, nullptr));
}

NTSTATUS NTAPI driver_entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    UNICODE_STRING name = unicode_string(device_name);
    const NTSTATUS status =
        IoCreateDevice(driver, 0, &name, FILE_DEVICE_DISK_FILE_SYSTEM, 0, FALSE, &volume_device);
    if (!NT_SUCCESS(status)) return status;
    driver->DriverUnload = unload;
    driver->MajorFunction[IRP_MJ_CREATE] = create;
    driver->MajorFunction[IRP_MJ_CLEANUP] = cleanup;
    driver->MajorFunction[IRP_MJ_CLOSE] = close;
    driver->MajorFunction[IRP_MJ_READ] = transfer;
    driver->MajorFunction[IRP_MJ_WRITE] = transfer;
    driver->MajorFunction[IRP_MJ_FLUSH_BUFFERS] = flush;
    driver->MajorFunction[IRP_MJ_QUERY_INFORMATION] = query_information;
    driver->MajorFunction[IRP_MJ_SET_INFORMATION] = set_information;
    driver->MajorFunction[IRP_MJ_QUERY_VOLUME_INFORMATION] = query_volume_information;
    driver->MajorFunction[IRP_MJ_LOCK_CONTROL] = lock_control;
    driver->MajorFunction[IRP_MJ_QUERY_EA] = no_extended_attributes;
    driver->MajorFunction[IRP_MJ_SET_EA] = no_extended_attributes;
    driver->MajorFunction[IRP_MJ_DIRECTORY_CONTROL] = directory_control;
    volume_device->Flags &= ~static_cast<ULONG>(DO_DEVICE_INITIALIZING);
    object::create_link(u"\\??\\C:", device_name);
    object::create_link(u"\\SystemRoot", u"\\Device\\HarddiskVolume1\\Windows");
    return STATUS_SUCCESS;
}

}  // namespace

OpenFile* open_file_of(const FILE_OBJECT& file) {
    return volume_device && file.DeviceObject == volume_device ? static_cast<OpenFile*>(file.FsContext)
                                                               : nullptr;
}

Result<> mount(const std::filesystem::path& folder) {
    mounted = std::make_unique<Folder>(TRY(Folder::open(folder)));
    registry::set_string(service_key, "ImagePath", "builtin:ndiskitfs");
    registry::set_dword(service_key, "Type", file_system_driver);
    registry::set_dword(service_key, "Start", on_demand);
    io::register_builtin(service, driver_entry);
    TRY(io::start_service(service));
    return {};
}

Result<> unmount() {
    if (!mounted) return {};
    TRY(io::stop_service(service));
    mounted.reset();
    return {};
}

}  // namespace ndiskit::nt::files
