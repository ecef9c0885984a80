#include "cli/children.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sched.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>

namespace ndiskit::cli {
namespace {

constexpr int cannot_start = 127;

int open_process(pid_t process) { return static_cast<int>(syscall(SYS_pidfd_open, process, 0)); }

std::string content_of(int file) {
    std::string text;
    char buffer[8192];
    off_t at = 0;
    for (ssize_t got; (got = pread(file, buffer, sizeof buffer, at)) > 0; at += got)
        text.append(buffer, static_cast<size_t>(got));
    return text;
}

int execute(const std::vector<std::string>& arguments) {
    std::vector<char*> words;
    for (const std::string& argument : arguments) words.push_back(const_cast<char*>(argument.c_str()));
    words.push_back(nullptr);
    execvp(words[0], words.data());
    dprintf(STDERR_FILENO, "cannot start %s: %s\n", words[0], strerrordesc_np(errno));
    return cannot_start;
}

}  // namespace

Result<Child> Child::start(const std::function<int()>& body, int network, bool quiet) {
    Child child;
    child.output_ = memfd_create("output", MFD_CLOEXEC);
    if (child.output_ < 0) return fail_errno("cannot keep the output of a program");
    const pid_t parent = getpid();
    child.process_ = fork();
    if (child.process_ < 0) return fail_errno("cannot start a program");
    if (child.process_ == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        sigset_t none;
        sigemptyset(&none);
        sigprocmask(SIG_SETMASK, &none, nullptr);
        if (getppid() != parent) _exit(cannot_start);
        if (quiet) {
            signal(SIGINT, SIG_IGN);  // Ctrl-C is for the command, which ends its children
            const int nothing = open("/dev/null", O_RDONLY | O_CLOEXEC);
            dup2(nothing, STDIN_FILENO);
            dup2(child.output_, STDOUT_FILENO);
            dup2(child.output_, STDERR_FILENO);
        }
        if (network >= 0 && setns(network, CLONE_NEWNET) != 0) _exit(cannot_start);
        _exit(body());
    }
    child.handle_ = open_process(child.process_);
    return child;
}

Result<Child> Child::program(const std::vector<std::string>& arguments, int network) {
    return start([&] { return execute(arguments); }, network, true);
}

Result<Child> Child::interactive(const std::vector<std::string>& arguments) {
    return start([&] { return execute(arguments); }, -1, false);
}

Result<Child> Child::function(const std::function<int()>& body, int network) {
    return start(body, network, true);
}

bool Child::running() const {
    if (process_ < 0) return false;
    pollfd ended{.fd = handle_, .events = POLLIN, .revents = 0};
    return poll(&ended, 1, 0) == 0;
}

Outcome Child::wait(Milliseconds patience) {
    Outcome outcome;
    if (process_ < 0) return outcome;
    pollfd ended{.fd = handle_, .events = POLLIN, .revents = 0};
    outcome.timed_out = poll(&ended, 1, static_cast<int>(patience.count())) == 0;
    if (outcome.timed_out) ::kill(process_, SIGKILL);
    int status = 0;
    waitpid(process_, &status, 0);
    process_ = -1;
    outcome.status = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    outcome.output = content_of(output_);
    return outcome;
}

void Child::kill() {
    if (process_ < 0) return;
    ::kill(process_, SIGKILL);
    waitpid(process_, nullptr, 0);
    process_ = -1;
}

Child::~Child() {
    kill();
    if (handle_ >= 0) close(handle_);
    if (output_ >= 0) close(output_);
}

Result<std::string> run_program(const std::vector<std::string>& arguments, int network,
                                Milliseconds patience) {
    Child child = TRY(Child::program(arguments, network));
    Outcome outcome = child.wait(patience);
    if (outcome.good()) return std::move(outcome.output);
    std::string line;
    for (const std::string& argument : arguments) line += (line.empty() ? "" : " ") + argument;
    while (!outcome.output.empty() && outcome.output.back() == '\n') outcome.output.pop_back();
    if (outcome.timed_out) return fail("takes too long", line);
    return fail(fmt::format("failed with status {}: {}", outcome.status, outcome.output), line);
}

void wait_for(Milliseconds time) { poll(nullptr, 0, static_cast<int>(time.count())); }

}  // namespace ndiskit::cli
