// The host's File: a user-mode program's view of a device.
#include "nt/io/file.h"
#include "nt/io/irp.h"
#include "nt/ke/thread.h"
#include "nt/object/object.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::io {

namespace {

// What a request has while its IRP is on its way; the IRP's completion routine keeps it from being freed
// under somebody who wants to cancel it.
struct Waiting {
    KEVENT done;
};

NTSTATUS NTAPI stop_here(PDEVICE_OBJECT, PIRP, PVOID context) {
    KeSetEvent(&static_cast<Waiting*>(context)->done, 0, FALSE);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

// Sends the IRP with one location of our own on top, and ends it here.
File::Result send(DEVICE_OBJECT& top, IRP& irp, uint32_t timeout_ms) {
    Waiting waiting;
    KeInitializeEvent(&waiting.done, NotificationEvent, FALSE);
    IoSetCompletionRoutine(&irp, stop_here, &waiting, TRUE, TRUE, TRUE);
    IofCallDriver(&top, &irp);
    LARGE_INTEGER timeout = {.QuadPart = -10'000ll * timeout_ms};
    if (KeWaitForSingleObject(&waiting.done, UserRequest, KernelMode, FALSE,
                              timeout_ms ? &timeout : nullptr) == STATUS_TIMEOUT) {
        IoCancelIrp(&irp);
        KeWaitForSingleObject(&waiting.done, UserRequest, KernelMode, FALSE, nullptr);
    }
    KEVENT finished;
    KeInitializeEvent(&finished, NotificationEvent, FALSE);
    IO_STATUS_BLOCK block = {};
    irp.UserIosb = &block;
    irp.UserEvent = &finished;
    IofCompleteRequest(&irp, IO_NO_INCREMENT);
    KeWaitForSingleObject(&finished, UserRequest, KernelMode, FALSE, nullptr);
    return {block.Status, block.Information};
}

std::u16string nt_path(std::string_view name) {
    if (name.starts_with("\\\\.\\")) return u"\\??\\" + to_utf16(name.substr(4));
    return to_utf16(name.starts_with("\\") ? std::string(name) : "\\??\\" + std::string(name));
}

// The IRP of a request on the handle, or null; the file and the top of its stack come with references.
struct Request {
    FILE_OBJECT* file = nullptr;
    DEVICE_OBJECT* top = nullptr;
    IRP* irp = nullptr;

    Request(HANDLE handle, UCHAR major) {
        void* body = nullptr;
        if (!NT_SUCCESS(object::reference_by_handle(handle, 0, &object::file_type, false, &body))) return;
        file = static_cast<FILE_OBJECT*>(body);
        top = IoGetAttachedDeviceReference(file->DeviceObject);
        irp = make_irp(top->StackSize);
        if (!irp) return;
        irp->RequestorMode = UserMode;
        irp->Tail.Overlay.Thread = reinterpret_cast<PETHREAD>(ke::kthread(ke::current_thread()));
        IoGetNextIrpStackLocation(irp)->MajorFunction = major;
        IoGetNextIrpStackLocation(irp)->FileObject = file;
    }
    Request(const Request&) = delete;
    Request& operator=(const Request&) = delete;
    ~Request() {
        if (top) object::dereference(top);
        if (file) object::dereference(file);
    }

    File::Result refuse(NTSTATUS status) {
        if (irp) discard_irp(*irp);
        return {status, 0};
    }
};

File::Result transfer(HANDLE handle, UCHAR major, uint8_t* buffer, size_t size, uint32_t timeout_ms) {
    Request request(handle, major);
    if (!request.irp) return {STATUS_INVALID_HANDLE, 0};
    const auto length = static_cast<ULONG>(size);
    IoGetNextIrpStackLocation(request.irp)->Parameters.Read = {length, 0, {}};
    if (!attach_buffers(*request.irp, *request.top, major, buffer, length))
        return request.refuse(STATUS_INSUFFICIENT_RESOURCES);
    return send(*request.top, *request.irp, timeout_ms);
}

}  // namespace

NTSTATUS File::open(std::string_view name, File& result) {
    FILE_OBJECT* file = nullptr;
    const NTSTATUS status = open_file(nt_path(name), {.mode = UserMode}, &file);
    if (!NT_SUCCESS(status)) return status;
    result.close();
    result.handle_ = object::open_handle(file, FILE_READ_DATA | FILE_WRITE_DATA, false);
    object::dereference(file);
    return STATUS_SUCCESS;
}

File::Result File::device_control(ULONG code, std::span<const uint8_t> input, std::span<uint8_t> output,
                                  uint32_t timeout_ms) {
    Request request(handle_, IRP_MJ_DEVICE_CONTROL);
    if (!request.irp) return {STATUS_INVALID_HANDLE, 0};
    if (!attach_control_buffers(*request.irp, code, const_cast<uint8_t*>(input.data()),
                                static_cast<ULONG>(input.size()), output.data(),
                                static_cast<ULONG>(output.size())))
        return request.refuse(STATUS_INSUFFICIENT_RESOURCES);
    return send(*request.top, *request.irp, timeout_ms);
}

File::Result File::read(std::span<uint8_t> buffer, uint32_t timeout_ms) {
    return transfer(handle_, IRP_MJ_READ, buffer.data(), buffer.size(), timeout_ms);
}

File::Result File::write(std::span<const uint8_t> buffer, uint32_t timeout_ms) {
    return transfer(handle_, IRP_MJ_WRITE, const_cast<uint8_t*>(buffer.data()), buffer.size(), timeout_ms);
}

void File::close() {
    if (handle_) object::close_handle(std::exchange(handle_, nullptr));
}

}  // namespace ndiskit::nt::io
