// A read, write or device control of a program: an IRP with RequestorMode UserMode and buffers that are the
// program's. It can be on its way while its maker does other things, and be cancelled meanwhile. A completion
// routine of ours at the top of the stack keeps the IRP until finish(), which is what the I/O manager's APC
// does on Windows: data is copied out and the file let go in a thread, not in the DPC that completed the
// request.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "nt/abi.h"

namespace ndiskit::nt::io {

class ProgramRequest {
  public:
    using Bytes = std::vector<uint8_t>;

    // `granted` is what the file was opened for. The output buffer of a control comes as the program has it.
    static std::unique_ptr<ProgramRequest> read(FILE_OBJECT& file, ACCESS_MASK granted, ULONG size,
                                                LONGLONG offset);
    static std::unique_ptr<ProgramRequest> write(FILE_OBJECT& file, ACCESS_MASK granted, Bytes data,
                                                 LONGLONG offset);
    static std::unique_ptr<ProgramRequest> control(FILE_OBJECT& file, ACCESS_MASK granted, ULONG code,
                                                   Bytes input, Bytes output);
    // Before send, or after finish.
    ~ProgramRequest();
    ProgramRequest(const ProgramRequest&) = delete;
    ProgramRequest& operator=(const ProgramRequest&) = delete;

    // Calls the driver, in the calling thread. `arrived` is called once, before send returns or later, at any
    // IRQL up to DISPATCH_LEVEL. An error here means that the driver was not asked: nothing will arrive.
    using Arrived = void (*)(void* context);
    NTSTATUS send(Arrived arrived, void* context);
    // At any time from send to finish, at PASSIVE_LEVEL: IoCancelIrp.
    void cancel();
    // Once it has arrived, at PASSIVE_LEVEL.
    IO_STATUS_BLOCK finish();

    // After finish: what is to be in the program's output buffer. Of buffered requests that are the bytes
    // that the driver answered; of others the whole buffer, which the driver could reach.
    Bytes& output() { return output_; }
    // "\Device\Mux: IRP_MJ_DEVICE_CONTROL 0x12C800", for reports.
    std::string describe() const;

  private:
    ProgramRequest(FILE_OBJECT& file, UCHAR major, ULONG code);
    static NTSTATUS NTAPI stop_here(PDEVICE_OBJECT, PIRP, PVOID context);
    bool attach(IRP& irp);
    ULONG method() const;

    FILE_OBJECT* const file_;
    DEVICE_OBJECT* const top_;
    const UCHAR major_;
    const ULONG code_;
    ULONG size_ = 0;  // of a read's or write's buffer
    LONGLONG offset_ = 0;
    Bytes input_, output_;
    NTSTATUS refused_ = STATUS_SUCCESS;
    IRP* irp_ = nullptr;
    Arrived arrived_ = nullptr;
    void* context_ = nullptr;
    FAST_MUTEX cancelling_;  // holds the IRP while it is cancelled
};

}  // namespace ndiskit::nt::io
