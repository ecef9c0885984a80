// `ndiskit ddi`: what drivers can call, out of the export tables themselves: the counts, one function or
// those of a pattern, the page of the documentation.

#include <fmt/format.h>
#include <unistd.h>

#include <ranges>

#include <nlohmann/json.hpp>

#include <CLI/CLI.hpp>

#include "base/style.h"
#include "base/table.h"
#include "cli/ddi/catalogue.h"
#include "cli/ddi/coverage.h"
#include "cli/ddi/markdown.h"
#include "cli/verbs.h"
#include "setup/machine.h"
#include "setup/suggest.h"

namespace ndiskit::cli {
namespace {

using ddi::Entry;
using ddi::State;
using Entries = std::vector<Entry>;

constexpr size_t tests_shown = 6;

struct Options {
    std::string pattern;
    std::string kind;
    bool absent = false;
    bool json = false;
    bool markdown = false;
};

Colour colour_of(State state) {
    switch (state) {
        case State::implemented:
            return Colour::green;
        case State::partial:
        case State::refuses:
            return Colour::yellow;
        case State::absent:
            return Colour::red;
    }
    return Colour::plain;
}

void print_counts(const Entries& entries) {
    using enum Table::Align;
    Table table({{"module"},
                 {"class"},
                 {"implemented", right},
                 {"partial", right},
                 {"refuses", right},
                 {"absent", right},
                 {"all", right},
                 {"the class"}});
    for (const ddi::Count& row : ddi::count(entries))
        table.add({std::string(row.module), std::string(row.kind), grouped(row.of[0]), grouped(row.of[1]),
                   grouped(row.of[2]), grouped(row.of[3]), grouped(row.all()),
                   std::string(ddi::explain_kind(row.kind))});
    fmt::print("{}", table.text());
}

void print_list(const Entries& entries) {
    const Style style = Style::of(STDOUT_FILENO);
    Table table({{"module"}, {"function"}, {"state"}, {"class"}, {"IRQL"}, {"note"}});
    for (const Entry& entry : entries)
        table.add({std::string(entry.module), std::string(entry.name),
                   style.paint(colour_of(entry.state), ddi::name_of(entry.state)), std::string(entry.kind),
                   std::string(entry.irql), std::string(entry.note)});
    if (!table.empty()) fmt::print("{}", table.text());
    fmt::print("{} functions\n", entries.size());
}

void print_one(const Entry& entry, const ddi::Coverage& coverage) {
    const Style style = Style::of(STDOUT_FILENO);
    const auto line = [](std::string_view title, std::string_view text) {
        if (!text.empty()) fmt::print("{:<8} {}\n", title, text);
    };
    fmt::print("{} of {}{}\n", style.paint(Colour::bold, entry.name), entry.module,
               entry.is_data ? " (a variable)" : "");
    std::string state = style.paint(colour_of(entry.state), ddi::name_of(entry.state));
    if (!entry.note.empty()) state += ": " + std::string(entry.note);
    if (entry.state == State::absent) state += ": a call bug checks with its name";
    line("state", state);
    line("class", fmt::format("{} ({})", entry.kind, ddi::explain_kind(entry.kind)));
    line("IRQL", entry.irql);
    const auto& tests = coverage.tests_of(std::string(entry.name));
    if (tests.empty()) line("test", entry.state == State::absent ? "" : "none");
    for (const ddi::Test& test : tests | std::views::take(tests_shown))
        line("test", fmt::format("{}  {}", test.name, test.file));
    if (tests.size() > tests_shown) line("", fmt::format("and {} more", tests.size() - tests_shown));
    line("page", ddi::link_of(entry));
}

void print_json(const Entries& entries, const ddi::Coverage& coverage) {
    nlohmann::json list = nlohmann::json::array();
    for (const Entry& entry : entries) {
        nlohmann::json tests = nlohmann::json::array();
        for (const ddi::Test& test : coverage.tests_of(std::string(entry.name)))
            tests.push_back({{"name", test.name}, {"file", test.file}});
        list.push_back({{"module", entry.module},
                        {"name", entry.name},
                        {"class", entry.kind},
                        {"state", ddi::name_of(entry.state)},
                        {"note", entry.note},
                        {"irql", entry.irql},
                        {"page", ddi::link_of(entry)},
                        {"tests", tests}});
    }
    fmt::print("{}\n", list.dump());
}

// A word that is in no name: says so with what it may have meant.
int complain(const Entries& all, const std::string& pattern) {
    std::vector<std::string> names;
    for (const Entry& entry : all) names.emplace_back(entry.name);
    fmt::print(stderr, "error: no function of Windows is called '{}' ({})\n", pattern,
               setup::suggest(pattern, names));
    return exit_usage;
}

int run(const Options& options) {
    setup::register_kit();
    const Entries all = ddi::catalogue();
    const ddi::Coverage coverage(NDISKIT_SOURCE_DIR);
    if (options.markdown) {
        fmt::print("{}", ddi::markdown(all, coverage));
        return exit_good;
    }
    Entries chosen;
    for (const Entry& entry : all)
        if (options.pattern.empty() || ddi::fits(entry.name, options.pattern)) chosen.push_back(entry);
    if (chosen.empty()) return complain(all, options.pattern);
    std::erase_if(chosen, [&](const Entry& entry) {
        return (options.absent && entry.state != State::absent) ||
               (!options.kind.empty() && entry.kind != options.kind);
    });
    const bool one = options.pattern.find_first_of("*?") == std::string::npos && !options.pattern.empty();
    if (options.json)
        print_json(chosen, coverage);
    else if (one)
        for (const Entry& entry : chosen) print_one(entry, coverage);
    else if (options.pattern.empty() && !options.absent && options.kind.empty())
        print_counts(chosen);
    else
        print_list(chosen);
    const bool missing = std::ranges::any_of(chosen, [](const Entry& e) { return e.state == State::absent; });
    return one && missing ? exit_failed : exit_good;
}

}  // namespace

void add_ddi(CLI::App& root, int* exit_status) {
    CLI::App* verb = root.add_subcommand("ddi", "Lists what drivers can call, and how well each is served");
    verb->footer(
        "Without a name: the counts. Exit status 1 when the one function that is named is absent.\n"
        "Example: ndiskit ddi NdisSendNetBufferLists; ndiskit ddi 'Ex*Timer' --json");
    const auto options = std::make_shared<Options>();
    verb->add_option("name", options->pattern, "A function, or a pattern with * and ?");
    verb->add_flag("--absent", options->absent, "Only what is absent");
    verb->add_option("--class", options->kind, "Only of a class: documented, ndis5, connection-oriented ...");
    verb->add_flag("--json", options->json, "One line of JSON");
    verb->add_flag("--markdown", options->markdown, "The whole list as docs/ddi.md has it");
    verb->callback([options, exit_status] { *exit_status = run(*options); });
}

}  // namespace ndiskit::cli
