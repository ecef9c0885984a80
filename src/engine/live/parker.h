// The permit of one task of the live engine, and how its thread sleeps for it. A word says which: empty,
// permit, asleep (in a futex on that word), or polling (in ppoll on an eventfd beside the caller's
// descriptor). Who unparks leaves a permit by one atomic exchange and makes a system call only when the word
// said that somebody sleeps.
//
// A sleep is preceded by a spin, because a hand-off through the kernel costs tens of microseconds on small
// machines. How long is learnt per task: spins that pay make the next one longer, up to the limit, others
// shorter.
#pragma once

#include <atomic>
#include <cstdint>

#include "engine/engine.h"

namespace ndiskit::engine {

// CLOCK_MONOTONIC, not counted from the machine's start.
Time monotonic_now();

class Parker {
  public:
    ~Parker();

    void set_spin_limit(Time limit) { spin_limit_ = spin_budget_ = limit; }

    // All deadlines are of monotonic_now().
    Wake park(Time deadline);
    Engine::FdWake wait_readable(int fd, Time deadline);
    void unpark();

  private:
    enum : uint32_t { empty, permit, asleep, polling };

    bool take_permit();
    // Spins until `stop()` (tried now and then, it may cost a system call) or a permit is there, or the
    // budget or the deadline is over.
    template <class Stop>
    bool spin(Time deadline, Stop stop);
    int event_fd();

    std::atomic<uint32_t> word_ = empty;
    std::atomic<int> event_fd_ = -1;  // made at the first wait_readable, kept
    Time spin_limit_ = 0;
    Time spin_budget_ = 0;
};

}  // namespace ndiskit::engine
