// One-time initialization. An RTL_RUN_ONCE is one word: the caller's context, whose low two bits are always
// zero, with the state in those bits. While somebody initializes synchronously the word holds the chain of
// those who wait for it instead; each stands on the stack of its thread.
#include "nt/abi.h"
#include "nt/image/call_gate.h"

namespace {

using namespace ndiskit::nt;

enum State : uintptr_t { not_begun = 0, synchronous = 1, complete = 2, asynchronous = 3 };
constexpr uintptr_t state_bits = (1u << RTL_RUN_ONCE_CTX_RESERVED_BITS) - 1;

struct Waiter {
    KEVENT done;
    Waiter* next;
};
static_assert(alignof(Waiter) > state_bits);

uintptr_t load(RTL_RUN_ONCE& once) {
    return __atomic_load_n(reinterpret_cast<uintptr_t*>(&once.Ptr), __ATOMIC_ACQUIRE);
}
bool swap(RTL_RUN_ONCE& once, uintptr_t& expected, uintptr_t desired) {
    return __atomic_compare_exchange_n(reinterpret_cast<uintptr_t*>(&once.Ptr), &expected, desired, false,
                                       __ATOMIC_ACQ_REL, __ATOMIC_ACQUIRE);
}

void wait(RTL_RUN_ONCE& once, uintptr_t word) {
    Waiter self;
    KeInitializeEvent(&self.done, NotificationEvent, FALSE);
    while ((word & state_bits) == synchronous) {
        self.next = reinterpret_cast<Waiter*>(word & ~state_bits);
        if (swap(once, word, reinterpret_cast<uintptr_t>(&self) | synchronous)) {
            KeWaitForSingleObject(&self.done, Executive, KernelMode, FALSE, nullptr);
            return;
        }
    }
}

// The word that the state becomes when initialization ends in this way.
uintptr_t ended(ULONG flags, PVOID context) {
    return flags & RTL_RUN_ONCE_INIT_FAILED ? not_begun : reinterpret_cast<uintptr_t>(context) | complete;
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlrunonceinitialize
void NTAPI RtlRunOnceInitialize(PRTL_RUN_ONCE once) { once->Ptr = nullptr; }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlrunoncebegininitialize
NTSTATUS NTAPI RtlRunOnceBeginInitialize(PRTL_RUN_ONCE once, ULONG flags, PVOID* context) {
    if (flags & ~(RTL_RUN_ONCE_ASYNC | RTL_RUN_ONCE_CHECK_ONLY)) return STATUS_INVALID_PARAMETER;
    const uintptr_t wanted = flags & RTL_RUN_ONCE_ASYNC ? asynchronous : synchronous;
    for (uintptr_t word = load(*once);;) {
        const uintptr_t state = word & state_bits;
        if (state == complete) {
            if (context) *context = reinterpret_cast<PVOID>(word & ~state_bits);
            return STATUS_SUCCESS;
        }
        if (flags & RTL_RUN_ONCE_CHECK_ONLY)
            return flags & RTL_RUN_ONCE_ASYNC ? STATUS_INVALID_PARAMETER_2 : STATUS_UNSUCCESSFUL;
        if (state == not_begun) {
            if (swap(*once, word, wanted)) return STATUS_PENDING;
            continue;
        }
        if (state != wanted) return STATUS_INVALID_PARAMETER_2;
        if (state == asynchronous) return STATUS_PENDING;  // another attempt beside the first
        wait(*once, word);
        word = load(*once);
    }
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlrunoncecomplete
NTSTATUS NTAPI RtlRunOnceComplete(PRTL_RUN_ONCE once, ULONG flags, PVOID context) {
    const bool parallel = (flags & RTL_RUN_ONCE_ASYNC) != 0;
    const bool failed = (flags & RTL_RUN_ONCE_INIT_FAILED) != 0;
    if (flags & ~(RTL_RUN_ONCE_ASYNC | RTL_RUN_ONCE_INIT_FAILED)) return STATUS_INVALID_PARAMETER_2;
    // Of several attempts only one that succeeds is reported.
    if (parallel && failed) return STATUS_INVALID_PARAMETER_2;
    if (reinterpret_cast<uintptr_t>(context) & state_bits || (failed && context))
        return STATUS_INVALID_PARAMETER_3;
    for (uintptr_t word = load(*once);;) {
        const uintptr_t state = word & state_bits;
        if (state != (parallel ? asynchronous : synchronous)) return STATUS_UNSUCCESSFUL;
        if (!swap(*once, word, ended(flags, context))) continue;
        if (parallel) return STATUS_SUCCESS;
        // A waiter is gone from its stack as soon as its event is set.
        for (auto* waiter = reinterpret_cast<Waiter*>(word & ~state_bits); waiter;) {
            Waiter* const next = waiter->next;
            KeSetEvent(&waiter->done, 0, FALSE);
            waiter = next;
        }
        return STATUS_SUCCESS;
    }
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntddk/nf-ntddk-rtlrunonceexecuteonce
NTSTATUS NTAPI RtlRunOnceExecuteOnce(PRTL_RUN_ONCE once, PRTL_RUN_ONCE_INIT_FN initialize, PVOID parameter,
                                     PVOID* context) {
    KeEnterCriticalRegion();
    NTSTATUS status = RtlRunOnceBeginInitialize(once, 0, context);
    if (status == STATUS_PENDING) {
        PVOID made = nullptr;
        const bool good = call_driver(initialize, once, parameter, &made) != 0;
        status = RtlRunOnceComplete(once, good ? 0u : RTL_RUN_ONCE_INIT_FAILED, good ? made : nullptr);
        if (NT_SUCCESS(status) && !good) status = STATUS_UNSUCCESSFUL;
        if (NT_SUCCESS(status) && context) *context = made;
    }
    KeLeaveCriticalRegion();
    return status;
}

}  // extern "C"
