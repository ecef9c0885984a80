// The sim engine: one OS thread, a fiber a task, a clock that stands still while anybody can run. Whoever
// stops picks its successor and switches to it directly; the stack that called run() is used again only when
// the last task has ended. Nothing here depends on addresses, and no other thread exists, so a fork is a
// second machine.
#pragma once

#include <deque>

#include "base/random.h"
#include "engine/engine.h"
#include "engine/sim/chooser.h"
#include "engine/sim/sim_task.h"
#include "engine/sim/trace.h"

namespace ndiskit::engine {

class SimEngine final : public Engine {
  public:
    explicit SimEngine(SimOptions options);
    ~SimEngine() override;

    bool deterministic() const override { return true; }
    Time now() override;
    int64_t system_time() override;
    void run(std::function<void()> main) override;
    Task& start(std::string name, std::function<void()> entry, void* context) override;
    Task& current() override;
    Task* current_or_null() override { return current_; }
    Wake park(Time deadline) override;
    void unpark(Task& task) override;
    void switch_point(SwitchPoint why) override;
    void spin(uint32_t round) override;
    uint64_t draw(uint64_t bound) override;
    FdWake wait_readable(int fd, Time deadline) override;
    void set_resume_hook(void (*hook)(Task& task)) override { resume_hook_ = hook; }
    void reseed(uint64_t seed, const std::string& trace_file) override;
    uint64_t trace_hash() const override { return trace_.hash(); }
    void record(uint32_t event, uint64_t a, uint64_t b) override;
    void flush_trace() override { trace_.flush(); }

    // Virtual time during which some task did not sleep.
    Time busy_time() const { return clock_ - slept_; }

  private:
    using State = SimTask::State;
    // Codes of the engine's own events in the trace; those of record() are 32 bits wide, so these do not
    // clash.
    enum Event : uint64_t { task_start = 1ull << 32, task_end, task_switch, clock_moves, wake, drawn };

    SimTask& new_task(std::string name, std::function<void()> entry, void* context);
    static void task_main(void* task);
    void end_current();

    void make_runnable(SimTask& task, Wake by);
    void wake_who_is_due();
    void move_clock_to_first_deadline();
    SimTask& pick_next();
    // Leaves the current task, which has been put where it belongs, for the next one. Returns when it runs
    // again.
    void leave_current(uint64_t why);
    void go_on();

    void spun();
    std::string describe_tasks() const;
    void report_stuck(const std::string& what);
    void trace(Event event, std::string_view name, uint64_t a, uint64_t b);

    const SimOptions options_;
    uint64_t seed_ = 0;
    Random random_;
    Trace trace_;
    Chooser chooser_;
    TimerHeap<SimTask> timers_;
    StackPool stacks_;
    std::deque<SimTask> tasks_;  // a deque, because tasks do not move
    std::vector<SimTask*> ended_;
    Fiber outside_;  // the stack that called run()
    SimTask* current_ = nullptr;
    SimTask* main_ = nullptr;
    void (*resume_hook_)(Task&) = nullptr;
    Time clock_ = 0;
    Time slept_ = 0;  // how far the clock has moved while every task slept
    Time end_by_ = never;  // by when all must have ended, once main has returned
    uint32_t next_id_ = 0;
    uint32_t alive_ = 0;
    uint64_t spins_in_row_ = 0;  // rounds of spin() since anything else happened
};

}  // namespace ndiskit::engine
