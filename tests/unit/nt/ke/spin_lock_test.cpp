#include "nt/ke/spin_lock.h"

#include <gtest/gtest.h>

#include <atomic>

#include "nt/ke/api.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_live;
using test::on_seeds;
using test::on_sim;

void in_threads(int count, const std::function<void()>& body) {
    std::vector<Thread> threads;
    for (int i = 0; i < count; ++i) threads.push_back(Thread::start("user", body));
    for (Thread& thread : threads) thread.join();
}

// Counts with a plain variable under a lock; a lost update or a race of TSan tells that the lock does not
// hold.
template <class Acquire, class Release>
void count(int rounds, Acquire acquire, Release release) {
    int value = 0;
    in_threads(3, [&] {
        for (int i = 0; i < rounds; ++i) {
            acquire();
            EXPECT_EQ(current_irql(), DISPATCH_LEVEL);
            const int before = value;
            engine::the().switch_point(engine::SwitchPoint::yield);
            value = before + 1;
            release();
            EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
        }
    });
    EXPECT_EQ(value, 3 * rounds);
}

void count_under_spin_lock(int rounds) {
    KSPIN_LOCK lock;
    KeInitializeSpinLock(&lock);
    count(
        rounds, [&] { KeAcquireSpinLockRaiseToDpc(&lock); },
        [&] { KeReleaseSpinLock(&lock, PASSIVE_LEVEL); });
    EXPECT_TRUE(KeTestSpinLock(&lock));
}

void count_under_queued_spin_lock(int rounds) {
    KSPIN_LOCK lock;
    KeInitializeSpinLock(&lock);
    int value = 0;
    in_threads(3, [&] {
        for (int i = 0; i < rounds; ++i) {
            KLOCK_QUEUE_HANDLE handle;
            KeAcquireInStackQueuedSpinLock(&lock, &handle);
            ++value;
            KeReleaseInStackQueuedSpinLock(&handle);
        }
    });
    EXPECT_EQ(value, 3 * rounds);
}

void count_under_reader_writer_lock(int rounds) {
    EX_SPIN_LOCK lock = 0;
    int value = 0;
    in_threads(3, [&] {
        for (int i = 0; i < rounds; ++i) {
            KIRQL old = ExAcquireSpinLockShared(&lock);
            const int before = value;
            engine::the().switch_point(engine::SwitchPoint::yield);
            EXPECT_EQ(value, before);
            ExReleaseSpinLockShared(&lock, old);
            old = ExAcquireSpinLockExclusive(&lock);
            ++value;
            ExReleaseSpinLockExclusive(&lock, old);
        }
    });
    EXPECT_EQ(value, 3 * rounds);
    EXPECT_EQ(lock, 0);
}

TEST(SpinLock, KeepsOthersOut) {
    on_seeds(
        200, [] { count_under_spin_lock(5); }, 3);
}
TEST(SpinLock, QueuedKeepsOthersOut) {
    on_seeds(
        200, [] { count_under_queued_spin_lock(5); }, 3);
}
TEST(SpinLock, ReaderWriterKeepsOthersOut) {
    on_seeds(
        200, [] { count_under_reader_writer_lock(5); }, 3);
}
TEST(SpinLockLive, AllKeepOthersOut) {
    on_live(
        [] {
            count_under_spin_lock(2000);
            count_under_queued_spin_lock(2000);
            count_under_reader_writer_lock(2000);
        },
        3);
}

TEST(SpinLock, AReaderConvertsWhenItIsAlone) {
    on_sim([] {
        EX_SPIN_LOCK lock = 0;
        const KIRQL old = ExAcquireSpinLockShared(&lock);
        ExAcquireSpinLockSharedAtDpcLevel(&lock);
        EXPECT_FALSE(ExTryConvertSharedSpinLockExclusive(&lock));
        ExReleaseSpinLockSharedFromDpcLevel(&lock);
        EXPECT_TRUE(ExTryConvertSharedSpinLockExclusive(&lock));
        EXPECT_FALSE(ExTryAcquireSpinLockSharedAtDpcLevel(&lock));
        ExReleaseSpinLockExclusive(&lock, old);
    });
}

TEST(SpinLockDeathTest, FaultsAreBugChecks) {
    EXPECT_EXIT(on_sim([] {
                    KSPIN_LOCK lock = 0;
                    KeAcquireSpinLockRaiseToDpc(&lock);
                    KeAcquireSpinLockAtDpcLevel(&lock);
                }),
                testing::ExitedWithCode(3), "STOP: 0x0000000f");
    EXPECT_EXIT(on_sim([] {
                    KSPIN_LOCK lock = 0;
                    raise_irql_to_dispatch();
                    KeReleaseSpinLockFromDpcLevel(&lock);
                }),
                testing::ExitedWithCode(3), "STOP: 0x00000010");
    EXPECT_EXIT(on_sim([] {
                    KSPIN_LOCK lock = 0;
                    KeAcquireSpinLockAtDpcLevel(&lock);
                }),
                testing::ExitedWithCode(3), "STOP: 0x0000000a");
}

void slist(int rounds) {
    struct alignas(16) Item {
        SLIST_ENTRY entry;
        std::atomic<int> taken = 0;
    };
    std::vector<Item> items(8);
    SLIST_HEADER list;
    InitializeSListHead(&list);
    for (Item& item : items) ExpInterlockedPushEntrySList(&list, &item.entry);
    EXPECT_EQ(ExQueryDepthSList(&list), 8);
    in_threads(3, [&] {
        for (int i = 0; i < rounds; ++i) {
            SLIST_ENTRY* const entry = ExpInterlockedPopEntrySList(&list);
            if (!entry) continue;
            Item& item = *CONTAINING_RECORD(entry, Item, entry);
            EXPECT_EQ(item.taken++, 0);
            engine::the().switch_point(engine::SwitchPoint::yield);
            --item.taken;
            ExpInterlockedPushEntrySList(&list, entry);
        }
    });
    EXPECT_EQ(ExQueryDepthSList(&list), 8);
    int count = 0;
    for (SLIST_ENTRY* entry = ExpInterlockedFlushSList(&list); entry; entry = entry->Next) ++count;
    EXPECT_EQ(count, 8);
    EXPECT_EQ(FirstEntrySList(&list), nullptr);
}

TEST(SList, LosesAndDoublesNothing) {
    on_sim([] { slist(50); });
}
TEST(SListLive, LosesAndDoublesNothing) {
    on_live([] { slist(20000); });
}

TEST(InterlockedList, ReturnsWhatWasFirst) {
    on_sim([] {
        KSPIN_LOCK lock = 0;
        LIST_ENTRY head, a, b;
        InitializeListHead(&head);
        EXPECT_EQ(ExInterlockedInsertTailList(&head, &a, &lock), nullptr);
        EXPECT_EQ(ExInterlockedInsertHeadList(&head, &b, &lock), &a);
        EXPECT_EQ(ExInterlockedRemoveHeadList(&head, &lock), &b);
        EXPECT_EQ(ExInterlockedRemoveHeadList(&head, &lock), &a);
        EXPECT_EQ(ExInterlockedRemoveHeadList(&head, &lock), nullptr);
    });
}

}  // namespace
}  // namespace ndiskit::nt
