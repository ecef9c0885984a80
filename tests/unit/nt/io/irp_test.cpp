// IRPs that drivers make themselves, and what happens to them on their way through a stack.
#include <gtest/gtest.h>

#include <cstring>
#include <vector>

#include "nt/export_table.h"
#include "nt/exports.h"
#include "nt/io/activity.h"
#include "nt/io/device.h"
#include "nt/io/driver.h"
#include "nt/ke/thread.h"
#include "nt/pool/pool.h"
#include "nt/registry/registry.h"
#include "support/irp.h"
#include "support/nt_machine.h"

extern "C" {
NTSTATUS NTAPI IoSynchronousCallDriver(PDEVICE_OBJECT device, PIRP irp);
USHORT NTAPI IoSizeOfIrpEx(PDEVICE_OBJECT device, CCHAR stack_size);
void NTAPI IoInitializeIrpEx(PIRP irp, PDEVICE_OBJECT device, USHORT size, CCHAR stack_size);
PIRP NTAPI IoMakeAssociatedIrpEx(PIRP master, PDEVICE_OBJECT device, CCHAR stack_size);
void NTAPI IoCleanupIrp(PIRP irp);
}

namespace ndiskit::nt {
namespace {

// What the lower device does with a request, and what it saw.
struct Lower {
    bool pend = false;
    NTSTATUS answer = STATUS_SUCCESS;
    PIRP kept = nullptr;
    IO_STACK_LOCATION seen = {};
    std::vector<uint8_t> written;
};
Lower lower;
PDEVICE_OBJECT bottom, top;

using test::complete;

NTSTATUS NTAPI dispatch(PDEVICE_OBJECT device, PIRP irp) {
    IO_STACK_LOCATION& stack = *IoGetCurrentIrpStackLocation(irp);
    if (device != bottom) {
        IoSkipCurrentIrpStackLocation(irp);
        return IofCallDriver(bottom, irp);
    }
    lower.seen = stack;
    if (stack.MajorFunction == IRP_MJ_WRITE) {
        const auto* const from = static_cast<uint8_t*>(irp->AssociatedIrp.SystemBuffer);
        lower.written.assign(from, from + stack.Parameters.Write.Length);
        return complete(irp, lower.answer, stack.Parameters.Write.Length);
    }
    if (stack.MajorFunction == IRP_MJ_READ) {
        std::memset(irp->AssociatedIrp.SystemBuffer, 'r', stack.Parameters.Read.Length);
        return complete(irp, lower.answer, stack.Parameters.Read.Length);
    }
    if (!lower.pend) return complete(irp, lower.answer, 5);
    IoMarkIrpPending(irp);
    lower.kept = irp;
    return STATUS_PENDING;
}

NTSTATUS NTAPI entry(PDRIVER_OBJECT driver, PUNICODE_STRING) {
    lower = {};
    for (PDRIVER_DISPATCH& each : driver->MajorFunction) each = dispatch;
    driver->DriverUnload = [](PDRIVER_OBJECT) NTAPI {};
    for (PDEVICE_OBJECT* device : {&bottom, &top}) {
        EXPECT_EQ(IoCreateDevice(driver, 0, nullptr, FILE_DEVICE_NETWORK, 0, FALSE, device), STATUS_SUCCESS);
        (*device)->Flags |= DO_BUFFERED_IO;
        (*device)->Flags &= ~static_cast<ULONG>(DO_DEVICE_INITIALIZING);
    }
    EXPECT_EQ(IoAttachDeviceToDeviceStack(top, bottom), bottom);
    return STATUS_SUCCESS;
}

void on_stack(const std::function<void()>& body) {
    test::on_sim([&] {
        io::register_builtin("irptest", entry);
        registry::set_string("HKLM\\System\\CurrentControlSet\\Services\\irptest", "ImagePath",
                             "builtin:irptest");
        ASSERT_TRUE(io::start_service("irptest"));
        body();
        IoDetachDevice(bottom);
        IoDeleteDevice(top);
        IoDeleteDevice(bottom);
        EXPECT_TRUE(io::stop_service("irptest"));
        for (const PoolUse& use : pool_report()) ADD_FAILURE() << pool_tag_text(use.tag) << " " << use.blocks;
    });
}

// What an export's row leads to: two names may have one function.
template <class F>
F* exported(F*, const char* name) {
    register_nt_exports();
    return reinterpret_cast<F*>(const_cast<void*>(find_export("ntoskrnl.exe", name)->address));
}

PIRP irp_for(PDEVICE_OBJECT device, UCHAR major = IRP_MJ_DEVICE_CONTROL) {
    PIRP irp = IoAllocateIrp(device->StackSize, FALSE);
    IoGetNextIrpStackLocation(irp)->MajorFunction = major;
    irp->IoStatus.Status = STATUS_NOT_SUPPORTED;
    return irp;
}

int routines = 0;
NTSTATUS NTAPI keep_irp(PDEVICE_OBJECT, PIRP, PVOID) {
    ++routines;
    return STATUS_MORE_PROCESSING_REQUIRED;
}

constexpr GUID activity = {1, 2, 3, {4, 5, 6, 7, 8, 9, 10, 11}};

TEST(Irp, BothNamesOfACallAreOneFunction) {
    on_stack([] {
        routines = 0;
        const auto IoCallDriver = exported(IofCallDriver, "IoCallDriver");
        const auto IoCompleteRequest = exported(IofCompleteRequest, "IoCompleteRequest");
        PIRP irp = irp_for(top);
        IoSetCompletionRoutine(irp, keep_irp, nullptr, TRUE, TRUE, TRUE);
        lower.pend = true;
        EXPECT_EQ(IoCallDriver(top, irp), STATUS_PENDING);
        lower.kept->IoStatus.Status = STATUS_SUCCESS;
        IoCompleteRequest(lower.kept, IO_NETWORK_INCREMENT);
        EXPECT_EQ(routines, 1);
        EXPECT_TRUE(irp->PendingReturned);
        IoFreeIrp(irp);
    });
}

TEST(Irp, MemoryOfTheDriverBecomesAnIrp) {
    on_stack([] {
        const USHORT size = IoSizeOfIrpEx(top, top->StackSize);
        EXPECT_GE(size, IO_SIZE_OF_IRP(top->StackSize));
        std::vector<uint64_t> memory(size / 8 + 1, ~0ull);
        auto* const irp = reinterpret_cast<PIRP>(memory.data());
        for (const bool extended : {false, true}) {
            if (extended)
                IoInitializeIrpEx(irp, top, size, top->StackSize);
            else
                IoInitializeIrp(irp, size, top->StackSize);
            EXPECT_EQ(irp->Size, size);
            EXPECT_EQ(irp->StackCount, top->StackSize);
            EXPECT_EQ(irp->CurrentLocation, top->StackSize + 1);
            EXPECT_EQ(irp->IoStatus.Status, 0);
            EXPECT_EQ(irp->CancelRoutine, nullptr);
            IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_DEVICE_CONTROL;
            IoSetCompletionRoutine(irp, keep_irp, nullptr, TRUE, TRUE, TRUE);
            EXPECT_EQ(IofCallDriver(top, irp), STATUS_SUCCESS);
            EXPECT_EQ(irp->IoStatus.Information, 5u);
        }
        EXPECT_EQ(IoSetActivityIdIrp(irp, &activity), STATUS_SUCCESS);
        IoCleanupIrp(irp);
        GUID found;
        EXPECT_EQ(IoGetActivityIdIrp(irp, &found), STATUS_NOT_FOUND);
    });
}

TEST(Irp, OneThatCameBackIsUsedAgain) {
    on_stack([] {
        PIRP irp = irp_for(top);
        for (int round = 0; round < 3; ++round) {
            IoSetCompletionRoutine(irp, keep_irp, nullptr, TRUE, TRUE, TRUE);
            EXPECT_EQ(IofCallDriver(top, irp), STATUS_SUCCESS);
            irp->Cancel = TRUE;
            IoReuseIrp(irp, STATUS_UNSUCCESSFUL);
            EXPECT_EQ(irp->IoStatus.Status, STATUS_UNSUCCESSFUL);
            EXPECT_EQ(irp->StackCount, top->StackSize);
            EXPECT_FALSE(irp->Cancel);
            EXPECT_EQ(IoGetNextIrpStackLocation(irp)->CompletionRoutine, nullptr);
            IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_DEVICE_CONTROL;
        }
        IoFreeIrp(irp);
    });
}

TEST(Irp, AMasterEndsWithItsLastPart) {
    on_stack([] {
        routines = 0;
        PIRP master = IoAllocateIrp(1, FALSE);
        IoSetNextIrpStackLocation(master);
        PIO_STACK_LOCATION const stack = IoGetCurrentIrpStackLocation(master);
        stack->CompletionRoutine = keep_irp;
        stack->Control = SL_INVOKE_ON_SUCCESS | SL_INVOKE_ON_ERROR;
        master->AssociatedIrp.IrpCount = 2;
        lower.pend = true;
        PIRP parts[2] = {IoMakeAssociatedIrp(master, top->StackSize),
                         IoMakeAssociatedIrpEx(master, top, top->StackSize)};
        PIRP sent[2];
        for (int i = 0; i < 2; ++i) {
            EXPECT_EQ(parts[i]->AssociatedIrp.MasterIrp, master);
            EXPECT_TRUE(parts[i]->Flags & IRP_ASSOCIATED_IRP);
            IoGetNextIrpStackLocation(parts[i])->MajorFunction = IRP_MJ_DEVICE_CONTROL;
            EXPECT_EQ(IofCallDriver(top, parts[i]), STATUS_PENDING);
            sent[i] = lower.kept;
        }
        master->IoStatus.Status = STATUS_SUCCESS;
        complete(sent[1], STATUS_SUCCESS);
        EXPECT_EQ(routines, 0);
        complete(sent[0], STATUS_SUCCESS);
        EXPECT_EQ(routines, 1);
        IoFreeIrp(master);
    });
}

TEST(Irp, RoutinesOfCompletionAreCalledForWhatTheyAskFor) {
    on_stack([] {
        routines = 0;
        for (const NTSTATUS answer : {STATUS_SUCCESS, STATUS_UNSUCCESSFUL}) {
            lower.answer = answer;
            PIRP one = irp_for(top);
            const int before = routines;
            EXPECT_EQ(IoSetCompletionRoutineEx(top, one, keep_irp, nullptr, TRUE, FALSE, FALSE),
                      STATUS_SUCCESS);
            EXPECT_EQ(IofCallDriver(top, one), answer);
            EXPECT_EQ(routines - before, answer == STATUS_SUCCESS ? 1 : 0);
            IoFreeIrp(one);
        }
    });
}

TEST(Irp, ForwardedOnesAreWaitedFor) {
    on_stack([] {
        PIRP irp = IoAllocateIrp(static_cast<CCHAR>(top->StackSize + 1), FALSE);
        IoSetNextIrpStackLocation(irp);
        IoGetCurrentIrpStackLocation(irp)->MajorFunction = IRP_MJ_DEVICE_CONTROL;
        lower.pend = true;
        const Thread completer = Thread::start("completer", [] {
            LARGE_INTEGER nap = {.QuadPart = -10000};
            while (!lower.kept) KeDelayExecutionThread(KernelMode, FALSE, &nap);
            complete(lower.kept, STATUS_UNSUCCESSFUL);
        });
        EXPECT_TRUE(IoForwardIrpSynchronously(top, irp));
        EXPECT_EQ(irp->IoStatus.Status, STATUS_UNSUCCESSFUL);
        IoFreeIrp(irp);
        // There is no next location.
        irp = IoAllocateIrp(1, FALSE);
        IoSetNextIrpStackLocation(irp);
        EXPECT_FALSE(IoForwardIrpSynchronously(top, irp));
        IoFreeIrp(irp);
    });
}

TEST(Irp, ASynchronousCallReturnsItsStatus) {
    on_stack([] {
        PIRP irp = irp_for(top);
        lower.answer = STATUS_DEVICE_NOT_READY;
        EXPECT_EQ(IoSynchronousCallDriver(top, irp), STATUS_DEVICE_NOT_READY);
        IoReuseIrp(irp, STATUS_NOT_SUPPORTED);
        IoGetNextIrpStackLocation(irp)->MajorFunction = IRP_MJ_DEVICE_CONTROL;
        lower.pend = true;
        const Thread completer = Thread::start("completer", [] {
            LARGE_INTEGER nap = {.QuadPart = -10000};
            while (!lower.kept) KeDelayExecutionThread(KernelMode, FALSE, &nap);
            complete(lower.kept, STATUS_SUCCESS, 9);
        });
        EXPECT_EQ(IoSynchronousCallDriver(top, irp), STATUS_SUCCESS);
        EXPECT_EQ(irp->IoStatus.Information, 9u);
        IoFreeIrp(irp);
    });
}

TEST(Irp, BuiltOnesCarryTheirBuffers) {
    on_stack([] {
        char text[] = "written", buffer[4] = {};
        IO_STATUS_BLOCK block = {};
        LARGE_INTEGER offset = {.QuadPart = 77};
        KEVENT event;
        KeInitializeEvent(&event, NotificationEvent, FALSE);
        PIRP irp = IoBuildSynchronousFsdRequest(IRP_MJ_WRITE, top, text, 7, &offset, &event, &block);
        EXPECT_EQ(IofCallDriver(top, irp), STATUS_SUCCESS);
        EXPECT_EQ(std::string(lower.written.begin(), lower.written.end()), "written");
        EXPECT_EQ(lower.seen.Parameters.Write.ByteOffset.QuadPart, 77);
        EXPECT_EQ(block.Information, 7u);
        EXPECT_NE(KeReadStateEvent(&event), 0);
        KeClearEvent(&event);
        irp = IoBuildSynchronousFsdRequest(IRP_MJ_READ, top, buffer, 3, &offset, &event, &block);
        EXPECT_EQ(IofCallDriver(top, irp), STATUS_SUCCESS);
        EXPECT_STREQ(buffer, "rrr");
        irp = IoBuildSynchronousFsdRequest(IRP_MJ_FLUSH_BUFFERS, top, nullptr, 0, nullptr, &event, &block);
        EXPECT_EQ(IofCallDriver(top, irp), STATUS_SUCCESS);
        EXPECT_EQ(lower.seen.MajorFunction, IRP_MJ_FLUSH_BUFFERS);
    });
}

// Those are the driver's: it takes them back and frees them with what they carry.
NTSTATUS NTAPI free_built(PDEVICE_OBJECT, PIRP irp, PVOID) {
    ++routines;
    *irp->UserIosb = irp->IoStatus;
    ExFreePool(irp->AssociatedIrp.SystemBuffer);
    IoFreeIrp(irp);
    return STATUS_MORE_PROCESSING_REQUIRED;
}

TEST(Irp, AsynchronousOnesAreTheDriversToFree) {
    on_stack([] {
        routines = 0;
        char text[] = "abc";
        IO_STATUS_BLOCK block = {};
        LARGE_INTEGER offset = {};
        PIRP irp = IoBuildAsynchronousFsdRequest(IRP_MJ_WRITE, top, text, 3, &offset, &block);
        EXPECT_NE(irp->Tail.Overlay.Thread, nullptr);
        IoSetCompletionRoutine(irp, free_built, nullptr, TRUE, TRUE, TRUE);
        EXPECT_EQ(IofCallDriver(top, irp), STATUS_SUCCESS);
        EXPECT_EQ(routines, 1);
        EXPECT_EQ(block.Information, 3u);
        EXPECT_EQ(lower.written.size(), 3u);
    });
}

TEST(Irp, ActivityIdsGoWithRequestsThreadsAndWorkItems) {
    on_stack([] {
        PIRP irp = irp_for(top);
        GUID found = {}, propagated = {};
        LPCGUID original = nullptr;
        EXPECT_EQ(IoGetActivityIdIrp(irp, &found), STATUS_NOT_FOUND);
        EXPECT_EQ(IoPropagateActivityIdToThread(irp, &propagated, &original), STATUS_NOT_FOUND);
        EXPECT_EQ(IoSetActivityIdIrp(irp, nullptr), STATUS_NOT_SUPPORTED);
        EXPECT_EQ(IoSetActivityIdIrp(irp, &activity), STATUS_SUCCESS);
        EXPECT_EQ(IoGetActivityIdIrp(irp, &found), STATUS_SUCCESS);
        EXPECT_TRUE(found == activity);

        EXPECT_EQ(IoPropagateActivityIdToThread(irp, &propagated, &original), STATUS_SUCCESS);
        EXPECT_EQ(original, nullptr);
        EXPECT_EQ(IoGetActivityIdThread(), &propagated);
        constexpr GUID related = {9, 9, 9, {}};
        IoTransferActivityId(&propagated, &related);  // an event alone: the thread keeps its ID
        EXPECT_EQ(IoGetActivityIdThread(), &propagated);
        PIRP other = irp_for(top);
        EXPECT_EQ(IoSetActivityIdIrp(other, nullptr), STATUS_SUCCESS);
        EXPECT_EQ(IoGetActivityIdIrp(other, &found), STATUS_SUCCESS);
        EXPECT_TRUE(found == activity);

        static KEVENT ran;
        static GUID in_work_item;
        KeInitializeEvent(&ran, NotificationEvent, FALSE);
        PIO_WORKITEM item = IoAllocateWorkItem(top);
        IoQueueWorkItem(
            item,
            [](PDEVICE_OBJECT, PVOID) NTAPI {
                in_work_item = IoGetActivityIdThread() ? *IoGetActivityIdThread() : GUID{};
                KeSetEvent(&ran, 0, FALSE);
            },
            DelayedWorkQueue, nullptr);
        IoClearActivityIdThread(original);
        EXPECT_EQ(IoGetActivityIdThread(), nullptr);
        KeWaitForSingleObject(&ran, Executive, KernelMode, FALSE, nullptr);
        EXPECT_TRUE(in_work_item == activity);
        IoFreeWorkItem(item);
        IoFreeIrp(other);
        IoFreeIrp(irp);
    });
}

TEST(Irp, ExtraParametersGoWithCreatesAlone) {
    on_stack([] {
        PIRP irp = irp_for(top, IRP_MJ_CREATE);
        auto* const list = reinterpret_cast<PECP_LIST>(irp);  // opaque to the I/O manager
        PECP_LIST found = list;
        EXPECT_EQ(IoSetIrpExtraCreateParameter(irp, list), STATUS_INVALID_PARAMETER);
        irp->Flags |= IRP_CREATE_OPERATION;
        EXPECT_EQ(IoGetIrpExtraCreateParameter(irp, &found), STATUS_SUCCESS);
        EXPECT_EQ(found, nullptr);
        EXPECT_EQ(IoSetIrpExtraCreateParameter(irp, list), STATUS_SUCCESS);
        EXPECT_EQ(IoGetIrpExtraCreateParameter(irp, &found), STATUS_SUCCESS);
        EXPECT_EQ(found, list);
        IoClearIrpExtraCreateParameter(irp);
        EXPECT_EQ(IoGetIrpExtraCreateParameter(irp, &found), STATUS_SUCCESS);
        EXPECT_EQ(found, nullptr);
        IoFreeIrp(irp);
    });
}

}  // namespace
}  // namespace ndiskit::nt
