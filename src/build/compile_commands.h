// compile_commands.json, by which clangd and other tools know how each source is compiled. Every driver keeps
// its own part in its objects folder; OUT/compile_commands.json joins the parts of all drivers built there.
#pragma once

#include "build/compile.h"

namespace ndiskit::build {

Result<> write_compile_commands(const fs::path& out, const fs::path& objects,
                                const std::vector<CompileJob>& jobs);

}  // namespace ndiskit::build
