// Who runs next. The chooser holds the runnable tasks that are not running and picks among them, in one of
// the styles of engine.h: which interleavings a seed tries depends mostly on the style, so a batch of seeds
// that draws all of them finds shallow and deep bugs alike.
//
// In the keyed styles (all but uniform) the tasks form a heap, highest key first. Every style is fair in the
// end: who spins or yields goes behind everybody else, a task that never stops is taken off after many switch
// points, and now and then the pick is blind.
#pragma once

#include <cstdint>
#include <vector>

#include "base/random.h"
#include "engine/engine.h"

namespace ndiskit::engine {

struct SimTask;

class Chooser {
  public:
    explicit Chooser(Schedule style) : wanted_(style) {}

    // Draws the style (if that is left to the seed) and its rates, and new keys for who is runnable.
    void restart(Random& random);

    bool empty() const { return runnable_.empty(); }
    size_t size() const { return runnable_.size(); }

    // `task` began, or was woken.
    void add_new(SimTask& task, Random& random);
    void add_woken(SimTask& task, Random& random);
    // `task` was taken off at a switch point, or gave way by itself to everybody else.
    void add_preempted(SimTask& task);
    void add_yielding(SimTask& task);

    // Whether the running task is to be taken off here.
    bool preempts(SimTask& running, Random& random);
    // Takes one out; there must be one.
    SimTask& take(Random& random);

    // Whether a park returns for no reason.
    bool wakes_spuriously(Random& random) { return spurious_one_in_ != 0 && random.one_in(spurious_one_in_); }
    Schedule style() const { return style_; }

  private:
    struct Entry {
        int64_t key;
        SimTask* task;
        bool operator<(const Entry& other) const { return key < other.key; }
    };
    bool keyed() const { return style_ != Schedule::uniform; }
    void push(SimTask& task, int64_t key);
    int64_t random_priority(Random& random);

    const Schedule wanted_;
    Schedule style_ = Schedule::uniform;
    uint64_t preempt_one_in_ = 1;   // 0: never
    uint64_t demote_one_in_ = 1;    // priority only: how often the running task falls behind all others
    uint64_t spurious_one_in_ = 0;  // 0: never
    uint32_t points_in_row_ = 0;    // switch points since somebody else ran
    uint32_t picks_ = 0;
    int64_t highest_ = 0;  // ever newer keys, for lifo
    int64_t lowest_ = 0;   // ever older keys: behind everybody else
    std::vector<Entry> runnable_;
};

}  // namespace ndiskit::engine
