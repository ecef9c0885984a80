// The ndiskit command.
#include <CLI/CLI.hpp>

#include "cli/verbs.h"

int main(int argc, char** argv) {
    int exit_status = ndiskit::cli::exit_good;
    const auto app = ndiskit::cli::make_app(&exit_status);
    try {
        app->parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app->exit(error) == 0 ? ndiskit::cli::exit_good : ndiskit::cli::exit_usage;
    }
    return exit_status;
}
