// The command's side.
#include "cli/machine_process.h"

#include <fmt/format.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

#include "cli/machine_server.h"
#include "cli/report_json.h"
#include "cli/verbs.h"
#include "nt/bugcheck.h"

namespace ndiskit::cli {
namespace {

using nlohmann::json;

constexpr MachineProcess::Patience start_patience{60}, question_patience{30}, work_patience{3600};

std::vector<std::string> strings_of(const json& list) { return list.get<std::vector<std::string>>(); }

}  // namespace

Result<MachineProcess> MachineProcess::start(const MachineRun& run) {
    int ends[2];
    if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
        return fail_errno("cannot start the machine's process");
    const pid_t parent = getpid();
    const pid_t process = fork();
    if (process < 0) return fail_errno("cannot start the machine's process");
    if (process == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        signal(SIGINT, SIG_IGN);  // the command is told and stops the machine in good order
        signal(SIGTERM, SIG_IGN);
        close(ends[0]);
        if (getppid() != parent) _exit(exit_failed);
        _exit(serve_machine(run, ends[1]));
    }
    close(ends[1]);
    MachineProcess machine(process, ends[0]);
    machine.patient_ = run.patient;
    const json ready = TRY(machine.answer(start_patience));
    if (ready.contains("failed")) return fail(ready.at("failed"), ready.at("where"), ready.at("hint"));
    machine.programs_ = ready.value("programs", "");
    return machine;
}

MachineProcess::MachineProcess(MachineProcess&& other) noexcept
    : process_(std::exchange(other.process_, -1)),
      socket_(std::exchange(other.socket_, -1)),
      buffer_(std::move(other.buffer_)),
      bug_checked_(other.bug_checked_),
      patient_(other.patient_),
      programs_(std::move(other.programs_)) {}

MachineProcess::~MachineProcess() {
    if (process_ >= 0) {
        ::kill(process_, SIGKILL);
        waitpid(process_, nullptr, 0);
    }
    if (socket_ >= 0) close(socket_);
}

std::unexpected<Error> MachineProcess::ended() {
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = -1;
    bug_checked_ = WIFEXITED(status) && WEXITSTATUS(status) == nt::bug_check_exit_status;
    if (bug_checked_) return fail(std::string(bug_check_text));
    if (WIFSIGNALED(status))
        return fail(fmt::format("the machine's process was ended by signal {}", WTERMSIG(status)));
    return fail(fmt::format("the machine's process ended with status {}", WEXITSTATUS(status)));
}

Result<json> MachineProcess::answer(Patience patience) {
    for (;;) {
        if (const size_t end = buffer_.find('\n'); end != std::string::npos) {
            const json message = json::parse(buffer_.substr(0, end), nullptr, false);
            buffer_.erase(0, end + 1);
            if (message.is_discarded()) return fail("the machine's process says what is no JSON");
            return message;
        }
        pollfd readable{.fd = socket_, .events = POLLIN, .revents = 0};
        const int ready =
            poll(&readable, 1, patient_ ? -1 : static_cast<int>(std::chrono::milliseconds(patience).count()));
        if (ready < 0 && errno == EINTR) continue;
        if (ready == 0)
            return fail("the machine does not answer", {}, "it hangs; see its log with --verbose");
        char bytes[65536];
        const ssize_t got = read(socket_, bytes, sizeof bytes);
        if (got <= 0) return ended();
        buffer_.append(bytes, static_cast<size_t>(got));
    }
}

Result<json> MachineProcess::ask(const json& request, Patience patience) {
    const std::string line = request.dump() + "\n";
    if (::send(socket_, line.data(), line.size(), MSG_NOSIGNAL) != static_cast<ssize_t>(line.size()))
        return ended();
    json reply = TRY(answer(patience));
    if (reply.contains("failed")) return fail(reply.at("failed"), reply.at("where"), reply.at("hint"));
    return reply;
}

Result<std::vector<setup::EdgeReport>> MachineProcess::edges() {
    return edges_from_json(TRY(ask({{"do", "edges"}}, question_patience)).at("edges"));
}

Result<std::string> MachineProcess::stack() {
    return TRY(ask({{"do", "stack"}}, question_patience)).at("stack").get<std::string>();
}

Result<std::vector<setup::FlowResult>> MachineProcess::traffic() {
    return flows_from_json(TRY(ask({{"do", "traffic"}}, work_patience)).at("flows"));
}

Result<> MachineProcess::pass(double seconds) {
    TRY(ask({{"do", "pass"}, {"ns", static_cast<int64_t>(seconds * 1e9)}}, work_patience));
    return {};
}

Result<double> MachineProcess::first_packet_ms() {
    return TRY(ask({{"do", "first"}}, question_patience)).at("ms").get<double>();
}

Result<Stopped> MachineProcess::stop() {
    const json reply = TRY(ask({{"do", "stop"}}, question_patience));
    Stopped stopped{strings_of(reply.at("leaks")), reply.at("hash"), events_from_json(reply.at("events"))};
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = -1;
    return stopped;
}

int exit_status_of(const MachineProcess* machine, int otherwise) {
    return machine && machine->bug_checked() ? exit_bug_check : otherwise;
}

}  // namespace ndiskit::cli
