// Performance states of components.
#include <gtest/gtest.h>

#include <vector>

#include "nt/abi.h"
#include "nt/abi/pofx.h"
#include "nt/io/pnp.h"
#include "nt/ke/api.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

void* this_thread() { return PsGetCurrentThreadId(); }

POHANDLE handle;
struct Answer {
    bool succeeded;
    PVOID context;
    PVOID thread;
};
std::vector<Answer> answers;

void NTAPI on_change(PVOID, ULONG, BOOLEAN succeeded, PVOID context) {
    answers.push_back({succeeded != FALSE, context, this_thread()});
}

PO_FX_PERF_STATE clocks[] = {{100, nullptr}, {200, nullptr}, {400, nullptr}};
struct TwoSets : PO_FX_COMPONENT_PERF_INFO {
    PO_FX_COMPONENT_PERF_SET second;

    TwoSets() : PO_FX_COMPONENT_PERF_INFO{}, second{} {
        PerfStateSetsCount = 2;
        PerfStateSets[0].Type = PoFxPerfStateTypeDiscrete;
        PerfStateSets[0].Discrete = {3, clocks};
        second.Type = PoFxPerfStateTypeRange;
        second.Range = {10, 90};
    }
};

NTSTATUS enroll(PO_FX_COMPONENT_PERF_INFO* info, ULONGLONG flags = PO_FX_FLAG_PERF_PEP_OPTIONAL) {
    return PoFxRegisterComponentPerfStates(handle, 0, flags, on_change, info, nullptr);
}
ULONGLONG current(ULONG set) {
    ULONGLONG value = 0;
    EXPECT_EQ(PoFxQueryCurrentComponentPerfState(handle, 0, 0, set, &value), STATUS_SUCCESS);
    return value;
}

void with_device(const std::function<void()>& body) {
    test::on_sim([&] {
        answers.clear();
        auto physical = pnp::adopt_device("ROOT\\FXTEST\\0000", nullptr);
        ASSERT_TRUE(physical);
        PO_FX_COMPONENT_IDLE_STATE f0{};
        PO_FX_DEVICE_V2 device{};
        device.Version = PO_FX_VERSION_V2;
        device.ComponentCount = 1;
        device.Components[0].IdleStateCount = 1;
        device.Components[0].IdleStates = &f0;
        ASSERT_EQ(PoFxRegisterDevice(*physical, &device, &handle), STATUS_SUCCESS);
        body();
        PoFxUnregisterDevice(handle);
        pnp::forget_device(**physical);
    });
}

TEST(PoFxPerformance, StatesAreTheDriversOwn) {
    with_device([] {
        TwoSets info, none;
        none.PerfStateSetsCount = 0;
        PPO_FX_COMPONENT_PERF_INFO output = nullptr;
        EXPECT_EQ(enroll(nullptr), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(enroll(&none), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(enroll(&info, 0), STATUS_NOT_IMPLEMENTED) << "no plug-in to manage them";
        EXPECT_EQ(PoFxRegisterComponentPerfStates(handle, 0, 0, on_change, &info, &output),
                  STATUS_INVALID_PARAMETER);
        EXPECT_EQ(PoFxRegisterComponentPerfStates(handle, 0, 0, on_change, nullptr, &output),
                  STATUS_NOT_IMPLEMENTED);
        ASSERT_EQ(enroll(&info), STATUS_SUCCESS);
        ULONGLONG value = 0;
        EXPECT_EQ(PoFxQueryCurrentComponentPerfState(handle, 0, 0, 2, &value), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(PoFxQueryCurrentComponentPerfState(handle, 0, 1, 0, &value), STATUS_INVALID_PARAMETER);
        EXPECT_EQ(current(1), 10u);
    });
}

TEST(PoFxPerformance, ChangesEndWithTheCallback) {
    with_device([] {
        TwoSets info;
        ASSERT_EQ(enroll(&info), STATUS_SUCCESS);
        info.PerfStateSets[0].Discrete.Count = 0;  // the framework has its copy
        PO_FX_PERF_STATE_CHANGE clock{.Set = 0, .StateIndex = 2};
        PoFxIssueComponentPerfStateChange(handle, PO_FX_FLAG_BLOCKING, 0, &clock, &clock);
        ASSERT_EQ(answers.size(), 1u);
        EXPECT_TRUE(answers[0].succeeded);
        EXPECT_EQ(answers[0].context, &clock);
        EXPECT_EQ(answers[0].thread, this_thread());
        EXPECT_EQ(current(0), 2u);
        PO_FX_PERF_STATE_CHANGE both[2] = {{.Set = 0, .StateIndex = 1}, {.Set = 1, .StateIndex = 0}};
        both[1].StateValue = 91;
        PoFxIssueComponentPerfStateChangeMultiple(handle, 0, 0, 2, both, nullptr);
        EXPECT_FALSE(answers[1].succeeded);
        EXPECT_EQ(current(0), 2u) << "all or none";
        both[1].StateValue = 90;
        PoFxIssueComponentPerfStateChangeMultiple(handle, PO_FX_FLAG_ASYNC_ONLY, 0, 2, both, nullptr);
        LARGE_INTEGER time{.QuadPart = -10'000};
        KeDelayExecutionThread(KernelMode, FALSE, &time);
        ASSERT_EQ(answers.size(), 3u);
        EXPECT_NE(answers[2].thread, this_thread());
        EXPECT_EQ(current(0), 1u);
        EXPECT_EQ(current(1), 90u);
    });
}

TEST(PoFxPerformanceDeathTest, OneChangeAtATime) {
    static PO_FX_PERF_STATE_CHANGE change{.Set = 0, .StateIndex = 1};
    EXPECT_EXIT(with_device([] { PoFxIssueComponentPerfStateChange(handle, 0, 0, &change, nullptr); }),
                testing::ExitedWithCode(3), "STOP: 0x000000a0.*61b");
    EXPECT_EXIT(with_device([] {
                    TwoSets info;
                    enroll(&info);
                    KeRaiseIrqlToDpcLevel();
                    PoFxIssueComponentPerfStateChange(handle, PO_FX_FLAG_ASYNC_ONLY, 0, &change, nullptr);
                    PoFxIssueComponentPerfStateChange(handle, PO_FX_FLAG_ASYNC_ONLY, 0, &change, nullptr);
                }),
                testing::ExitedWithCode(3), "STOP: 0x000000a0.*61d");
}

}  // namespace
}  // namespace ndiskit::nt
