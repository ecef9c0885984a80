#include "nt/ke/dpc.h"

#include <fmt/core.h>

#include "nt/bugcheck.h"
#include "nt/image/call_gate.h"
#include "nt/ke/dispatcher.h"
#include "nt/ke/irql.h"
#include "nt/ke/machine.h"
#include "nt/ke/timer.h"

namespace ndiskit::nt::ke {
namespace {

constexpr UCHAR dpc_object = 19;
constexpr UCHAR threaded_dpc_object = 26;
// Number of a KDPC without a target is 0; with one it is this plus the target.
constexpr USHORT target_bias = 2048;
constexpr uint32_t irql_unexpected_value = 0xC8;
constexpr int longest_drain = 256;

auto& queue_of(const KDPC& dpc, Processor& target) {
    return is_threaded(dpc) ? target.threaded_dpcs : target.dpcs;
}

Processor& target_of(const KDPC& dpc, Processor& fallback) {
    return dpc.Number >= target_bias ? processor(dpc.Number - target_bias) : fallback;
}

// What the routine is called with, copied out because the KDPC belongs to the driver again before the call.
struct Call {
    KDPC* dpc = nullptr;
    PKDEFERRED_ROUTINE routine;
    PVOID context, argument1, argument2;
};

Call take(DpcQueue& queue) {
    KDPC* const dpc = queue.pop();
    if (!dpc) return {};
    const Call call{dpc, dpc->DeferredRoutine, dpc->DeferredContext, dpc->SystemArgument1,
                    dpc->SystemArgument2};
    __atomic_store_n(&dpc->DpcData, nullptr, __ATOMIC_RELEASE);
    return call;
}

void check_irql_after(const Call& call, KIRQL expected) {
    const KIRQL irql = current_irql();
    if (irql == expected) [[likely]]
        return;
    bug_check_because(fmt::format("a DPC routine was called at IRQL {} and returned at {}", expected, irql),
                      irql_unexpected_value, uint64_t{irql} << 16 | uint64_t{expected} << 8 | 2,
                      reinterpret_cast<uint64_t>(call.routine), reinterpret_cast<uint64_t>(call.context));
}

void initialize_dpc(KDPC& dpc, UCHAR type, PKDEFERRED_ROUTINE routine, PVOID context) {
    dpc.TargetInfoAsUlong = 0;
    dpc.Type = type;
    dpc.Importance = MediumImportance;
    dpc.DeferredRoutine = routine;
    dpc.DeferredContext = context;
    dpc.DpcData = nullptr;
}

}  // namespace

void DpcQueue::push_back(KDPC& dpc) {
    dpc.DpcListEntry.Next = nullptr;
    last_->Next = &dpc.DpcListEntry;
    last_ = &dpc.DpcListEntry;
}

void DpcQueue::push_front(KDPC& dpc) {
    dpc.DpcListEntry.Next = head_.Next;
    head_.Next = &dpc.DpcListEntry;
    if (last_ == &head_) last_ = &dpc.DpcListEntry;
}

KDPC* DpcQueue::pop() {
    SINGLE_LIST_ENTRY* const first = head_.Next;
    if (!first) return nullptr;
    KDPC* const dpc = CONTAINING_RECORD(first, KDPC, DpcListEntry);
    head_.Next = first->Next;
    if (last_ == first) last_ = &head_;
    return dpc;
}

void DpcQueue::remove(KDPC& dpc) {
    SINGLE_LIST_ENTRY* before = &head_;
    while (before->Next != &dpc.DpcListEntry) before = before->Next;
    before->Next = dpc.DpcListEntry.Next;
    if (last_ == &dpc.DpcListEntry) last_ = before;
}

bool Processor::drain_dpcs() {
    for (int i = 0; i < longest_drain; ++i) {
        deliver_interrupts();
        const Call call = dpcs.with(take);
        if (!call.dpc) return true;
        gs_write<uint32_t, pcr_dpc_depth>(1);
        call_queued(call.routine, call.dpc, call.context, call.argument1, call.argument2);
        gs_write<uint32_t, pcr_dpc_depth>(0);
        check_irql_after(call, DISPATCH_LEVEL);
    }
    return !has_dpcs();
}

bool is_threaded(const KDPC& dpc) { return dpc.Type == threaded_dpc_object; }

Processor* enqueue_dpc(KDPC& dpc, PVOID argument1, PVOID argument2, Processor& fallback) {
    Processor& target = target_of(dpc, fallback);
    const bool queued = queue_of(dpc, target).with([&](DpcQueue& queue) {
        PVOID expected = nullptr;
        if (!__atomic_compare_exchange_n(&dpc.DpcData, &expected, &target, false, __ATOMIC_ACQ_REL,
                                         __ATOMIC_RELAXED))
            return false;
        dpc.SystemArgument1 = argument1;
        dpc.SystemArgument2 = argument2;
        if (dpc.Importance == HighImportance)
            queue.push_front(dpc);
        else
            queue.push_back(dpc);
        return true;
    });
    return queued ? &target : nullptr;
}

void announce_dpc(bool threaded, Processor& target) {
    if (threaded)
        engine::the().unpark(*target.threaded_dpc_task);
    else if (target.demand_attention())
        target.kick();
}

bool insert_dpc(KDPC& dpc, PVOID argument1, PVOID argument2) {
    // The KDPC may have run and be gone when it is announced.
    const bool threaded = is_threaded(dpc);
    // A DPC for the own processor runs before a thread that is below DISPATCH_LEVEL goes on, as the software
    // interrupt would do it: lowering drains the queue.
    if (current_irql() < DISPATCH_LEVEL && !threaded) {
        const AtDispatch at_dispatch;
        return insert_dpc(dpc, argument1, argument2);
    }
    Processor* const target = enqueue_dpc(dpc, argument1, argument2, current_processor());
    if (target) announce_dpc(threaded, *target);
    return target != nullptr;
}

bool remove_dpc(KDPC& dpc) {
    for (;;) {
        auto* const target = static_cast<Processor*>(__atomic_load_n(&dpc.DpcData, __ATOMIC_ACQUIRE));
        if (!target) return false;
        const bool removed = queue_of(dpc, *target).with([&](DpcQueue& queue) {
            if (__atomic_load_n(&dpc.DpcData, __ATOMIC_RELAXED) != target) return false;
            queue.remove(dpc);
            __atomic_store_n(&dpc.DpcData, nullptr, __ATOMIC_RELEASE);
            return true;
        });
        if (removed) return true;
    }
}

void flush_dpcs() {
    for (uint32_t number = 0; number < processor_count(); ++number) {
        for (const UCHAR type : {dpc_object, threaded_dpc_object}) {
            KEVENT done;
            initialize_header(done.Header, event_notification, sizeof done, 0);
            KDPC dpc;
            initialize_dpc(
                dpc, type,
                [](KDPC*, PVOID event, PVOID, PVOID) NTAPI {
                    with_dispatcher(
                        [&](Dispatch& dispatch) { signal(dispatch, static_cast<KEVENT*>(event)->Header); });
                },
                &done);
            dpc.Number = static_cast<USHORT>(target_bias + number);
            insert_dpc(dpc, nullptr, nullptr);
            wait_for(&done);
        }
    }
}

void run_dpc_task(Processor& processor) {
    while (!stopping()) {
        const engine::Time deadline = first_timer_deadline(processor);
        if (!processor.has_dpcs() && engine::the().now() < deadline) {
            const OffProcessor idle(*current_thread());
            engine::the().park(deadline);
        }
        bool drained;
        {
            const AtDispatch at_dispatch;
            expire_timers(processor);
            drained = processor.drain_dpcs();
        }
        // DPCs that queue themselves again and again leave room for others.
        if (!drained) engine::the().spin(0);
    }
}

void run_threaded_dpc_task(Processor& processor) {
    while (!stopping()) {
        const Call call = processor.threaded_dpcs.with(take);
        if (!call.dpc) {
            const OffProcessor idle(*current_thread());
            engine::the().park(engine::never);
            continue;
        }
        call_queued(call.routine, call.dpc, call.context, call.argument1, call.argument2);
        check_irql_after(call, PASSIVE_LEVEL);
    }
}

}  // namespace ndiskit::nt::ke

using namespace ndiskit::nt;

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keinitializedpc
void NTAPI KeInitializeDpc(PRKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext) {
    ke::initialize_dpc(*Dpc, ke::dpc_object, DeferredRoutine, DeferredContext);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keinitializethreadeddpc
void NTAPI KeInitializeThreadedDpc(PRKDPC Dpc, PKDEFERRED_ROUTINE DeferredRoutine, PVOID DeferredContext) {
    ke::initialize_dpc(*Dpc, ke::threaded_dpc_object, DeferredRoutine, DeferredContext);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keinsertqueuedpc
BOOLEAN NTAPI KeInsertQueueDpc(PRKDPC Dpc, PVOID SystemArgument1, PVOID SystemArgument2) {
    return ke::insert_dpc(*Dpc, SystemArgument1, SystemArgument2);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keremovequeuedpc
BOOLEAN NTAPI KeRemoveQueueDpc(PRKDPC Dpc) { return ke::remove_dpc(*Dpc); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keremovequeuedpcex
BOOLEAN NTAPI KeRemoveQueueDpcEx(PRKDPC Dpc, BOOLEAN WaitIfActive) {
    const bool removed = ke::remove_dpc(*Dpc);
    if (!removed && WaitIfActive) ke::flush_dpcs();
    return removed;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kesettargetprocessordpc
void NTAPI KeSetTargetProcessorDpc(PRKDPC Dpc, CCHAR Number) {
    Dpc->Number = static_cast<USHORT>(ke::target_bias + Number);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kesettargetprocessordpcex
NTSTATUS NTAPI KeSetTargetProcessorDpcEx(PKDPC Dpc, PPROCESSOR_NUMBER ProcNumber) {
    if (ProcNumber->Group != 0 || ProcNumber->Number >= ke::processor_count())
        return STATUS_INVALID_PARAMETER;
    Dpc->Number = static_cast<USHORT>(ke::target_bias + ProcNumber->Number);
    return STATUS_SUCCESS;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kesetimportancedpc
void NTAPI KeSetImportanceDpc(PRKDPC Dpc, KDPC_IMPORTANCE Importance) {
    Dpc->Importance = static_cast<UCHAR>(Importance);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keflushqueueddpcs
void NTAPI KeFlushQueuedDpcs() { ke::flush_dpcs(); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keisexecutingdpc
ULONG NTAPI KeIsExecutingDpc() { return ke::gs_read<uint32_t, ke::pcr_dpc_depth>(); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keshouldyieldprocessor
// Others on this processor wait for it: DPCs are queued behind the running one.
ULONG NTAPI KeShouldYieldProcessor() { return ke::current_processor().has_dpcs(); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequerydpcwatchdoginformation
// Limits of 0 say that the watchdog is off.
NTSTATUS NTAPI KeQueryDpcWatchdogInformation(PKDPC_WATCHDOG_INFORMATION WatchdogInformation) {
    if (current_irql() < DISPATCH_LEVEL) return STATUS_UNSUCCESSFUL;
    *WatchdogInformation = {};
    return STATUS_SUCCESS;
}

}  // extern "C"
