// The thread of an edge that polls a file descriptor of the host: it sleeps until the descriptor is readable,
// then calls `poll` at DISPATCH_LEVEL, again and again as long as that finds work.
#pragma once

#include <ndis.h>

#include <atomic>
#include <functional>

#include "engine/engine.h"

namespace ndiskit::edge {

class PollThread {
  public:
    PollThread() = default;
    PollThread(const PollThread&) = delete;
    PollThread& operator=(const PollThread&) = delete;

    enum class Found {
        work,     // and there may be more
        nothing,  // sleep until the descriptor is readable
        blocked,  // sleep until `resume`, whatever the descriptor says
    };

    bool start(int descriptor, std::function<Found()> poll);
    // What `blocked` waits for has come; at any IRQL up to DISPATCH_LEVEL. Costs one load when nobody waits.
    void resume();
    // Returns when the thread has ended. At PASSIVE_LEVEL.
    void stop();

  private:
    static void NTAPI run(void* self);
    void loop();
    void wake();

    int descriptor_ = -1;
    std::function<Found()> poll_;
    std::atomic<bool> stopping_ = false;
    std::atomic<bool> blocked_ = false;
    std::atomic<engine::Task*> task_ = nullptr;
    HANDLE thread_ = nullptr;
};

}  // namespace ndiskit::edge
