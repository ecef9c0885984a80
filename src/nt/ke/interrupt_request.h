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
    // Asked for and not begun. A second request meanwhile is the same one.
    std::atomic<bool> pending = false;
    InterruptRequest* next = nullptr;
};

// The highest IRQL first, among equals the oldest.
class InterruptQueue {
  public:
    bool empty() const { return first_ == nullptr; }
    void push(InterruptRequest& request);
    // The first one if it is above `irql`, else null.
    InterruptRequest* pop_above(KIRQL irql);

  private:
    InterruptRequest* first_ = nullptr;
};

// Any IRQL; no lock of the kit is held.
void request_interrupt(InterruptRequest& request, Processor& target);

}  // namespace ndiskit::nt::ke
