// `ndiskit build`, the verb: its options, and what it prints. Mounted by the ndiskit command and by
// ndiskit_build_tool, which builds the kit's own drivers.
#pragma once

namespace CLI {
class App;
}

namespace ndiskit::build {

// Adds the options to `app`. When `app` is chosen, `*exit_status` is set: 0 built, 1 the build failed, 2 bad
// input.
void add_verb(CLI::App& app, int* exit_status);

}  // namespace ndiskit::build
