// [[event]] of a machine file: actions that a machine meets while it runs, at their times of its own clock; so
// on sim they are part of what a seed decides.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "setup/description.h"

namespace ndiskit::setup {

struct EventReport {
    std::string actions;  // "sleep, wake"
    uint64_t done = 0;    // actions
    uint64_t failed = 0;
    std::string error;  // of the first that failed

    bool good() const { return failed == 0; }
};

class Events {
  public:
    // Begins to count time. The description's events are sound, and it stays.
    explicit Events(const Description& description);
    ~Events();
    Events(const Events&) = delete;
    Events& operator=(const Events&) = delete;

    // Waits for the action that is under way; nothing happens from here on. A report an event.
    std::vector<EventReport> stop();

  private:
    struct Schedule;
    std::unique_ptr<Schedule> schedule_;
};

}  // namespace ndiskit::setup
