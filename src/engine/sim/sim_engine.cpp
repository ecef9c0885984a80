#include "engine/sim/sim_engine.h"

#include "base/assert.h"
#include "base/guarded.h"
#include "engine/sim/sanitizers.h"

namespace ndiskit::engine {
namespace {

constexpr Time query_step = 100;
constexpr Time end_grace = 10 * second;
// 2024-01-01 00:00:00 UTC, in 100 ns units since 1601.
constexpr int64_t first_system_time = 133'485'408'000'000'000;
// When all that runs are spinners, time passes for them: after so many rounds a task the clock moves on to
// the next deadline; after so many more with nothing to wait for they spin for ever.
constexpr uint64_t spins_until_clock_moves = 64;
constexpr uint64_t spins_for_ever = 2'000'000;

constexpr std::string_view name_of(SwitchPoint why) {
    switch (why) {
        case SwitchPoint::irql_change:
            return "irql_change";
        case SwitchPoint::spin_lock:
            return "spin_lock";
        case SwitchPoint::driver_call:
            return "driver_call";
        case SwitchPoint::driver_return:
            return "driver_return";
        case SwitchPoint::wait:
            return "wait";
        case SwitchPoint::yield:
            return "yield";
    }
    return "?";
}

// Why a task left, in the trace: a SwitchPoint, or one of these.
constexpr uint64_t left_to_sleep = 16;
constexpr uint64_t left_spinning = 17;
constexpr uint64_t left_for_good = 18;

void assert_may_switch(const SimTask* current) {
    ASSERT_THAT(current != nullptr, "called outside of a task");
    ASSERT_THAT(HeldRanks::none(), "task '{}' holds a lock of the kit where another may run", current->name);
}

}  // namespace

SimEngine::SimEngine(SimOptions options)
    : options_(std::move(options)),
      random_(options_.seed),
      chooser_(options_.schedule),
      stacks_(options_.stack_size) {
    Fiber::set_switches_order(!options_.find_races);
    reseed(options_.seed, options_.trace_file);
}

SimEngine::~SimEngine() { ASSERT_THAT(current_ == nullptr, "the engine is deleted by one of its tasks"); }

void SimEngine::reseed(uint64_t seed, const std::string& trace_file) {
    TsanLooksAway own_data;
    seed_ = seed;
    random_ = Random(seed);
    trace_.restart(trace_file);
    chooser_.restart(random_);
    trace_.mix(seed);
}

void SimEngine::trace(Event event, std::string_view name, uint64_t a, uint64_t b) {
    trace_.add(clock_, current_ == nullptr ? UINT32_MAX : current_->id, name, event, a, b);
}

void SimEngine::record(uint32_t event, uint64_t a, uint64_t b) {
    TsanLooksAway own_data;
    trace_.add(clock_, current_ == nullptr ? UINT32_MAX : current_->id, {}, event, a, b);
}

Time SimEngine::now() {
    TsanLooksAway own_data;
    return clock_ += query_step;
}

int64_t SimEngine::system_time() { return first_system_time + now() / 100; }

uint64_t SimEngine::draw(uint64_t bound) {
    TsanLooksAway own_data;
    const uint64_t result = random_.below(bound);
    trace(drawn, "draw", bound, result);
    return result;
}

Task& SimEngine::current() {
    ASSERT_THAT(current_ != nullptr, "called outside of a task");
    return *current_;
}

SimTask& SimEngine::new_task(std::string name, std::function<void()> entry, void* context) {
    if (ended_.empty()) ended_.push_back(&tasks_.emplace_back());
    SimTask& task = *ended_.back();
    ended_.pop_back();
    task.name = std::move(name);
    task.id = next_id_++;
    task.context = context;
    task.waits_for = nullptr;
    task.engine = this;
    task.entry = std::move(entry);
    task.state = State::runnable;
    task.permit = false;
    task.fiber.prepare(stacks_.take(), &SimEngine::task_main, &task);
    ++alive_;
    spins_in_row_ = 0;
    chooser_.add_new(task, random_);
    trace(task_start, "start", task.id, 0);
    tsan_release(&task);
    return task;
}

Task& SimEngine::start(std::string name, std::function<void()> entry, void* context) {
    TsanLooksAway own_data;
    ASSERT_THAT(current_ != nullptr, "task '{}' is started outside of run()", name);
    return new_task(std::move(name), std::move(entry), context);
}

void SimEngine::run(std::function<void()> main) {
    ASSERT_THAT(current_ == nullptr, "run() is called by a task");
    TsanLooksAway own_data;
    end_by_ = never;
    main_ = &new_task("main", std::move(main), nullptr);
    current_ = &chooser_.take(random_);
    current_->state = State::running;
    Fiber::switch_to(outside_, current_->fiber, false);
    tsan_acquire(this);
    ASSERT_THAT(alive_ == 0 && chooser_.empty() && timers_.empty());
}

void SimEngine::task_main(void* argument) {
    auto& task = *static_cast<SimTask*>(argument);
    Fiber::arrived(task.fiber);
    {
        TsanLooksAway own_data;
        tsan_acquire(&task);
        task.engine->go_on();
    }
    task.entry();
    task.engine->end_current();
    UNREACHABLE("an ended task ran again");
}

void SimEngine::end_current() {
    assert_may_switch(current_);
    TsanLooksAway own_data;
    SimTask& self = *current_;
    self.entry = nullptr;
    trace(task_end, "end", self.id, 0);
    if (&self == main_) {
        main_ = nullptr;
        end_by_ = clock_ + end_grace;
    }
    self.state = State::ended;
    --alive_;
    spins_in_row_ = 0;
    // The stack and the object may be handed out again only by whoever runs next, when this one has left.
    stacks_.give_back(self.fiber.stack());
    ended_.push_back(&self);
    tsan_release(this);
    if (alive_ == 0) {
        current_ = nullptr;
        Fiber::switch_to(self.fiber, outside_, true);
    }
    leave_current(left_for_good);
}

void SimEngine::make_runnable(SimTask& task, Wake by) {
    if (task.timer_place != TimerHeap<SimTask>::not_in_heap) timers_.remove(task);
    task.woken_by = by;
    task.state = State::runnable;
    spins_in_row_ = 0;
    chooser_.add_woken(task, random_);
    trace(wake, by == Wake::unparked ? "unpark" : "deadline", task.id, 0);
}

void SimEngine::wake_who_is_due() {
    while (!timers_.empty() && timers_.first().deadline <= clock_)
        make_runnable(timers_.first(), Wake::deadline);
}

void SimEngine::move_clock_to_first_deadline() {
    const Time first = timers_.first().deadline;
    if (first > end_by_) report_stuck("main has returned, but tasks live on:");
    if (first > clock_) clock_ = first;
    trace(clock_moves, "clock", 0, 0);
    wake_who_is_due();
}

SimTask& SimEngine::pick_next() {
    wake_who_is_due();
    while (chooser_.empty()) {
        if (timers_.empty())
            report_stuck(main_ != nullptr ? "deadlock, every task sleeps without a deadline:"
                                          : "main has returned, but tasks sleep on without a deadline:");
        const Time before = clock_;
        move_clock_to_first_deadline();
        slept_ += clock_ - before;
    }
    return chooser_.take(random_);
}

void SimEngine::leave_current(uint64_t why) {
    SimTask& self = *current_;
    SimTask& next = pick_next();
    trace(task_switch, why <= uint64_t(SwitchPoint::yield) ? name_of(SwitchPoint(why)) : "switch", next.id,
          why);
    next.state = State::running;
    if (&next == &self) return;
    current_ = &next;
    Fiber::switch_to(self.fiber, next.fiber, why == left_for_good);
    go_on();
}

void SimEngine::go_on() {
    if (resume_hook_ != nullptr) resume_hook_(*current_);
}

Wake SimEngine::park(Time deadline) {
    assert_may_switch(current_);
    TsanLooksAway own_data;
    SimTask& self = *current_;
    if (self.permit || (deadline > clock_ && chooser_.wakes_spuriously(random_))) {
        self.permit = false;
        tsan_acquire(&self);
        return Wake::unparked;
    }
    if (deadline <= clock_) return Wake::deadline;
    self.state = State::asleep;
    if (deadline != never) {
        self.deadline = deadline;
        timers_.insert(self);
    }
    leave_current(left_to_sleep);
    tsan_acquire(&self);
    return self.woken_by;
}

void SimEngine::unpark(Task& task) {
    TsanLooksAway own_data;
    auto& target = static_cast<SimTask&>(task);
    tsan_release(&target);
    if (target.state == State::asleep)
        make_runnable(target, Wake::unparked);
    else if (target.state != State::ended)
        target.permit = true;
}

void SimEngine::switch_point(SwitchPoint why) {
    assert_may_switch(current_);
    TsanLooksAway own_data;
    if (why == SwitchPoint::yield) {
        chooser_.add_yielding(*current_);
    } else {
        wake_who_is_due();
        if (!chooser_.preempts(*current_, random_)) return;
        chooser_.add_preempted(*current_);
    }
    current_->state = State::runnable;
    leave_current(uint64_t(why));
}

void SimEngine::spin(uint32_t) {
    assert_may_switch(current_);
    TsanLooksAway own_data;
    spun();
    chooser_.add_yielding(*current_);
    current_->state = State::runnable;
    leave_current(left_spinning);
}

// Spinners see time pass, or a loop that waits for a sleeper by spinning would never end.
void SimEngine::spun() {
    if (++spins_in_row_ <= spins_until_clock_moves * (1 + chooser_.size())) return;
    if (!timers_.empty()) {
        move_clock_to_first_deadline();
        spins_in_row_ = 0;
    } else if (spins_in_row_ > spins_for_ever) {
        report_stuck("every task that does not sleep spins for ever:");
    }
}

std::string SimEngine::describe_tasks() const {
    std::string text;
    for (const SimTask& task : tasks_) {
        if (task.state == State::ended) continue;
        text += fmt::format("\n  task {} '{}' ", task.id, task.name);
        if (task.state != State::asleep) {
            text += "runs";
            continue;
        }
        text += "sleeps";
        if (task.timer_place != TimerHeap<SimTask>::not_in_heap)
            text += fmt::format(" for another {} us", (task.deadline - clock_) / microsecond);
        if (task.waits_for != nullptr) text += fmt::format(", waits for {}", task.waits_for);
    }
    return text;
}

void SimEngine::report_stuck(const std::string& what) {
    trace_.flush();
    const std::string text = fmt::format("{} (seed {}, virtual time {} us){}", what, seed_,
                                         clock_ / microsecond, describe_tasks());
    TsanLooksAway::stop();
    if (options_.on_deadlock) options_.on_deadlock(text);
    assert_failed(__FILE__, __LINE__, "some task can run", text);
}

Engine::FdWake SimEngine::wait_readable(int, Time) {
    UNREACHABLE("sim has no descriptors; wait_readable belongs to live");
}

std::unique_ptr<Engine> make_sim_engine(SimOptions options) {
    return std::make_unique<SimEngine>(std::move(options));
}

}  // namespace ndiskit::engine
