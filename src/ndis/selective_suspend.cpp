// What happens to an adapter between two moments at which it is active, and the clock that finds it idle.
#include "ndis/selective_suspend.h"

#include <algorithm>
#include <cstring>

#include "base/log.h"
#include "ndis/adapter.h"
#include "ndis/callbacks.h"
#include "ndis/driver.h"
#include "ndis/misuse.h"
#include "ndis/pnp_work.h"
#include "ndis/registry_key.h"
#include "ndis/structures.h"

namespace ndiskit::ndis {

namespace {

// NDIS measures the time-out to within 30 percent: an adapter is idle after so many quiet eighths in a row.
constexpr uint32_t ticks_until_idle = 8;
constexpr uint32_t default_timeout = 5, longest_timeout = 60;  // seconds

[[noreturn]] void out_of_turn(const Adapter& adapter, const std::string& what) {
    misuse(Misuse::illegal_state_transition, what, reinterpret_cast<uint64_t>(&adapter));
}

bool can_suspend(const Adapter& adapter) {
    const HeaderedCopy copy = adapter.attributes.indicated.get(&Indicated::pm_capabilities);
    const auto* capabilities = copy.get<NDIS_PM_CAPABILITIES>();
    return adapter.driver.version >= ndis_6_30 && adapter.driver.suspend.IdleNotificationHandler != nullptr &&
           capabilities != nullptr && capabilities->Header.Revision >= NDIS_PM_CAPABILITIES_REVISION_2 &&
           (capabilities->Flags & NDIS_PM_SELECTIVE_SUSPEND_SUPPORTED);
}

}  // namespace

NDIS_STATUS keep_suspend_handlers(NDIS_MINIPORT_SS_CHARACTERISTICS& kept,
                                  const NDIS_MINIPORT_SS_CHARACTERISTICS& given) {
    const bool whole = given.Header.Revision >= NDIS_MINIPORT_SS_CHARACTERISTICS_REVISION_1 &&
                       given.Header.Size >= NDIS_SIZEOF_MINIPORT_SS_CHARACTERISTICS_REVISION_1;
    if (!whole || given.IdleNotificationHandler == nullptr || given.CancelIdleNotificationHandler == nullptr)
        return NDIS_STATUS_BAD_CHARACTERISTICS;
    kept = given;
    bind_callbacks(kept);
    return NDIS_STATUS_SUCCESS;
}

SelectiveSuspend::SelectiveSuspend(Adapter& adapter) : adapter_(adapter) {
    KeInitializeTimer(&timer_);
    KeInitializeDpc(&dpc_, tick, this);
    KeInitializeEvent(&active_, NotificationEvent, true);
}

void SelectiveSuspend::start() {
    const auto key = RegistryKey::open(adapter_.config.key);
    const uint32_t wanted = key ? key->number(u"*SelectiveSuspend").value_or(1) : 1;
    enabled_ = wanted != 0 && can_suspend(adapter_);
    if (!enabled_)
        return;
    const uint32_t seconds = std::clamp<uint32_t>(
        key ? key->number(u"*SSIdleTimeout").value_or(default_timeout) : default_timeout, 1, longest_timeout);
    quiet_ = 0;
    const LONG period = static_cast<LONG>(seconds * 1000 / ticks_until_idle);
    LARGE_INTEGER due;
    due.QuadPart = -static_cast<LONGLONG>(period) * 10'000;
    KeSetTimerEx(&timer_, due, period, &dpc_);
}

void SelectiveSuspend::stop() {
    if (!enabled_)
        return;
    enabled_ = false;
    KeCancelTimer(&timer_);
    KeFlushQueuedDpcs();
}

void NTAPI SelectiveSuspend::tick(PKDPC, PVOID context, PVOID, PVOID) {
    auto& self = *static_cast<SelectiveSuspend*>(context);
    if (self.activity_.exchange(false, std::memory_order_relaxed) || !self.is_active()) {
        self.quiet_ = 0;
    } else if (++self.quiet_ >= ticks_until_idle) {
        self.quiet_ = 0;
        self.quiet_enough_ = true;
        self.work_later();
    }
}

void SelectiveSuspend::need() {
    if (is_active())
        return;
    const bool act = state_.with([](State& state) {
        if (state.phase == Phase::active)
            return false;
        return !std::exchange(state.needed, true);
    });
    if (act)
        work_later();
}

void SelectiveSuspend::signal_wake() {
    if (!is_active() && state_.with([](State& state) { return state.phase == Phase::suspended; }))
        need();
}

void SelectiveSuspend::require() {
    if (is_active())
        return;
    need();
    KeWaitForSingleObject(&active_, Executive, KernelMode, false, nullptr);
}

// One thread steps at a time; what comes meanwhile makes it look once more.
void SelectiveSuspend::work_later() {
    const bool start = state_.with([](State& state) {
        state.more_work = true;
        return !std::exchange(state.at_work, true);
    });
    if (start)
        queue_pnp_work([this] { work(); });
}

void SelectiveSuspend::work() {
    const auto go_on = [&] {
        return state_.with([](State& state) { return state.at_work = std::exchange(state.more_work, false); });
    };
    while (go_on()) {
        for (Step step = next_step(); step != Step::none; step = next_step()) {
            switch (step) {
            case Step::notify: notify(); break;
            case Step::cancel: adapter_.driver.suspend.CancelIdleNotificationHandler(adapter_.context); break;
            case Step::resume: resume(); break;
            case Step::none: break;
            }
        }
    }
}

SelectiveSuspend::Step SelectiveSuspend::next_step() {
    return state_.with([&](State& state) {
        switch (state.phase) {
        case Phase::active: return quiet_enough_.exchange(false) ? Step::notify : Step::none;
        case Phase::notified:
        case Phase::suspended:
            if (state.completed) {
                state.phase = Phase::resuming;
                return Step::resume;
            }
            return state.needed && !std::exchange(state.cancelled, true) ? Step::cancel : Step::none;
        default: return Step::none;  // whoever is at it looks again at its end
        }
    });
}

// Nobody finds the adapter idle in the middle of a control operation, or with an OID request to answer.
void SelectiveSuspend::notify() {
    if (!adapter_.pnp.try_lock())
        return;
    const bool begin = enabled_ && adapter_.mark == Handle::live && adapter_.state() == AdapterState::running &&
                       adapter_.power == NdisDeviceStateD0 && !adapter_.reset_pending && adapter_.oids.hold();
    if (begin) {
        KeClearEvent(&active_);
        state_.with([](State& state) {
            state.phase = Phase::notifying;
            state.needed = state.cancelled = state.confirmed = state.completed = false;
        });
        holds_.store(true, std::memory_order_seq_cst);
    }
    adapter_.pnp.unlock();
    if (!begin)
        return;
    adapter_.sections.quiesce();  // whoever still found it active has left
    const bool busy = activity_.load(std::memory_order_relaxed) ||
                      state_.with([](State& state) { return state.needed; });
    const NDIS_STATUS status =
        busy ? NDIS_STATUS_BUSY : adapter_.driver.suspend.IdleNotificationHandler(adapter_.context, false);
    const bool answered = state_.with([](State& state) { return state.confirmed || state.completed; });
    if (status == NDIS_STATUS_SUCCESS || (status != NDIS_STATUS_PENDING && answered))
        out_of_turn(adapter_, "MiniportIdleNotification did not return NDIS_STATUS_PENDING for a notification that it took");
    if (status != NDIS_STATUS_PENDING)
        return become_active();
    state_.with([](State& state) {
        if (state.phase == Phase::notifying)
            state.phase = Phase::notified;
    });
}

void SelectiveSuspend::confirm(NDIS_DEVICE_POWER_STATE low) {
    enum { wrong, too_late, suspend } what = state_.with([](State& state) {
        const bool open = state.phase == Phase::notifying || state.phase == Phase::notified;
        if (!open || state.completed || std::exchange(state.confirmed, true))
            return wrong;
        if (state.cancelled)
            return too_late;  // NDIS has taken the notification back; the driver did not know yet
        state.phase = Phase::suspending;
        return suspend;
    });
    if (what == wrong)
        out_of_turn(adapter_, "NdisMIdleNotificationConfirm without an idle notification that is pending");
    if (what == too_late)
        return;
    NDIS_PM_PARAMETERS parameters{};
    parameters.Header = pm_parameters_structure.header(adapter_.driver.version);
    parameters.WakeUpFlags = NDIS_PM_SELECTIVE_SUSPEND_ENABLED;
    NDIS_STATUS status = set_oid(OID_PM_PARAMETERS, &parameters, parameters.Header.Size);
    if (status == NDIS_STATUS_SUCCESS)
        set_power(low);
    // An adapter that did not go down is made to complete the notification.
    state_.with([&](State& state) {
        state.phase = Phase::suspended;
        state.needed |= power_ == NdisDeviceStateD0;
    });
    work_later();
}

void SelectiveSuspend::complete() {
    const bool wrong = state_.with([](State& state) {
        return state.phase == Phase::active || state.phase == Phase::resuming || std::exchange(state.completed, true);
    });
    if (wrong)
        out_of_turn(adapter_, "NdisMIdleNotificationComplete without an idle notification that is pending");
    work_later();
}

void SelectiveSuspend::resume() {
    if (power_ != NdisDeviceStateD0)
        set_power(NdisDeviceStateD0);
    become_active();
}

void SelectiveSuspend::set_power(NDIS_DEVICE_POWER_STATE power) {
    const NDIS_STATUS status = set_oid(OID_PNP_SET_POWER, &power, sizeof(power));
    if (status != NDIS_STATUS_SUCCESS)
        log_error("ndis", "{} refused OID_PNP_SET_POWER in a selective suspend: 0x{:08x}", adapter_.driver.name,
                  static_cast<uint32_t>(status));
    if (status == NDIS_STATUS_SUCCESS || power == NdisDeviceStateD0)
        power_ = power;
}

// Straight to the miniport: filter modules do not see what concerns its own sleep.
NDIS_STATUS SelectiveSuspend::set_oid(NDIS_OID oid, void* buffer, ULONG size) {
    NDIS_OID_REQUEST request{};
    request.Header.Type = NDIS_OBJECT_TYPE_OID_REQUEST;
    request.Header.Revision = NDIS_OID_REQUEST_REVISION_1;
    request.Header.Size = NDIS_SIZEOF_OID_REQUEST_REVISION_1;
    request.RequestType = NdisRequestSetInformation;
    request.DATA.SET_INFORMATION.Oid = oid;
    request.DATA.SET_INFORMATION.InformationBuffer = buffer;
    request.DATA.SET_INFORMATION.InformationBufferLength = size;
    return adapter_.oids.run_held(&request, adapter_);
}

void SelectiveSuspend::become_active() {
    while (!pass_held()) {
    }
    adapter_.oids.release();
    KeSetEvent(&active_, 0, false);
}

}  // namespace ndiskit::ndis

using namespace ndiskit::ndis;

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismidlenotificationconfirm
extern "C" void NTAPI NdisMIdleNotificationConfirm(NDIS_HANDLE MiniportAdapterHandle,
                                                   NDIS_DEVICE_POWER_STATE IdlePowerState) {
    resolve<Adapter>(MiniportAdapterHandle, "NdisMIdleNotificationConfirm").suspend.confirm(IdlePowerState);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndismidlenotificationcomplete
extern "C" void NTAPI NdisMIdleNotificationComplete(NDIS_HANDLE MiniportAdapterHandle) {
    resolve<Adapter>(MiniportAdapterHandle, "NdisMIdleNotificationComplete").suspend.complete();
}
