// Functions of the kernel that stand beside common ones, and the variables that drivers import.
#include <gtest/gtest.h>

#include "nt/bugcheck.h"
#include "nt/ke/api.h"
#include "nt/ke/irql.h"
#include "nt/ke/process.h"
#include "nt/ke/processor.h"
#include "nt/ke/thread.h"
#include "nt/machine.h"
#include "support/kernel_export.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::KernelExport;
using test::on_sim;

template <class T>
T variable(const char* name) {
    return *static_cast<const T*>(test::kernel_export(name));
}

const auto nt_KeNumberProcessors = [] { return variable<CCHAR>("KeNumberProcessors"); };
const auto nt_NtBuildNumber = [] { return variable<ULONG>("NtBuildNumber"); };
const auto nt_InitSafeBootMode = [] { return variable<ULONG>("InitSafeBootMode"); };
const auto nt_KdDebuggerEnabled = [] { return variable<BOOLEAN>("KdDebuggerEnabled"); };
const auto nt_KdDebuggerNotPresent = [] { return variable<BOOLEAN>("KdDebuggerNotPresent"); };
const KernelExport<ULONG(PKTHREAD, PULONG)> nt_KeQueryRuntimeThread{"KeQueryRuntimeThread"};
const KernelExport<void(PVOID, ULONG)> nt_KeInvalidateRangeAllCaches{"KeInvalidateRangeAllCaches"};
const KernelExport<void()> nt_DbgBreakPoint{"DbgBreakPoint"};
const KernelExport<void(ULONG)> nt_DbgBreakPointWithStatus{"DbgBreakPointWithStatus"};

TEST(Variants, VariablesDescribeTheMachine) {
    on_sim([] {
        EXPECT_EQ(nt_KeNumberProcessors(), 2);
        EXPECT_EQ(nt_NtBuildNumber() & 0xFFFF, machine_options().release->build);
        EXPECT_EQ(nt_NtBuildNumber() >> 28, 0xFu) << "a free build";
        EXPECT_EQ(nt_InitSafeBootMode(), 0u);
        EXPECT_FALSE(nt_KdDebuggerEnabled());
        EXPECT_TRUE(nt_KdDebuggerNotPresent());
    });
}

TEST(Variants, SynchLevelIsAboveDispatchLevel) {
    on_sim([] {
        const KIRQL old = KeRaiseIrqlToSynchLevel();
        EXPECT_EQ(old, PASSIVE_LEVEL);
        EXPECT_GE(current_irql(), DISPATCH_LEVEL);
        lower_irql(old);
        EXPECT_EQ(current_irql(), PASSIVE_LEVEL);
    });
}

TEST(Variants, AnIdealProcessorIsKept) {
    on_sim([] {
        const PKTHREAD me = KernelExport<PKTHREAD()>{"KeGetCurrentThread"}();
        EXPECT_LT(KeSetIdealProcessorThread(me, 1), 2);
        EXPECT_EQ(KeSetIdealProcessorThread(me, 0), 1) << "the one before";
        EXPECT_EQ(KeSetIdealProcessorThread(me, 77), 0);
        EXPECT_EQ(KeSetIdealProcessorThread(me, 1), 0) << "there is no processor 77";
        ULONG user = 1;
        EXPECT_EQ(nt_KeQueryRuntimeThread(me, &user), 0u);
        EXPECT_EQ(user, 0u) << "kernel threads have no time in user mode";
    });
}

TEST(Variants, ProcessorsAreAnnouncedToWhoAsks) {
    on_sim([] {
        struct Seen {
            int starts = 0, completes = 0, failures = 0;
            bool refuse = false;
        } seen;
        const auto notice = [](PVOID self, PKE_PROCESSOR_CHANGE_NOTIFY_CONTEXT change, PNTSTATUS status)
                                NTAPI {
                                    auto& it = *static_cast<Seen*>(self);
                                    it.starts += change->State == KeProcessorAddStartNotify;
                                    it.completes += change->State == KeProcessorAddCompleteNotify;
                                    it.failures += change->State == KeProcessorAddFailureNotify;
                                    if (it.refuse && change->NtNumber == 1) *status = STATUS_UNSUCCESSFUL;
                                };
        constexpr ULONG add_existing = 1;
        PVOID handle = KeRegisterProcessorChangeCallback(notice, &seen, 0);
        ASSERT_TRUE(handle);
        EXPECT_EQ(seen.starts, 0) << "only new ones";
        KeDeregisterProcessorChangeCallback(handle);
        handle = KeRegisterProcessorChangeCallback(notice, &seen, add_existing);
        EXPECT_EQ(seen.starts, 2);
        EXPECT_EQ(seen.completes, 2);
        KeDeregisterProcessorChangeCallback(handle);
        seen = {.refuse = true};
        handle = KeRegisterProcessorChangeCallback(notice, &seen, add_existing);
        EXPECT_EQ(seen.completes, 0);
        EXPECT_EQ(seen.failures, 1) << "those that were taken are taken back";
        if (handle) KeDeregisterProcessorChangeCallback(handle);
    });
}

TEST(Variants, ADeviceQueueGivesTheFirstEntryOfAKeyWhileItIsBusy) {
    on_sim([] {
        KDEVICE_QUEUE queue;
        KeInitializeDeviceQueue(&queue);
        KDEVICE_QUEUE_ENTRY entries[3] = {};
        EXPECT_EQ(KeRemoveByKeyDeviceQueueIfBusy(&queue, 0), nullptr) << "it is not busy";
        EXPECT_FALSE(KeInsertByKeyDeviceQueue(&queue, &entries[0], 10))
            << "the device is free: served at once";
        EXPECT_TRUE(KeInsertByKeyDeviceQueue(&queue, &entries[1], 30));
        EXPECT_TRUE(KeInsertByKeyDeviceQueue(&queue, &entries[2], 20));
        const KIRQL old = raise_irql(DISPATCH_LEVEL);
        EXPECT_EQ(KeRemoveByKeyDeviceQueueIfBusy(&queue, 25), &entries[1]);
        EXPECT_EQ(KeRemoveByKeyDeviceQueueIfBusy(&queue, 25), &entries[2]) << "none above: the first";
        EXPECT_EQ(KeRemoveByKeyDeviceQueueIfBusy(&queue, 25), nullptr);
        lower_irql(old);
        EXPECT_FALSE(queue.Busy);
    });
}

TEST(Variants, ACalloutOnAnExpandedStackHasTheRoomItAskedFor) {
    on_sim([] {
        static ULONG_PTR room;
        const auto callout = [](PVOID size) NTAPI {
            room = IoGetRemainingStackSize();
            EXPECT_GE(room, *static_cast<SIZE_T*>(size));
        };
        SIZE_T size = 0x8000;
        EXPECT_EQ(KeExpandKernelStackAndCalloutEx(callout, &size, size, FALSE, nullptr), STATUS_SUCCESS);
        EXPECT_GT(room, 0u);
        EXPECT_EQ(KeExpandKernelStackAndCalloutEx(callout, &size, 0x20000, FALSE, nullptr),
                  STATUS_INVALID_PARAMETER_3);
    });
}

TEST(Variants, AttachingToTheSystemProcessChangesNothing) {
    on_sim([] {
        alignas(8) char bytes[64];
        const auto state = reinterpret_cast<PKAPC_STATE>(bytes);
        static int data = 3;
        KeStackAttachProcess(reinterpret_cast<PRKPROCESS>(ke::system_process()), state);
        EXPECT_EQ(IoGetCurrentProcess(), ke::system_process());
        EXPECT_EQ(data, 3);
        KeUnstackDetachProcess(state);
        EXPECT_EQ(IoGetCurrentProcess(), ke::system_process());
        EXPECT_TRUE(KeInvalidateAllCaches());
        const KIRQL old = raise_irql(DISPATCH_LEVEL);
        nt_KeInvalidateRangeAllCaches(&data, sizeof data);
        lower_irql(old);
        EXPECT_EQ(data, 3);
        constexpr ULONG compare_exchange_128 = 14, there_is_none = 0xFFFF;
        EXPECT_TRUE(ExIsProcessorFeaturePresent(compare_exchange_128)) << "x64 Windows needs it";
        EXPECT_FALSE(ExIsProcessorFeaturePresent(there_is_none));
    });
}

TEST(Variants, AResourceIsHandedToAnOwnerPointer) {
    on_sim([] {
        ERESOURCE resource;
        ExInitializeResourceLite(&resource);
        KeEnterCriticalRegion();
        ExAcquireResourceExclusiveLite(&resource, TRUE);
        alignas(8) static char owner;
        void* const pointer = reinterpret_cast<void*>(reinterpret_cast<uintptr_t>(&owner) | 3);
        ExSetResourceOwnerPointerEx(&resource, pointer, 1);
        auto other = Thread::start("other", [&] {
            EXPECT_FALSE(ExAcquireResourceSharedLite(&resource, FALSE)) << "still held";
            // Whoever knows the pointer may release it.
            ExReleaseResourceForThreadLite(&resource, reinterpret_cast<ERESOURCE_THREAD>(pointer));
        });
        other.join();
        EXPECT_TRUE(ExAcquireResourceExclusiveLite(&resource, FALSE));
        ExReleaseResourceLite(&resource);
        KeLeaveCriticalRegion();
        ExDeleteResourceLite(&resource);
    });
}

TEST(VariantsDeathTest, ABugCheckWithoutParametersAndExceptionsNobodyHandles) {
    EXPECT_EXIT(on_sim([] { KeBugCheck(0xE2); }), testing::ExitedWithCode(bug_check_exit_status),
                "STOP: 0x000000e2");
    EXPECT_EXIT(on_sim([] { ExRaiseAccessViolation(); }), testing::ExitedWithCode(bug_check_exit_status),
                "c0000005");
    EXPECT_EXIT(on_sim([] { ExRaiseDatatypeMisalignment(); }), testing::ExitedWithCode(bug_check_exit_status),
                "80000002");
    EXPECT_EXIT(on_sim([] { nt_DbgBreakPoint(); }), testing::ExitedWithCode(bug_check_exit_status),
                "80000003");
    EXPECT_EXIT(on_sim([] { nt_DbgBreakPointWithStatus(7); }), testing::ExitedWithCode(bug_check_exit_status),
                "80000003");
}

}  // namespace
}  // namespace ndiskit::nt
