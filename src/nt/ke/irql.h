// IRQL. The current IRQL is a byte in the thread's processor region; reading it is one instruction. Crossing
// DISPATCH_LEVEL upwards acquires the thread's virtual processor, crossing it downwards drains the
// processor's DPC queue and gives it back (processor.h). Every other change is a store.
#pragma once

#include "nt/abi.h"
#include "nt/ke/pcr_x64.h"

namespace ndiskit::nt {

[[gnu::always_inline]] inline KIRQL current_irql() { return ke::gs_read<KIRQL, ke::pcr_irql>(); }

// Raises to `irql` and returns what was before. Raising to a lower level is bug check 0x9.
KIRQL raise_irql(KIRQL irql);
KIRQL raise_irql_to_dispatch();
// Lowers to `irql`. "Lowering" to a higher level is bug check 0xA.
void lower_irql(KIRQL irql);
// What `mov %reg, %cr8` does: either direction.
void write_irql(KIRQL irql);

// At DISPATCH_LEVEL in its scope.
class AtDispatch {
  public:
    AtDispatch() : old_(raise_irql_to_dispatch()) {}
    ~AtDispatch() { lower_irql(old_); }
    AtDispatch(const AtDispatch&) = delete;
    AtDispatch& operator=(const AtDispatch&) = delete;

  private:
    const KIRQL old_;
};

}  // namespace ndiskit::nt
