// The thread of a NIC that polls a file descriptor of the host: it sleeps until the descriptor is readable,
// then calls `poll` at DISPATCH_LEVEL, again and again as long as that finds work.
#pragma once

#include <ndis.h>

#include <atomic>
#include <functional>

#include "engine/engine.h"

namespace ndiskit::nic {

class PollThread {
  public:
    PollThread() = default;
    PollThread(const PollThread&) = delete;
    PollThread& operator=(const PollThread&) = delete;

    // `poll` returns true when it found work and there may be more.
    bool start(int descriptor, std::function<bool()> poll);
    // Returns when the thread has ended. At PASSIVE_LEVEL.
    void stop();

  private:
    static void NTAPI run(void* self);
    void loop();

    int descriptor_ = -1;
    std::function<bool()> poll_;
    std::atomic<bool> stopping_ = false;
    std::atomic<engine::Task*> task_ = nullptr;
    HANDLE thread_ = nullptr;
};

}  // namespace ndiskit::nic
