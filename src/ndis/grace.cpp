// Grace periods: a DPC on every processor, and the count of passive callers.
#include "ndis/grace.h"

#include <memory>

#include "engine/engine.h"
#include "nt/ke/processor.h"

namespace ndiskit::ndis {

namespace {

struct Round {
    std::atomic<uint32_t> left;
    KEVENT done;
};

void NTAPI passed(PKDPC, PVOID context, PVOID, PVOID) {
    auto* round = static_cast<Round*>(context);
    if (round->left.fetch_sub(1, std::memory_order_acq_rel) == 1)
        KeSetEvent(&round->done, 0, false);
}

}  // namespace

void grace_period() {
    const uint32_t processors = nt::ke::processor_count();
    Round round{.left = processors, .done = {}};
    KeInitializeEvent(&round.done, NotificationEvent, false);
    auto dpcs = std::make_unique<KDPC[]>(processors);
    for (uint32_t i = 0; i < processors; i++) {
        KeInitializeDpc(&dpcs[i], passed, &round);
        KeSetTargetProcessorDpc(&dpcs[i], static_cast<CCHAR>(i));
        KeSetImportanceDpc(&dpcs[i], HighImportance);
        KeInsertQueueDpc(&dpcs[i], nullptr, nullptr);
    }
    KeWaitForSingleObject(&round.done, Executive, KernelMode, false, nullptr);
}

PassiveSections::PassiveSections() { KeInitializeEvent(&left_, SynchronizationEvent, false); }

void PassiveSection::enter() {
    for (;;) {
        generation_ = sections_->current_.load(std::memory_order_seq_cst);
        sections_->generations_[generation_].inside.fetch_add(1, std::memory_order_seq_cst);
        if (sections_->current_.load(std::memory_order_seq_cst) == generation_)
            return;
        // The control plane turned to the other generation in between and may not have counted this caller.
        leave();
    }
}

void PassiveSection::leave() {
    auto& inside = sections_->generations_[generation_].inside;
    if (inside.fetch_sub(1, std::memory_order_seq_cst) == 1 && sections_->waiting_.load(std::memory_order_seq_cst))
        KeSetEvent(&sections_->left_, 0, false);
}

void PassiveSections::quiesce() {
    PnpHold hold(one_quiesce_);
    grace_period();
    const uint32_t old = current_.load(std::memory_order_relaxed);
    waiting_.store(true, std::memory_order_seq_cst);
    current_.store(old ^ 1, std::memory_order_seq_cst);
    while (generations_[old].inside.load(std::memory_order_seq_cst) != 0)
        KeWaitForSingleObject(&left_, Executive, KernelMode, false, nullptr);
    waiting_.store(false, std::memory_order_seq_cst);
}

}  // namespace ndiskit::ndis
