// The scheduler interface: everything in the kit that runs, waits, draws a random number or asks for the time
// goes through here, and nothing above knows which engine it is on.
//
// Two engines implement it. *Live* (engine/live): a task is a POSIX thread, time is the monotonic clock, real
// file descriptors can be waited for. *Sim* (engine/sim): tasks are fibers on one OS thread under a virtual
// clock, and a seed decides which runnable task goes next; the same seed gives the same run.
//
// A task gives the processor away in park, wait_readable, switch_point, spin and by ending, nowhere else:
// start, unpark, draw, now and record never switch. None of the five may be called while a lock of
// base/guarded.h is held; both engines assert it.
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
    // What the task is about to sleep for, a literal; only reports read it. The task itself sets it.
    const char* waits_for = nullptr;
};

enum class Wake { unparked, deadline };

// Why a task stops at a switch point; recorded in sim's trace.
enum class SwitchPoint : uint8_t { irql_change, spin_lock, driver_call, driver_return, wait, yield };

class Engine {
  public:
    virtual ~Engine() = default;

    // True on sim: no real time, no real descriptors, one OS thread.
    virtual bool deterministic() const = 0;

    // Never goes back. On sim each query moves the clock on by 100 ns, so that a loop that polls the time
    // ends.
    virtual Time now() = 0;
    // 100 ns units since 1601-01-01 UTC. On sim it starts at a fixed date.
    virtual int64_t system_time() = 0;

    // Runs `main` as the first task; returns when it has returned and every other task has ended. Tasks that
    // still live 10 s (of this engine's time) after `main` returned are a fault, reported by name. May be
    // called again afterwards.
    virtual void run(std::function<void()> main) = 0;

    // Starts a task, which ends when `entry` returns; `context` is there before its first step, for the
    // resume hook. Called by a task. The memory of a Task stays until the engine goes, and may then serve
    // another task: unparking a task that has ended is a spurious wake at worst.
    virtual Task& start(std::string name, std::function<void()> entry, void* context = nullptr) = 0;
    virtual Task& current() = 0;
    // As current(), or null outside of run().
    virtual Task* current_or_null() = 0;

    // Sleeps until somebody unparks this task or `deadline` (as of now()) has come. An unpark that came
    // before the park is not lost: each task has one permit, as in a binary semaphore. What the other did
    // before its unpark is visible after. May wake spuriously with Wake::unparked (some seeds of sim do that
    // on purpose); callers re-check what they wait for. A deadline in the past only takes the permit, if any.
    virtual Wake park(Time deadline) = 0;
    virtual void unpark(Task& task) = 0;

    // A place where another task may run. Live does nothing. Sim may switch, as the seed decides.
    virtual void switch_point(SwitchPoint why) = 0;
    // Called in each round of a loop that spins for another task, with a count of rounds from 0: pauses,
    // later gives the CPU away on live; runs another task on sim.
    virtual void spin(uint32_t round) = 0;

    // Uniform in [0, bound), from the machine's seed. Use it for every choice that is legal either way.
    virtual uint64_t draw(uint64_t bound) = 0;

    // Live only: sleeps until `fd` is readable (or has an error), the task is unparked, or the deadline.
    enum class FdWake { readable, unparked, deadline };
    virtual FdWake wait_readable(int fd, Time deadline) = 0;

    // Called on the task's own stack each time a task begins to run or is switched to, before it goes on. nt
    // sets the GS base here. On live that is once, when the thread begins. Not called for the task that is
    // running while the hook is set.
    virtual void set_resume_hook(void (*hook)(Task& task)) = 0;

    // From here on another seed decides. A fork of a loaded machine calls it in the child, which makes the
    // run that follows a function of that seed alone. Sim: the trace starts anew, in `trace_file` unless
    // empty; a child that does not call it must not have a trace file open. Live: later tasks draw by this
    // seed.
    virtual void reseed(uint64_t seed, const std::string& trace_file = {}) = 0;

    // Sim: 64-bit hash over all that was scheduled, drawn and recorded so far. Live: 0.
    virtual uint64_t trace_hash() const = 0;
    // Adds an event to the trace; numbers only, no addresses. Cheap when no trace file is open.
    virtual void record(uint32_t event, uint64_t a, uint64_t b) = 0;
    // Writes out what the trace file lacks yet. For who ends the process on the spot (a bug check).
    virtual void flush_trace() = 0;
};

// How sim chooses. `by_seed` draws one of the others, because bugs of different depth show under different
// ones.
enum class Schedule : uint8_t {
    by_seed,
    uniform,   // any runnable task, at a drawn rate of switch points
    priority,  // the highest of random priorities, which fall at random moments (as PCT does)
    fifo,      // the longest runnable, seldom preempted: mostly run to completion
    lifo,      // the latest runnable: who was just woken runs before everybody else
};

struct SimOptions {
    uint64_t seed = 1;
    // When not empty, the trace is also written to this file, a line an event.
    std::string trace_file;
    // Called when every task sleeps without a deadline, or spins for ever, or outlives main; must not return.
    // Without one it is an assert. Runs on the stack of the task that was last to sleep.
    std::function<void(const std::string& who_waits_for_what)> on_deadlock;
    Schedule schedule = Schedule::by_seed;
    size_t stack_size = 512 * 1024;
    // Only in a build with TSan: two tasks race, and are reported, when nothing but the schedule orders them,
    // though on sim they never run at once. Otherwise TSan takes all tasks for one thread's work.
    bool find_races = false;
};

struct LiveOptions {
    uint64_t seed = 0;  // 0: from the system's random source
    // How long a task at most spins before it sleeps in the kernel. Tasks whose spinning does not pay spin
    // less.
    Time spin_before_sleep = 30 * microsecond;
    size_t stack_size = 1024 * 1024;
};

std::unique_ptr<Engine> make_sim_engine(SimOptions options);
std::unique_ptr<Engine> make_live_engine(LiveOptions options);

// The engine of this process's machine. Installed once, before anything of nt runs.
Engine& the();
// False before and after a machine; for reports that may come at any time.
bool is_installed();
void install(std::unique_ptr<Engine> engine);
// For tests and for the end of a machine.
void uninstall();

}  // namespace ndiskit::engine
