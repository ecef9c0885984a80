// Programs that the build runs (compiler, linker, librarian): started by posix_spawn without a shell, their
// output and errors collected in memory in the order written, so that the lines of parallel compilations do
// not mix. Only children started here are waited for.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace ndiskit::build {

struct Command {
    std::vector<std::string> arguments;  // arguments[0] is the program, searched on PATH
    std::filesystem::path folder;        // working directory

    std::string text() const;  // for people: arguments joined, those with blanks quoted
};

struct Finished {
    int exit_code = 0;  // 128 + signal when a signal ended it
    std::string output;
};

// Runs one program to its end.
Result<Finished> run(const Command& command);

// Runs all commands, at most `jobs` at a time. `started(index)` and `finished(index, outcome)` are called on
// the calling thread; when `finished` returns false no further command is started.
struct Watcher {
    std::function<void(size_t)> started;
    std::function<bool(size_t, Finished)> finished;
};
Result<> run_all(const std::vector<Command>& commands, unsigned jobs, const Watcher& watcher);

}  // namespace ndiskit::build
