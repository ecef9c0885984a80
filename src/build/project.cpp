#include "build/project.h"

#include <algorithm>
#include <cctype>

namespace ndiskit::build {

bool source_language(const fs::path& file, Language& language) {
    std::string extension = file.extension().string();
    std::ranges::transform(extension, extension.begin(), [](unsigned char c) { return std::tolower(c); });
    // .S is preprocessed assembly for clang; .asm is MASM, which clang does not read.
    if (extension == ".c")
        language = Language::c;
    else if (extension == ".cpp" || extension == ".cc" || extension == ".cxx")
        language = Language::cxx;
    else if (extension == ".s")
        language = Language::assembly;
    else
        return false;
    return true;
}

fs::path source_root(const Project& project) {
    fs::path root = project.folder;
    for (const SourceFile& source : project.sources) {
        const fs::path folder = source.file.parent_path();
        const auto [end, unused] = std::mismatch(root.begin(), root.end(), folder.begin(), folder.end());
        fs::path common;
        for (auto part = root.begin(); part != end; ++part) common /= *part;
        root = common;
    }
    return root;
}

}  // namespace ndiskit::build
