// Mutexes (KMUTANT): owned by a thread, recursive. SignalState is 1 when free and falls by one an
// acquisition; dispatcher.cpp takes them as part of a wait. A mutex of KeInitializeMutex disables kernel APCs
// of its owner.
#include "nt/exception/raise.h"
#include "nt/ke/apc.h"
#include "nt/ke/dispatcher.h"
#include "nt/ke/irql.h"

using namespace ndiskit::nt;
using ke::Dispatch;
using ke::with_dispatcher;

namespace {

enum class Release { released, not_owned };

Release release(KMUTANT& mutex, bool abandoned, LONG& before) {
    return with_dispatcher([&](Dispatch& dispatch) {
        before = mutex.Header.SignalState;
        ke::ThreadObject* const owner = ke::thread_object(mutex.OwnerThread);
        if (!abandoned && owner != ke::current_thread()) return Release::not_owned;
        mutex.Header.SignalState = abandoned ? 1 : before + 1;
        mutex.Abandoned = abandoned;
        if (mutex.Header.SignalState != 1) return Release::released;
        if (owner) {
            RemoveEntryList(&mutex.MutantListEntry);
            owner->kernel_apc_disable += mutex.ApcDisable;
        }
        mutex.OwnerThread = nullptr;
        ke::satisfy_waiters(dispatch, mutex.Header);
        return Release::released;
    });
}

void initialize(KMUTANT& mutex, bool owned, UCHAR apc_disable) {
    ke::initialize_header(mutex.Header, ke::mutant, sizeof(KMUTANT), owned ? 0 : 1);
    mutex.OwnerThread = nullptr;
    mutex.Abandoned = FALSE;
    mutex.ApcDisable = apc_disable;
    if (!owned) return;
    ke::ThreadObject& thread = *ke::current_thread();
    mutex.OwnerThread = ke::kthread(&thread);
    with_dispatcher([&](Dispatch&) { InsertTailList(&thread.mutants, &mutex.MutantListEntry); });
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-keinitializemutex
void NTAPI KeInitializeMutex(PRKMUTEX Mutex, ULONG Level) { initialize(*Mutex, false, 1); }

// https://learn.microsoft.com/windows-hardware/drivers/kernel/introduction-to-mutex-objects
void NTAPI KeInitializeMutant(PRKMUTANT Mutant, BOOLEAN InitialOwner) {
    initialize(*Mutant, InitialOwner, 0);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kereleasemutex
LONG NTAPI KeReleaseMutex(PRKMUTEX Mutex, BOOLEAN Wait) { return KeReleaseMutant(Mutex, 1, FALSE, Wait); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kereleasemutex
LONG NTAPI KeReleaseMutant(PRKMUTANT Mutant, KPRIORITY Increment, BOOLEAN Abandoned, BOOLEAN Wait) {
    LONG before = 0;
    const bool held_off = Mutant->ApcDisable != 0;
    if (release(*Mutant, Abandoned, before) == Release::not_owned)
        exception::raise_status(
            static_cast<uint32_t>(Mutant->Abandoned ? STATUS_ABANDONED : STATUS_MUTANT_NOT_OWNED));
    if (held_off) ke::deliver_pending_apcs();
    return before;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kereadstatemutex
LONG NTAPI KeReadStateMutex(PRKMUTEX Mutex) {
    return with_dispatcher([&](Dispatch&) { return Mutex->Header.SignalState; });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kereadstatemutex
LONG NTAPI KeReadStateMutant(PRKMUTANT Mutant) { return KeReadStateMutex(Mutant); }

}  // extern "C"
