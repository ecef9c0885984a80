// The rows of what drivers import from the kernel proper: processors, IRQL, threads, DPCs, timers, time, work
// items. The IRQL of each is the one of its documentation page.
#include "nt/ke/exports.h"

#include "nt/ke/apc.h"
#include "nt/ke/api.h"

extern PEPROCESS nt_PsInitialSystemProcess;
extern "C" {
extern BOOLEAN nt_KdDebuggerEnabled, nt_KdDebuggerNotPresent;
extern ULONG nt_InitSafeBootMode, nt_NtBuildNumber;
extern CCHAR nt_KeNumberProcessors;
}

namespace ndiskit::nt::ke {
namespace {

template <class Function>
const void* at(Function& function) {
    return reinterpret_cast<const void*>(&function);
}

// A function that must not be called below an IRQL.
Export from_level(uint8_t min_irql, std::string_view name, const void* address, MaxIrql max_irql) {
    return {.name = name, .address = address, .max_irql = max_irql, .min_irql = min_irql};
}

constexpr std::string_view no_debugger = "STATUS_DEBUGGER_INACTIVE: the machine has no kernel debugger";
constexpr std::string_view no_variables = "STATUS_NOT_IMPLEMENTED: a BIOS has no variables";

const Export kernel_rows[] = {
    // affinity.cpp
    {"KeSetSystemAffinityThreadEx", at(KeSetSystemAffinityThreadEx), MaxIrql::dispatch},
    {"KeSetSystemAffinityThread", at(KeSetSystemAffinityThread), MaxIrql::dispatch},
    {"KeRevertToUserAffinityThreadEx", at(KeRevertToUserAffinityThreadEx), MaxIrql::dispatch},
    {"KeRevertToUserAffinityThread", at(KeRevertToUserAffinityThread), MaxIrql::dispatch},
    {"KeSetSystemGroupAffinityThread", at(KeSetSystemGroupAffinityThread), MaxIrql::dispatch},
    {"KeRevertToUserGroupAffinityThread", at(KeRevertToUserGroupAffinityThread), MaxIrql::dispatch},
    {"KeSetIdealProcessorThread", at(KeSetIdealProcessorThread), MaxIrql::dispatch},
    {"KeGetCurrentProcessorNumberEx", at(KeGetCurrentProcessorNumberEx)},
    {"KeGetCurrentProcessorNumber", at(KeGetCurrentProcessorNumber)},
    {"KeGetProcessorNumberFromIndex", at(KeGetProcessorNumberFromIndex)},
    {"KeGetProcessorIndexFromNumber", at(KeGetProcessorIndexFromNumber)},
    {"KeQueryActiveProcessorCountEx", at(KeQueryActiveProcessorCountEx)},
    {"KeQueryActiveProcessorCount", at(KeQueryActiveProcessorCount)},
    {"KeQueryMaximumProcessorCountEx", at(KeQueryMaximumProcessorCountEx)},
    {"KeQueryMaximumProcessorCount", at(KeQueryMaximumProcessorCount)},
    {"KeQueryActiveProcessors", at(KeQueryActiveProcessors)},
    {"KeQueryActiveGroupCount", at(KeQueryActiveGroupCount)},
    {"KeQueryMaximumGroupCount", at(KeQueryMaximumGroupCount)},
    {"KeQueryGroupAffinity", at(KeQueryGroupAffinity)},
    {"KeGetCurrentNodeNumber", at(KeGetCurrentNodeNumber)},
    {"KeQueryHighestNodeNumber", at(KeQueryHighestNodeNumber)},
    {"KeQueryNodeActiveAffinity", at(KeQueryNodeActiveAffinity)},
    {"KeQueryNodeMaximumProcessorCount", at(KeQueryNodeMaximumProcessorCount)},
    {"KeQueryNodeActiveProcessorCount", at(KeQueryNodeActiveProcessorCount)},
    {"KeQueryNodeActiveAffinity2", at(KeQueryNodeActiveAffinity2)},
    {"PsAllocateAffinityToken", at(PsAllocateAffinityToken), MaxIrql::dispatch},
    {"PsFreeAffinityToken", at(PsFreeAffinityToken), MaxIrql::dispatch},
    {"PsSetSystemMultipleGroupAffinityThread", at(PsSetSystemMultipleGroupAffinityThread), MaxIrql::dispatch},
    {"PsRevertToUserMultipleGroupAffinityThread", at(PsRevertToUserMultipleGroupAffinityThread),
     MaxIrql::dispatch},
    {"KeGetRecommendedSharedDataAlignment", at(KeGetRecommendedSharedDataAlignment)},
    // bugcheck_callbacks.cpp
    {"KeRegisterBugCheckCallback", at(KeRegisterBugCheckCallback)},
    {"KeDeregisterBugCheckCallback", at(KeDeregisterBugCheckCallback)},
    {"KeRegisterBugCheckReasonCallback", at(KeRegisterBugCheckReasonCallback)},
    {"KeDeregisterBugCheckReasonCallback", at(KeDeregisterBugCheckReasonCallback)},
    // device_queue.cpp
    {"KeInitializeDeviceQueue", at(KeInitializeDeviceQueue), MaxIrql::dispatch},
    from_level(2, "KeInsertDeviceQueue", at(KeInsertDeviceQueue), MaxIrql::dispatch),
    from_level(2, "KeInsertByKeyDeviceQueue", at(KeInsertByKeyDeviceQueue), MaxIrql::dispatch),
    from_level(2, "KeRemoveDeviceQueue", at(KeRemoveDeviceQueue), MaxIrql::dispatch),
    from_level(2, "KeRemoveByKeyDeviceQueue", at(KeRemoveByKeyDeviceQueue), MaxIrql::dispatch),
    from_level(2, "KeRemoveByKeyDeviceQueueIfBusy", at(KeRemoveByKeyDeviceQueueIfBusy), MaxIrql::dispatch),
    {"KeRemoveEntryDeviceQueue", at(KeRemoveEntryDeviceQueue), MaxIrql::dispatch},
    // apc.cpp
    {"KeInitializeApc", at(KeInitializeApc)},
    {"KeInsertQueueApc", at(KeInsertQueueApc), MaxIrql::dispatch},
    {"KiCheckForKernelApcDelivery", at(KiCheckForKernelApcDelivery)},
    {"KeAlertThread", at(KeAlertThread), MaxIrql::dispatch},
    {"KeTestAlertThread", at(KeTestAlertThread), MaxIrql::dispatch},
    // dpc.cpp
    {"KeInitializeDpc", at(KeInitializeDpc)},
    {"KeInitializeThreadedDpc", at(KeInitializeThreadedDpc)},
    {"KeInsertQueueDpc", at(KeInsertQueueDpc)},
    {"KeRemoveQueueDpc", at(KeRemoveQueueDpc)},
    {"KeRemoveQueueDpcEx", at(KeRemoveQueueDpcEx)},
    {"KeSetTargetProcessorDpc", at(KeSetTargetProcessorDpc)},
    {"KeSetTargetProcessorDpcEx", at(KeSetTargetProcessorDpcEx)},
    {"KeSetImportanceDpc", at(KeSetImportanceDpc)},
    {"KeFlushQueuedDpcs", at(KeFlushQueuedDpcs), MaxIrql::passive},
    {"KeIsExecutingDpc", at(KeIsExecutingDpc)},
    from_level(2, "KeShouldYieldProcessor", at(KeShouldYieldProcessor), MaxIrql::any),
    {"KeQueryDpcWatchdogInformation", at(KeQueryDpcWatchdogInformation)},
    // ex_timer.cpp
    {"ExAllocateTimer", at(ExAllocateTimer), MaxIrql::dispatch},
    {"ExSetTimer", at(ExSetTimer), MaxIrql::dispatch},
    {"ExCancelTimer", at(ExCancelTimer), MaxIrql::dispatch},
    {"ExDeleteTimer", at(ExDeleteTimer), MaxIrql::dispatch},
    // ipi.cpp
    {"KeIpiGenericCall", at(KeIpiGenericCall), MaxIrql::any, Support::partial,
     "what runs on the other processors is not held up meanwhile"},
    // irql_exports.cpp
    {"KeGetCurrentIrql", at(KeGetCurrentIrql)},
    {"KfRaiseIrql", at(KfRaiseIrql)},
    {"KeRaiseIrqlToDpcLevel", at(KeRaiseIrqlToDpcLevel), MaxIrql::dispatch},
    {"KeRaiseIrqlToSynchLevel", at(KeRaiseIrqlToSynchLevel)},
    {"KeLowerIrql", at(KeLowerIrql)},
    // process.cpp
    {"IoGetCurrentProcess", at(IoGetCurrentProcess)},
    {"PsGetCurrentProcess", at(PsGetCurrentProcess)},
    {"PsGetCurrentProcessId", at(PsGetCurrentProcessId)},
    {"PsGetProcessId", at(PsGetProcessId)},
    {"PsGetProcessCreateTimeQuadPart", at(PsGetProcessCreateTimeQuadPart)},
    {"PsGetProcessExitStatus", at(PsGetProcessExitStatus), MaxIrql::apc},
    {"PsGetProcessExitTime", at(PsGetProcessExitTime)},
    {"PsGetProcessStartKey", at(PsGetProcessStartKey)},
    {"PsLookupProcessByProcessId", at(PsLookupProcessByProcessId), MaxIrql::apc},
    {"PsChargePoolQuota", at(PsChargePoolQuota), MaxIrql::apc},
    {"PsReturnPoolQuota", at(PsReturnPoolQuota), MaxIrql::apc},
    {"KeAttachProcess", at(KeAttachProcess), MaxIrql::dispatch},
    {"KeDetachProcess", at(KeDetachProcess), MaxIrql::dispatch},
    {"PsGetVersion", at(PsGetVersion)},
    {"ExGetPreviousMode", at(ExGetPreviousMode), MaxIrql::dispatch},
    {"KeStackAttachProcess", at(KeStackAttachProcess), MaxIrql::apc},
    {"KeUnstackDetachProcess", at(KeUnstackDetachProcess), MaxIrql::apc},
    // region.cpp
    {"KeEnterCriticalRegion", at(KeEnterCriticalRegion), MaxIrql::apc},
    {"KeLeaveCriticalRegion", at(KeLeaveCriticalRegion), MaxIrql::apc},
    {"KeEnterGuardedRegion", at(KeEnterGuardedRegion), MaxIrql::apc},
    {"KeLeaveGuardedRegion", at(KeLeaveGuardedRegion), MaxIrql::apc},
    {"KeAreApcsDisabled", at(KeAreApcsDisabled), MaxIrql::dispatch},
    {"KeAreAllApcsDisabled", at(KeAreAllApcsDisabled), MaxIrql::dispatch},
    // stack.cpp
    {"IoGetStackLimits", at(IoGetStackLimits)},
    {"IoGetRemainingStackSize", at(IoGetRemainingStackSize)},
    {"IoWithinStackLimits", at(IoWithinStackLimits)},
    {"KeExpandKernelStackAndCalloutEx", at(KeExpandKernelStackAndCalloutEx), MaxIrql::dispatch},
    {"KeExpandKernelStackAndCallout", at(KeExpandKernelStackAndCallout), MaxIrql::apc},
    // thread_exports.cpp
    {"PsCreateSystemThread", at(PsCreateSystemThread), MaxIrql::passive},
    {"PsTerminateSystemThread", at(PsTerminateSystemThread), MaxIrql::passive},
    {"KeGetCurrentThread", at(KeGetCurrentThread)},
    {"PsGetCurrentThread", at(PsGetCurrentThread)},
    {"PsGetCurrentThreadId", at(PsGetCurrentThreadId)},
    {"PsGetThreadId", at(PsGetThreadId), MaxIrql::dispatch},
    {"PsGetThreadProcessId", at(PsGetThreadProcessId)},
    {"PsGetCurrentThreadTeb", at(PsGetCurrentThreadTeb)},
    {"IoCreateSystemThread", at(IoCreateSystemThread), MaxIrql::passive},
    {"PsGetThreadCreateTime", at(PsGetThreadCreateTime)},
    {"PsIsCurrentThreadPrefetching", at(PsIsCurrentThreadPrefetching)},
    {"PsSetCurrentThreadPrefetching", at(PsSetCurrentThreadPrefetching)},
    {"KeSetKernelStackSwapEnable", at(KeSetKernelStackSwapEnable), MaxIrql::apc},
    {"PsGetThreadExitStatus", at(PsGetThreadExitStatus), MaxIrql::apc},
    {"PsIsSystemThread", at(PsIsSystemThread), MaxIrql::dispatch},
    {"PsGetHostSilo", at(PsGetHostSilo)},
    {"PsIsHostSilo", at(PsIsHostSilo)},
    {"PsGetCurrentServerSilo", at(PsGetCurrentServerSilo)},
    {"PsGetThreadServerSilo", at(PsGetThreadServerSilo), MaxIrql::dispatch},
    {"PsGetParentSilo", at(PsGetParentSilo), MaxIrql::passive},
    {"PsGetServerSiloActiveConsoleId", at(PsGetServerSiloActiveConsoleId), MaxIrql::passive},
    {"PsIsThreadTerminating", at(PsIsThreadTerminating), MaxIrql::dispatch},
    {"PsLookupThreadByThreadId", at(PsLookupThreadByThreadId), MaxIrql::apc},
    {"KeSetPriorityThread", at(KeSetPriorityThread), MaxIrql::passive, Support::partial,
     "the priority is kept and not scheduled by"},
    {"KeQueryPriorityThread", at(KeQueryPriorityThread), MaxIrql::passive},
    {"KeSetBasePriorityThread", at(KeSetBasePriorityThread), MaxIrql::passive, Support::partial,
     "the priority is kept and not scheduled by"},
    {"KeQueryRuntimeThread", at(KeQueryRuntimeThread), MaxIrql::passive},
    {"KeQueryTotalCycleTimeThread", at(KeQueryTotalCycleTimeThread), MaxIrql::dispatch},
    {"PsQueryTotalCycleTimeProcess", at(PsQueryTotalCycleTimeProcess), MaxIrql::passive},
    // triage_dump.cpp
    {"KeInitializeCrashDumpHeader", at(KeInitializeCrashDumpHeader), MaxIrql::any, Support::refuses,
     "STATUS_NOT_SUPPORTED: there is no physical memory that a dump could hold"},
    // machine_exports.cpp
    {"KeSaveExtendedProcessorState", at(KeSaveExtendedProcessorState), MaxIrql::dispatch},
    {"KeRestoreExtendedProcessorState", at(KeRestoreExtendedProcessorState), MaxIrql::dispatch},
    {"KeSaveFloatingPointState", at(KeSaveFloatingPointState), MaxIrql::dispatch},
    {"KeRestoreFloatingPointState", at(KeRestoreFloatingPointState), MaxIrql::dispatch},
    {"KeInvalidateAllCaches", at(KeInvalidateAllCaches), MaxIrql::dispatch},
    {"KeInvalidateRangeAllCaches", at(KeInvalidateRangeAllCaches), MaxIrql::dispatch},
    {"KeRegisterNmiCallback", at(KeRegisterNmiCallback), MaxIrql::apc},
    {"KeDeregisterNmiCallback", at(KeDeregisterNmiCallback), MaxIrql::apc},
    {"ExIsProcessorFeaturePresent", at(ExIsProcessorFeaturePresent), MaxIrql::passive},
    // time.cpp
    {"KeQueryPerformanceCounter", at(KeQueryPerformanceCounter)},
    {"KeQueryTimeIncrement", at(KeQueryTimeIncrement)},
    {"KeQueryTickCount", at(KeQueryTickCount)},
    {"KeQuerySystemTime", at(KeQuerySystemTime)},
    {"KeQuerySystemTimePrecise", at(KeQuerySystemTimePrecise)},
    {"KeQueryInterruptTime", at(KeQueryInterruptTime)},
    {"KeQueryInterruptTimePrecise", at(KeQueryInterruptTimePrecise)},
    {"KeQueryUnbiasedInterruptTime", at(KeQueryUnbiasedInterruptTime)},
    {"KeQueryUnbiasedInterruptTimePrecise", at(KeQueryUnbiasedInterruptTimePrecise)},
    {"KeStallExecutionProcessor", at(KeStallExecutionProcessor)},
    {"ExSetTimerResolution", at(ExSetTimerResolution), MaxIrql::apc},
    {"ExQueryTimerResolution", at(ExQueryTimerResolution)},
    {"ExSystemTimeToLocalTime", at(ExSystemTimeToLocalTime)},
    {"ExLocalTimeToSystemTime", at(ExLocalTimeToSystemTime)},
    {"KeQueryAuxiliaryCounterFrequency", at(KeQueryAuxiliaryCounterFrequency), MaxIrql::any, Support::refuses,
     "STATUS_NOT_SUPPORTED: there is no auxiliary counter"},
    {"KeConvertAuxiliaryCounterToPerformanceCounter", at(KeConvertAuxiliaryCounterToPerformanceCounter),
     MaxIrql::any, Support::refuses, "STATUS_NOT_SUPPORTED: there is no auxiliary counter"},
    {"KeConvertPerformanceCounterToAuxiliaryCounter", at(KeConvertPerformanceCounterToAuxiliaryCounter),
     MaxIrql::any, Support::refuses, "STATUS_NOT_SUPPORTED: there is no auxiliary counter"},
    // timer.cpp
    {"KeInitializeTimerEx", at(KeInitializeTimerEx), MaxIrql::dispatch},
    {"KeInitializeTimer", at(KeInitializeTimer), MaxIrql::dispatch},
    {"KeSetTimerEx", at(KeSetTimerEx), MaxIrql::dispatch},
    {"KeSetTimer", at(KeSetTimer), MaxIrql::dispatch},
    {"KeSetCoalescableTimer", at(KeSetCoalescableTimer), MaxIrql::dispatch},
    {"KeCancelTimer", at(KeCancelTimer), MaxIrql::dispatch},
    {"KeReadStateTimer", at(KeReadStateTimer), MaxIrql::dispatch},
    // topology.cpp
    {"KeQueryLogicalProcessorRelationship", at(KeQueryLogicalProcessorRelationship), MaxIrql::dispatch},
    {"KeRegisterProcessorChangeCallback", at(KeRegisterProcessorChangeCallback), MaxIrql::passive},
    {"KeDeregisterProcessorChangeCallback", at(KeDeregisterProcessorChangeCallback), MaxIrql::passive},
    // queue.cpp
    {"KeInitializeQueue", at(KeInitializeQueue)},
    {"KeInsertQueue", at(KeInsertQueue), MaxIrql::dispatch},
    {"KeInsertHeadQueue", at(KeInsertHeadQueue), MaxIrql::dispatch},
    {"KeRemoveQueue", at(KeRemoveQueue), MaxIrql::dispatch},
    {"KeReadStateQueue", at(KeReadStateQueue), MaxIrql::dispatch},
    {"KeRundownQueue", at(KeRundownQueue), MaxIrql::dispatch},
    // notify.cpp
    {"PsSetCreateProcessNotifyRoutine", at(PsSetCreateProcessNotifyRoutine), MaxIrql::passive},
    {"PsSetCreateProcessNotifyRoutineEx", at(PsSetCreateProcessNotifyRoutineEx), MaxIrql::passive},
    {"PsSetCreateProcessNotifyRoutineEx2", at(PsSetCreateProcessNotifyRoutineEx2), MaxIrql::passive},
    {"PsSetCreateThreadNotifyRoutine", at(PsSetCreateThreadNotifyRoutine), MaxIrql::passive},
    {"PsSetCreateThreadNotifyRoutineEx", at(PsSetCreateThreadNotifyRoutineEx), MaxIrql::passive},
    {"PsRemoveCreateThreadNotifyRoutine", at(PsRemoveCreateThreadNotifyRoutine), MaxIrql::passive},
    {"PsSetLoadImageNotifyRoutine", at(PsSetLoadImageNotifyRoutine), MaxIrql::passive},
    {"PsSetLoadImageNotifyRoutineEx", at(PsSetLoadImageNotifyRoutineEx), MaxIrql::passive},
    {"PsRemoveLoadImageNotifyRoutine", at(PsRemoveLoadImageNotifyRoutine), MaxIrql::passive},
    // system_state.cpp
    {"KdDebuggerEnabled", &nt_KdDebuggerEnabled, MaxIrql::any, Support::full, {}, true},
    {"KdDebuggerNotPresent", &nt_KdDebuggerNotPresent, MaxIrql::any, Support::full, {}, true},
    {"InitSafeBootMode", &nt_InitSafeBootMode, MaxIrql::any, Support::full, {}, true},
    {"KeNumberProcessors", &nt_KeNumberProcessors, MaxIrql::any, Support::full, {}, true},
    {"NtBuildNumber", &nt_NtBuildNumber, MaxIrql::any, Support::full, {}, true},
    {"KeRegisterBoundCallback", at(KeRegisterBoundCallback), MaxIrql::apc},
    {"KeDeregisterBoundCallback", at(KeDeregisterBoundCallback), MaxIrql::apc},
    {"KeSetHardwareCounterConfiguration", at(KeSetHardwareCounterConfiguration), MaxIrql::passive},
    {"KeQueryHardwareCounterConfiguration", at(KeQueryHardwareCounterConfiguration), MaxIrql::passive},
    {"KdDisableDebugger", at(KdDisableDebugger), MaxIrql::passive, Support::refuses, no_debugger},
    {"KdEnableDebugger", at(KdEnableDebugger), MaxIrql::passive, Support::refuses, no_debugger},
    {"KdChangeOption", at(KdChangeOption), MaxIrql::any, Support::refuses, no_debugger},
    {"KdRefreshDebuggerNotPresent", at(KdRefreshDebuggerNotPresent)},
    {"ExGetFirmwareType", at(ExGetFirmwareType)},
    {"ExGetFirmwareEnvironmentVariable", at(ExGetFirmwareEnvironmentVariable), MaxIrql::passive,
     Support::refuses, no_variables},
    {"ExSetFirmwareEnvironmentVariable", at(ExSetFirmwareEnvironmentVariable), MaxIrql::passive,
     Support::refuses, no_variables},
    {"ExIsSoftBoot", at(ExIsSoftBoot)},
    {"ExIsManufacturingModeEnabled", at(ExIsManufacturingModeEnabled)},
    {"ExVerifySuite", at(ExVerifySuite)},
    {"ExUuidCreate", at(ExUuidCreate), MaxIrql::passive},
    // work_queue.cpp
    {"ExQueueWorkItem", at(ExQueueWorkItem), MaxIrql::dispatch},
    {"PsInitialSystemProcess", &nt_PsInitialSystemProcess, MaxIrql::any, Support::full, {}, true},
};

const Export hal_rows[] = {
    {"KeQueryPerformanceCounter", at(KeQueryPerformanceCounter)},
    {"KeStallExecutionProcessor", at(KeStallExecutionProcessor)},
    {"KeFlushWriteBuffer", at(KeFlushWriteBuffer)},
};

}  // namespace

std::span<const Export> kernel_exports() { return kernel_rows; }

std::span<const Export> hal_exports() { return hal_rows; }

}  // namespace ndiskit::nt::ke
