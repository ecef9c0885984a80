#include "setup/seeds.h"

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include <deque>

#include "base/file.h"
#include "engine/engine.h"
#include "nt/bugcheck.h"
#include "nt/exception/crash_report.h"
#include "nt/ke/machine.h"

namespace ndiskit::setup {
namespace {

constexpr int failed_exit_status = 1;

// A fork under way: what it writes to standard error, and at last its hash, lands in files in memory.
struct Fork {
    uint64_t seed;
    pid_t process;
    int output;
    int hash;
};

std::string content_of(int file) {
    std::string text;
    char buffer[4096];
    off_t at = 0;
    for (ssize_t got; (got = pread(file, buffer, sizeof buffer, at)) > 0; at += got)
        text.append(buffer, static_cast<size_t>(got));
    return text;
}

std::string run_life(Machine& machine, const SeedWorkload& workload) {
    std::string failure;
    Result<> result = machine.start();
    if (result) result = workload(machine);
    if (!result) failure = result.error().text() + "\n";
    for (const std::string& leak : machine.stop()) failure += "left: " + leak + "\n";
    return failure;
}

[[noreturn]] void run_child(Machine& machine, const SeedWorkload& workload, const Fork& fork,
                            const SeedRange& range) {
    dup2(fork.output, STDERR_FILENO);
    nt::exception::crash_options().seed = std::to_string(fork.seed);
    std::string trace_file;
    if (!range.trace_folder.empty())
        trace_file = fmt::format("{}/seed-{}.trace", range.trace_folder, fork.seed);
    engine::the().reseed(fork.seed, trace_file);
    const std::string failure = run_life(machine, workload);
    if (failure.empty()) nt::ke::stop();
    engine::the().flush_trace();
    const uint64_t hash = engine::the().trace_hash();
    const bool written =
        pwrite(fork.hash, &hash, sizeof hash, 0) == sizeof hash &&
        write(STDERR_FILENO, failure.data(), failure.size()) == static_cast<ssize_t>(failure.size());
    _exit(failure.empty() && written ? 0 : failed_exit_status);
}

SeedResult collect(const Fork& fork) {
    SeedResult result{.seed = fork.seed};
    int status = 0;
    waitpid(fork.process, &status, 0);
    if (pread(fork.hash, &result.hash, sizeof result.hash, 0) != sizeof result.hash) result.hash = 0;
    if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
        result.bug_checked = WIFEXITED(status) && WEXITSTATUS(status) == nt::bug_check_exit_status;
        result.failure = content_of(fork.output);
        if (WIFSIGNALED(status)) result.failure += fmt::format("ended by signal {}\n", WTERMSIG(status));
        if (result.failure.empty()) result.failure = "ended without a word\n";
    }
    close(fork.output);
    close(fork.hash);
    return result;
}

}  // namespace

Result<std::vector<SeedResult>> run_seeds(const Description& description, const SeedRange& range,
                                          const SeedWorkload& workload) {
    std::vector<SeedResult> results;
    std::optional<Error> error;
    run_machine(description, {.sim = true}, [&](Machine& machine) {
        std::deque<Fork> under_way;
        const auto finish_oldest = [&] {
            results.push_back(collect(under_way.front()));
            under_way.pop_front();
        };
        for (uint64_t seed = range.first; seed < range.first + range.count && !error; ++seed) {
            if (under_way.size() >= std::max(1u, range.jobs)) finish_oldest();
            Fork next{seed, -1, memfd_create("output", MFD_CLOEXEC), memfd_create("hash", MFD_CLOEXEC)};
            next.process = next.output < 0 || next.hash < 0 ? -1 : fork();
            if (next.process == 0) run_child(machine, workload, next, range);
            if (next.process < 0)
                error = fail_errno("cannot fork the machine").error();
            else
                under_way.push_back(next);
        }
        while (!under_way.empty()) finish_oldest();
    });
    if (error) return std::unexpected(*error);
    return results;
}

}  // namespace ndiskit::setup
