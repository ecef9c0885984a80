// The number of the virtual processor that the caller runs on, good for the scope: at DISPATCH_LEVEL it is
// read from the processor region; below, the caller is raised, so that nobody else is on that processor
// meanwhile.
#pragma once

#include "nt/ke/irql.h"

namespace ndiskit::ndis {

class OnProcessor {
  public:
    [[gnu::always_inline]] OnProcessor() {
        if (nt::current_irql() < DISPATCH_LEVEL) [[unlikely]]
            raised_from_ = raise();
        number_ = nt::ke::gs_read<uint32_t, nt::ke::pcr_number>();
    }
    [[gnu::always_inline]] ~OnProcessor() {
        if (raised_from_ != stayed) [[unlikely]]
            lower(raised_from_);
    }
    OnProcessor(const OnProcessor&) = delete;
    OnProcessor& operator=(const OnProcessor&) = delete;

    unsigned number() const { return number_; }

  private:
    // Of the driver's calling convention; see SlabPool::refill.
    static KIRQL NTAPI raise() noexcept;
    static void NTAPI lower(KIRQL irql) noexcept;

    static constexpr KIRQL stayed = 0xff;
    KIRQL raised_from_ = stayed;
    unsigned number_;
};

}  // namespace ndiskit::ndis
