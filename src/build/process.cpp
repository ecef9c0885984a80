// Children write into a memfd each; a pidfd each says when they are done, so one poll serves any number.
#include "build/process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <optional>
#include <utility>

#include "base/descriptor.h"

extern char** environ;

namespace ndiskit::build {
namespace {

struct Child {
    size_t index = 0;
    pid_t pid = -1;
    Descriptor done;
    Descriptor output;
};

std::string read_all(int fd) {
    std::string text;
    char block[16384];
    lseek(fd, 0, SEEK_SET);
    for (ssize_t n; (n = read(fd, block, sizeof block)) > 0;) text.append(block, static_cast<size_t>(n));
    return text;
}

Result<Child> start(const Command& command, size_t index) {
    Child child;
    child.index = index;
    child.output = Descriptor(memfd_create("ndiskit-build", MFD_CLOEXEC));
    if (child.output.get() < 0)
        return fail_errno("cannot make a buffer for a program's output", command.arguments[0]);

    posix_spawn_file_actions_t actions;
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&actions, child.output.get(), STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&actions, child.output.get(), STDERR_FILENO);
    if (!command.folder.empty()) posix_spawn_file_actions_addchdir_np(&actions, command.folder.c_str());
    std::vector<char*> arguments;
    for (const std::string& argument : command.arguments)
        arguments.push_back(const_cast<char*>(argument.c_str()));
    arguments.push_back(nullptr);
    const int error = posix_spawnp(&child.pid, arguments[0], &actions, nullptr, arguments.data(), environ);
    posix_spawn_file_actions_destroy(&actions);
    if (error) {
        errno = error;
        return fail_errno("cannot start the program", command.arguments[0]);
    }
    child.done = Descriptor(static_cast<int>(syscall(SYS_pidfd_open, child.pid, 0)));
    return child;
}

Finished reap(Child& child) {
    int status = 0;
    while (waitpid(child.pid, &status, 0) < 0 && errno == EINTR) {
    }
    const int code = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
    return {code, read_all(child.output.get())};
}

// Waits until one of the children is done; its position.
size_t wait_for_one(const std::vector<Child>& children) {
    std::vector<pollfd> polled;
    for (const Child& child : children) polled.push_back({child.done.get(), POLLIN, 0});
    for (;;) {
        if (poll(polled.data(), polled.size(), -1) < 0 && errno != EINTR) return 0;
        for (size_t i = 0; i < polled.size(); ++i)
            if (polled[i].revents || polled[i].fd < 0) return i;
    }
}

}  // namespace

std::string Command::text() const {
    std::string joined;
    for (const std::string& argument : arguments) {
        if (!joined.empty()) joined += ' ';
        const bool quote =
            argument.empty() || argument.find_first_of(" \t\"'$\\;&|<>()*?") != std::string::npos;
        if (!quote) {
            joined += argument;
            continue;
        }
        joined += '\'';
        for (char c : argument) joined += c == '\'' ? std::string("'\\''") : std::string(1, c);
        joined += '\'';
    }
    return joined;
}

Result<Finished> run(const Command& command) {
    Child child = TRY(start(command, 0));
    return reap(child);
}

Result<> run_all(const std::vector<Command>& commands, unsigned jobs, const Watcher& watcher) {
    std::vector<Child> running;
    std::optional<Error> broken;
    size_t next = 0;
    bool go_on = true;
    while ((go_on && next < commands.size()) || !running.empty()) {
        if (go_on && next < commands.size() && running.size() < std::max(jobs, 1u)) {
            watcher.started(next);
            Result<Child> child = start(commands[next], next);
            ++next;
            if (child) {
                running.push_back(std::move(*child));
            } else {
                broken = child.error();
                go_on = false;
            }
            continue;
        }
        const size_t position = wait_for_one(running);
        Child child = std::move(running[position]);
        running.erase(running.begin() + static_cast<ptrdiff_t>(position));
        const size_t index = child.index;
        if (!watcher.finished(index, reap(child))) go_on = false;
    }
    if (broken) return std::unexpected(*broken);
    return {};
}

}  // namespace ndiskit::build
