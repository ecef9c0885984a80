// Callbacks that drivers register for a bug check. The crash report calls them, once, on the thread that
// crashed.
#pragma once

#include <cstdint>

namespace ndiskit::nt::ke {

// Calls the callbacks of KeRegisterBugCheckCallback, then those for secondary dump data. Each record is
// marked before its routine is called, so that a crash inside a callback does not call it again.
void run_bug_check_callbacks();

}  // namespace ndiskit::nt::ke
