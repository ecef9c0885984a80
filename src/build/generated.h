// Headers that a build makes before it compiles, in one folder that is last on every source's include path:
//
// - NAME.tmh for each source that WPP, the trace preprocessor of the Windows kit, would have read: it defines
//   the project's trace macros as nothing.
// - one-line forwards for headers that sources name in Windows' way, in another case than the file has or
// with
//   backslashes: `#include "..\Inc\Foo.h"`.
#pragma once

#include "base/result.h"
#include "build/project.h"
#include "build/toolchain.h"

namespace ndiskit::build {

// Writes what `project` needs into `folder` and puts the folder on the include paths. Files whose content is
// right already are left alone, so that nothing is compiled again for them.
Result<> generate_headers(Project& project, const Toolchain& tools, const fs::path& folder);

// Whether a text defines functions as `extern FORCEINLINE`: inline, and yet for other files to call.
bool has_extern_inline(std::string_view text);

// The names in `#include` lines of a text, with slashes.
std::vector<std::string> included_names(std::string_view text);

}  // namespace ndiskit::build
