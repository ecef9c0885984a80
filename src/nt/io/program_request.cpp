#include "nt/io/program_request.h"

#include <fmt/format.h>

#include "base/log.h"
#include "nt/io/driver.h"
#include "nt/io/irp.h"
#include "nt/ke/api.h"
#include "nt/ke/thread.h"
#include "nt/object/object.h"
#include "nt/rtl/unicode.h"

namespace ndiskit::nt::io {

namespace {

// https://learn.microsoft.com/windows-hardware/drivers/kernel/defining-i-o-control-codes
NTSTATUS check_access(ULONG code, ACCESS_MASK granted) {
    const ULONG needed = code >> 14 & 3;
    if ((needed & FILE_READ_ACCESS) && !(granted & FILE_READ_DATA)) return STATUS_ACCESS_DENIED;
    if ((needed & FILE_WRITE_ACCESS) && !(granted & FILE_WRITE_DATA)) return STATUS_ACCESS_DENIED;
    return STATUS_SUCCESS;
}

// Where an empty buffer is, there is none.
PVOID address_of(std::vector<uint8_t>& bytes) { return bytes.empty() ? nullptr : bytes.data(); }

// A read's buffer came as zeros: what is still so behind the answer was not written.
void trim(std::vector<uint8_t>& bytes, size_t answered) {
    while (bytes.size() > answered && bytes.back() == 0) bytes.pop_back();
}

}  // namespace

ProgramRequest::ProgramRequest(FILE_OBJECT& file, UCHAR major, ULONG code)
    : file_(&file), top_(IoGetAttachedDeviceReference(file.DeviceObject)), major_(major), code_(code) {
    object::reference(&file);
    ExInitializeFastMutex(&cancelling_);
}

ProgramRequest::~ProgramRequest() {
    object::dereference(top_);
    object::dereference(file_);
}

std::unique_ptr<ProgramRequest> ProgramRequest::read(FILE_OBJECT& file, ACCESS_MASK granted, ULONG size,
                                                     LONGLONG offset) {
    std::unique_ptr<ProgramRequest> request(new ProgramRequest(file, IRP_MJ_READ, 0));
    if (!(granted & FILE_READ_DATA)) request->refused_ = STATUS_ACCESS_DENIED;
    request->output_.resize(size);
    request->size_ = size;
    request->offset_ = offset;
    return request;
}

std::unique_ptr<ProgramRequest> ProgramRequest::write(FILE_OBJECT& file, ACCESS_MASK granted, Bytes data,
                                                      LONGLONG offset) {
    std::unique_ptr<ProgramRequest> request(new ProgramRequest(file, IRP_MJ_WRITE, 0));
    if (!(granted & (FILE_WRITE_DATA | FILE_APPEND_DATA))) request->refused_ = STATUS_ACCESS_DENIED;
    request->size_ = static_cast<ULONG>(data.size());
    request->input_ = std::move(data);
    request->offset_ = offset;
    return request;
}

std::unique_ptr<ProgramRequest> ProgramRequest::control(FILE_OBJECT& file, ACCESS_MASK granted, ULONG code,
                                                        Bytes input, Bytes output) {
    std::unique_ptr<ProgramRequest> request(new ProgramRequest(file, IRP_MJ_DEVICE_CONTROL, code));
    request->refused_ = check_access(code, granted);
    request->input_ = std::move(input);
    request->output_ = std::move(output);
    return request;
}

bool ProgramRequest::attach(IRP& irp) {
    if (major_ == IRP_MJ_DEVICE_CONTROL)
        return attach_control_buffers(irp, code_, address_of(input_), static_cast<ULONG>(input_.size()),
                                      address_of(output_), static_cast<ULONG>(output_.size()));
    // Read and Write have the same parameters.
    IoGetNextIrpStackLocation(&irp)->Parameters.Read = {size_, 0, {.QuadPart = offset_}};
    return attach_buffers(irp, *top_, major_, address_of(major_ == IRP_MJ_READ ? output_ : input_), size_);
}

NTSTATUS NTAPI ProgramRequest::stop_here(PDEVICE_OBJECT, PIRP, PVOID context) {
    auto& request = *static_cast<ProgramRequest*>(context);
    request.arrived_(request.context_);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

NTSTATUS ProgramRequest::send(Arrived arrived, void* context) {
    if (!NT_SUCCESS(refused_)) return refused_;
    IRP* const irp = make_irp(top_->StackSize);
    if (!irp) return STATUS_INSUFFICIENT_RESOURCES;
    irp->RequestorMode = UserMode;
    irp->Tail.Overlay.Thread = reinterpret_cast<PETHREAD>(ke::kthread(ke::current_thread()));
    irp->Tail.Overlay.OriginalFileObject = file_;
    PIO_STACK_LOCATION const stack = IoGetNextIrpStackLocation(irp);
    stack->MajorFunction = major_;
    stack->FileObject = file_;
    if (!attach(*irp)) {
        discard_irp(*irp);
        return STATUS_INSUFFICIENT_RESOURCES;
    }
    arrived_ = arrived;
    context_ = context;
    IoSetCompletionRoutine(irp, stop_here, this, TRUE, TRUE, TRUE);
    ExAcquireFastMutex(&cancelling_);
    irp_ = irp;
    ExReleaseFastMutex(&cancelling_);
    // The request may be finished and gone by the time that this returns.
    IofCallDriver(top_, irp);
    return STATUS_PENDING;
}

void ProgramRequest::cancel() {
    ExAcquireFastMutex(&cancelling_);
    if (irp_) IoCancelIrp(irp_);
    ExReleaseFastMutex(&cancelling_);
}

ULONG ProgramRequest::method() const {
    if (major_ == IRP_MJ_DEVICE_CONTROL) return METHOD_FROM_CTL_CODE(code_);
    if (top_->Flags & DO_BUFFERED_IO) return METHOD_BUFFERED;
    return top_->Flags & DO_DIRECT_IO ? METHOD_OUT_DIRECT : METHOD_NEITHER;
}

IO_STATUS_BLOCK ProgramRequest::finish() {
    const bool buffered = method() == METHOD_BUFFERED;
    ULONG_PTR& answered = irp_->IoStatus.Information;
    if (buffered && (irp_->Flags & IRP_INPUT_OPERATION) && answered > output_.size() &&
        !NT_ERROR(irp_->IoStatus.Status)) {
        // Windows would copy what lies behind the system buffer to the program.
        log_error("io", "{} was completed with {} bytes for a buffer of {}", describe(), answered,
                  output_.size());
        answered = output_.size();
    }
    IO_STATUS_BLOCK block = {};
    KEVENT finished;
    KeInitializeEvent(&finished, NotificationEvent, FALSE);
    ExAcquireFastMutex(&cancelling_);
    IRP* const irp = std::exchange(irp_, nullptr);
    ExReleaseFastMutex(&cancelling_);
    irp->UserIosb = &block;
    irp->UserEvent = &finished;
    object::reference(file_);  // finish() of the IRP lets it go
    IofCompleteRequest(irp, IO_NO_INCREMENT);
    KeWaitForSingleObject(&finished, Executive, KernelMode, FALSE, nullptr);
    if (buffered)
        output_.resize(NT_ERROR(block.Status) ? 0 : std::min<size_t>(output_.size(), block.Information));
    else if (major_ == IRP_MJ_READ)
        trim(output_, block.Information);
    return block;
}

std::string ProgramRequest::describe() const {
    const std::string device = to_utf8(object::name_of(file_->DeviceObject));
    const std::string name = device.empty() ? service_of(*file_->DeviceObject->DriverObject) : device;
    if (major_ == IRP_MJ_DEVICE_CONTROL) return fmt::format("{}: IRP_MJ_DEVICE_CONTROL 0x{:X}", name, code_);
    return fmt::format("{}: {} of {} bytes", name, major_ == IRP_MJ_READ ? "IRP_MJ_READ" : "IRP_MJ_WRITE",
                       size_);
}

}  // namespace ndiskit::nt::io
