// The command line as a whole: all verbs, and what is common to them.

#include <CLI/CLI.hpp>

#include "base/log.h"
#include "build/verb.h"
#include "cli/verbs.h"

namespace ndiskit::cli {

std::unique_ptr<CLI::App> make_app(int* exit_status) {
    auto app = std::make_unique<CLI::App>(
        "Loads unmodified Windows network drivers (.sys) on Linux and drives them with "
        "real traffic",
        "ndiskit");
    app->require_subcommand(1);
    app->fallthrough();
    app->footer(
        "Exit status: 0 good; 1 the job ran and failed; 2 wrong usage or input; 3 the machine bug checked.\n"
        "Example: ndiskit demo");
    app->add_flag_callback(
        "--verbose,-v", [] { Log::set_level(LogLevel::debug); }, "Tell what the kit does");
    add_demo(*app, exit_status);
    add_run(*app, exit_status);
    CLI::App* build = app->add_subcommand("build", "Builds a .sys from a folder of sources or a .vcxproj");
    build->footer("Example: ndiskit build drivers/mux --out build/drivers");
    build::add_verb(*build, exit_status);
    add_imports(*app, exit_status);
    add_ddi(*app, exit_status);
    add_ioctl(*app, exit_status);
    add_wmi(*app, exit_status);
    add_pnp(*app, exit_status);
    add_debug(*app, exit_status);
    add_version(*app, exit_status);
    add_man(*app, exit_status);
    add_completion(*app, exit_status);
    return app;
}

}  // namespace ndiskit::cli
