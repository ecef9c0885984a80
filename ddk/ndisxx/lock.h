// Locks as objects, held by guards that cannot be forgotten.
#pragma once

#include <ndis.h>

namespace ndisxx {

// A kernel spin lock. The guard raises to DISPATCH_LEVEL for as long as it lives.
class SpinLock {
  public:
    SpinLock() noexcept { KeInitializeSpinLock(&lock_); }
    SpinLock(const SpinLock&) = delete;
    SpinLock& operator=(const SpinLock&) = delete;

    class Guard {
      public:
        explicit Guard(SpinLock& lock) noexcept : lock_(lock) { KeAcquireSpinLock(&lock_.lock_, &irql_); }
        ~Guard() { KeReleaseSpinLock(&lock_.lock_, irql_); }
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;

      private:
        SpinLock& lock_;
        KIRQL irql_;
    };

  private:
    KSPIN_LOCK lock_;
};

// An NDIS read-write lock: readers on different processors do not touch each other's cache lines.
class RwLock {
  public:
    RwLock() = default;
    RwLock(const RwLock&) = delete;
    RwLock& operator=(const RwLock&) = delete;
    ~RwLock() {
        if (lock_) NdisFreeRWLock(lock_);
    }

    NDIS_STATUS initialize(NDIS_HANDLE owner) noexcept {
        lock_ = NdisAllocateRWLock(owner);
        return lock_ ? NDIS_STATUS_SUCCESS : NDIS_STATUS_RESOURCES;
    }

    // `at_dispatch` says that the caller runs at DISPATCH_LEVEL already, which saves the raise.
    class ReadGuard {
      public:
        explicit ReadGuard(RwLock& lock, bool at_dispatch = false) noexcept : lock_(lock.lock_) {
            NdisAcquireRWLockRead(lock_, &state_, at_dispatch ? NDIS_RWL_AT_DISPATCH_LEVEL : 0);
        }
        ~ReadGuard() { NdisReleaseRWLock(lock_, &state_); }
        ReadGuard(const ReadGuard&) = delete;
        ReadGuard& operator=(const ReadGuard&) = delete;

      private:
        PNDIS_RW_LOCK_EX lock_;
        LOCK_STATE_EX state_;
    };

    class WriteGuard {
      public:
        explicit WriteGuard(RwLock& lock) noexcept : lock_(lock.lock_) {
            NdisAcquireRWLockWrite(lock_, &state_, 0);
        }
        ~WriteGuard() { NdisReleaseRWLock(lock_, &state_); }
        WriteGuard(const WriteGuard&) = delete;
        WriteGuard& operator=(const WriteGuard&) = delete;

      private:
        PNDIS_RW_LOCK_EX lock_;
        LOCK_STATE_EX state_;
    };

  private:
    PNDIS_RW_LOCK_EX lock_ = nullptr;
};

// A lock for code at PASSIVE_LEVEL that may wait while it holds it.
class Mutex {
  public:
    Mutex() noexcept { KeInitializeMutex(&mutex_, 0); }
    Mutex(const Mutex&) = delete;
    Mutex& operator=(const Mutex&) = delete;

    class Guard {
      public:
        explicit Guard(Mutex& mutex) noexcept : mutex_(mutex) {
            KeWaitForSingleObject(&mutex_.mutex_, Executive, KernelMode, FALSE, nullptr);
        }
        ~Guard() { KeReleaseMutex(&mutex_.mutex_, FALSE); }
        Guard(const Guard&) = delete;
        Guard& operator=(const Guard&) = delete;

      private:
        Mutex& mutex_;
    };

  private:
    KMUTEX mutex_;
};

}  // namespace ndisxx
