// Who sleeps until when: a binary heap over (deadline, order of arrival), in which each sleeper knows its
// place, so that an unpark takes it out at once instead of leaving a dead entry behind.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

namespace ndiskit::engine {

// `Sleeper` has the fields deadline, timer_order and timer_place (not_in_heap while it is in none).
template <class Sleeper>
class TimerHeap {
  public:
    static constexpr size_t not_in_heap = SIZE_MAX;

    bool empty() const { return heap_.empty(); }
    Sleeper& first() const { return *heap_.front(); }

    void insert(Sleeper& sleeper) {
        sleeper.timer_order = next_order_++;
        heap_.push_back(&sleeper);
        rise(heap_.size() - 1);
    }

    void remove(Sleeper& sleeper) {
        const size_t place = sleeper.timer_place;
        sleeper.timer_place = not_in_heap;
        Sleeper* last = heap_.back();
        heap_.pop_back();
        if (last == &sleeper) return;
        put(place, last);
        rise(place);
        sink(last->timer_place);
    }

  private:
    static bool before(const Sleeper& a, const Sleeper& b) {
        return a.deadline != b.deadline ? a.deadline < b.deadline : a.timer_order < b.timer_order;
    }
    void put(size_t place, Sleeper* sleeper) {
        heap_[place] = sleeper;
        sleeper->timer_place = place;
    }
    void rise(size_t place) {
        Sleeper* sleeper = heap_[place];
        while (place > 0 && before(*sleeper, *heap_[(place - 1) / 2])) {
            put(place, heap_[(place - 1) / 2]);
            place = (place - 1) / 2;
        }
        put(place, sleeper);
    }
    void sink(size_t place) {
        Sleeper* sleeper = heap_[place];
        for (;;) {
            size_t child = 2 * place + 1;
            if (child >= heap_.size()) break;
            if (child + 1 < heap_.size() && before(*heap_[child + 1], *heap_[child])) ++child;
            if (!before(*heap_[child], *sleeper)) break;
            put(place, heap_[child]);
            place = child;
        }
        put(place, sleeper);
    }

    std::vector<Sleeper*> heap_;
    uint64_t next_order_ = 0;
};

}  // namespace ndiskit::engine
