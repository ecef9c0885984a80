// What is to be built, independent of where the description came from: a folder (folder.h) or a Visual Studio
// project (vcxproj.h). All paths are absolute. The order of sources is the order of linking.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace ndiskit::build {

namespace fs = std::filesystem;

enum class Language { c, cxx, assembly };

struct SourceFile {
    fs::path file;
    Language language = Language::c;
    std::vector<std::string> defines;    // NAME or NAME=VALUE
    std::vector<std::string> undefines;  // NAME
    std::vector<fs::path> includes;      // searched before the kit's headers
    std::vector<fs::path> forced_includes;
    std::vector<std::string> options;  // further options for clang
    bool security_checks = true;       // /GS
};

struct ResourceFile {
    fs::path file;
    std::vector<std::string> defines;
    std::vector<fs::path> includes;
};

struct Project {
    std::string name;    // NAME.sys is built
    fs::path file;       // what the user named: a folder or a .vcxproj
    fs::path folder;     // where relative paths start
    bool debug = false;  // the Debug configuration: -O0, DBG=1
    bool cet_compatible = false;
    bool foreign = false;          // written for another compiler: its idioms are not worth a warning each
    std::string winnt = "0x0A00";  // _WIN32_WINNT and NTDDI_VERSION of the oldest Windows it runs on
    std::string ntddi = "0x0A000010";
    std::string entry;  // replaces GsDriverEntry when not empty
    std::vector<SourceFile> sources;
    std::vector<ResourceFile> resources;
    std::vector<std::string> libraries;  // "ndis": ddk/lib/ndis.def; or a path to a .lib
    // WPP trace macros to be replaced by nothing, by name, and the sources that include a NAME.tmh
    std::vector<std::string> trace_macros;
    std::vector<fs::path> traced_sources;
    std::vector<std::string> notes;  // what was left out, for a person
};

// Language by extension; false when the extension is none of a source.
bool source_language(const fs::path& file, Language& language);

// The deepest folder that holds every source: paths in debug information are relative to it.
fs::path source_root(const Project& project);

}  // namespace ndiskit::build
