// One leniency of Microsoft's C compiler that clang has no option for: a function may be declared with
// `void*` (often as a HANDLE) and defined with a pointer to a structure, or the other way round. Sources that
// rely on it are compiled again with the earlier declaration left out, in a copy of the header that the
// compiler reads in its place; the calling convention is the same for both. Only declarations whose
// parameters differ in what looks like pointers are treated so: anything else stays the error that it is.
#pragma once

#include <optional>

#include "base/result.h"
#include "build/process.h"
#include "build/project.h"

namespace ndiskit::build {

struct Redeclaration {
    std::string function;
    fs::path file;  // where the earlier declaration stands
    size_t line = 0;
    size_t column = 0;
    fs::path again_file;  // where the later one stands
    size_t again_line = 0;
    size_t again_column = 0;
};

// The conflicts that a compiler's output tells of; none when it tells of other errors too.
std::vector<Redeclaration> redeclarations(const std::string& output);

// The parameters of the declaration whose name starts at line and column (from 1), comments and SAL removed.
std::vector<std::string> declared_parameters(const std::string& text, size_t line, size_t column);

// Whether the lists are equally long and differ only where both have pointers.
bool differ_in_pointers(const std::vector<std::string>& a, const std::vector<std::string>& b);

// `text` with the parameters of that declaration blanked; everything else stays where it is.
std::string without_prototype(const std::string& text, size_t line, size_t column);

// The command with the conflicting parameters left out, the copies under `folder`; or no command when the
// output tells of anything else. `notes` gets a line for each.
Result<std::optional<Command>> without_redeclarations(const Command& command, const std::string& output,
                                                      const fs::path& folder,
                                                      std::vector<std::string>& notes);

}  // namespace ndiskit::build
