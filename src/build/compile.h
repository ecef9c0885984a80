// Command lines of the compiler, and whether an object is still good: its command is unchanged and nothing
// that it was made from is newer.
#pragma once

#include "build/process.h"
#include "build/project.h"
#include "build/toolchain.h"

namespace ndiskit::build {

// One memory or race checker, or coverage for fuzzing, compiled into the driver; the image loader binds the
// calls to the host's runtime of the same compiler.
enum class Sanitizer { none, address, thread, fuzzer };

struct CompileJob {
    fs::path source;
    fs::path object;
    fs::path dependencies;  // a makefile rule that the compiler writes
    fs::path command_file;  // the command that made the object
    Command command;
};

struct CompileContext {
    const Toolchain& tools;
    const Project& project;
    fs::path root;     // source_root
    fs::path objects;  // where objects go
    Sanitizer sanitizer = Sanitizer::none;
    bool colour = false;
};

CompileJob compile_job(const CompileContext& context, const SourceFile& source);

bool up_to_date(const CompileJob& job);

// Files named by a makefile rule of the compiler ("a.o: b.c c\ d.h \").
std::vector<fs::path> rule_inputs(std::string_view rule);

}  // namespace ndiskit::build
