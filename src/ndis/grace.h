// Waiting until the data path has left what it may still be in.
//
// At DISPATCH_LEVEL a thread owns its processor, so once a DPC has run on every processor, everything that was at
// DISPATCH_LEVEL before has ended: what it counted is visible, and what is published now it will see. Callers of
// the data path below DISPATCH_LEVEL are not covered by that and enter a PassiveSection instead, which the control
// plane waits for. (The scheme is the one of read-copy-update: readers pay nothing, the rare writer waits.)
#pragma once

#include <atomic>
#include <cstdint>

#include "ndis/abi.h"
#include "ndis/wait.h"
#include "nt/ke/irql.h"

namespace ndiskit::ndis {

// At PASSIVE_LEVEL. On return every stretch at DISPATCH_LEVEL that had begun before the call has ended.
void grace_period();

// Counts the calls below DISPATCH_LEVEL that are inside an adapter's data path.
class PassiveSections {
  public:
    PassiveSections();

    // Waits for a grace period, then until nobody is inside who was when the wait began.
    void quiesce();

  private:
    friend class PassiveSection;
    // Two generations: quiesce turns to the other one and waits for the old to empty, so that new callers do not
    // keep it waiting.
    struct Generation {
        std::atomic<uint64_t> inside = 0;
    };
    Generation generations_[2];
    std::atomic<uint32_t> current_ = 0;
    std::atomic<bool> waiting_ = false;
    KEVENT left_;
    PnpLock one_quiesce_;
};

// In the scope of one call on the data path.
class PassiveSection {
  public:
    [[gnu::always_inline]] explicit PassiveSection(PassiveSections& sections) {
        if (nt::current_irql() < DISPATCH_LEVEL) [[unlikely]] {
            sections_ = &sections;
            enter();
        }
    }
    [[gnu::always_inline]] ~PassiveSection() {
        if (sections_ != nullptr) [[unlikely]]
            leave();
    }
    PassiveSection(const PassiveSection&) = delete;
    PassiveSection& operator=(const PassiveSection&) = delete;

  private:
    void enter();
    void leave();

    PassiveSections* sections_ = nullptr;
    uint32_t generation_ = 0;
};

}  // namespace ndiskit::ndis
