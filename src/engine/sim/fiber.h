// Fibers: stacks and the switch between them, nothing about who runs when. A Fiber without a stack of its own
// stands for the OS thread's stack, from which the first switch is made. Not thread-safe: one OS thread uses
// them all. Stacks have a guard page below and are reused, because a run of sim starts many short tasks.
#pragma once

#include <cstddef>
#include <vector>

namespace ndiskit::engine {

struct Stack {
    std::byte* bottom = nullptr;
    size_t size = 0;
};

class StackPool {
  public:
    explicit StackPool(size_t stack_size);
    ~StackPool();
    StackPool(const StackPool&) = delete;
    StackPool& operator=(const StackPool&) = delete;

    Stack take();
    // The caller may still be running on it, when it is about to leave for good.
    void give_back(Stack stack) { free_.push_back(stack); }

  private:
    const size_t stack_size_;
    std::vector<Stack> all_;
    std::vector<Stack> free_;
};

class Fiber {
  public:
    Fiber() = default;
    ~Fiber();
    Fiber(const Fiber&) = delete;
    Fiber& operator=(const Fiber&) = delete;

    // Makes this fiber begin at `entry(argument)` on `stack` when it is first switched to. `entry` must call
    // arrived() first and must not return.
    void prepare(Stack stack, void (*entry)(void*), void* argument);
    Stack stack() const { return stack_; }

    // Leaves the running fiber `from` for `to`. Returns when somebody switches back, which must not happen
    // when it is for good. Under TsanLooksAway.
    static void switch_to(Fiber& from, Fiber& to, bool for_good);
    // For TSan: whether a switch orders what fibers do.
    static void set_switches_order(bool order) { switches_order_ = order; }
    // The first call of a fiber's entry.
    static void arrived(Fiber& self);

  private:
    static inline bool switches_order_ = true;
    void* stack_pointer_ = nullptr;
    Stack stack_;
    void* asan_fake_stack_ = nullptr;
    void* tsan_fiber_ = nullptr;
    bool tsan_owned_ = false;
};

}  // namespace ndiskit::engine
