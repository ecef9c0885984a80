// The live engine: a POSIX thread a task, the monotonic clock, real descriptors. The thread that calls run()
// is the first task. Task objects are kept and reused until the engine goes, so an unpark that comes late
// hits memory that is still a task's. Signal handlers and masks belong to nt.
#pragma once

#include <pthread.h>

#include <atomic>
#include <deque>
#include <vector>

#include "base/guarded.h"
#include "base/random.h"
#include "engine/engine.h"
#include "engine/live/parker.h"

namespace ndiskit::engine {

class LiveEngine;

struct LiveTask : Task {
    LiveEngine* engine = nullptr;
    Parker parker;
    Random random{0};  // its own stream, so that draw() shares nothing
    std::function<void()> entry;
    pthread_t thread{};
};

class LiveEngine final : public Engine {
  public:
    explicit LiveEngine(LiveOptions options);
    ~LiveEngine() override;

    bool deterministic() const override { return false; }
    Time now() override { return monotonic_now() - epoch_; }
    int64_t system_time() override;
    void run(std::function<void()> main) override;
    Task& start(std::string name, std::function<void()> entry, void* context) override;
    Task& current() override;
    Task* current_or_null() override;
    Wake park(Time deadline) override;
    void unpark(Task& task) override { static_cast<LiveTask&>(task).parker.unpark(); }
    void switch_point(SwitchPoint why) override;
    void spin(uint32_t round) override;
    uint64_t draw(uint64_t bound) override;
    FdWake wait_readable(int fd, Time deadline) override;
    void set_resume_hook(void (*hook)(Task& task)) override { resume_hook_ = hook; }
    void reseed(uint64_t seed, const std::string& trace_file) override;
    uint64_t trace_hash() const override { return 0; }
    void record(uint32_t, uint64_t, uint64_t) override {}
    void flush_trace() override {}

  private:
    struct Tasks {
        std::deque<LiveTask> all;      // a deque, because tasks do not move
        std::vector<LiveTask*> alive;  // in order of creation
        std::vector<LiveTask*> ended;  // their threads are still to be joined
        std::vector<LiveTask*> unused;
        uint32_t next_id = 0;
        uint64_t seed = 0;
        Random outside{0};  // for draw() outside of run()
    };

    LiveTask& new_task(std::string name, std::function<void()> entry, void* context);
    static void* thread_main(void* task);
    void begin_on_this_thread(LiveTask& task);
    void end(LiveTask& task, std::vector<LiveTask*> Tasks::*where_to);
    void join_ended();
    void wait_for_all_to_end(LiveTask& main);
    Time absolute(Time deadline) const;

    const LiveOptions options_;
    const Time epoch_;
    Guarded<Tasks, LockRank::engine> tasks_;
    std::atomic<LiveTask*> main_ = nullptr;
    std::atomic<void (*)(Task&)> resume_hook_ = nullptr;
};

}  // namespace ndiskit::engine
