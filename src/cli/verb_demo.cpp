// `ndiskit demo`: what ./run shows.
#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include <CLI/CLI.hpp>

#include "base/file.h"
#include "base/style.h"
#include "cli/demo/demo.h"
#include "cli/report_json.h"
#include "cli/verbs.h"
#include "nt/machine.h"
#include "setup/machine_file.h"

namespace ndiskit::cli {
namespace {

// The examples stand beside the folder that the command was built in.
std::filesystem::path example(const char* name) {
    return program_file().parent_path().parent_path() / "examples" / name;
}

void print_result(const DemoResult& result) {
    const Style style = Style::of(STDOUT_FILENO);
    fmt::print("\n{}\n", setup::edge_table(result.edges));
    if (!result.in_memory) {
        fmt::print(
            "TCP through the driver: {:.2f} Gbit/s to the peer, {:.2f} Gbit/s from it; without it {:.2f} "
            "Gbit/s\n",
            result.tcp_gbit, result.tcp_gbit_down, result.tcp_gbit_bare);
        fmt::print("first packet through the driver {:.1f} ms after the start of its machine\n",
                   result.first_packet_ms);
    }
    for (const std::string& leak : result.leaks)
        fmt::print("{} {}\n", style.paint(Colour::red, "left:"), leak);
    if (result.leaks.empty())
        fmt::print("driver unloaded, {}\n", style.paint(Colour::green, "nothing leaked"));
    fmt::print("{}\n", result.intact() ? style.paint(Colour::green, "every transfer was intact")
                                       : style.paint(Colour::red, "not every transfer was intact"));
}

void print_json(const DemoResult& result) {
    const auto figure = [&](double value) {
        return result.in_memory ? nlohmann::json() : nlohmann::json(value);
    };
    fmt::print("{}\n", nlohmann::json{{"intact", result.intact()},
                                      {"leaks", result.leaks.size()},
                                      {"engine", "live"},
                                      {"edges", edges_summary(result.edges)},
                                      {"tcp_gbit", figure(result.tcp_gbit)},
                                      {"tcp_gbit_from_peer", figure(result.tcp_gbit_down)},
                                      {"tcp_gbit_bare", figure(result.tcp_gbit_bare)},
                                      {"first_packet_ms", result.first_packet_ms}}
                           .dump());
}

// What was asked for, before anything is built up.
Result<> check_input(const DemoOptions& options) {
    TRY(setup::read_machine_file(options.memory ? options.memory_machine : options.machine));
    if (!options.windows.empty()) TRY(nt::find_windows_release(options.windows));
    return {};
}

int run_verb(const DemoOptions& options, bool json) {
    if (const Result<> good = check_input(options); !good) {
        fmt::print(stderr, "error: {}\n", good.error().text());
        return exit_usage;
    }
    bool bug_checked = false;
    const auto result = run_demo(options, bug_checked);
    if (!result) {
        fmt::print(stderr, "error: {}\n", result.error().text());
        return bug_checked ? exit_bug_check : exit_failed;
    }
    print_result(*result);
    if (json) print_json(*result);
    return result->intact() && result->leaks.empty() ? exit_good : exit_failed;
}

}  // namespace

void add_demo(CLI::App& root, int* exit_status) {
    CLI::App* verb =
        root.add_subcommand("demo", "Real programs across the MUX driver, in a network of its own");
    verb->footer(
        "Needs network namespaces (root or not); without them it uses memory adapters.\n"
        "Example: ndiskit demo --json");
    const auto options = std::make_shared<DemoOptions>();
    const auto json = std::make_shared<bool>(false);
    options->machine = example("demo.toml");
    options->memory_machine = example("memory.toml");
    verb->add_option("--machine", options->machine,
                     "Another machine file with the interfaces uplink, lan-a and lan-b")
        ->check(CLI::ExistingFile);
    verb->add_option("--seconds", options->seconds, "Of each measurement")
        ->capture_default_str()
        ->check(CLI::Range(1, 60));
    verb->add_option("--windows", options->windows,
                     "Release to play; `ndiskit version --releases` lists them");
    verb->add_option("--pcap", options->pcap, "Record what crosses the edges (pcapng, opens in Wireshark)");
    verb->add_flag("--memory", options->memory,
                   "Memory adapters and made traffic, whatever the system allows");
    verb->add_flag("--json", *json, "End with one line of JSON");
    verb->callback([options, json, exit_status] { *exit_status = run_verb(*options, *json); });
}

}  // namespace ndiskit::cli
