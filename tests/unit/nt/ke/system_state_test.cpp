// What drivers ask of the machine, its process and its processors.
#include <gtest/gtest.h>

#include <cstring>

#include "nt/exports.h"
#include "nt/ke/api.h"
#include "nt/ke/process.h"
#include "nt/machine.h"
#include "nt/object/object.h"
#include "support/nt_machine.h"

namespace ndiskit::nt {
namespace {

using test::on_sim;

TEST(SystemState, ThereIsNoKernelDebugger) {
    EXPECT_EQ(KdDisableDebugger(), STATUS_DEBUGGER_INACTIVE);
    EXPECT_EQ(KdEnableDebugger(), STATUS_DEBUGGER_INACTIVE);
    EXPECT_EQ(KdChangeOption(KD_OPTION(), 0, nullptr, 0, nullptr, nullptr), STATUS_DEBUGGER_INACTIVE);
    EXPECT_TRUE(KdRefreshDebuggerNotPresent());
    register_nt_exports();
    EXPECT_FALSE(*static_cast<const BOOLEAN*>(find_export("ntoskrnl.exe", "KdDebuggerEnabled")->address));
    EXPECT_TRUE(*static_cast<const BOOLEAN*>(find_export("ntoskrnl.exe", "KdDebuggerNotPresent")->address));
}

TEST(SystemState, TheFirmwareIsABios) {
    EXPECT_EQ(ExGetFirmwareType(), FirmwareTypeBios);
    UNICODE_STRING name = {};
    GUID vendor = {};
    ULONG size = 0, attributes = 0;
    EXPECT_EQ(ExGetFirmwareEnvironmentVariable(&name, &vendor, nullptr, &size, &attributes),
              STATUS_NOT_IMPLEMENTED);
    EXPECT_EQ(ExSetFirmwareEnvironmentVariable(&name, &vendor, nullptr, 0, 0), STATUS_NOT_IMPLEMENTED);
    EXPECT_FALSE(ExIsSoftBoot());
    EXPECT_FALSE(ExIsManufacturingModeEnabled());
    EXPECT_FALSE(ExVerifySuite(DataCenter));
    EXPECT_TRUE(ExVerifySuite(SingleUserTS));
}

TEST(SystemState, NewIdentifiersAreOfTheRandomKind) {
    on_sim([] {
        GUID a, b;
        EXPECT_EQ(ExUuidCreate(&a), STATUS_SUCCESS);
        EXPECT_EQ(ExUuidCreate(&b), STATUS_SUCCESS);
        EXPECT_NE(std::memcmp(&a, &b, sizeof a), 0);
        EXPECT_EQ(a.Data3 >> 12, 4);
        EXPECT_EQ(a.Data4[0] >> 6, 2);
    });
}

TEST(SystemState, TheSystemProcessIsTheOnlyOne) {
    on_sim([] {
        PEPROCESS process = nullptr;
        EXPECT_EQ(PsLookupProcessByProcessId(reinterpret_cast<HANDLE>(8), &process), STATUS_INVALID_CID);
        ASSERT_EQ(PsLookupProcessByProcessId(PsGetCurrentProcessId(), &process), STATUS_SUCCESS);
        EXPECT_EQ(process, PsGetCurrentProcess());
        EXPECT_EQ(object::type_of(process), &object::process_type);
        ObfDereferenceObject(process);
        EXPECT_EQ(PsGetProcessExitTime().QuadPart, 0);
        EXPECT_NE(PsGetProcessStartKey(process), 0u);
        PsChargePoolQuota(process, POOL_TYPE(0), 100);
        PsReturnPoolQuota(process, POOL_TYPE(0), 100);
        KeAttachProcess(reinterpret_cast<PKPROCESS>(process));
        KeDetachProcess();
        EXPECT_EQ(PsGetCurrentProcess(), process);
    });
}

TEST(SystemState, ThreadsKeepWhatIsSaidOfThem) {
    on_sim([] {
        LARGE_INTEGER now;
        KeQuerySystemTime(&now);
        EXPECT_LE(PsGetThreadCreateTime(PsGetCurrentThread()), now.QuadPart);
        EXPECT_FALSE(PsSetCurrentThreadPrefetching(TRUE));
        EXPECT_TRUE(PsIsCurrentThreadPrefetching());
        EXPECT_TRUE(PsSetCurrentThreadPrefetching(FALSE));
        EXPECT_TRUE(KeSetKernelStackSwapEnable(FALSE));
        EXPECT_FALSE(KeSetKernelStackSwapEnable(TRUE));
    });
}

TEST(SystemState, AffinityOverGroupsIsRevertedByItsToken) {
    on_sim([] {
        PAFFINITY_TOKEN token = nullptr;
        ASSERT_EQ(PsAllocateAffinityToken(&token), STATUS_SUCCESS);
        GROUP_AFFINITY second = {.Mask = 2, .Group = 0, .Reserved = {}};
        ASSERT_EQ(PsSetSystemMultipleGroupAffinityThread(&second, 1, token), STATUS_SUCCESS);
        EXPECT_EQ(KeGetCurrentProcessorNumberEx(nullptr), 1u);
        PsRevertToUserMultipleGroupAffinityThread(token);
        GROUP_AFFINITY nowhere = {.Mask = 1, .Group = 1, .Reserved = {}};
        EXPECT_EQ(PsSetSystemMultipleGroupAffinityThread(&nowhere, 1, token), STATUS_INVALID_PARAMETER);
        PsFreeAffinityToken(token);

        GROUP_AFFINITY node = {};
        USHORT needed = 0;
        EXPECT_EQ(KeQueryNodeActiveAffinity2(0, &node, 0, &needed), STATUS_BUFFER_TOO_SMALL);
        EXPECT_EQ(needed, 1);
        EXPECT_EQ(KeQueryNodeActiveAffinity2(0, &node, 1, &needed), STATUS_SUCCESS);
        EXPECT_EQ(node.Mask, KeQueryActiveProcessors());
        EXPECT_EQ(KeQueryNodeActiveAffinity2(1, &node, 1, &needed), STATUS_INVALID_PARAMETER);
    });
}

void NTAPI on_bound() {}

TEST(SystemState, OneRoutineAtATimeIsToldOfBoundExceptions) {
    auto* const routine = reinterpret_cast<PVOID>(on_bound);
    PVOID const handle = KeRegisterBoundCallback(routine);
    ASSERT_TRUE(handle);
    EXPECT_FALSE(KeRegisterBoundCallback(routine));
    EXPECT_EQ(KeDeregisterBoundCallback(handle), STATUS_SUCCESS);
    EXPECT_EQ(KeDeregisterBoundCallback(handle), STATUS_INVALID_HANDLE);
}

TEST(SystemState, HardwareCountersAreAsTheyWereSet) {
    HARDWARE_COUNTER counters[17] = {{.Type = PMCCounter, .Reserved = 0, .Index = 3}};
    ULONG count = 9;
    EXPECT_EQ(KeQueryHardwareCounterConfiguration(counters, 0, &count), STATUS_SUCCESS);
    EXPECT_EQ(count, 0u);
    EXPECT_EQ(KeSetHardwareCounterConfiguration(counters, 17), STATUS_INVALID_PARAMETER);
    EXPECT_EQ(KeSetHardwareCounterConfiguration(counters, 1), STATUS_SUCCESS);
    EXPECT_EQ(KeQueryHardwareCounterConfiguration(counters, 0, &count), STATUS_BUFFER_TOO_SMALL);
    EXPECT_EQ(KeQueryHardwareCounterConfiguration(counters + 1, 1, &count), STATUS_SUCCESS);
    EXPECT_EQ(counters[1].Index, 3u);
    EXPECT_EQ(KeSetHardwareCounterConfiguration(nullptr, 0), STATUS_SUCCESS);
}

TEST(SystemState, VariablesTellTheProcessorsAndTheBuild) {
    on_sim([] {
        register_nt_exports();
        EXPECT_EQ(*static_cast<const CCHAR*>(find_export("ntoskrnl.exe", "KeNumberProcessors")->address), 2);
        const auto build = *static_cast<const ULONG*>(find_export("ntoskrnl.exe", "NtBuildNumber")->address);
        EXPECT_EQ(build & 0xFFFF, machine_options().release->build);
        EXPECT_EQ(build >> 28, 0xFu);
    });
}

TEST(SystemState, ThereIsNoAuxiliaryCounter) {
    ULONG64 value = 0;
    EXPECT_EQ(KeQueryAuxiliaryCounterFrequency(&value), STATUS_NOT_SUPPORTED);
    EXPECT_EQ(KeConvertAuxiliaryCounterToPerformanceCounter(1, &value, nullptr), STATUS_NOT_SUPPORTED);
    EXPECT_EQ(KeConvertPerformanceCounterToAuxiliaryCounter(1, &value, nullptr), STATUS_NOT_SUPPORTED);
}

}  // namespace
}  // namespace ndiskit::nt
