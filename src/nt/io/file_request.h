// A request to the driver of an open file, which its caller fills in and waits for.
#pragma once

#include <cstring>
#include <utility>

#include "nt/abi.h"
#include "nt/io/device.h"
#include "nt/io/file.h"
#include "nt/io/irp.h"
#include "nt/io/thread_irps.h"
#include "nt/ke/thread.h"
#include "nt/object/object.h"
#include "nt/pool/pool.h"

namespace ndiskit::nt::io {

constexpr uint32_t request_tag = 0x6E49'6F49;  // 'IoIn' in memory order

// A request on the file of a handle; the handle's rights in `access`.
struct FileRequest {
    FILE_OBJECT* file = nullptr;
    DEVICE_OBJECT* top = nullptr;
    IRP* irp = nullptr;
    ACCESS_MASK access = 0;
    NTSTATUS status;

    FileRequest(HANDLE handle, UCHAR major) {
        void* body = nullptr;
        OBJECT_HANDLE_INFORMATION information = {};
        status = object::reference_by_handle(handle, 0, &object::file_type, false, &body, &information);
        if (!NT_SUCCESS(status)) return;
        access = information.GrantedAccess;
        file = static_cast<FILE_OBJECT*>(body);
        begin(major);
    }
    // Of a driver that has the file object itself.
    FileRequest(FILE_OBJECT& object, UCHAR major) : file(&object), status(STATUS_SUCCESS) {
        object::reference(file);
        begin(major);
    }

    void begin(UCHAR major) {
        top = target_of(*file);
        irp = make_irp(top->StackSize);
        if (!irp) {
            status = STATUS_INSUFFICIENT_RESOURCES;
            return;
        }
        irp->Tail.Overlay.Thread = reinterpret_cast<PETHREAD>(ke::kthread(ke::current_thread()));
        stack().MajorFunction = major;
        stack().FileObject = file;
        link_to_thread(*irp);
    }
    FileRequest(const FileRequest&) = delete;
    FileRequest& operator=(const FileRequest&) = delete;
    ~FileRequest() {
        if (irp) discard_irp(*irp);
        if (top) object::dereference(top);
        if (file) object::dereference(file);
    }

    IO_STACK_LOCATION& stack() { return *IoGetNextIrpStackLocation(irp); }

    // A system buffer with the caller's content, which comes back when the driver has answered.
    bool buffered(PVOID buffer, ULONG size, bool answers) {
        irp->UserBuffer = buffer;
        if (!size) return true;
        irp->AssociatedIrp.SystemBuffer =
            pool_allocate_zeroed(PoolKind::nonpaged, size, request_tag, nullptr);
        if (!irp->AssociatedIrp.SystemBuffer) return false;
        std::memcpy(irp->AssociatedIrp.SystemBuffer, buffer, size);
        irp->Flags |= IRP_BUFFERED_IO | IRP_DEALLOCATE_BUFFER | (answers ? IRP_INPUT_OPERATION : 0u);
        return true;
    }

    NTSTATUS send(PIO_STATUS_BLOCK block) {
        IO_STATUS_BLOCK own = {};
        IRP* const sent = std::exchange(irp, nullptr);
        const NTSTATUS result = send_and_wait(*top, *sent, &own);
        *block = own;
        return result;
    }
};

}  // namespace ndiskit::nt::io
