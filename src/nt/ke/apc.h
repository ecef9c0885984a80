// APCs: procedures that run in a certain thread. A KAPC waits in one of its thread's two queues, kernel or
// user; in the kernel's, special ones (without a normal routine) stand before normal ones. One lock, the
// dispatcher's, guards the queues.
//
// A kernel APC runs when its thread comes by: when its IRQL falls below APC_LEVEL, when it leaves a region
// that held APCs off, when it is about to wait or waits, below APC_LEVEL; on sim also at the switch points of
// a driver's calls. It does not break into code that does none of these. Special ones run at APC_LEVEL; of a
// normal one the kernel routine runs at APC_LEVEL, then its normal routine at PASSIVE_LEVEL, one at a time.
// The waits that an APC broke are taken up again.
//
// Threads here have no user mode to return to: an APC for it ends an alertable wait for user mode and is run
// down with its thread.
#pragma once

#include "nt/abi.h"
#include "nt/ke/thread.h"

extern "C" {

typedef void NTAPI KNORMAL_ROUTINE(PVOID NormalContext, PVOID SystemArgument1, PVOID SystemArgument2);
typedef KNORMAL_ROUTINE* PKNORMAL_ROUTINE;
typedef void NTAPI KKERNEL_ROUTINE(PKAPC Apc, PKNORMAL_ROUTINE* NormalRoutine, PVOID* NormalContext,
                                   PVOID* SystemArgument1, PVOID* SystemArgument2);
typedef KKERNEL_ROUTINE* PKKERNEL_ROUTINE;
typedef void NTAPI KRUNDOWN_ROUTINE(PKAPC Apc);
typedef KRUNDOWN_ROUTINE* PKRUNDOWN_ROUTINE;
enum KAPC_ENVIRONMENT { OriginalApcEnvironment, AttachedApcEnvironment, CurrentApcEnvironment };

void NTAPI KeInitializeApc(PKAPC Apc, PKTHREAD Thread, ULONG Environment, PKKERNEL_ROUTINE KernelRoutine,
                           PKRUNDOWN_ROUTINE RundownRoutine, PKNORMAL_ROUTINE NormalRoutine,
                           KPROCESSOR_MODE ApcMode, PVOID NormalContext);
BOOLEAN NTAPI KeInsertQueueApc(PKAPC Apc, PVOID SystemArgument1, PVOID SystemArgument2, KPRIORITY Increment);
void NTAPI KiCheckForKernelApcDelivery();
BOOLEAN NTAPI KeAlertThread(PKTHREAD Thread, KPROCESSOR_MODE AlertMode);
BOOLEAN NTAPI KeTestAlertThread(KPROCESSOR_MODE AlertMode);

}  // extern "C"

namespace ndiskit::nt::ke {

class Dispatch;

// A routine of drivers' that takes three arguments, narrower ones perhaps, as the normal routine of an APC.
template <class Routine>
PKNORMAL_ROUTINE as_normal(Routine* routine) {
    return reinterpret_cast<PKNORMAL_ROUTINE>(reinterpret_cast<void*>(routine));
}

// KeInsertQueueApc in two halves, for who holds the dispatcher lock: the first tells whether the APC is in
// the queue now (not when it was before, or when the thread has ended), the second lets it run.
bool enqueue_apc(Dispatch& dispatch, KAPC& apc, PVOID argument1, PVOID argument2);
void announce_apc(ThreadObject& thread);
// Takes the APC out of its queue; false when it was not in it.
bool remove_apc(Dispatch& dispatch, KAPC& apc);

// May the thread run the first of its kernel APCs, at `irql`? Under the dispatcher lock.
bool has_apc_to_run(const ThreadObject& thread, KIRQL irql);
// Runs what the calling thread may run now.
void deliver_apcs();
// As that, where nothing is to be done as a rule.
[[gnu::always_inline]] inline void deliver_pending_apcs() {
    if (current_thread()->attention.load(std::memory_order_relaxed) & ThreadObject::kernel_apcs) [[unlikely]]
        deliver_apcs();
}
// Does something break the wait of a thread (STATUS_ALERTED, STATUS_USER_APC)? 0 when nothing does.
NTSTATUS take_alert(ThreadObject& thread, const WaitKind& kind);
// The thread ends: runs its kernel APCs, takes no more, and runs down those for user mode.
void run_down_apcs(ThreadObject& thread);

}  // namespace ndiskit::nt::ke
