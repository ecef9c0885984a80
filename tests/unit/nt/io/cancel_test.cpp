// Cancel-safe queues of the newer form, and the cancel spin lock.
#include <gtest/gtest.h>

#include <vector>

#include "nt/abi.h"
#include "nt/ke/irql.h"
#include "nt/pool/pool.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

// A queue that takes no more than two requests, newest or oldest first as the inserter says.
struct Queue {
    IO_CSQ csq;
    std::vector<PIRP> irps;
    KSPIN_LOCK lock = 0;
    std::vector<PIRP> cancelled;
};
Queue queue;

NTSTATUS NTAPI insert(PIO_CSQ csq, PIRP irp, PVOID at_front) {
    EXPECT_EQ(csq, &queue.csq);
    EXPECT_EQ(current_irql(), DISPATCH_LEVEL);
    if (queue.irps.size() == 2) return STATUS_INSUFFICIENT_RESOURCES;
    queue.irps.insert(at_front ? queue.irps.begin() : queue.irps.end(), irp);
    return STATUS_SUCCESS;
}
void NTAPI remove(PIO_CSQ, PIRP irp) { std::erase(queue.irps, irp); }
PIRP NTAPI peek(PIO_CSQ, PIRP after, PVOID) {
    for (size_t i = 0; i < queue.irps.size(); ++i)
        if (!after)
            return queue.irps[i];
        else if (queue.irps[i] == after)
            return i + 1 < queue.irps.size() ? queue.irps[i + 1] : nullptr;
    return nullptr;
}
void NTAPI acquire(PIO_CSQ, PKIRQL irql) { *irql = KeAcquireSpinLockRaiseToDpc(&queue.lock); }
void NTAPI release(PIO_CSQ, KIRQL irql) { KeReleaseSpinLock(&queue.lock, irql); }
void NTAPI complete_cancelled(PIO_CSQ, PIRP irp) { queue.cancelled.push_back(irp); }

PIRP make_irp() {
    PIRP irp = IoAllocateIrp(1, FALSE);
    IoSetNextIrpStackLocation(irp);
    return irp;
}

void on_queue(const std::function<void()>& body) {
    test::on_sim([&] {
        queue = {};
        EXPECT_EQ(IoCsqInitializeEx(&queue.csq, insert, remove, peek, acquire, release, complete_cancelled),
                  STATUS_SUCCESS);
        body();
        for (const PoolUse& use : pool_report()) ADD_FAILURE() << pool_tag_text(use.tag) << " " << use.blocks;
    });
}

TEST(CancelSafeQueue, TheDriverSaysWhereAndWhether) {
    on_queue([] {
        PIRP first = make_irp(), second = make_irp(), third = make_irp();
        EXPECT_EQ(IoCsqInsertIrpEx(&queue.csq, first, nullptr, nullptr), STATUS_SUCCESS);
        EXPECT_EQ(IoCsqInsertIrpEx(&queue.csq, second, nullptr, &queue), STATUS_SUCCESS);
        EXPECT_EQ(queue.irps, (std::vector{second, first}));
        EXPECT_TRUE(IoGetCurrentIrpStackLocation(first)->Control & SL_PENDING_RETURNED);
        // One that is refused is the driver's as before: not pending, and not to be cancelled.
        EXPECT_EQ(IoCsqInsertIrpEx(&queue.csq, third, nullptr, nullptr), STATUS_INSUFFICIENT_RESOURCES);
        EXPECT_FALSE(IoGetCurrentIrpStackLocation(third)->Control & SL_PENDING_RETURNED);
        EXPECT_EQ(third->CancelRoutine, nullptr);
        EXPECT_FALSE(IoCancelIrp(third));
        EXPECT_EQ(IoCsqRemoveNextIrp(&queue.csq, nullptr), second);
        EXPECT_EQ(IoCsqRemoveNextIrp(&queue.csq, nullptr), first);
        EXPECT_EQ(IoCsqRemoveNextIrp(&queue.csq, nullptr), nullptr);
        for (PIRP irp : {first, second, third}) IoFreeIrp(irp);
    });
}

TEST(CancelSafeQueue, AContextFindsItsRequest) {
    on_queue([] {
        PIRP first = make_irp(), second = make_irp();
        IO_CSQ_IRP_CONTEXT context = {}, other = {};
        EXPECT_EQ(IoCsqInsertIrpEx(&queue.csq, first, &context, nullptr), STATUS_SUCCESS);
        EXPECT_EQ(IoCsqInsertIrpEx(&queue.csq, second, &other, nullptr), STATUS_SUCCESS);
        EXPECT_EQ(IoCsqRemoveIrp(&queue.csq, &other), second);
        EXPECT_EQ(IoCsqRemoveIrp(&queue.csq, &other), nullptr);  // it is out
        EXPECT_TRUE(IoCancelIrp(first));
        EXPECT_EQ(queue.cancelled, std::vector{first});
        EXPECT_EQ(IoCsqRemoveIrp(&queue.csq, &context), nullptr);  // the cancellation has it
        EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
        for (PIRP irp : {first, second}) IoFreeIrp(irp);
    });
}

TEST(CancelSafeQueue, OneThatIsCancelledAlreadyIsCompletedAtOnce) {
    on_queue([] {
        PIRP irp = make_irp();
        irp->Cancel = TRUE;
        EXPECT_EQ(IoCsqInsertIrpEx(&queue.csq, irp, nullptr, nullptr), STATUS_PENDING);
        EXPECT_EQ(queue.cancelled, std::vector{irp});
        EXPECT_TRUE(queue.irps.empty());
        IoFreeIrp(irp);
    });
}

KIRQL irql_of_cancel;
void NTAPI cancel_routine(PDEVICE_OBJECT, PIRP irp) {
    irql_of_cancel = irp->CancelIrql;
    EXPECT_EQ(current_irql(), DISPATCH_LEVEL);
    IoReleaseCancelSpinLock(irp->CancelIrql);
    EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
}

TEST(CancelSpinLock, ItIsHeldAtDispatchLevelAndByCancelRoutines) {
    on_queue([] {
        KIRQL irql = 9;
        IoAcquireCancelSpinLock(&irql);
        EXPECT_EQ(irql, PASSIVE_LEVEL);
        EXPECT_EQ(current_irql(), DISPATCH_LEVEL);
        PIRP irp = make_irp();
        EXPECT_EQ(IoSetCancelRoutine(irp, cancel_routine), nullptr);
        IoReleaseCancelSpinLock(irql);
        EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
        irql_of_cancel = 9;
        EXPECT_TRUE(IoCancelIrp(irp));
        EXPECT_EQ(irql_of_cancel, PASSIVE_LEVEL);
        EXPECT_EQ(irp->CancelRoutine, nullptr);
        IoFreeIrp(irp);
    });
}

}  // namespace
}  // namespace ndiskit::nt
