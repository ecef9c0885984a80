// The power management framework's records, callbacks and exports (PoFx).
#pragma once

#include "nt/abi/callbacks.h"
#include "nt/abi/po.h"

using POHANDLE = struct POHANDLE__*;

using PPO_FX_COMPONENT_ACTIVE_CONDITION_CALLBACK = void(NTAPI*)(PVOID Context, ULONG Component);
using PPO_FX_COMPONENT_IDLE_CONDITION_CALLBACK = void(NTAPI*)(PVOID Context, ULONG Component);
using PPO_FX_COMPONENT_IDLE_STATE_CALLBACK = void(NTAPI*)(PVOID Context, ULONG Component, ULONG State);
using PPO_FX_DEVICE_POWER_REQUIRED_CALLBACK = void(NTAPI*)(PVOID Context);
using PPO_FX_DEVICE_POWER_NOT_REQUIRED_CALLBACK = void(NTAPI*)(PVOID Context);
using PPO_FX_POWER_CONTROL_CALLBACK = NTSTATUS(NTAPI*)(PVOID DeviceContext, LPCGUID PowerControlCode,
                                                       PVOID InBuffer, SIZE_T InBufferSize, PVOID OutBuffer,
                                                       SIZE_T OutBufferSize, PSIZE_T BytesReturned);
using PPO_FX_COMPONENT_PERF_STATE_CALLBACK = void(NTAPI*)(PVOID Context, ULONG Component, BOOLEAN Succeeded,
                                                          PVOID RequestContext);
using PPO_FX_DIRECTED_POWER_UP_CALLBACK = void(NTAPI*)(PVOID Context, ULONG Flags);
using PPO_FX_DIRECTED_POWER_DOWN_CALLBACK = void(NTAPI*)(PVOID Context, ULONG Flags);

constexpr ULONG PO_FX_VERSION_V1 = 1, PO_FX_VERSION_V2 = 2, PO_FX_VERSION_V3 = 3;
constexpr ULONG PO_FX_FLAG_BLOCKING = 1, PO_FX_FLAG_ASYNC_ONLY = 2;
constexpr ULONGLONG PO_FX_COMPONENT_FLAG_F0_ON_DX = 1;
constexpr ULONGLONG PO_FX_FLAG_PERF_PEP_OPTIONAL = 1;

typedef struct _PO_FX_COMPONENT_IDLE_STATE {
    ULONGLONG TransitionLatency;
    ULONGLONG ResidencyRequirement;
    ULONG NominalPower;
} PO_FX_COMPONENT_IDLE_STATE, *PPO_FX_COMPONENT_IDLE_STATE;

typedef struct _PO_FX_COMPONENT_V1 {
    GUID Id;
    ULONG IdleStateCount;
    ULONG DeepestWakeableIdleState;
    PPO_FX_COMPONENT_IDLE_STATE IdleStates;
} PO_FX_COMPONENT_V1, *PPO_FX_COMPONENT_V1;

typedef struct _PO_FX_COMPONENT_V2 {
    GUID Id;
    ULONGLONG Flags;
    ULONG DeepestWakeableIdleState;
    ULONG IdleStateCount;
    PPO_FX_COMPONENT_IDLE_STATE IdleStates;
    ULONG ProviderCount;
    PULONG Providers;
} PO_FX_COMPONENT_V2, *PPO_FX_COMPONENT_V2;

typedef struct _PO_FX_DEVICE_V1 {
    ULONG Version;
    ULONG ComponentCount;
    PPO_FX_COMPONENT_ACTIVE_CONDITION_CALLBACK ComponentActiveConditionCallback;
    PPO_FX_COMPONENT_IDLE_CONDITION_CALLBACK ComponentIdleConditionCallback;
    PPO_FX_COMPONENT_IDLE_STATE_CALLBACK ComponentIdleStateCallback;
    PPO_FX_DEVICE_POWER_REQUIRED_CALLBACK DevicePowerRequiredCallback;
    PPO_FX_DEVICE_POWER_NOT_REQUIRED_CALLBACK DevicePowerNotRequiredCallback;
    PPO_FX_POWER_CONTROL_CALLBACK PowerControlCallback;
    PVOID DeviceContext;
    PO_FX_COMPONENT_V1 Components[1];
} PO_FX_DEVICE_V1, *PPO_FX_DEVICE_V1;

typedef struct _PO_FX_DEVICE_V2 {
    ULONG Version;
    ULONGLONG Flags;
    PPO_FX_COMPONENT_ACTIVE_CONDITION_CALLBACK ComponentActiveConditionCallback;
    PPO_FX_COMPONENT_IDLE_CONDITION_CALLBACK ComponentIdleConditionCallback;
    PPO_FX_COMPONENT_IDLE_STATE_CALLBACK ComponentIdleStateCallback;
    PPO_FX_DEVICE_POWER_REQUIRED_CALLBACK DevicePowerRequiredCallback;
    PPO_FX_DEVICE_POWER_NOT_REQUIRED_CALLBACK DevicePowerNotRequiredCallback;
    PPO_FX_POWER_CONTROL_CALLBACK PowerControlCallback;
    PVOID DeviceContext;
    ULONG ComponentCount;
    PO_FX_COMPONENT_V2 Components[1];
} PO_FX_DEVICE_V2, *PPO_FX_DEVICE_V2;

typedef struct _PO_FX_DEVICE_V3 {
    ULONG Version;
    ULONGLONG Flags;
    PPO_FX_COMPONENT_ACTIVE_CONDITION_CALLBACK ComponentActiveConditionCallback;
    PPO_FX_COMPONENT_IDLE_CONDITION_CALLBACK ComponentIdleConditionCallback;
    PPO_FX_COMPONENT_IDLE_STATE_CALLBACK ComponentIdleStateCallback;
    PPO_FX_DEVICE_POWER_REQUIRED_CALLBACK DevicePowerRequiredCallback;
    PPO_FX_DEVICE_POWER_NOT_REQUIRED_CALLBACK DevicePowerNotRequiredCallback;
    PPO_FX_POWER_CONTROL_CALLBACK PowerControlCallback;
    PPO_FX_DIRECTED_POWER_UP_CALLBACK DirectedPowerUpCallback;
    PPO_FX_DIRECTED_POWER_DOWN_CALLBACK DirectedPowerDownCallback;
    ULONG DirectedFxTimeoutInSeconds;
    PVOID DeviceContext;
    ULONG ComponentCount;
    PO_FX_COMPONENT_V2 Components[1];
} PO_FX_DEVICE_V3, *PPO_FX_DEVICE_V3;

typedef enum _PO_FX_PERF_STATE_UNIT : int {
    PoFxPerfStateUnitOther,
    PoFxPerfStateUnitFrequency,
    PoFxPerfStateUnitBandwidth,
    PoFxPerfStateUnitMaximum
} PO_FX_PERF_STATE_UNIT;

typedef enum _PO_FX_PERF_STATE_TYPE : int {
    PoFxPerfStateTypeDiscrete,
    PoFxPerfStateTypeRange,
    PoFxPerfStateTypeMaximum
} PO_FX_PERF_STATE_TYPE;

typedef struct _PO_FX_PERF_STATE {
    ULONGLONG Value;
    PVOID Context;
} PO_FX_PERF_STATE, *PPO_FX_PERF_STATE;

typedef struct _PO_FX_COMPONENT_PERF_SET {
    UNICODE_STRING Name;
    ULONGLONG Flags;
    PO_FX_PERF_STATE_UNIT Unit;
    PO_FX_PERF_STATE_TYPE Type;
    union {
        struct {
            ULONG Count;
            PPO_FX_PERF_STATE States;
        } Discrete;
        struct {
            ULONGLONG Minimum;
            ULONGLONG Maximum;
        } Range;
    };
} PO_FX_COMPONENT_PERF_SET, *PPO_FX_COMPONENT_PERF_SET;

typedef struct _PO_FX_COMPONENT_PERF_INFO {
    ULONG PerfStateSetsCount;
    PO_FX_COMPONENT_PERF_SET PerfStateSets[1];
} PO_FX_COMPONENT_PERF_INFO, *PPO_FX_COMPONENT_PERF_INFO;

typedef struct _PO_FX_PERF_STATE_CHANGE {
    ULONG Set;
    union {
        ULONG StateIndex;
        ULONGLONG StateValue;
    };
} PO_FX_PERF_STATE_CHANGE, *PPO_FX_PERF_STATE_CHANGE;

extern "C" {

// `Device` is a PO_FX_DEVICE of the version that its first field names.
NTSTATUS NTAPI PoFxRegisterDevice(PDEVICE_OBJECT Pdo, PVOID Device, POHANDLE* Handle);
void NTAPI PoFxUnregisterDevice(POHANDLE Handle);
void NTAPI PoFxStartDevicePowerManagement(POHANDLE Handle);
void NTAPI PoFxActivateComponent(POHANDLE Handle, ULONG Component, ULONG Flags);
void NTAPI PoFxIdleComponent(POHANDLE Handle, ULONG Component, ULONG Flags);
void NTAPI PoFxCompleteIdleCondition(POHANDLE Handle, ULONG Component);
void NTAPI PoFxCompleteIdleState(POHANDLE Handle, ULONG Component);
void NTAPI PoFxCompleteDevicePowerNotRequired(POHANDLE Handle);
void NTAPI PoFxReportDevicePoweredOn(POHANDLE Handle);
void NTAPI PoFxNotifySurprisePowerOn(PDEVICE_OBJECT Pdo);
void NTAPI PoFxSetComponentLatency(POHANDLE Handle, ULONG Component, ULONGLONG Latency);
void NTAPI PoFxSetComponentResidency(POHANDLE Handle, ULONG Component, ULONGLONG Residency);
void NTAPI PoFxSetComponentWake(POHANDLE Handle, ULONG Component, BOOLEAN WakeHint);
void NTAPI PoFxSetDeviceIdleTimeout(POHANDLE Handle, ULONGLONG IdleTimeout);
NTSTATUS NTAPI PoFxSetTargetDripsDevicePowerState(POHANDLE Handle, DEVICE_POWER_STATE TargetState);
NTSTATUS NTAPI PoFxPowerControl(POHANDLE Handle, LPCGUID PowerControlCode, PVOID InBuffer,
                                SIZE_T InBufferSize, PVOID OutBuffer, SIZE_T OutBufferSize,
                                PSIZE_T BytesReturned);
NTSTATUS NTAPI PoFxRegisterComponentPerfStates(POHANDLE Handle, ULONG Component, ULONGLONG Flags,
                                               PPO_FX_COMPONENT_PERF_STATE_CALLBACK Callback,
                                               PPO_FX_COMPONENT_PERF_INFO InputStateInfo,
                                               PPO_FX_COMPONENT_PERF_INFO* OutputStateInfo);
NTSTATUS NTAPI PoFxQueryCurrentComponentPerfState(POHANDLE Handle, ULONG Flags, ULONG Component,
                                                  ULONG SetIndex, PULONGLONG CurrentPerf);
void NTAPI PoFxIssueComponentPerfStateChange(POHANDLE Handle, ULONG Flags, ULONG Component,
                                             PPO_FX_PERF_STATE_CHANGE PerfChange, PVOID Context);
void NTAPI PoFxIssueComponentPerfStateChangeMultiple(POHANDLE Handle, ULONG Flags, ULONG Component,
                                                     ULONG PerfChangesCount,
                                                     PPO_FX_PERF_STATE_CHANGE PerfChanges, PVOID Context);
}
