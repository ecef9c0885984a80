// A notification event.
#pragma once

#include <ndis.h>

namespace ndisxx {

class Event {
  public:
    explicit Event(bool signalled = false) noexcept {
        KeInitializeEvent(&event_, NotificationEvent, signalled);
    }
    Event(const Event&) = delete;
    Event& operator=(const Event&) = delete;

    void set() noexcept { KeSetEvent(&event_, IO_NETWORK_INCREMENT, FALSE); }
    void clear() noexcept { KeClearEvent(&event_); }
    // At PASSIVE_LEVEL.
    void wait() noexcept { KeWaitForSingleObject(&event_, Executive, KernelMode, FALSE, nullptr); }

  private:
    KEVENT event_;
};

}  // namespace ndisxx
