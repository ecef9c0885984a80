// `ndiskit run machine.toml`: starts the machine, lets it work, stops it and tells what was left.
#include <fcntl.h>
#include <fmt/format.h>
#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <nlohmann/json.hpp>

#include <CLI/CLI.hpp>

#include "base/style.h"
#include "cli/children.h"
#include "cli/machine_process.h"
#include "cli/report_json.h"
#include "cli/verbs.h"
#include "nt/image/image.h"
#include "nt/machine.h"
#include "setup/bare_machine.h"

namespace ndiskit::cli {
namespace {

struct Options {
    std::string file;
    std::string engine;
    std::optional<uint64_t> seed;
    std::string pcap;
    std::string windows;
    std::string trace;
    std::optional<double> seconds;
    bool json = false;
    bool patient = false;
    std::string programs;
};

int complain(const Error& error, int status) {
    fmt::print(stderr, "error: {}\n", error.text());
    return status;
}

// Nothing is started before all of it is known to be good, the images included.
Result<MachineRun> prepare(const Options& options) {
    MachineRun run{
        TRY(setup::read_machine(options.file)), {}, options.pcap, options.patient, options.programs};
    if (run.programs.empty()) run.programs = run.description.name;
    setup::Description& machine = run.description;
    if (!options.engine.empty()) machine.engine = options.engine;
    if (!options.windows.empty()) {
        TRY(nt::find_windows_release(options.windows));
        machine.windows = options.windows;
    }
    if (options.seed) machine.seed = options.seed;
    if (options.seconds) machine.run.seconds = options.seconds;
    for (const setup::Driver& driver : machine.drivers)
        if (const auto imports = nt::image::list_imports(driver.image); !imports)
            return fail(imports.error().text(), driver.where.empty() ? "" : driver.where + ".image");
    run.engine = setup::engine_options(machine);
    run.engine.trace_file = options.trace;
    if (run.engine.sim)
        for (const setup::Nic& nic : machine.nics)
            if (nic.driver.empty() && nic.type != "memory")
                return fail(fmt::format("the adapter '{}' needs the live engine", nic.name), nic.where,
                            "sim has memory adapters only");
    return run;
}

// SIGINT and SIGTERM as something to poll for; children unblock them.
int signals_as_descriptor() {
    sigset_t ends;
    sigemptyset(&ends);
    sigaddset(&ends, SIGINT);
    sigaddset(&ends, SIGTERM);
    sigprocmask(SIG_BLOCK, &ends, nullptr);
    return signalfd(-1, &ends, SFD_CLOEXEC);
}

// Until the time is over, the command has ended, somebody stops us, or the machine is gone.
bool work_live(const MachineRun& run, MachineProcess& machine, int signals) {
    Child command;
    const setup::Run& what = run.description.run;
    if (!what.command.empty()) {
        if (!machine.programs_socket().empty())
            setenv("NDISKIT_MACHINE", machine.programs_socket().c_str(), 1);
        auto started = Child::interactive(what.command);
        if (!started) return complain(started.error(), 0), false;
        command = std::move(*started);
    }
    const auto until = std::chrono::steady_clock::now() +
                       std::chrono::milliseconds(static_cast<int64_t>(what.seconds.value_or(0) * 1000));
    for (;;) {
        int wait_ms = -1;
        if (what.seconds) {
            const auto left =
                std::chrono::duration_cast<Milliseconds>(until - std::chrono::steady_clock::now());
            if (left.count() <= 0) break;
            wait_ms = static_cast<int>(left.count());
        }
        pollfd events[] = {
            {signals, POLLIN, 0}, {machine.descriptor(), POLLIN, 0}, {command.descriptor(), POLLIN, 0}};
        if (poll(events, 3, wait_ms) < 0) continue;
        if (events[0].revents || events[1].revents) break;
        if (events[2].revents) break;
    }
    if (what.command.empty() || command.running()) return true;
    const Outcome outcome = command.wait(Milliseconds(0));
    if (!outcome.good()) fmt::print(stderr, "the command ended with status {}\n", outcome.status);
    return outcome.good();
}

Result<bool> work(const MachineRun& run, MachineProcess& machine, int signals) {
    bool good = true;
    if (!run.description.traffic.empty()) {
        const auto flows = TRY(machine.traffic());
        for (const setup::FlowResult& flow : flows) {
            good &= flow.intact();
            fmt::print("{} → {}: {} of {} frames, {}\n", flow.from, flow.to, flow.received, flow.sent,
                       flow.intact() ? flow.lost() == 0 ? "intact" : "the others lost, as they may be"
                       : flow.finished
                           ? fmt::format("{} damaged, {} out of order", flow.damaged, flow.unordered)
                           : "then no more were taken");
        }
        if (!run.description.run.seconds && run.description.run.command.empty()) return good;
    }
    if (!run.engine.sim) return work_live(run, machine, signals) && good;
    TRY(machine.pass(run.description.run.seconds.value_or(1)));
    return good;
}

// TAP interfaces get their addresses as an administrator would give them.
Result<> set_addresses(const MachineRun& run) {
    for (const setup::Transport& transport : run.description.transports)
        for (const std::string& address : transport.addresses)
            if (const auto set =
                    run_program({"ip", "address", "replace", address, "dev", transport.interface});
                !set)
                return fail(set.error().text(), transport.where + ".addresses");
    return {};
}

int report(const MachineRun& run, const std::vector<setup::EdgeReport>& edges, const Stopped& stopped,
           bool good, bool as_json) {
    const Style style = Style::of(STDOUT_FILENO);
    fmt::print("\n{}\n", setup::edge_table(edges));
    for (const setup::EventReport& event : stopped.events) {
        good &= event.good();
        fmt::print("{}: {} done{}\n", event.actions, event.done,
                   event.good() ? ""
                                : style.paint(Colour::red, fmt::format(", {} failed: {}", event.failed, event.error)));
    }
    for (const std::string& leak : stopped.leaks)
        fmt::print("{} {}\n", style.paint(Colour::red, "left:"), leak);
    if (stopped.leaks.empty()) fmt::print("unloaded, {}\n", style.paint(Colour::green, "nothing left"));
    if (run.engine.sim) fmt::print("seed {}, trace {:016x}\n", run.engine.seed, stopped.trace_hash);
    if (as_json)
        fmt::print("{}\n", nlohmann::json{{"intact", good},
                                          {"leaks", stopped.leaks.size()},
                                          {"engine", run.engine.sim ? "sim" : "live"},
                                          {"seed", run.engine.seed},
                                          {"trace", fmt::format("{:016x}", stopped.trace_hash)},
                                          {"events", to_json(stopped.events)},
                                          {"edges", edges_summary(edges)}}
                               .dump());
    return good && stopped.leaks.empty() ? exit_good : exit_failed;
}

int run_verb(const Options& options) {
    const auto run = prepare(options);
    if (!run) return complain(run.error(), exit_usage);
    const int signals = signals_as_descriptor();
    auto machine = MachineProcess::start(*run);
    if (!machine)
        return complain(machine.error(),
                        machine.error().what == bug_check_text ? exit_bug_check : exit_usage);
    const auto failed = [&](const Error& error) {
        return complain(error, exit_status_of(&*machine, exit_failed));
    };
    const auto stack = machine->stack();
    if (!stack) return failed(stack.error());
    fmt::print("{}", *stack);
    if (!machine->programs_socket().empty())
        fmt::print("programs reach its devices at {}\n", machine->programs_socket());
    if (run->description.nics.empty())
        fmt::print("{} is loaded\n", run->description.drivers[0].image.filename().string());
    std::fflush(stdout);
    if (const auto set = set_addresses(*run); !set) return failed(set.error());
    const auto good = work(*run, *machine, signals);
    if (!good) return failed(good.error());
    const auto edges = machine->edges();
    if (!edges) return failed(edges.error());
    const auto stopped = machine->stop();
    if (!stopped) return failed(stopped.error());
    return report(*run, *edges, *stopped, *good, options.json);
}

}  // namespace

void add_run(CLI::App& root, int* exit_status) {
    CLI::App* verb = root.add_subcommand("run", "Runs the machine that a machine file describes");
    verb->footer(
        "docs/machine-toml.md describes the file. A .sys in its place is loaded by itself, without "
        "adapters.\n"
        "Example: ndiskit run examples/memory.toml --engine sim --seed 7");
    const auto options = std::make_shared<Options>();
    verb->add_option("machine", options->file, "The machine file (TOML), or a driver (.sys)")->required();
    verb->add_option("--engine", options->engine, "live or sim; default: what the file says")
        ->check(CLI::IsMember({"live", "sim"}));
    verb->add_option("--seed", options->seed, "What decides every choice on sim");
    verb->add_option("--pcap", options->pcap, "Record what crosses the edges (pcapng, opens in Wireshark)");
    verb->add_option("--windows", options->windows,
                     "Release to play; `ndiskit version --releases` lists them");
    verb->add_option("--duration", options->seconds,
                     "Seconds to run; default: what the file says, or until Ctrl-C")
        ->check(CLI::NonNegativeNumber);
    verb->add_option("--trace", options->trace, "On sim, write the schedule's trace to this file");
    verb->add_option("--socket", options->programs,
                     "Name, or path with a slash, of the socket for programs; default: the machine's name");
    verb->add_flag("--json", options->json, "End with one line of JSON");
    // For `ndiskit debug`: who stands at a breakpoint answers late.
    verb->add_flag("--patient", options->patient)->group("");
    verb->callback([options, exit_status] { *exit_status = run_verb(*options); });
}

}  // namespace ndiskit::cli
