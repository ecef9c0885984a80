// Remove locks: they count who uses a device, so that its removal can wait for them.
// https://learn.microsoft.com/windows-hardware/drivers/kernel/using-remove-locks
#include "nt/abi.h"

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioinitializeremovelock
void NTAPI IoInitializeRemoveLockEx(PIO_REMOVE_LOCK lock, ULONG, ULONG, ULONG, ULONG) {
    lock->Common.Removed = FALSE;
    lock->Common.IoCount = 1;
    KeInitializeEvent(&lock->Common.RemoveEvent, SynchronizationEvent, FALSE);
}

static void release(PIO_REMOVE_LOCK lock) {
    if (__atomic_sub_fetch(&lock->Common.IoCount, 1, __ATOMIC_ACQ_REL) == 0)
        KeSetEvent(&lock->Common.RemoveEvent, 0, FALSE);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioacquireremovelock
NTSTATUS NTAPI IoAcquireRemoveLockEx(PIO_REMOVE_LOCK lock, PVOID, PCSTR, ULONG, ULONG) {
    __atomic_add_fetch(&lock->Common.IoCount, 1, __ATOMIC_ACQ_REL);
    if (!__atomic_load_n(&lock->Common.Removed, __ATOMIC_ACQUIRE)) return STATUS_SUCCESS;
    release(lock);
    return STATUS_DELETE_PENDING;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioreleaseremovelock
void NTAPI IoReleaseRemoveLockEx(PIO_REMOVE_LOCK lock, PVOID, ULONG) { release(lock); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-ioreleaseremovelockandwait
void NTAPI IoReleaseRemoveLockAndWaitEx(PIO_REMOVE_LOCK lock, PVOID, ULONG) {
    __atomic_store_n(&lock->Common.Removed, TRUE, __ATOMIC_RELEASE);
    release(lock);
    // One count is the lock's own, from its beginning.
    if (__atomic_sub_fetch(&lock->Common.IoCount, 1, __ATOMIC_ACQ_REL) > 0)
        KeWaitForSingleObject(&lock->Common.RemoveEvent, Executive, KernelMode, FALSE, nullptr);
}

}  // extern "C"
