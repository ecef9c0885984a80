// The power management framework: components between active and idle, F-states, the device's own power.
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "nt/abi.h"
#include "nt/abi/pofx.h"
#include "nt/io/pnp.h"
#include "nt/ke/api.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

void* this_thread() { return PsGetCurrentThreadId(); }

PDEVICE_OBJECT physical;
POHANDLE handle;
std::vector<std::string> told;
std::vector<void*> told_on;
bool answer_at_once;

void note(std::string what) {
    told.push_back(std::move(what));
    told_on.push_back(this_thread());
}
std::string of(const char* what, ULONG component) { return what + std::to_string(component); }

void NTAPI on_active(PVOID, ULONG component) { note(of("active ", component)); }
void NTAPI on_idle(PVOID, ULONG component) {
    note(of("idle ", component));
    if (answer_at_once) PoFxCompleteIdleCondition(handle, component);
}
void NTAPI on_state(PVOID, ULONG component, ULONG state) {
    note(of("component ", component) + of(" F", state));
    if (answer_at_once) PoFxCompleteIdleState(handle, component);
}
void NTAPI on_required(PVOID) {
    note("required");
    if (answer_at_once) PoFxReportDevicePoweredOn(handle);
}
void NTAPI on_not_required(PVOID) {
    note("not required");
    if (answer_at_once) PoFxCompleteDevicePowerNotRequired(handle);
}

using Told = std::vector<std::string>;
Told take() { return std::exchange(told, {}); }

// F1 wakes within 100 units, F2 within 1000 and from there it cannot wake by itself.
PO_FX_COMPONENT_IDLE_STATE f_states[] = {{0, 0, 900}, {100, 500, 90}, {1000, 5000, 9}};

struct Description : PO_FX_DEVICE_V2 {
    PO_FX_COMPONENT_V2 second;

    explicit Description(ULONG components, bool lets_go = false) : PO_FX_DEVICE_V2{}, second{} {
        Version = PO_FX_VERSION_V2;
        ComponentActiveConditionCallback = on_active;
        ComponentIdleConditionCallback = on_idle;
        ComponentIdleStateCallback = on_state;
        DevicePowerRequiredCallback = on_required;
        if (lets_go) DevicePowerNotRequiredCallback = on_not_required;
        ComponentCount = components;
        Components[0].IdleStateCount = second.IdleStateCount = 3;
        Components[0].IdleStates = second.IdleStates = f_states;
        Components[0].DeepestWakeableIdleState = second.DeepestWakeableIdleState = 1;
    }
};

void with_pdo(const std::function<void()>& body) {
    test::on_sim([&] {
        told.clear();
        told_on.clear();
        answer_at_once = true;
        auto made = pnp::adopt_device("ROOT\\FXTEST\\0000", nullptr);
        ASSERT_TRUE(made);
        physical = *made;
        body();
        pnp::forget_device(*physical);
    });
}

void with_device(Description description, const std::function<void()>& body) {
    with_pdo([&] {
        ASSERT_EQ(PoFxRegisterDevice(physical, &description, &handle), STATUS_SUCCESS);
        body();
        PoFxUnregisterDevice(handle);
    });
}

void pass(LONGLONG units) {
    LARGE_INTEGER time{.QuadPart = -units};
    KeDelayExecutionThread(KernelMode, FALSE, &time);
}

TEST(PoFx, RegistersWhatIsDescribedWell) {
    with_pdo([] {
        Description good(1);
        EXPECT_EQ(PoFxRegisterDevice(nullptr, &good, &handle), STATUS_INVALID_PARAMETER);
        const auto refused = [](auto change) {
            Description bad(2);
            change(bad);
            return PoFxRegisterDevice(physical, &bad, &handle) == STATUS_INVALID_PARAMETER;
        };
        EXPECT_TRUE(refused([](Description& d) { d.Version = 4; }));
        EXPECT_TRUE(refused([](Description& d) { d.ComponentCount = 0; }));
        EXPECT_TRUE(refused([](Description& d) { d.second.IdleStateCount = 0; }));
        EXPECT_TRUE(refused([](Description& d) { d.second.DeepestWakeableIdleState = 3; }));
        EXPECT_TRUE(refused([](Description& d) { d.ComponentIdleStateCallback = nullptr; }));
        static ULONG first = 0, second = 1, outside = 2, twice[] = {0, 0};
        EXPECT_TRUE(
            refused([](Description& d) { d.second.ProviderCount = 1, d.second.Providers = &outside; }));
        EXPECT_TRUE(refused([](Description& d) { d.second.ProviderCount = 2, d.second.Providers = twice; }));
        EXPECT_TRUE(refused([](Description& d) {
            d.second.ProviderCount = d.Components[0].ProviderCount = 1;
            d.second.Providers = &first, d.Components[0].Providers = &second;
        })) << "a cycle";
        PO_FX_DEVICE_V1 one{};
        one.Version = PO_FX_VERSION_V1;
        one.ComponentCount = 1;
        one.Components[0] = {{}, 1, 0, f_states};
        EXPECT_EQ(PoFxRegisterDevice(physical, &one, &handle), STATUS_SUCCESS) << "callbacks are optional";
        PoFxStartDevicePowerManagement(handle);
        PoFxUnregisterDevice(handle);
        PO_FX_DEVICE_V3 three{};
        three.Version = PO_FX_VERSION_V3;
        three.ComponentCount = 1;
        three.Components[0].IdleStateCount = 1;
        three.Components[0].IdleStates = f_states;
        EXPECT_EQ(PoFxRegisterDevice(physical, &three, &handle), STATUS_SUCCESS);
        EXPECT_EQ(PoFxSetTargetDripsDevicePowerState(handle, PowerDeviceD3), STATUS_SUCCESS);
        EXPECT_EQ(PoFxSetTargetDripsDevicePowerState(handle, static_cast<DEVICE_POWER_STATE>(9)),
                  STATUS_INVALID_PARAMETER);
        const GUID code{};
        SIZE_T returned = 7;
        EXPECT_EQ(PoFxPowerControl(handle, &code, nullptr, 0, nullptr, 0, &returned), STATUS_NOT_SUPPORTED);
        EXPECT_EQ(returned, 0u);
        PoFxUnregisterDevice(handle);
        physical->Flags &= ~static_cast<ULONG>(DO_BUS_ENUMERATED_DEVICE);
        EXPECT_EQ(PoFxRegisterDevice(physical, &good, &handle), STATUS_DEVICE_NOT_READY);
        physical->Flags |= DO_BUS_ENUMERATED_DEVICE;
    });
}

TEST(PoFx, ComponentsAreActiveUntilPowerManagementStarts) {
    with_device(Description(2), [] {
        PoFxActivateComponent(handle, 1, 0);
        EXPECT_EQ(take(), Told()) << "it is active already";
        PoFxStartDevicePowerManagement(handle);
        EXPECT_EQ(take(), (Told{"idle 0", "component 0 F2"})) << "the other one was asked for";
        PoFxIdleComponent(handle, 1, 0);
        EXPECT_EQ(take(), (Told{"idle 1", "component 1 F2"}));
    });
}

TEST(PoFx, OnlyTheFirstAndLastReferenceTellTheDriver) {
    with_device(Description(1), [] {
        PoFxStartDevicePowerManagement(handle);
        take();
        PoFxActivateComponent(handle, 0, PO_FX_FLAG_BLOCKING);
        EXPECT_EQ(take(), (Told{"component 0 F0", "active 0"}));
        EXPECT_EQ(told_on.back(), this_thread());
        PoFxActivateComponent(handle, 0, 0);
        PoFxIdleComponent(handle, 0, 0);
        EXPECT_EQ(take(), Told());
        PoFxIdleComponent(handle, 0, PO_FX_FLAG_BLOCKING);
        EXPECT_EQ(take(), (Told{"idle 0", "component 0 F2"}));
    });
}

TEST(PoFx, AsynchronousTransitionsRunOnAnotherThread) {
    with_device(Description(1), [] {
        PoFxStartDevicePowerManagement(handle);
        take();
        told_on.clear();
        KIRQL const old = KeRaiseIrqlToDpcLevel();
        PoFxActivateComponent(handle, 0, PO_FX_FLAG_ASYNC_ONLY);
        EXPECT_EQ(take(), Told());
        KeLowerIrql(old);
        pass(10'000);
        EXPECT_EQ(take(), (Told{"component 0 F0", "active 0"}));
        for (PVOID thread : told_on) EXPECT_NE(thread, this_thread());
        PoFxIdleComponent(handle, 0, PO_FX_FLAG_ASYNC_ONLY);
        pass(10'000);
        EXPECT_EQ(take(), (Told{"idle 0", "component 0 F2"}));
    });
}

TEST(PoFx, WaitsForTheDriversCompletions) {
    with_device(Description(1), [] {
        answer_at_once = false;
        PoFxStartDevicePowerManagement(handle);
        EXPECT_EQ(take(), Told{"idle 0"});
        PoFxActivateComponent(handle, 0, 0);
        EXPECT_EQ(take(), Told()) << "it is on its way to idle";
        PoFxCompleteIdleCondition(handle, 0);
        EXPECT_EQ(take(), Told{"active 0"}) << "it never left F0";
        PoFxIdleComponent(handle, 0, 0);
        PoFxCompleteIdleCondition(handle, 0);
        EXPECT_EQ(take(), (Told{"idle 0", "component 0 F2"}));
        PoFxCompleteIdleState(handle, 0);
        EXPECT_EQ(take(), Told());
        PoFxActivateComponent(handle, 0, 0);
        EXPECT_EQ(take(), Told{"component 0 F0"});
        PoFxCompleteIdleState(handle, 0);
        EXPECT_EQ(take(), Told{"active 0"});
    });
}

TEST(PoFx, HintsChooseTheIdleStateByWayOfF0) {
    with_device(Description(1), [] {
        PoFxSetComponentLatency(handle, 0, 500);
        PoFxStartDevicePowerManagement(handle);
        EXPECT_EQ(take(), (Told{"idle 0", "component 0 F1"})) << "F2 is too slow to come back from";
        PoFxSetComponentLatency(handle, 0, 5000);
        EXPECT_EQ(take(), (Told{"component 0 F0", "component 0 F2"}));
        PoFxSetComponentWake(handle, 0, TRUE);
        EXPECT_EQ(take(), (Told{"component 0 F0", "component 0 F1"})) << "it cannot wake from F2";
        PoFxSetComponentResidency(handle, 0, 10);
        EXPECT_EQ(take(), Told{"component 0 F0"}) << "no state is worth so short a stay";
        PoFxSetComponentWake(handle, 0, FALSE);
        PoFxSetComponentResidency(handle, 0, 6000);
        EXPECT_EQ(take(), Told{"component 0 F2"});
    });
}

TEST(PoFx, ProvidersAreActiveFirstAndIdleLast) {
    static ULONG provider = 1;
    Description description(2);
    description.Components[0].ProviderCount = 1;
    description.Components[0].Providers = &provider;
    with_device(description, [] {
        PoFxStartDevicePowerManagement(handle);
        EXPECT_EQ(take(), (Told{"idle 0", "idle 1", "component 1 F2", "component 0 F2"}));
        PoFxActivateComponent(handle, 0, 0);
        EXPECT_EQ(take(), (Told{"component 1 F0", "active 1", "component 0 F0", "active 0"}));
        PoFxIdleComponent(handle, 0, 0);
        EXPECT_EQ(take(), (Told{"idle 0", "idle 1", "component 1 F2", "component 0 F2"}));
    });
}

TEST(PoFx, LetsTheDeviceGoWhenAllIsIdleAndBringsItBack) {
    with_device(Description(2, true), [] {
        PoFxActivateComponent(handle, 1, 0);
        PoFxStartDevicePowerManagement(handle);
        EXPECT_EQ(take(), (Told{"idle 0", "component 0 F2"})) << "a component is in use";
        answer_at_once = false;
        PoFxIdleComponent(handle, 1, 0);
        PoFxCompleteIdleCondition(handle, 1);
        PoFxCompleteIdleState(handle, 1);
        EXPECT_EQ(take(), (Told{"idle 1", "component 1 F2", "not required"}));
        PoFxActivateComponent(handle, 0, 0);
        EXPECT_EQ(take(), Told()) << "the driver has not answered yet";
        PoFxCompleteDevicePowerNotRequired(handle);
        EXPECT_EQ(take(), Told{"required"});
        answer_at_once = true;
        PoFxReportDevicePoweredOn(handle);
        EXPECT_EQ(take(), (Told{"component 0 F0", "active 0"}));
    });
}

TEST(PoFx, TheIdleTimeoutDelaysAndUseCancels) {
    with_device(Description(1, true), [] {
        PoFxSetDeviceIdleTimeout(handle, 20'000'000);
        PoFxStartDevicePowerManagement(handle);
        pass(15'000'000);
        EXPECT_EQ(take(), (Told{"idle 0", "component 0 F2"}));
        PoFxActivateComponent(handle, 0, 0);
        PoFxIdleComponent(handle, 0, 0);
        take();
        pass(15'000'000);
        EXPECT_EQ(take(), Told()) << "counted anew";
        pass(6'000'000);
        EXPECT_EQ(take(), Told{"not required"});
        PoFxNotifySurprisePowerOn(physical);
        EXPECT_EQ(take(), Told());
        pass(21'000'000);
        EXPECT_EQ(take(), Told{"not required"}) << "configured and let go again";
    });
}

TEST(PoFx, ComponentsThatAskAreInF0BeforeTheDeviceGoes) {
    Description description(1, true);
    description.Components[0].Flags = PO_FX_COMPONENT_FLAG_F0_ON_DX;
    with_device(description, [] {
        PoFxStartDevicePowerManagement(handle);
        EXPECT_EQ(take(), (Told{"idle 0", "component 0 F2", "component 0 F0", "not required"}));
        PoFxActivateComponent(handle, 0, 0);
        EXPECT_EQ(take(), (Told{"required", "active 0"}));
    });
}

void expect_stop(ULONG kind, void (*misuse)()) {
    char pattern[64];
    snprintf(pattern, sizeof pattern, "STOP: 0x000000a0.*%03x", kind);
    EXPECT_EXIT(with_device(Description(1), misuse), testing::ExitedWithCode(3), pattern);
}

TEST(PoFxDeathTest, MisuseStopsTheMachine) {
    expect_stop(0x600, [] {
        Description again(1);
        PoFxRegisterDevice(physical, &again, &handle);
    });
    expect_stop(0x608, [] {
        PoFxStartDevicePowerManagement(handle);
        PoFxIdleComponent(handle, 0, 0);
    });
    expect_stop(0x613, [] { PoFxCompleteIdleCondition(handle, 0); });
    expect_stop(0x613, [] { PoFxCompleteIdleState(handle, 0); });
    expect_stop(0x613, [] { PoFxCompleteDevicePowerNotRequired(handle); });
    expect_stop(0x613, [] { PoFxReportDevicePoweredOn(handle); });
    expect_stop(0x614, [] { PoFxActivateComponent(handle, 1, 0); });
    expect_stop(0x614, [] { PoFxActivateComponent(handle, 0, PO_FX_FLAG_BLOCKING | PO_FX_FLAG_ASYNC_ONLY); });
    expect_stop(0x614, [] {
        KeRaiseIrqlToDpcLevel();
        PoFxActivateComponent(handle, 0, PO_FX_FLAG_BLOCKING);
    });
}

}  // namespace
}  // namespace ndiskit::nt
