#include "engine/live/live_engine.h"

#include <sched.h>
#include <sys/random.h>
#include <time.h>

#include <algorithm>

#include "base/assert.h"

namespace ndiskit::engine {
namespace {

constexpr Time end_grace = 10 * second;
// 1970-01-01 in 100 ns units since 1601-01-01.
constexpr int64_t unix_epoch = 116'444'736'000'000'000;
// spin(): rounds that only pause, ever longer, before the CPU is given away.
constexpr uint32_t rounds_of_pauses = 8;

thread_local constinit LiveTask* current_task = nullptr;

uint64_t random_seed() {
    uint64_t seed = 0;
    ASSERT_THAT(::getrandom(&seed, sizeof seed, 0) == sizeof seed, "the system has no random numbers");
    return seed;
}

LiveTask& current_live() {
    ASSERT_THAT(current_task != nullptr, "called outside of a task");
    return *current_task;
}

void assert_may_sleep() {
    ASSERT_THAT(HeldRanks::none(), "task '{}' holds a lock of the kit where it may sleep",
                current_live().name);
}

}  // namespace

LiveEngine::LiveEngine(LiveOptions options) : options_(options), epoch_(monotonic_now()) {
    reseed(options.seed != 0 ? options.seed : random_seed(), {});
}

LiveEngine::~LiveEngine() {
    join_ended();
    ASSERT_THAT(tasks_.with([](Tasks& tasks) { return tasks.alive.empty(); }),
                "the engine is deleted while tasks live");
}

void LiveEngine::reseed(uint64_t seed, const std::string&) {
    tasks_.with([&](Tasks& tasks) {
        tasks.seed = seed;
        tasks.outside = Random(seed);
    });
}

int64_t LiveEngine::system_time() {
    timespec time;
    ::clock_gettime(CLOCK_REALTIME, &time);
    return unix_epoch + time.tv_sec * 10'000'000 + time.tv_nsec / 100;
}

LiveTask& LiveEngine::new_task(std::string name, std::function<void()> entry, void* context) {
    return tasks_.with([&](Tasks& tasks) -> LiveTask& {
        if (tasks.unused.empty()) {
            tasks.unused.push_back(&tasks.all.emplace_back());
            tasks.unused.back()->parker.set_spin_limit(options_.spin_before_sleep);
        }
        LiveTask& task = *tasks.unused.back();
        tasks.unused.pop_back();
        task.name = std::move(name);
        task.id = tasks.next_id++;
        task.context = context;
        task.waits_for = nullptr;
        task.engine = this;
        task.entry = std::move(entry);
        task.random = Random(tasks.seed ^ (0xd1342543de82ef95 * (task.id + 1)));
        tasks.alive.push_back(&task);
        return task;
    });
}

Task& LiveEngine::start(std::string name, std::function<void()> entry, void* context) {
    ASSERT_THAT(current_task != nullptr, "task '{}' is started outside of run()", name);
    join_ended();
    LiveTask& task = new_task(std::move(name), std::move(entry), context);
    pthread_attr_t attributes;
    ::pthread_attr_init(&attributes);
    ::pthread_attr_setstacksize(&attributes, options_.stack_size);
    const int error = ::pthread_create(&task.thread, &attributes, &LiveEngine::thread_main, &task);
    ::pthread_attr_destroy(&attributes);
    ASSERT_THAT(error == 0, "no thread for task '{}': error {}", task.name, error);
    return task;
}

void LiveEngine::begin_on_this_thread(LiveTask& task) {
    current_task = &task;
    if (auto* hook = resume_hook_.load(std::memory_order_acquire)) hook(task);
}

void* LiveEngine::thread_main(void* argument) {
    auto& task = *static_cast<LiveTask*>(argument);
    ::pthread_setname_np(::pthread_self(), task.name.substr(0, 15).c_str());
    task.engine->begin_on_this_thread(task);
    task.entry();
    task.entry = nullptr;
    task.engine->end(task, &Tasks::ended);
    return nullptr;
}

void LiveEngine::end(LiveTask& task, std::vector<LiveTask*> Tasks::*where_to) {
    ASSERT_THAT(HeldRanks::none(), "task '{}' ends with a lock of the kit held", task.name);
    current_task = nullptr;
    tasks_.with([&](Tasks& tasks) {
        std::erase(tasks.alive, &task);
        (tasks.*where_to).push_back(&task);
        // Under the lock: main must not go before its permit has come.
        if (LiveTask* main = main_.load(std::memory_order_relaxed); main != nullptr && main != &task)
            main->parker.unpark();
    });
}

void LiveEngine::join_ended() {
    std::vector<LiveTask*> ended = tasks_.with([](Tasks& tasks) { return std::exchange(tasks.ended, {}); });
    for (LiveTask* task : ended) ::pthread_join(task->thread, nullptr);
    tasks_.with([&](Tasks& tasks) { tasks.unused.insert(tasks.unused.end(), ended.begin(), ended.end()); });
}

void LiveEngine::run(std::function<void()> main) {
    ASSERT_THAT(current_task == nullptr, "run() is called by a task");
    LiveTask& task = new_task("main", {}, nullptr);
    begin_on_this_thread(task);
    main();
    main = nullptr;
    wait_for_all_to_end(task);
    main_ = nullptr;
    end(task, &Tasks::unused);
    join_ended();
}

void LiveEngine::wait_for_all_to_end(LiveTask& main) {
    main_ = &main;
    const Time end_by = now() + end_grace;
    const auto only_main_lives = [](Tasks& tasks) { return tasks.alive.size() == 1; };
    while (!tasks_.with(only_main_lives)) {
        if (park(end_by) == Wake::unparked) continue;
        std::string names;
        tasks_.with([&](Tasks& tasks) {
            for (const LiveTask* task : tasks.alive)
                if (task != &main) names += fmt::format("\n  task {} '{}'", task->id, task->name);
        });
        UNREACHABLE("main has returned, but tasks live on:{}", names);
    }
}

Task& LiveEngine::current() { return current_live(); }
Task* LiveEngine::current_or_null() { return current_task; }

Time LiveEngine::absolute(Time deadline) const {
    return deadline >= never - epoch_ ? never : deadline + epoch_;
}

Wake LiveEngine::park(Time deadline) {
    assert_may_sleep();
    return current_live().parker.park(absolute(deadline));
}

Engine::FdWake LiveEngine::wait_readable(int fd, Time deadline) {
    assert_may_sleep();
    return current_live().parker.wait_readable(fd, absolute(deadline));
}

void LiveEngine::switch_point(SwitchPoint) { assert_may_sleep(); }

void LiveEngine::spin(uint32_t round) {
    assert_may_sleep();
    if (round >= rounds_of_pauses) {
        ::sched_yield();
        return;
    }
    for (uint32_t i = 0; i < (2u << round); ++i) __builtin_ia32_pause();
}

uint64_t LiveEngine::draw(uint64_t bound) {
    if (current_task != nullptr) return current_task->random.below(bound);
    return tasks_.with([&](Tasks& tasks) { return tasks.outside.below(bound); });
}

std::unique_ptr<Engine> make_live_engine(LiveOptions options) {
    return std::make_unique<LiveEngine>(options);
}

}  // namespace ndiskit::engine
