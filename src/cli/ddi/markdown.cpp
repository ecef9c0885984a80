#include "cli/ddi/markdown.h"

#include <fmt/format.h>

#include <algorithm>

namespace ndiskit::cli::ddi {
namespace {

constexpr std::string_view introduction = R"(# What drivers can call

Every function that `ndis.sys`, `ntoskrnl.exe`, `hal.dll` and `wmilib.sys` of Windows export to network drivers, and
what the kit makes of it. `ndiskit ddi NAME` tells one of them, `ndiskit imports X.sys` those of a driver.

- **implemented**: does what its page says; **partial**: all but what is said here;
- **refuses**: returns a documented status, for the reason said here;
- **absent**: the driver loads, and a call bug checks with the function's name.

This page is written by `build/ndiskit ddi --markdown > docs/ddi.md` from the export tables and the sources of the
tests; a test fails when it is behind the tables. The test shown is one that calls the function.

)";

std::string counts(const std::vector<Entry>& entries) {
    std::string text =
        "| module | class | implemented | partial | refuses | absent | all |\n"
        "| --- | --- | ---: | ---: | ---: | ---: | ---: |\n";
    for (const Count& row : count(entries))
        text += fmt::format("| {} | {} | {} | {} | {} | {} | {} |\n", row.module, row.kind, row.of[0],
                            row.of[1], row.of[2], row.of[3], row.all());
    text += "\n";
    for (const Count& row : count(entries))
        if (text.find("- " + std::string(row.kind) + ":") == std::string::npos)
            text += fmt::format("- {}: {}\n", row.kind, explain_kind(row.kind));
    return text;
}

std::string state_cell(const Entry& entry) {
    if (entry.note.empty()) return std::string(name_of(entry.state));
    return fmt::format("{}: {}", name_of(entry.state), entry.note);
}

std::string test_cell(const Entry& entry, const Coverage& coverage) {
    const auto& tests = coverage.tests_of(std::string(entry.name));
    if (tests.empty()) return "none";
    return fmt::format("[{}](../{})", tests.front().name, tests.front().file);
}

// What the kit has, a row each.
std::string served(const std::vector<Entry>& entries, std::string_view module, const Coverage& coverage) {
    std::string text = "| function | state | test |\n| --- | --- | --- |\n";
    for (const Entry& entry : entries) {
        if (entry.module != module || entry.state == State::absent) continue;
        const std::string link = link_of(entry);
        text +=
            fmt::format("| {} | {} | {} |\n",
                        link.empty() ? std::string(entry.name) : fmt::format("[{}]({})", entry.name, link),
                        state_cell(entry), test_cell(entry, coverage));
    }
    return text;
}

// What it has not, a name a line, so that two changes to the list rarely touch the same line.
std::string missing(const std::vector<Entry>& entries, std::string_view module, std::string_view kind) {
    std::string text;
    for (const Entry& entry : entries)
        if (entry.module == module && entry.kind == kind && entry.state == State::absent)
            text += fmt::format("{}\n", entry.name);
    return text;
}

}  // namespace

std::string markdown(const std::vector<Entry>& entries, const Coverage& coverage) {
    std::string text = std::string(introduction) + counts(entries);
    std::string_view module;
    for (const Count& row : count(entries)) {
        if (row.module != module) {
            module = row.module;
            text += fmt::format("\n## {}\n\n{}", module, served(entries, module, coverage));
        }
        const std::string names = missing(entries, module, row.kind);
        if (!names.empty())
            text += fmt::format("\n### {}: absent, {}\n\n```\n{}```\n", module, row.kind, names);
    }
    return text;
}

}  // namespace ndiskit::cli::ddi
