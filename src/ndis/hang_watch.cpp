#include "ndis/hang_watch.h"

#include <algorithm>

#include "ndis/adapter.h"
#include "ndis/driver.h"
#include "ndis/pnp_work.h"
#include "ndis/reset.h"

namespace ndiskit::ndis {

namespace {
constexpr ULONG step = 2;  // seconds
constexpr LONGLONG ticks_a_second = 10'000'000;
}  // namespace

HangWatch::HangWatch(Adapter& adapter) : adapter_(adapter) {
    KeInitializeTimer(&timer_);
    KeInitializeDpc(&dpc_, tick, this);
}

void HangWatch::start() {
    if (adapter_.driver.handlers.CheckForHangHandlerEx == nullptr)
        return;
    seen_request_ = 0;
    const ULONG asked = adapter_.attributes.registration.CheckForHangTimeInSeconds;
    const ULONG seconds = std::max(asked / step * step, step);
    LARGE_INTEGER due;
    due.QuadPart = -static_cast<LONGLONG>(seconds) * ticks_a_second;
    running_ = true;
    KeSetTimerEx(&timer_, due, static_cast<LONG>(seconds * 1000), &dpc_);
}

void HangWatch::stop() {
    if (!running_)
        return;
    running_ = false;
    KeCancelTimer(&timer_);
    KeFlushQueuedDpcs();
}

bool HangWatch::is_stuck(uint64_t running_request) {
    seen_times_ = running_request != 0 && running_request == seen_request_ ? seen_times_ + 1 : 0;
    seen_request_ = running_request;
    return seen_times_ >= 2;
}

void NTAPI HangWatch::tick(PKDPC, PVOID context, PVOID, PVOID) {
    auto& watch = *static_cast<HangWatch*>(context);
    if (watch.looking_.exchange(true))
        return;  // the last look is still going on
    queue_pnp_work([&watch] {
        check_for_hang(watch.adapter_);
        watch.looking_ = false;
    });
}

}  // namespace ndiskit::ndis
