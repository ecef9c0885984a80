#include "build/compile.h"

#include <fmt/format.h>

#include <algorithm>
#include <optional>

#include "base/file.h"

namespace ndiskit::build {
namespace {

// What Microsoft's compiler accepts in silence, and drivers written for it do everywhere.
const char* const foreign_options[] = {
    "-Wno-unknown-pragmas",
    "-Wno-ignored-pragmas",
    "-Wno-microsoft",
    "-Wno-multichar",
    "-Wno-missing-braces",
    "-Wno-unused-value",
    "-Wno-pragma-pack",
    "-Wno-nonportable-include-path",
    "-Wno-int-to-void-pointer-cast",
    "-Wno-incompatible-pointer-types",
    "-Wno-incompatible-function-pointer-types",
    "-Wno-parentheses-equality",
    "-Wno-ignored-attributes",
    "-Wno-extra-tokens",
    "-Wno-comment",
    "-Wno-invalid-source-encoding",
    "-Wno-switch",
    "-Wno-pointer-sign",
    "-Wno-unused-local-typedef",
};

void add_sanitizer(std::vector<std::string>& arguments, Sanitizer sanitizer) {
    const auto add = [&](std::initializer_list<const char*> options) {
        arguments.insert(arguments.end(), options.begin(), options.end());
    };
    switch (sanitizer) {
        case Sanitizer::none:
            break;
        // Every access is a call to __asan_loadN or __asan_storeN: no shadow address is fixed in the image.
        case Sanitizer::address:
            add({"-Xclang", "-fsanitize=kernel-address", "-mllvm",
                 "-asan-instrumentation-with-call-threshold=0", "-mllvm", "-asan-globals=0", "-mllvm",
                 "-asan-stack=0"});
            break;
        case Sanitizer::thread:
            add({"-Xclang", "-fsanitize=thread"});
            break;
        case Sanitizer::fuzzer:
            add({"-Xclang", "-fsanitize-coverage-type=3", "-Xclang", "-fsanitize-coverage-trace-pc-guard",
                 "-Xclang", "-fsanitize-coverage-trace-cmp"});
            break;
    }
}

// Definitions that the Windows kit gives every driver, unless the source has its own.
void add_kit_defines(std::vector<std::string>& arguments, const Project& project, const SourceFile& source) {
    const std::pair<const char*, std::string> defaults[] = {
        {"_WIN32_WINNT", project.winnt},
        {"WINVER", project.winnt},
        {"NTDDI_VERSION", project.ntddi},
        {project.debug ? "DBG" : "NDEBUG", "1"},
    };
    for (const auto& [name, value] : defaults) {
        const auto same = [&](const std::string& define) {
            return define.substr(0, define.find('=')) == name;
        };
        if (std::ranges::none_of(source.defines, same))
            arguments.push_back(fmt::format("-D{}={}", name, value));
    }
}

// Two sources of one name in different folders get different objects.
std::string object_name(const fs::path& root, const fs::path& source) {
    std::string name = source.lexically_relative(root).string();
    for (char& c : name)
        if (c == '/') c = '_';
    return name;
}

std::vector<std::string> arguments_of(const CompileContext& context, const SourceFile& source) {
    const Toolchain& tools = context.tools;
    const bool cxx = source.language == Language::cxx;
    std::vector<std::string> all = {cxx ? tools.clangxx : tools.clang};
    for (std::string& option : target_options(tools, cxx)) all.push_back(std::move(option));
    all.emplace_back(context.project.debug ? "-O0" : "-O2");
    all.emplace_back(source.security_checks ? "-fstack-protector-strong" : "-fno-stack-protector");
    all.emplace_back("-Wall");
    if (context.project.foreign)
        all.insert(all.end(), std::begin(foreign_options), std::end(foreign_options));
    else
        all.emplace_back("-Wno-unknown-pragmas");
    add_sanitizer(all, context.sanitizer);
    // Paths in debug information and in __FILE__ are relative, so that two checkouts give the same bytes.
    all.emplace_back("-fdebug-compilation-dir=.");
    all.emplace_back("-fno-file-reproducible");  // separators stay '/', which debuggers here understand
    all.push_back(fmt::format("-ffile-prefix-map={}/=", context.root.string()));
    all.push_back(fmt::format("-ffile-prefix-map={}/=ddk/", tools.ddk.string()));
    add_kit_defines(all, context.project, source);
    for (const std::string& name : source.defines) all.push_back("-D" + name);
    for (const std::string& name : source.undefines) all.push_back("-U" + name);
    for (const fs::path& folder : source.includes) all.push_back("-I" + folder.string());
    for (const fs::path& file : source.forced_includes) all.insert(all.end(), {"-include", file.string()});
    all.insert(all.end(), source.options.begin(), source.options.end());
    if (context.colour) all.emplace_back("-fcolor-diagnostics");
    return all;
}

std::optional<fs::file_time_type> time_of(const fs::path& file) {
    std::error_code error;
    const fs::file_time_type time = fs::last_write_time(file, error);
    return error ? std::nullopt : std::optional(time);
}

}  // namespace

CompileJob compile_job(const CompileContext& context, const SourceFile& source) {
    CompileJob job;
    const fs::path base = context.objects / object_name(context.root, source.file);
    job.source = source.file;
    job.object = base.string() + ".o";
    job.dependencies = base.string() + ".d";
    job.command_file = base.string() + ".cmd";
    job.command.folder = context.project.folder;
    job.command.arguments = arguments_of(context, source);
    for (const std::string& argument :
         {std::string("-MD"), std::string("-MF"), job.dependencies.string(), std::string("-c"),
          source.file.string(), std::string("-o"), job.object.string()})
        job.command.arguments.push_back(argument);
    return job;
}

std::vector<fs::path> rule_inputs(std::string_view rule) {
    std::vector<fs::path> inputs;
    const size_t colon = rule.find(": ");
    if (colon == std::string_view::npos) return inputs;
    std::string current;
    const auto flush = [&] {
        if (!current.empty()) inputs.emplace_back(std::exchange(current, {}));
    };
    for (size_t i = colon + 2; i < rule.size(); ++i) {
        const char c = rule[i];
        if (c == '\\' && i + 1 < rule.size() && rule[i + 1] == '\n')
            ++i, flush();
        else if ((c == '\\' && i + 1 < rule.size() && (rule[i + 1] == ' ' || rule[i + 1] == '#')) ||
                 (c == '$' && i + 1 < rule.size() && rule[i + 1] == '$'))
            current += rule[++i];
        else if (c == ' ' || c == '\n' || c == '\t')
            flush();
        else
            current += c;
    }
    flush();
    return inputs;
}

bool up_to_date(const CompileJob& job) {
    const std::optional<fs::file_time_type> made = time_of(job.object);
    if (!made) return false;
    const Result<std::string> command = read_text_file(job.command_file);
    if (!command || *command != job.command.text()) return false;
    const Result<std::string> rule = read_text_file(job.dependencies);
    if (!rule) return false;
    for (const fs::path& input : rule_inputs(*rule)) {
        const fs::path path = input.is_absolute() ? input : job.command.folder / input;
        const std::optional<fs::file_time_type> changed = time_of(path);
        if (!changed || *changed > *made) return false;
    }
    return true;
}

}  // namespace ndiskit::build
