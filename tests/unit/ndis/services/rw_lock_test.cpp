// Read/write locks, after the pages of NDIS_RW_LOCK_EX and NDIS_RW_LOCK.
#include <gtest/gtest.h>

#include <vector>

#include "ndis/nbl/abi.h"
#include "nt/ke/irql.h"
#include "nt/ke/thread.h"
#include "support/nt_machine.h"

namespace ndiskit::ndis {
namespace {

using namespace ndiskit::test;

TEST(RwLock, RaisesToDispatchAndRestores) {
    on_sim([] {
        NDIS_RW_LOCK_EX* lock = NdisAllocateRWLock(nullptr);
        LOCK_STATE_EX state;
        NdisAcquireRWLockRead(lock, &state, 0);
        EXPECT_EQ(nt::current_irql(), DISPATCH_LEVEL);
        NdisReleaseRWLock(lock, &state);
        EXPECT_EQ(nt::current_irql(), PASSIVE_LEVEL);
        const nt::AtDispatch at_dispatch;
        NdisAcquireRWLockWrite(lock, &state, NDIS_RWL_AT_DISPATCH_LEVEL);
        NdisReleaseRWLock(lock, &state);
        EXPECT_EQ(nt::current_irql(), DISPATCH_LEVEL);
        NdisFreeRWLock(lock);
    });
}

TEST(RwLock, IsRecursiveOnOneProcessor) {
    on_sim([] {
        NDIS_RW_LOCK_EX* lock = NdisAllocateRWLock(nullptr);
        LOCK_STATE_EX outer, inner;
        NdisAcquireRWLockRead(lock, &outer, 0);
        NdisAcquireRWLockRead(lock, &inner, 0);
        NdisReleaseRWLock(lock, &inner);
        EXPECT_EQ(nt::current_irql(), DISPATCH_LEVEL);
        NdisReleaseRWLock(lock, &outer);
        NdisAcquireRWLockWrite(lock, &outer, 0);
        NdisAcquireRWLockWrite(lock, &inner, 0);
        NdisReleaseRWLock(lock, &inner);
        NdisAcquireRWLockRead(lock, &inner, 0);
        NdisReleaseRWLock(lock, &inner);
        NdisReleaseRWLock(lock, &outer);
        NdisFreeRWLock(lock);
    });
}

// Writers change two numbers in two steps; nobody ever sees them differ.
template <class Acquire, class Release>
void check_exclusion(Acquire acquire, Release release, int rounds) {
    struct {
        int a = 0, b = 0, writers = 0;
    } shared;
    auto body = [&](int id) {
        for (int i = 0; i < rounds; i++) {
            const bool write = (i + id) % 4 == 0;
            auto state = acquire(write);
            if (write) {
                EXPECT_EQ(shared.writers++, 0);
                shared.a++;
                engine::the().switch_point(engine::SwitchPoint::yield);
                shared.b++;
                shared.writers--;
            } else {
                EXPECT_EQ(shared.a, shared.b);
            }
            release(state);
        }
    };
    std::vector<nt::Thread> threads;
    for (int id = 0; id < 3; id++) threads.push_back(nt::Thread::start("locker", [&, id] { body(id); }));
    for (nt::Thread& thread : threads) thread.join();
    EXPECT_EQ(shared.a, shared.b);
}

void exclude_with_new_lock(int rounds) {
    NDIS_RW_LOCK_EX* lock = NdisAllocateRWLock(nullptr);
    check_exclusion(
        [&](bool write) {
            LOCK_STATE_EX state;
            (write ? NdisAcquireRWLockWrite : NdisAcquireRWLockRead)(lock, &state, 0);
            return state;
        },
        [&](LOCK_STATE_EX& state) { NdisReleaseRWLock(lock, &state); }, rounds);
    NdisFreeRWLock(lock);
}

void exclude_with_old_lock(int rounds) {
    NDIS_RW_LOCK lock;
    NdisInitializeReadWriteLock(&lock);
    check_exclusion(
        [&](bool write) {
            LOCK_STATE state;
            NdisAcquireReadWriteLock(&lock, write, &state);
            return state;
        },
        [&](LOCK_STATE& state) { NdisReleaseReadWriteLock(&lock, &state); }, rounds);
}

TEST(RwLock, WritersExcludeEverybody) {
    on_seeds(20, [] { exclude_with_new_lock(20); });
    on_seeds(20, [] { exclude_with_old_lock(20); });
}

TEST(RwLock, WritersExcludeEverybodyOnThreads) {
    on_live([] {
        exclude_with_new_lock(2000);
        exclude_with_old_lock(2000);
    });
}

void promote() {
    NDIS_RW_LOCK_EX* lock = NdisAllocateRWLock(nullptr);
    LOCK_STATE_EX outer, inner;
    NdisAcquireRWLockRead(lock, &outer, 0);
    NdisAcquireRWLockWrite(lock, &inner, 0);
}

void release_twice() {
    NDIS_RW_LOCK_EX* lock = NdisAllocateRWLock(nullptr);
    LOCK_STATE_EX state;
    const nt::AtDispatch at_dispatch;
    NdisAcquireRWLockRead(lock, &state, NDIS_RWL_AT_DISPATCH_LEVEL);
    NdisReleaseRWLock(lock, &state);
    NdisReleaseRWLock(lock, &state);
}

TEST(RwLockDeathTest, FaultsOfDriversAreBugChecks) {
    EXPECT_EXIT(on_sim(promote), testing::ExitedWithCode(3), "cannot be promoted");
    EXPECT_EXIT(on_sim(release_twice), testing::ExitedWithCode(3), "does not hold it");
}

}  // namespace
}  // namespace ndiskit::ndis
