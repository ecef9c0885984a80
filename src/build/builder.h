// The job of `ndiskit build`: project in, .sys out. Objects, dependency files and compile_commands.json go to
// OUT/NAME.build; the image to OUT/NAME.sys. What is up to date is not made again; equal inputs give equal
// bytes.
#pragma once

#include "build/compile.h"

namespace ndiskit::build {

struct Options {
    fs::path input;                         // a folder or a .vcxproj
    std::string name;                       // of the image; empty: the project's
    fs::path out;                           // empty: `build` in the project's folder
    std::string configuration = "Release";  // or Debug, or what the project calls its own
    std::string platform = "x64";
    Sanitizer sanitizer = Sanitizer::none;
    std::vector<std::string> defines;
    std::vector<fs::path> includes;
    unsigned jobs = 0;  // 0: as many as processors
    bool progress = true;
};

struct Report {
    bool built = false;  // false: a source did not compile or the link failed; the messages have been printed
    fs::path image;
    fs::path source_root;  // what paths in the image's debug information are relative to
    size_t sources = 0;
    size_t compiled = 0;
    bool linked = false;
    double seconds = 0;
    std::vector<std::string> notes;
};

// An Error is a fault of the input (a missing file, a broken project); a Report says how the build went.
Result<Report> build_driver(const Options& options);

// The project that `options.input` describes, with the options' own definitions and folders added.
Result<Project> load_project(const Options& options, const Toolchain& tools);

}  // namespace ndiskit::build
