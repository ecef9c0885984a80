// Files: a file object is an open of a device. The last handle's end sends IRP_MJ_CLEANUP, the last
// reference's end IRP_MJ_CLOSE.
//
// File is the host's way to a device: what a program on Windows does with CreateFile, DeviceIoControl,
// ReadFile. Its requests carry RequestorMode UserMode. Calls wait, so they come at PASSIVE_LEVEL on an NT
// thread.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <utility>

#include "nt/abi.h"

namespace ndiskit::nt::io {

struct OpenOptions {
    ACCESS_MASK access = FILE_READ_DATA | FILE_WRITE_DATA | SYNCHRONIZE;
    ULONG share = FILE_SHARE_READ | FILE_SHARE_WRITE;
    ULONG disposition = FILE_OPEN;
    ULONG create_options = 0;
    ULONG attributes = 0;               // of a file that is made
    KPROCESSOR_MODE mode = KernelMode;  // UserMode: judged by the device's security descriptor
    ACCESS_MASK* granted = nullptr;     // when it is open: with what rights
    bool force_check = false;           // the device's security descriptor judges kernel mode too
    bool ignore_sharing = false;
    DEVICE_OBJECT* hint = nullptr;  // requests go to this device of the stack instead of its top
    PECP_LIST extra = nullptr;      // of the create
};
// Opens a device by its name; the file object comes with a reference and counts as open until cleanup_file.
NTSTATUS open_file(std::u16string_view path, const OpenOptions& options, FILE_OBJECT** file,
                   IO_STATUS_BLOCK* result = nullptr);

// Where requests on the file go; with a reference of the caller's.
DEVICE_OBJECT* target_of(const FILE_OBJECT& file);
// Share access is not checked for it (IO_IGNORE_SHARE_ACCESS_CHECK).
bool ignores_sharing(const FILE_OBJECT& file);
NTSTATUS ignore_sharing(FILE_OBJECT& file);

// "\\\\.\\Mux", "\\Device\\Mux" or "Mux" as a path of the object manager.
std::u16string nt_path(std::string_view name);

class File {
  public:
    // "\\\\.\\Mux", "\\Device\\Mux" or "\\??\\Mux".
    static NTSTATUS open(std::string_view name, File& file);
    File() = default;
    File(File&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
    File& operator=(File&& other) noexcept {
        std::swap(handle_, other.handle_);
        return *this;
    }
    ~File() { close(); }

    struct Result {
        NTSTATUS status;
        ULONG_PTR bytes;  // Information of the IO_STATUS_BLOCK
    };
    // Waits until the driver has completed the request; when that takes longer than `timeout_ms` (0: for
    // ever) the request is cancelled.
    Result device_control(ULONG code, std::span<const uint8_t> input, std::span<uint8_t> output,
                          uint32_t timeout_ms = 0);
    Result read(std::span<uint8_t> buffer, uint32_t timeout_ms = 0);
    Result write(std::span<const uint8_t> buffer, uint32_t timeout_ms = 0);
    void close();
    bool is_open() const { return handle_ != nullptr; }

  private:
    HANDLE handle_ = nullptr;
};

}  // namespace ndiskit::nt::io
