#include "engine/engine.h"

#include "base/assert.h"

namespace ndiskit::engine {
namespace {

// A plain pointer: it is set before any task runs and cleared after the last has ended.
Engine* installed = nullptr;

}  // namespace

Engine& the() {
    ASSERT_THAT(installed != nullptr, "no engine is installed");
    return *installed;
}

bool is_installed() { return installed != nullptr; }

void install(std::unique_ptr<Engine> engine) {
    ASSERT_THAT(installed == nullptr, "an engine is installed already");
    installed = engine.release();
}

void uninstall() {
    delete installed;
    installed = nullptr;
}

}  // namespace ndiskit::engine
