// ndiskit_build_tool: the `build` verb as a program of its own, for the build of the kit itself. It depends
// on neither the NT nor the NDIS layer, so a change of those does not rebuild every driver.
#include <CLI/CLI.hpp>

#include "build/verb.h"

int main(int argc, char** argv) {
    CLI::App app{"Builds a Windows driver (.sys) from a folder of sources or a Visual Studio project"};
    int exit_status = 2;
    ndiskit::build::add_verb(app, &exit_status);
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& error) {
        return app.exit(error) == 0 ? 0 : 2;
    }
    return exit_status;
}
