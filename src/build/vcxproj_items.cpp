// What the items and properties of an evaluated project mean for the build: ClCompile, ResourceCompile and
// Link of Visual C++, and the Windows kit's WPP settings. Precompiled headers are a matter of speed only and
// are ignored: every source names its headers itself. Warnings of Microsoft's compiler (levels, "as errors",
// numbers) do not apply to clang.
#include <fmt/format.h>

#include <algorithm>
#include <cctype>

#include "base/file.h"
#include "build/vcxproj.h"

namespace ndiskit::build {
namespace {

bool is_true(std::string_view value) { return equal_caseless(value, "true"); }

// Blank-separated words; quotes keep blanks together.
std::vector<std::string> words_of(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    bool quoted = false, any = false;
    for (char c : text) {
        const bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
        if (c == '"') {
            quoted = !quoted;
        } else if (blank && !quoted) {
            if (any) words.push_back(std::exchange(word, {}));
            any = false;
            continue;
        } else {
            word += c;
        }
        any = true;
    }
    if (any) words.push_back(word);
    return words;
}

// The options of Microsoft's compiler that change what a source means.
void apply_options(std::string_view text, const fs::path& folder, SourceFile& source) {
    const std::vector<std::string> words = words_of(text);
    for (size_t i = 0; i < words.size(); ++i) {
        std::string word = words[i];
        if (word.size() < 2 || (word[0] != '/' && word[0] != '-')) continue;
        word.erase(0, 1);
        const auto argument = [&](size_t prefix) {
            if (word.size() > prefix) return word.substr(prefix);
            return i + 1 < words.size() ? words[++i] : std::string();
        };
        if (word == "GS-")
            source.security_checks = false;
        else if (word == "TP")
            source.language = Language::cxx;
        else if (word == "TC")
            source.language = Language::c;
        else if (word.starts_with("FI"))
            source.forced_includes.push_back(resolve_path(folder, argument(2)));
        else if (word[0] == 'D')
            source.defines.push_back(argument(1));
        else if (word[0] == 'U')
            source.undefines.push_back(argument(1));
        else if (word[0] == 'I')
            source.includes.push_back(resolve_path(folder, argument(1)));
    }
    std::erase(source.defines, "");
    std::erase(source.undefines, "");
}

std::vector<fs::path> existing_folders(const fs::path& folder, std::string_view list) {
    std::vector<fs::path> folders;
    std::error_code error;
    for (const std::string& name : split_list(list)) {
        fs::path path = resolve_path(folder, name);
        if (fs::is_directory(path, error) && std::ranges::find(folders, path) == folders.end())
            folders.push_back(std::move(path));
    }
    return folders;
}

void apply_language(const Item& item, SourceFile& source) {
    const std::string_view compile_as = item.get("CompileAs");
    if (equal_caseless(compile_as, "CompileAsCpp"))
        source.language = Language::cxx;
    else if (equal_caseless(compile_as, "CompileAsC"))
        source.language = Language::c;
    if (is_true(item.get("RuntimeTypeInfo")) && source.language == Language::cxx)
        source.options.emplace_back("-frtti");
    const std::string_view optimization = item.get("Optimization");
    if (equal_caseless(optimization, "Disabled"))
        source.options.emplace_back("-O0");
    else if (equal_caseless(optimization, "MinSpace"))
        source.options.emplace_back("-Os");
    else if (!optimization.empty())
        source.options.emplace_back("-O2");
}

Result<SourceFile> source_from(const Item& item, const fs::path& folder) {
    SourceFile source;
    source.file = resolve_path(folder, item.name);
    std::error_code error;
    if (!fs::is_regular_file(source.file, error))
        return fail(fmt::format("the source {} does not exist", item.name), item.where);
    if (!source_language(source.file, source.language))
        return fail(fmt::format("{} is no C, C++ or assembly source", item.name), item.where);
    apply_language(item, source);
    source.defines = split_list(item.get("PreprocessorDefinitions"));
    source.undefines = split_list(item.get("UndefinePreprocessorDefinitions"));
    source.includes = existing_folders(folder, item.get("AdditionalIncludeDirectories"));
    for (const std::string& name : split_list(item.get("ForcedIncludeFiles")))
        source.forced_includes.push_back(resolve_path(folder, name));
    source.security_checks = !equal_caseless(item.get("BufferSecurityCheck"), "false");
    apply_options(item.get("AdditionalOptions"), folder, source);
    return source;
}

// "DEBUGP(LEVEL,MSG,...)" gives DEBUGP; a configuration block in a header has lines "FUNC Name(...)".
void collect_trace_macros(const Item& item, const fs::path& folder, Project& project) {
    const auto add = [&](std::string_view text) {
        size_t end = 0;
        while (end < text.size() && (std::isalnum(static_cast<unsigned char>(text[end])) || text[end] == '_'))
            ++end;
        const std::string name(text.substr(0, end));
        if (end && std::ranges::find(project.trace_macros, name) == project.trace_macros.end())
            project.trace_macros.push_back(name);
    };
    for (const std::string& function : split_list(item.get("WppTraceFunction"))) add(function);
    const std::string_view scanned = item.get("WppScanConfigurationData");
    if (scanned.empty()) return;
    const Result<std::string> text = read_text_file(resolve_path(folder, scanned));
    constexpr std::string_view keyword = "FUNC ";
    for (size_t at = text ? text->find(keyword) : std::string::npos; at != std::string::npos;
         at = text->find(keyword, at + 1))
        add(std::string_view(*text).substr(at + keyword.size()));
}

Result<> add_source(const Item& item, const fs::path& folder, Project& project) {
    if (is_true(item.get("ExcludedFromBuild"))) return {};
    SourceFile source = TRY(source_from(item, folder));
    if (is_true(item.get("WppEnabled"))) {
        project.traced_sources.push_back(source.file);
        collect_trace_macros(item, folder, project);
    }
    const auto same = [&](const SourceFile& other) { return other.file == source.file; };
    if (std::ranges::none_of(project.sources, same)) project.sources.push_back(std::move(source));
    return {};
}

Result<> add_resource(const Item& item, const fs::path& folder, Project& project) {
    if (is_true(item.get("ExcludedFromBuild"))) return {};
    ResourceFile resource{resolve_path(folder, item.name), split_list(item.get("PreprocessorDefinitions")),
                          existing_folders(folder, item.get("AdditionalIncludeDirectories"))};
    std::error_code error;
    if (!fs::is_regular_file(resource.file, error))
        return fail(fmt::format("the resource file {} does not exist", item.name), item.where);
    project.resources.push_back(std::move(resource));
    return {};
}

void apply_link(const Values& link, const fs::path& folder, Project& project) {
    const auto get = [&](const char* name) {
        const auto found = link.find(name);
        return found == link.end() ? std::string() : found->second;
    };
    for (const std::string& name : split_list(get("AdditionalDependencies"))) {
        // A file beside the project is linked as it is; everything else is a library of the Windows kit.
        const fs::path path = resolve_path(folder, name);
        std::error_code error;
        std::string stem = path.stem().string();
        std::ranges::transform(stem, stem.begin(), [](unsigned char c) { return std::tolower(c); });
        project.libraries.push_back(fs::is_regular_file(path, error) ? path.string() : stem);
    }
    project.entry = get("EntryPointSymbol");
    project.cet_compatible = is_true(get("CETCompat"));
}

// Only kernel drivers without a framework can be built: the kit has no WDF.
Result<> check_kind(const Properties& properties, const fs::path& file) {
    const std::string_view type = properties.get("ConfigurationType");
    const std::string_view kind = properties.get("DriverType");
    if (!equal_caseless(properties.get("Platform"), "x64"))
        return fail(fmt::format("the platform is {}", properties.get("Platform")), file.string(),
                    "drivers are built for x64");
    if (!equal_caseless(type, "Driver"))
        return fail(fmt::format("the project makes a {}, not a kernel driver",
                                type.empty() ? std::string_view("nothing known") : type),
                    file.string() + " ConfigurationType", "name the driver's project");
    if (equal_caseless(kind, "KMDF") || equal_caseless(kind, "UMDF"))
        return fail(fmt::format("the driver is written for {}", kind), file.string() + " DriverType",
                    "drivers of type WDM can be built");
    return {};
}

constexpr WindowsVersion windows_versions[] = {
    {"Windows10", "0x0A00", "0x0A000010"},  {"Windows7", "0x0601", "0x06010000"},
    {"Win7", "0x0601", "0x06010000"},       {"Windows8", "0x0602", "0x06020000"},
    {"Win8", "0x0602", "0x06020000"},       {"WindowsV6.3", "0x0603", "0x06030000"},
    {"Windows8.1", "0x0603", "0x06030000"}, {"WinV6.3", "0x0603", "0x06030000"},
};

}  // namespace

const WindowsVersion& target_version(std::string_view name) {
    for (const WindowsVersion& version : windows_versions)
        if (equal_caseless(name, version.name)) return version;
    return windows_versions[0];
}

Result<Project> project_from_items(const Evaluated& evaluated, const fs::path& file) {
    const Properties& properties = evaluated.properties;
    TRY(check_kind(properties, file));
    Project project;
    project.file = file;
    project.folder = file.parent_path();
    project.foreign = true;
    project.name = properties.get("TargetName");
    if (project.name.empty() || project.name.find_first_of("/\\") != std::string::npos)
        return fail(fmt::format("\"{}\" is no name for a driver", project.name),
                    file.string() + " TargetName");
    const std::string_view debug = properties.get("UseDebugLibraries");
    project.debug = debug.empty() ? equal_caseless(properties.get("Configuration"), "Debug") : is_true(debug);
    const WindowsVersion& version = target_version(properties.get("TargetVersion"));
    project.winnt = version.winnt;
    project.ntddi = version.ntddi;

    for (const Item& item : evaluated.items) {
        if (item.type == "ClCompile")
            TRY(add_source(item, project.folder, project));
        else if (item.type == "ResourceCompile")
            TRY(add_resource(item, project.folder, project));
        else if (item.type == "MASM" && !is_true(item.get("ExcludedFromBuild")))
            return fail(fmt::format("{} is assembly for MASM, which clang does not read", item.name),
                        item.where);
        else if (item.type == "ProjectReference")
            project.notes.push_back(fmt::format("the referenced project {} is not built along", item.name));
    }
    if (project.sources.empty()) return fail("the project has no sources", file.string() + " ClCompile");
    if (const auto link = evaluated.definitions.find("Link"); link != evaluated.definitions.end())
        apply_link(link->second, project.folder, project);
    if (!project.traced_sources.empty())
        project.notes.emplace_back("WPP trace messages are left out: there is no trace preprocessor here");
    return project;
}

}  // namespace ndiskit::build
