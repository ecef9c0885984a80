// Read/write locks: NDIS_RW_LOCK_EX, which NDIS allocates, and the older NDIS_RW_LOCK in the driver's memory.
//
// A reader counts itself on its processor's own counter: one interlocked add on a line that nobody else
// writes. A writer claims the lock and then waits until every processor's counter is zero; readers that come
// meanwhile take their count back and wait. A processor that reads already reads again at once, whoever
// waits, and one that writes may write (and read) again: the last release ends it. Reading first and then
// writing would wait for itself, which is a bug check here. As on Windows the lock is not fair.

#include <fmt/format.h>

#include <atomic>

#include "ndis/nbl/abi.h"
#include "ndis/nbl/fault.h"
#include "nt/ke/processor.h"
#include "nt/ke/spin_lock.h"
#include "nt/pool/pool.h"

using namespace ndiskit;

namespace {

constexpr uint32_t nobody = 0;
constexpr ULONG lock_tag = 'lrDN';

enum State : uint16_t { reading = 1, writing = 2 };

// The lock proper, over the fields that each of the two kinds has for it.
struct LockFields {
    std::atomic<uint32_t>& writer;  // processor number + 1
    uint32_t& write_depth;          // the writer's
    std::atomic<uint32_t>* readers;
    uint32_t stride;  // of the counters, in counters
    uint32_t processors;

    std::atomic<uint32_t>& readers_of(uint32_t processor) const { return readers[processor * stride]; }
};

uint32_t here() { return nt::ke::gs_read<uint32_t, nt::ke::pcr_number>(); }

void spin_while(auto&& condition) {
    for (uint32_t round = 0; condition(); round++) engine::the().spin(round);
}

State acquire_read(const LockFields& lock) {
    if (nt::ke::deterministic) [[unlikely]]
        engine::the().switch_point(engine::SwitchPoint::spin_lock);
    const uint32_t processor = here();
    if (lock.writer.load(std::memory_order_relaxed) == processor + 1) {
        lock.write_depth++;
        return writing;
    }
    std::atomic<uint32_t>& readers = lock.readers_of(processor);
    // Sequentially consistent: either this sees the writer, or the writer sees this count.
    if (readers.fetch_add(1) > 0) return reading;
    while (lock.writer.load() != nobody) [[unlikely]] {
            readers.fetch_sub(1);
            spin_while([&] { return lock.writer.load(std::memory_order_relaxed) != nobody; });
            readers.fetch_add(1);
        }
    return reading;
}

State acquire_write(const LockFields& lock, const void* address) {
    if (nt::ke::deterministic) [[unlikely]]
        engine::the().switch_point(engine::SwitchPoint::spin_lock);
    const uint32_t me = here() + 1;
    if (lock.writer.load(std::memory_order_relaxed) == me) {
        lock.write_depth++;
        return writing;
    }
    if (lock.readers_of(me - 1).load(std::memory_order_relaxed) > 0)
        ndis::misuse(
            "a read/write lock is acquired for writing by a processor that holds it for reading: it "
            "would wait for itself (such a lock cannot be promoted)",
            address);
    for (uint32_t round = 0;; round++) {
        uint32_t expected = nobody;
        if (lock.writer.compare_exchange_strong(expected, me)) break;
        engine::the().spin(round);
    }
    for (uint32_t i = 0; i < lock.processors; i++) spin_while([&] { return lock.readers_of(i).load() > 0; });
    lock.write_depth = 1;
    return writing;
}

void release(const LockFields& lock, uint16_t state, const void* address) {
    const uint32_t processor = here();
    if (state == writing && lock.writer.load(std::memory_order_relaxed) == processor + 1) {
        if (--lock.write_depth == 0) lock.writer.store(nobody, std::memory_order_release);
        return;
    }
    std::atomic<uint32_t>& readers = lock.readers_of(processor);
    if (state != reading || readers.load(std::memory_order_relaxed) == 0)
        ndis::misuse(
            "a read/write lock is released on a processor that does not hold it (each release needs "
            "its own acquire, with the lock state of that acquire, on the same processor)",
            address);
    readers.fetch_sub(1, std::memory_order_release);
}

struct alignas(64) ReaderLine {
    std::atomic<uint32_t> readers = 0;
};

}  // namespace

struct _NDIS_RW_LOCK_EX {
    alignas(64) std::atomic<uint32_t> writer = nobody;
    uint32_t write_depth = 0;
    uint32_t processors = 0;
    void* memory = nullptr;  // what the pool gave; the lock lies on a cache line in it
    ReaderLine lines[];

    LockFields fields() {
        return {writer, write_depth, &lines[0].readers, sizeof(ReaderLine) / 4, processors};
    }
};

namespace {

// SpinLock holds the writer, Context its depth; a counter a processor follows.
LockFields fields_of(NDIS_RW_LOCK* lock) {
    return {reinterpret_cast<std::atomic<uint32_t>&>(lock->SpinLock),
            reinterpret_cast<uint32_t&>(lock->Context),
            reinterpret_cast<std::atomic<uint32_t>*>(lock->RefCount), sizeof(NDIS_RW_LOCK_REFCOUNT) / 4,
            nt::ke::processor_count()};
}

KIRQL raise(bool at_dispatch) {
    if (at_dispatch || nt::current_irql() >= DISPATCH_LEVEL) return DISPATCH_LEVEL;
    return nt::raise_irql_to_dispatch();
}

void lower(KIRQL old) {
    if (old < DISPATCH_LEVEL) nt::lower_irql(old);
}

void check_at_dispatch(const void* lock) {
    if (nt::current_irql() < DISPATCH_LEVEL) [[unlikely]]
        ndis::misuse(fmt::format("a read/write lock is used as at DISPATCH_LEVEL, but the IRQL is {}",
                                 nt::current_irql()),
                     lock);
}

}  // namespace

extern "C" {

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisallocaterwlock
PNDIS_RW_LOCK_EX NTAPI NdisAllocateRWLock(NDIS_HANDLE NdisHandle) {
    const uint32_t processors = nt::ke::processor_count();
    const size_t size = sizeof(NDIS_RW_LOCK_EX) + processors * sizeof(ReaderLine);
    void* memory =
        nt::pool_allocate_zeroed(nt::PoolKind::nonpaged, size + 64, lock_tag, __builtin_return_address(0));
    if (!memory) return nullptr;
    const uintptr_t aligned = (reinterpret_cast<uintptr_t>(memory) + 63) & ~uintptr_t{63};
    auto* lock = reinterpret_cast<NDIS_RW_LOCK_EX*>(aligned);
    lock->processors = processors;
    lock->memory = memory;
    return lock;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisfreerwlock
void NTAPI NdisFreeRWLock(PNDIS_RW_LOCK_EX Lock) {
    bool held = Lock->writer.load() != nobody;
    for (uint32_t i = 0; i < Lock->processors; i++) held |= Lock->lines[i].readers.load() > 0;
    if (held) ndis::misuse("a read/write lock is freed while it is held", Lock);
    nt::pool_free(Lock->memory, lock_tag);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisacquirerwlockread
void NTAPI NdisAcquireRWLockRead(PNDIS_RW_LOCK_EX Lock, PLOCK_STATE_EX LockState, UCHAR Flags) {
    const bool at_dispatch = Flags & NDIS_RWL_AT_DISPATCH_LEVEL;
    if (at_dispatch) check_at_dispatch(Lock);
    const KIRQL old = raise(at_dispatch);
    LockState->LockState = static_cast<UCHAR>(acquire_read(Lock->fields()));
    LockState->OldIrql = old;
    LockState->Flags = Flags;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisacquirerwlockwrite
void NTAPI NdisAcquireRWLockWrite(PNDIS_RW_LOCK_EX Lock, PLOCK_STATE_EX LockState, UCHAR Flags) {
    const bool at_dispatch = Flags & NDIS_RWL_AT_DISPATCH_LEVEL;
    if (at_dispatch) check_at_dispatch(Lock);
    const KIRQL old = raise(at_dispatch);
    LockState->LockState = static_cast<UCHAR>(acquire_write(Lock->fields(), Lock));
    LockState->OldIrql = old;
    LockState->Flags = Flags;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisreleaserwlock
void NTAPI NdisReleaseRWLock(PNDIS_RW_LOCK_EX Lock, PLOCK_STATE_EX LockState) {
    check_at_dispatch(Lock);
    const KIRQL old = LockState->OldIrql;
    release(Lock->fields(), LockState->LockState, Lock);
    lower(old);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisinitializereadwritelock
void NTAPI NdisInitializeReadWriteLock(PNDIS_RW_LOCK Lock) { __builtin_memset(Lock, 0, sizeof *Lock); }

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisacquirereadwritelock
void NTAPI NdisAcquireReadWriteLock(PNDIS_RW_LOCK Lock, BOOLEAN fWrite, PLOCK_STATE LockState) {
    const KIRQL old = raise(false);
    const LockFields fields = fields_of(Lock);
    LockState->LockState = fWrite ? acquire_write(fields, Lock) : acquire_read(fields);
    LockState->OldIrql = old;
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisreleasereadwritelock
void NTAPI NdisReleaseReadWriteLock(PNDIS_RW_LOCK Lock, PLOCK_STATE LockState) {
    check_at_dispatch(Lock);
    const KIRQL old = LockState->OldIrql;
    release(fields_of(Lock), LockState->LockState, Lock);
    lower(old);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisdpracquirereadwritelock
void NTAPI NdisDprAcquireReadWriteLock(PNDIS_RW_LOCK Lock, BOOLEAN fWrite, PLOCK_STATE LockState) {
    check_at_dispatch(Lock);
    NdisAcquireReadWriteLock(Lock, fWrite, LockState);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ndis/nf-ndis-ndisdprreleasereadwritelock
void NTAPI NdisDprReleaseReadWriteLock(PNDIS_RW_LOCK Lock, PLOCK_STATE LockState) {
    NdisReleaseReadWriteLock(Lock, LockState);
}

}  // extern "C"
