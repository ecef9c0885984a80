// `ndiskit man` and `ndiskit completion bash`: a manual page and a completion script, made out of the same
// description that the command line is parsed by, so that neither can lag behind.

#include <fmt/format.h>

#include <CLI/CLI.hpp>

#include "cli/verbs.h"

namespace ndiskit::cli {
namespace {

// Text of a manual page: a line must not begin with a dot or quote, and '-' and '\' are spelt out.
std::string roff(std::string_view text) {
    std::string out;
    bool line_start = true;
    for (const char c : text) {
        if (line_start && (c == '.' || c == '\'')) out += "\\&";
        if (c == '\\')
            out += "\\e";
        else if (c == '-')
            out += "\\-";
        else
            out += c;
        line_start = c == '\n';
    }
    return out;
}

std::string option_names(const CLI::Option& option) {
    std::string names = option.get_name(option.get_positional(), true);
    if (option.get_positional()) return names;
    std::string spaced;
    for (const char c : names) spaced += c == ',' ? std::string(", ") : std::string(1, c);
    if (option.get_items_expected_max() > 0) spaced += " " + option.get_type_name();
    return spaced;
}

std::vector<const CLI::Option*> options_of(const CLI::App& app) {
    std::vector<const CLI::Option*> list;
    for (const CLI::Option* option : app.get_options())
        if (!option->get_group().empty()) list.push_back(option);
    return list;
}

std::string manual_options(const CLI::App& app) {
    std::string text;
    for (const CLI::Option* option : options_of(app)) {
        text += fmt::format(".TP\n\\fB{}\\fR\n{}\n", roff(option_names(*option)),
                            roff(option->get_description()));
        if (!option->get_default_str().empty())
            text += fmt::format("Default: {}.\n", roff(option->get_default_str()));
    }
    return text;
}

std::string manual(const CLI::App& root) {
    std::string text = fmt::format(
        ".TH NDISKIT 1\n.SH NAME\nndiskit \\- {}\n.SH SYNOPSIS\n\\fBndiskit\\fR "
        "\\fIverb\\fR [\\fIoptions\\fR]\n.SH OPTIONS\n{}.SH VERBS\n",
        roff(root.get_description()), manual_options(root));
    for (const CLI::App* verb : root.get_subcommands([](const CLI::App*) { return true; })) {
        text += fmt::format(".SS ndiskit {}\n{}.\n{}", roff(verb->get_name()), roff(verb->get_description()),
                            manual_options(*verb));
        if (!verb->get_footer().empty()) text += fmt::format(".PP\n{}\n", roff(verb->get_footer()));
    }
    return text + fmt::format(".SH EXIT STATUS\n{}\n", roff(root.get_footer()));
}

std::string long_options(const CLI::App& app) {
    std::string words;
    for (const CLI::Option* option : options_of(app))
        for (const std::string& name : option->get_lnames()) words += (words.empty() ? "--" : " --") + name;
    return words;
}

std::string completion(const CLI::App& root) {
    std::string verbs, cases;
    for (const CLI::App* verb : root.get_subcommands([](const CLI::App*) { return true; })) {
        verbs += (verbs.empty() ? "" : " ") + verb->get_name();
        cases += fmt::format("    {}) words='{}' ;;\n", verb->get_name(), long_options(*verb));
    }
    return fmt::format(R"(# bash completion of ndiskit: source <(ndiskit completion bash)
_ndiskit() {{
  local current=${{COMP_WORDS[COMP_CWORD]}} words='{}'
  if ((COMP_CWORD > 1)); then case ${{COMP_WORDS[1]}} in
{}    *) words='' ;;
  esac; fi
  if ((COMP_CWORD == 1)) || [[ $current == -* ]]; then
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
  else
    mapfile -t COMPREPLY < <(compgen -f -- "$current")
  fi
}}
complete -o filenames -F _ndiskit ndiskit
)",
                       verbs, cases);
}

}  // namespace

void add_man(CLI::App& root, int* exit_status) {
    CLI::App* verb = root.add_subcommand("man", "Prints the manual page");
    verb->footer("Example: ndiskit man | man -l -");
    verb->callback([&root, exit_status] {
        fmt::print("{}", manual(root));
        *exit_status = exit_good;
    });
}

void add_completion(CLI::App& root, int* exit_status) {
    CLI::App* verb = root.add_subcommand("completion", "Prints a completion script for a shell");
    verb->footer("Example: source <(ndiskit completion bash)");
    const auto shell = std::make_shared<std::string>("bash");
    verb->add_option("shell", *shell, "The shell: bash")
        ->check(CLI::IsMember({"bash"}))
        ->capture_default_str();
    // The callback owns what the option is parsed into.
    verb->callback([&root, exit_status, shell] {
        fmt::print("{}", completion(root));
        *exit_status = exit_good;
    });
}

}  // namespace ndiskit::cli
