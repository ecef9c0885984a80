// The scheduler interface: everything in the kit that runs, waits, draws a random number or asks for the time
// goes through here, and nothing above knows which engine it is on.
//
// Two engines implement it. *Live* (engine/live): a task is a POSIX thread, time is the monotonic clock, real
// file descriptors can be waited for. *Sim* (engine/sim): tasks are fibers on one OS thread under a virtual
// clock, and a seed decides which runnable task goes next; the same seed gives the same run.
//
// What NT adds on top (threads, dispatcher objects, IRQL, processors, DPCs) is in src/nt and is written once.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/result.h"

namespace ndiskit::engine {

// Nanoseconds since the machine started.
using Time = int64_t;
constexpr Time never = INT64_MAX;
constexpr Time microsecond = 1'000;
constexpr Time millisecond = 1'000'000;
constexpr Time second = 1'000'000'000;

// One flow of control. `context` belongs to the layer above (nt keeps its thread object there).
struct Task {
    std::string name;
    uint32_t id = 0;  // in order of creation, from 0; the same on each run of a seed
    void* context = nullptr;
};

enum class Wake { unparked, deadline };

// Why a task stops at a switch point; recorded in sim's trace.
enum class SwitchPoint : uint8_t { irql_change, spin_lock, driver_call, driver_return, wait, yield };

class Engine {
  public:
    virtual ~Engine() = default;

    // True on sim: no real time, no real descriptors, one OS thread.
    virtual bool deterministic() const = 0;

    virtual Time now() = 0;
    // 100 ns units since 1601-01-01 UTC. On sim it starts at a fixed date.
    virtual int64_t system_time() = 0;

    // Runs `main` as the first task; returns when it has returned. Other tasks must have ended by then.
    virtual void run(std::function<void()> main) = 0;

    // Starts a task, which ends when `entry` returns. The Task stays valid until it has ended.
    virtual Task& start(std::string name, std::function<void()> entry) = 0;
    virtual Task& current() = 0;

    // Sleeps until somebody unparks this task or `deadline` (as of now()) has come. An unpark that came
    // before the park is not lost: each task has one permit, as in a binary semaphore. May wake spuriously
    // with Wake::unparked; callers re-check what they wait for.
    virtual Wake park(Time deadline) = 0;
    virtual void unpark(Task& task) = 0;

    // A place where another task may run. Live does nothing. Sim may switch, as the seed decides. Must not
    // be called while a lock of base/guarded.h is held.
    virtual void switch_point(SwitchPoint why) = 0;
    // Called in each round of a loop that spins for another task: pauses, later gives the CPU away on live;
    // runs another task on sim.
    virtual void spin(uint32_t round) = 0;

    // Uniform in [0, bound), from the machine's seed. Use it for every choice that is legal either way.
    virtual uint64_t draw(uint64_t bound) = 0;

    // Live only: sleeps until `fd` is readable (or has an error), the task is unparked, or the deadline.
    enum class FdWake { readable, unparked, deadline };
    virtual FdWake wait_readable(int fd, Time deadline) = 0;

    // Called on the task's own stack each time a task begins to run or is switched to, before it goes on. nt
    // sets the GS base here.
    virtual void set_resume_hook(void (*hook)(Task& task)) = 0;

    // Sim: 64-bit hash over all that was scheduled and recorded so far. Live: 0.
    virtual uint64_t trace_hash() const = 0;
    // Adds an event to the trace; numbers only, no addresses. Cheap when tracing is off.
    virtual void record(uint32_t event, uint64_t a, uint64_t b) = 0;
};

struct SimOptions {
    uint64_t seed = 1;
    // When not empty, the trace is also written to this file, a line an event.
    std::string trace_file;
    // Called when every task sleeps without a deadline; must not return. Without one it is an assert.
    std::function<void(const std::string& who_waits_for_what)> on_deadlock;
};

struct LiveOptions {
    uint64_t seed = 0;  // 0: from the system's random source
};

std::unique_ptr<Engine> make_sim_engine(SimOptions options);
std::unique_ptr<Engine> make_live_engine(LiveOptions options);

// The engine of this process's machine. Installed once, before anything of nt runs.
Engine& the();
void install(std::unique_ptr<Engine> engine);
// For tests and for the end of a machine.
void uninstall();

}  // namespace ndiskit::engine
