// Threads that drivers make.
#include "nt/ke/thread.h"

#include <gtest/gtest.h>

#include "nt/ke/api.h"
#include "nt/ke/irql.h"
#include "nt/object/object.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_live;
using test::on_seeds;
using test::on_sim;

struct Seen {
    HANDLE id = nullptr;
    KIRQL irql = 99;
    bool went_on = false;
};

void NTAPI run_and_terminate(PVOID context) {
    Seen& seen = *static_cast<Seen*>(context);
    seen.id = PsGetCurrentThreadId();
    seen.irql = current_irql();
    PsTerminateSystemThread(STATUS_NOT_FOUND);
    seen.went_on = true;
}

void a_driver_thread() {
    Seen seen;
    HANDLE handle = nullptr;
    CLIENT_ID id;
    ASSERT_EQ(PsCreateSystemThread(&handle, 0x1F03FF, nullptr, nullptr, &id, run_and_terminate, &seen),
              STATUS_SUCCESS);
    void* object = nullptr;
    ASSERT_EQ(object::reference_by_handle(handle, 0, &object::thread_type, false, &object), STATUS_SUCCESS);
    EXPECT_EQ(object::close_handle(handle), STATUS_SUCCESS);
    EXPECT_EQ(KeWaitForSingleObject(object, Executive, KernelMode, FALSE, nullptr), STATUS_SUCCESS);
    EXPECT_EQ(PsGetThreadExitStatus(static_cast<PETHREAD>(object)), STATUS_NOT_FOUND);
    EXPECT_EQ(seen.id, id.UniqueThread);
    EXPECT_EQ(PsGetThreadId(static_cast<PETHREAD>(object)), id.UniqueThread);
    EXPECT_EQ(seen.irql, PASSIVE_LEVEL);
    EXPECT_FALSE(seen.went_on);
    object::dereference(object);
}

TEST(DriverThread, CanBeWaitedForByHandleAndTerminatesAtOnce) { on_seeds(50, a_driver_thread); }
TEST(DriverThreadLive, CanBeWaitedForByHandleAndTerminatesAtOnce) { on_live(a_driver_thread); }

TEST(DriverThread, IsFoundByItsId) {
    on_sim([] {
        PETHREAD thread = nullptr;
        ASSERT_EQ(PsLookupThreadByThreadId(PsGetCurrentThreadId(), &thread), STATUS_SUCCESS);
        EXPECT_EQ(thread, PsGetCurrentThread());
        object::dereference(thread);
        EXPECT_EQ(PsLookupThreadByThreadId(reinterpret_cast<HANDLE>(4), &thread), STATUS_INVALID_PARAMETER);
    });
}

TEST(DriverThread, KeepsItsPriority) {
    on_sim([] {
        EXPECT_EQ(KeSetPriorityThread(KeGetCurrentThread(), 16), 8);
        EXPECT_EQ(KeQueryPriorityThread(KeGetCurrentThread()), 16);
    });
}

TEST(DriverThreadDeathTest, OneThatOutlivesTheMachineIsABugCheck) {
    EXPECT_EXIT(on_sim([] {
                    static KEVENT never;
                    KeInitializeEvent(&never, NotificationEvent, FALSE);
                    HANDLE handle;
                    PsCreateSystemThread(
                        &handle, 0, nullptr, nullptr, nullptr,
                        [](PVOID)
                            NTAPI { KeWaitForSingleObject(&never, Executive, KernelMode, FALSE, nullptr); },
                        nullptr);
                }),
                testing::ExitedWithCode(3), "0x000000ce|0xce|CE");
}

TEST(DriverThreadDeathTest, TerminatingAtARaisedIrqlIsABugCheck) {
    EXPECT_EXIT(on_sim([] {
                    Thread::start("raised", [] {
                        raise_irql(APC_LEVEL);
                        PsTerminateSystemThread(STATUS_SUCCESS);
                    }).join();
                }),
                testing::ExitedWithCode(3), "");
}

}  // namespace
}  // namespace ndiskit::nt
