#include "build/resource.h"

namespace ndiskit::build {

ResourceJob resource_job(const Toolchain& tools, const Project& project, const ResourceFile& resource,
                         const fs::path& objects) {
    const std::string base = (objects / resource.file.filename()).string();
    ResourceJob job;
    job.preprocessed = base;
    job.result = base + ".res";
    job.preprocess.folder = job.compile.folder = project.folder;
    std::vector<std::string>& all = job.preprocess.arguments;
    // The line markers stay: by them llvm-rc drops the declarations of .h files, as Microsoft's does.
    all = {tools.clang,
           "-E",
           "-xc",
           "--target=x86_64-w64-windows-gnu",
           "-nostdlibinc",
           "-fms-extensions",
           "-DRC_INVOKED=1",
           "-D_WIN32=1",
           "-Wno-unknown-pragmas",
           "-Wno-pragma-pack"};
    for (const std::string& define : resource.defines) all.push_back("-D" + define);
    for (const fs::path& folder : resource.includes) all.push_back("-I" + folder.string());
    all.insert(all.end(), {"-isystem", (tools.ddk / "include").string()});
    for (const fs::path& folder : {tools.mingw_include, tools.mingw_include / "ddk"})
        all.insert(all.end(), {"-Xclang", "-internal-isystem", "-Xclang", folder.string()});
    all.insert(all.end(), {resource.file.string(), "-o", base});
    job.compile.arguments = {tools.rc, "/no-preprocess", "/fo", job.result.string(), base};
    return job;
}

}  // namespace ndiskit::build
