// A number that several processors read and write without a lock. Loads acquire, stores release; adds are
// full barriers, as Interlocked functions are. Built by clang and by Visual C++.
#pragma once

#include <ndis.h>

namespace ndisxx {

class Atomic64 {
  public:
    constexpr Atomic64(LONG64 value = 0) noexcept : value_(value) {}
    Atomic64(const Atomic64&) = delete;
    Atomic64& operator=(const Atomic64&) = delete;

    LONG64 load() const noexcept {
#if defined(__clang__)
        return __atomic_load_n(&value_, __ATOMIC_ACQUIRE);
#else
        return ReadAcquire64(&value_);
#endif
    }
    void store(LONG64 value) noexcept { InterlockedExchange64(&value_, value); }
    // The value before.
    LONG64 fetch_add(LONG64 n) noexcept { return InterlockedExchangeAdd64(&value_, n); }
    LONG64 fetch_or(LONG64 bits) noexcept { return InterlockedOr64(&value_, bits); }
    LONG64 fetch_and(LONG64 bits) noexcept { return InterlockedAnd64(&value_, bits); }

  private:
    volatile LONG64 value_;
};

// An enumeration or flag kept in an Atomic64.
template <class T>
class Atomic {
  public:
    constexpr Atomic(T value) noexcept : value_(static_cast<LONG64>(value)) {}
    T load() const noexcept { return static_cast<T>(value_.load()); }
    void store(T value) noexcept { value_.store(static_cast<LONG64>(value)); }

  private:
    Atomic64 value_;
};

}  // namespace ndisxx
