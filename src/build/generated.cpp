#include "build/generated.h"

#include <fmt/format.h>

#include <algorithm>
#include <set>

#include "base/file.h"
#include "build/msbuild.h"

namespace ndiskit::build {
namespace {

// What goes on the include path lies deep, so that names which climb ("../inc/foo.h") stay in the folder.
fs::path place_in(const fs::path& folder) { return folder / "up/up/up/up"; }

Result<> write_if_changed(const fs::path& file, const std::string& text) {
    if (const Result<std::string> old = read_text_file(file); old && *old == text) return {};
    std::error_code error;
    fs::create_directories(file.parent_path(), error);
    return write_text_file(file, text);
}

std::string trace_header(const Project& project) {
    std::string text =
        "// Trace messages are left out: this stands for the output of the trace preprocessor.\n"
        "#ifndef WPP_INIT_TRACING\n"
        "#define WPP_INIT_TRACING(...) ((void)0)\n"
        "#define WPP_CLEANUP(...) ((void)0)\n"
        "#define DoTraceMessage(...) ((void)0)\n";
    for (const std::string& name : project.trace_macros)
        text += fmt::format("#define {}(...) ((void)0)\n", name);
    return text + "#endif\n";
}

// Follows the includes of a project's own files and finds those that only Windows would find.
class IncludeNames {
  public:
    IncludeNames(const Project& project, const Toolchain& tools, const fs::path& folder)
        : project_(project),
          folder_(folder),
          place_(place_in(folder)),
          kit_({tools.ddk / "include", tools.clang_include, tools.mingw_include,
                tools.mingw_include / "ddk"}) {}

    Result<> run() {
        for (const SourceFile& source : project_.sources) {
            includes_ = &source.includes;
            TRY(follow(source.file, 0));
        }
        return {};
    }

  private:
    Result<> follow(const fs::path& file, int depth) {
        if (depth > 200 || !seen_.insert({file.string(), includes_}).second) return {};
        const Result<std::string> text = read_text_file(file);
        if (!text) return {};
        for (const std::string& name : included_names(*text))
            if (const fs::path found = TRY(resolve(file, name)); !found.empty())
                TRY(follow(found, depth + 1));
        return {};
    }

    // The project's file that `name` means, empty when it is the kit's or nobody's.
    Result<fs::path> resolve(const fs::path& file, const std::string& name) {
        std::vector<fs::path> own = {file.parent_path()};
        own.insert(own.end(), includes_->begin(), includes_->end());
        std::error_code error;
        for (const fs::path& place : own)
            if (fs::is_regular_file(place / name, error)) return (place / name).lexically_normal();
        for (const fs::path& place : kit_)
            if (fs::is_regular_file(place / name, error)) return fs::path();
        for (const fs::path& place : own)
            if (const fs::path found = resolve_path(place, name); fs::is_regular_file(found, error)) {
                TRY(forward(name, found));
                return found;
            }
        for (const fs::path& place : kit_)
            if (const fs::path found = resolve_path(place, name); fs::is_regular_file(found, error)) {
                TRY(forward(name, found.lexically_relative(place)));
                return fs::path();
            }
        return fs::path();
    }

    Result<> forward(const std::string& name, const fs::path& target) {
        const fs::path at = (place_ / name).lexically_normal();
        if (!at.string().starts_with(folder_.string() + "/")) return {};
        const bool own = target.is_absolute();
        return write_if_changed(
            at, fmt::format("#include {}{}{}\n", own ? '"' : '<', target.string(), own ? '"' : '>'));
    }

    const Project& project_;
    const fs::path& folder_;
    const fs::path place_;
    const std::vector<fs::path> kit_;
    const std::vector<fs::path>* includes_ = nullptr;
    std::set<std::pair<std::string, const std::vector<fs::path>*>> seen_;
};

}  // namespace

std::vector<std::string> included_names(std::string_view text) {
    std::vector<std::string> names;
    constexpr std::string_view keyword = "include";
    for (size_t at = text.find('#'); at != std::string_view::npos; at = text.find('#', at + 1)) {
        size_t i = at + 1;
        const auto skip_blanks = [&] {
            while (i < text.size() && (text[i] == ' ' || text[i] == '\t')) ++i;
        };
        skip_blanks();
        if (text.substr(i, keyword.size()) != keyword) continue;
        i += keyword.size();
        skip_blanks();
        if (i >= text.size() || (text[i] != '"' && text[i] != '<')) continue;
        const size_t end = text.find_first_of(text[i] == '"' ? "\"\n" : ">\n", i + 1);
        if (end == std::string_view::npos || text[end] == '\n' || end == i + 1) continue;
        std::string name(text.substr(i + 1, end - i - 1));
        std::ranges::replace(name, '\\', '/');  // as clang does with -fms-extensions
        names.push_back(std::move(name));
    }
    return names;
}

bool has_extern_inline(std::string_view text) {
    constexpr std::string_view keyword = "extern", inlined = "FORCEINLINE";
    for (size_t at = text.find(keyword); at != std::string_view::npos; at = text.find(keyword, at + 1)) {
        const size_t next = text.find_first_not_of(" \t\r\n", at + keyword.size());
        if (next != std::string_view::npos && text.substr(next, inlined.size()) == inlined) return true;
    }
    return false;
}

Result<> generate_headers(Project& project, const Toolchain& tools, const fs::path& folder) {
    for (const fs::path& source : project.traced_sources)
        TRY(write_if_changed(place_in(folder) / (source.stem().string() + ".tmh"), trace_header(project)));
    // mingw's FORCEINLINE emits no function; wdm.h of the kit knows this name.
    for (SourceFile& source : project.sources)
        if (const Result<std::string> text = read_text_file(source.file); text && has_extern_inline(*text))
            source.defines.emplace_back("NDISKIT_EXTERN_INLINE=1");
    if (project.foreign) TRY(IncludeNames(project, tools, folder).run());
    std::error_code error;
    if (!fs::is_directory(folder, error)) return {};
    fs::create_directories(place_in(folder), error);
    for (SourceFile& source : project.sources) source.includes.push_back(place_in(folder));
    return {};
}

}  // namespace ndiskit::build
