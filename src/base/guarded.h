// Data with its lock. `Guarded<T>` owns a T that can be reached only inside `with`, under a spin lock that
// has a rank (lock_rank.h). Nothing in this kit has a bare mutex beside the data it protects.
//
//     Guarded<std::vector<Device*>, LockRank::nt_device> devices;
//     devices.with([&](auto& list) { list.push_back(&device); });
#pragma once

#include <atomic>
#include <type_traits>
#include <utility>

#include "base/assert.h"
#include "base/lock_rank.h"

namespace ndiskit {

// The ranks that the calling thread of the host holds. On the sim engine all fibers share one thread; that
// is sound because no fiber is switched away while it holds a rank (the engine asserts it).
class HeldRanks {
  public:
    static void push(LockRank rank);
    static void pop(LockRank rank);
    static bool none();
};

// A spin lock that yields the processor when it is held for long. Not recursive.
class RankedSpinLock {
  public:
    explicit constexpr RankedSpinLock(LockRank rank) : rank_(rank) {}
    RankedSpinLock(const RankedSpinLock&) = delete;
    RankedSpinLock& operator=(const RankedSpinLock&) = delete;

    void lock() {
        HeldRanks::push(rank_);
        if (held_.exchange(true, std::memory_order_acquire)) [[unlikely]]
            lock_contended();
    }
    void unlock() {
        held_.store(false, std::memory_order_release);
        HeldRanks::pop(rank_);
    }

  private:
    void lock_contended();

    std::atomic<bool> held_ = false;
    const LockRank rank_;
};

template <class T, LockRank rank>
class Guarded {
  public:
    template <class... Arguments>
    explicit Guarded(Arguments&&... arguments) : value_(std::forward<Arguments>(arguments)...) {}

    // Calls `body(T&)` under the lock and returns what it returns. The body must not wait, call a driver, or
    // let a reference to the value escape.
    template <class Body>
    decltype(auto) with(Body&& body) {
        Hold hold(lock_);
        return std::forward<Body>(body)(value_);
    }
    template <class Body>
    decltype(auto) with(Body&& body) const {
        Hold hold(lock_);
        return std::forward<Body>(body)(std::as_const(value_));
    }

  private:
    struct Hold {
        explicit Hold(RankedSpinLock& l) : lock(l) { lock.lock(); }
        ~Hold() { lock.unlock(); }
        RankedSpinLock& lock;
    };
    mutable RankedSpinLock lock_{rank};
    T value_;
};

}  // namespace ndiskit
