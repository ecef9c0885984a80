// PacketDirect queues: a drain notification is for a queue, and nobody waits for it.
#include <gtest/gtest.h>

#include "../fixture.h"

namespace ndiskit::ndis {
namespace {

using namespace fixture;

NDIS_PD_QUEUE queue_of(UCHAR type) {
    NDIS_PD_QUEUE queue{};
    queue.Header.Type = type;
    queue.Header.Revision = NDIS_PD_QUEUE_REVISION_1;
    queue.Header.Size = NDIS_SIZEOF_PD_QUEUE_REVISION_1;
    queue.Flags = NDIS_PD_QUEUE_FLAG_DRAIN_NOTIFICATION;
    return queue;
}

TEST(PacketDirect, ADrainNotificationLeavesTheQueueAlone) {
    with_stack([] {
        for (const UCHAR type : {NDIS_OBJECT_TYPE_PD_RECEIVE_QUEUE, NDIS_OBJECT_TYPE_PD_TRANSMIT_QUEUE}) {
            NDIS_PD_QUEUE queue = queue_of(type);
            const KIRQL old = KfRaiseIrql(DISPATCH_LEVEL);
            NdisMTriggerPDDrainNotification(&queue, TRUE);
            KeLowerIrql(old);
            EXPECT_EQ(queue.Flags, static_cast<ULONG>(NDIS_PD_QUEUE_FLAG_DRAIN_NOTIFICATION));
            EXPECT_EQ(queue.PDPlatformReserved[0], nullptr);
        }
    });
}

TEST(PacketDirect, WhatIsNoQueueStopsTheMachine) {
    EXPECT_EXIT(with_stack([] {
                    NDIS_PD_QUEUE queue = queue_of(NDIS_OBJECT_TYPE_DEFAULT);
                    NdisMTriggerPDDrainNotification(&queue, FALSE);
                }),
                testing::ExitedWithCode(3), "no PacketDirect queue");
}

}  // namespace
}  // namespace ndiskit::ndis
