#include "engine/sim/chooser.h"

#include <algorithm>
#include <iterator>

#include "engine/sim/sim_task.h"

namespace ndiskit::engine {
namespace {

// A task that meets this many switch points in a row is taken off, whatever the style says.
constexpr uint32_t patience = 20'000;
// One pick in so many is blind, so that no style starves a runnable task for ever.
constexpr uint32_t blind_one_in = 256;

template <size_t count>
uint64_t one_of(const uint64_t (&rates)[count], Random& random) {
    return rates[random.below(count)];
}

}  // namespace

void Chooser::restart(Random& random) {
    constexpr Schedule styles[] = {Schedule::uniform, Schedule::priority, Schedule::fifo, Schedule::lifo};
    const Schedule drawn = styles[random.below(std::size(styles))];
    style_ = wanted_ == Schedule::by_seed ? drawn : wanted_;
    if (style_ == Schedule::uniform)
        preempt_one_in_ = one_of({1, 2, 8, 64}, random);
    else
        preempt_one_in_ = one_of({16, 256, 4096, 0}, random);
    demote_one_in_ = one_of({20, 200, 2000, 20000}, random);
    spurious_one_in_ = one_of({0, 0, 20, 200}, random);
    points_in_row_ = picks_ = 0;
    for (Entry& entry : runnable_) entry.task->priority = entry.key = random_priority(random);
    std::make_heap(runnable_.begin(), runnable_.end());
}

void Chooser::push(SimTask& task, int64_t key) {
    runnable_.push_back({key, &task});
    if (keyed()) std::push_heap(runnable_.begin(), runnable_.end());
}

// Between the keys of who fell behind (negative) and nothing.
int64_t Chooser::random_priority(Random& random) { return static_cast<int64_t>(random.below(1ull << 32)); }

void Chooser::add_new(SimTask& task, Random& random) {
    task.priority = random_priority(random);
    add_woken(task, random);
}

void Chooser::add_woken(SimTask& task, Random& random) {
    switch (style_) {
        case Schedule::priority:
            // Or in the end all have fallen behind, and the order is that of a queue.
            if (task.priority < 0 && random.one_in(16)) task.priority = random_priority(random);
            return push(task, task.priority);
        case Schedule::lifo:
            return push(task, ++highest_);
        default:
            return push(task, --lowest_);
    }
}

void Chooser::add_preempted(SimTask& task) {
    if (style_ == Schedule::priority)
        push(task, task.priority);
    else
        push(task, --lowest_);
}

void Chooser::add_yielding(SimTask& task) {
    task.priority = --lowest_;
    push(task, task.priority);
}

bool Chooser::preempts(SimTask& running, Random& random) {
    if (runnable_.empty()) return false;
    if (++points_in_row_ > patience) {
        running.priority = --lowest_;
        return true;
    }
    if (style_ == Schedule::priority) {
        if (random.one_in(demote_one_in_)) running.priority = --lowest_;
        return runnable_.front().key > running.priority;
    }
    return preempt_one_in_ != 0 && random.one_in(preempt_one_in_);
}

SimTask& Chooser::take(Random& random) {
    points_in_row_ = 0;
    const bool blind = ++picks_ % blind_one_in == 0;
    if (keyed() && !blind) {
        std::pop_heap(runnable_.begin(), runnable_.end());
    } else if (runnable_.size() > 1) {
        std::swap(runnable_[random.below(runnable_.size())], runnable_.back());
    }
    SimTask& task = *runnable_.back().task;
    runnable_.pop_back();
    if (keyed() && blind) std::make_heap(runnable_.begin(), runnable_.end());
    return task;
}

}  // namespace ndiskit::engine
