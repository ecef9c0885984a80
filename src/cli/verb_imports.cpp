// `ndiskit imports X.sys`: what a driver imports, and how well the kit serves each import. Loads nothing.

#include <fmt/format.h>
#include <unistd.h>

#include <nlohmann/json.hpp>

#include <CLI/CLI.hpp>

#include "base/style.h"
#include "base/table.h"
#include "cli/verbs.h"
#include "nt/image/image.h"
#include "setup/machine.h"

namespace ndiskit::cli {
namespace {

struct Served {
    std::string_view text;
    Colour colour;
    std::string note;
};

Served served(const nt::image::ImportRow& row) {
    if (row.missing()) return {"missing", Colour::red, "bug checks with its name when it is called"};
    if (!row.served_by) return {"full", Colour::green, "by " + row.provider};
    std::string note(row.served_by->note);
    switch (row.served_by->support) {
        case nt::Support::full:
            return {"full", Colour::green, std::move(note)};
        case nt::Support::partial:
            return {"partial", Colour::yellow, std::move(note)};
        case nt::Support::refuses:
            return {"refuses", Colour::yellow, std::move(note)};
    }
    return {"missing", Colour::red, {}};
}

size_t missing_in(const std::vector<nt::image::ImportRow>& rows) {
    return static_cast<size_t>(std::ranges::count_if(rows, &nt::image::ImportRow::missing));
}

void print_table(const std::vector<nt::image::ImportRow>& rows, bool only_gaps) {
    const Style style = Style::of(STDOUT_FILENO);
    Table table({{"module"}, {"function"}, {"served"}, {"note"}});
    for (const auto& row : rows) {
        const Served how = served(row);
        if (only_gaps && how.text == "full") continue;
        table.add({row.module, row.name + (row.delayed ? " (delayed)" : ""),
                   style.paint(how.colour, how.text), how.note});
    }
    if (!table.empty()) fmt::print("{}", table.text());
    fmt::print("{} imports, {} missing\n", rows.size(), missing_in(rows));
}

void print_json(const std::vector<nt::image::ImportRow>& rows) {
    nlohmann::json list = nlohmann::json::array();
    for (const auto& row : rows) {
        const Served how = served(row);
        list.push_back(
            {{"module", row.module}, {"function", row.name}, {"served", how.text}, {"note", how.note}});
    }
    fmt::print("{}\n", nlohmann::json{{"imports", list}, {"missing", missing_in(rows)}}.dump());
}

}  // namespace

void add_imports(CLI::App& root, int* exit_status) {
    struct Options {
        std::string image;
        bool json = false;
        bool gaps = false;
    };
    CLI::App* verb = root.add_subcommand("imports", "Lists a driver's imports and how well each is served");
    verb->footer("Exit status 1 when an import is missing.\nExample: ndiskit imports build/drivers/mux.sys");
    const auto options = std::make_shared<Options>();
    verb->add_option("image", options->image, "The driver (.sys)")->required();
    verb->add_flag("--gaps", options->gaps, "Only what is not served in full");
    verb->add_flag("--json", options->json, "One line of JSON");
    verb->callback([options, exit_status] {
        setup::register_kit();
        const auto rows = nt::image::list_imports(options->image);
        if (!rows) {
            fmt::print(stderr, "error: {}\n", rows.error().text());
            *exit_status = exit_usage;
            return;
        }
        options->json ? print_json(*rows) : print_table(*rows, options->gaps);
        *exit_status = missing_in(*rows) == 0 ? exit_good : exit_failed;
    });
}

}  // namespace ndiskit::cli
