#include "nt/io/file.h"

#include <cstring>

#include "nt/bugcheck.h"
#include "nt/io/device.h"
#include "nt/io/device_security.h"
#include "nt/io/irp.h"
#include "nt/ke/thread.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"
#include "nt/rtl/unicode.h"
#include "nt/security/access.h"
#include "nt/security/access_state.h"

namespace ndiskit::nt {

namespace {

constexpr uint32_t name_tag = 0x6D4E6F49;  // 'IoNm' in memory order

PETHREAD this_thread() { return reinterpret_cast<PETHREAD>(ke::kthread(ke::current_thread())); }

// What few file objects have; made for those.
struct FileExtension {
    DEVICE_OBJECT* target;  // referenced; null: the top of the stack
    bool ignores_sharing;
};

// An IRP for the stack on which the file is open, with its next location's function and file set.
IRP* make_file_irp(DEVICE_OBJECT& top, FILE_OBJECT& file, UCHAR major) {
    IRP* irp = io::make_irp(top.StackSize);
    if (!irp) return nullptr;
    irp->Tail.Overlay.Thread = this_thread();
    PIO_STACK_LOCATION stack = IoGetNextIrpStackLocation(irp);
    stack->MajorFunction = major;
    stack->FileObject = &file;
    return irp;
}

void send_simple(FILE_OBJECT& file, UCHAR major) {
    DEVICE_OBJECT* const top = io::target_of(file);
    if (IRP* irp = make_file_irp(*top, file, major)) io::send_and_wait(*top, *irp);
    object::dereference(top);
}

void handle_closed(void* body, bool last) {
    if (last) send_simple(*static_cast<FILE_OBJECT*>(body), IRP_MJ_CLEANUP);
}

void destroy_file(void* body) {
    auto& file = *static_cast<FILE_OBJECT*>(body);
    if (file.Flags & FO_HANDLE_CREATED) send_simple(file, IRP_MJ_CLOSE);
    io::file_gone(*file.DeviceObject);
    object::dereference(file.DeviceObject);
    if (auto* const extension = static_cast<FileExtension*>(file.FileObjectExtension)) {
        if (extension->target) object::dereference(extension->target);
        pool_free(extension, name_tag);
    }
    if (file.FileName.Buffer) pool_free(file.FileName.Buffer);
    object::free_body(body);
}

FILE_OBJECT* make_file(DEVICE_OBJECT& device, std::u16string_view name, const io::OpenOptions& options) {
    auto* file = static_cast<FILE_OBJECT*>(object::create(object::file_type, sizeof(FILE_OBJECT)));
    if (!file) return nullptr;
    file->Type = IO_TYPE_FILE;
    file->Size = sizeof(FILE_OBJECT);
    file->DeviceObject = &device;
    file->ReadAccess = (options.access & (FILE_READ_DATA | GENERIC_READ)) != 0;
    file->WriteAccess = (options.access & (FILE_WRITE_DATA | GENERIC_WRITE)) != 0;
    file->SharedRead = (options.share & FILE_SHARE_READ) != 0;
    file->SharedWrite = (options.share & FILE_SHARE_WRITE) != 0;
    file->Flags = options.create_options & (FILE_SYNCHRONOUS_IO_ALERT | FILE_SYNCHRONOUS_IO_NONALERT)
                      ? FO_SYNCHRONOUS_IO
                      : 0u;
    KeInitializeEvent(&file->Event, NotificationEvent, FALSE);
    KeInitializeEvent(&file->Lock, SynchronizationEvent, FALSE);
    InitializeListHead(&file->IrpList);
    object::reference(&device);
    __atomic_add_fetch(&device.ReferenceCount, 1, __ATOMIC_ACQ_REL);
    if (!name.empty()) {
        const size_t bytes = name.size() * sizeof(WCHAR);
        file->FileName = {
            static_cast<USHORT>(bytes), static_cast<USHORT>(bytes + 2),
            static_cast<PWCH>(pool_allocate_zeroed(PoolKind::nonpaged, bytes + 2, name_tag, nullptr))};
        if (file->FileName.Buffer) std::memcpy(file->FileName.Buffer, name.data(), bytes);
    }
    return file;
}

// An exclusive device has one open at a time; one that is being deleted has no new ones.
NTSTATUS may_open(const DEVICE_OBJECT& device) {
    if (device.DeviceObjectExtension->ExtensionFlags & io::delete_pending) return STATUS_NO_SUCH_DEVICE;
    if (device.Flags & DO_DEVICE_INITIALIZING) return STATUS_NO_SUCH_DEVICE;
    if ((device.Flags & DO_EXCLUSIVE) && device.ReferenceCount != 0) return STATUS_ACCESS_DENIED;
    return STATUS_SUCCESS;
}

NTSTATUS send_create(FILE_OBJECT& file, const io::OpenOptions& options, ACCESS_MASK granted,
                     IO_STATUS_BLOCK* result) {
    DEVICE_OBJECT* const top = io::target_of(file);
    IRP* irp = make_file_irp(*top, file, IRP_MJ_CREATE);
    NTSTATUS status = STATUS_INSUFFICIENT_RESOURCES;
    if (irp) {
        irp->RequestorMode = options.mode;
        security::AccessState access(options.access, granted, security::file_mapping);
        IO_SECURITY_CONTEXT security = {nullptr, &access.get(), options.access, options.create_options};
        auto& create = IoGetNextIrpStackLocation(irp)->Parameters.Create;
        create.SecurityContext = &security;
        create.Options = options.disposition << 24 | options.create_options;
        create.ShareAccess = static_cast<USHORT>(options.share);
        create.FileAttributes = static_cast<USHORT>(options.attributes);
        irp->Flags |= IRP_CREATE_OPERATION;
        if (options.force_check) IoGetNextIrpStackLocation(irp)->Flags |= SL_FORCE_ACCESS_CHECK;
        if (options.extra) IoSetIrpExtraCreateParameter(irp, options.extra);
        status = io::send_and_wait(*top, *irp, result);
    }
    object::dereference(top);
    return status;
}

// What goes with an open beyond the file object. A hint must be a device of the stack that is opened.
NTSTATUS extend(FILE_OBJECT& file, const io::OpenOptions& options) {
    if (!options.hint && !options.ignore_sharing) return STATUS_SUCCESS;
    if (options.hint) {
        PDEVICE_OBJECT const lowest = IoGetDeviceAttachmentBaseRef(options.hint);
        PDEVICE_OBJECT const opened = IoGetDeviceAttachmentBaseRef(file.DeviceObject);
        const bool fits = lowest == opened;
        object::dereference(lowest);
        object::dereference(opened);
        if (!fits) return STATUS_INVALID_DEVICE_OBJECT_PARAMETER;
    }
    auto* const extension = static_cast<FileExtension*>(
        pool_allocate_zeroed(PoolKind::nonpaged, sizeof(FileExtension), name_tag, nullptr));
    if (!extension) return STATUS_INSUFFICIENT_RESOURCES;
    *extension = {options.hint, options.ignore_sharing};
    if (options.hint) object::reference(options.hint);
    file.FileObjectExtension = extension;
    return STATUS_SUCCESS;
}

}  // namespace

_OBJECT_TYPE object::file_type = {"File", destroy_file, handle_closed};

namespace io {

DEVICE_OBJECT* target_of(const FILE_OBJECT& file) {
    if (const auto* const extension = static_cast<const FileExtension*>(file.FileObjectExtension))
        if (extension->target) {
            object::reference(extension->target);
            return extension->target;
        }
    return top_of_stack(*file.DeviceObject);
}

bool ignores_sharing(const FILE_OBJECT& file) {
    const auto* const extension = static_cast<const FileExtension*>(file.FileObjectExtension);
    return extension && extension->ignores_sharing;
}

NTSTATUS ignore_sharing(FILE_OBJECT& file) {
    if (auto* const extension = static_cast<FileExtension*>(file.FileObjectExtension)) {
        extension->ignores_sharing = true;
        return STATUS_SUCCESS;
    }
    return extend(file, {.ignore_sharing = true});
}

void finished_for_file(FILE_OBJECT& file) {
    KeSetEvent(&file.Event, 0, FALSE);
    object::dereference(&file);
}

NTSTATUS send_and_wait(DEVICE_OBJECT& device, IRP& irp, IO_STATUS_BLOCK* result) {
    KEVENT done;
    KeInitializeEvent(&done, NotificationEvent, FALSE);
    IO_STATUS_BLOCK block = {};
    irp.UserEvent = &done;
    irp.UserIosb = &block;
    IofCallDriver(&device, &irp);
    // What the dispatch routine returned may be old: the block has what the IRP was completed with.
    KeWaitForSingleObject(&done, Executive, KernelMode, FALSE, nullptr);
    if (result) *result = block;
    return block.Status;
}

NTSTATUS open_file(std::u16string_view path, const OpenOptions& options, FILE_OBJECT** result,
                   IO_STATUS_BLOCK* block) {
    const object::Found found = object::lookup(path);
    if (!NT_SUCCESS(found.status)) return found.status;
    if (object::type_of(found.body) != &object::device_type) {
        object::dereference(found.body);
        return STATUS_OBJECT_TYPE_MISMATCH;
    }
    auto& device = *static_cast<DEVICE_OBJECT*>(found.body);
    NTSTATUS status = may_open(device);
    FILE_OBJECT* file = nullptr;
    ACCESS_MASK granted = security::map_generic(options.access, security::file_mapping);
    if (NT_SUCCESS(status) && (options.mode != KernelMode || options.force_check))
        status = check_open(device, !found.remaining.empty(), options.access, granted);
    if (NT_SUCCESS(status)) {
        file = make_file(device, found.remaining, options);
        status = file ? extend(*file, options) : STATUS_INSUFFICIENT_RESOURCES;
        if (NT_SUCCESS(status)) status = send_create(*file, options, granted, block);
    }
    if (NT_SUCCESS(status)) {
        file->Flags |= FO_HANDLE_CREATED;
        *result = file;
        if (options.granted) *options.granted = granted;
    } else if (file) {
        object::dereference(file);
    }
    object::dereference(&device);
    return status;
}

}  // namespace io

namespace {

// Sends a request on a file, and waits unless the caller has an event or routine of its own and the file is
// not synchronous.
NTSTATUS send_on_file(IRP& irp, DEVICE_OBJECT& top, FILE_OBJECT& file, HANDLE event_handle,
                      PIO_APC_ROUTINE routine, PVOID context, PIO_STATUS_BLOCK block) {
    void* event = nullptr;
    if (event_handle) {
        const NTSTATUS status =
            object::reference_by_handle(event_handle, 0, &object::event_type, false, &event);
        if (!NT_SUCCESS(status)) {
            io::discard_irp(irp);
            return status;
        }
        KeClearEvent(static_cast<PKEVENT>(event));
    }
    KeClearEvent(&file.Event);
    irp.UserIosb = block;
    irp.UserEvent = static_cast<PKEVENT>(event);
    irp.Overlay.AsynchronousParameters.UserApcRoutine = routine;
    irp.Overlay.AsynchronousParameters.UserApcContext = context;
    if (routine) {
        irp.AllocationFlags |= io::has_routine;
        ke::reference_thread(*ke::current_thread());
    }
    irp.Tail.Overlay.OriginalFileObject = &file;
    object::reference(&file);
    NTSTATUS status = IofCallDriver(&top, &irp);
    if (status == STATUS_PENDING && (file.Flags & FO_SYNCHRONOUS_IO)) {
        KeWaitForSingleObject(&file.Event, Executive, KernelMode, FALSE, nullptr);
        status = block->Status;
    }
    if (event) object::dereference(event);
    return status;
}

struct FileOfHandle {
    FILE_OBJECT* file = nullptr;
    DEVICE_OBJECT* top = nullptr;
    NTSTATUS status;

    explicit FileOfHandle(HANDLE handle) {
        void* body = nullptr;
        status = object::reference_by_handle(handle, 0, &object::file_type, false, &body);
        if (!NT_SUCCESS(status)) return;
        file = static_cast<FILE_OBJECT*>(body);
        top = io::target_of(*file);
    }
    FileOfHandle(const FileOfHandle&) = delete;
    FileOfHandle& operator=(const FileOfHandle&) = delete;
    ~FileOfHandle() {
        if (top) object::dereference(top);
        if (file) object::dereference(file);
    }
};

NTSTATUS transfer(UCHAR major, HANDLE handle, HANDLE event, PIO_APC_ROUTINE routine, PVOID context,
                  PIO_STATUS_BLOCK block, PVOID buffer, ULONG length, PLARGE_INTEGER offset, PULONG key) {
    const FileOfHandle target(handle);
    if (!NT_SUCCESS(target.status)) return target.status;
    IRP* irp = make_file_irp(*target.top, *target.file, major);
    if (!irp) return STATUS_INSUFFICIENT_RESOURCES;
    auto& read = IoGetNextIrpStackLocation(irp)->Parameters.Read;
    read = {length, key ? *key : 0, offset ? *offset : target.file->CurrentByteOffset};
    if (!io::attach_buffers(*irp, *target.top, major, buffer, length)) {
        io::discard_irp(*irp);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    return send_on_file(*irp, *target.top, *target.file, event, routine, context, block);
}

}  // namespace

}  // namespace ndiskit::nt

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-zwdeviceiocontrolfile
NTSTATUS NTAPI ZwDeviceIoControlFile(HANDLE handle, HANDLE event, PIO_APC_ROUTINE routine, PVOID context,
                                     PIO_STATUS_BLOCK block, ULONG code, PVOID input, ULONG input_size,
                                     PVOID output, ULONG output_size) {
    const FileOfHandle target(handle);
    if (!NT_SUCCESS(target.status)) return target.status;
    IRP* irp = make_file_irp(*target.top, *target.file, IRP_MJ_DEVICE_CONTROL);
    if (!irp) return STATUS_INSUFFICIENT_RESOURCES;
    if (!io::attach_control_buffers(*irp, code, input, input_size, output, output_size)) {
        io::discard_irp(*irp);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    return send_on_file(*irp, *target.top, *target.file, event, routine, context, block);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ntreadfile
NTSTATUS NTAPI ZwReadFile(HANDLE handle, HANDLE event, PIO_APC_ROUTINE routine, PVOID context,
                          PIO_STATUS_BLOCK block, PVOID buffer, ULONG length, PLARGE_INTEGER offset,
                          PULONG key) {
    return transfer(IRP_MJ_READ, handle, event, routine, context, block, buffer, length, offset, key);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-ntwritefile
NTSTATUS NTAPI ZwWriteFile(HANDLE handle, HANDLE event, PIO_APC_ROUTINE routine, PVOID context,
                           PIO_STATUS_BLOCK block, PVOID buffer, ULONG length, PLARGE_INTEGER offset,
                           PULONG key) {
    return transfer(IRP_MJ_WRITE, handle, event, routine, context, block, buffer, length, offset, key);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iogetdeviceobjectpointer
NTSTATUS NTAPI IoGetDeviceObjectPointer(PUNICODE_STRING name, ACCESS_MASK access, PFILE_OBJECT* file,
                                        PDEVICE_OBJECT* device) {
    const NTSTATUS status = io::open_file(view_of(name), {.access = access}, file);
    if (!NT_SUCCESS(status)) return status;
    // Windows opens a handle and closes it at once: cleanup comes, close with the caller's dereference.
    send_simple(**file, IRP_MJ_CLEANUP);
    *device = IoGetAttachedDevice((*file)->DeviceObject);
    return status;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-iogetrelateddeviceobject
PDEVICE_OBJECT NTAPI IoGetRelatedDeviceObject(PFILE_OBJECT file) {
    return IoGetAttachedDevice(file->DeviceObject);
}

}  // extern "C"
