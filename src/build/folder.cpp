#include "build/folder.h"

#include <algorithm>

namespace ndiskit::build {

Result<Project> project_from_folder(const fs::path& folder, const std::string& configuration) {
    Project project;
    std::error_code error;
    project.file = project.folder = fs::canonical(folder, error);
    if (error) return fail("cannot open the folder: " + error.message(), folder.string());
    project.name = project.folder.filename().string();
    project.debug = configuration == "Debug";

    std::vector<fs::path> files;
    for (const fs::directory_entry& entry : fs::directory_iterator(project.folder, error))
        if (entry.is_regular_file()) files.push_back(entry.path());
    if (error) return fail("cannot read the folder: " + error.message(), folder.string());
    std::ranges::sort(files);
    for (const fs::path& file : files) {
        Language language;
        if (source_language(file, language))
            project.sources.push_back({.file = file, .language = language, .includes = {project.folder}});
        else if (file.extension() == ".rc")
            project.resources.push_back({.file = file, .includes = {project.folder}});
    }
    if (project.sources.empty())
        return fail("no C or C++ source is in the folder", folder.string(),
                    "name the folder that holds the driver's .c or .cpp files");
    return project;
}

}  // namespace ndiskit::build
