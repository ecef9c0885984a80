// StartIo queues and device timers.
#include <gtest/gtest.h>

#include <vector>

#include "nt/io/driver.h"
#include "nt/ke/irql.h"
#include "nt/ke/thread.h"
#include "nt/pool/pool.h"
#include "nt/registry/registry.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

PDEVICE_OBJECT device;
std::vector<PIRP> started, cancelled;
bool at_once = false;  // StartIo asks for the next one itself
int depth = 0, deepest = 0;

void NTAPI start_io(PDEVICE_OBJECT it, PIRP irp) {
    EXPECT_EQ(current_irql(), DISPATCH_LEVEL);
    EXPECT_EQ(it->CurrentIrp, irp);
    started.push_back(irp);
    deepest = std::max(deepest, ++depth);
    if (at_once) IoStartNextPacket(it, FALSE);
    --depth;
}

void NTAPI cancel(PDEVICE_OBJECT it, PIRP irp) {
    if (it->CurrentIrp == irp)
        IoReleaseCancelSpinLock(irp->CancelIrql);
    else {
        KeRemoveEntryDeviceQueue(&it->DeviceQueue, &irp->Tail.Overlay.DeviceQueueEntry);
        IoReleaseCancelSpinLock(irp->CancelIrql);
    }
    cancelled.push_back(irp);
}

NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    driver->DriverStartIo = start_io;
    driver->DriverUnload = [](PDRIVER_OBJECT it) __attribute__((ms_abi)) {
        IoDeleteDevice(it->DeviceObject);
    };
    return IoCreateDevice(driver, 0, nullptr, FILE_DEVICE_NETWORK, 0, FALSE, &device);
}

void on_device(const std::function<void(std::vector<PIRP>&)>& body) {
    test::on_sim([&] {
        started.clear();
        cancelled.clear();
        at_once = false;
        deepest = 0;
        io::register_builtin("startio", entry);
        registry::set_string("HKLM\\System\\CurrentControlSet\\Services\\startio", "ImagePath",
                             "builtin:startio");
        ASSERT_TRUE(io::start_service("startio"));
        std::vector<PIRP> irps;
        for (int i = 0; i < 4; ++i) irps.push_back(IoAllocateIrp(1, FALSE));
        for (PIRP irp : irps) {
            IoSetNextIrpStackLocation(irp);
            IoGetCurrentIrpStackLocation(irp)->DeviceObject = device;
        }
        body(irps);
        for (PIRP irp : irps) IoFreeIrp(irp);
        ASSERT_TRUE(io::stop_service("startio"));
        for (const PoolUse& use : pool_report()) ADD_FAILURE() << pool_tag_text(use.tag) << " " << use.blocks;
    });
}

void next(BOOLEAN cancelable = FALSE) {
    const KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);
    IoStartNextPacket(device, cancelable);
    KeLowerIrql(irql);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-iostartpacket
TEST(StartIo, OneRequestAtATimeInOrder) {
    on_device([](std::vector<PIRP>& irps) {
        for (PIRP irp : irps) IoStartPacket(device, irp, nullptr, nullptr);
        EXPECT_EQ(started, (std::vector<PIRP>{irps[0]}));
        EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
        for (int i = 0; i < 3; ++i) next();
        EXPECT_EQ(started, irps);
        next();
        EXPECT_EQ(device->CurrentIrp, nullptr);
        IoStartPacket(device, irps[0], nullptr, nullptr);
        EXPECT_EQ(started.size(), 5u);
        next();
    });
}

TEST(StartIo, KeysSortTheQueue) {
    on_device([](std::vector<PIRP>& irps) {
        ULONG keys[] = {0, 30, 10, 20};
        for (size_t i = 0; i < irps.size(); ++i) IoStartPacket(device, irps[i], &keys[i], nullptr);
        for (ULONG key : {0u, 15u, 25u, 0u}) {
            const KIRQL irql = KfRaiseIrql(DISPATCH_LEVEL);
            IoStartNextPacketByKey(device, FALSE, key);
            KeLowerIrql(irql);
        }
        EXPECT_EQ(started, (std::vector<PIRP>{irps[0], irps[2], irps[3], irps[1]}));
    });
}

TEST(StartIo, AQueuedRequestCanBeCancelled) {
    on_device([](std::vector<PIRP>& irps) {
        for (PIRP irp : irps) IoStartPacket(device, irp, nullptr, cancel);
        EXPECT_TRUE(IoCancelIrp(irps[2]));
        EXPECT_EQ(cancelled, (std::vector<PIRP>{irps[2]}));
        for (int i = 0; i < 3; ++i) next(TRUE);
        EXPECT_EQ(started, (std::vector<PIRP>{irps[0], irps[1], irps[3]}));
        EXPECT_TRUE(IoCancelIrp(irps[3]));
    });
}

TEST(StartIo, ARequestThatWasCancelledBeforeItIsQueuedIsNotStarted) {
    on_device([](std::vector<PIRP>& irps) {
        IoStartPacket(device, irps[0], nullptr, cancel);
        irps[1]->Cancel = TRUE;
        IoStartPacket(device, irps[1], nullptr, cancel);
        EXPECT_EQ(cancelled, (std::vector<PIRP>{irps[1]}));
        EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
        next(TRUE);
        EXPECT_EQ(started.size(), 1u);
    });
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/ntifs/nf-ntifs-iosetstartioattributes
TEST(StartIo, DeferredItDoesNotRecurse) {
    for (const bool deferred : {false, true})
        on_device([&](std::vector<PIRP>& irps) {
            IoSetStartIoAttributes(device, deferred, FALSE);
            for (PIRP irp : irps) IoStartPacket(device, irp, nullptr, nullptr);
            at_once = true;
            next();
            EXPECT_EQ(started, irps);
            EXPECT_EQ(deepest, deferred ? 1 : 3);
        });
}

TEST(StartIo, NonCancelableTakesTheRoutineOfWhatStarts) {
    on_device([](std::vector<PIRP>& irps) {
        IoSetStartIoAttributes(device, FALSE, TRUE);
        IoStartPacket(device, irps[0], nullptr, cancel);
        IoStartPacket(device, irps[1], nullptr, cancel);
        EXPECT_FALSE(IoCancelIrp(irps[0]));
        next(TRUE);
        EXPECT_FALSE(IoCancelIrp(irps[1]));
        next(TRUE);
        EXPECT_TRUE(cancelled.empty());
    });
}

int ticks = 0;
void NTAPI tick(PDEVICE_OBJECT it, PVOID context) {
    EXPECT_EQ(it, device);
    EXPECT_EQ(context, &ticks);
    EXPECT_EQ(current_irql(), DISPATCH_LEVEL);
    if (++ticks == 3) IoStopTimer(it);
}

// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-iostarttimer
TEST(DeviceTimer, TicksOnceASecondUntilItIsStopped) {
    on_device([](std::vector<PIRP>&) {
        ticks = 0;
        const auto seconds = [](int count) {
            LARGE_INTEGER time = {.QuadPart = -10'000'000ll * count - 100'000};
            KeDelayExecutionThread(KernelMode, FALSE, &time);
        };
        EXPECT_EQ(IoInitializeTimer(device, tick, &ticks), STATUS_SUCCESS);
        seconds(2);
        EXPECT_EQ(ticks, 0);
        IoStartTimer(device);
        IoStartTimer(device);
        seconds(2);
        EXPECT_EQ(ticks, 2);
        seconds(3);
        EXPECT_EQ(ticks, 3);  // the routine stopped it
        IoStartTimer(device);
        seconds(1);
        EXPECT_EQ(ticks, 4);
        // The device goes with its timer running.
    });
}

}  // namespace
}  // namespace ndiskit::nt
