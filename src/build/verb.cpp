#include "build/verb.h"

#include <fmt/format.h>

#include <map>
#include <memory>

#include <CLI/CLI.hpp>

#include "build/builder.h"
#include "build/json.h"

namespace ndiskit::build {
namespace {

void print_json(const Report& report) {
    std::string notes;
    for (const std::string& note : report.notes) notes += (notes.empty() ? "" : ", ") + json_string(note);
    fmt::print(
        "{{\"built\": {}, \"image\": {}, \"source_root\": {}, \"sources\": {}, \"compiled\": {}, "
        "\"linked\": {}, \"seconds\": {:.3f}, \"notes\": [{}]}}\n",
        report.built, json_string(report.image.string()), json_string(report.source_root.string()),
        report.sources, report.compiled, report.linked, report.seconds, notes);
}

int run_verb(const Options& options, bool json) {
    const Result<Report> report = build_driver(options);
    if (!report) {
        fmt::print(stderr, "error: {}\n", report.error().text());
        return 2;
    }
    if (json) print_json(*report);
    return report->built ? 0 : 1;
}

const std::map<std::string, Sanitizer> sanitizers = {
    {"address", Sanitizer::address}, {"thread", Sanitizer::thread}, {"fuzzer", Sanitizer::fuzzer}};

}  // namespace

void add_verb(CLI::App& app, int* exit_status) {
    struct State {
        Options options;
        bool json = false;
        bool quiet = false;
    };
    const auto state = std::make_shared<State>();
    Options& options = state->options;
    app.add_option("input", options.input,
                   "Folder of C/C++ sources, or a Visual Studio driver project (.vcxproj)")
        ->required();
    app.add_option("--name", options.name, "Name of the driver; default: the project's or the folder's");
    app.add_option("--out", options.out,
                   "Folder for NAME.sys, objects and compile_commands.json; "
                   "default: `build` beside the project");
    app.add_option("--config", options.configuration, "Configuration of the project")->capture_default_str();
    app.add_option("--platform", options.platform, "Platform of the project")->capture_default_str();
    app.add_option("--sanitize", options.sanitizer, "Instrument the driver: address, thread or fuzzer")
        ->transform(CLI::CheckedTransformer(sanitizers));
    app.add_option("--define,-D", options.defines, "Define NAME or NAME=VALUE in every source")
        ->allow_extra_args(false);
    app.add_option("--include,-I", options.includes, "Search this folder for headers")
        ->allow_extra_args(false);
    app.add_option("--jobs,-j", options.jobs, "Compilations at a time; default: one a processor");
    app.add_flag("--json", state->json, "Print one line of JSON at the end");
    app.add_flag("--quiet,-q", state->quiet, "Print only what compiler and linker say");
    app.callback([state, exit_status] {
        state->options.progress = !state->quiet;
        *exit_status = run_verb(state->options, state->json);
    });
}

}  // namespace ndiskit::build
