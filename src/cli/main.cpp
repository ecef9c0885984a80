// The ndiskit command.
#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/verbs.h"
#include "setup/suggest.h"

namespace {

// CLI11 says of a word that is no verb only that one is missing.
bool complain_of_verb(const CLI::App& app, const char* word) {
    std::vector<std::string> verbs;
    for (const CLI::App* verb : app.get_subcommands([](const CLI::App*) { return true; }))
        verbs.push_back(verb->get_name());
    if (word[0] == '-' || std::ranges::find(verbs, word) != verbs.end()) return false;
    fmt::print(stderr, "error: ndiskit has no verb '{}' ({})\n", word, ndiskit::setup::suggest(word, verbs));
    return true;
}

}  // namespace

int main(int argc, char** argv) {
    int exit_status = ndiskit::cli::exit_good;
    const auto app = ndiskit::cli::make_app(&exit_status);
    if (argc > 1 && complain_of_verb(*app, argv[1])) return ndiskit::cli::exit_usage;
    try {
        app->parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app->exit(error) == 0 ? ndiskit::cli::exit_good : ndiskit::cli::exit_usage;
    }
    return exit_status;
}
