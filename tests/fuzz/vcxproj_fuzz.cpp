// Visual Studio projects of any content: reading one gives a project or an error, and ends.
// fuzz: build
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>

#include "build/vcxproj.h"
#include "canary.h"

using namespace ndiskit::build;

namespace {

// A few files for projects to name; made once a process.
const fs::path& folder() {
    static const fs::path made = [] {
        std::string name = (fs::temp_directory_path() / "ndiskit-fuzz-XXXXXX").string();
        fs::path path = mkdtemp(name.data());
        for (const char* file : {"a.c", "b.c", "x.rc"})
            std::ofstream(path / file) << "\n";
        std::ofstream(path / "more.props")
            << "<Project><PropertyGroup><Twice>$(Twice)$(Twice)x</Twice></PropertyGroup></Project>";
        return path;
    }();
    return made;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    const std::string text(reinterpret_cast<const char*>(data), size);
    const auto project = project_from_vcxproj_text(text, folder() / "p.vcxproj", {});
    if (!project && project.error().what.empty())
        std::abort();  // an error that says nothing
    ndiskit::fuzz::canary(project && !project->sources.empty());
    return 0;
}
