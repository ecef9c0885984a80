// How long threads have run.
// https://learn.microsoft.com/windows-hardware/drivers/ddi/wdm/nf-wdm-kequeryruntimethread
#include <gtest/gtest.h>

#include "nt/ke/api.h"
#include "nt/ke/process.h"
#include "nt/ke/thread.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_live;
using test::on_sim;

constexpr ULONG64 millisecond = 1'000'000;

void runs_do_not_count_waits() {
    const PKTHREAD me = KeGetCurrentThread();
    ULONG64 stamp = 0, later = 0;
    const ULONG64 before = KeQueryTotalCycleTimeThread(me, &stamp);
    LARGE_INTEGER time = {.QuadPart = -50 * 10'000};
    KeDelayExecutionThread(KernelMode, FALSE, &time);
    const ULONG64 after = KeQueryTotalCycleTimeThread(me, &later);
    EXPECT_GE(after, before);
    EXPECT_GE(later - stamp, 50 * millisecond);
    EXPECT_LT(after - before, later - stamp - 40 * millisecond);
}

TEST(RunTime, DoesNotCountWaits) { on_sim(runs_do_not_count_waits); }
TEST(RunTimeLive, DoesNotCountWaits) { on_live(runs_do_not_count_waits); }

TEST(RunTime, CountsWhatAThreadDoes) {
    on_sim([] {
        const PKTHREAD me = KeGetCurrentThread();
        ULONG64 stamp = 0;
        ULONG user = 1;
        const ULONG64 before = KeQueryTotalCycleTimeThread(me, &stamp);
        const ULONG64 all = PsQueryTotalCycleTimeProcess(PsGetCurrentProcess(), &stamp);
        const ULONG ticks = KeQueryRuntimeThread(me, &user);
        KeStallExecutionProcessor(40'000);
        EXPECT_GE(KeQueryTotalCycleTimeThread(me, &stamp), before + 40 * millisecond);
        EXPECT_GE(KeQueryRuntimeThread(me, &user), ticks + 2);
        EXPECT_EQ(user, 0u);
        EXPECT_GE(PsQueryTotalCycleTimeProcess(PsGetCurrentProcess(), &stamp), all + 40 * millisecond);
    });
}

// A thread that has ended still counts for its process.
TEST(RunTime, OfAProcessCountsThreadsThatHaveEnded) {
    on_sim([] {
        ULONG64 stamp = 0;
        const ULONG64 all = PsQueryTotalCycleTimeProcess(PsGetCurrentProcess(), &stamp);
        Thread::start("brief", [] { KeStallExecutionProcessor(40'000); }).join();
        const ULONG64 after = PsQueryTotalCycleTimeProcess(PsGetCurrentProcess(), &stamp);
        EXPECT_GE(after, all + 40 * millisecond);
    });
}

TEST(CrashDump, HeadersAreNotMade) {
    ULONG needed = 1;
    char buffer[16];
    EXPECT_EQ(KeInitializeCrashDumpHeader(1, 0, buffer, sizeof buffer, &needed), STATUS_NOT_SUPPORTED);
    EXPECT_EQ(needed, 0u);
    EXPECT_EQ(KeInitializeCrashDumpHeader(2, 0, buffer, sizeof buffer, nullptr), STATUS_INVALID_PARAMETER);
}

}  // namespace
}  // namespace ndiskit::nt
