// Runs a test body as the first thread of an NT machine, at PASSIVE_LEVEL.
#pragma once

#include <gtest/gtest.h>

#include <cstdint>
#include <functional>

#include "engine/engine.h"
#include "nt/ke/machine.h"

namespace ndiskit::test {

inline void run_machine(std::unique_ptr<engine::Engine> engine, const std::function<void()>& body,
                        uint32_t processors) {
    engine::install(std::move(engine));
    engine::the().run([&] {
        nt::ke::start({.processors = processors});
        body();
        nt::ke::stop();
    });
    engine::uninstall();
}

inline void on_sim(const std::function<void()>& body, uint64_t seed = 1, uint32_t processors = 2) {
    run_machine(engine::make_sim_engine({.seed = seed}), body, processors);
}

// Once for each of `seeds` seeds, each on a machine of its own; a failure names its seed.
inline void on_seeds(uint64_t seeds, const std::function<void()>& body, uint32_t processors = 2) {
    for (uint64_t seed = 1; seed <= seeds && !testing::Test::HasFailure(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        on_sim(body, seed, processors);
    }
}

inline void on_live(const std::function<void()>& body, uint32_t processors = 2) {
    run_machine(engine::make_live_engine({}), body, processors);
}

}  // namespace ndiskit::test
