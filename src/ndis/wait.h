// Waiting in the control plane, at PASSIVE_LEVEL: the answer of a driver that may come later, and the lock that
// makes PnP operations on one driver stack exclude each other.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/guarded.h"
#include "ndis/abi.h"

namespace ndiskit::ndis {

// The end of one operation that a driver may finish at once or later (NDIS_STATUS_PENDING).
class Completion {
  public:
    Completion() { KeInitializeEvent(&done_, NotificationEvent, false); }
    Completion(const Completion&) = delete;
    Completion& operator=(const Completion&) = delete;

    // Callable up to DISPATCH_LEVEL.
    void complete(NDIS_STATUS status) {
        status_.store(status, std::memory_order_relaxed);
        KeSetEvent(&done_, 0, false);
    }
    NDIS_STATUS wait() {
        KeWaitForSingleObject(&done_, Executive, KernelMode, false, nullptr);
        return status_.load(std::memory_order_relaxed);
    }
    // What the driver's handler returned: the final status, or the one that comes later.
    NDIS_STATUS settle(NDIS_STATUS returned) { return returned == NDIS_STATUS_PENDING ? wait() : returned; }

  private:
    KEVENT done_;
    std::atomic<NDIS_STATUS> status_ = NDIS_STATUS_PENDING;
};

// One PnP operation at a time on an adapter and all that is bound to it. The thread that holds it may take it
// again, because drivers call back into the library from inside such operations. Order between adapters: the lower
// one first (an IM driver's virtual miniport is initialised and torn down while its lower stack is held).
class PnpLock {
  public:
    PnpLock() { KeInitializeEvent(&freed_, SynchronizationEvent, false); }
    PnpLock(const PnpLock&) = delete;
    PnpLock& operator=(const PnpLock&) = delete;

    void lock();
    // As lock() without what on_taken() asks for: of what is there as it is.
    void lock_as_it_is();
    bool try_lock();
    void unlock();
    // Called by each thread that has taken the lock, and may wait; not when it takes it again. Once, before use.
    void on_taken(void (*call)(void*), void* context) {
        taken_ = call;
        taken_context_ = context;
    }
    bool held_by_caller() const;

  private:
    bool take();  // true when it was free
    struct State {
        void* owner = nullptr;
        uint32_t depth = 0;
        uint32_t waiters = 0;
    };
    mutable Guarded<State, LockRank::ndis_leaf> state_;
    KEVENT freed_;
    void (*taken_)(void*) = nullptr;
    void* taken_context_ = nullptr;
};

class PnpHold {
  public:
    enum AsItIs { as_it_is };
    explicit PnpHold(PnpLock& lock) : lock_(lock) { lock_.lock(); }
    PnpHold(PnpLock& lock, AsItIs) : lock_(lock) { lock_.lock_as_it_is(); }
    ~PnpHold() { lock_.unlock(); }
    PnpHold(const PnpHold&) = delete;
    PnpHold& operator=(const PnpHold&) = delete;

  private:
    PnpLock& lock_;
};

}  // namespace ndiskit::ndis
