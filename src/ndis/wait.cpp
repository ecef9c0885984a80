// The PnP lock.
#include "ndis/wait.h"

#include "nt/ke/pcr_x64.h"

namespace ndiskit::ndis {

namespace {
void* current_thread() { return nt::ke::gs_read<void*, nt::ke::pcr_current_thread>(); }
}  // namespace

bool PnpLock::take() {
    void* me = current_thread();
    for (;;) {
        bool first = false;
        const bool mine = state_.with([&](State& state) {
            if (state.owner != nullptr && state.owner != me) {
                state.waiters++;
                return false;
            }
            state.owner = me;
            first = state.depth++ == 0;
            return true;
        });
        if (mine)
            return first;
        KeWaitForSingleObject(&freed_, Executive, KernelMode, false, nullptr);
        state_.with([](State& state) { state.waiters--; });
    }
}

void PnpLock::lock() {
    if (take() && taken_ != nullptr)
        taken_(taken_context_);
}

void PnpLock::lock_as_it_is() { take(); }

bool PnpLock::try_lock() {
    void* me = current_thread();
    return state_.with([&](State& state) {
        if (state.owner != nullptr)
            return false;
        state.owner = me;
        state.depth = 1;
        return true;
    });
}

void PnpLock::unlock() {
    const bool wake = state_.with([](State& state) {
        ASSERT_THAT(state.owner == current_thread() && state.depth != 0);
        if (--state.depth != 0)
            return false;
        state.owner = nullptr;
        return state.waiters != 0;
    });
    if (wake)
        KeSetEvent(&freed_, 0, false);
}

bool PnpLock::held_by_caller() const {
    return state_.with([](const State& state) { return state.owner == current_thread(); });
}

}  // namespace ndiskit::ndis
