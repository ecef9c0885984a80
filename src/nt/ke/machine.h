// The NT kernel of this process's machine: brings processors, DPC tasks, timers and worker threads up and
// down. Called in a task of the engine; between start and stop that task is an NT thread at PASSIVE_LEVEL.
//
//     engine::install(engine::make_sim_engine({.seed = 1}));
//     engine::the().run([] {
//         nt::ke::start({.processors = 2});
//         ...
//         nt::ke::stop();
//     });
#pragma once

#include <cstdint>

namespace ndiskit::nt::ke {

struct Options {
    uint32_t processors = 2;
};

void start(Options options);
// Waits until all that the kernel runs has ended. Threads of drivers must have ended before: one that has not
// is bug check 0xCE, with its name.
void stop();

// True on sim; fixed at start.
extern bool deterministic;
// True once stop has begun: the kernel's own tasks return.
bool stopping();

}  // namespace ndiskit::nt::ke
