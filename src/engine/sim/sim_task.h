// A task of the sim engine and the state it is in. Objects are kept and reused until the engine goes.
#pragma once

#include <functional>

#include "engine/engine.h"
#include "engine/sim/fiber.h"
#include "engine/sim/timer_heap.h"

namespace ndiskit::engine {

class SimEngine;

struct SimTask : Task {
    enum class State : uint8_t { ended, runnable, running, asleep };

    SimEngine* engine = nullptr;
    Fiber fiber;
    std::function<void()> entry;
    State state = State::ended;
    bool permit = false;
    Wake woken_by = Wake::unparked;

    // TimerHeap's, while asleep with a deadline.
    Time deadline = never;
    uint64_t timer_order = 0;
    size_t timer_place = TimerHeap<SimTask>::not_in_heap;

    // Chooser's.
    int64_t priority = 0;
};

}  // namespace ndiskit::engine
