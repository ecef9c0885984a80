// Queue objects: entries, the limit of threads that work at once, rundown.
#include <gtest/gtest.h>

#include <vector>

#include "nt/ke/api.h"
#include "nt/ke/thread.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_live;
using test::on_seeds;
using test::on_sim;

LARGE_INTEGER in_ms(LONGLONG ms) { return {.QuadPart = -ms * 10'000}; }

// In the place of an entry; an entry's address may have the same low half.
const PLIST_ENTRY abandoned = reinterpret_cast<PLIST_ENTRY>(ULONG_PTR{STATUS_ABANDONED});

NTSTATUS status_of(PLIST_ENTRY entry) { return static_cast<NTSTATUS>(reinterpret_cast<LONG_PTR>(entry)); }

TEST(Queue, EntriesComeInOrderAndTheStateCountsThem) {
    on_sim([] {
        KQUEUE queue;
        KeInitializeQueue(&queue, 1);
        LIST_ENTRY a, b, c;
        EXPECT_EQ(KeInsertQueue(&queue, &a), 0);
        EXPECT_EQ(KeInsertQueue(&queue, &b), 1);
        EXPECT_EQ(KeInsertHeadQueue(&queue, &c), 2);
        EXPECT_EQ(KeReadStateQueue(&queue), 3);
        EXPECT_EQ(KeRemoveQueue(&queue, KernelMode, nullptr), &c);
        EXPECT_EQ(KeRemoveQueue(&queue, KernelMode, nullptr), &a);
        EXPECT_EQ(KeRemoveQueue(&queue, KernelMode, nullptr), &b);
        EXPECT_EQ(KeReadStateQueue(&queue), 0);
        EXPECT_EQ(KeRundownQueue(&queue), nullptr);
    });
}

TEST(Queue, AnEmptyOneTimesOut) {
    on_sim([] {
        KQUEUE queue;
        KeInitializeQueue(&queue, 0);
        EXPECT_EQ(queue.MaximumCount, KeQueryActiveProcessorCount(nullptr));
        LARGE_INTEGER none = {}, some = in_ms(5);
        EXPECT_EQ(status_of(KeRemoveQueue(&queue, KernelMode, &none)), STATUS_TIMEOUT);
        EXPECT_EQ(status_of(KeRemoveQueue(&queue, KernelMode, &some)), STATUS_TIMEOUT);
        EXPECT_EQ(queue.CurrentCount, 1u);  // this thread works, for all that the queue knows
        KeRundownQueue(&queue);
    });
}

// Threads take every entry, never more of them at once than the limit.
void serve(int entries, ULONG limit) {
    KQUEUE queue;
    KeInitializeQueue(&queue, limit);
    std::vector<LIST_ENTRY> work(static_cast<size_t>(entries));
    std::atomic<int> done = 0;
    std::atomic<ULONG> working = 0;
    std::vector<Thread> threads;
    for (int i = 0; i < 4; ++i)
        threads.push_back(Thread::start("server", [&] {
            for (;;) {
                const PLIST_ENTRY entry = KeRemoveQueue(&queue, KernelMode, nullptr);
                if (entry == abandoned) return;
                EXPECT_LE(++working, limit);
                ++done;
                --working;
            }
        }));
    for (LIST_ENTRY& entry : work) KeInsertQueue(&queue, &entry);
    LARGE_INTEGER moment = in_ms(1);
    while (done < entries) KeDelayExecutionThread(KernelMode, FALSE, &moment);
    EXPECT_EQ(KeRundownQueue(&queue), nullptr);
    for (Thread& thread : threads) thread.join();
}

TEST(Queue, NoMoreThreadsWorkThanTheLimit) {
    on_seeds(10, [] { serve(30, 2); });
}
TEST(QueueLive, NoMoreThreadsWorkThanTheLimit) {
    on_live([] { serve(2000, 2); });
}

TEST(Queue, AnotherThreadWorksWhileOneWaitsForSomethingElse) {
    on_sim([] {
        KQUEUE queue;
        KEVENT both, go;
        KeInitializeQueue(&queue, 1);
        KeInitializeEvent(&both, NotificationEvent, FALSE);
        KeInitializeEvent(&go, NotificationEvent, FALSE);
        int taken = 0;
        const auto server = [&] {
            KeRemoveQueue(&queue, KernelMode, nullptr);
            if (++taken == 2) KeSetEvent(&both, 0, FALSE);
            KeWaitForSingleObject(&go, Executive, KernelMode, FALSE, nullptr);
        };
        Thread first = Thread::start("first", server), second = Thread::start("second", server);
        LIST_ENTRY a, b;
        KeInsertQueue(&queue, &a);
        KeInsertQueue(&queue, &b);
        // The first server waits for `go` with its entry, which is what lets the second one have the other.
        KeWaitForSingleObject(&both, Executive, KernelMode, FALSE, nullptr);
        KeSetEvent(&go, 0, FALSE);
        first.join();
        second.join();
        KeRundownQueue(&queue);
    });
}

TEST(Queue, RundownGivesWhatIsLeftAndAbandonsAllWaits) {
    on_sim([] {
        KQUEUE queue;
        KeInitializeQueue(&queue, 1);
        LIST_ENTRY a, b;
        KeInsertQueue(&queue, &a);
        KeInsertQueue(&queue, &b);
        EXPECT_EQ(KeRundownQueue(&queue), &a);
        EXPECT_EQ(a.Flink, &b);
        EXPECT_EQ(b.Flink, &a);
        EXPECT_EQ(status_of(KeRemoveQueue(&queue, KernelMode, nullptr)), STATUS_ABANDONED);
    });
}

TEST(Queue, AThreadThatEndsMakesRoom) {
    on_sim([] {
        KQUEUE queue;
        KeInitializeQueue(&queue, 1);
        LIST_ENTRY a, b;
        KeInsertQueue(&queue, &a);
        Thread::start("short", [&] { EXPECT_EQ(KeRemoveQueue(&queue, KernelMode, nullptr), &a); }).join();
        EXPECT_EQ(queue.CurrentCount, 0u);
        KeInsertQueue(&queue, &b);
        EXPECT_EQ(KeRemoveQueue(&queue, KernelMode, nullptr), &b);
        KeRundownQueue(&queue);
    });
}

}  // namespace
}  // namespace ndiskit::nt
