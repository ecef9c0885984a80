// A machine in a process of its own: whatever a driver does to it, the command lives on and tells. The two
// talk over a socket, a line of JSON each way:
//
//     ready                  the machine runs (or "failed": why not)
//     report    → edges, stack
//     traffic   → flows      runs the description's traffic
//     pass N    → {}         lets N ns of the machine's time go by
//     first     → ms         from the start of the process until a frame came up through a driver
//     stop      → leaks, trace hash, events; the process ends
#pragma once

#include <sys/types.h>

#include <nlohmann/json.hpp>

#include <chrono>
#include <string>
#include <vector>

#include "setup/machine.h"
#include "setup/report.h"
#include "setup/traffic.h"

namespace ndiskit::cli {

// What an error says when the machine bug checked.
inline constexpr std::string_view bug_check_text = "the machine bug checked";

struct MachineRun {
    setup::Description description;
    setup::EngineOptions engine;
    std::string pcap;      // file, or empty
    bool patient = false;  // in a debugger: wait for ever
    std::string programs;  // name or path of the socket for programs; empty: none
};

struct Stopped {
    std::vector<std::string> leaks;
    uint64_t trace_hash = 0;
    std::vector<setup::EventReport> events;
};

class MachineProcess {
  public:
    using Patience = std::chrono::seconds;

    // Forks the machine and waits until it runs.
    static Result<MachineProcess> start(const MachineRun& run);
    MachineProcess(MachineProcess&& other) noexcept;
    MachineProcess& operator=(MachineProcess&&) = delete;
    ~MachineProcess();  // kills it

    Result<std::vector<setup::EdgeReport>> edges();
    // As text, a line each, trees drawn.
    Result<std::string> stack();
    Result<std::vector<setup::FlowResult>> traffic();
    Result<> pass(double seconds);
    Result<double> first_packet_ms();
    Result<Stopped> stop();

    // True when an error came from a bug check; the machine has told it on standard error.
    bool bug_checked() const { return bug_checked_; }
    int descriptor() const { return socket_; }
    // Where programs reach its devices; empty when they do not.
    const std::string& programs_socket() const { return programs_; }

  private:
    MachineProcess(pid_t process, int socket) : process_(process), socket_(socket) {}
    Result<nlohmann::json> ask(const nlohmann::json& request, Patience patience);
    Result<nlohmann::json> answer(Patience patience);
    std::unexpected<Error> ended();

    pid_t process_ = -1;
    int socket_ = -1;
    std::string buffer_;
    bool bug_checked_ = false;
    bool patient_ = false;
    std::string programs_;
};

// The command's exit status for an error of this process.
int exit_status_of(const MachineProcess* machine, int otherwise);

}  // namespace ndiskit::cli
