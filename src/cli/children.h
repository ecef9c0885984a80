// Programs and helpers that a command starts: each a child of its own that dies with the command, optionally
// in another network namespace, its output kept in memory. They run beside the machine, on the host's own
// clock.
#pragma once

#include <sys/types.h>

#include <chrono>
#include <functional>
#include <string>
#include <vector>

#include "base/result.h"

namespace ndiskit::cli {

using Milliseconds = std::chrono::milliseconds;

struct Outcome {
    int status = 0;  // exit status, 128 + signal when a signal ended it
    bool timed_out = false;
    std::string output;  // standard output and error

    bool good() const { return status == 0 && !timed_out; }
};

class Child {
  public:
    Child() = default;
    Child(Child&& other) noexcept { swap(other); }
    Child& operator=(Child&& other) noexcept {
        swap(other);
        return *this;
    }
    ~Child();  // kills it

    // `network` is the descriptor of a network namespace, or -1 for this one. A program that is not there is
    // an error of the outcome (status 127), not of the start.
    static Result<Child> program(const std::vector<std::string>& arguments, int network = -1);
    // One that speaks and listens as the command itself does, instead of into memory.
    static Result<Child> interactive(const std::vector<std::string>& arguments);
    // Runs a function in a fork; what it returns is the exit status.
    static Result<Child> function(const std::function<int()>& body, int network = -1);

    pid_t id() const { return process_; }
    bool running() const;
    // Readable when it has ended; -1 when there is no child.
    int descriptor() const { return handle_; }
    // Waits for the end; kills it when it has not ended by then.
    Outcome wait(Milliseconds patience);
    void kill();

  private:
    void swap(Child& other) {
        std::swap(process_, other.process_);
        std::swap(handle_, other.handle_);
        std::swap(output_, other.output_);
    }
    static Result<Child> start(const std::function<int()>& body, int network, bool quiet);

    pid_t process_ = -1;
    int handle_ = -1;  // pidfd
    int output_ = -1;
};

// Runs a program to its end; an error names it and gives what it said.
Result<std::string> run_program(const std::vector<std::string>& arguments, int network = -1,
                                Milliseconds patience = Milliseconds(10000));

// Sleeps by poll(2).
void wait_for(Milliseconds time);

}  // namespace ndiskit::cli
