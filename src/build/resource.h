// Resource scripts (.rc): the version block that Windows shows for a file. Preprocessed by clang, whose
// errors and include rules are those of the sources, then compiled by llvm-rc.
#pragma once

#include "build/process.h"
#include "build/project.h"
#include "build/toolchain.h"

namespace ndiskit::build {

struct ResourceJob {
    Command preprocess;
    Command compile;
    fs::path preprocessed;
    fs::path result;  // a .res file, which the linker takes as it is
};

ResourceJob resource_job(const Toolchain& tools, const Project& project, const ResourceFile& resource,
                         const fs::path& objects);

}  // namespace ndiskit::build
