#include "engine/sim/timer_heap.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <deque>

#include "base/random.h"

namespace ndiskit::engine {
namespace {

struct Sleeper {
    int64_t deadline = 0;
    uint64_t timer_order = 0;
    size_t timer_place = TimerHeap<Sleeper>::not_in_heap;
};

TEST(TimerHeap, GivesTheFirstDeadlineWhateverIsInsertedAndRemoved) {
    Random random(5);
    TimerHeap<Sleeper> heap;
    std::deque<Sleeper> all(200);
    std::vector<Sleeper*> inside;
    for (int step = 0; step < 20000; ++step) {
        Sleeper& one = all[random.below(all.size())];
        if (one.timer_place == TimerHeap<Sleeper>::not_in_heap) {
            one.deadline = static_cast<int64_t>(random.below(50));
            heap.insert(one);
            inside.push_back(&one);
        } else {
            heap.remove(one);
            std::erase(inside, &one);
        }
        ASSERT_EQ(heap.empty(), inside.empty());
        if (inside.empty()) continue;
        const Sleeper* first = *std::min_element(inside.begin(), inside.end(), [](auto* a, auto* b) {
            return std::pair(a->deadline, a->timer_order) < std::pair(b->deadline, b->timer_order);
        });
        ASSERT_EQ(&heap.first(), first);
    }
}

}  // namespace
}  // namespace ndiskit::engine
