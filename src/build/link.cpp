#include "build/link.h"

#include <algorithm>

namespace ndiskit::build {
namespace {

// /brepro: the image's time stamp is a hash of its content, so equal sources give equal bytes.
// /release: the checksum of the header, which Windows verifies for kernel images.
// /debug:dwarf: debug information stays in the image as the compiler wrote it; /opt drops what is unused
// in spite of it.
// INIT is discarded after DriverEntry on Windows; none of the sections is writable and executable.
const char* const driver_options[] = {
    "/nologo",
    "/driver",
    "/machine:x64",
    "/subsystem:native,10.0",
    "/nodefaultlib",
    "/dynamicbase",
    "/nxcompat",
    "/highentropyva",
    "/brepro",
    "/release",
    "/debug:dwarf",
    "/opt:ref,noicf",
    "/section:INIT,ERD",
    "/tsaware:no",
    "/alternatename:__stack_chk_guard=__security_cookie",
    "/manifest:no",
};

}  // namespace

Result<Command> link_command(const Toolchain& tools, const Project& project,
                             const std::vector<fs::path>& objects, const fs::path& image) {
    Command command{{tools.lld_link}, project.folder};
    std::vector<std::string>& all = command.arguments;
    all.insert(all.end(), std::begin(driver_options), std::end(driver_options));
    all.push_back("/entry:" + (project.entry.empty() ? std::string("GsDriverEntry") : project.entry));
    if (project.cet_compatible) all.emplace_back("/cetcompat");
    all.push_back("/out:" + image.string());
    // Its .ctors must come first, so it is linked first and whole.
    for (const fs::path& file : TRY(library(tools, "entry"))) all.push_back("/wholearchive:" + file.string());
    for (const fs::path& object : objects) all.push_back(object.string());
    std::vector<std::string> libraries = project.libraries;
    for (const char* always : {"startup", "ntoskrnl", "hal", "ndis"})
        if (std::ranges::find(libraries, always) == libraries.end()) libraries.emplace_back(always);
    for (const std::string& name : libraries) {
        if (name.find('/') != std::string::npos) {
            all.push_back(name);
            continue;
        }
        for (const fs::path& file : TRY(library(tools, name))) all.push_back(file.string());
    }
    return command;
}

}  // namespace ndiskit::build
