// Says what a machine on live waits for when it seems to hang: a state change (a pause, an unbind, a power
// event) that has not come to an end while nothing moved. Sim needs none: it knows a deadlock when it comes
// to one.
#pragma once

#include <string>
#include <vector>

#include "nt/abi.h"
#include "nt/ke/thread.h"

namespace ndiskit::setup {

class Watch {
  public:
    // Looks every `period`; says what it sees the second time in a row. On an NT thread, as is the
    // destructor.
    explicit Watch(uint32_t period_ms = 5000);
    ~Watch();
    Watch(const Watch&) = delete;
    Watch& operator=(const Watch&) = delete;

  private:
    void look();

    uint32_t period_ms_;
    std::vector<std::string> last_;
    KEVENT end_;
    nt::Thread thread_;
};

}  // namespace ndiskit::setup
