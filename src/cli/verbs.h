// The verbs of the ndiskit command, one file each. Each adds itself to the command line and, when it is
// chosen, sets the exit status: 0 good; 1 the job ran and failed; 2 wrong usage or input; 3 a machine bug
// checked.
#pragma once

#include <memory>
#include <string>

namespace CLI {
class App;
}

namespace ndiskit::cli {

constexpr int exit_good = 0;
constexpr int exit_failed = 1;
constexpr int exit_usage = 2;
constexpr int exit_bug_check = 3;

void add_run(CLI::App& root, int* exit_status);
void add_demo(CLI::App& root, int* exit_status);
void add_imports(CLI::App& root, int* exit_status);
void add_ddi(CLI::App& root, int* exit_status);
void add_ioctl(CLI::App& root, int* exit_status);
void add_wmi(CLI::App& root, int* exit_status);
void add_pnp(CLI::App& root, int* exit_status);
void add_debug(CLI::App& root, int* exit_status);
void add_version(CLI::App& root, int* exit_status);
void add_man(CLI::App& root, int* exit_status);
void add_completion(CLI::App& root, int* exit_status);

// The whole command line. Lives as long as `exit_status`.
std::unique_ptr<CLI::App> make_app(int* exit_status);

}  // namespace ndiskit::cli
