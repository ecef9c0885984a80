// Visual Studio driver projects, unmodified. Evaluation is MSBuild's in three passes over the file and what
// it imports: properties, then item definitions (defaults of metadata by item type), then items. Imported
// files that exist only inside Visual Studio ($(VCTargetsPath)\...) are skipped; what they would define is
// built in.
#pragma once

#include "build/msbuild.h"
#include "build/project.h"

namespace ndiskit::build {

struct ProjectChoice {
    std::string configuration = "Release";
    std::string platform = "x64";
    fs::path ddk;  // stands for the Windows kit's folders: $(DDK_LIB_PATH) ...
};

Result<Project> project_from_vcxproj(const fs::path& file, const ProjectChoice& choice);

// The same for a text that would be in `file`; imports and sources are looked up beside it.
Result<Project> project_from_vcxproj_text(const std::string& text, const fs::path& file,
                                          const ProjectChoice& choice);

// _WIN32_WINNT and NTDDI_VERSION for a project's TargetVersion ("Windows7"); an unknown one is Windows 10.
struct WindowsVersion {
    std::string_view name, winnt, ntddi;
};
const WindowsVersion& target_version(std::string_view name);

// One evaluated item: <ClCompile Include="a.c"> with its metadata, definitions included.
struct Item {
    std::string type;
    std::string name;
    Values metadata;
    std::string where;  // "mux.vcxproj:210 ClCompile"

    std::string_view get(std::string_view key) const;
};

struct Evaluated {
    Properties properties;
    std::map<std::string, Values, CaselessLess> definitions;  // by item type; Link and others have no items
    std::vector<Item> items;
    std::vector<std::string> configurations;  // "Release|x64" ...
};

Result<Evaluated> evaluate_vcxproj(const std::string& text, const fs::path& file,
                                   const ProjectChoice& choice);

// An evaluated project as something to build.
Result<Project> project_from_items(const Evaluated& evaluated, const fs::path& file);

}  // namespace ndiskit::build
