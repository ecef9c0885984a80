// NDIS spin locks, and the interlocked lists and counters on them. Drivers of today carry these inline over
// the kernel's functions; ndis.sys exports them for binaries of old.

#include "nt/ke/spin_lock.h"
#include "ndis/nbl/abi.h"

using namespace ndiskit;

namespace {

// Holds an NDIS spin lock at DISPATCH_LEVEL for the scope; a caller at any level may use it, as the pages
// allow.
class Hold {
  public:
    explicit Hold(NDIS_SPIN_LOCK* lock) : lock_(*lock) {
        if (nt::current_irql() < DISPATCH_LEVEL) old_ = nt::raise_irql_to_dispatch();
        nt::ke::acquire_spin_lock(lock_.SpinLock);
    }
    ~Hold() {
        nt::ke::release_spin_lock(lock_.SpinLock);
        if (old_ < DISPATCH_LEVEL) nt::lower_irql(old_);
    }
    Hold(const Hold&) = delete;
    Hold& operator=(const Hold&) = delete;

  private:
    NDIS_SPIN_LOCK& lock_;
    KIRQL old_ = DISPATCH_LEVEL;
};

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisallocatespinlock
void NTAPI NdisAllocateSpinLock(PNDIS_SPIN_LOCK SpinLock) {
    __atomic_store_n(&SpinLock->SpinLock, 0, __ATOMIC_RELEASE);
    SpinLock->OldIrql = PASSIVE_LEVEL;
}

// A spin lock owns nothing.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfreespinlock
void NTAPI NdisFreeSpinLock(PNDIS_SPIN_LOCK SpinLock) {}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisacquirespinlock
void NTAPI NdisAcquireSpinLock(PNDIS_SPIN_LOCK SpinLock) {
    const KIRQL old = KeAcquireSpinLockRaiseToDpc(&SpinLock->SpinLock);
    SpinLock->OldIrql = old;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisreleasespinlock
void NTAPI NdisReleaseSpinLock(PNDIS_SPIN_LOCK SpinLock) {
    KeReleaseSpinLock(&SpinLock->SpinLock, SpinLock->OldIrql);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisdpracquirespinlock
void NTAPI NdisDprAcquireSpinLock(PNDIS_SPIN_LOCK SpinLock) {
    KeAcquireSpinLockAtDpcLevel(&SpinLock->SpinLock);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisdprreleasespinlock
void NTAPI NdisDprReleaseSpinLock(PNDIS_SPIN_LOCK SpinLock) {
    KeReleaseSpinLockFromDpcLevel(&SpinLock->SpinLock);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisinterlockedincrement
LONG NTAPI NdisInterlockedIncrement(PLONG Addend) { return __atomic_add_fetch(Addend, 1, __ATOMIC_SEQ_CST); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisinterlockeddecrement
LONG NTAPI NdisInterlockedDecrement(PLONG Addend) { return __atomic_sub_fetch(Addend, 1, __ATOMIC_SEQ_CST); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisinterlockedaddulong
ULONG NTAPI NdisInterlockedAddUlong(PULONG Addend, ULONG Increment, PNDIS_SPIN_LOCK SpinLock) {
    const Hold hold(SpinLock);
    const ULONG before = *Addend;
    *Addend = before + Increment;
    return before;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisinterlockedinsertheadlist
PLIST_ENTRY NTAPI NdisInterlockedInsertHeadList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry,
                                                PNDIS_SPIN_LOCK SpinLock) {
    const Hold hold(SpinLock);
    LIST_ENTRY* const first = ListHead->Flink;
    *ListEntry = {.Flink = first, .Blink = ListHead};
    first->Blink = ListEntry;
    ListHead->Flink = ListEntry;
    return first == ListHead ? nullptr : first;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisinterlockedinserttaillist
PLIST_ENTRY NTAPI NdisInterlockedInsertTailList(PLIST_ENTRY ListHead, PLIST_ENTRY ListEntry,
                                                PNDIS_SPIN_LOCK SpinLock) {
    const Hold hold(SpinLock);
    LIST_ENTRY* const last = ListHead->Blink;
    *ListEntry = {.Flink = ListHead, .Blink = last};
    last->Flink = ListEntry;
    ListHead->Blink = ListEntry;
    return last == ListHead ? nullptr : last;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisinterlockedremoveheadlist
PLIST_ENTRY NTAPI NdisInterlockedRemoveHeadList(PLIST_ENTRY ListHead, PNDIS_SPIN_LOCK SpinLock) {
    const Hold hold(SpinLock);
    LIST_ENTRY* const first = ListHead->Flink;
    if (first == ListHead) return nullptr;
    ListHead->Flink = first->Flink;
    first->Flink->Blink = ListHead;
    return first;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exinterlockedpushentrylist
PSINGLE_LIST_ENTRY NTAPI NdisInterlockedPushEntryList(PSINGLE_LIST_ENTRY ListHead,
                                                      PSINGLE_LIST_ENTRY ListEntry, PNDIS_SPIN_LOCK Lock) {
    const Hold hold(Lock);
    SINGLE_LIST_ENTRY* const first = ListHead->Next;
    ListEntry->Next = first;
    ListHead->Next = ListEntry;
    return first;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-exinterlockedpopentrylist
PSINGLE_LIST_ENTRY NTAPI NdisInterlockedPopEntryList(PSINGLE_LIST_ENTRY ListHead, PNDIS_SPIN_LOCK Lock) {
    const Hold hold(Lock);
    SINGLE_LIST_ENTRY* const first = ListHead->Next;
    if (first) ListHead->Next = first->Next;
    return first;
}

}  // extern "C"
