// Interrupts as a processor takes them. A request waits in its processor's queue; whoever owns the processor
// takes it before the next DPC, on its way below DISPATCH_LEVEL, and on its way down from a device's IRQL;
// when nobody owns it, the processor's DPC task does. So code that runs at DISPATCH_LEVEL is not torn away
// from an instruction, as real hardware would do it, but the handler never runs beside code of its own
// processor at DISPATCH_LEVEL either.
#pragma once

#include <atomic>

#include "nt/abi.h"

namespace ndiskit::nt::ke {

class Processor;

struct InterruptRequest {
    // Called at `irql`, by a thread that owns the processor.
    void (*deliver)(InterruptRequest& request) = nullptr;
    KIRQL irql = 0;
    // `pending`: asked for and not begun; a second request meanwhile is the same one. Above it the number of
    // processors that deliver it just now. One word, so that who withdraws it sees both at one moment.
    static constexpr uint32_t pending = 1, delivering = 2;
    std::atomic<uint32_t> state = 0;
    InterruptRequest* next = nullptr;
};

// The highest IRQL first, among equals the oldest.
class InterruptQueue {
  public:
    bool empty() const { return first_ == nullptr; }
    void push(InterruptRequest& request);
    // The first one if it is above `irql`, else null.
    InterruptRequest* pop_above(KIRQL irql);
    // Whether it was in the queue.
    bool remove(InterruptRequest& request);

  private:
    InterruptRequest* first_ = nullptr;
};

// Any IRQL; no lock of the kit is held.
void request_interrupt(InterruptRequest& request, Processor& target);

// On return no processor has the request or delivers it: it may be freed. Nobody else may ask for it any more.
// Below DISPATCH_LEVEL.
void withdraw_interrupt(InterruptRequest& request);

}  // namespace ndiskit::nt::ke
