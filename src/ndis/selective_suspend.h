// Selective suspend: NDIS finds an adapter idle by the clock, asks its miniport, puts it to a low power state when the
// miniport confirms, and takes the notification back as soon as somebody needs the adapter. Those above notice nothing.
//
//   active --quiet for *SSIdleTimeout seconds: MiniportIdleNotification--> notifying
//   notifying --NDIS_STATUS_PENDING--> notified            --any other status--> active
//   notified --NdisMIdleNotificationConfirm--> suspending --OID_PM_PARAMETERS, OID_PNP_SET_POWER--> suspended
//   notified, suspended --somebody needs it: MiniportCancelIdleNotification--> the same, until the driver completes
//   notified, suspended --NdisMIdleNotificationComplete--> resuming --OID_PNP_SET_POWER (D0)--> active
//
// Whatever comes for the miniport while it is not active waits here or in its OID queue, and goes down in order when
// it is active again. Control operations begin with waking it (Adapter::pnp does that). Only an adapter whose driver
// registered handlers and reports NDIS_PM_SELECTIVE_SUSPEND_SUPPORTED has hops of this file in its data path, and
// they note that something happened and look whether it is active: a load each.
//
// NDIS forces an adapter to be idle (ForceIdle) in connected standby alone, and *SSIdleTimeoutScreenOff counts while
// a screen is off; this machine has neither.
// https://learn.microsoft.com/windows-hardware/drivers/network/ndis-selective-suspend
#pragma once

#include <atomic>
#include <list>

#include "base/guarded.h"
#include "ndis/abi.h"
#include "ndis/hops.h"

namespace ndiskit::ndis {

class Adapter;

// NDIS_STATUS_BAD_CHARACTERISTICS unless both handlers are there.
NDIS_STATUS keep_suspend_handlers(NDIS_MINIPORT_SS_CHARACTERISTICS& kept, const NDIS_MINIPORT_SS_CHARACTERISTICS& given);

class SelectiveSuspend {
  public:
    explicit SelectiveSuspend(Adapter& adapter);

    // When the miniport has been initialised, and before it is halted, when it is active and the PnP lock is held.
    void start();
    void stop();
    bool enabled() const { return enabled_; }

    // Puts this between the miniport and what is above it (stack.cpp).
    void stand_in(SendHop& send, ReturnHop& give_back, CancelSendHop& cancel);
    void stand_in(ReceiveHop& receive, CompleteHop& complete);

    // The adapter is in use. At any IRQL up to DISPATCH_LEVEL, as the next two.
    void note_activity() {
        if (!activity_.load(std::memory_order_relaxed)) activity_.store(true, std::memory_order_relaxed);
    }
    // Somebody needs the adapter: it begins to become active, unless it is.
    void need();
    // The hardware has seen something: the same, when it sleeps.
    void signal_wake();
    // As need(), and waits until it is active. PASSIVE_LEVEL.
    void require();

    // Direct OID requests wait here. False when the adapter is active.
    bool hold_direct(PNDIS_OID_REQUEST request);
    // Completes those with this id that wait.
    void cancel_direct(PVOID request_id);

    bool is_active() const { return !holds_.load(std::memory_order_acquire); }
    NDIS_DEVICE_POWER_STATE power() const { return power_; }

    // The miniport's answers.
    void confirm(NDIS_DEVICE_POWER_STATE low);
    void complete();

  private:
    enum class Phase : uint8_t { active, notifying, notified, suspending, suspended, resuming };
    struct HeldSend {
        PNET_BUFFER_LIST chain;
        NDIS_PORT_NUMBER port;
        ULONG flags;
    };
    struct State {
        Phase phase = Phase::active;
        bool needed = false;
        bool cancelled = false;
        bool confirmed = false;
        bool completed = false;
        bool at_work = false;   // somebody steps, or is about to
        bool more_work = false;
        std::list<HeldSend> sends;
        std::list<PNDIS_OID_REQUEST> direct;
    };
    enum class Step : uint8_t { none, notify, cancel, resume };

    static void NTAPI tick(PKDPC, PVOID suspend, PVOID, PVOID);
    static void NTAPI send(NDIS_HANDLE suspend, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG flags);
    static void NTAPI give_back(NDIS_HANDLE suspend, PNET_BUFFER_LIST chain, ULONG flags);
    static void NTAPI cancel_send(NDIS_HANDLE suspend, PVOID id);
    static void NTAPI receive(NDIS_HANDLE suspend, PNET_BUFFER_LIST chain, NDIS_PORT_NUMBER port, ULONG count,
                              ULONG flags);
    static void NTAPI sent(NDIS_HANDLE suspend, PNET_BUFFER_LIST chain, ULONG flags);

    void work_later();
    void work();
    Step next_step();
    void notify();
    void resume();
    void become_active();
    bool pass_held();
    void set_power(NDIS_DEVICE_POWER_STATE power);
    NDIS_STATUS set_oid(NDIS_OID oid, void* buffer, ULONG size);
    bool hold_send(const HeldSend& send);

    Adapter& adapter_;
    bool enabled_ = false;
    KTIMER timer_;
    KDPC dpc_;
    KEVENT active_;
    uint32_t quiet_ = 0;  // ticks; only the DPC counts
    std::atomic<bool> activity_ = false;
    std::atomic<bool> quiet_enough_ = false;
    std::atomic<bool> holds_ = false;  // not active
    std::atomic<NDIS_DEVICE_POWER_STATE> power_ = NdisDeviceStateD0;
    Guarded<State, LockRank::ndis_leaf> state_;
    SendHop below_send_;
    ReturnHop below_return_;
    CancelSendHop below_cancel_;
    ReceiveHop above_receive_;
    CompleteHop above_complete_;
};

}  // namespace ndiskit::ndis
