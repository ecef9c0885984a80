#include "nt/ke/apc.h"

#include <fmt/core.h>

#include "nt/bugcheck.h"
#include "nt/image/call_gate.h"
#include "nt/ke/dispatcher.h"
#include "nt/ke/irql.h"
#include "nt/pool/pool.h"

namespace ndiskit::nt::ke {
namespace {

constexpr uint32_t apc_index_mismatch = 0x1;
constexpr uint32_t irql_unexpected_value = 0xC8;
constexpr UCHAR apc_object = 18;

// What a driver sees as reserved.
PKKERNEL_ROUTINE kernel_routine(const KAPC& apc) {
    return reinterpret_cast<PKKERNEL_ROUTINE>(apc.Reserved[0]);
}
PKRUNDOWN_ROUTINE rundown_routine(const KAPC& apc) {
    return reinterpret_cast<PKRUNDOWN_ROUTINE>(apc.Reserved[1]);
}
PKNORMAL_ROUTINE normal_routine(const KAPC& apc) {
    return reinterpret_cast<PKNORMAL_ROUTINE>(apc.Reserved[2]);
}

KAPC& apc_of(LIST_ENTRY* entry) { return *CONTAINING_RECORD(entry, KAPC, ApcListEntry); }

void initialize_apc(KAPC& apc, ThreadObject& thread, PKKERNEL_ROUTINE kernel, PKRUNDOWN_ROUTINE rundown,
                    PKNORMAL_ROUTINE normal, KPROCESSOR_MODE mode, PVOID context) {
    apc = {};
    apc.Type = apc_object;
    apc.Size = sizeof apc;
    apc.Thread = kthread(&thread);
    apc.Reserved[0] = reinterpret_cast<PVOID>(kernel);
    apc.Reserved[1] = reinterpret_cast<PVOID>(rundown);
    apc.Reserved[2] = reinterpret_cast<PVOID>(normal);
    apc.ApcMode = normal ? mode : static_cast<KPROCESSOR_MODE>(KernelMode);
    apc.NormalContext = normal ? context : nullptr;
}

// Special APCs come before normal ones, otherwise in the order of their insertion.
void link(ThreadObject& thread, KAPC& apc) {
    ApcQueues& queues = thread.apcs;
    if (apc.ApcMode != KernelMode) return InsertTailList(&queues.user, &apc.ApcListEntry);
    LIST_ENTRY* before = &queues.kernel;
    if (!normal_routine(apc))
        for (before = queues.kernel.Flink; before != &queues.kernel && !normal_routine(apc_of(before));)
            before = before->Flink;
    InsertTailList(before, &apc.ApcListEntry);
    thread.attention.fetch_or(ThreadObject::kernel_apcs, std::memory_order_relaxed);
}

void unlink(ThreadObject& thread, KAPC& apc) {
    RemoveEntryList(&apc.ApcListEntry);
    apc.Inserted = FALSE;
    if (IsListEmpty(&thread.apcs.kernel))
        thread.attention.fetch_and(static_cast<uint8_t>(~ThreadObject::kernel_apcs),
                                   std::memory_order_relaxed);
}

// An APC as it was when it left the queue: the kernel routine may free the KAPC.
struct Call {
    KAPC* apc = nullptr;
    PKKERNEL_ROUTINE kernel;
    PKNORMAL_ROUTINE normal;
    PVOID context, argument1, argument2;
};

Call take_next(ThreadObject& thread) {
    return with_dispatcher([&](Dispatch&) -> Call {
        if (!has_apc_to_run(thread, PASSIVE_LEVEL)) return {};
        KAPC& apc = apc_of(thread.apcs.kernel.Flink);
        unlink(thread, apc);
        return {&apc,
                kernel_routine(apc),
                normal_routine(apc),
                apc.NormalContext,
                apc.SystemArgument1,
                apc.SystemArgument2};
    });
}

template <class Routine>
void check_after(const char* what, Routine routine, KIRQL expected, int32_t kernel, int32_t special) {
    const ThreadObject& thread = *current_thread();
    const KIRQL irql = current_irql();
    if (irql != expected)
        bug_check_because(fmt::format("the {} routine of an APC was called at IRQL {} and returned at {}",
                                      what, expected, irql),
                          irql_unexpected_value, uint64_t{irql} << 16 | uint64_t{expected} << 8 | 1,
                          reinterpret_cast<uint64_t>(routine));
    if (thread.kernel_apc_disable != kernel || thread.special_apc_disable != special)
        bug_check_because(
            fmt::format("the {} routine of an APC returned with another depth of critical or guarded regions "
                        "than it was called with",
                        what),
            apc_index_mismatch, reinterpret_cast<uint64_t>(routine), 0,
            static_cast<uint64_t>(static_cast<uint16_t>(thread.special_apc_disable)) << 16 |
                static_cast<uint16_t>(thread.kernel_apc_disable),
            1);
}

void run(ThreadObject& thread, Call call) {
    const int32_t kernel = thread.kernel_apc_disable, special = thread.special_apc_disable;
    const bool is_normal = call.normal != nullptr;
    call_queued(call.kernel, call.apc, &call.normal, &call.context, &call.argument1, &call.argument2);
    check_after("kernel", call.kernel, APC_LEVEL, kernel, special);
    // The kernel routine may have taken the normal routine away.
    if (!is_normal || !call.normal) return;
    thread.apcs.normal_runs = true;
    gs_write<KIRQL, pcr_irql>(PASSIVE_LEVEL);
    call_queued(call.normal, call.context, call.argument1, call.argument2);
    check_after("normal", call.normal, PASSIVE_LEVEL, kernel, special);
    gs_write<KIRQL, pcr_irql>(APC_LEVEL);
    thread.apcs.normal_runs = false;
}

}  // namespace

bool has_apc_to_run(const ThreadObject& thread, KIRQL irql) {
    const ApcQueues& queues = thread.apcs;
    if (IsListEmpty(&queues.kernel) || irql >= APC_LEVEL || thread.special_apc_disable != 0) return false;
    if (!normal_routine(apc_of(queues.kernel.Flink))) return true;
    return thread.kernel_apc_disable == 0 && !queues.normal_runs;
}

bool enqueue_apc(Dispatch& dispatch, KAPC& apc, PVOID argument1, PVOID argument2) {
    ThreadObject& thread = *thread_object(apc.Thread);
    if (apc.Inserted || thread.apcs.closed) return false;
    apc.Inserted = TRUE;
    apc.SystemArgument1 = argument1;
    apc.SystemArgument2 = argument2;
    link(thread, apc);
    const WaitState& wait = thread.wait;
    if (!wait.waiting.load(std::memory_order_relaxed)) return true;
    if (apc.ApcMode == KernelMode) {
        if (has_apc_to_run(thread, wait.kind.irql)) satisfy_wait(dispatch, thread, status_kernel_apc);
    } else if (wait.kind.alertable && wait.kind.mode != KernelMode) {
        satisfy_wait(dispatch, thread, STATUS_USER_APC);
    }
    return true;
}

// One that sleeps for a lock that is no dispatcher object (wait_lot.h) runs its APCs when it is woken.
void announce_apc(ThreadObject& thread) {
    if (&thread == current_thread())
        deliver_pending_apcs();
    else if (engine::Task* const task = thread.task)
        engine::the().unpark(*task);
}

bool remove_apc(Dispatch&, KAPC& apc) {
    if (!apc.Inserted) return false;
    unlink(*thread_object(apc.Thread), apc);
    return true;
}

void deliver_apcs() {
    ThreadObject& thread = *current_thread();
    const KIRQL old = current_irql();
    if (old >= APC_LEVEL) return;
    for (Call call = take_next(thread); call.apc; call = take_next(thread)) {
        gs_write<KIRQL, pcr_irql>(APC_LEVEL);
        run(thread, call);
        gs_write<KIRQL, pcr_irql>(old);
    }
}

NTSTATUS take_alert(ThreadObject& thread, const WaitKind& kind) {
    ApcQueues& queues = thread.apcs;
    if (!kind.alertable) return 0;
    if (std::exchange(queues.alert(kind.mode), false)) return STATUS_ALERTED;
    if (kind.mode != KernelMode && !IsListEmpty(&queues.user)) return STATUS_USER_APC;
    return std::exchange(queues.kernel_alert, false) ? STATUS_ALERTED : 0;
}

void run_down_apcs(ThreadObject& thread) {
    // A normal routine that ended the thread does not keep the others from running.
    thread.apcs.normal_runs = false;
    for (bool closed = false; !closed;) {
        deliver_apcs();
        closed =
            with_dispatcher([&](Dispatch&) { return thread.apcs.closed = IsListEmpty(&thread.apcs.kernel); });
    }
    for (;;) {
        KAPC* const apc = with_dispatcher([&](Dispatch&) -> KAPC* {
            if (IsListEmpty(&thread.apcs.user)) return nullptr;
            KAPC& first = apc_of(thread.apcs.user.Flink);
            unlink(thread, first);
            return &first;
        });
        if (!apc) return;
        if (const PKRUNDOWN_ROUTINE routine = rundown_routine(*apc))
            call_queued(routine, apc);
        else
            ExFreePool(apc);
    }
}

}  // namespace ndiskit::nt::ke

using namespace ndiskit::nt;

extern "C" {

// Threads belong to the system process and are never attached to another: every environment is the same.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/types-of-apcs
void NTAPI KeInitializeApc(PKAPC Apc, PKTHREAD Thread, ULONG, PKKERNEL_ROUTINE KernelRoutine,
                           PKRUNDOWN_ROUTINE RundownRoutine, PKNORMAL_ROUTINE NormalRoutine,
                           KPROCESSOR_MODE ApcMode, PVOID NormalContext) {
    ke::initialize_apc(*Apc, *ke::thread_object(Thread), KernelRoutine, RundownRoutine, NormalRoutine,
                       ApcMode, NormalContext);
}

// https://learn.microsoft.com/windows-hardware/drivers/kernel/types-of-apcs
BOOLEAN NTAPI KeInsertQueueApc(PKAPC Apc, PVOID SystemArgument1, PVOID SystemArgument2, KPRIORITY) {
    // The APC may have run and be gone when it is announced; its thread cannot end while it is this one, and
    // is the caller's to hold otherwise.
    ke::ThreadObject& thread = *ke::thread_object(Apc->Thread);
    const bool queued = ke::with_dispatcher([&](ke::Dispatch& dispatch) {
        return ke::enqueue_apc(dispatch, *Apc, SystemArgument1, SystemArgument2);
    });
    if (queued) ke::announce_apc(thread);
    return queued;
}

// https://learn.microsoft.com/windows-hardware/drivers/kernel/disabling-apcs
void NTAPI KiCheckForKernelApcDelivery() { ke::deliver_pending_apcs(); }

// https://learn.microsoft.com/windows-hardware/drivers/kernel/waits-and-apcs
BOOLEAN NTAPI KeAlertThread(PKTHREAD Thread, KPROCESSOR_MODE AlertMode) {
    ke::ThreadObject& thread = *ke::thread_object(Thread);
    return ke::with_dispatcher([&](ke::Dispatch& dispatch) -> bool {
        const ke::WaitState& wait = thread.wait;
        if (thread.apcs.alert(AlertMode)) return true;
        // An alert of kernel mode ends waits of both modes.
        if (wait.waiting.load(std::memory_order_relaxed) && wait.kind.alertable &&
            (AlertMode == KernelMode || wait.kind.mode != KernelMode))
            ke::satisfy_wait(dispatch, thread, STATUS_ALERTED);
        else
            thread.apcs.alert(AlertMode) = true;
        return false;
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/kernel/waits-and-apcs
BOOLEAN NTAPI KeTestAlertThread(KPROCESSOR_MODE AlertMode) {
    return ke::with_dispatcher(
        [&](ke::Dispatch&) { return std::exchange(ke::current_thread()->apcs.alert(AlertMode), false); });
}

}  // extern "C"
