// Programs and the devices of a machine: what CreateFile, DeviceIoControl, ReadFile, WriteFile, CancelIoEx
// and CloseHandle are on Windows. `ndiskit run` serves them on a local socket.
//
//     auto machine = ndiskit::client::Machine::connect();         // the only one that runs
//     auto device = machine->open("\\\\.\\NdisProt");
//     auto answer = device->control(IOCTL_..., input, output);    // waits
//     if (!answer.good()) puts(ndiskit::client::status_text(answer.status).c_str());
//
//     auto read = device->begin_read(buffer);                     // returns when the driver has it
//     ... read.wait_for(100ms) ... read.cancel() ...
//
// Every open is an overlapped one; calls that wait are the overlapped ones and a wait. A call returns when
// the driver's dispatch routine has returned, so two calls of one thread reach the driver in their order;
// calls of several threads run at once, each on a thread of its own in the machine. A device ends when it is
// destroyed (IRP_MJ_CLEANUP, then IRP_MJ_CLOSE when its last request is back), and all of a program's devices
// end with the program. Buffers of overlapped calls must live until their completion. Pointers inside buffers
// mean nothing to the machine: it is another process.
//
// This header and libndiskit_client.a are all that a program needs; C++23, no other library.
#pragma once

#include <chrono>
#include <cstdint>
#include <expected>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace ndiskit::client {

class Link;
class Session;
struct RequestState;

// The CTL_CODE macro: method 0 buffered, 1 in direct, 2 out direct, 3 neither; access 0 any, 1 read, 2 write.
constexpr uint32_t control_code(uint32_t device_type, uint32_t function, uint32_t method, uint32_t access) {
    return device_type << 16 | access << 14 | function << 2 | method;
}

inline constexpr uint32_t generic_read = 0x80000000, generic_write = 0x40000000, generic_all = 0x10000000;
inline constexpr uint32_t share_read = 1, share_write = 2, share_delete = 4;

// Whose rights an open is judged by. Who runs as root is the system, who runs as the machine's user an
// administrator, everybody else an ordinary user.
enum class Account : uint32_t { own = 0, user = 1, administrator = 2, system = 3 };

struct Completion {
    int32_t status = 0;  // an NTSTATUS
    uint64_t bytes = 0;  // Information of the IO_STATUS_BLOCK
    bool good() const { return status >= 0; }
};

// "STATUS_ACCESS_DENIED (0xC0000022)"
std::string status_text(int32_t status);

using Milliseconds = std::chrono::milliseconds;
using Callback = std::function<void(const Completion&)>;

// A call on its way. When it is dropped it is cancelled and waited for, unless it has a callback.
class Request {
  public:
    Request() = default;
    Request(Request&&) noexcept = default;
    Request& operator=(Request&& other) noexcept;
    ~Request() { drop(); }

    bool is_pending() const;
    Completion wait();
    // Nothing when the time is over first.
    std::optional<Completion> wait_for(Milliseconds time);
    // Asks the driver to give it up (IoCancelIrp); it completes all the same, soon or late, whatever the
    // driver makes of it.
    void cancel();

  private:
    friend class Device;
    Request(std::shared_ptr<Session> session, std::shared_ptr<RequestState> state);
    void drop();
    std::shared_ptr<Session> session_;
    std::shared_ptr<RequestState> state_;
};

class Device {
  public:
    Device(Device&&) noexcept = default;
    Device& operator=(Device&& other) noexcept;
    ~Device() { close(); }

    // They wait; when `time` is over first, the request is cancelled, which its status tells.
    Completion read(std::span<uint8_t> buffer, std::optional<Milliseconds> time = {}, uint64_t offset = 0);
    Completion write(std::span<const uint8_t> buffer, std::optional<Milliseconds> time = {},
                     uint64_t offset = 0);
    // `output` is written by the driver, and read too where the code says METHOD_IN_DIRECT or METHOD_NEITHER.
    Completion control(uint32_t code, std::span<const uint8_t> input = {}, std::span<uint8_t> output = {},
                       std::optional<Milliseconds> time = {});

    // Overlapped. `done` is called on a thread of the library, once, also when the call ended at once; it may
    // make calls itself, but must not hold the last of the device and its Machine.
    Request begin_read(std::span<uint8_t> buffer, Callback done = {}, uint64_t offset = 0);
    Request begin_write(std::span<const uint8_t> buffer, Callback done = {}, uint64_t offset = 0);
    Request begin_control(uint32_t code, std::span<const uint8_t> input, std::span<uint8_t> output,
                          Callback done = {});
    // All requests on this device that are not complete.
    void cancel_all();
    // Returns when the driver has had its IRP_MJ_CLEANUP.
    void close();

  private:
    friend class Machine;
    Device(std::shared_ptr<Session> session, uint32_t handle)
        : session_(std::move(session)), handle_(handle) {}
    std::shared_ptr<Session> session_;
    uint32_t handle_ = 0;
};

struct OpenOptions {
    uint32_t access = generic_read | generic_write;
    uint32_t share = share_read | share_write;
    uint32_t disposition = 1;     // FILE_OPEN
    uint32_t create_options = 0;  // FILE_DIRECTORY_FILE ...
};

class Machine {
  public:
    // `name` is the name of a machine that runs, or the path of its socket; empty for $NDISKIT_MACHINE (which
    // the command of a machine file has), else for the only one that runs. The error is a sentence for a
    // person.
    static std::expected<Machine, std::string> connect(std::string_view name = {},
                                                       Account account = Account::own);
    // Over a link of the caller's, such as the one inside a machine.
    static std::expected<Machine, std::string> over(std::unique_ptr<Link> link,
                                                    Account account = Account::own);

    // "\\\\.\\Name", "\\Device\\Name" or "\\??\\Name". The error is an NTSTATUS.
    std::expected<Device, int32_t> open(std::string_view device, const OpenOptions& options = {});
    // The account that opens are judged by.
    Account account() const;
    // When requests ended with STATUS_CONNECTION_DISCONNECTED because the machine bug checked: its stop code.
    std::optional<uint32_t> stop_code() const;

  private:
    explicit Machine(std::shared_ptr<Session> session) : session_(std::move(session)) {}
    std::shared_ptr<Session> session_;
};

// Where machines put their sockets: $NDISKIT_SOCKETS, or $XDG_RUNTIME_DIR/ndiskit, or /tmp/ndiskit-UID.
std::string socket_folder();
// Names of the machines that run, sorted.
std::vector<std::string> running_machines();

}  // namespace ndiskit::client
