// `ndiskit debug machine.toml`: the machine in gdb, with the symbols of each driver loaded as it is mapped,
// so that a breakpoint on a driver's source line can be set before the driver is there. `ndiskit debug
// X.sys`: a machine that loads just this driver, stopped at its DriverEntry.
#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "cli/verbs.h"
#include "setup/bare_machine.h"

namespace ndiskit::cli {
namespace {

namespace fs = std::filesystem;

struct Options {
    std::string machine;
    std::vector<std::string> breakpoints;
    std::vector<std::string> commands;
    std::vector<std::string> sources;
    std::string engine;
    bool batch = false;
};

// The script that loads symbols stands beside the folder that the command was built in.
Result<fs::path> gdb_script() {
    const fs::path script = program_file().parent_path().parent_path() / "tools/gdb/ndiskit.py";
    if (fs::exists(script)) return script;
    return fail("there is no file", script.string(), "run the command from a build tree of ndiskit");
}

// Where the sources of an image are, as its build says; an image names its sources relative to them.
void add_source_folders(const fs::path& image, std::vector<std::string>& folders) {
    const auto text = read_text_file(image.parent_path() / "compile_commands.json");
    if (!text) return;
    const auto commands = nlohmann::json::parse(*text, nullptr, false);
    if (!commands.is_array()) return;
    for (const auto& command : commands) {
        const fs::path folder = fs::path(command.value("directory", "")) / command.value("file", "");
        const std::string name = folder.parent_path().lexically_normal().string();
        if (std::ranges::find(folders, name) == folders.end()) folders.push_back(name);
    }
}

Result<std::vector<std::string>> gdb_command(const Options& options) {
    const setup::Description machine = TRY(setup::read_machine(options.machine));
    const fs::path script = TRY(gdb_script());
    std::vector<std::string> folders = options.sources;
    for (const setup::Driver& driver : machine.drivers) add_source_folders(driver.image, folders);
    // The machine is the child that the command forks first.
    std::vector<std::string> words = {"gdb",           "-q",  "-x",
                                      script.string(), "-ex", "set follow-fork-mode child"};
    if (options.batch) words.push_back("-batch");
    for (const std::string& folder : folders) words.insert(words.end(), {"-d", folder});
    for (const std::string& place : options.breakpoints) words.insert(words.end(), {"-ex", "break " + place});
    const bool bare = machine.nics.empty();
    if (bare) words.insert(words.end(), {"-ex", "python loaded.stop_at_entry = True"});
    if (bare || !options.commands.empty() || options.batch) words.insert(words.end(), {"-ex", "run"});
    for (const std::string& command : options.commands) words.insert(words.end(), {"-ex", command});
    words.insert(words.end(), {"--args", program_file().string(), "run", options.machine, "--patient"});
    if (!options.engine.empty()) words.insert(words.end(), {"--engine", options.engine});
    return words;
}

Error start_gdb(const Options& options) {
    auto words = gdb_command(options);
    if (!words) return words.error();
    std::vector<char*> arguments;
    for (std::string& word : *words) arguments.push_back(word.data());
    arguments.push_back(nullptr);
    execvp("gdb", arguments.data());
    return fail_errno("cannot start gdb", {}, "install Debian's package gdb").error();
}

}  // namespace

void add_debug(CLI::App& root, int* exit_status) {
    CLI::App* verb = root.add_subcommand("debug", "Runs a machine in gdb, with the drivers' symbols");
    verb->footer(
        "A .sys in place of the file is loaded by itself, and stops at its DriverEntry.\n"
        "Example: ndiskit debug examples/memory.toml -b receive.cpp:20\n"
        "         ndiskit debug build/drivers/mux.sys\n"
        "         ndiskit debug examples/memory.toml -b MuxMiniportSend -c bt --batch");
    const auto options = std::make_shared<Options>();
    verb->add_option("machine", options->machine, "The machine file (TOML), or a driver (.sys)")->required();
    verb->add_option("--break,-b", options->breakpoints,
                     "Break at FILE:LINE or a function, of a driver or the kit")
        ->allow_extra_args(false);
    verb->add_option("--command,-c", options->commands, "Run the machine, then this command of gdb")
        ->allow_extra_args(false);
    verb->add_option("--source,-d", options->sources, "Search this folder for sources")
        ->allow_extra_args(false);
    verb->add_option("--engine", options->engine, "live or sim; default: what the file says")
        ->check(CLI::IsMember({"live", "sim"}));
    verb->add_flag("--batch", options->batch, "End gdb when its commands have run");
    verb->callback([options, exit_status] {
        fmt::print(stderr, "error: {}\n", start_gdb(*options).text());
        *exit_status = exit_usage;
    });
}

}  // namespace ndiskit::cli
