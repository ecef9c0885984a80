// `ndiskit pnp [ACTION]`: what Device Manager, the lid and a hand at the cable do to Windows, to a machine that runs.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include <CLI/CLI.hpp>

#include "cli/verbs.h"
#include "client/device.h"
#include "setup/pnp_action.h"
#include "setup/pnp_device.h"

namespace ndiskit::cli {
namespace {

constexpr size_t longest_answer = 1u << 20;

struct Options {
    std::vector<std::string> action;
    std::string machine;
    bool json = false;
};

int tell(const Options& options, bool good, const std::string& text) {
    if (options.json)
        fmt::print("{}\n", nlohmann::json{{"good", good}, {good ? "stack" : "error", text}}.dump());
    else if (good)
        fmt::print("{}", text);
    else
        fmt::print(stderr, "error: {}\n", text);
    return good ? exit_good : exit_failed;
}

bool is_known(std::string_view word) {
    return std::ranges::any_of(setup::pnp_verbs(), [&](const setup::PnpVerb& verb) {
        const std::string_view words = verb.words;
        return words.substr(0, words.find(' ')) == word;
    });
}

int pnp_verb(const Options& options) {
    if (!options.action.empty() && !is_known(options.action[0])) {
        fmt::print(stderr, "error: there is no action '{}' (`ndiskit pnp --help` lists them)\n", options.action[0]);
        return exit_usage;
    }
    auto machine = client::Machine::connect(options.machine);
    if (!machine) {
        fmt::print(stderr, "error: {}\n", machine.error());
        return exit_usage;
    }
    auto device = machine->open(setup::pnp_device_name);
    if (!device)
        return tell(options, false,
                    fmt::format("{} cannot be opened: {}", setup::pnp_device_name, client::status_text(device.error())));
    const std::string action = fmt::format("{}", fmt::join(options.action, " "));
    std::string answer(longest_answer, '\0');
    const auto done = device->control(setup::pnp_control_code,
                                      {reinterpret_cast<const uint8_t*>(action.data()), action.size()},
                                      {reinterpret_cast<uint8_t*>(answer.data()), answer.size()});
    if (const auto stop_code = machine->stop_code()) {
        tell(options, false, fmt::format("the machine bug checked with stop code {:#x}", *stop_code));
        return exit_bug_check;
    }
    if (!done.good() || done.bytes == 0) return tell(options, false, client::status_text(done.status));
    answer.resize(done.bytes);
    return tell(options, answer[0] == '+', answer.substr(1));
}

std::string list_of_verbs() {
    std::string text = "Actions:\n";
    for (const setup::PnpVerb& verb : setup::pnp_verbs()) text += fmt::format("  {:<29} {}\n", verb.words, verb.help);
    return text;
}

}  // namespace

void add_pnp(CLI::App& root, int* exit_status) {
    CLI::App* verb = root.add_subcommand("pnp", "Sleeps, wakes, removes, pauses ... what a machine that runs has");
    verb->footer(list_of_verbs() +
                 "ADAPTER and PROTOCOL are names of the machine file; [[event]] there takes the same actions.\n"
                 "Example: ndiskit pnp surprise-remove lan");
    const auto options = std::make_shared<Options>();
    verb->add_option("action", options->action, "What happens; without one, shows how the machine stands");
    verb->add_option("--machine", options->machine, "The machine's name, or the path of its socket");
    verb->add_flag("--json", options->json, "Answer with one line of JSON");
    verb->callback([options, exit_status] { *exit_status = pnp_verb(*options); });
}

}  // namespace ndiskit::cli
