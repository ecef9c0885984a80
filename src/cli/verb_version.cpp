// `ndiskit version`: of the kit, and which Windows releases it plays.

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "base/table.h"
#include "cli/verbs.h"
#include "nt/machine.h"

namespace ndiskit::cli {
namespace {

constexpr std::string_view kit_version = "0.1.0";

void print_releases() {
    Table table({{"--windows"}, {"release"}, {"build", Table::Align::right}, {"NDIS"}});
    for (const nt::WindowsRelease& release : nt::windows_releases())
        table.add({std::string(release.name), std::string(release.title), std::to_string(release.build),
                   fmt::format("{}.{}", release.ndis_major, release.ndis_minor)});
    fmt::print("{}", table.text());
}

}  // namespace

void add_version(CLI::App& root, int* exit_status) {
    CLI::App* verb =
        root.add_subcommand("version", "Prints the version, and with --releases the Windows releases");
    verb->footer("Example: ndiskit version --releases");
    const auto releases = std::make_shared<bool>(false);
    verb->add_flag("--releases", *releases, "List the Windows releases that a machine can play");
    verb->callback([releases, exit_status] {
        fmt::print("ndiskit {}\n", kit_version);
        if (*releases) print_releases();
        *exit_status = exit_good;
    });
}

}  // namespace ndiskit::cli
