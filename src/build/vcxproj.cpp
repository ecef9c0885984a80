// The three passes. A document that is imported stays in memory for all of them.
#include "build/vcxproj.h"

#include <fmt/format.h>
#include <fnmatch.h>

#include <algorithm>
#include <memory>
#include <pugixml.hpp>

#include "base/file.h"

namespace ndiskit::build {
namespace {

constexpr size_t most_imports = 200;
constexpr uintmax_t largest_import = 16 << 20;
constexpr size_t most_items = 20000;

struct Document {
    fs::path file;
    pugi::xml_document xml;
    std::vector<ptrdiff_t> line_ends;

    std::string where(ptrdiff_t offset) const {
        const auto line = std::ranges::lower_bound(line_ends, offset) - line_ends.begin();
        return fmt::format("{}:{}", file.string(), line + 1);
    }
    // "mux.vcxproj:12 ItemGroup"
    std::string where(const pugi::xml_node& node) const {
        return where(node.offset_debug()) + " " + node.name();
    }
};

class Evaluator {
  public:
    Evaluator(const fs::path& file, const ProjectChoice& choice) : file_(file), choice_(choice) {}

    Result<Evaluated> run(const std::string& text);

  private:
    using Visit = Result<> (Evaluator::*)(const Document&, const pugi::xml_node&);

    void set_known_properties();
    void set_versions();
    Result<Document*> load(const fs::path& file, const std::string& text);
    Result<> walk(const Document& document, const pugi::xml_node& parent, Visit visit, int depth);
    Result<> import(const Document& document, const pugi::xml_node& node, Visit visit, int depth);
    Result<> import_upward(const char* name, Visit visit);
    Result<> property(const Document& document, const pugi::xml_node& group);
    Result<> definition(const Document& document, const pugi::xml_node& group);
    Result<> item(const Document& document, const pugi::xml_node& group);
    Result<> one_item(const Document& document, const pugi::xml_node& node);
    Result<bool> holds(const Document& document, const pugi::xml_node& node,
                       const Values* metadata = nullptr);
    Result<> read_metadata(const Document& document, const pugi::xml_node& node, Values& metadata);
    std::vector<std::string> names(const fs::path& folder, const std::string& list) const;

    const fs::path& file_;
    const ProjectChoice& choice_;
    std::map<std::string, std::unique_ptr<Document>> documents_;
    size_t imports_ = 0;
    Evaluated result_;
};

template <class T>
Result<T> located(Result<T> result, const Document& document, const pugi::xml_node& node) {
    if (!result && result.error().where.empty()) result.error().where = document.where(node);
    return result;
}

fs::path folder_with_solution(const fs::path& start) {
    std::error_code error;
    for (fs::path folder = start; folder.has_relative_path(); folder = folder.parent_path())
        for (const fs::directory_entry& entry : fs::directory_iterator(folder, error))
            if (entry.path().extension() == ".sln") return folder;
    return start;
}

// Conditions compare the Windows version that is built for with these.
void Evaluator::set_versions() {
    Properties& properties = result_.properties;
    properties.set("_NT_TARGET_VERSION_WIN7", "0x601");
    properties.set("_NT_TARGET_VERSION_WIN8", "0x602");
    properties.set("_NT_TARGET_VERSION_WINBLUE", "0x603");
    properties.set("_NT_TARGET_VERSION_WIN10", "0xA00");
    properties.set("_NT_TARGET_VERSION", std::string(target_version(properties.get("TargetVersion")).winnt));
}

// What Visual Studio and the Windows kit define before the project's own lines.
void Evaluator::set_known_properties() {
    set_versions();
    Properties& properties = result_.properties;
    const fs::path folder = file_.parent_path();
    const std::string stem = file_.stem().string();
    properties.fix("Configuration", choice_.configuration);
    properties.fix("Platform", choice_.platform);
    for (const char* name : {"ProjectDir", "MSBuildProjectDirectory", "MSBuildStartupDirectory"})
        properties.set(name, folder.string() + (std::string_view(name) == "ProjectDir" ? "/" : ""));
    for (const char* name : {"ProjectName", "MSBuildProjectName", "TargetName"}) properties.set(name, stem);
    properties.set("MSBuildProjectFile", file_.filename().string());
    properties.set("ProjectFileName", file_.filename().string());
    properties.set("MSBuildProjectFullPath", file_.string());
    properties.set("ProjectPath", file_.string());
    properties.set("MSBuildProjectExtension", file_.extension().string());
    properties.set("SolutionDir", folder_with_solution(folder).string() + "/");
    properties.set("TargetExt", ".sys");
    properties.set("VisualStudioVersion", "17.0");
    properties.set("IntDir", choice_.platform + "\\" + choice_.configuration + "\\");
    properties.set("OutDir", choice_.platform + "\\" + choice_.configuration + "\\");
    properties.set("PlatformTarget", choice_.platform);
    properties.set("PlatformShortName", choice_.platform);
    properties.set("OS", "Windows_NT");
    const std::string ddk = choice_.ddk.string();
    for (const char* name : {"DDK_LIB_PATH", "KM_LIB_PATH", "SDK_LIB_PATH", "WDKContentRoot_Lib"})
        properties.set(name, ddk + "/lib");
    for (const char* name : {"DDK_INC_PATH", "KM_INC_PATH", "KMDF_INC_PATH", "SDK_INC_PATH", "CRT_INC_PATH"})
        properties.set(name, ddk + "/include");
}

Result<Document*> Evaluator::load(const fs::path& file, const std::string& text) {
    std::unique_ptr<Document>& document = documents_[file.string()];
    if (document) return document.get();
    auto made = std::make_unique<Document>();
    made->file = file;
    for (size_t i = 0; i < text.size(); ++i)
        if (text[i] == '\n') made->line_ends.push_back(static_cast<ptrdiff_t>(i));
    const pugi::xml_parse_result parsed = made->xml.load_buffer(text.data(), text.size());
    if (!parsed)
        return fail(fmt::format("is not well-formed XML: {}", parsed.description()),
                    made->where(parsed.offset));
    if (std::string_view(made->xml.document_element().name()) != "Project")
        return fail("is XML, but its root element is not <Project>", file.string(),
                    "name a .vcxproj file of Visual Studio");
    document = std::move(made);
    return document.get();
}

Result<bool> Evaluator::holds(const Document& document, const pugi::xml_node& node, const Values* metadata) {
    const char* text = node.attribute("Condition").value();
    return located(condition_holds(text, result_.properties, document.file.parent_path(), metadata), document,
                   node);
}

// Visits the groups of a document in order, those of its imports where they stand.
Result<> Evaluator::walk(const Document& document, const pugi::xml_node& parent, Visit visit, int depth) {
    if (depth > 40) return fail("imports or groups are nested too deeply", document.where(parent));
    result_.properties.set("MSBuildThisFileDirectory", document.file.parent_path().string() + "/");
    result_.properties.set("MSBuildThisFile", document.file.filename().string());
    result_.properties.set("MSBuildThisFileFullPath", document.file.string());
    for (const pugi::xml_node& node : parent.children()) {
        const std::string_view name = node.name();
        if (name == "Import") {
            TRY(import(document, node, visit, depth));
            result_.properties.set("MSBuildThisFileDirectory", document.file.parent_path().string() + "/");
        } else if (name == "ImportGroup") {
            if (TRY(holds(document, node))) TRY(walk(document, node, visit, depth + 1));
        } else if (name == "Choose") {
            for (const pugi::xml_node& branch : node.children()) {
                const std::string_view kind = branch.name();
                if (kind == "Otherwise" || (kind == "When" && TRY(holds(document, branch)))) {
                    TRY(walk(document, branch, visit, depth + 1));
                    break;
                }
            }
        } else {
            TRY((this->*visit)(document, node));
        }
    }
    return {};
}

Result<> Evaluator::import(const Document& document, const pugi::xml_node& node, Visit visit, int depth) {
    if (!TRY(holds(document, node))) return {};
    const std::string name =
        TRY(located(result_.properties.expand(node.attribute("Project").value()), document, node));
    const fs::path file = resolve_path(document.file.parent_path(), name);
    std::error_code error;
    if (name.empty() || !fs::is_regular_file(file, error) || fs::file_size(file, error) > largest_import)
        return {};
    if (++imports_ > most_imports)
        return fail("too many imports, or files that import each other", document.where(node));
    const std::string text = TRY(read_text_file(file));
    const Document* imported = TRY(load(file, text));
    return walk(*imported, imported->xml.document_element(), visit, depth + 1);
}

// Directory.Build.props and .targets of the nearest folder above apply without being named.
Result<> Evaluator::import_upward(const char* name, Visit visit) {
    std::error_code error;
    for (fs::path folder = file_.parent_path(); folder.has_relative_path(); folder = folder.parent_path()) {
        if (!fs::is_regular_file(folder / name, error)) continue;
        const Document* document = TRY(load(folder / name, TRY(read_text_file(folder / name))));
        return walk(*document, document->xml.document_element(), visit, 1);
    }
    return {};
}

Result<> Evaluator::property(const Document& document, const pugi::xml_node& group) {
    if (std::string_view(group.name()) != "PropertyGroup" || !TRY(holds(document, group))) return {};
    for (const pugi::xml_node& node : group.children()) {
        if (node.type() != pugi::node_element || !TRY(holds(document, node))) continue;
        result_.properties.set(node.name(),
                               TRY(located(result_.properties.expand(node.child_value()), document, node)));
    }
    return {};
}

Result<> Evaluator::read_metadata(const Document& document, const pugi::xml_node& node, Values& metadata) {
    for (const pugi::xml_node& entry : node.children()) {
        if (entry.type() != pugi::node_element || !TRY(holds(document, entry, &metadata))) continue;
        metadata[entry.name()] =
            TRY(located(result_.properties.expand(entry.child_value(), &metadata), document, entry));
    }
    return {};
}

Result<> Evaluator::definition(const Document& document, const pugi::xml_node& group) {
    if (std::string_view(group.name()) != "ItemDefinitionGroup" || !TRY(holds(document, group))) return {};
    for (const pugi::xml_node& node : group.children())
        if (node.type() == pugi::node_element && TRY(holds(document, node)))
            TRY(read_metadata(document, node, result_.definitions[node.name()]));
    return {};
}

Result<> Evaluator::item(const Document& document, const pugi::xml_node& group) {
    if (std::string_view(group.name()) != "ItemGroup") return {};
    // Which configurations there are stands in conditions' stead.
    for (const pugi::xml_node& node : group.children("ProjectConfiguration"))
        result_.configurations.emplace_back(node.attribute("Include").value());
    if (!TRY(holds(document, group))) return {};
    for (const pugi::xml_node& node : group.children())
        if (node.type() == pugi::node_element && TRY(holds(document, node))) TRY(one_item(document, node));
    return {};
}

Result<> Evaluator::one_item(const Document& document, const pugi::xml_node& node) {
    const auto list = [&](const char* attribute) {
        return located(result_.properties.expand(node.attribute(attribute).value()), document, node);
    };
    const fs::path folder = file_.parent_path();
    const auto same_item = [&](const std::string& name) {
        return [&node, name](const Item& other) {
            return other.type == node.name() && equal_caseless(other.name, name);
        };
    };
    for (const std::string& name : names(folder, TRY(list("Remove"))))
        std::erase_if(result_.items, same_item(name));
    for (const std::string& name : names(folder, TRY(list("Update"))))
        for (Item& other : result_.items)
            if (same_item(name)(other)) TRY(read_metadata(document, node, other.metadata));
    const std::vector<std::string> excluded = names(folder, TRY(list("Exclude")));
    for (const std::string& name : names(folder, TRY(list("Include")))) {
        if (std::ranges::any_of(excluded, [&](const std::string& e) { return equal_caseless(e, name); }))
            continue;
        if (result_.items.size() >= most_items)
            return fail("the project has too many items", document.where(node));
        Item item{node.name(), name, result_.definitions[node.name()], document.where(node)};
        const fs::path path(name);
        item.metadata["Identity"] = name;
        item.metadata["Filename"] = path.stem().string();
        item.metadata["Extension"] = path.extension().string();
        TRY(read_metadata(document, node, item.metadata));
        result_.items.push_back(std::move(item));
    }
    return {};
}

// The names of a list, those with * or ? replaced by the files that match in their folder.
std::vector<std::string> Evaluator::names(const fs::path& folder, const std::string& list) const {
    std::vector<std::string> all;
    for (std::string& name : split_list(list)) {
        if (name.find_first_of("*?") == std::string::npos) {
            all.push_back(std::move(name));
            continue;
        }
        std::ranges::replace(name, '\\', '/');
        const fs::path pattern(name);
        std::vector<std::string> matches;
        std::error_code error;
        for (const fs::directory_entry& entry :
             fs::directory_iterator(resolve_path(folder, pattern.parent_path().string()), error))
            if (fnmatch(pattern.filename().c_str(), entry.path().filename().c_str(), FNM_CASEFOLD) == 0)
                matches.push_back((pattern.parent_path() / entry.path().filename()).string());
        std::ranges::sort(matches);
        all.insert(all.end(), matches.begin(), matches.end());
    }
    return all;
}

Result<Evaluated> Evaluator::run(const std::string& text) {
    set_known_properties();
    const Document* document = TRY(load(file_, text));
    for (const Visit visit : {&Evaluator::property, &Evaluator::definition, &Evaluator::item}) {
        imports_ = 0;
        set_versions();
        TRY(import_upward("Directory.Build.props", visit));
        TRY(walk(*document, document->xml.document_element(), visit, 0));
        TRY(import_upward("Directory.Build.targets", visit));
    }
    return std::move(result_);
}

}  // namespace

std::string_view Item::get(std::string_view key) const {
    const auto found = metadata.find(key);
    return found == metadata.end() ? std::string_view() : std::string_view(found->second);
}

Result<Evaluated> evaluate_vcxproj(const std::string& text, const fs::path& file,
                                   const ProjectChoice& choice) {
    return Evaluator(file, choice).run(text);
}

Result<Project> project_from_vcxproj_text(const std::string& text, const fs::path& file,
                                          const ProjectChoice& choice) {
    const Evaluated evaluated = TRY(evaluate_vcxproj(text, file, choice));
    const std::string wanted = choice.configuration + "|" + choice.platform;
    const std::vector<std::string>& known = evaluated.configurations;
    if (std::ranges::none_of(known, [&](const std::string& name) { return equal_caseless(name, wanted); })) {
        std::string list;
        for (const std::string& name : known) list += (list.empty() ? "" : ", ") + name;
        return fail(fmt::format("the project has no configuration {}", wanted), file.string(),
                    list.empty() ? "it names none" : "it has " + list);
    }
    return project_from_items(evaluated, file);
}

Result<Project> project_from_vcxproj(const fs::path& file, const ProjectChoice& choice) {
    std::error_code error;
    const fs::path absolute = fs::canonical(file, error);
    if (error) return fail("cannot open the project: " + error.message(), file.string());
    return project_from_vcxproj_text(TRY(read_text_file(absolute)), absolute, choice);
}

}  // namespace ndiskit::build
