// Prototypes of exports of the kernel that nt/abi.h lacks: what the headers of drivers have inline, or as
// macros, or not at all.
#pragma once

#include "nt/abi.h"

extern "C" {

KIRQL NTAPI KeGetCurrentIrql();
KIRQL NTAPI KeRaiseIrqlToDpcLevel();
KIRQL NTAPI KeRaiseIrqlToSynchLevel();
void NTAPI KeInitializeSpinLock(PKSPIN_LOCK SpinLock);

KIRQL NTAPI ExAcquireSpinLockExclusive(PEX_SPIN_LOCK SpinLock);
void NTAPI ExAcquireSpinLockExclusiveAtDpcLevel(PEX_SPIN_LOCK SpinLock);
KIRQL NTAPI ExAcquireSpinLockShared(PEX_SPIN_LOCK SpinLock);
void NTAPI ExAcquireSpinLockSharedAtDpcLevel(PEX_SPIN_LOCK SpinLock);
void NTAPI ExReleaseSpinLockExclusive(PEX_SPIN_LOCK SpinLock, KIRQL OldIrql);
void NTAPI ExReleaseSpinLockExclusiveFromDpcLevel(PEX_SPIN_LOCK SpinLock);
void NTAPI ExReleaseSpinLockShared(PEX_SPIN_LOCK SpinLock, KIRQL OldIrql);
void NTAPI ExReleaseSpinLockSharedFromDpcLevel(PEX_SPIN_LOCK SpinLock);
LOGICAL NTAPI ExTryConvertSharedSpinLockExclusive(PEX_SPIN_LOCK SpinLock);
LOGICAL NTAPI ExTryAcquireSpinLockExclusiveAtDpcLevel(PEX_SPIN_LOCK SpinLock);
LOGICAL NTAPI ExTryAcquireSpinLockSharedAtDpcLevel(PEX_SPIN_LOCK SpinLock);

NTSTATUS NTAPI KeWaitForMutexObject(PVOID Mutex, KWAIT_REASON WaitReason, KPROCESSOR_MODE WaitMode,
                                    BOOLEAN Alertable, PLARGE_INTEGER Timeout);
BOOLEAN NTAPI KeRemoveQueueDpcEx(PRKDPC Dpc, BOOLEAN WaitIfActive);
ULONG NTAPI KeIsExecutingDpc();
ULONG NTAPI KeShouldYieldProcessor();

// Timers that the system allocates.
typedef void NTAPI EXT_CALLBACK(PEX_TIMER Timer, PVOID Context);
typedef EXT_CALLBACK* PEXT_CALLBACK;
using EXT_SET_PARAMETERS = EXT_SET_PARAMETERS_V0;
using PEXT_SET_PARAMETERS = EXT_SET_PARAMETERS*;
PEX_TIMER NTAPI ExAllocateTimer(PEXT_CALLBACK Callback, PVOID CallbackContext, ULONG Attributes);
BOOLEAN NTAPI ExSetTimer(PEX_TIMER Timer, LONGLONG DueTime, LONGLONG Period, PEXT_SET_PARAMETERS Parameters);
BOOLEAN NTAPI ExCancelTimer(PEX_TIMER Timer, PVOID Parameters);
BOOLEAN NTAPI ExDeleteTimer(PEX_TIMER Timer, BOOLEAN Cancel, BOOLEAN Wait, PEXT_DELETE_PARAMETERS Parameters);

ULONG64 NTAPI KeQueryTotalCycleTimeThread(PKTHREAD Thread, PULONG64 CycleTimeStamp);
ULONG64 NTAPI PsQueryTotalCycleTimeProcess(PEPROCESS Process, PULONG64 CycleTimeStamp);
void NTAPI KeQueryTickCount(PLARGE_INTEGER CurrentCount);
void NTAPI KeQuerySystemTime(PLARGE_INTEGER CurrentTime);
void NTAPI KeQuerySystemTimePrecise(PLARGE_INTEGER CurrentTime);
ULONGLONG NTAPI KeQueryInterruptTime();
ULONGLONG NTAPI KeQueryInterruptTimePrecise(PULONG64 QpcTimeStamp);
ULONGLONG NTAPI KeQueryUnbiasedInterruptTimePrecise(PULONG64 QpcTimeStamp);
void NTAPI ExQueryTimerResolution(PULONG MaximumTime, PULONG MinimumTime, PULONG CurrentTime);
NTSTATUS NTAPI KeQueryAuxiliaryCounterFrequency(PULONG64 AuxiliaryCounterFrequency);

ULONG NTAPI KeGetCurrentProcessorNumber();
ULONG NTAPI KeQueryNodeActiveProcessorCount(USHORT NodeNumber);

void NTAPI ExInitializeFastMutex(PFAST_MUTEX FastMutex);
void NTAPI ExEnterCriticalRegionAndAcquireFastMutexUnsafe(PFAST_MUTEX FastMutex);
void NTAPI ExReleaseFastMutexUnsafeAndLeaveCriticalRegion(PFAST_MUTEX FastMutex);
void NTAPI ExAcquirePushLockExclusiveEx(PULONG_PTR PushLock, ULONG Flags);
void NTAPI ExfAcquirePushLockExclusive(PULONG_PTR PushLock);
void NTAPI ExAcquirePushLockSharedEx(PULONG_PTR PushLock, ULONG Flags);
void NTAPI ExfAcquirePushLockShared(PULONG_PTR PushLock);
BOOLEAN NTAPI ExfTryAcquirePushLockShared(PULONG_PTR PushLock);
void NTAPI ExReleasePushLockExclusiveEx(PULONG_PTR PushLock, ULONG Flags);
void NTAPI ExfReleasePushLockExclusive(PULONG_PTR PushLock);
void NTAPI ExReleasePushLockSharedEx(PULONG_PTR PushLock, ULONG Flags);
void NTAPI ExfReleasePushLockShared(PULONG_PTR PushLock);
void NTAPI ExReleasePushLockEx(PULONG_PTR PushLock, ULONG Flags);
void NTAPI ExfReleasePushLock(PULONG_PTR PushLock);
void NTAPI ExfTryToWakePushLock(PULONG_PTR PushLock);

ULONG_PTR NTAPI IoGetRemainingStackSize();
NTSTATUS NTAPI KeSaveFloatingPointState(PKFLOATING_SAVE FloatSave);
NTSTATUS NTAPI KeRestoreFloatingPointState(PKFLOATING_SAVE FloatSave);

PEPROCESS NTAPI PsGetCurrentProcess();
PKTHREAD NTAPI KeGetCurrentThread();
PETHREAD NTAPI PsGetCurrentThread();
NTSTATUS NTAPI PsGetThreadExitStatus(PETHREAD Thread);
LONGLONG NTAPI PsGetThreadCreateTime(PETHREAD Thread);
ULONGLONG NTAPI PsGetProcessStartKey(PEPROCESS Process);
NTSTATUS NTAPI IoCreateSystemThread(PVOID IoObject, PHANDLE ThreadHandle, ULONG DesiredAccess,
                                    POBJECT_ATTRIBUTES ObjectAttributes, HANDLE ProcessHandle,
                                    PCLIENT_ID ClientId, PKSTART_ROUTINE StartRoutine, PVOID StartContext);
NTSTATUS NTAPI PsSetCreateProcessNotifyRoutineEx2(ULONG NotifyType, PVOID NotifyInformation, BOOLEAN Remove);
NTSTATUS NTAPI PsSetCreateThreadNotifyRoutineEx(ULONG NotifyType, PVOID NotifyInformation);
NTSTATUS NTAPI PsSetLoadImageNotifyRoutine(PLOAD_IMAGE_NOTIFY_ROUTINE NotifyRoutine);
NTSTATUS NTAPI PsSetLoadImageNotifyRoutineEx(PLOAD_IMAGE_NOTIFY_ROUTINE NotifyRoutine, ULONG_PTR Flags);

// Affinity over several groups; a token remembers what was before.
typedef struct _AFFINITY_TOKEN AFFINITY_TOKEN, *PAFFINITY_TOKEN;
NTSTATUS NTAPI PsAllocateAffinityToken(PAFFINITY_TOKEN* AffinityToken);
void NTAPI PsFreeAffinityToken(PAFFINITY_TOKEN AffinityToken);
NTSTATUS NTAPI PsSetSystemMultipleGroupAffinityThread(PGROUP_AFFINITY GroupAffinities, USHORT GroupCount,
                                                      PAFFINITY_TOKEN AffinityToken);
void NTAPI PsRevertToUserMultipleGroupAffinityThread(PAFFINITY_TOKEN AffinityToken);
NTSTATUS NTAPI KeQueryNodeActiveAffinity2(USHORT NodeNumber, PGROUP_AFFINITY GroupAffinities,
                                          USHORT GroupAffinitiesCount, PUSHORT GroupAffinitiesRequired);

NTSTATUS NTAPI KeConvertAuxiliaryCounterToPerformanceCounter(ULONG64 AuxiliaryCounterValue,
                                                             PULONG64 PerformanceCounterValue,
                                                             PULONG64 ConversionError);
NTSTATUS NTAPI KeConvertPerformanceCounterToAuxiliaryCounter(ULONG64 PerformanceCounterValue,
                                                             PULONG64 AuxiliaryCounterValue,
                                                             PULONG64 ConversionError);

void NTAPI ExInitializeRundownProtectionCacheAwareEx(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware,
                                                     ULONG Flags);
void NTAPI ExCleanupRundownProtectionCacheAware(PEX_RUNDOWN_REF_CACHE_AWARE RunRefCacheAware);

// Firmware.
typedef enum _FIRMWARE_TYPE : int {
    FirmwareTypeUnknown,
    FirmwareTypeBios,
    FirmwareTypeUefi,
    FirmwareTypeMax
} FIRMWARE_TYPE;
FIRMWARE_TYPE NTAPI ExGetFirmwareType();
NTSTATUS NTAPI ExGetFirmwareEnvironmentVariable(PUNICODE_STRING VariableName, LPGUID VendorGuid, PVOID Value,
                                                PULONG ValueLength, PULONG Attributes);
NTSTATUS NTAPI ExSetFirmwareEnvironmentVariable(PUNICODE_STRING VariableName, LPGUID VendorGuid, PVOID Value,
                                                ULONG ValueLength, ULONG Attributes);
BOOLEAN NTAPI ExIsSoftBoot();
BOOLEAN NTAPI ExIsManufacturingModeEnabled();
NTSTATUS NTAPI ExUuidCreate(GUID* Uuid);
PVOID NTAPI PsGetHostSilo();
BOOLEAN NTAPI PsIsHostSilo(PVOID Silo);
PVOID NTAPI PsGetCurrentServerSilo();
PVOID NTAPI PsGetThreadServerSilo(PETHREAD Thread);
PVOID NTAPI PsGetParentSilo(PVOID Job);
ULONG NTAPI PsGetServerSiloActiveConsoleId(PVOID Silo);
PVOID NTAPI KeRegisterBoundCallback(PVOID CallbackRoutine);
NTSTATUS NTAPI KeDeregisterBoundCallback(PVOID Handle);

}  // extern "C"
