// Prototypes of the exports of the same subject as po.h.
#pragma once

#include "nt/abi/po.h"
extern "C" {

NTSTATUS NTAPI PoCallDriver(PDEVICE_OBJECT DeviceObject, PIRP Irp);
NTSTATUS NTAPI PoClearPowerRequest(PVOID PowerRequest, POWER_REQUEST_TYPE Type);
NTSTATUS NTAPI PoCreatePowerRequest(PVOID* PowerRequest, PDEVICE_OBJECT DeviceObject,
                                    PCOUNTED_REASON_CONTEXT Context);
void NTAPI PoDeletePowerRequest(PVOID PowerRequest);
void NTAPI PoEndDeviceBusy(PULONG IdlePointer);
BOOLEAN NTAPI PoGetSystemWake(PIRP Irp);
BOOLEAN NTAPI PoQueryWatchdogTime(PDEVICE_OBJECT Pdo, PULONG SecondsRemaining);
PULONG NTAPI PoRegisterDeviceForIdleDetection(PDEVICE_OBJECT DeviceObject, ULONG ConservationIdleTime,
                                              ULONG PerformanceIdleTime, DEVICE_POWER_STATE State);
NTSTATUS NTAPI PoRegisterPowerSettingCallback(PDEVICE_OBJECT DeviceObject, LPCGUID SettingGuid,
                                              PPOWER_SETTING_CALLBACK Callback, PVOID Context, PVOID* Handle);
PVOID NTAPI PoRegisterSystemState(PVOID StateHandle, EXECUTION_STATE Flags);
NTSTATUS NTAPI PoRequestPowerIrp(PDEVICE_OBJECT DeviceObject, UCHAR MinorFunction, POWER_STATE PowerState,
                                 PREQUEST_POWER_COMPLETE CompletionFunction, PVOID Context, PIRP* Irp);
void NTAPI PoSetDeviceBusyEx(PULONG IdlePointer);
void NTAPI PoSetHiberRange(PVOID, ULONG, PVOID, ULONG_PTR, ULONG);
NTSTATUS NTAPI PoSetPowerRequest(PVOID PowerRequest, POWER_REQUEST_TYPE Type);
POWER_STATE NTAPI PoSetPowerState(PDEVICE_OBJECT DeviceObject, POWER_STATE_TYPE Type, POWER_STATE State);
void NTAPI PoSetSystemState(EXECUTION_STATE Flags);
void NTAPI PoSetSystemWake(PIRP Irp);
void NTAPI PoStartDeviceBusy(PULONG IdlePointer);
void NTAPI PoStartNextPowerIrp(PIRP Irp);
NTSTATUS NTAPI PoUnregisterPowerSettingCallback(PVOID Handle);
void NTAPI PoUnregisterSystemState(PVOID StateHandle);
}
